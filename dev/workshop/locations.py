"""Where things are: the checkout, and the cache outside of it."""

import os
import tempfile
from pathlib import Path

from .problems import Problem

ADDON = "customer_wallet"
CHECKOUT = Path(__file__).resolve().parents[2]
DEV = CHECKOUT / "dev"
# The addons for other apps: a folder of the addons path.
BRIDGES = CHECKOUT / "bridges"

CACHE_VARIABLE = "CUSTOMER_WALLET_CACHE"


def cache_folder():
    """The folder for all that is fetched and built, shared by all checkouts.

    Root's is not below root's home, because PostgreSQL runs there as `postgres`.
    """
    if moved := os.environ.get(CACHE_VARIABLE):
        folder = Path(moved).expanduser().absolute()
    elif os.geteuid() == 0:
        folder = Path("/var/cache") / ADDON
    else:
        home_cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
        folder = Path(home_cache).expanduser().absolute() / ADDON
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(
            f"The cache cannot be made: {error.strerror}: {folder}",
            f"set {CACHE_VARIABLE} to a folder that you may write to.",
        ) from error
    if not os.access(folder, os.W_OK):
        raise Problem(
            f"The cache belongs to somebody else: {folder}",
            f"set {CACHE_VARIABLE} to a folder of your own.",
        )
    return folder


def replace_text(path, text):
    """Write a file so that a reader sees the old text or the new, never a half."""
    if path.exists() and path.read_text() == text:
        return
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as file:
        file.write(text)
    os.replace(temporary, path)
