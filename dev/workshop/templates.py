"""Template databases, each made from the one before.

    base    Odoo with the modules that the addon depends on   (half a minute)
    addon   base with the addon installed                     (some seconds)
    tours   addon with the asset bundles of the screens       (some seconds)
    units   tours with the asset bundles of the JS units      (some seconds)
    core    base with the modules whose own tests we run      (a minute)
    beside  core with the addon installed                     (some seconds)

A test run gets a clone of the one that it needs in a fraction of a second. Bundles
that a browser test makes are rolled back with it: each test would make them again.
"""

import os
import time

from .addon import assets_key, installed_key, modules_needed
from .cached import key_of, locked
from .console import step
from .databases import UNFINISHED, Databases
from .locations import ADDON

# How many of a kind to keep, for going back and forth between versions.
KEPT = 4
# One that was used so lately may be about to be cloned.
SAFE_SECONDS = 600

# Of the pages that browser tests open, with what each bundle is asked for.
TOUR_BUNDLES = {
    "web.assets_web": ("js", "css"),
    "web.assets_web_print": ("css",),
    "web.__assets_tests_call__": ("js",),
    "web.assets_tests": ("js",),
    "web.assets_frontend": ("css",),
    "web.assets_frontend_minimal": ("js",),
    "web.assets_frontend_lazy": ("js",),
    "point_of_sale.assets_prod": ("js", "css"),
}
UNIT_BUNDLES = {
    "web.assets_unit_tests_setup": ("js", "css"),
    "web.assets_unit_tests": ("js", "css"),
}
MAKE_BUNDLES = """
for bundle, kinds in {bundles}.items():
    for kind in kinds:
        kinds_asked = {{"js": kind == "js", "css": kind == "css"}}
        getattr(env["ir.qweb"]._get_asset_bundle(bundle, **kinds_asked), kind)()
env.cr.commit()
"""


class Templates:
    """The templates of Odoo's cluster, with or without Odoo's demo data."""

    def __init__(self, odoo, *, with_demo=False):
        self._odoo = odoo
        self._databases = Databases(odoo.cluster)
        self._options = ("--with-demo",) if with_demo else ()

    def base(self):
        modules = ",".join(modules_needed())

        def build(name):
            self.install(name, modules, what="Installing Odoo's modules")
            self._databases.analyze(name)

        key = key_of(self._odoo.source.key, modules, self._options)
        return self._template("base", key, build, "Installing Odoo's modules")

    def addon(self):
        base = self.base()

        def build(name):
            self._databases.clone(base, name)
            self.install(name, ADDON, what="Installing the addon")

        key = key_of(base, installed_key())
        return self._template("addon", key, build, "Installing the addon")

    def tours(self):
        return self._with_bundles("tours", self.addon(), TOUR_BUNDLES)

    def units(self):
        return self._with_bundles("units", self.tours(), UNIT_BUNDLES)

    def upstream(self, modules, *, with_addon):
        """Odoo with modules of core for their own tests, and the bundles for tours."""
        source = self._core(modules)
        if with_addon:
            source = self._beside(source)
        kind = "besidetours" if with_addon else "coretours"
        return self._with_bundles(kind, source, TOUR_BUNDLES)

    def beside(self, modules):
        """The addon beside modules of core, with the addons that are for these."""
        return self._beside(self._core(modules))

    def _core(self, modules):
        base = self.base()
        names = ",".join(modules)

        def build(name):
            self._databases.clone(base, name)
            self.install(name, names, what="Installing the modules of core")
            self._databases.analyze(name)

        key = key_of(base, names)
        return self._template("core", key, build, "Installing the modules of core")

    def _beside(self, core):
        def build(name):
            self._databases.clone(core, name)
            self.install(name, ADDON, what="Installing the addon beside core")

        key = key_of(core, installed_key())
        return self._template("beside", key, build, "Installing the addon beside core")

    def install(self, name, modules, *, what):
        self._odoo.run_logged(
            *("--database", name, "--init", modules, *self._options),
            *("--stop-after-init", "--no-http"),
            log_name=f"install-{name}",
            what=what,
            todo="mend what Odoo says above, then run this again.",
        )

    def _with_bundles(self, kind, source, bundles):
        what = f"Making the asset bundles for the {kind}"

        def build(name):
            self._databases.clone(source, name)
            self._odoo.run_logged(
                *("shell", "--database", name, "--no-http"),
                input=MAKE_BUNDLES.format(bundles=bundles),
                log_name=f"bundles-{kind}",
                what=what,
                todo="mend the addon's assets; Odoo's own words are above.",
            )

        return self._template(kind, key_of(source, assets_key(), bundles), build, what)

    def _template(self, kind, key, build, what):
        name = f"{kind}_{key}"
        with locked(f"template-{kind}"):
            if not self._databases.exists(name):
                with step(what), self._databases.temporary(UNFINISHED) as unfinished:
                    build(unfinished)
                    self._databases.rename(unfinished, name)
                self._drop_old(kind)
            self._mark_used(name)
        return name

    def _mark_used(self, name):
        files = self._databases.files(name)
        files.mkdir(parents=True, exist_ok=True)
        os.utime(files)

    def _drop_old(self, kind):
        used = {
            name: self._last_use(name) for name in self._databases.names(f"{kind}_")
        }
        for name in sorted(used, key=used.get, reverse=True)[KEPT:]:
            if used[name] < time.time() - SAFE_SECONDS:
                self._databases.drop(name)

    def _last_use(self, name):
        files = self._databases.files(name)
        return files.stat().st_mtime if files.exists() else 0
