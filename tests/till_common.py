from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user

from odoo.addons.point_of_sale.tests.common import TestPoSCommon

from .common import WalletWords


class PayLaterCommon(WalletWords, TestPoSCommon):
    """A till that takes cash, card, *Customer Account* and *Pay Later*."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_words(cls.customer)
        cls.PaymentMethod = cls.env["pos.payment.method"]
        cls.config = cls.basic_config
        cls.customer_account_pm = cls.pay_later_pm  # made by core's common class
        cls.customer_account_pm.name = "Customer Account"
        # core's checks pass over the payments with `pay_later_pm`
        cls.pay_later_pm = cls.PaymentMethod._get_standard_method(
            cls.company, "pay_later"
        )
        cls.methods = (
            cls.cash_pm1 | cls.bank_pm1 | cls.customer_account_pm | cls.pay_later_pm
        )
        cls.config.payment_method_ids = [Command.set(cls.methods.ids)]
        cls.product = cls.create_product("Product 100", cls.categ_basic, 100)
        cls.payment_term = cls.env["account.payment.term"].create(
            {
                "name": "In 30 days",
                "line_ids": [
                    Command.create(
                        {
                            "value": "percent",
                            "value_amount": 100,
                            "delay_type": "days_after",
                            "nb_days": 30,
                        }
                    )
                ],
            }
        )
        cls.cashier = new_test_user(
            cls.env,
            login="wallet_cashier",
            groups="base.group_user,point_of_sale.group_pos_user",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _order_data(self, payments, customer=None, quantity=1, **values):
        return self.create_ui_order_data(
            [(self.product, quantity)],
            customer=self.customer if customer is None else customer,
            payments=payments,
            pos_order_ui_args={"state": "paid", **values},
        )

    def _sync(self, *orders_data, user=None):
        """Send orders to the server as the till does, as the cashier."""
        PosOrder = self.env["pos.order"].with_user(user or self.cashier)
        uuids = [data["uuid"] for data in orders_data]
        PosOrder.sync_from_ui([dict(data) for data in orders_data])
        orders = self.env["pos.order"].search([("uuid", "in", uuids)])
        return orders.sorted(lambda order: uuids.index(order.uuid))

    def assertOrdersRefused(self, *orders_data, message="", user=None):
        self.assertRefused(
            UserError, self._sync, *orders_data, message=message, user=user
        )

    def _close_session(self, counted_cash=0.0):
        session = self.pos_session
        session.post_closing_cash_details(counted_cash)
        session.close_session_from_ui()
        return session

    def _new_company(self, name="Another Company", **values):
        """A company with a chart of accounts of its own."""
        company = self.env["res.company"].create({"name": name, **values})
        if not company.parent_id:
            self.env["account.chart.template"].try_loading(
                "generic_coa", company=company, install_demo=False
            )
        self.env.user.company_ids |= company
        return company

    def _new_till(self, company=None, **values):
        return (
            self.env["pos.config"]
            .with_company(company or self.company)
            .create({"name": "New Till", **values})
        )


class TillWalletCommon(PayLaterCommon):
    """A till that also takes *Customer Wallet*; the customer has 500 in the wallet."""

    in_wallet = 500

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wallet_pm = cls.PaymentMethod._get_standard_method(cls.company, "wallet")
        cls.methods |= cls.wallet_pm
        cls.config.payment_method_ids = [Command.set(cls.methods.ids)]
        cls.pos_receivable = cls.company.account_default_pos_receivable_account_id
        if cls.in_wallet:
            cls._top_up(cls.in_wallet)

    def _top_up_data(self, amount, method=None, **values):
        """A top-up at the till: an order without lines."""
        data = self._order_data(
            [(method or self.cash_pm1, amount), (self.wallet_pm, -amount)], **values
        )
        return {
            **data,
            "lines": [],
            "amount_total": 0.0,
            "amount_tax": 0.0,
            "amount_paid": 0.0,
        }

    def _refund_data(self, order, payments, quantity=1, **values):
        data = self._order_data(payments, quantity=-quantity, **values)
        data["lines"][0][2]["refunded_orderline_id"] = order.lines.id
        data["is_refund"] = True
        return data

    def _refund_at(self, price, order, method, **values):
        """The return of one piece, for which the till asks this price."""
        data = self._refund_data(order, [(method, -price)], **values)
        data["lines"][0][2].update(
            price_unit=price, price_subtotal=-price, price_subtotal_incl=-price
        )
        return {**data, "amount_total": -price, "amount_paid": -price}

    def _items(self, moves):
        """Journal items as (account, partner, debit, credit), sorted."""
        names = {
            self.wallet_account: "wallet",
            self.bonus_account: "bonus",
            self.pos_receivable: "till",
            self.receivable_account: "customer",
            self.sales_account: "sales",
        }
        return sorted(
            (
                names.get(line.account_id, line.account_id.name),
                line.partner_id.name or "",
                line.debit,
                line.credit,
            )
            for line in moves.line_ids
        )

    def assertBalance(self, amount, wallet=None):
        """What is held for orders is not there any more."""
        wallet = wallet or self._wallet()
        return super().assertBalance(amount + wallet.held, wallet)

    def assertKinds(self, paid, bonus, wallet=None):
        """The same, of each kind."""
        wallet = wallet or self._wallet()
        held = wallet.held - wallet.held_bonus
        return super().assertKinds(paid + held, bonus + wallet.held_bonus, wallet)

    def assertTillIsClear(self):
        """After closing, nothing is left open on the account of the till."""
        lines = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.pos_receivable.id),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ]
        )
        self.assertFalse(lines, self._items(lines.move_id))


class TillKindsCommon(TillWalletCommon):
    """A till whose customer has 500 in the wallet, or only a bonus."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("customer_wallet.group_wallet_manager")

    # What people do

    def _have_only_a_bonus(self, amount):
        """What was paid in is paid out, and a manager adds a bonus."""
        self._pay_out(500)
        self.env["customer.wallet.adjustment"].create(
            {
                "wallet_id": self._wallet().id,
                "direction": "up",
                "lot_type": "bonus",
                "amount": amount,
                "account_id": self.company_data["default_account_expense"].id,
                "reason": "Goodwill",
            }
        ).action_confirm()
        self.assertKinds(0, amount)

    def _move_open_credits(self):
        """Customer > Open Credits > Move to the Wallet, if there are any."""
        wizard = (
            self.env["customer.wallet.credit"]
            .with_context(default_partner_id=self.customer.id)
            .create({})
        )
        if wizard.line_ids:
            wizard.action_move_to_wallet()


