"""The addon as a wheel, for those who install Odoo and its addons with pip."""

import shutil
import tempfile
import zipfile
from pathlib import Path

from .addon import copy_to, files
from .console import say
from .environments import python_for_wheels
from .locations import ADDON
from .problems import Problem
from .processes import run, short_lived

# For those who work on the addon.
LEFT_OUT = ("dev", ".ci", ".gitignore")
# It says how the wheel is built, and is not in it.
RECIPE = "pyproject.toml"


def build_wheel(folder):
    """Build the wheel into the folder, and see that nothing of the addon is missing."""
    folder = Path(folder) if folder else short_lived("wheels")
    with tempfile.TemporaryDirectory() as temporary:
        source = copy_to(Path(temporary))
        for name in LEFT_OUT:
            _remove(source / name)
        built = Path(temporary) / "built"
        run(
            [
                *(python_for_wheels(), "-m", "pip", "wheel", source),
                *("--no-deps", "--no-build-isolation", "--no-input"),
                *("--disable-pip-version-check", "--wheel-dir", built),
            ],
            what="Building the wheel",
            todo="mend what is above.",
        )
        (wheel,) = built.glob("*.whl")
        _check(wheel)
        folder.mkdir(parents=True, exist_ok=True)
        say(f"Built {shutil.copy2(wheel, folder)}")
    return 0


def _remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def _check(wheel):
    """An addon of which a file is missing fails when somebody needs that file."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    missing = [
        str(path)
        for path in files()
        if path.parts[0] not in (*LEFT_OUT, RECIPE)
        and f"odoo/addons/{ADDON}/{path}" not in names
    ]
    if missing:
        raise Problem(
            f"The wheel {wheel.name} lacks files of the addon.",
            "mend what leaves them out.",
            "\n".join(missing),
        )
