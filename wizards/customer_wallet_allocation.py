from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.customer_wallet_request import answered_once
from ..models.wallet_amounts import read_amount_of


class CustomerWalletAllocation(models.TransientModel):
    """Which open invoices of a customer the wallet pays, and how much of each."""

    _name = "customer.wallet.allocation"
    _description = "Pay Invoices from a Wallet"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    wallet_id = fields.Many2one(
        "customer.wallet",
        readonly=True,
        help="The wallet that pays; when empty, all of the customer may pay, first the "
        "one in the currency of the invoice.",
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    note = fields.Char(readonly=True)
    available = fields.Monetary(compute="_compute_available")
    allocated = fields.Monetary(compute="_compute_allocated")
    remaining = fields.Monetary(
        string="Remains in the Wallet", compute="_compute_allocated"
    )
    is_converted = fields.Boolean(compute="_compute_available")
    line_ids = fields.One2many(
        "customer.wallet.allocation.line", "allocation_id", string="Invoices"
    )

    @api.depends("partner_id", "company_id", "wallet_id", "currency_id")
    def _compute_available(self):
        for allocation in self:
            wallets = allocation._get_wallets()
            currency, company = allocation.currency_id, allocation.company_id
            left = wallets._get_left()
            currencies = wallets.currency_id | allocation.line_ids.currency_id
            allocation.available = wallets._sum_left(left, currency, company)
            allocation.is_converted = bool(currencies - currency)

    @api.depends("available", "line_ids.amount")
    def _compute_allocated(self):
        for allocation in self:
            allocation.remaining = allocation._get_remaining()
            allocation.allocated = allocation.available - allocation.remaining

    # Actions

    @answered_once
    def action_allocate(self):
        """Pay the chosen amounts, all by one entry.

        :return: a client action that says what was paid
        :raises AccessError: the user may not use wallets or pay the invoices
        :raises UserError: naming the invoice that is not open or not the customer's,
            or the amount that is not due or not available
        """
        self.ensure_one()
        self.env["customer.wallet"]._check_user()
        amounts = {line.move_id: line._read_amount() for line in self.line_ids}
        amounts = {move: amount for move, amount in amounts.items() if amount}
        if not amounts:
            raise UserError(
                self.env._("Enter how much to pay on at least one invoice.")
            )
        invoices = self.env["account.move"].concat(*amounts)
        invoices._check_wallet_access()
        self._check_owner(invoices)
        left = self._get_wallets()._get_left()
        entries = invoices._allocate_wallet(amounts, left=left)
        self.env["customer.wallet"]._log_allocation(entries)
        return self.env["customer.wallet"]._get_paid_notification(invoices)

    def action_propose(self):
        """Propose again what the money is enough for, oldest due first.

        :return: the action of this wizard
        """
        self.ensure_one()
        self._set_amounts(self._get_proposed_amounts(self.line_ids.move_id))
        return self._get_action()

    def action_clear(self):
        """Set all amounts to zero, to choose a few among many.

        :return: the action of this wizard
        """
        self.ensure_one()
        self._set_amounts({})
        return self._get_action()

    # Business methods

    @api.model
    def _open(self, partner, wallet=None, invoices=None):
        """Open the wizard on what a customer has open.

        :param partner: res.partner, any contact of the customer
        :param wallet: customer.wallet that pays, by default all of the customer
        :param invoices: account.move to choose from, by default all that are open
        :return: a window action
        :raises AccessError: the user may not use wallets or pay the invoices
        :raises UserError: nothing is due, or nothing is available
        """
        Wallet = self.env["customer.wallet"]
        Wallet._check_user()
        owner = partner.with_env(self.env).commercial_partner_id
        payable = owner._get_wallet_payable_invoices()
        chosen = payable if invoices is None else payable & invoices
        if not chosen:
            owner._raise_nothing_to_pay()
        chosen._check_wallet_access()
        allocation = self.create(self._prepare_allocation_vals(owner, wallet or Wallet))
        amounts = allocation._get_proposed_amounts(chosen)
        if not amounts:
            chosen[0]._raise_wallet_shortage(chosen[0].amount_residual, 0.0)
        allocation.line_ids = [
            Command.create({"move_id": move.id, "amount": amounts.get(move, 0.0)})
            for move in chosen
        ]
        allocation.note = allocation._get_note((invoices or chosen) - chosen)
        return allocation._get_action()

    def _prepare_allocation_vals(self, owner, wallet):
        """Values of the dialog.

        :param owner: res.partner, the customer
        :param wallet: customer.wallet that pays, none for all of the customer
        :return: dict
        """
        company = self.env.company
        wallets = wallet or self.env["customer.wallet"]._find(owner, company)
        currencies = wallets.currency_id
        currency = currencies if len(currencies) == 1 else company.currency_id
        return {
            "partner_id": owner.id,
            "company_id": company.id,
            "wallet_id": wallet.id,
            "currency_id": currency.id,
        }

    def _get_note(self, left_out):
        if not left_out:
            return False
        return self.env._(
            "Not listed, as they are not open: %s", left_out._get_wallet_names()
        )

    def _get_action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Allocate Wallet"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _get_wallets(self):
        """The wallets that pay, of those that the user may see.

        :return: customer.wallet in sudo
        """
        self.ensure_one()
        wallets = self.env["customer.wallet"]._find(self.partner_id, self.company_id)
        return (wallets & self.wallet_id if self.wallet_id else wallets).sudo()

    def _get_remaining(self):
        """What stays in the wallets when the chosen amounts are paid, spread as they
        will be; below zero by what is missing.

        :return: float in the currency of the dialog
        """
        wallets = self._get_wallets()
        left = wallets._get_left()
        missing = 0.0
        for line in self.line_ids:
            currency, company = line.currency_id, line.move_id.company_id
            sources = wallets._sort_for(currency)
            over = line.amount - sources._sum_left(left, currency, company)
            sources._share(line.amount, currency, company, left)
            if currency.compare_amounts(over, 0.0) > 0:
                over = currency._convert(over, self.currency_id, company)
                missing += max(over, self.currency_id.rounding)
        return -missing or wallets._sum_left(left, self.currency_id, self.company_id)

    def _get_proposed_amounts(self, invoices):
        """How much the wallet can pay on each, oldest due first.

        :return: dict of floats by account.move, of those that get something
        """
        left = self._get_wallets()._get_left()
        if not any(left.values()):
            return {}
        plan = invoices._plan_wallet_allocation({}, left)
        return {item["document"]: item["amount"] for item in plan}

    def _set_amounts(self, amounts):
        for line in self.line_ids:
            line.amount = amounts.get(line.move_id, 0.0)

    def _check_owner(self, invoices):
        """One wallet does not pay for somebody else.

        :raises UserError: naming the invoice
        """
        owner = self.partner_id.commercial_partner_id
        for invoice in invoices:
            if (
                invoice.commercial_partner_id != owner
                or invoice.company_id.root_id != self.company_id.root_id
            ):
                raise UserError(
                    self.env._(
                        "%(invoice)s is not an invoice of %(customer)s.",
                        invoice=invoice.display_name,
                        customer=owner.display_name,
                    )
                )


class CustomerWalletAllocationLine(models.TransientModel):
    _name = "customer.wallet.allocation.line"
    _inherit = ["customer.wallet.amount.mixin"]
    _description = "Invoice to Pay from a Wallet"
    _order = "id"

    allocation_id = fields.Many2one(
        "customer.wallet.allocation", required=True, ondelete="cascade", index=True
    )
    move_id = fields.Many2one(
        "account.move", string="Invoice", required=True, readonly=True
    )
    # Who may not read an invoice does not read it here.
    name = fields.Char(related="move_id.name", related_sudo=False, string="Number")
    invoice_date = fields.Date(related="move_id.invoice_date", related_sudo=False)
    invoice_date_due = fields.Date(
        related="move_id.invoice_date_due", related_sudo=False
    )
    currency_id = fields.Many2one(related="move_id.currency_id", related_sudo=False)
    amount_total = fields.Monetary(related="move_id.amount_total", related_sudo=False)
    amount_residual = fields.Monetary(
        related="move_id.amount_residual", related_sudo=False, string="Amount Due"
    )
    discount = fields.Monetary(
        string="Early Payment Discount",
        compute="_compute_discount",
        help="Granted when the rest is paid today.",
    )
    is_overdue = fields.Boolean(compute="_compute_is_overdue")
    amount = fields.Monetary(string="Pay")

    @api.depends("move_id.amount_residual")
    def _compute_discount(self):
        for line in self:
            line.discount = line.move_id._get_wallet_amounts_due()[1]

    @api.depends("invoice_date_due")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for line in self:
            line.is_overdue = bool(
                line.invoice_date_due and line.invoice_date_due < today
            )

    def _read_amount(self):
        self.ensure_one()
        return read_amount_of(self.move_id, self.amount, self.currency_id, zero=True)
