"""Where Debian keeps PostgreSQL's programs: one folder per version, off the PATH."""

import re
import shutil
import subprocess
from pathlib import Path


def postgres_program(name):
    """The newest installed one, or None."""
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    by_version = sorted(
        (folder for folder in folders if folder.parent.name.isdigit()),
        key=lambda folder: int(folder.parent.name),
    )
    for folder in reversed(by_version):
        if (folder / name).exists():
            return str(folder / name)
    return shutil.which(name)


def postgres_version():
    """The major version."""
    output = subprocess.check_output([postgres_program("postgres"), "--version"])
    return re.search(rb"(\d+)", output)[1].decode()
