"""Template databases, each made from another one.

    base     Odoo with the modules that the addon depends on   (half a minute)
    core     base with other modules of core                   (a minute)
    addon    base or core with the addon                       (some seconds)
    company  addon with a chart of accounts                    (some seconds)
    bundles  core or addon with all asset bundles              (half a minute)

A run gets a clone of the one that it needs in a fraction of a second. Bundles that a
browser test makes are rolled back with it: each test would make them again.
"""

import os

from .addon import installed_key, manifest
from .cached import key_of, locked
from .console import step
from .locations import ADDON

# How many of a kind to keep, for going back and forth between versions.
KEPT = 6
MAKE_COMPANY = "from workshop.trials.making import Making; Making.set_up(env)"
MAKE_BUNDLES = "env['ir.qweb']._pregenerate_assets_bundles()"


class Templates:
    """The templates of Odoo's cluster, with or without Odoo's demo data. Each method
    gives the name of one, which is there then.
    """

    def __init__(self, odoo, *, with_demo=False):
        self._odoo = odoo
        self._databases = odoo.databases
        self._options = ("--with-demo",) if with_demo else ()

    def base(self):
        key = key_of(self._odoo.version_key, self._options)
        needed = sorted(manifest()["depends"])
        return self._ensure("base", key, modules=",".join(needed))

    def addon(self):
        return self.beside(())

    def company(self):
        return self._ensure("company", "", self.addon(), script=MAKE_COMPANY)

    def beside(self, modules, *, with_addon=True, with_bundles=False):
        """Modules of core, with the addon and those that it has for them."""
        name = self.base()
        if modules:
            name = self._ensure("core", "", name, modules=",".join(sorted(modules)))
        if with_addon:
            name = self._ensure("addon", installed_key(), name, modules=ADDON)
        if with_bundles:
            name = self._ensure("bundles", "", name, script=MAKE_BUNDLES)
        return name

    def _ensure(self, kind, key, source="", modules="", script=""):
        """
        :param key: changes when the template must be made again
        :param source: the template that this one is made from
        :param modules: are installed
        :param script: is run inside of Odoo
        :return: name of the template
        """
        name = f"{kind}_{key_of(source, key, modules, script)}"
        with locked(f"template-{self._odoo.cluster.name}-{kind}"):
            if name not in self._databases.names():
                with (
                    step(f"Making the database {kind}"),
                    self._databases.temporary() as unfinished,
                ):
                    self._make(unfinished, kind, source, modules, script)
                    self._databases.clone(unfinished, name)
                self._drop_old(kind)
            os.utime(self._databases.files(name))
        return name

    def _make(self, name, kind, source, modules, script):
        if source:
            self._databases.clone(source, name)
        if modules:
            self.install(name, modules)
        if script:
            self._odoo.run_script(name, script, log_name=f"template-{kind}")
        self._databases.analyze(name)

    def install(self, name, modules, *, what=""):
        self._odoo.run(
            *("--database", name, "--init", modules, *self._options),
            *("--stop-after-init", "--no-http"),
            log_name=f"install-{name}",
            what=what,
        )

    def _drop_old(self, kind):
        def used(name):
            return self._databases.files(name).stat().st_mtime

        for name in sorted(self._databases.names(f"{kind}_"), key=used)[:-KEPT]:
            self._databases.drop(name)
