"""A real Odoo 19, fetched from Debian, or a developer's own checkout.

Odoo is not in the Python package index. Debian's unstable suite packages it; the
package runs from a folder, without being installed.
"""

import os
import shutil
from pathlib import Path

from .cached import folder_of, key_of
from .problems import Problem
from .processes import run
from .system_packages import apt_get

ODOO_PACKAGE = "odoo-19/unstable"
# Odoo's web assets link into these. Trixie's make all links whole: bookworm lacks
# one of them, and newer suites ship other file names.
ASSETS = (
    "fonts-font-awesome fonts-inconsolata fonts-montserrat fonts-ocr-b"
    " fonts-roboto-unhinted libjs-jquery libjs-jquery-form libjs-underscore"
)
ASSET_PACKAGES = tuple(f"{name}/trixie" for name in ASSETS.split())
SUITES = ("unstable", "trixie")
# All languages would be 850 MB. A core test reads French.
LANGUAGES = ("ar", "de", "es", "fr")
# Raise it when what is made of the packages changes.
RECIPE = 1

PYTHON_FOLDER = "usr/lib/python3/dist-packages"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# Debian leaves it out; without it the console error fails every backend tour.
MISSING_SCRIPT = "addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
# A private apt, which leaves the machine's own alone.
APT_SETTINGS = (
    "Dir::State::Status=/dev/null",
    "Acquire::Languages=none",
    "APT::Sandbox::User=",
)


def odoo_source():
    """
    :return: tuple (the folder that holds the package `odoo`, a key that changes with
        its version)
    """
    if own := os.environ.get("CUSTOMER_WALLET_ODOO"):
        root = Path(own).expanduser().absolute()
        git = ("git", "-c", f"safe.directory={root}", "-C", root)
        return root, key_of(root, run([*git, "rev-parse", "HEAD"]))
    key = key_of(ODOO_PACKAGE, ASSET_PACKAGES, LANGUAGES, RECIPE)
    root = folder_of("odoo", key, _fetch, "Fetching Odoo 19 (140 MB)")
    return root / PYTHON_FOLDER, key_of(key, (root / "version").read_text())


def _fetch(folder):
    packages = folder / "packages"
    packages.mkdir()
    _download(packages)
    for package in packages.glob("*.deb"):
        run(["dpkg-deb", "--extract", package, folder])
    (odoo,) = packages.glob("odoo-19_*.deb")
    (folder / "version").write_text(odoo.name.split("_")[1])
    shutil.rmtree(packages)
    _delete_unwanted(folder / PYTHON_FOLDER)
    stub = folder / PYTHON_FOLDER / "odoo" / MISSING_SCRIPT
    stub.parent.mkdir(parents=True, exist_ok=True)
    stub.touch()
    # One broken link, and Odoo can serve no page at all.
    if broken := [it for it in folder.rglob("*") if not it.exists()]:
        raise Problem(
            f"The fetched Odoo has broken links: {', '.join(map(str, broken[:5]))}",
            f"Debian's packages changed: mend ASSET_PACKAGES in {__file__}.",
        )


def _download(folder):
    for needed in ("etc", "var/lib", "var/cache"):
        (folder / needed / "apt").mkdir(parents=True)
    mirror = _debian_mirror()
    sources = [f"deb [signed-by={KEYRING}] {mirror} {it} main\n" for it in SUITES]
    (folder / "etc/apt/sources.list").write_text("".join(sources))
    settings = [f"--option={it}" for it in (f"Dir={folder}", *APT_SETTINGS)]
    for action in (
        ("update", "--error-on=any"),
        ("download", ODOO_PACKAGE, *ASSET_PACKAGES),
    ):
        run(
            ["apt-get", "--quiet", *settings, *action],
            cwd=folder,
            todo="check the network, then run this again.",
        )


def _debian_mirror():
    """The mirror that this machine is set up to use, so that no file names one."""
    apt_get("update")
    about_mirrors = ("--format", "$(REPO_URI)", "Origin: Debian", "Label: Debian")
    return run(["apt-get", "indextargets", *about_mirrors]).split()[0]


def _delete_unwanted(python_folder):
    for path in python_folder.iterdir():
        # One of them is a second copy of the addons.
        if path.name != "odoo":
            shutil.rmtree(path)
    for path in python_folder.rglob("i18n*/*.po*"):
        if path.stem.split("_")[0] not in LANGUAGES:
            path.unlink()
