from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountPayment(models.Model):
    _inherit = "account.payment"

    is_wallet = fields.Boolean(
        string="Wallet",
        compute="_compute_is_wallet",
        store=True,
        readonly=False,
        tracking=True,
        help="Receive puts the money into the customer's wallet, Send pays it out of "
        "the wallet.",
    )
    wallet_id = fields.Many2one(
        "customer.wallet",
        string="Customer Wallet",
        compute="_compute_wallet_id",
        groups="customer_wallet.group_wallet_user",
    )
    wallet_balance = fields.Monetary(
        compute="_compute_wallet_id",
        groups="customer_wallet.group_wallet_user",
        help="What is in the customer's wallet now, in the currency of the payment.",
    )
    wallet_balance_after = fields.Monetary(
        compute="_compute_wallet_balance_after",
        groups="customer_wallet.group_wallet_user",
    )
    wallet_residual = fields.Monetary(
        string="Left of This Top-up",
        compute="_compute_wallet_usage",
        groups="customer_wallet.group_wallet_user",
    )
    wallet_invoice_ids = fields.Many2many(
        "account.move",
        string="Paid by This Top-up",
        compute="_compute_wallet_usage",
        groups="customer_wallet.group_wallet_user",
    )
    wallet_invoice_count = fields.Integer(
        compute="_compute_wallet_usage",
        groups="customer_wallet.group_wallet_user",
    )
    partner_phone = fields.Char(related="partner_id.phone", string="Phone")
    partner_email = fields.Char(related="partner_id.email", string="Email")

    @api.model
    def default_get(self, fields):
        """The menu Customers > Payments fills the wallet, if the company wants so."""
        values = super().default_get(fields)
        if (
            "is_wallet" in fields
            and "is_wallet" not in values
            and self.env.context.get("wallet_payment")
            and self.env.context.get("default_partner_type") == "customer"
        ):
            values["is_wallet"] = self.env.company.wallet_payment_default
        return values

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("partner_type") == "supplier":
                vals["is_wallet"] = False
        return super().create(vals_list)

    def write(self, vals):
        if "is_wallet" in vals:
            self._check_wallet_switch(vals["is_wallet"])
        return super().write(vals)

    def _check_wallet_switch(self, is_wallet):
        """Only customers have wallets, and where the money of a confirmed payment
        went is in the books.
        """
        if is_wallet and "supplier" in self.mapped("partner_type"):
            raise UserError(self.env._("Only payments of customers go to a wallet."))
        confirmed = self.filtered(
            lambda payment: (
                payment.move_id.state == "posted"
                and payment.is_wallet != bool(is_wallet)
            )
        )
        if confirmed:
            raise UserError(
                self.env._(
                    "Reset %(payment)s to draft before you change its Wallet switch.",
                    payment=confirmed[0].name,
                )
            )

    @api.depends("partner_type")
    def _compute_is_wallet(self):
        for payment in self:
            payment.is_wallet = payment.is_wallet and payment.partner_type == "customer"

    @api.depends("partner_id", "company_id", "currency_id", "is_wallet", "state")
    def _compute_wallet_id(self):
        Wallet = self.env["customer.wallet"]
        for payment in self:
            wallet = Wallet
            if payment.is_wallet and payment.partner_id:
                wallet = Wallet._find(payment.partner_id, payment.company_id).filtered(
                    lambda w, payment=payment: w.currency_id == payment.currency_id
                )
            payment.wallet_id = wallet
            payment.wallet_balance = wallet.balance

    @api.depends("wallet_balance", "amount_signed", "state")
    def _compute_wallet_balance_after(self):
        for payment in self:
            change = payment.amount_signed if payment.state == "draft" else 0.0
            payment.wallet_balance_after = payment.wallet_balance + change

    @api.depends("is_wallet", "move_id.line_ids.amount_residual_currency")
    def _compute_wallet_usage(self):
        for payment in self:
            lots = payment.move_id.line_ids.filtered("wallet_lot_type")
            debits = lots.matched_debit_ids.debit_move_id
            payment.wallet_residual = -sum(lots.mapped("amount_residual_currency"))
            payment.wallet_invoice_ids = debits.move_id._get_wallet_paid_documents()
            payment.wallet_invoice_count = len(payment.wallet_invoice_ids)

    @api.depends("is_wallet")
    def _compute_destination_account_id(self):
        result = super()._compute_destination_account_id()
        for payment in self.filtered(lambda p: p.is_wallet and p.partner_id):
            payment.destination_account_id = payment.company_id.sudo().wallet_account_id
        return result

    @api.depends("is_wallet", "payment_type")
    def _compute_outstanding_account_id(self):
        """A wallet payment always makes its entry, also where Odoo would wait for
        the bank statement: without the entry there is no money in the wallet.
        """
        result = super()._compute_outstanding_account_id()
        for payment in self.filtered(lambda p: p.is_wallet and p.company_id):
            if not payment.outstanding_account_id:
                payment.outstanding_account_id = payment._get_outstanding_account(
                    payment.payment_type
                )
        return result

    # Actions

    def action_post(self):
        """Confirm; a wallet payment needs a customer, a pay-out also the money."""
        for payment in self.filtered("is_wallet"):
            payment._check_wallet_payment()
        return super().action_post()

    def action_reject(self):
        """A rejected payment keeps its entry, but a wallet must not keep its money."""
        if any(self.mapped("is_wallet")):
            raise UserError(
                self.env._(
                    "Cancel the payment instead of rejecting it: then its money leaves "
                    "the wallet, too."
                )
            )
        return super().action_reject()

    def action_allocate_wallet(self):
        """Pay the customer's open invoices from the wallet, oldest due first.

        :return: the action of res.partner.action_allocate_wallet
        :raises UserError: this is no confirmed top-up, or there is nothing to pay
        """
        self.ensure_one()
        self.check_access("read")
        if not self.is_wallet or self.state not in ("in_process", "paid"):
            raise UserError(
                self.env._("Confirm the top-up first: then its money can be used.")
            )
        return self.partner_id.with_company(
            self.company_id
        ).commercial_partner_id.action_allocate_wallet()

    def action_view_wallet_invoices(self):
        """Show what this top-up has paid.

        :return: a window action on account.move
        """
        self.ensure_one()
        return self.wallet_invoice_ids.with_context(create=False)._get_records_action(
            name=self.env._("Paid by This Top-up")
        )

    # Business methods

    def _check_wallet_payment(self):
        """Refuse in words what the ledger would refuse.

        :raises UserError: no customer, no wallet account, or not enough money
        """
        self.ensure_one()
        if not self.partner_id:
            raise UserError(
                self.env._(
                    "Choose the customer whose wallet this payment is for, "
                    "or turn off Wallet."
                )
            )
        if not self.company_id.sudo().wallet_account_id:
            raise UserError(
                self.env._(
                    "Choose the wallet account of %(company)s in "
                    "Settings > Invoicing > Customer Wallet.",
                    company=self.company_id.display_name,
                )
            )
        if self.state != "draft":
            return
        self.destination_account_id = self.company_id.sudo().wallet_account_id
        if self.payment_type == "outbound":
            self._check_wallet_pay_out()

    def _check_wallet_pay_out(self):
        wallet = self.sudo().wallet_id
        if not wallet:
            raise UserError(
                self.env._(
                    "%(customer)s has no wallet in %(currency)s: there is nothing to "
                    "pay out.",
                    customer=self.partner_id.display_name,
                    currency=self.currency_id.name,
                )
            )
        wallet._check_available(self.amount, wallet._get_available_for_pay_out())

    def _prepare_payment_transaction_vals(self, **extra_create_values):
        """A saved card that is charged for a wallet: its refund leaves the wallet."""
        vals = super()._prepare_payment_transaction_vals(**extra_create_values)
        if self.is_wallet:
            vals["wallet_partner_id"] = self.partner_id.commercial_partner_id.id
        return vals

    def _seek_for_lines(self):
        """The item on the wallet account is the counterpart of a wallet payment; by
        its account type it would count as a write-off.
        """
        liquidity, counterpart, write_off = super()._seek_for_lines()
        if self.is_wallet:
            wallet_lines = write_off.filtered(lambda line: line._is_on_wallet_account())
            counterpart |= wallet_lines
            write_off -= wallet_lines
        return liquidity, counterpart, write_off

    @api.model
    def _get_trigger_fields_to_synchronize(self):
        return (*super()._get_trigger_fields_to_synchronize(), "is_wallet")
