"""The Python and Node environments: pinned, private, built once per list of pins."""

import os
from pathlib import Path

from .cached import folder_of, key_of
from .locations import DEV
from .processes import run, run_logged
from .system_packages import system_python

TODO = "check the network, then run this again."


def python_for_odoo():
    return _python("requirements-odoo.txt", "Installing what Odoo needs")


def python_for_linters():
    return _python("requirements-lint.txt", "Installing the Python linters")


def python_for_wheels():
    return _python("requirements-wheel.txt", "Installing what builds the wheel")


def python_for_pictures():
    return _python("requirements-pictures.txt", "Installing what takes the pictures")


def _python(requirements_name, what):
    """The interpreter of a virtual environment with these requirements."""
    requirements = DEV / requirements_name
    kind = requirements.stem.replace("requirements", "python")

    def build(folder):
        run([system_python(), "-m", "venv", folder], what="Making a Python environment")
        run_logged(
            [
                folder / "bin/python",
                "-m",
                "pip",
                "install",
                "--no-input",
                "--disable-pip-version-check",
                "--requirement",
                requirements,
            ],
            log_name=kind,
            what=f"{what} with pip",
            todo=TODO,
        )

    key = key_of(requirements.read_bytes(), system_python())
    return folder_of(kind, key, build, what) / "bin/python"


def node_programs():
    """The folder with the programs of dev/package.json: the linters, and rtlcss."""
    files = [DEV / "package.json", DEV / "package-lock.json"]

    def build(folder):
        for file in files:
            (folder / file.name).write_bytes(file.read_bytes())
        run_logged(
            ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
            cwd=folder,
            log_name="node",
            what="npm ci",
            todo=TODO,
        )

    key = key_of(*(file.read_bytes() for file in files))
    what = "Installing the Node programs"
    return folder_of("node", key, build, what) / "node_modules/.bin"


def path_with(folder):
    """A PATH that finds the programs of a folder first."""
    return os.pathsep.join([str(Path(folder)), os.environ.get("PATH", os.defpath)])
