"""The linters: what each of them reads, how it checks, how it mends, and the fault that
is planted into copies of our files to see it found.

They work in a copy of the checkout in a folder named as the addon is: some go by that
name, and some see nothing when the addon is the root of a git repository.

A linter that is content may as well be one that looks at nothing: at the wrong folder,
at no file of that kind, without its plugin. So each of our files gets a fault that the
linter has to find, and there is no file that it may overlook.
"""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path

from .addon import bridges, files, mended_in_copy, module_of
from .environments import node_programs, path_with, python_with
from .locations import ADDON, BRIDGES, CHECKOUT

# Our largest models have a file for each subject. pylint forgets this in its settings,
# where the group of Odoo's checks is switched on. One README is about all addons.
ALLOWED = "--disable=consider-merging-classes-inherited,missing-readme"
MISTRANSLATED = """
#. module: customer_wallet
#: code:addons/customer_wallet/models/planted.py:0
#, python-format
msgid "planted %s fault"
msgstr "planted %d %d"
"""


@dataclass(frozen=True)
class Linter:
    """A program that reads some of our files."""

    name: str
    patterns: tuple
    # A fault that a text has when this stands at its end, or a function of the path and
    # the text of a file: the text with a fault in it.
    fault: str | Callable
    check: tuple
    fix: tuple = ()
    # Give it the folders of the addons instead of the files.
    whole_addon: bool = False
    not_below: tuple = ()

    def reads(self, path):
        inside = module_of(path)[1]
        if inside.parts[0] in self.not_below or str(inside) in self.not_below:
            return False
        # The commands in dev/ are Python without its suffix.
        name = f"{path.name}.py" if _is_python_script(path) else path.name
        return any(fnmatch(name, pattern) for pattern in self.patterns)

    @cached_property
    def files(self):
        return [path for path in files() if self.reads(path)]

    def run(self, command, folder):
        """Run it once, or for each addon: a linter takes one within another for a part
        of that.

        :return: tuple (bool whether it is content, str what it says)
        """
        runs = [self.files]
        if self.whole_addon:
            addons = [ADDON, *(f"{ADDON}/{BRIDGES.name}/{name}" for name in bridges())]
            runs = [[f"../{addon}"] for addon in addons]
        done = [
            subprocess.run(
                [str(part) for part in (*command, *paths)],
                cwd=folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for paths in runs
            if paths
        ]
        output = "".join(it.stdout for it in done)
        # One of them takes the leading slash off an absolute path.
        for prefix in (f"{folder}/", f"{folder}/"[1:], f"../{ADDON}/"):
            output = output.replace(prefix, "")
        return not any(it.returncode for it in done), output.strip()

    def plant(self, path, text):
        if callable(self.fault):
            return self.fault(path, text)
        return text + self.fault

    def mend(self, only):
        """Let it mend the checkout, if it can: all, or `only` some paths."""
        paths = [
            path
            for path in self.files
            if not only or any(path.is_relative_to(chosen) for chosen in only)
        ]
        if self.fix and paths:
            with mended_in_copy(paths) as copy:
                self.run(self.fix, copy)


def _is_python_script(path):
    if path.suffix:
        return False
    with (CHECKOUT / path).open("rb") as file:
        first_line = file.readline()
    return first_line.startswith(b"#!") and b"python" in first_line


def _break_odoo_python(path, text):
    if path.name == "__manifest__.py":  # must stay a manifest
        return text.replace("{", '{"active": True,', 1)
    module, inside = module_of(path)
    # A test may import the addon by its full name.
    if inside.parts[0] == "tests":
        return text + "\ntry:\n    planted()\nexcept Exception:\n    pass\n"
    return text + f"\nimport odoo.addons.{module}\n"


def _break_odoo_data(path, text):
    if path.suffix == ".csv":  # the same record twice
        return text.rstrip("\n") + "\n" + text.rstrip("\n").splitlines()[-1] + "\n"
    return text[text.index("?>") + 2 :].lstrip() if "?>" in text else text


def _environment():
    programs = node_programs()
    return {
        **os.environ,
        "PATH": path_with(programs),
        "NODE_PATH": str(programs.parent),
        "RUFF_NO_CACHE": "true",
    }


def all_linters():
    python = python_with("lint")
    ruff = (python, "-m", "ruff")
    eslint = ("eslint", "--config=dev/eslint.config.cjs", "--max-warnings=0")
    plugin = node_programs().parent / "@prettier/plugin-xml/src/plugin.js"
    prettier = ("prettier", "--config=dev/prettier.json", "--log-level=warn")
    prettier += (f"--plugin={plugin}",)
    programs = Path(python).parent
    odoo_module = (programs / "oca-checks-odoo-module", "--disable=prefer-readme-rst")
    return (
        Linter(
            "ruff check",
            ("*.py",),
            "\nplanted_fault\n",
            (*ruff, "check", "--output-format=concise", "--quiet"),
            (*ruff, "check", "--fix", "--quiet"),
        ),
        Linter(
            "ruff format",
            ("*.py",),
            "\nplanted  =  {  'fault':1 }\n",
            (*ruff, "format", "--check", "--output-format=concise"),
            (*ruff, "format", "--quiet"),
        ),
        Linter(
            "pylint-odoo",
            ("*.py",),
            _break_odoo_python,
            (python, "-m", "pylint", "--rcfile=pyproject.toml", ALLOWED),
            whole_addon=True,
            not_below=("dev",),
        ),
        Linter(
            "oca-checks-odoo-module",
            ("*.xml", "*.csv"),
            _break_odoo_data,
            odoo_module,
            (*odoo_module, "--fix"),
            whole_addon=True,
            # Data that is loaded by hand it only knows to be there.
            not_below=("dev", "static", "demo/customer_wallet_demo_data.xml"),
        ),
        Linter(
            "oca-checks-po",
            ("*.po",),
            MISTRANSLATED,
            # It empties what is the same in both languages; here, an empty text is one
            # that nobody has translated yet.
            (programs / "oca-checks-po", "--disable=po-pretty-format"),
        ),
        Linter(
            "eslint",
            ("*.js", "*.cjs"),
            "\nfunction planted() {\n    plantedFault();\n}\n",
            eslint,
            (*eslint, "--fix"),
        ),
        Linter(
            "prettier",
            ("*.js", "*.cjs", "*.xml", "*.scss", "*.css"),
            "\n\n\n\n",
            (*prettier, "--check"),
            (*prettier, "--write"),
        ),
    )
