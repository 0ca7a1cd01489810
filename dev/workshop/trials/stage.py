"""What benchmarks and proofs run on: databases of their own, and Odoo."""

import json
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from ..databases import Databases
from ..locations import ADDON, CHECKOUT, DEV
from ..odoo import wait_for
from ..problems import Problem
from ..processes import last_lines, log_file
from ..templates import Templates


class Stage:
    """Where one run of benchmarks or proofs takes place."""

    def __init__(self, odoo, *, quick):
        self.odoo = odoo
        self.templates = Templates(odoo)
        self.databases = Databases(odoo.cluster)
        self.quick = quick

    def size(self, full, quick):
        """How much of something there is."""
        return quick if self.quick else full

    def base(self):
        """The template without the addon."""
        return self.templates.base()

    def addon(self):
        """The template that has the addon."""
        return self.templates.addon()

    @contextmanager
    def database(self, source=None):
        """A database for a while: Odoo with the addon, or a copy of another one."""
        source = source or self.addon()
        with self.databases.temporary() as name:
            self.databases.clone(source, name)
            yield name

    @contextmanager
    def pair(self, subject, function, **options):
        """Two databases with the same data, which a function makes.

        :return: the name of the one without the addon, of the one with it, and what
            the function returned
        """
        with self.database(self.base()) as without:
            made = self.make(subject, function, without, **options)
            with self.database(without) as beside:
                self.templates.install(beside, ADDON, what="Installing the addon")
                yield without, beside, made

    def make(self, subject, function, *databases, **options):
        """Run a function that makes data; queries are planned for it from then on."""
        result = self.inside(subject, function, *databases, **options)
        for database in databases:
            self.databases.analyze(database)
        return result

    def inside(self, subject, function, *databases, **options):
        """Run a function of a subject inside of Odoo, in a process of its own.

        :param subject: name of the module
        :param function: name of the function; it gets a `Books` for each database,
            and the options
        :return: what it returns, through JSON
        """
        task = [subject, function, databases, options]
        with tempfile.TemporaryDirectory() as folder:
            result = Path(folder) / "result.json"
            log = self._run_inside(task, result)
            if not result.exists():
                raise Problem(
                    f"{subject.rpartition('.')[2]}: {function} broke off. "
                    f"All it said is in {log}.",
                    "mend what is above.",
                    last_lines(log.read_text(errors="replace")),
                )
            return json.loads(result.read_text())

    def _run_inside(self, task, result):
        log = log_file(f"trial-{task[0].rpartition('.')[2]}-{task[1]}")
        command = [self.odoo.python, "-P", "-m", "workshop.trials.inside"]
        with log.open("w") as output:
            wait_for(
                subprocess.Popen(
                    [*map(str, command), json.dumps(task), str(result)],
                    cwd=CHECKOUT,
                    env={**self.odoo.environment(DEV), "PYTHONHASHSEED": "0"},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
            )
        return log
