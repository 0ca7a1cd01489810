"""Inside of Odoo: transactions as requests make them, and the clock.

`python -m workshop.trials.inside TASK RESULT` runs one function of a subject and
writes down what it returns.
"""

import gc
import importlib
import json
import sys
import threading
import time
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from odoo import api
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tools import config

from .making import Making
from .multiplying import multiply


class Books(Making):
    """A database as a server has it open, for the user Administrator."""

    def __init__(self, database):
        self.database = database

    @cached_property
    def registry(self):
        registry = Registry(self.database)
        # It stays: whoever collects garbage need not look at it.
        gc.freeze()
        return registry

    @cached_property
    def user_id(self):
        with self.registry.cursor() as cr:
            return api.Environment(cr, api.SUPERUSER_ID, {}).ref("base.user_admin").id

    @contextmanager
    def transaction(self):
        """What a request is: a new environment with nothing read yet, and at its end
        everything is written and committed.
        """
        with self.registry.cursor() as cr:
            yield api.Environment(cr, self.user_id, {"lang": "en_US", "tz": "UTC"})

    def timed(self, action, *arguments):
        """Run an action in a transaction of its own.

        :return: dict of the `seconds` that it took, with the commit and what Odoo does
            after it, of the seconds that the processors worked for it (`cpu`), and of
            the number of SQL `queries`
        """
        gc.collect()
        gc.disable()
        thread = threading.current_thread()
        thread.query_count = 0
        try:
            with self.transaction() as env:
                server = env.cr.connection.info.backend_pid
                started, worked = time.perf_counter(), _worked(server)
                retrying(lambda: action(env, *arguments), env)
                return {
                    "seconds": time.perf_counter() - started,
                    "cpu": _worked(server) - worked,
                    "queries": thread.query_count,
                }
        finally:
            gc.enable()

    def install(self, module):
        """Install a module as a server does.

        :return: dict of the `seconds` that it took
        """
        started = time.perf_counter()
        Registry.new(self.database, update_module=True, install_modules=[module])
        return {"seconds": time.perf_counter() - started}

    def upgrade(self, module):
        """Upgrade a module as a server does."""
        Registry.new(self.database, update_module=True, upgrade_modules=[module])

    def multiply(self, records, times, values=None, numbers=1):
        """See `multiplying`."""
        with self.transaction() as env:
            env.flush_all()
            ids = {it._table: it.ids for it in records if it}
            multiply(env.cr, ids, times, values or {}, numbers)

    def check(self):
        """Have the addon itself compare wallets and books."""
        with self.transaction() as env:
            differences = env["customer.wallet.check"]._find_differences(env.company)
            if differences:
                raise AssertionError(f"The data is not sound: {differences[:3]}")


def _worked(server):
    """For how many seconds the processors have worked for this process and for the one
    of PostgreSQL that serves it.
    """
    nanoseconds = Path(f"/proc/{server}/schedstat").read_text().split()[0]
    return time.process_time() + int(nanoseconds) / 1e9


def main(task, result):
    subject, function, databases, options = json.loads(task)
    config.parse_config(["--log-level=warn", "--max-cron-threads=0"])
    run = getattr(importlib.import_module(subject), function)
    returned = run(*map(Books, databases), **options)
    Path(result).write_text(json.dumps(returned))


if __name__ == "__main__":
    main(*sys.argv[1:])
