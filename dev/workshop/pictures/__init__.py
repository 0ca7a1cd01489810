"""The pictures of the README and of the app store, from the running product.

A database with the demo data is made and goes again; `story.py` gives it some months of
trade. `scenes.py` says what is on each picture, `camera.py` takes them with the help of
`browser.py`.
"""

import subprocess

from ..cached import locked
from ..console import step
from ..databases import Databases
from ..demo import Demo
from ..locations import CHECKOUT, DEV
from ..odoo import ready, wait_for
from ..problems import Problem
from ..serving import Server
from ..system_packages import FOR_TESTS
from .scenes import SCENES

DATABASE = "pictures"
FOLDER = CHECKOUT / "static" / "description"
# With it, a visitor of the portal can top up.
PAYMENT_PROVIDER = "payment_demo"
TELL = "from workshop.pictures.story import tell; tell(env)"


def take_pictures(names):
    """Take these pictures, or all, into static/description."""
    if unknown := sorted({*names} - {*SCENES}):
        raise Problem(
            f"There is no picture {', '.join(unknown)}.",
            f"choose among {', '.join(SCENES)}.",
        )
    odoo = ready("demo", FOR_TESTS)
    demo = Demo(odoo, DATABASE, apps=[PAYMENT_PROVIDER])
    with odoo.cluster.running(), locked(DATABASE):
        try:
            demo.prepare(fresh=True)
            _tell_story(odoo)
            with Server(odoo, DATABASE).running() as server:
                return _take(odoo, server.url, names or SCENES)
        finally:
            Databases(odoo.cluster).drop(DATABASE)


def _tell_story(odoo):
    with step("Telling the story of the pictures"):
        odoo.run_script(
            DATABASE,
            TELL,
            log_name="pictures-story",
            what="Telling the story of the pictures",
            todo="mend dev/workshop/pictures/story.py.",
        )


def _take(odoo, url, names):
    command = [odoo.python, "-P", "-m", "workshop.pictures.camera", url, FOLDER, *names]
    return wait_for(
        subprocess.Popen(list(map(str, command)), env=odoo.environment(DEV))
    )
