"""Documents made through the ORM, as people make them."""

import uuid
from datetime import date

from odoo import Command, fields


class Making:
    """What a `Books` can make. All of it takes an environment."""

    @staticmethod
    def set_up(env):
        """A company that can invoice."""
        if not env.company.chart_template:
            env["account.chart.template"].try_loading(
                "generic_coa", company=env.company, install_demo=False
            )

    @staticmethod
    def customers(env, *names):
        return env["res.partner"].create(
            [{"name": name, "email": f"{uuid.uuid4()}@example.com"} for name in names]
        )

    @staticmethod
    def draft_invoices(env, customers, amount=100, lines=1, taxes=None):
        """A draft invoice for each customer, of so many lines of this amount."""
        taxes = env["account.tax"] if taxes is None else taxes
        return env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": customer.id,
                    "invoice_date": date.today().isoformat(),
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": f"Goods {line}",
                                "quantity": 1,
                                "price_unit": amount,
                                "tax_ids": [Command.set(taxes.ids)],
                            }
                        )
                        for line in range(lines)
                    ],
                }
                for customer in customers
            ]
        )

    def invoices(self, env, customers, amount=100, lines=1):
        """An open invoice for each customer."""
        invoices = self.draft_invoices(env, customers, amount, lines)
        invoices.action_post()
        return invoices

    def credit_notes(self, env, customers, amount=100):
        """An open credit note for each customer."""
        credit_notes = self.draft_invoices(env, customers, amount)
        credit_notes.move_type = "out_refund"
        credit_notes.action_post()
        return credit_notes

    @staticmethod
    def draft_payments(env, customers, amount, wallet=False):
        """A draft payment of each customer, into the wallet or on account."""
        vals = {
            "payment_type": "inbound",
            "partner_type": "customer",
            "amount": amount,
            **({"is_wallet": True} if wallet else {}),
        }
        return env["account.payment"].create(
            [{"partner_id": customer.id, **vals} for customer in customers]
        )

    def payments(self, env, customers, amount, wallet=False):
        """The same, confirmed."""
        payments = self.draft_payments(env, customers, amount, wallet)
        payments.action_post()
        return payments

    def top_ups(self, env, customers, amount):
        return self.payments(env, customers, amount, wallet=True)

    @staticmethod
    def pay_out(env, customer, amount):
        """Give money in a wallet back."""
        payment = env["account.payment"].create(
            {
                "partner_id": customer.id,
                "payment_type": "outbound",
                "partner_type": "customer",
                "amount": amount,
                "is_wallet": True,
            }
        )
        payment.action_post()
        return payment

    @staticmethod
    def portal_login(env, customer, password):
        """
        :return: str, the login of this customer
        """
        user = env["res.users"].with_context(no_reset_password=True)
        vals = {
            "partner_id": customer.id,
            "login": customer.email,
            "password": password,
            "group_ids": [Command.set(env.ref("base.group_portal").ids)],
        }
        return user.create(vals).login

    @staticmethod
    def open_credit(payment):
        """What core's *Outstanding credits* offers of a payment."""
        return payment.move_id.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    # Tills

    @staticmethod
    def open_till(env, methods=None):
        """A till with an open session, with these payment methods or the usual ones."""
        vals = {"payment_method_ids": [Command.set(methods.ids)]} if methods else {}
        till = env["pos.config"].create({"name": "Till", **vals})
        till.open_ui()
        session = till.current_session_id
        session.set_opening_control(0, None)
        return session

    @staticmethod
    def product(env):
        return env["product.product"].create(
            {
                "name": "Goods",
                "list_price": 100,
                "available_in_pos": True,
                "taxes_id": [Command.clear()],
            }
        )

    @staticmethod
    def order(session, product, customer, method=None, amount=100):
        """What a till sends for a paid order: by default, the wallet pays it."""
        methods = session.payment_method_ids
        method = method or methods.filtered(lambda it: it.type == "wallet")
        return {
            "amount_paid": amount,
            "amount_return": 0,
            "amount_tax": 0,
            "amount_total": amount,
            "date_order": fields.Datetime.to_string(fields.Datetime.now()),
            "fiscal_position_id": False,
            "pricelist_id": session.config_id.pricelist_id.id,
            "name": "Order",
            "last_order_preparation_change": "{}",
            "lines": [
                Command.create(
                    {
                        "price_unit": amount,
                        "product_id": product.id,
                        "price_subtotal": amount,
                        "price_subtotal_incl": amount,
                        "qty": 1,
                        "tax_ids": [Command.clear()],
                        "uuid": str(uuid.uuid4()),
                    }
                )
            ],
            "partner_id": customer.id,
            "session_id": session.id,
            "payment_ids": [
                Command.create(
                    {
                        "amount": amount,
                        "name": fields.Datetime.to_string(fields.Datetime.now()),
                        "payment_method_id": method.id,
                        "uuid": str(uuid.uuid4()),
                    }
                )
            ],
            "uuid": str(uuid.uuid4()),
            "user_id": session.env.uid,
            "to_invoice": False,
            "state": "paid",
        }
