"""The linters: what each of them reads, how it checks, and how it mends.

They work in a copy of the checkout in a folder named as the addon is: some go by that
name, and some see nothing when the addon is the root of a git repository.
"""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from .addon import bridges, files, mended_in_copy, module_of
from .environments import node_programs, path_with, python_for_linters
from .locations import ADDON, BRIDGES, CHECKOUT

AT_ONCE = 2
# Our largest models have a file for each subject. pylint forgets this in its settings,
# where the group of Odoo's checks is switched on. One README is about all addons.
ALLOWED = "--disable=consider-merging-classes-inherited,missing-readme"


@dataclass(frozen=True)
class Linter:
    """A program that reads some of our files."""

    name: str
    patterns: tuple
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

    def files(self):
        return [path for path in files() if self.reads(path)]


def _is_python_script(path):
    if path.suffix:
        return False
    with (CHECKOUT / path).open("rb") as file:
        first_line = file.readline()
    return first_line.startswith(b"#!") and b"python" in first_line


def _is_among(path, only):
    """Whether a path is one of some files and folders, or no choice was made."""
    return not only or any(path.is_relative_to(chosen) for chosen in only)


def _linters_of_python(python):
    ruff = (python, "-m", "ruff")
    return (
        Linter(
            "ruff check",
            ("*.py",),
            (*ruff, "check", "--output-format=concise", "--quiet"),
            (*ruff, "check", "--fix", "--quiet"),
        ),
        Linter(
            "ruff format",
            ("*.py",),
            (*ruff, "format", "--check", "--output-format=concise"),
            (*ruff, "format", "--quiet"),
        ),
        Linter(
            "pylint-odoo",
            ("*.py",),
            (python, "-m", "pylint", "--rcfile=pyproject.toml", ALLOWED),
            whole_addon=True,
            not_below=("dev",),
        ),
    )


def _linters_of_oca(programs):
    module = (programs / "oca-checks-odoo-module", "--disable=prefer-readme-rst")
    # It empties what is the same in both languages; here, an empty text is one that
    # nobody has translated yet.
    po = (programs / "oca-checks-po", "--disable=po-pretty-format")
    return (
        Linter(
            "oca-checks-odoo-module",
            ("*.xml", "*.csv"),
            module,
            (*module, "--fix"),
            whole_addon=True,
            # Data that is loaded by hand it only knows to be there.
            not_below=("dev", "static", "demo/customer_wallet_demo_data.xml"),
        ),
        Linter("oca-checks-po", ("*.po",), po),
    )


def _linters_of_node(modules):
    eslint = ("eslint", "--config=dev/eslint.config.cjs", "--max-warnings=0")
    prettier = (
        "prettier",
        "--config=dev/prettier.json",
        "--log-level=warn",
        f"--plugin={modules}/@prettier/plugin-xml/src/plugin.js",
    )
    return (
        Linter("eslint", ("*.js", "*.cjs"), eslint, (*eslint, "--fix")),
        Linter(
            "prettier",
            ("*.js", "*.cjs", "*.xml", "*.scss", "*.css"),
            (*prettier, "--check"),
            (*prettier, "--write"),
        ),
    )


class Linters:
    """All of them, with the environments that they run in."""

    def __init__(self):
        python = python_for_linters()
        programs = node_programs()
        modules = programs.parent
        self._environment = {
            **os.environ,
            "PATH": path_with(programs),
            "NODE_PATH": str(modules),
            "RUFF_NO_CACHE": "true",
        }
        self.all = (
            *_linters_of_python(str(python)),
            *_linters_of_oca(Path(python).parent),
            *_linters_of_node(modules),
        )

    def check(self, folder):
        """Run all linters in a copy; return (linter, whether it is content, output)."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(
                pool.map(lambda linter: self.check_one(linter, folder), self.all)
            )

    def check_one(self, linter, folder):
        if not linter.files():
            return linter, True, ""
        done = self._run(linter, linter.check, folder)
        # One of them takes the leading slash off an absolute path.
        output = done.stdout.replace(f"{folder}/", "").replace(f"{folder}/"[1:], "")
        output = output.replace(f"../{ADDON}/", "")
        return linter, not done.returncode, output.strip()

    def fix(self, only):
        """Let those that can mend the checkout do so: all, or `only` some paths."""
        for linter in self.all:
            read = [path for path in linter.files() if _is_among(path, only)]
            if linter.fix and read:
                with mended_in_copy(read) as copy:
                    self._run(linter, linter.fix, copy)

    def _run(self, linter, command, folder):
        """Run it once, or for each addon: a linter takes one within another for a part
        of that.
        """
        if not linter.whole_addon:
            return self._run_once(command, linter.files(), folder)
        addons = [ADDON, *(f"{ADDON}/{BRIDGES.name}/{name}" for name in bridges())]
        runs = [self._run_once(command, [f"../{addon}"], folder) for addon in addons]
        return subprocess.CompletedProcess(
            command,
            max(run.returncode for run in runs),
            "".join(run.stdout for run in runs),
        )

    def _run_once(self, command, paths, folder):
        return subprocess.run(
            [str(part) for part in (*command, *paths)],
            cwd=folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
