from unittest.mock import patch

from odoo.exceptions import ConcurrencyError
from odoo.tests import tagged

from .test_concurrency import ConcurrencyCommon


@tagged("post_install", "-at_install")
class TestLosingARace(ConcurrencyCommon):
    """Odoo tries only once here: what was lost has changed nothing, and who lost it
    reads words.
    """

    def _race(self, *actions):
        """
        :return: int, how many have lost
        """
        with patch("odoo.service.model.MAX_TRIES_ON_CONCURRENCY_FAILURE", 1):
            results = self._at_once(*actions)
        lost = [result for result in results if isinstance(result, ConcurrencyError)]
        for error in lost:
            self.assertIn("please try again", str(error))
        self.assertTrue(lost, results)
        self.assertLess(len(lost), len(actions))
        return len(lost)

    def _do(self, method, *args, **kwargs):
        """Something is done to the wallet."""

        def act(env):
            wallet = env["customer.wallet"].search(
                [("partner_id", "=", self.customer_id)]
            )
            getattr(wallet, method)(*args, **kwargs)

        return act

    def test_a_transfer(self):
        self._top_up(100)
        other_id = self._create_customer("Bilal Nasser")
        self._commit(self._transfer(self.customer_id, other_id, 50))
        lost = self._race(*[self._transfer(self.customer_id, other_id, 10)] * 4)
        self.assertMoney(50 - 10 * (4 - lost), {})

    def test_the_first_top_up(self):
        self._race(*[lambda env: self._pay(env, 30)] * 2)
        self.assertMoney(30, {})

    def test_a_double_click(self):
        self._top_up(100)
        invoice = self._invoice(80)

        def ask(env):
            move = env["account.move"].browse(invoice)
            return move.with_context(wallet_request_key="one").action_allocate_wallet(
                30
            )

        self._race(ask, ask)
        self.assertMoney(70, {invoice: (50,)})

    def test_an_undo(self):
        self._top_up(100)
        invoice = self._invoice(80)
        self._commit(self._allocate(invoice))
        move = "account.move"
        partial = self._commit(
            lambda env: env[move].browse(invoice)._get_wallet_partials().id
        )

        def undo(env):
            return env[move].browse(invoice).action_unallocate_wallet(partial)

        def unreconcile(env):
            env[move].browse(invoice).js_remove_outstanding_partial(partial)

        self._race(undo, unreconcile)
        self.assertMoney(100, {invoice: (80,)})

    def test_a_limit_and_a_freeze(self):
        self._top_up(100)
        invoice = self._invoice(80)
        self._race(self._do("write", {"overdraft_limit": 5}), self._do("action_freeze"))
        self._commit(self._do("action_unfreeze"))
        self._race(self._do("write", {"overdraft_limit": 9}), self._allocate(invoice))

    def test_a_hold(self):
        self._top_up(100)
        self._race(*[self._do("_hold", 60)] * 2)

        def release(env):
            env["customer.wallet.hold"].search(
                [("wallet_id.partner_id", "=", self.customer_id)]
            )._release()

        self._race(release, release)
        self.assertMoney(100, {})

    def test_a_top_up_that_is_reset(self):
        self._top_up(100)
        payment_id = self._top_up(20)
        invoice = self._invoice(80)

        def reset(env):
            env["account.payment"].browse(payment_id).action_draft()

        self._race(reset, reset)
        self.assertMoney(100, {})
        self._commit(
            lambda env: env["account.payment"].browse(payment_id).action_post()
        )
        self._race(reset, self._allocate(invoice))
