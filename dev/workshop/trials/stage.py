"""Where one benchmark or proof takes place: inside of Odoo, on databases of its own.

`python -m workshop.trials.stage PACKAGE SUBJECT CLUSTER QUICK RESULT` runs the function
that the subject is, and writes down what it has found.
"""

import gc
import importlib
import json
import random
from contextlib import closing, contextmanager
from pathlib import Path

from odoo.tools import config

from ..odoo import Odoo
from ..postgres import Cluster
from ..problems import run_command
from ..processes import log_file
from ..templates import Templates
from .books import Books
from .serving import ServerWithWorkers

SEED = 19


class Stage:
    """What a subject gets. What it finds are `rows` of a table, and whether all of it
    is `right`.
    """

    headings = ()

    def __init__(self, odoo, *, quick):
        self.odoo = odoo
        self.templates = Templates(odoo)
        self.quick = quick
        self.rows = []
        self.right = True

    def size(self, full, quick):
        """How much of something there is."""
        return quick if self.quick else full

    @contextmanager
    def books(self, source=None):
        """A database for a while: with a company that uses the addon, or a copy of
        another one.
        """
        source = source or self.templates.company()
        with self.odoo.databases.copy_of(source) as name, closing(Books(name)) as books:
            yield books

    def copy(self, books):
        """Other books with the same in them, for a while."""
        books.close()
        return self.books(books.database)

    def analyze(self, books):
        """Have queries planned for what is in the database now, and what is in the
        memory left alone by whoever collects garbage.
        """
        gc.freeze()
        self.odoo.databases.analyze(books.database)

    def serve(self, books, workers):
        """A server on these books for a while."""
        return ServerWithWorkers(self.odoo, books.database, workers).running()


def main(arguments):
    """Run a subject: a function that gets its package's stage."""
    package, name, cluster, quick, result = arguments
    log = log_file(f"{package}-{name}")
    options = ["--log-level=warn", "--max-cron-threads=0", f"--logfile={log}"]
    config.parse_config(options)
    random.seed(SEED)
    module = importlib.import_module(f"workshop.{package}").SUBJECTS[name]
    subjects = importlib.import_module(f"workshop.{package}.{module}")
    stages = importlib.import_module(f"workshop.{package}.stage")
    make_stage = getattr(stages, f"{package[:-1].capitalize()}Stage")
    stage = make_stage(Odoo(Cluster(cluster)), quick=quick == "quick")
    getattr(subjects, name.replace("-", "_"))(stage)
    found = {"headings": stage.headings, "rows": stage.rows, "right": stage.right}
    Path(result).write_text(json.dumps(found))


if __name__ == "__main__":
    run_command(main)
