from odoo import fields, models
from odoo.tools import SQL

# How money moves in the books; what the table of operations does not name is `other`.
STEPS = (
    "moved_in",
    "topped_up",
    "bonus_given",
    "spent_invoices",
    "spent_tills",
    "spent_online",
    "paid_out",
    "refunded",
    "expired",
    "adjusted",
    "transferred",
    "exchange",
    "other",
)
DATES = ("wallet_date_from", "wallet_date_to")
KINDS = [("paid", "Paid Money"), ("bonus", "Bonus")]


def _step(label):
    return fields.Monetary(
        string=label,
        currency_field="company_currency_id",
        readonly=True,
        depends_context=DATES,
    )


class CustomerWalletLiability(models.Model):
    """The roll-forward: what was there before the first day of a period, how it moved,
    and what is there after the last, which the context names. A row is one kind of
    money in one wallet. It reads the very journal items of the two accounts, so that
    opening, movements and closing are those of the general ledger.
    """

    _name = "customer.wallet.liability"
    _inherit = "customer.wallet.books.mixin"
    _description = "Wallet Liability"
    _auto = False
    _order = "closing desc, id"

    kind = fields.Selection(KINDS, string="Kind of Money", readonly=True)
    opening = _step("Opening")
    moved_in = _step("Moved In")
    topped_up = _step("Topped Up")
    bonus_given = _step("Bonus Given")
    spent_invoices = _step("Spent on Invoices")
    spent_tills = _step("Spent at the Point of Sale")
    spent_online = _step("Spent Online")
    paid_out = _step("Paid Out")
    refunded = _step("Refunded")
    expired = _step("Expired")
    adjusted = _step("Adjusted")
    transferred = _step("Transferred")
    exchange = _step("Exchange Difference")
    other = _step("Other")
    closing = _step("Closing")

    _depends = {"account.move": ["wallet_operation"]}

    @property
    def _table_query(self):
        first, last = self._get_period()
        return SQL(
            """
            SELECT wallet.id * 2 + (item.kind = 'bonus')::integer AS id,
                   %(wallet)s,
                   item.kind,
                   item.opening,
                   item.closing,
                   %(steps)s
              FROM (%(items)s) item
              JOIN customer_wallet wallet ON wallet.id = item.wallet_id
              JOIN res_company company ON company.id = wallet.company_id
            """,
            wallet=self._select_wallet(),
            steps=SQL(", ").join(SQL.identifier("item", step) for step in STEPS),
            items=self._get_sums_sql(first, last),
        )

    def _get_sums_sql(self, first, last):
        """The sums of each kind of money in each wallet. What was there before is one
        sum: only what moved in the period is looked up in its entry.
        """
        steps = SQL(", ").join(
            SQL(
                "-COALESCE(SUM(balance) FILTER (WHERE step = %s), 0.0) AS %s",
                step,
                SQL.identifier(step),
            )
            for step in STEPS
        )
        return SQL(
            """
            SELECT wallet_id,
                   kind,
                   -COALESCE(SUM(balance) FILTER (WHERE step = 'opening'), 0.0)
                       AS opening,
                   -SUM(balance) AS closing,
                   %(steps)s
              FROM (
                    SELECT wallet_id, wallet_lot_type AS kind, balance,
                           'opening' AS step
                      FROM account_move_line
                     WHERE wallet_id IS NOT NULL
                       AND parent_state = 'posted'
                       AND date < %(first)s
                     UNION ALL
                    SELECT line.wallet_id, line.wallet_lot_type, line.balance,
                           CASE WHEN line.amount_currency = 0.0 THEN 'exchange'
                                ELSE %(step)s
                           END
                      FROM account_move_line line
                      JOIN account_move move ON move.id = line.move_id
                     WHERE line.wallet_id IS NOT NULL
                       AND line.parent_state = 'posted'
                       AND line.date BETWEEN %(first)s AND %(last)s
                   ) part
             GROUP BY wallet_id, kind
            """,
            steps=steps,
            first=first,
            last=last,
            step=self._get_step_sql(),
        )

    def _get_step_sql(self):
        operations = self.env["customer.wallet"]._get_operations()
        return SQL(
            "CASE move.wallet_operation %s ELSE 'other' END",
            SQL(" ").join(
                SQL("WHEN %s THEN %s", name, row.step)
                for name, row in operations.items()
                if row.step in STEPS
            ),
        )

    def _get_period(self):
        """
        :return: (first day, last day); without a first one, all is movement
        """
        first, last = (
            fields.Date.to_date(self.env.context.get(name)) for name in DATES
        )
        last = last or fields.Date.context_today(self)
        return first or fields.Date.to_date("0001-01-01"), last

    def action_view_movements(self):
        """Show the movements of the period behind this row: those of its kind of money.

        :return: a window action on customer.wallet.report
        """
        self.ensure_one()
        self.check_access("read")
        first, last = self._get_period()
        amount = (
            "company_bonus_amount" if self.kind == "bonus" else "company_paid_amount"
        )
        name = self.wallet_id.display_name
        if self.wallet_id.company_id._get_wallet_branches_left_out():
            name = self.env._("%s, in the chosen companies only", name)
        return {
            **self.env["ir.actions.actions"]._for_xml_id(
                "customer_wallet.action_customer_wallet_report"
            ),
            "name": name,
            "view_mode": "list,pivot,graph",
            "views": [(False, "list"), (False, "pivot"), (False, "graph")],
            "domain": [
                ("wallet_id", "=", self.wallet_id.id),
                (amount, "!=", 0.0),
                ("date", ">=", first.isoformat()),
                ("date", "<=", last.isoformat()),
            ],
        }
