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

ODOO_VARIABLE = "CUSTOMER_WALLET_ODOO"
ODOO_PACKAGE = "odoo-19/unstable"
# Odoo's web assets link into these. Trixie's make all links whole: bookworm lacks
# one of them, and newer suites ship other file names.
ASSET_PACKAGES = (
    "fonts-font-awesome/trixie",
    "fonts-inconsolata/trixie",
    "fonts-montserrat/trixie",
    "fonts-ocr-b/trixie",
    "fonts-roboto-unhinted/trixie",
    "libjs-jquery/trixie",
    "libjs-jquery-form/trixie",
    "libjs-underscore/trixie",
)
SUITES = ("unstable", "trixie")
# All languages would be 850 MB. A core test reads French.
LANGUAGES = ("ar", "de", "es", "fr")
# Raise it when what is made of the packages changes.
RECIPE = 1

PYTHON_FOLDER = "usr/lib/python3/dist-packages"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# Debian leaves it out; without it the console error fails every backend tour.
MISSING_SCRIPT = (
    "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
)


def odoo_source():
    """
    :return: tuple (the folder that holds the package `odoo`, a key that changes with
        its version)
    """
    if own := os.environ.get(ODOO_VARIABLE):
        return _own_checkout(Path(own).expanduser().absolute())
    key = key_of(ODOO_PACKAGE, ASSET_PACKAGES, LANGUAGES, RECIPE)
    root = folder_of("odoo", key, _fetch, "Fetching Odoo 19 (140 MB)")
    version = (root / "version").read_text()
    return root / PYTHON_FOLDER, key_of(key, version)


def _own_checkout(root):
    release = root / "odoo" / "release.py"
    if not release.exists() or "version_info = (19, 0," not in release.read_text():
        raise Problem(
            f"{ODOO_VARIABLE} is {root}, which is no checkout of Odoo 19.0.",
            "point it at the folder that holds odoo-bin, or unset it.",
        )
    git = ["git", "-c", f"safe.directory={root}", "-C", root, "rev-parse", "HEAD"]
    head = run(git, what="Reading its version", todo="is it a git checkout?")
    return root, key_of(root, head)


def _fetch(folder):
    packages = folder / "packages"
    packages.mkdir()
    _download(packages)
    for package in packages.glob("*.deb"):
        run(
            ["dpkg-deb", "--extract", package, folder],
            what=f"Unpacking {package.name}",
            todo="is the disk full?",
        )
    shutil.rmtree(packages)
    _delete_unwanted(folder / PYTHON_FOLDER)
    stub = folder / PYTHON_FOLDER / MISSING_SCRIPT
    stub.parent.mkdir(parents=True, exist_ok=True)
    stub.touch()
    _check_links(folder)


def _download(folder):
    """Fetch the packages with a private apt that leaves the machine's own alone."""
    options = _private_apt(folder)
    todo = "check the network, then run this again."
    run(
        ["apt-get", *options, "--error-on=any", "update"],
        what="Reading Debian's lists",
        todo=todo,
    )
    run(
        ["apt-get", *options, "download", ODOO_PACKAGE, *ASSET_PACKAGES],
        cwd=folder,
        what="Downloading Odoo from Debian",
        todo=todo,
    )
    version = next(folder.glob("odoo-19_*.deb")).name.split("_")[1]
    (folder.parent / "version").write_text(version)


def _private_apt(folder):
    lists, cache = folder / "lists", folder / "cache"
    (lists / "partial").mkdir(parents=True)
    (cache / "archives" / "partial").mkdir(parents=True)
    mirror = _debian_mirror()
    sources = folder / "sources.list"
    sources.write_text(
        "".join(
            f"deb [signed-by={KEYRING}] {mirror} {suite} main\n" for suite in SUITES
        )
    )
    settings = {
        "Dir::Etc::SourceList": sources,
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::Etc::Preferences": "/dev/null",
        "Dir::Etc::PreferencesParts": "/dev/null",
        "Dir::State::Lists": lists,
        "Dir::State::Status": "/dev/null",
        "Dir::Cache": cache,
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "",
    }
    configuration = folder / "apt.conf"
    # The machine's own hooks after an update are about the machine's own lists.
    lines = [
        "#clear APT::Update::Post-Invoke;",
        "#clear APT::Update::Post-Invoke-Success;",
    ]
    lines += [f'{name} "{value}";' for name, value in settings.items()]
    configuration.write_text("\n".join(lines) + "\n")
    return ["--quiet", f"--config-file={configuration}"]


def _debian_mirror():
    """The mirror that this machine is set up to use, so that no file names one."""
    if not (mirrors := _find_mirrors()):
        apt_get("update")
        mirrors = _find_mirrors()
    if not mirrors:
        raise Problem(
            "This machine's apt knows no Debian mirror.",
            "use Debian 12 with its usual sources.",
        )
    return mirrors[0]


def _find_mirrors():
    output = run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(LABEL)"],
        what="Asking apt for its mirror",
        todo="this needs Debian 12.",
    )
    lines = output.splitlines()
    return [line.split()[0] for line in lines if line.endswith(" Debian Debian")]


def _delete_unwanted(python_folder):
    for path in python_folder.iterdir():
        # One of them is a second copy of the addons.
        if path.name != "odoo":
            shutil.rmtree(path)
    for path in python_folder.rglob("*.po*"):
        language = path.stem.split("_")[0]
        if path.suffix in (".po", ".pot") and language not in LANGUAGES:
            path.unlink()


def _check_links(folder):
    """One broken link, and Odoo can serve no page at all."""
    broken = [
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.is_symlink() and not path.exists()
    ]
    if broken:
        raise Problem(
            f"The fetched Odoo has broken links: {', '.join(map(str, broken[:5]))}",
            f"Debian's packages changed: mend ASSET_PACKAGES in {__file__}.",
        )
