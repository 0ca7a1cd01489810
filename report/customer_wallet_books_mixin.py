from odoo import fields, models
from odoo.tools import SQL


class CustomerWalletBooksMixin(models.AbstractModel):
    """A row of a report on one wallet, with its value in the books. It is an SQL query
    over the journal items of the two accounts.
    """

    _name = "customer.wallet.books.mixin"
    _description = "Wallet in the Books"
    _auto = False
    _rec_name = "partner_id"

    wallet_id = fields.Many2one("customer.wallet", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)

    _depends = {
        "account.move.line": [
            "wallet_id",
            "wallet_lot_type",
            "parent_state",
            "date",
            "amount_currency",
            "balance",
        ],
        "customer.wallet": ["partner_id", "company_id", "currency_id"],
        "res.company": ["currency_id"],
    }

    def _select_wallet(self):
        """The columns of these fields, of the tables `wallet` and `company`.

        :return: SQL
        """
        return SQL(
            "wallet.id AS wallet_id, wallet.partner_id, wallet.company_id,"
            " wallet.currency_id, company.currency_id AS company_currency_id"
        )

    def action_open_wallet(self):
        """Open the wallet of this row.

        :return: a window action
        """
        self.ensure_one()
        return self.wallet_id._get_records_action()
