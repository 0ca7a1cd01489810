"""Trying the wheel: installed with pip beside Odoo, the checkout out of sight.

The environment is made for this and holds the wheel alone; Odoo and what Odoo needs
are lent to it.
"""

import re
import tempfile
from pathlib import Path

from .addon import bridges, manifest
from .console import step
from .databases import Databases
from .locations import ADDON
from .odoo import Odoo, ready
from .processes import run
from .system_packages import system_python
from .templates import Templates

SITE_PACKAGES = "import sysconfig; print(sysconfig.get_path('purelib'))"
LOOK = "from workshop.wheel_trial import look; look(env, {folder!r}, {version!r})"


class OdooWithWheel(Odoo):
    """Odoo in an environment that has the addon as an installed package."""

    def __init__(self, cluster, python):
        super().__init__(cluster)
        self.python = python

    def _addons_paths(self):
        return [self.addons]


def try_wheel(wheel):
    """Install the wheel and the addon, and use it.

    :raises Problem: something of it does not work
    """
    odoo = ready("tests")
    databases = Databases(odoo.cluster)
    what = "Trying the wheel"
    with (
        odoo.cluster.running(),
        databases.temporary() as database,
        tempfile.TemporaryDirectory() as folder,
    ):
        databases.clone(Templates(odoo).base(), database)
        with step(what):
            tried = OdooWithWheel(odoo.cluster, _install(odoo, wheel, folder))
            Templates(tried).install(
                database, ADDON, what="Installing the addon from the wheel"
            )
            tried.run_script(
                database,
                LOOK.format(folder=folder, version=manifest()["version"]),
                log_name="wheel",
                what=what,
                todo="mend what is above.",
            )


def _install(odoo, wheel, folder):
    """Make a virtual environment with the wheel in it.

    :return: its interpreter
    """
    what = "Making an environment for the wheel"
    run([system_python(), "-m", "venv", "--without-pip", folder], what=what)
    python = Path(folder) / "bin/python"
    own = run([python, "-c", SITE_PACKAGES], what=what).strip()
    lent = run([odoo.python, "-c", SITE_PACKAGES], what=what)
    (Path(own) / "lent.pth").write_text(lent)
    run(
        [
            *(odoo.python, "-m", "pip", "--python", python, "install"),
            # Odoo is no package that pip knows.
            *("--no-deps", "--no-index", "--no-input"),
            *("--disable-pip-version-check", wheel),
        ],
        what="Installing the wheel with pip",
        todo="mend what is above.",
    )
    return python


def look(env, folder, version):
    """Inside of Odoo: the addon is the wheel's, whole, and does its work."""
    module = env["ir.module.module"].search([("name", "=", ADDON)])
    assert module.state == "installed", module.state
    assert module.installed_version == version, module.installed_version
    _look_at_files(env, module, folder)
    _look_at_data(env, module)
    _pay_from_wallet(env)


def _look_at_files(env, module, folder):
    from odoo.modules import get_module_path

    path = get_module_path(ADDON)
    assert path.startswith(folder), f"the addon is {path}"
    for bridge in bridges():
        assert get_module_path(bridge), f"{bridge} is not found"
    assert module.icon_image, "there is no icon"
    shown = re.findall(rf'src="/{ADDON}/([^"]+)"', module.description_html)
    assert shown, "there is no description with pictures"
    for picture in (*shown, *manifest()["images"]):
        assert (Path(path) / picture).is_file(), f"there is no {picture}"
    for bundle in ("web.assets_backend", "point_of_sale._assets_pos"):
        paths = env["ir.asset"]._get_asset_paths(bundle, {})
        assert any(f"/{ADDON}/static/" in it[0] for it in paths), bundle


def _look_at_data(env, module):
    assert env.ref(f"{ADDON}.action_customer_wallet")
    assert env.company.wallet_account_id, "there is no wallet account"
    env["res.lang"]._activate_lang("fr_FR")
    module._update_translations(["fr_FR"])
    name = env["ir.model"]._get("customer.wallet").with_context(lang="fr_FR").name
    assert name != "Customer Wallet", "it is not translated"


def _pay_from_wallet(env):
    customer = env["res.partner"].create({"name": "Amal Haddad"})
    top_up = env["account.payment"].create(
        {"partner_id": customer.id, "amount": 100.0, "is_wallet": True}
    )
    top_up.action_post()
    line = {"name": "Chair", "price_unit": 80.0, "tax_ids": False}
    invoice = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": customer.id,
            "invoice_line_ids": [(0, 0, line)],
        }
    )
    invoice.action_post()
    invoice.action_allocate_wallet()
    assert invoice.payment_state in ("paid", "in_payment"), invoice.payment_state
    assert customer.wallet_balance == 20.0, customer.wallet_balance
