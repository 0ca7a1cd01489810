from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

NAMES_SHOWN = 10


class Payer(NamedTuple):
    """A customer whose invoices are to be paid.

    :param owner: res.partner
    :param moves: account.move, open and oldest due first
    :param float due: of all of them, in the currency of the dialog
    :param float available: in the wallets, in that currency
    """

    owner: models.BaseModel
    moves: models.BaseModel
    due: float
    available: float


class AccountPaymentRegister(models.TransientModel):
    """*Pay* knows the wallets: their journal is offered beside those of banks. Then no
    payment is made, but the chosen invoices are paid from the wallets of their
    customers, by an entry for each.
    """

    _inherit = "account.payment.register"

    is_from_wallet = fields.Boolean(compute="_compute_is_from_wallet")
    wallet_message = fields.Char(compute="_compute_wallet_messages")
    wallet_shortage_message = fields.Char(compute="_compute_wallet_messages")

    @api.depends("journal_id")
    def _compute_is_from_wallet(self):
        for wizard in self:
            journal = wizard.company_id.root_id.sudo().wallet_journal_id
            wizard.is_from_wallet = journal and wizard.journal_id._origin == journal

    @api.depends("line_ids")
    def _compute_wallet_messages(self):
        """What there is, in sight before it is used, and for whom it is not enough."""
        for wizard in self:
            currency = wizard._get_wallet_currency()
            payers = wizard._get_wallet_payers()
            short = [
                payer
                for payer in payers
                if currency.compare_amounts(payer.available, payer.due) < 0
            ]
            wizard.wallet_message = bool(payers) and self.env._(
                "Available in the wallet: %s", wizard._describe_wallets(payers)
            )
            wizard.wallet_shortage_message = bool(short) and self.env._(
                "Not enough for all of it: %s", wizard._describe_wallets(short)
            )

    def _compute_available_journal_ids(self):
        result = super()._compute_available_journal_ids()
        for wizard in self.filtered(lambda wizard: wizard._get_wallet_payers()):
            journal = wizard.company_id.root_id.sudo().wallet_journal_id
            wizard.available_journal_ids |= journal.sudo(False)
        return result

    @api.depends("is_from_wallet")
    def _compute_amount(self):
        result = super()._compute_amount()
        for wizard in self.filtered("is_from_wallet"):
            payable = sum(
                min(payer.due, payer.available) for payer in wizard._get_wallet_payers()
            )
            wizard.amount = min(wizard.amount, wizard.currency_id.round(payable))
        return result

    @api.depends("is_from_wallet")
    def _compute_show_payment_difference(self):
        """What a wallet does not pay stays open."""
        result = super()._compute_show_payment_difference()
        self.filtered("is_from_wallet").show_payment_difference = False
        return result

    def action_create_payments(self):
        """Register the payment, or pay from the wallets, once however often the dialog
        is confirmed.

        :return: see `super`, or a client action that says what was paid
        :raises AccessError: the user may not use wallets or pay the invoices
        :raises UserError: nothing is available, or the amount is not due or available
        """
        if not self.is_from_wallet:
            return super().action_create_payments()
        return self.env["customer.wallet.request"]._answer_once(
            (self._name, self.ids), self._pay_from_wallets
        )

    # Business methods

    def _get_wallet_currency(self):
        return self.source_currency_id or self.company_currency_id

    def _get_wallet_moves(self):
        """
        :return: account.move, what wallets may pay of what was chosen, oldest due first
        """
        moves = self.line_ids._origin.move_id
        payable = moves.filtered(lambda move: move._is_wallet_payable())
        return payable.sorted(lambda move: (move.invoice_date_due, move.id))

    def _get_wallet_payers(self):
        """
        :return: list of Payer, those who have something in wallets
        """
        self.ensure_one()
        if not self.env.user.has_group("customer_wallet.group_wallet_user"):
            return []
        currency = self._get_wallet_currency()
        payers = []
        by_owner = self._get_wallet_moves().grouped("commercial_partner_id")
        for owner, moves in by_owner.items():
            wallets = moves[:1]._find_wallets()
            available = wallets._get_available_in(currency, self.company_id)
            if currency.compare_amounts(available, 0.0) > 0:
                due = sum(move._get_wallet_due_in(currency) for move in moves)
                payers.append(Payer(owner, moves, currency.round(due), available))
        return payers

    def _describe_wallets(self, payers):
        currency = self._get_wallet_currency()
        texts = [
            self.env._(
                "%(amount)s of %(customer)s",
                amount=currency.format(payer.available),
                customer=payer.owner.display_name,
            )
            for payer in payers[:NAMES_SHOWN]
        ]
        if len(payers) > NAMES_SHOWN:
            texts.append(self.env._("%s more", len(payers) - NAMES_SHOWN))
        return format_list(self.env, texts)

    def _pay_from_wallets(self):
        moves = self._get_wallet_moves()
        self.env["customer.wallet"]._check_user()
        moves._check_wallet_access()
        payers = self._get_wallet_payers()
        if not payers:
            raise UserError(
                self.env._(
                    "The wallets of these customers are empty or frozen. Choose "
                    "another journal, or top up first."
                )
            )
        entries = self.env["account.move"].sudo()
        for payer in payers:
            amounts = self._get_wallet_amounts(payer)
            entries |= payer.moves._allocate_wallet(amounts)
        self.env["customer.wallet"]._log_allocation(entries)
        still_open = moves.filtered(lambda move: move._is_wallet_payable())
        paid = entries.line_ids._get_wallet_moves()
        return self.env["customer.wallet"]._get_paid_notification(paid, still_open)

    def _get_wallet_amounts(self, payer):
        """Spread the amount of the dialog over the invoices of its customer.

        :return: dict of floats by account.move; none where each gets what is possible
        """
        if not self.can_edit_wizard:
            return None
        currency, rest, amounts = self.currency_id, self.amount, {}
        for move in payer.moves:
            amounts[move] = min(rest, move._get_wallet_due_in(currency))
            rest = currency.round(rest - amounts[move])
        # More than is due is refused in words.
        amounts[payer.moves[-1]] += rest
        return {move: it for move, it in amounts.items() if not currency.is_zero(it)}
