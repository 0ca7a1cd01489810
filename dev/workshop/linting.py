"""The linters, which pre-commit runs as dev/pre-commit.yaml says, and proof that they
look.

A linter that is content may as well be one that looks at nothing: at the wrong folder,
at no file of that kind, without its plugin. So each of our files gets a fault that the
linter has to find, and there is no file that it may overlook.
"""

import os
import re
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from .addon import copy_to, files
from .console import heading, say
from .environments import node_programs, path_with, python_with
from .locations import ADDON, CHECKOUT, cache_folder
from .processes import run
from .system_packages import FOR_LINTERS, require

PYTHON = r".*\.py|dev/\w+"
JAVASCRIPT = r".*\.c?js"
# Data that is loaded by hand is only known to be there.
DATA = r"(?!(.*/)?static/|demo/customer_wallet_demo_data).*\.(csv|xml)"
# By linter: the files that it reads, and what is put at the end of each of them.
FAULTS = (
    ("ruff-check", PYTHON, b"\nplanted_fault\n"),
    ("ruff-format", PYTHON, b"\nplanted  =  {  'fault':1 }\n"),
    ("pylint-odoo", r"(?!dev/).*\.py", b"\ntry:\n    1\nexcept OSError:\n    pass\n"),
    ("oca-checks-odoo-module", DATA, b"<planted/>\xff"),
    ("oca-checks-po", r".*\.po", b"\nplanted\n"),
    ("eslint", JAVASCRIPT, b"\nfunction planted() {\n    plantedFault();\n}\n"),
    ("prettier", JAVASCRIPT + r"|.*\.(xml|scss|css)", b"\n\n\n\n"),
)


def lint(*, fix=False, prove=False):
    """Check all files.

    :param fix: first mend what can be mended
    :param prove: also plant faults, all of which must be found
    :return: int, 0 if all is well
    """
    require(FOR_LINTERS)
    with _copy() as copy:
        if fix:
            _run_linters(copy, stdout=subprocess.DEVNULL)
            patch = run(["git", "diff", "--relative"], cwd=copy)
            git = ("git", "-c", f"safe.directory={CHECKOUT}")
            run([*git, "apply", "--allow-empty"], cwd=CHECKOUT, input=patch)
        content = _run_linters(copy).returncode == 0
    proven = [_prove(*fault) for fault in FAULTS] if prove else []
    return 0 if content and all(proven) else 1


def _prove(linter, pattern, fault):
    """Plant a fault into a copy of each of its files."""
    planted = [path for path in files() if re.fullmatch(pattern, str(path))]
    with _copy() as copy:
        for path in planted:
            with (copy / path).open("ab") as file:
                file.write(fault)
        done = _run_linters(copy, linter, stdout=subprocess.PIPE, text=True)
    unseen = [it for it in planted if f"{ADDON}/{it}" not in done.stdout]
    if unseen or not done.returncode:
        heading(f"{linter} does not see a planted fault in")
        say("\n".join(map(str, unseen or planted)))
        return False
    say(f"{linter}: saw a planted fault in each of {len(planted)} files")
    return True


@contextmanager
def _copy():
    """
    :return: Path of a copy of the addon, in a git repository
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_to(Path(folder))
        # Linters find their plugins there.
        (copy.parent / "node_modules").symlink_to(node_programs().parent)
        run(["git", "init", "--quiet"], cwd=copy.parent)
        yield copy


def _run_linters(copy, *chosen, **options):
    """Have them mend and check a copy; what they have mended is told as a diff."""
    run(["git", "add", "--all", "."], cwd=copy)
    python = python_with("lint")
    command = [
        *(python, "-m", "pre_commit", "run", *chosen, "--all-files"),
        *("--show-diff-on-failure", f"--config={copy}/dev/pre-commit.yaml"),
    ]
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(python.parent), path_with(node_programs())]),
        "PRE_COMMIT_HOME": str(cache_folder() / "pre-commit"),
    }
    return subprocess.run(command, cwd=copy.parent, env=environment, **options)
