from odoo import api, fields, models
from odoo.tools import SQL

from .customer_wallet_operation import BONUS, PAID


class CustomerWalletTakeoverLine(models.Model):
    """One balance in another place, what of it is in the wallet already, and what is
    to be booked.
    """

    _name = "customer.wallet.takeover.line"
    _description = "Balance to Import into a Wallet"
    # Problems come first.
    _order = "problem, number, id"
    _rec_name = "name"

    takeover_id = fields.Many2one(
        "customer.wallet.takeover",
        string="Import",
        required=True,
        index=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="takeover_id.company_id")
    number = fields.Integer(string="Line", readonly=True)
    name = fields.Char(string="Found As", readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    paid = fields.Monetary(string="Paid Money There", readonly=True)
    bonus = fields.Monetary(string="Bonus There", readonly=True)
    expiry_date = fields.Date(string="Bonus Valid Until", readonly=True)
    paid_known = fields.Monetary(string="Paid Money Moved Before", readonly=True)
    bonus_known = fields.Monetary(string="Bonus Moved Before", readonly=True)
    paid_difference = fields.Monetary(string="Paid Money to Move", readonly=True)
    bonus_difference = fields.Monetary(string="Bonus to Move", readonly=True)
    state = fields.Selection(
        [
            ("booked", "Booked"),
            ("problem", "Problem"),
            ("ready", "To Book"),
            ("same", "Nothing to Book"),
            ("undone", "Undone"),
        ],
        string="Status",
        required=True,
        readonly=True,
    )
    problem = fields.Char(readonly=True)
    # What it is in the other place: whatever was booked for the same is not booked
    # again.
    key = fields.Char(readonly=True, index=True)
    source_model = fields.Char(readonly=True)
    source_id = fields.Many2oneReference(model_field="source_model", readonly=True)
    is_counted = fields.Boolean(
        readonly=True,
        help="What was moved is also still in the other place.",
    )
    is_zeroed = fields.Boolean(
        readonly=True, help="The balance in the other place was set to zero."
    )
    move_id = fields.Many2one(
        "account.move",
        string="Opening Entry",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )

    # What was moved before

    @api.model
    def _get_known(self, keys):
        """What was moved before and is still in the other place, too.

        :param list keys: of str
        :return: dict by key of (float paid money, float bonus, set of partner ids)
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT key, SUM(paid_difference), SUM(bonus_difference),
                       ARRAY_AGG(DISTINCT partner_id)
                  FROM customer_wallet_takeover_line
                 WHERE key = ANY(%s) AND state = 'booked' AND is_counted
                 GROUP BY key
                """,
                list(keys),
            )
        )
        return {
            key: (float(paid or 0.0), float(bonus or 0.0), set(partner_ids))
            for key, paid, bonus, partner_ids in rows
        }

    def _filter_not_booked(self):
        """What a dry run has found, and another one may find otherwise."""
        return self.filtered(lambda line: line.state not in ("booked", "undone"))

    def _set_problem(self, problem):
        self.write({"state": "problem", "problem": problem})

    # Entries

    def _get_wallet_key(self):
        self.ensure_one()
        return self.partner_id, self.takeover_id.company_id, self.currency_id

    def _prepare_items(self, wallet):
        """The journal items that move this balance into a wallet, or the part of it
        back that is not in the other place any more.

        :param wallet: customer.wallet
        :return: list of dict of account.move.line values
        """
        self.ensure_one()
        label = self.takeover_id._get_label()
        vals_list = []
        for kind, amount in (
            (PAID, self.paid_difference),
            (BONUS, self.bonus_difference),
        ):
            compared = wallet.currency_id.compare_amounts(amount, 0.0)
            if compared > 0:
                expiry_date = self.expiry_date if kind == BONUS else False
                vals_list += wallet._prepare_giving_vals(
                    [(amount, kind, expiry_date)], label, date=self.takeover_id.date
                )
            elif compared < 0:
                vals_list += wallet._prepare_taking_vals(-amount, label, kinds=(kind,))
        return vals_list

    def _get_shortage(self, wallet):
        """Why what is not in the other place any more cannot be taken out again.

        :param wallet: customer.wallet in sudo, or none
        :return: str, or False when it can be
        """
        self.ensure_one()
        for kind, amount in (
            (PAID, -self.paid_difference),
            (BONUS, -self.bonus_difference),
        ):
            if self.currency_id.compare_amounts(amount, 0.0) <= 0:
                continue
            available = (wallet and wallet._get_available_of_kind(kind)) or 0.0
            if self.currency_id.compare_amounts(amount, available) > 0:
                return self.env._(
                    "There is %(amount)s less in the other place than was moved, but "
                    "only %(available)s of the wallet is available.",
                    amount=self.currency_id.format(amount),
                    available=self.currency_id.format(available),
                )
        return False

    # Undo

    @api.model
    def _entry_undone(self, items):
        """The balances of an opening entry are in the other place again, and can be
        moved anew.

        :param items: account.move.line of one entry, just reversed
        """
        lines = self.sudo().search(
            [("move_id", "=", items.move_id.id), ("state", "=", "booked")]
        )
        lines = lines.filtered(lambda line: line._is_about(items))
        lines.filtered("is_zeroed")._give_back_source()
        lines.write({"state": "undone", "is_counted": False})


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    @api.model
    def _undo(self, lines, **move_vals):
        """What an import has moved is in the other place again."""
        reversal = super()._undo(lines, **move_vals)
        self.env["customer.wallet.takeover.line"]._entry_undone(lines)
        return reversal
