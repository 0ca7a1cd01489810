import threading
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.exceptions import ConcurrencyError, UserError
from odoo.modules.registry import DummyRLock, Registry
from odoo.service.model import retrying
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import mute_logger


class RaceCommon(BaseCase):
    """Real transactions, committed, as several server processes make them. Each is run
    as Odoo runs a request: tried again when it could not be serialized.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Odoo's own runner holds the lock during tests, and each thread asks for it.
        cls.startClassPatcher(patch.object(Registry, "_lock", DummyRLock()))
        cls.registry = Registry(get_db_name())
        cls._commit(cls._load_chart)

    @classmethod
    def _commit(cls, action):
        """Run an action in a transaction of its own, as a request would."""
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            return retrying(lambda: action(env), env)

    @staticmethod
    def _load_chart(env):
        if not env.company.chart_template:
            env["account.chart.template"].try_loading(
                "generic_coa", company=env.company, install_demo=False
            )

    def _at_once(self, *actions):
        """Run actions at the same time, each on a snapshot taken before any of them
        has begun.

        :return: list of what each returned, or the error that refused it
        """
        barrier = threading.Barrier(len(actions))

        def run(action):
            tries = []

            def once(env):
                env.cr.execute("SELECT SUM(balance) FROM customer_wallet")
                if not tries:
                    tries.append(True)
                    barrier.wait(timeout=30)
                result = action(env)
                env.flush_all()
                return result

            try:
                return self._commit(once)
            except (UserError, ConcurrencyError) as error:
                return error

        with (
            mute_logger("odoo.sql_db", "odoo.service.model"),
            ThreadPoolExecutor(max_workers=len(actions)) as threads,
        ):
            return list(threads.map(run, actions))
