"""The till's screens beside those of other modules, which change the same templates."""

import json
from pathlib import Path
from unittest.mock import patch

from lxml import etree

from odoo.modules.module import Manifest, get_modules
from odoo.tests import BaseCase, HttpCase, tagged

ADDON = "customer_wallet"
BUNDLES = ("point_of_sale._assets_pos", "point_of_sale.customer_display_assets")
# Odoo's own machine, a fresh one for each bundle, puts the templates together; Owl
# compiles them as it does when a screen is opened.
COMPILE = """
const { loader } = odoo;
async function findFaults(url) {
    const { fn } = loader.factories.get("@web/core/templates");
    const machine = fn((name) => loader.modules.get(name));
    const names = new Set();
    const registerTemplate = (name, ...rest) => {
        names.add(name);
        return machine.registerTemplate(name, ...rest);
    };
    const bundle = await (await fetch(url)).text();
    new Function("registerTemplate", "registerTemplateExtension",
        "checkPrimaryTemplateParents", bundle
    )(registerTemplate, machine.registerTemplateExtension, () => {});
    const faults = new Set();
    for (const name of names) {
        try {
            const { getTemplate } = machine;
            new owl.App(owl.Component, { getTemplate, dev: true }).getTemplate(name);
        } catch (error) {
            faults.add(`${name}: ${error.message} ${error.cause?.message || ""}`);
        }
    }
    return [names.size, faults];
}
(async () => {
    let ours = [];
    for (const { without, beside } of %s) {
        const [few, known] = await findFaults(without);
        for (const url of beside) {
            const [many, faults] = await findFaults(url);
            if (few < 1 || many <= few) {
                ours.push(`${url}: ${few} and ${many} templates`);
            }
            ours.push(...[...faults].filter((fault) => !known.has(fault)));
        }
    }
    if (ours.length) {
        console.error(ours.join("\\n"));
    } else {
        console.log("test successful");
    }
})();
"""


TEMPLATES = Path(__file__).parents[1] / "static" / "src" / "pos"


@tagged("post_install", "-at_install")
class TestOwnTemplates(BaseCase):
    def test_what_others_locate_by_stays(self):
        """Other modules find an element by its place and by its conditions."""
        files = list(TEMPLATES.rglob("*.xml"))
        self.assertTrue(files)
        for file in files:
            tree = etree.parse(file)
            changed = tree.xpath(
                "//*[@t-inherit]//*[@position='replace' or @position='move']"
                "|//*[@t-inherit]//attribute[starts-with(@name, 't-')]"
                "|//*[@t-inherit]//attribute[@name='class']"
            )
            self.assertFalse(list(map(etree.tostring, changed)), file)


@tagged("post_install", "-at_install", "wallet_browser")
class TestTillTemplates(HttpCase):
    def test_templates_of_all_apps_of_the_till_compile_beside_the_wallet(self):
        """Not all of these apps can be installed together, but their templates can be:
        one that does not find its place any more because of ours is a white page.
        """
        code = COMPILE % json.dumps([self._publish(bundle) for bundle in BUNDLES])
        self.browser_js("/odoo", code, login="admin", timeout=180)

    def _publish(self, bundle):
        """Make the templates of a bundle: without ours, and with ours before and after
        those of apps that do not know of each other.

        :return: dict of the URL, or the URLs, from which they can be read
        """
        apps = self._get_till_apps()
        self.assertGreater(len(apps), 40)
        others = self.env["ir.asset"]._topological_sort(tuple(apps - {ADDON}))
        place = others.index("point_of_sale") + 1
        first = [*others[:place], ADDON, *others[place:]]
        orders = [others, first, [*others, ADDON]]
        without, *beside = [
            self.env["ir.attachment"]
            .create(
                {
                    "name": "templates.txt",
                    "raw": self._make_templates(bundle, order).encode(),
                    "mimetype": "text/plain",
                    "public": True,
                }
            )
            .id
            for order in orders
        ]
        return {
            "without": f"/web/content/{without}",
            "beside": [f"/web/content/{it}" for it in beside],
        }

    def _get_till_apps(self):
        """All modules of the source that build on the till, with what they need."""
        needs = {name: Manifest.for_addon(name)["depends"] for name in get_modules()}
        apps, found = set(), {"point_of_sale", ADDON}
        while found - apps:
            apps |= found
            found = {name for name in needs if apps & set(needs[name])}
        found = set(apps)
        while found:
            apps |= found
            found = {need for name in found for need in needs[name]} - apps
        return apps

    def _make_templates(self, bundle, order):
        Asset = type(self.env["ir.asset"])
        with (
            patch.object(Asset, "_get_installed_addons_list", lambda _self: set(order)),
            patch.object(Asset, "_topological_sort", lambda _self, _names: order),
        ):
            # Odoo remembers which files a bundle has.
            self.registry.clear_cache("assets")
            assets = self.env["ir.qweb"]._get_asset_bundle(bundle, css=False)
        self.registry.clear_cache("assets")
        return assets.generate_xml_bundle()
