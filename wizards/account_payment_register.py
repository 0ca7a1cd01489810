from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.customer_wallet import FROM_SERVER
from ..models.wallet_amounts import check_exact, check_numbers


class AccountPaymentRegister(models.TransientModel):
    """A payment that is larger than the invoice may leave the difference in the
    customer's wallet: an item of the payment's own entry, as a top-up makes it.
    """

    _inherit = "account.payment.register"

    payment_difference_handling = fields.Selection(
        selection_add=[("wallet", "Keep the difference in the wallet")]
    )
    can_keep_in_wallet = fields.Boolean(compute="_compute_can_keep_in_wallet")
    payment_difference_choices = fields.Json(
        compute="_compute_payment_difference_choices",
        help="What can be done with the difference.",
    )

    @api.depends("payment_difference", "payment_type", "partner_type", "group_payment")
    def _compute_can_keep_in_wallet(self):
        for wizard in self:
            wizard.can_keep_in_wallet = wizard._is_overpaid_by_customer()

    @api.depends("can_keep_in_wallet")
    def _compute_show_payment_difference(self):
        """Without an account for payments in process, Odoo asks nothing; what is kept
        in a wallet makes its entry in any case.
        """
        result = super()._compute_show_payment_difference()
        for wizard in self.filtered("can_keep_in_wallet"):
            wizard.show_payment_difference = True
        return result

    @api.depends("can_keep_in_wallet", "payment_method_line_id")
    def _compute_payment_difference_choices(self):
        for wizard in self:
            choices = ["open"]
            if wizard._makes_payment_entry():
                choices.append("reconcile")
            if wizard.can_keep_in_wallet:
                choices.append("wallet")
            wizard.payment_difference_choices = choices

    @api.depends("can_keep_in_wallet")
    def _compute_payment_difference_handling(self):
        """Odoo starts again with each amount; the wallet stays chosen as long as there
        is something to keep.
        """
        kept = self.filtered(
            lambda wizard: (
                wizard.payment_difference_handling == "wallet"
                and wizard.can_keep_in_wallet
            )
        )
        result = super()._compute_payment_difference_handling()
        kept.payment_difference_handling = "wallet"
        return result

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if self._is_about_wallet(vals):
                check_numbers(self, vals)
        return super().create(vals_list)

    def write(self, vals):
        if self._is_about_wallet(vals):
            check_numbers(self, vals)
        return super().write(vals)

    def action_create_payments(self):
        """Register the payment; what is kept in the wallet is kept once, however often
        the dialog is confirmed.

        :return: see `super`
        :raises AccessError: the user may not use wallets
        :raises UserError: nothing is left over that could be kept
        """
        if self.payment_difference_handling != "wallet":
            return super().action_create_payments()
        return self.env["customer.wallet.request"]._answer_once(
            (self._name, self.ids), super().action_create_payments
        )

    # Business methods

    def _is_about_wallet(self, vals):
        """Whether these dialogs, or one with these values, pay from a wallet or keep
        something there.
        """
        journal = self.env["account.journal"].browse(vals.get("journal_id"))
        return (
            vals.get("payment_difference_handling") == "wallet"
            or bool(journal and journal._find_wallet_companies())
            or any(
                it.is_from_wallet or it.payment_difference_handling == "wallet"
                for it in self
            )
        )

    def _makes_payment_entry(self):
        """Whether Odoo books an entry for the payment, which is where a difference
        goes: without Accounting it always does.
        """
        if self.payment_method_line_id.payment_account_id:
            return True
        return self.env["account.move"]._get_invoice_in_payment_state() != "in_payment"

    def _is_overpaid_by_customer(self):
        self.ensure_one()
        return (
            self.payment_type == "inbound"
            and self.partner_type == "customer"
            and self.can_edit_wizard
            and (self.group_payment or not self.can_group_payments)
            and not self.early_payment_discount_mode
            and not self.is_register_payment_on_draft
            and bool(self.company_id.sudo().wallet_account_id)
            and self.env.user.has_group("customer_wallet.group_wallet_user")
            and self.currency_id.compare_amounts(self.payment_difference, 0.0) < 0
        )

    def _check_keep_in_wallet(self):
        """
        :raises AccessError: the user may not use wallets
        :raises UserError: the payment leaves nothing over, or is dated after today
        """
        self.env["customer.wallet"]._check_user()
        if self.company_id._is_wallet_future(self.payment_date):
            raise UserError(
                self.env._(
                    "Money of a date in the future cannot be kept in a wallet. Choose "
                    "today or an earlier payment date, or another option for the "
                    "difference."
                )
            )
        check_exact(self.env, self.amount, self.currency_id)
        if not self._is_overpaid_by_customer():
            raise UserError(
                self.env._(
                    "Nothing of this payment can be kept in a wallet: only what one "
                    "payment of a customer leaves over can. Enter a larger amount, or "
                    "choose another option for the difference."
                )
            )

    def _create_payments(self):
        if self.payment_difference_handling == "wallet":
            self._check_keep_in_wallet()
        return super()._create_payments()

    def _create_payment_vals_from_wizard(self, batch_result):
        vals = super()._create_payment_vals_from_wizard(batch_result)
        if self.payment_difference_handling == "wallet":
            vals["write_off_line_vals"].append(self._prepare_wallet_difference_vals())
        return vals

    def _prepare_wallet_difference_vals(self):
        """Values of the item that keeps in the wallet what is paid above what is due.

        :return: dict of account.move.line values
        """
        company = self.company_id
        return {
            "name": self.env._("Kept in the wallet: %s", self.communication or ""),
            "account_id": company.sudo().wallet_account_id.id,
            "partner_id": self.partner_id.commercial_partner_id.id,
            "currency_id": self.currency_id.id,
            "amount_currency": self.payment_difference,
            "balance": self.currency_id._convert(
                self.payment_difference, company.currency_id, company, self.payment_date
            ),
            "analytic_distribution": False,
        }

    def _init_payments(self, to_process, edit_mode=False):
        """What is kept is a top-up, and so is its entry."""
        if self.payment_difference_handling != "wallet":
            return super()._init_payments(to_process, edit_mode=edit_mode)
        wizard = self
        if not self.payment_method_line_id.payment_account_id:
            wizard = self.with_context(force_payment_move=True)
        payments = super(AccountPaymentRegister, wizard)._init_payments(
            to_process, edit_mode=edit_mode
        )
        entries = payments.move_id.sudo().with_context(wallet_booking=FROM_SERVER)
        entries.wallet_operation = "top_up"
        return payments

    def _reconcile_payments(self, to_process, edit_mode=False):
        """What is kept may pay other invoices, once this one has its share."""
        result = super()._reconcile_payments(to_process, edit_mode=edit_mode)
        if self.payment_difference_handling == "wallet":
            payments = [vals["payment"] for vals in to_process]
            moves = self.env["account.payment"].union(*payments).move_id
            self.env["customer.wallet"]._allocate_received(moves)
        return result
