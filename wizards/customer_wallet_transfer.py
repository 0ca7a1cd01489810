from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.customer_wallet_request import answered_once


class CustomerWalletTransfer(models.TransientModel):
    _name = "customer.wallet.transfer"
    _inherit = ["customer.wallet.operation"]
    _description = "Transfer Wallet Money to Another Customer"
    _check_company_auto = True

    target_partner_id = fields.Many2one(
        "res.partner",
        string="To Customer",
        required=True,
        check_company=True,
        ondelete="cascade",
        help="Whose wallet gets the money; it is made if there is none yet.",
    )
    available = fields.Monetary(
        compute="_compute_available",
        string="Can Be Transferred",
        help="Bonus money stays with the customer to whom it was given.",
    )

    @api.depends("wallet_id")
    def _compute_available(self):
        for wizard in self:
            wizard.available = wizard.wallet_id._get_available_for_pay_out()

    # Actions

    def action_confirm(self):
        """Book the transfer.

        :return: a window action that closes the dialog
        :raises AccessError: the user is no wallet manager
        :raises UserError: there is less paid money than that, the wallet is frozen,
            or both customers share it
        """
        self._check_operation()
        wallets = self.wallet_id | self._find_target()
        wallets.sudo()._take_turn()
        return self._transfer_once()

    def _find_target(self):
        wallets = self.env["customer.wallet"].sudo()
        wallets = wallets._find(self.target_partner_id, self.wallet_id.company_id)
        return wallets.filtered(lambda w: w.currency_id == self.currency_id)

    @answered_once
    def _transfer_once(self):
        self._check_operation()
        self._check_target()
        wallet = self.wallet_id
        target = wallet._find_or_create(
            self.target_partner_id, wallet.company_id, wallet.currency_id
        )
        amount = self.currency_id.round(self.amount)
        self._check_available(amount)
        lines = self._prepare_lines(amount, target)
        move = self._book(self._prepare_move_vals("transfer"), lines)
        self._log(move, target)
        return {"type": "ir.actions.act_window_close"}

    def _check_target(self):
        self.target_partner_id.check_access("read")
        if self.target_partner_id.commercial_partner_id == self.partner_id:
            raise UserError(
                self.env._(
                    "%(contact)s already uses the wallet of %(customer)s. Choose "
                    "another customer.",
                    contact=self.target_partner_id.display_name,
                    customer=self.partner_id.display_name,
                )
            )

    def _check_available(self, amount):
        """Bonus money stays with the customer to whom it was given."""
        self.wallet_id._check_available(amount)
        available = self.wallet_id._get_available_for_pay_out()
        if self.currency_id.compare_amounts(amount, available) > 0:
            raise UserError(
                self.env._(
                    "Only %(available)s of the wallet of %(customer)s can be "
                    "transferred, but %(amount)s was asked for: bonus money stays "
                    "with the customer to whom it was given.",
                    available=self.currency_id.format(available),
                    customer=self.partner_id.display_name,
                    amount=self.currency_id.format(amount),
                )
            )

    # Entries

    def _prepare_move_vals(self, operation):
        return {
            **super()._prepare_move_vals(operation),
            "ref": self.env._(
                "%(giver)s to %(taker)s: %(reason)s",
                giver=self.partner_id.name,
                taker=self.target_partner_id.commercial_partner_id.name,
                reason=self.reason,
            ),
        }

    def _prepare_lines(self, amount, target):
        """A debit and a credit for each lot, so that each keeps its kind, its expiry
        and its book value.
        """
        nothing = self.env["account.move.line"]
        lines = []
        for lot, part, balance in self.wallet_id._take_from_lots(amount, ("paid",)):
            debit_vals = self._prepare_wallet_line_vals(
                self.wallet_id, part, balance, self._get_debit_label(target)
            )
            credit_vals = self._prepare_wallet_line_vals(
                target, -part, -balance, self._get_credit_label()
            )
            credit_vals["wallet_lot_type"] = lot.wallet_lot_type or "paid"
            credit_vals["wallet_expiry_date"] = lot.wallet_expiry_date
            lines += [(debit_vals, lot), (credit_vals, nothing)]
        return lines

    def _get_debit_label(self, target):
        return self.env._(
            "Transfer to %(customer)s: %(reason)s",
            customer=target.partner_id.display_name,
            reason=self.reason,
        )

    def _get_credit_label(self):
        return self.env._(
            "Transfer from %(customer)s: %(reason)s",
            customer=self.partner_id.display_name,
            reason=self.reason,
        )

    def _log(self, move, target):
        values = {
            "amount": self.currency_id.format(self.amount),
            "giver": self.partner_id.display_name,
            "taker": target.partner_id.display_name,
            "entry": move._get_html_link(title=move.name),
            "reason": self.reason,
        }
        body = self.env._(
            "%(amount)s transferred from %(giver)s to %(taker)s: %(entry)s. "
            "Reason: %(reason)s",
            **values,
        )
        for wallet in (self.wallet_id, target.sudo()):
            wallet.message_post(body=body)
