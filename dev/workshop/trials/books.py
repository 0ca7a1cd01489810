"""A database as a server has it open: transactions as requests make them, the clock,
and SQL past Odoo.
"""

import gc
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2

from odoo import api
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.sql_db import close_db

from .making import Making
from .multiplying import multiply


class Books(Making):
    """The books of one database, for the user Administrator."""

    def __init__(self, database):
        self.database = database

    def close(self):
        """Leave the database, so that it can be copied or dropped."""
        Registry.delete(self.database)
        close_db(self.database)

    @contextmanager
    def transaction(self):
        """What a request is: a new environment with nothing read yet, and at its end
        everything is written and committed.
        """
        with Registry(self.database).cursor() as cr:
            user = api.Environment(cr, api.SUPERUSER_ID, {}).ref("base.user_admin")
            yield api.Environment(cr, user.id, {"lang": "en_US", "tz": "UTC"})

    def timed(self, action, *arguments):
        """Run an action in a transaction of its own.

        :return: dict of the `seconds` that it took, with the commit and what Odoo does
            after it, of the seconds that the processors worked for it (`cpu`), and of
            the number of SQL `queries`
        """
        gc.collect()
        gc.disable()
        thread = threading.current_thread()
        try:
            with self.transaction() as env:
                server = env.cr.connection.info.backend_pid
                thread.query_count = 0
                started, worked = time.perf_counter(), _worked(server)
                retrying(lambda: action(env, *arguments), env)
                return {
                    "seconds": time.perf_counter() - started,
                    "cpu": _worked(server) - worked,
                    "queries": thread.query_count,
                }
        finally:
            gc.enable()

    def install(self, module, action="install"):
        """Install or upgrade a module as a server does.

        :return: dict of the `seconds` that it took
        """
        started = time.perf_counter()
        self.close()
        modules = {f"{action}_modules": [module]}
        Registry.new(self.database, update_module=True, **modules)
        return {"seconds": time.perf_counter() - started}

    def multiply(self, records, times, values=None, numbers=1):
        """See `multiplying`."""
        with self.transaction() as env:
            env.flush_all()
            ids = {it._table: it.ids for it in records if it}
            multiply(env.cr, ids, times, values or {}, numbers)

    def find_differences(self):
        """Have the addon itself compare wallets and books.

        :return: list of dicts
        """
        with self.transaction() as env:
            companies = env["res.company"].sudo().search([("parent_id", "=", False)])
            return env["customer.wallet.check"]._find_differences(companies)

    def check(self):
        if differences := self.find_differences():
            raise AssertionError(f"The data is not sound: {differences[:3]}")

    def fetch(self, query):
        """Read past Odoo, in one snapshot.

        :return: list of tuples
        """
        with (
            closing(psycopg2.connect(dbname=self.database)) as connection,
            connection.cursor() as cr,
        ):
            cr.execute(query)
            return cr.fetchall()


def _worked(server):
    """For how many seconds the processors have worked for this process and for the one
    of PostgreSQL that serves it.
    """
    nanoseconds = Path(f"/proc/{server}/schedstat").read_text().split()[0]
    return time.process_time() + int(nanoseconds) / 1e9
