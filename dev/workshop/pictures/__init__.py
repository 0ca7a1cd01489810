"""The pictures of the README and of the app store, from the running product.

A database with the demo data is made and goes again; `story.py` gives it some months of
trade. `scenes.py` says what is on each picture, `camera.py` takes them.
"""

import subprocess

from ..environments import python_with
from ..locations import CHECKOUT, DEV
from ..odoo import ready
from ..problems import choose
from ..serving import Server
from ..system_packages import FOR_TESTS
from ..templates import Templates
from .scenes import SCENES

FOLDER = CHECKOUT / "static" / "description"
TELL = "from workshop.pictures.story import tell; tell(env)"


def take_pictures(names):
    """Take these pictures, or all, into static/description."""
    names = choose(names, SCENES)
    odoo = ready("demo", FOR_TESTS)
    with odoo.cluster.running():
        # A visitor of the portal tops up with its provider.
        template = Templates(odoo, with_demo=True).beside(["payment_demo"])
        with odoo.databases.copy_of(template) as database:
            odoo.run_script(database, TELL, log_name="story", what="Telling the story")
            with Server(odoo, database).running() as server:
                camera = [python_with("pictures"), "-m", "workshop.pictures.camera"]
                command = [*camera, server.url, FOLDER, *names]
                return subprocess.run(command, cwd=DEV).returncode
