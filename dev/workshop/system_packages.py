"""The system's own packages: what is missing is installed with apt-get."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .cached import locked
from .console import step
from .postgres_programs import postgres_program
from .problems import Problem
from .processes import run

SYSTEM_PYTHON = "/usr/bin/python3.11"
# The names that Odoo looks for.
BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
ARABIC_FONT = "/usr/share/fonts/truetype/noto/NotoNaskhArabic-Regular.ttf"


def _has_program(*names):
    return any(shutil.which(name) for name in names)


def _has_venv():
    command = [system_python(), "-c", "import ensurepip, venv"]
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0


# Debian's package, and how to see whether what it brings is there already.
PACKAGES = {
    "git": lambda: _has_program("git"),
    "python3-venv": _has_venv,
    "nodejs": lambda: _has_program("node"),
    "npm": lambda: _has_program("npm"),
    "postgresql": lambda: bool(postgres_program("initdb")),
    "chromium": lambda: _has_program(*BROWSERS),
    "wkhtmltopdf": lambda: _has_program("wkhtmltopdf"),
    "fonts-noto-core": lambda: Path(ARABIC_FONT).exists(),
}

FOR_ODOO = (
    "git",
    "python3-venv",
    "nodejs",
    "npm",
    "postgresql",
    "wkhtmltopdf",
    "fonts-noto-core",
)
FOR_TESTS = (*FOR_ODOO, "chromium")
FOR_LINTERS = ("git", "python3-venv", "nodejs", "npm")


def system_python():
    """The Python 3.11 that environments are made with: the system's, if it has one."""
    if Path(SYSTEM_PYTHON).exists():
        return SYSTEM_PYTHON
    if sys.version_info[:2] == (3, 11):
        return sys.executable
    if other := shutil.which("python3.11"):
        return other
    raise Problem(
        "Python 3.11 is not here.",
        "use Debian 12, or put a python3.11 on the PATH.",
    )


def require(packages):
    """Install those of the packages that are not there yet."""
    missing = _missing(packages)
    if not missing:
        return
    with locked("system-packages"):
        # Another run may have installed them while this one waited.
        missing = _missing(packages)
        if missing:
            with step(f"Installing {' '.join(missing)}"):
                _install(missing)


def _missing(packages):
    return [name for name in packages if not PACKAGES[name]()]


def _install(packages):
    apt_get("update")
    apt_get("install", "--yes", "--no-install-recommends", *packages)
    if still := _missing(packages):
        raise Problem(
            f"{' '.join(still)}: installed, but what it should bring is not there.",
            f"look at `apt-get install --reinstall {' '.join(still)}`.",
        )


def apt_get(*arguments):
    """Run the machine's own apt-get, as root or through sudo."""
    by_hand = f"run `apt-get {' '.join(arguments)}` as root, then try again"
    run(
        [
            *_as_root(by_hand),
            "env",
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
            "--quiet",
            "--option=DPkg::Lock::Timeout=300",
            *arguments,
        ],
        what=f"apt-get {' '.join(arguments)}",
        todo=f"check the network; or {by_hand}.",
    )


def _as_root(by_hand):
    if os.geteuid() == 0:
        return []
    if not _has_program("apt-get"):
        raise Problem("There is no apt-get.", "this needs Debian 12.")
    if not _has_program("sudo"):
        raise Problem("System packages are missing, and there is no sudo.", by_hand)
    # Without a terminal nobody could type a password: fail instead of waiting.
    return (
        ["sudo"] if sys.stdin and sys.stdin.isatty() else ["sudo", "--non-interactive"]
    )
