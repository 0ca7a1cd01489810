"""The template of the addon's texts, exported by Odoo, and its translations."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

from .console import say
from .databases import Databases
from .locations import ADDON, CHECKOUT, DEV
from .odoo import ready
from .postgres import tests_cluster
from .processes import run
from .templates import Templates

FOLDER = CHECKOUT / "i18n"
TODO = "run ./dev/translate, then translate what is empty in i18n/."


def update_translations():
    """Write the template and bring each language up to date with it."""
    FOLDER.mkdir(exist_ok=True)
    with _exported() as (odoo, template):
        say(_work_on("update", odoo, template))
    return 0


def check_translations():
    """Fail unless the template is current and each language complete."""
    with _exported() as (odoo, template):
        say(_work_on("check", odoo, template))
    return 0


def _work_on(task, odoo, template):
    # polib comes with what Odoo needs.
    return run(
        [odoo.python, "-m", "workshop.catalogs", task, template, FOLDER],
        cwd=DEV,
        what="The translations",
        todo=TODO,
    ).rstrip()


@contextmanager
def _exported():
    """The texts of the checkout as Odoo finds them, without translations."""
    odoo = ready(tests_cluster)
    databases = Databases(odoo.cluster)
    with (
        tempfile.TemporaryDirectory() as folder,
        odoo.cluster.running(),
        databases.temporary() as database,
    ):
        template = Path(folder) / f"{ADDON}.pot"
        databases.clone(Templates(odoo).addon(), database)
        odoo.run_logged(
            *("i18n", "export", "--database", database),
            *("--languages", "pot", "--output", template, ADDON),
            log_name="translations",
            what="Exporting the texts",
        )
        yield odoo, template
