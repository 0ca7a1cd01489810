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
        items = items.sorted(lambda it: (it.date_maturity or it.date, it.id))
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
            for item in items
        ]
        payments = self._find_pos_payments_on_account(till)
        bought = payments.filtered(lambda payment: payment.amount > 0.0)
        documents += [payment._prepare_on_account() for payment in bought]
        if returned := payments - bought:
            orders = [
                item.move_id.pos_order_ids | item._get_order_on_account()
                for item in items
            ]
            orders += [payment.pos_order_id for payment in bought]
            returned._subtract_returned(zip(orders, documents, strict=True))
        return [document for document in documents if document["residual"] > 0.0]

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

    def _find_pos_payments_on_account(self, till):
        """What was bought, and came back, on account in sessions that are open: it is
        in no books yet.

        :return: pos.payment in sudo
        """
        till = till.sudo()
        domain = [
            ("session_id.state", "!=", "closed"),
            ("company_id", "=", till.company_id.id),
            ("pos_order_id.state", "=", "paid"),
            ("pos_order_id.account_move", "=", False),
        ]
        return (
            self.env["pos.payment"]
            ._find_on_account(self, domain, "payment_date, id")
            .filtered(lambda payment: payment.currency_id == till.currency_id)
        )
