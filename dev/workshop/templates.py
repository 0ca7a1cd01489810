"""Template databases, each made from the one before.

    base     Odoo with the modules that the addon depends on   (half a minute)
    addon    base with the addon installed                     (some seconds)
    company  addon with a chart of accounts                    (some seconds)
    tours    addon with the asset bundles of the screens       (some seconds)
    units    tours with the asset bundles of the JS units      (some seconds)
    core     base with other modules of core                   (a minute)
    beside   core with the addon, and those for other apps     (some seconds)

A test run gets a clone of the one that it needs in a fraction of a second. Bundles
that a browser test makes are rolled back with it: each test would make them again.
"""

import os
import time
from dataclasses import dataclass

from .addon import assets_key, installed_key, modules_needed
from .cached import key_of, locked
from .console import step
from .databases import UNFINISHED
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
for bundle, kinds in {}.items():
    for kind in kinds:
        kinds_asked = {{"js": kind == "js", "css": kind == "css"}}
        getattr(env["ir.qweb"]._get_asset_bundle(bundle, **kinds_asked), kind)()
"""
MAKE_COMPANY = "from workshop.trials.making import Making; Making.set_up(env)"


@dataclass(frozen=True)
class Template:
    """What is done to a clone of the source: modules are installed, or a script is run
    inside of Odoo.
    """

    kind: str
    what: str
    key: str
    source: "Template" = None
    modules: str = ""
    script: str = ""

    @property
    def name(self):
        source = self.source.name if self.source else ""
        return f"{self.kind}_{key_of(source, self.key, self.modules, self.script)}"


class Templates:
    """The templates of Odoo's cluster, with or without Odoo's demo data. Each method
    gives the name of one, which is there then.
    """

    def __init__(self, odoo, *, with_demo=False):
        self._odoo = odoo
        self._databases = odoo.databases
        self._options = ("--with-demo",) if with_demo else ()

    def base(self):
        return self.ensure(self._base())

    def addon(self):
        return self.ensure(self._addon())

    def company(self):
        what = "Making the books of a company"
        company = Template("company", what, "", self._addon(), script=MAKE_COMPANY)
        return self.ensure(company)

    def tours(self):
        return self.ensure(_with_bundles("tours", self._addon(), TOUR_BUNDLES))

    def units(self):
        tours = _with_bundles("tours", self._addon(), TOUR_BUNDLES)
        return self.ensure(_with_bundles("units", tours, UNIT_BUNDLES))

    def beside(self, modules):
        """The addon beside modules of core, with the addons that are for these."""
        return self.ensure(_with_addon(self._core(modules), "beside"))

    def upstream(self, modules, *, with_addon):
        """Odoo with modules of core for their own tests, and the bundles for tours."""
        core = self._core(modules)
        source = _with_addon(core, "beside") if with_addon else core
        return self.ensure(_with_bundles(f"{source.kind}tours", source, TOUR_BUNDLES))

    def _base(self):
        key = key_of(self._odoo.version_key, self._options)
        modules = ",".join(modules_needed())
        return Template("base", "Installing Odoo's modules", key, modules=modules)

    def _addon(self):
        return _with_addon(self._base(), "addon")

    def _core(self, modules):
        what = "Installing the modules of core"
        return Template("core", what, "", self._base(), modules=",".join(modules))

    def ensure(self, template):
        """Have this template and say its name."""
        name = template.name
        with locked(f"template-{self._odoo.cluster.name}-{template.kind}"):
            if not self._databases.exists(name):
                source = template.source and self.ensure(template.source)
                with (
                    step(template.what),
                    self._databases.temporary(UNFINISHED) as unfinished,
                ):
                    if source:
                        self._databases.clone(source, unfinished)
                    self._build(template, unfinished)
                    self._databases.analyze(unfinished)
                    self._databases.rename(unfinished, name)
                self._drop_old(template.kind)
            self._mark_used(name)
        return name

    def _build(self, template, name):
        if template.modules:
            self.install(name, template.modules, what=template.what)
        if template.script:
            self._odoo.run_script(
                name,
                template.script,
                log_name=f"template-{template.kind}",
                what=template.what,
                todo="mend the addon; Odoo's own words are above.",
            )

    def install(self, name, modules, *, what):
        self._odoo.run_logged(
            *("--database", name, "--init", modules, *self._options),
            *("--stop-after-init", "--no-http"),
            log_name=f"install-{name}",
            what=what,
            todo="mend what Odoo says above, then run this again.",
        )

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


def _with_addon(source, kind):
    return Template(
        kind, "Installing the addon", installed_key(), source, modules=ADDON
    )


def _with_bundles(kind, source, bundles):
    what = f"Making the asset bundles for the {kind}"
    script = MAKE_BUNDLES.format(bundles)
    return Template(kind, what, assets_key(), source, script=script)
