"""The Python and Node environments: pinned, private, built once per list of pins."""

import os
from pathlib import Path

from .cached import folder_of, key_of
from .locations import DEV
from .processes import run, run_logged
from .system_packages import system_python

TODO = "check the network, then run this again."


def python_with(name):
    """The interpreter of a virtual environment.

    :param str name: of what it has, in dev/requirements-NAME.txt
    """
    requirements = DEV / f"requirements-{name}.txt"
    kind = f"python-{name}"
    what = f"Installing {requirements.name}"

    def build(folder):
        run([system_python(), "-m", "venv", folder], what="Making a Python environment")
        run_logged(
            [
                *(folder / "bin/python", "-m", "pip", "install", "--no-input"),
                *("--disable-pip-version-check", "--requirement", requirements),
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
