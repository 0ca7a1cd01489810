"""Where things are: the checkout, and the cache outside of it."""

import os
from pathlib import Path

ADDON = "customer_wallet"
CHECKOUT = Path(__file__).resolve().parents[2]
DEV = CHECKOUT / "dev"
# The addons for other apps: a folder of the addons path.
BRIDGES = CHECKOUT / "bridges"


def cache_folder():
    """The folder for all that is fetched and built, shared by all checkouts.

    Root's is not below root's home, because PostgreSQL runs there as `postgres`.
    """
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    usual = Path("/var/cache" if os.geteuid() == 0 else home) / ADDON
    folder = Path(os.environ.get("CUSTOMER_WALLET_CACHE") or usual).expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    return folder.absolute()


def replace_text(path, text):
    """Write a file so that a reader sees the old text or the new, never a half."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_text(text)
    os.replace(new, path)
