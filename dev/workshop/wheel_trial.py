"""Trying the wheel: installed with pip beside Odoo, in a folder that holds it alone,
the checkout out of sight.
"""

import re
import tempfile
from pathlib import Path

from .addon import bridges, manifest
from .console import step
from .locations import ADDON
from .odoo import Odoo, ready
from .processes import run
from .templates import Templates

LOOK = "from workshop.wheel_trial import look; look(env, {folder!r}, {version!r})"


class OdooWithWheel(Odoo):
    """Odoo that finds the addon among the packages that are installed."""

    def __init__(self, cluster, folder):
        super().__init__(cluster)
        self._folder = folder

    def environment(self):
        found = super().environment()
        return {**found, "PYTHONPATH": f"{found['PYTHONPATH']}:{self._folder}"}

    def _addons_paths(self):
        return [self.addons]


def try_wheel(wheel):
    """Install the wheel and the addon, and use it.

    :raises Problem: something of it does not work
    """
    odoo = ready("tests")
    what = "Trying the wheel"
    with (
        odoo.cluster.running(),
        odoo.databases.copy_of(Templates(odoo).base()) as database,
        tempfile.TemporaryDirectory() as folder,
        step(what),
    ):
        tried = OdooWithWheel(odoo.cluster, folder)
        run(
            [
                *(odoo.python, "-m", "pip", "install", "--target", folder),
                # Odoo is no package that pip knows.
                *("--no-deps", "--no-index", "--no-input"),
                *("--disable-pip-version-check", wheel),
            ],
            what="Installing the wheel with pip",
        )
        Templates(tried).install(
            database, ADDON, what="Installing the addon from the wheel"
        )
        tried.run_script(
            database,
            LOOK.format(folder=folder, version=manifest()["version"]),
            log_name="wheel",
            what=what,
        )


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
