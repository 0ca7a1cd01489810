"""Documents made through the ORM, as people make them."""

import uuid
from datetime import date

from odoo import Command

PAY = "account.payment.register"
CREDIT = "account.move.reversal"


class Making:
    """What `Books` can make. All of it takes an environment, or a record with one."""

    @staticmethod
    def set_up(env, company=None):
        """Have a company that can invoice."""
        company = company or env.company
        if not company.chart_template:
            env["account.chart.template"].try_loading(
                "generic_coa", company=company, install_demo=False
            )

    def customers(self, env, names, **vals):
        """
        :param names: list of strings, or how many customers
        """
        if isinstance(names, int):
            names = [f"Customer {number}" for number in range(names)]
        return env["res.partner"].create(
            [{"name": it, "email": f"{_unique()}@example.com", **vals} for it in names]
        )

    def portal_login(self, env, customer, password):
        """
        :return: str, the login of this customer
        """
        vals = {
            "partner_id": customer.id,
            "login": customer.email,
            "password": password,
            "group_ids": [Command.set(env.ref("base.group_portal").ids)],
        }
        users = env["res.users"].with_context(no_reset_password=True)
        return (customer.user_ids or users.create(vals)).login

    # Invoices and payments

    def draft_invoices(self, env, customers, amount=100, lines=1, taxes=(), **vals):
        """A draft invoice for each customer, of so many lines of this amount."""
        tax_ids = [Command.set([it.id for it in taxes])]
        line = {"name": "Goods", "price_unit": amount, "tax_ids": tax_ids}
        vals = {
            "move_type": "out_invoice",
            "invoice_date": date.today(),
            "invoice_line_ids": [Command.create(line)] * lines,
            **vals,
        }
        return env["account.move"].create(
            [{"partner_id": it.id, **vals} for it in customers]
        )

    def invoices(self, env, customers, amount=100, **vals):
        """An open invoice for each customer."""
        invoices = self.draft_invoices(env, customers, amount, **vals)
        invoices.action_post()
        return invoices

    def credit_notes(self, env, customers, amount=100):
        """An open credit note for each customer."""
        return self.invoices(env, customers, amount, move_type="out_refund")

    def draft_payments(self, env, customers, amount, wallet=False, **vals):
        """A draft payment of each customer, into the wallet or on account."""
        vals = {
            "payment_type": "inbound",
            "partner_type": "customer",
            "amount": amount,
            **({"is_wallet": True} if wallet else {}),
            **vals,
        }
        payments = env["account.payment"]
        return payments.create([{"partner_id": it.id, **vals} for it in customers])

    def payments(self, env, customers, amount, wallet=False, **vals):
        """The same, confirmed."""
        payments = self.draft_payments(env, customers, amount, wallet, **vals)
        payments.action_post()
        return payments

    def top_ups(self, env, customers, amount, **vals):
        return self.payments(env, customers, amount, wallet=True, **vals)

    def open_credit(self, payment):
        """What core's *Outstanding credits* offers of a payment."""
        return payment.move_id.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    def paid_invoice(self, env):
        """An invoice of core's, with its payment: all records that it consists of."""
        customer = self.customers(env, 1)
        payment = self.payments(env, customer, 100)
        invoice = self.invoices(env, customer)
        invoice.js_assign_outstanding_line(self.open_credit(payment).id)
        return [payment, *self.matched(payment.move_id | invoice)]

    def matched(self, moves):
        """These entries with their items and matchings."""
        items = moves.line_ids
        partials = items.matched_debit_ids | items.matched_credit_ids
        return [moves, items, partials, items.full_reconcile_id]

    @staticmethod
    def dialog(name, invoices, **vals):
        """A dialog that somebody opens on invoices."""
        context = {"active_model": "account.move", "active_ids": invoices.ids}
        return invoices.env[name].with_context(**context).create(vals)

    # Tills

    def open_till(self, env, methods=None):
        """A till with an open session, with these payment methods or the usual ones."""
        vals = {"payment_method_ids": [Command.set(methods.ids)]} if methods else {}
        return self.open_again(env["pos.config"].create({"name": "Till", **vals}))

    def open_again(self, till):
        till.open_ui()
        session = till.current_session_id
        session.set_opening_control(session.cash_register_balance_start, None)
        return session

    def close_till(self, session):
        if session.config_id.cash_control:
            session.post_closing_cash_details(session.cash_register_balance_end)
        closed = session.close_session_from_ui()
        if not closed["successful"] or session.state != "closed":
            raise AssertionError(f"{session.name} does not close: {closed}")

    def method_of(self, session, kind):
        return session.payment_method_ids.filtered(lambda it: it.type == kind)[:1]

    def product(self, env):
        """What tills sell, for 100 and without tax."""
        Product = env["product.product"]
        vals = {"name": "Goods", "list_price": 100, "available_in_pos": True}
        known = Product.search([(name, "=", it) for name, it in vals.items()], limit=1)
        return known or Product.create({**vals, "taxes_id": [Command.clear()]})

    def order(self, session, customer, payments=None, **values):
        """What a till sends for a paid order.

        :param payments: list of (pos.payment.method, amount), which add up to the
            price; by default the wallet pays 100
        """
        payments = payments or [(self.method_of(session, "wallet"), 100)]
        total = sum(amount for _method, amount in payments)
        goods = {
            "price_unit": total,
            "product_id": self.product(session.env).id,
            "price_subtotal": total,
            "price_subtotal_incl": total,
            "qty": 1,
            "tax_ids": [Command.clear()],
            "uuid": _unique(),
        }
        paid = [
            {"amount": amount, "payment_method_id": method.id, "uuid": _unique()}
            for method, amount in payments
        ]
        return {
            "amount_paid": total,
            "amount_return": 0,
            "amount_tax": 0,
            "amount_total": total,
            "pricelist_id": session.config_id.pricelist_id.id,
            # No goods, when what comes in goes into the wallet.
            "lines": [Command.create(goods)] if total else [],
            "partner_id": customer.id,
            "session_id": session.id,
            "payment_ids": [Command.create(it) for it in paid],
            "uuid": _unique(),
            "state": "paid",
            **values,
        }

    def sell(self, session, customer, payments=None, **values):
        """Have a till sell.

        :return: the pos.order
        """
        data = self.order(session, customer, payments, **values)
        session.env["pos.order"].sync_from_ui([data])
        return session.env["pos.order"].search([("uuid", "=", data["uuid"])])


def _unique():
    return str(uuid.uuid4())
