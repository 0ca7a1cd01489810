from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from .customer_wallet_operation import BONUS, PAID

# How the key of a balance begins that is known by its customer alone.
CUSTOMER_KEY = '["customer"'


class Known(NamedTuple):
    """What was moved of a balance before.

    :param float paid: paid money
    :param float bonus: bonus
    :param frozenset owners: tuples of the ids of customer, root company and currency
    :param int customers: how many customers, who may be one now, it was of
    """

    paid: float = 0.0
    bonus: float = 0.0
    owners: frozenset = frozenset()
    customers: int = 0

    @property
    def amounts(self):
        return self.paid, self.bonus

    def add(self, paid, bonus, owner, customers):
        return Known(
            self.paid + paid,
            self.bonus + bonus,
            self.owners | {owner},
            self.customers + customers,
        )

    def is_other(self, *owner):
        """Whether it was moved elsewhere than to this customer, company, currency."""
        return bool(self.owners - {owner})

    def get_name(self, env):
        """Whom it was moved to, for people."""
        partner_id, company_id, currency_id = min(self.owners)
        records = (
            env["res.partner"].browse(partner_id),
            env["res.company"].browse(company_id),
            env["res.currency"].browse(currency_id),
        )
        return ", ".join(record.display_name for record in records)


class CustomerWalletTakeoverLine(models.Model):
    """One balance in another place, what of it is in the wallet already, and what is
    to be booked.
    """

    _name = "customer.wallet.takeover.line"
    _inherit = ["customer.wallet.defaults.mixin"]
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
    original_partner_id = fields.Integer(
        readonly=True, help="Merging customers does not change it."
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
    source_field = fields.Char(readonly=True)
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
    def _prepare_identity(self, key, partner_id):
        """What tells one balance from all others. A customer may be merged with
        another, or join a company, and stays the same one.

        :return: tuple (str key, int id of the customer where that is a part of it)
        """
        is_by_customer = bool(key) and key.startswith(CUSTOMER_KEY)
        return key, partner_id if is_by_customer else False

    def _get_identity(self):
        self.ensure_one()
        return self._prepare_identity(
            self.key, self.partner_id.commercial_partner_id.id
        )

    @api.model
    def _get_known(self, identities):
        """What was moved before and is still in the other place, too.

        :param set identities: see `_prepare_identity`
        :return: dict of Known by identity, also of those that are not known
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.key,
                       partner.commercial_partner_id,
                       COALESCE(company.parent_path, '')::text,
                       line.currency_id,
                       SUM(line.paid_difference),
                       SUM(line.bonus_difference),
                       COUNT(DISTINCT line.original_partner_id)
                           FILTER (WHERE line.paid_known = 0 AND line.bonus_known = 0)
                  FROM customer_wallet_takeover_line line
                  JOIN customer_wallet_takeover takeover
                    ON takeover.id = line.takeover_id
                  JOIN res_company company ON company.id = takeover.company_id
                  JOIN res_partner partner ON partner.id = line.partner_id
                 WHERE line.key = ANY(%s) AND line.state = 'booked' AND line.is_counted
                 GROUP BY 1, 2, 3, 4
                """,
                [key for key, _partner_id in identities if key],
            )
        )
        known = {identity: Known() for identity in identities}
        for key, partner_id, path, currency_id, paid, bonus, customers in rows:
            identity = self._prepare_identity(key, partner_id)
            if identity in known:
                root_id = int(path.split("/")[0])
                known[identity] = known[identity].add(
                    float(paid or 0.0),
                    float(bonus or 0.0),
                    (partner_id, root_id, currency_id),
                    customers,
                )
        return known

    def _set_problem(self, problem):
        self.write({"state": "problem", "problem": problem})

    # Entries

    def _get_wallet_key(self):
        self.ensure_one()
        return self.partner_id, self.takeover_id.company_id, self.currency_id

    def _group_by_wallet(self):
        return self.grouped(lambda line: line._get_wallet_key())

    def _prepare_items(self, wallet, purses):
        """The journal items that move this balance into a wallet, or the part of it
        back that is not in the other place any more.

        :param wallet: customer.wallet
        :param Purses purses: of all balances that are moved by one entry
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
                parts = purses[wallet, (kind,)].take(-amount)
                vals_list += wallet._prepare_parts_vals(parts, label)
        return vals_list

    def _refuse_shortage(self, wallet):
        """Refuse to take out what is not in the other place any more, when it is not in
        the wallet either. All balances of one customer are seen together: there, one
        may have become a part of another.

        :param wallet: customer.wallet in sudo, of all these lines, or none
        """
        for kind, name in ((PAID, "paid_difference"), (BONUS, "bonus_difference")):
            amount = -sum(self.mapped(name))
            if self.currency_id.compare_amounts(amount, 0.0) <= 0:
                continue
            available = (wallet and wallet._get_available_of_kind(kind)) or 0.0
            if self.currency_id.compare_amounts(amount, available) > 0:
                self._set_problem(
                    self.env._(
                        "There is %(amount)s less in the other place than was moved, "
                        "but only %(available)s of the wallet is available.",
                        amount=self.currency_id.format(amount),
                        available=self.currency_id.format(available),
                    )
                )

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
