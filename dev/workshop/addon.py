"""The addon in this checkout: its files, what they say, and a way to load them."""

import ast
import shutil
from contextlib import suppress
from pathlib import Path

from .cached import key_of
from .locations import ADDON, BRIDGES, CHECKOUT, cache_folder
from .processes import run

# At the top of an addon: not part of what a database holds once it is installed.
NOT_INSTALLED = ("dev", "tests", "docs", ".ci", "README.md", "CHANGELOG.md")


def manifest(folder=CHECKOUT):
    """What the manifest of an addon says."""
    return ast.literal_eval((folder / "__manifest__.py").read_text())


def bridges():
    """The names of the addons for other apps, which come with the addon."""
    return sorted(path.parent.name for path in BRIDGES.glob("*/__manifest__.py"))


def modules_bridged():
    """The modules of core that the addons for other apps are for."""
    needed = set()
    for name in bridges():
        needed.update(manifest(BRIDGES / name)["depends"])
    return sorted(needed.difference([ADDON], bridges()))


def module_of(path):
    """The name of the addon that one of `files()` belongs to, and its path in there."""
    if path.parts[0] == BRIDGES.name:
        return path.parts[1], Path(*path.parts[2:])
    return ADDON, path


def files():
    """The checkout's files, as paths relative to it: committed or about to be."""
    git = ("git", "-c", f"safe.directory={CHECKOUT}")
    options = ("-z", "--cached", "--others", "--exclude-standard")
    output = run([*git, "ls-files", *options], cwd=CHECKOUT)
    names = sorted(set(output.split("\0")))
    return [Path(name) for name in names if (CHECKOUT / name).is_file()]


def installed_key():
    """Changes when the addon must be installed or upgraded again."""
    parts = []
    for path in files():
        if module_of(path)[1].parts[0] not in NOT_INSTALLED:
            parts += [path, (CHECKOUT / path).read_bytes()]
    return key_of(*parts)


def folder_with_link():
    """A folder for Odoo's addons path that holds the checkout under its right name.

    The checkout may be called anything. The link is outside of it: inside, exporting
    translations would follow it for ever.
    """
    folder = cache_folder() / "links" / key_of(CHECKOUT)
    link = folder / ADDON
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        link.symlink_to(CHECKOUT, target_is_directory=True)
    return folder


def copy_to(folder, left_out=()):
    """Copy the files to `folder/customer_wallet`: some tools go by that name.

    :param left_out: names at the top of the checkout
    """
    target = folder / ADDON
    for path in files():
        if path.parts[0] not in left_out:
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / path, target / path)
    return target
