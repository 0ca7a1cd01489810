"""The addon as a wheel, for those who install Odoo and its addons with pip, and a trial
of it: installed with pip beside Odoo, in a folder that holds it alone, the checkout out
of sight.
"""

import shutil
import tempfile
import zipfile
from pathlib import Path

from .addon import bridges, copy_to, files, module_of
from .console import say
from .environments import python_with
from .locations import ADDON, BRIDGES
from .odoo import Odoo, ready
from .problems import Problem
from .processes import run, short_lived
from .templates import Templates

# For those who work on the addon.
LEFT_OUT = ("dev", ".ci", ".gitignore")
# Odoo is no package that pip knows.
PIP_OPTIONS = ("--no-deps", "--no-input", "--disable-pip-version-check")
USE = "from workshop.wheel import use; use(env, {folder!r})"


def build_wheel(*, trial=False):
    """Build the wheel into the cache, and see that all of the addon is in it.

    :param trial: also install it beside Odoo, and use it
    """
    with tempfile.TemporaryDirectory() as folder:
        wheel = _lift_bridges(_build(Path(folder)))
        _check_files(wheel)
        wheel = shutil.copy2(wheel, short_lived("wheels"))
    say(f"Built {wheel}")
    if trial:
        _try_wheel(wheel)
    return 0


def _build(folder):
    source = copy_to(folder, LEFT_OUT)
    run(
        [
            *(python_with("wheel"), "-m", "pip", "wheel", source, *PIP_OPTIONS),
            *("--no-build-isolation", "--wheel-dir", folder),
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
        # The last one says how the wheel is built.
        if path.parts[0] not in (*LEFT_OUT, "pyproject.toml")
    }
    if differing := names ^ expected:
        raise Problem(
            f"The wheel {wheel.name} does not hold the files of the addon.",
            details="\n".join(sorted(differing)),
        )


def _try_wheel(wheel):
    odoo = ready("tests")
    with (
        odoo.cluster.running(),
        odoo.databases.copy_of(Templates(odoo).base()) as database,
        tempfile.TemporaryDirectory() as folder,
    ):
        pip = (odoo.python, "-m", "pip", "install", *PIP_OPTIONS, "--no-index")
        run([*pip, "--target", folder, wheel], what="Installing the wheel with pip")
        tried = Odoo(odoo.cluster, packages=[folder])
        Templates(tried).install(database, ADDON, what="Installing the addon from it")
        script = USE.format(folder=folder)
        tried.run_script(database, script, log_name="wheel", what="Trying the wheel")
    say("It is installed beside Odoo, and pays an invoice.")


def use(env, folder):
    """Inside of Odoo: the addons are those of the wheel, and pay an invoice."""
    from odoo.modules import get_module_path

    from .trials.making import Making

    for name in (ADDON, *bridges()):
        assert (get_module_path(name) or "").startswith(folder), f"{name} is elsewhere"
    making = Making()
    making.set_up(env)
    customer = making.customers(env, 1)
    making.top_ups(env, customer, 100)
    making.invoices(env, customer, 80).action_allocate_wallet()
    assert customer.wallet_balance == 20, customer.wallet_balance
