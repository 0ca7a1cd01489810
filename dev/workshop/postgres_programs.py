"""Where Debian keeps PostgreSQL's programs: one folder per version, off the PATH."""

import shutil
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
