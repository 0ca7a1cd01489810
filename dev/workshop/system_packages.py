"""The system's own packages: what is missing is installed with apt-get."""

import os
import shutil
import subprocess
from pathlib import Path

from .cached import locked
from .console import step
from .postgres import postgres_program
from .problems import Problem
from .processes import run

# The names that Odoo looks for.
BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
ARABIC_FONT = "/usr/share/fonts/truetype/noto/NotoNaskhArabic-Regular.ttf"


def find_browser():
    """The path of a Chromium, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def _has_venv():
    command = [system_python(), "-c", "import ensurepip, venv"]
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0


# Debian's package, and how to see whether what it brings is there already.
PACKAGES = {
    "git": lambda: shutil.which("git"),
    "python3-venv": _has_venv,
    "nodejs": lambda: shutil.which("node"),
    "npm": lambda: shutil.which("npm"),
    "postgresql": lambda: postgres_program("initdb"),
    "wkhtmltopdf": lambda: shutil.which("wkhtmltopdf"),
    "fonts-noto-core": lambda: Path(ARABIC_FONT).exists(),
    "chromium": find_browser,
}
FOR_LINTERS = ("git", "python3-venv", "nodejs", "npm")
FOR_ODOO = (*FOR_LINTERS, "postgresql", "wkhtmltopdf", "fonts-noto-core")
FOR_TESTS = (*FOR_ODOO, "chromium")


def system_python():
    """The Python that environments are made with: the system's, if it has one."""
    found = shutil.which("python3.11", path=f"/usr/bin:{os.environ['PATH']}")
    if not found:
        raise Problem("Python 3.11 is not here.", "use Debian 12.")
    return found


def require(packages):
    """Install those of the packages that are not there yet."""
    with locked("system-packages"):
        if missing := [name for name in packages if not PACKAGES[name]()]:
            with step(f"Installing {' '.join(missing)}"):
                apt_get("update")
                apt_get("install", "--yes", "--no-install-recommends", *missing)


def apt_get(*arguments):
    """Run the machine's own apt-get, as root or through sudo."""
    run(
        [
            *([] if os.geteuid() == 0 else ["sudo"]),
            *("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"),
            *("--option=DPkg::Lock::Timeout=300", *arguments),
        ],
        what=f"apt-get {' '.join(arguments)}",
        todo="this needs Debian 12; check the network, or run it as root.",
    )
