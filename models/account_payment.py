from odoo import api, fields, models
from odoo.exceptions import UserError

# What a payment says of the money that it moves.
MONEY_FIELDS = (
    "is_wallet",
    "partner_type",
    "payment_type",
    "partner_id",
    "amount",
    "currency_id",
    "date",
    # They give the currency.
    "journal_id",
    "company_id",
)


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
    wallet_ids = fields.Many2many(related="move_id.wallet_ids")
    wallet_balance = fields.Monetary(
        compute="_compute_wallet_id",
        groups="customer_wallet.group_wallet_user",
        help="What is in the customer's wallet now, in the currency of the payment.",
    )
    wallet_pay_out_available = fields.Monetary(
        string="Can Be Paid Out",
        compute="_compute_wallet_id",
        groups="customer_wallet.group_wallet_user",
        help="What can be given back as money, the limit included: a bonus cannot.",
    )
    wallet_due_amount = fields.Monetary(
        string="Due",
        compute="_compute_wallet_due_amount",
        groups="customer_wallet.group_wallet_user",
        help="What the customer has to pay on open invoices.",
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
    wallet_kept = fields.Monetary(
        string="Kept in the Wallet",
        compute="_compute_wallet_usage",
        groups="customer_wallet.group_wallet_user",
        help="What this payment of an invoice left over and added to the wallet.",
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
        self._check_wallet_money_kept(vals)
        if vals.get("state") == "rejected":
            self._check_wallet_not_rejected()
        if "move_id" in vals:
            self._check_wallet_entry_stays(vals["move_id"])
        return super().write(vals)

    def _check_wallet_entry_stays(self, move_id):
        """
        :param int move_id: of the account.move that is written
        :raises UserError: another one has moved the money of a wallet
        """
        for entry in self.sudo().move_id.filtered("line_ids.wallet_id"):
            if entry.id != move_id:
                raise UserError(self.env["customer.wallet"]._get_kept_message(entry))

    def _check_wallet_switch(self, is_wallet):
        """Only customers have wallets, and what is kept in one is there already."""
        if is_wallet and "supplier" in self.mapped("partner_type"):
            raise UserError(self.env._("Only payments of customers go to a wallet."))
        kept = self.filtered(lambda pay: is_wallet and pay._has_wallet_overpayment())
        if kept:
            raise UserError(
                self.env._(
                    "A part of %(payment)s is kept in the wallet already. To put all "
                    "of it there, delete the payment and create it again.",
                    payment=kept[0].display_name,
                )
            )

    def _check_wallet_money_kept(self, vals):
        """Odoo lets programs write a confirmed payment and leaves its entry as it is:
        then the payment would not say any more what is in the wallet.

        :param dict vals: that are written
        :raises UserError: naming the payment, and what is changed
        """
        names = [name for name in MONEY_FIELDS if name in vals]
        if not names:
            return
        for payment in self.filtered(lambda pay: pay.move_id.state == "posted"):
            has_filled = payment.is_wallet or payment._has_wallet_overpayment()
            changed = [
                field
                for field in map(payment._fields.get, names)
                if (has_filled or field.name == "is_wallet")
                and field.convert_to_cache(vals[field.name], payment)
                != field.convert_to_cache(payment[field.name], payment)
            ]
            if changed:
                raise UserError(
                    self.env._(
                        "%(payment)s is confirmed, and its money is in the books. "
                        "Reset it to draft before you change: %(field)s.",
                        payment=payment.name,
                        field=changed[0]._description_string(self.env),
                    )
                )

    def _check_wallet_not_rejected(self):
        """A rejected payment keeps its entry, but a wallet must not keep its money.

        :raises UserError: the money of one of these is in a wallet
        """
        if any(
            pay.is_wallet
            or pay._has_wallet_overpayment()
            or (pay.move_id and pay.move_id._get_wallet_partials())
            for pay in self
        ):
            raise UserError(
                self.env._(
                    "Cancel the payment instead of rejecting it: then its money leaves "
                    "the wallet, too."
                )
            )

    @api.depends("partner_type", "partner_id")
    def _compute_is_wallet(self):
        for payment in self:
            payment.is_wallet = (
                payment.is_wallet
                and payment.partner_type == "customer"
                and payment.partner_id == payment.partner_id._filter_wallet_owners()
            )

    @api.depends("partner_id", "company_id", "currency_id", "is_wallet", "state")
    def _compute_wallet_id(self):
        Wallet = self.env["customer.wallet"]
        for payment in self:
            wallet = Wallet
            if payment.is_wallet and payment.partner_id:
                wallets = Wallet._find(payment.partner_id, payment.company_id)
                wallet = wallets._filter_currency(payment.currency_id)
            payment.wallet_id = wallet
            payment.wallet_balance = wallet.balance
            payment.wallet_pay_out_available = (
                wallet._get_available_for_pay_out() if wallet else 0.0
            )

    @api.depends("wallet_id")
    def _compute_wallet_due_amount(self):
        for payment in self:
            payment.wallet_due_amount = payment.wallet_id.due_amount

    @api.depends("wallet_balance", "wallet_bonus", "amount_signed", "state")
    def _compute_wallet_balance_after(self):
        for payment in self:
            change = payment.amount_signed + payment.wallet_bonus
            if payment.state != "draft":
                change = 0.0
            payment.wallet_balance_after = payment.wallet_balance + change

    @api.depends("is_wallet", "move_id.line_ids.wallet_id")
    def _compute_wallet_usage(self):
        for payment in self:
            item = payment.move_id.line_ids.filtered(
                lambda line: line.wallet_id and line.amount_currency < 0.0
            )[:1]
            kept = item.browse() if payment.is_wallet else item
            payment.wallet_kept = -sum(kept.mapped("amount_currency"))
            left, documents = 0.0, payment.wallet_invoice_ids.browse()
            if item:
                left, documents = item.wallet_id._get_top_up_usage(item.sudo())
            payment.wallet_residual = left
            payment.wallet_invoice_ids = documents
            payment.wallet_invoice_count = len(documents)

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

    def _compute_journal_id(self):
        """A customer may prefer to pay from the wallet: that fills none."""
        result = super()._compute_journal_id()
        Journal = self.env["account.journal"]
        for payment in self.filtered(lambda payment: not payment._origin):
            company = payment.company_id or self.env.company
            if payment.journal_id == company.root_id.sudo().wallet_journal_id:
                domain = Journal._check_company_domain(company)
                types = [("type", "in", ("bank", "cash", "credit"))]
                payment.journal_id = Journal.search([*domain, *types], limit=1)
        return result

    def _compute_currency_id(self):
        """What is entered for a wallet stays in its currency, whichever the journal."""
        result = super()._compute_currency_id()
        if currency_id := self.env.context.get("wallet_currency_id"):
            self.currency_id = self.env["res.currency"].browse(currency_id)
        return result

    def _compute_reconciliation_status(self):
        """What is kept in the wallet is no invoice that waits for its payment."""
        result = super()._compute_reconciliation_status()
        for payment in self.filtered(lambda pay: pay._has_wallet_overpayment()):
            _liquidity, counterpart, _write_off = payment._seek_for_lines()
            payment.is_reconciled = payment.currency_id.is_zero(
                sum(counterpart.mapped("amount_residual_currency"))
            )
        return result

    # Actions

    def action_post(self):
        """Confirm; a wallet payment needs a customer, a pay-out also the money."""
        for payment in self.filtered("is_wallet"):
            payment._check_wallet_payment()
        self._set_wallet_pay_out_values()
        drafts = self.filtered(lambda payment: payment.state == "draft")
        result = super().action_post()
        drafts._send_wallet_receipts()
        return result

    def action_post_wallet_payment(self):
        """Confirm a top-up or pay-out that was entered in a dialog.

        :return: what `action_post` asks for, or else a notification of what is in the
            wallet now
        :raises UserError: see `action_post`
        """
        self.ensure_one()
        return self.action_post() or self._get_wallet_notification()

    def _get_wallet_notification(self):
        text = self.env._(
            "%(payment)s is confirmed. %(customer)s has %(balance)s in the wallet.",
            # The web client puts the link there.
            payment="%s",
            customer=self.partner_id.commercial_partner_id.name,
            balance=self.currency_id.format(self.wallet_balance),
        )
        notification = self.env["customer.wallet"]._get_success_notification(text)
        url = f"/odoo/action-account.action_account_payments/{self.id}"
        notification["params"]["links"] = [{"label": self.name, "url": url}]
        return notification

    def action_cancel(self):
        """Top-ups that a provider has cancelled are looked after one by one."""
        done = self.env.context.get("wallet_cancelled_top_ups") or ()
        payments = self.filtered(lambda payment: payment.id not in done)
        return super(AccountPayment, payments).action_cancel()

    def action_allocate_wallet(self):
        """Pay the customer's open invoices from the wallet, oldest due first.

        :return: the action of res.partner.action_allocate_wallet
        :raises UserError: this is no confirmed top-up, or there is nothing to pay
        """
        return self._get_wallet_top_up_owner().action_allocate_wallet()

    def action_open_wallet_allocation(self):
        """Let the user choose which open invoices the customer's wallet pays.

        :return: the action of res.partner.action_open_wallet_allocation
        :raises UserError: this is no confirmed top-up, or there is nothing to pay
        """
        return self._get_wallet_top_up_owner().action_open_wallet_allocation()

    def action_view_wallets(self):
        """Open the wallet that this payment has filled or paid out of.

        :return: a window action on customer.wallet
        :raises AccessError: the user may not read the payment or the wallet
        """
        self.ensure_one()
        self.check_access("read")
        return self.wallet_ids._get_wallets_action()

    def action_view_wallet_invoices(self):
        """Show what this top-up has paid.

        :return: a window action on account.move
        """
        self.ensure_one()
        return self.wallet_invoice_ids.with_context(create=False)._get_records_action(
            name=self.env._("Paid by This Top-up")
        )

    # Business methods

    def _get_wallet_top_up_owner(self):
        """The customer whose wallet this confirmed top-up has filled.

        :return: res.partner
        :raises UserError: this is no confirmed top-up
        """
        self.ensure_one()
        self.check_access("read")
        if not self.is_wallet or self.state not in ("in_process", "paid"):
            raise UserError(
                self.env._("Confirm the top-up first: then its money can be used.")
            )
        return self.partner_id.with_company(self.company_id).commercial_partner_id

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
        # Where the entry was posted by itself, the money has left already.
        if self.payment_type == "outbound" and self.move_id.state != "posted":
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
        wallet._check_available(self.amount, as_money=True)

    def _has_wallet_overpayment(self):
        """Whether this payment of an invoice leaves something over in the wallet."""
        self.ensure_one()
        return not self.is_wallet and any(
            line.amount_currency < 0.0 and line._get_wallet_lot_type()
            for line in self.move_id.line_ids
        )

    def _prepare_move_line_default_vals(
        self, write_off_line_vals=None, force_balance=None
    ):
        """What is kept in the wallet is the payer's, also when a draft gets another."""
        account = self.company_id.sudo().wallet_account_id
        for vals in write_off_line_vals or []:
            if account and vals.get("account_id") == account.id:
                vals["partner_id"] = self.partner_id.commercial_partner_id.id
        return super()._prepare_move_line_default_vals(
            write_off_line_vals=write_off_line_vals, force_balance=force_balance
        )

    def _prepare_payment_transaction_vals(self, **extra_create_values):
        """A saved card that is charged for a wallet: its refund leaves the wallet."""
        vals = super()._prepare_payment_transaction_vals(**extra_create_values)
        if self.is_wallet:
            vals["wallet_top_up_partner_id"] = self.partner_id.commercial_partner_id.id
        return vals

    def _seek_for_lines(self):
        """The item on the wallet account is the counterpart of a wallet payment; by
        its account type it would count as a write-off.
        """
        liquidity, counterpart, write_off = super()._seek_for_lines()
        if self.is_wallet:
            wallet_lines = write_off.filtered(lambda line: line._get_wallet_lot_type())
            counterpart |= wallet_lines
            write_off -= wallet_lines
        return liquidity, counterpart, write_off

    @api.model
    def _get_trigger_fields_to_synchronize(self):
        return (*super()._get_trigger_fields_to_synchronize(), "is_wallet")
