"""Month end: the invoices of many customers, each paid from its own wallet."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.wallet_amounts import read_amount, spread
from ..models.wallet_refusals import attempt

# What one request pays, so that none runs into the server's time limit.
INVOICES_IN_STEP = 100
PAID_STATES = ("paid", "partial")


class CustomerWalletAllocationBatch(models.TransientModel):
    """Which customers pay their chosen invoices from the wallet, and how much."""

    _name = "customer.wallet.allocation.batch"
    _description = "Pay Invoices of Many Customers from Their Wallets"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    note = fields.Char(readonly=True)
    line_ids = fields.One2many(
        "customer.wallet.allocation.batch.line", "batch_id", string="Customers"
    )
    move_count = fields.Integer(string="Invoices", compute="_compute_counts")
    paid_count = fields.Integer(string="Paid", compute="_compute_counts")
    waiting_count = fields.Integer(string="To Pay", compute="_compute_counts")
    short_count = fields.Integer(compute="_compute_counts")
    refused_count = fields.Integer(compute="_compute_counts")

    @api.depends("line_ids.amount", "line_ids.state", "line_ids.is_short")
    def _compute_counts(self):
        for batch in self:
            lines = batch.line_ids
            by_state = lines.grouped("state")
            batch.move_count = sum(lines.mapped("move_count"))
            paid = (by_state.get(state, lines.browse()) for state in PAID_STATES)
            batch.paid_count = sum(map(len, paid))
            batch.refused_count = len(by_state.get("refused", ()))
            batch.waiting_count = len(batch._get_waiting())
            batch.short_count = len(lines.filtered("is_short"))

    # Actions

    def action_allocate(self):
        """Pay the chosen amounts, by an entry for each customer: the next customers in
        the list, until enough invoices for one request are paid. What was paid is not
        paid again.

        :return: a client action that calls this again while customers are waiting; in
            the end one that says what was paid, or this dialog with what was not
        :raises AccessError: the user may not use wallets or pay the invoices
        :raises UserError: nothing is to be paid
        """
        self.ensure_one()
        self.env["customer.wallet"]._check_user()
        waiting = self._get_waiting()
        if not waiting and not self.paid_count and not self.refused_count:
            raise UserError(
                self.env._("Enter an amount to pay for at least one customer.")
            )
        paid_count = 0
        for line in waiting:
            if paid_count >= INVOICES_IN_STEP:
                return self._get_progress()
            line._pay()
            paid_count += line.move_count
        return self._get_result()

    # Business methods

    @api.model
    def _open(self, invoices):
        """Open the dialog on invoices of several customers.

        :param invoices: account.move of one company and its branches
        :return: a window action
        :raises UserError: none is open, or no customer has anything available
        """
        payable = invoices.filtered(
            lambda move: move._is_wallet_payable() and not move._get_wallet_on_its_way()
        )
        if not payable:
            raise UserError(self.env._("None of these invoices is open."))
        company = self.env.company
        batch = self.create({"company_id": company.id})
        batch.line_ids = [
            Command.create(vals) for vals in batch._prepare_lines_vals(payable)
        ]
        if not any(batch.line_ids.mapped("amount")):
            raise UserError(
                self.env._(
                    "None of these customers has money in the wallet. Top up a wallet "
                    "first."
                )
            )
        if left_out := invoices - payable:
            batch.note = self.env._(
                "Left out, as they are not open or are being paid already: %s",
                left_out._get_wallet_names(),
            )
        return batch._get_action()

    def _prepare_lines_vals(self, invoices):
        """A line for each customer and currency; what the first takes of a wallet is
        not offered to the second.
        """
        Wallet = self.env["customer.wallet"].sudo()
        wallets = Wallet._find_of_all(invoices.commercial_partner_id, self.company_id)
        left = {owner: its._get_left() for owner, its in wallets.items()}
        return [
            self._prepare_line_vals(owner, currency, moves, left.get(owner, {}))
            for (owner, currency), moves in invoices.sorted(
                lambda move: (move.commercial_partner_id.display_name or "", move.id)
            )
            .grouped(lambda move: (move.commercial_partner_id, move.currency_id))
            .items()
        ]

    def _prepare_line_vals(self, owner, currency, moves, left):
        """Values of the line of one customer and currency.

        :param owner: res.partner
        :param moves: account.move, the invoices
        :param dict left: float by customer.wallet, lowered by what is proposed here
        :return: dict
        """
        wallets = self.env["customer.wallet"].sudo().union(*left)._sort_for(currency)
        due = currency.round(sum(it._get_wallet_amount_to_pay() for it in moves))
        available = wallets._sum_left(left, currency, self.company_id)
        amount = min(due, available)
        wallets._share(amount, currency, self.company_id, left)
        return {
            "partner_id": owner.id,
            "currency_id": currency.id,
            "move_ids": moves.ids,
            "move_count": len(moves),
            "due": due,
            "available": available,
            "amount": amount,
        }

    def _get_waiting(self):
        return self.line_ids.filtered(lambda it: it.state == "waiting" and it.amount)

    # What is shown

    def _get_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pay Invoices from Customer Wallets"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    def _get_progress(self):
        done = self.line_ids.filtered(lambda it: it.state != "waiting")
        return {
            "type": "ir.actions.client",
            "tag": "customer_wallet_allocation_progress",
            "params": {
                "batch_id": self.id,
                "message": self.env._(
                    "%(done)s of %(total)s invoices processed.",
                    done=sum(done.mapped("move_count")),
                    total=sum((done | self._get_waiting()).mapped("move_count")),
                ),
            },
        }

    def _get_result(self):
        """What is still open is shown; else a word is enough."""
        if self.short_count:
            return self._get_action()
        return self.env["customer.wallet"]._get_paid_notification(
            self.line_ids.move_ids
        )


class CustomerWalletAllocationBatchLine(models.TransientModel):
    _name = "customer.wallet.allocation.batch.line"
    _inherit = ["customer.wallet.amount.mixin"]
    _description = "Customer Who Pays Invoices from the Wallet"
    _order = "id"

    batch_id = fields.Many2one(
        "customer.wallet.allocation.batch",
        required=True,
        ondelete="cascade",
        index=True,
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    move_ids = fields.Many2many("account.move", string="Invoices", readonly=True)
    move_count = fields.Integer(string="Number of Invoices", readonly=True)
    due = fields.Monetary(string="Amount Due", readonly=True)
    available = fields.Monetary(string="In the Wallet", readonly=True)
    amount = fields.Monetary(
        string="Amount to Pay",
        help="The invoices are paid in the order in which they are due.",
    )
    is_short = fields.Boolean(string="Partly Unpaid", compute="_compute_is_short")
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("paid", "Paid"),
            ("partial", "Partly Paid"),
            ("refused", "Refused"),
        ],
        default="waiting",
        required=True,
        readonly=True,
    )
    message = fields.Char(readonly=True)
    still_due = fields.Monetary(
        compute="_compute_is_short", help="Before it is paid, what would stay open."
    )

    @api.depends("amount", "due", "state")
    def _compute_is_short(self):
        for line in self:
            left = line.due - line.amount
            if line.state in PAID_STATES:
                left = sum(line.move_ids.sudo().mapped("amount_residual"))
            elif line.state == "refused":
                left = line.due
            line.still_due = max(line.currency_id.round(left), 0.0)
            line.is_short = not line.currency_id.is_zero(line.still_due)

    def _pay(self):
        """Pay for one customer. Who cannot be paid for holds up nobody else."""
        self.move_ids._check_wallet_access()
        short = self.env._("The wallet does not hold enough any more.")
        with attempt(self.env, short) as tried:
            entries = self._allocate()
        if tried.reason:
            self.write({"state": "refused", "message": tried.reason})
            return
        self.state = "paid"
        if self.is_short:
            self.state = "partial"
        self.env["customer.wallet"]._log_allocation(entries)

    def _allocate(self):
        amount = read_amount(self.env, self.amount, self.currency_id)
        invoices = self.move_ids.sorted(lambda it: (it.invoice_date_due, it.id))
        self._check_invoices(invoices)
        dues = [(invoice, invoice._get_wallet_amount_to_pay()) for invoice in invoices]
        # More than is due: the refusal names the last one.
        amounts = dict(spread(amount, dues, self.currency_id, with_rest=True))
        return invoices.browse().concat(*amounts)._allocate_wallet(amounts)

    def _check_invoices(self, invoices):
        """One wallet does not pay for somebody else.

        :raises UserError: naming the customer
        """
        if (
            invoices.commercial_partner_id != self.partner_id.commercial_partner_id
            or invoices.currency_id != self.currency_id
            or invoices.company_id.root_id != self.batch_id.company_id.root_id
        ):
            raise UserError(
                self.env._(
                    "These invoices do not belong to %(customer)s, or are not in "
                    "%(currency)s.",
                    customer=self.partner_id.display_name,
                    currency=self.currency_id.name,
                )
            )
