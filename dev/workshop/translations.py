"""The templates of the addons' texts, exported by Odoo, and their translations."""

from .addon import bridges, modules_bridged
from .console import say
from .locations import ADDON
from .odoo import ready
from .templates import Templates

SCRIPT = "from workshop.catalogs import {task}; {task}(env, {addons})"


def translate(*, check):
    """Write the templates and bring each language up to date with them.

    :param bool check: fail instead unless all is current and complete
    """
    odoo = ready("tests")
    templates = Templates(odoo)
    task = "check" if check else "update"
    with odoo.cluster.running():
        for addons, source in (
            ([ADDON], templates.addon()),
            (bridges(), templates.beside(modules_bridged())),
        ):
            with odoo.databases.copy_of(source) as database:
                log = odoo.run_script(
                    database,
                    SCRIPT.format(task=task, addons=addons),
                    log_name="translations",
                    what=f"The translations of {', '.join(addons)}",
                    todo="run ./dev/translate, then translate what is empty in i18n/.",
                )
            say(log.read_text().rstrip())
    return 0
