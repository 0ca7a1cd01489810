"""The Python and Node environments: pinned, private, built once per list of pins."""

import os
import shutil

from .cached import folder_of, key_of
from .locations import DEV
from .processes import run

PYTHON = "/usr/bin/python3.11"  # of Debian 12
TODO = "check the network, then run this again."


def python_with(name):
    """The interpreter of a virtual environment.

    :param str name: of what it has, in dev/requirements-NAME.txt
    """
    requirements = DEV / f"requirements-{name}.txt"

    def build(folder):
        run([PYTHON, "-m", "venv", folder])
        pip = (folder / "bin/python", "-m", "pip", "install", "--no-input")
        quiet = ("--disable-pip-version-check", "--requirement", requirements)
        run([*pip, *quiet], log_name=f"python-{name}", todo=TODO)

    key = key_of(requirements.read_bytes(), PYTHON)
    what = f"Installing {requirements.name}"
    return folder_of(f"python-{name}", key, build, what) / "bin/python"


def node_programs():
    """The folder with the programs of dev/package.json: the linters, and rtlcss."""
    files = [DEV / "package.json", DEV / "package-lock.json"]

    def build(folder):
        for file in files:
            shutil.copy(file, folder)
        npm = ("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
        run(npm, cwd=folder, log_name="node", todo=TODO)

    key = key_of(*(file.read_bytes() for file in files))
    what = "Installing the Node programs"
    return folder_of("node", key, build, what) / "node_modules/.bin"


def path_with(folder):
    """A PATH that finds the programs of a folder first."""
    return f"{folder}:{os.environ['PATH']}"
