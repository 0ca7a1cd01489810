"""The addon as a wheel, for those who install Odoo and its addons with pip."""

import re
import shutil
import tempfile
import zipfile
from pathlib import Path

from .addon import copy_to, files, module_of
from .console import say
from .environments import python_with
from .locations import ADDON, BRIDGES
from .problems import Problem
from .processes import run, short_lived
from .wheel_trial import try_wheel

# For those who work on the addon.
LEFT_OUT = ("dev", ".ci", ".gitignore")
# It says how the wheel is built, and is not in it.
RECIPE = "pyproject.toml"
# A package index shows the README, and cannot show its pictures.
PICTURE = re.compile(r"^!\[[^\]]*\]\([^)]*\)\n+", re.MULTILINE)


def build_wheel(folder, *, trial=False):
    """Build the wheel into the folder, and see that all of the addon is in it.

    :param trial: also install it beside Odoo, and use it
    """
    folder = Path(folder) if folder else short_lived("wheels")
    with tempfile.TemporaryDirectory() as temporary:
        wheel = _lift_bridges(_build(Path(temporary)))
        _check_files(wheel)
        folder.mkdir(parents=True, exist_ok=True)
        wheel = Path(shutil.copy2(wheel, folder))
    say(f"Built {wheel}")
    if trial:
        try_wheel(wheel)
    return 0


def _build(folder):
    source = copy_to(folder, LEFT_OUT)
    readme = source / "README.md"
    readme.write_text(PICTURE.sub("", readme.read_text()))
    run(
        [
            *(python_with("wheel"), "-m", "pip", "wheel", source),
            *("--no-deps", "--no-build-isolation", "--no-input"),
            *("--disable-pip-version-check", "--wheel-dir", folder),
        ],
        what="Building the wheel",
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


def _lift_bridges(wheel):
    """Put the addons for other apps beside the addon, where Odoo finds them."""
    inside = f"odoo/addons/{ADDON}/{BRIDGES.name}/"
    lifted = wheel.with_name(f"lifted-{wheel.name}")
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(lifted, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename.endswith(".dist-info/RECORD"):
                content = content.replace(inside.encode(), b"odoo/addons/")
            entry.filename = entry.filename.replace(inside, "odoo/addons/")
            new.writestr(entry, content)
    return lifted.replace(wheel)


def _check_files(wheel):
    """An addon of which a file is missing fails when somebody needs that file."""
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = {
        "/".join(("odoo/addons", *map(str, module_of(path))))
        for path in files()
        if path.parts[0] not in (*LEFT_OUT, RECIPE)
    }
    if names != expected:
        lines = [f"missing: {name}" for name in sorted(expected - names)]
        lines += [f"not of the addon: {name}" for name in sorted(names - expected)]
        raise Problem(
            f"The wheel {wheel.name} does not hold the files of the addon.",
            "mend what leaves them out, or brings them in.",
            "\n".join(lines),
        )
