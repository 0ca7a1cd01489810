from odoo import models
from odoo.fields import Domain


class ResPartner(models.Model):
    _inherit = "res.partner"

    def get_pos_settlements(self, config_id):
        """What this customer owes in the company of a till, oldest first.

        :param int config_id: pos.config, the till
        :return: list of dicts: `id` (journal item; none for an order on account whose
            session is still open), `name`, `date`, `date_due`, `overdue`, `amount` and
            `residual` (float in the till's currency)
        :raises AccessError: the user may not use wallets, or not read the till or
            the customer
        """
        self.ensure_one()
        self.check_access("read")
        self.env["customer.wallet"]._check_user()
        till = self.env["pos.config"].browse(config_id)
        till.check_access("read")
        items = self._find_settleable(till)
        today = till.sudo().company_id._get_wallet_today()
        documents = [
            {
                "id": item.id,
                "name": item._get_settled_name(),
                "date": item.invoice_date or item.date,
                "date_due": item.date_maturity,
                "overdue": bool(item.date_maturity and item.date_maturity < today),
                "amount": item.amount_currency,
                "residual": item.amount_residual_currency,
            }
            for item in items.sorted(lambda it: (it.date_maturity or it.date, it.id))
        ]
        return documents + self._get_pos_orders_on_account(till)

    def _find_settleable(self, till):
        """What is owed on invoices, and by orders on account whose session is closed,
        in the company and the currency of a till.

        :param till: pos.config
        :return: account.move.line in sudo
        """
        till = till.sudo()
        company = till.company_id
        methods = till.payment_method_ids
        tills = company.account_default_pos_receivable_account_id
        tills |= methods.receivable_account_id
        documents = Domain("move_id.move_type", "in", ("out_invoice", "out_receipt"))
        documents |= Domain("move_id.pos_session_ids", "!=", False) & Domain(
            "account_id", "not in", tills.ids
        )
        return (
            self.env["account.move.line"]
            .sudo()
            .search(
                Domain(
                    [
                        (
                            "partner_id.commercial_partner_id",
                            "=",
                            self.commercial_partner_id.id,
                        ),
                        ("company_id", "=", company.id),
                        ("currency_id", "=", till.currency_id.id),
                        ("parent_state", "=", "posted"),
                        ("account_id.account_type", "=", "asset_receivable"),
                        ("reconciled", "=", False),
                        ("amount_residual_currency", ">", 0.0),
                    ]
                )
                & documents
            )
        )

    def _get_pos_orders_on_account(self, till):
        """Orders on account whose sessions are open: their debt is in no books yet.

        :return: list of dicts, see `get_pos_settlements`
        """
        payments = (
            self.env["pos.payment"]
            .sudo()
            .search(
                [
                    ("session_id.state", "!=", "closed"),
                    ("company_id", "=", till.sudo().company_id.id),
                    ("payment_method_id.journal_id", "=", False),
                    ("amount", ">", 0.0),
                    (
                        "pos_order_id.partner_id.commercial_partner_id",
                        "=",
                        self.commercial_partner_id.id,
                    ),
                    ("pos_order_id.state", "=", "paid"),
                    ("pos_order_id.account_move", "=", False),
                ],
                order="payment_date, id",
            )
        )
        return [
            {
                "id": False,
                "name": payment.pos_order_id.name,
                "date": payment.payment_date.date(),
                "date_due": False,
                "overdue": False,
                "amount": payment.amount,
                "residual": payment.amount,
            }
            for payment in payments
            if payment.payment_method_id.type == "pay_later"
            and payment.currency_id == till.sudo().currency_id
        ]