class TillSettleCommon(TillKindsCommon):
    """The customer owes an invoice of 50 and has 500 in the wallet."""

    def setUp(self):
        super().setUp()
        self.account = self.customer.property_account_receivable_id
        self.invoice = self._invoice(50)
        self.open_new_session()

    # What people do

    def _due(self, invoice):
        return invoice.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )

    def _settle_data(self, payments, settled, **values):
        """An order that settles journal items, with goods for 100 if there are."""
        quantity = values.pop("quantity", 0)
        methods = [(self.customer_account_pm, -amount) for _item, amount in settled]
        data = self._order_data([*payments, *methods], quantity=quantity, **values)
        for (item, _amount), command in zip(
            settled, data["payment_ids"][len(payments) :], strict=True
        ):
            command[2].update(settled_item=item.id, settled_name="as the till says")
        if quantity:
            return data
        totals = {"amount_total": 0.0, "amount_tax": 0.0}
        paid = sum(amount for _method, amount in payments)
        paid -= sum(amount for _item, amount in settled)
        return {**data, **totals, "lines": [], "amount_paid": paid}

    def _settle(self, payments, settled, user=None, **values):
        return self._sync(self._settle_data(payments, settled, **values), user=user)

    def _listed(self, customer=None, user=None):
        customer = (customer or self.customer).with_user(user or self.cashier)
        return customer.get_pos_settlements(self.config.id)

    def _order_on_account(self, amount=100):
        return self._sync(
            self._order_data(
                [(self.customer_account_pm, amount)], quantity=amount / 100
            )
        )

    # What there is then

    def assertOwed(self, *expected):
        """What Settle lists: (name, residual)."""
        owed = [(row["name"], row["residual"]) for row in self._listed()]
        self.assertEqual(owed, list(expected))

    def assertReceivable(self, owed, *credits_open):
        """What is open on the customer's receivable: all debts, and each credit."""
        items = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.account.id),
                ("partner_id", "=", self.customer.id),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ]
        )
        amounts = items.mapped("amount_residual")
        self.assertEqual(sum(amount for amount in amounts if amount > 0.0), owed)
        self.assertEqual([it for it in amounts if it < 0.0], list(credits_open))
