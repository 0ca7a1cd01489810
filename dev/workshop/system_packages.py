"""The system's own packages: what is missing is installed with apt-get."""

import os
import shutil
from glob import glob

from .cached import locked
from .console import step
from .processes import run

# The names that Odoo looks for.
BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
# Debian's packages, and what they bring: any of these programs or files will do.
PACKAGES = {
    "git": ("git",),
    "python3-venv": ("/usr/lib/python3.11/ensurepip",),
    "nodejs": ("node",),
    "npm": ("npm",),
    "postgresql": ("/usr/lib/postgresql/*/bin/initdb",),
    "wkhtmltopdf": ("wkhtmltopdf",),
    "fonts-noto-core": ("/usr/share/fonts/truetype/noto/NotoNaskhArabic-Regular.ttf",),
    "chromium": BROWSERS,
}
FOR_LINTERS = ("git", "python3-venv", "nodejs", "npm")
FOR_ODOO = (*FOR_LINTERS, "postgresql", "wkhtmltopdf", "fonts-noto-core")
FOR_TESTS = (*FOR_ODOO, "chromium")


def find_browser():
    """The path of a Chromium, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def require(packages):
    """Install those of the packages that are not there yet."""
    with locked("system-packages"):
        if missing := [name for name in packages if not _is_there(name)]:
            with step(f"Installing {' '.join(missing)}"):
                apt_get("update")
                apt_get("install", "--yes", "--no-install-recommends", *missing)


def _is_there(package):
    brought = PACKAGES[package]
    return any(glob(it) if it.startswith("/") else shutil.which(it) for it in brought)


def apt_get(*arguments):
    """Run the machine's own apt-get, as root or through sudo."""
    command = [] if os.geteuid() == 0 else ["sudo"]
    command += ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"]
    command += ["--option=DPkg::Lock::Timeout=300", *arguments]
    run(command, todo="this needs Debian 12; check the network, or run it as root.")
