"""The template of the addon's texts, exported by Odoo, and its translations."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

from .addon import bridges, modules_bridged
from .console import say
from .locations import ADDON, BRIDGES, CHECKOUT, DEV
from .odoo import ready
from .processes import run
from .templates import Templates

TODO = "run ./dev/translate, then translate what is empty in i18n/."


def translate(*, check):
    """Write the templates and bring each language up to date with them.

    :param bool check: fail instead unless all is current and complete
    """
    task = "check" if check else "update"
    odoo = ready("tests")
    with odoo.cluster.running():
        with _exported(odoo, Templates(odoo).addon(), [ADDON]) as templates:
            _work_on(task, odoo, templates[ADDON], CHECKOUT)
        beside = Templates(odoo).beside(modules_bridged())
        with _exported(odoo, beside, bridges()) as templates:
            for bridge, template in templates.items():
                _work_on(task, odoo, template, BRIDGES / bridge)
    return 0


def _work_on(task, odoo, template, addon):
    folder = addon / "i18n"
    folder.mkdir(exist_ok=True)
    # polib comes with what Odoo needs.
    output = run(
        [odoo.python, "-m", "workshop.catalogs", task, template, folder],
        cwd=DEV,
        what=f"The translations of {template.stem}",
        todo=TODO,
    )
    say(output.rstrip())


@contextmanager
def _exported(odoo, source, addons):
    """The texts of addons as Odoo finds them, without translations.

    :param source: the database that has them installed
    :return: dict by addon of Path
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        odoo.databases.copy_of(source) as database,
    ):
        templates = {addon: Path(folder) / f"{addon}.pot" for addon in addons}
        for addon, template in templates.items():
            odoo.run_logged(
                *("i18n", "export", "--database", database),
                *("--languages", "pot", "--output", template, addon),
                log_name="translations",
                what="Exporting the texts",
            )
        yield templates
