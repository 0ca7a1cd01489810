from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from ..models.wallet_amounts import spread

NAMES_SHOWN = 10


class Due(NamedTuple):
    """A part of an invoice that falls due on one day.

    :param day: date
    :param move: account.move
    :param float amount: in its currency, less a discount for paying early
    :param bool is_chosen: whether Odoo proposes to pay it now
    """

    day: fields.Date
    move: models.BaseModel
    amount: float
    is_chosen: bool


class Payer(NamedTuple):
    """A customer whose invoices are to be paid.

    :param owner: res.partner
    :param dues: list of Due, the oldest first
    :param float available: in the wallets, in the currency of the invoices
    """

    owner: models.BaseModel
    dues: list
    available: float

    @property
    def chosen(self):
        return sum(due.amount for due in self.dues if due.is_chosen)


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
            journal = wizard._get_wallet_journal()
            wizard.is_from_wallet = journal and wizard.journal_id._origin == journal

    @api.depends("line_ids")
    def _compute_wallet_messages(self):
        """What there is, in sight before it is used, and for whom it is not enough."""
        for wizard in self:
            payers = wizard._get_wallet_payers()
            short = wizard._get_short_payers(payers)
            wizard.wallet_message = bool(payers) and self.env._(
                "Available in the wallet: %s", wizard._describe_wallets(payers)
            )
            wizard.wallet_shortage_message = bool(short) and self.env._(
                "Not enough for all of it: %s", wizard._describe_wallets(short)
            )

    def _get_short_payers(self, payers):
        """Those for whom it is not enough, also who has nothing; none where nobody has
        anything.
        """
        compare = self._get_wallet_currency().compare_amounts
        short = [it for it in payers if compare(it.available, it.chosen) < 0]
        owners = payers and self.line_ids._origin.move_id.commercial_partner_id
        known = [payer.owner for payer in payers]
        return short + [Payer(it, [], 0.0) for it in owners if it not in known]

    def _compute_available_journal_ids(self):
        result = super()._compute_available_journal_ids()
        for wizard in self.filtered("wallet_message"):
            wizard.available_journal_ids |= wizard._get_wallet_journal().sudo(False)
        return result

    def _compute_journal_id(self):
        """A customer may prefer the wallet, which has nothing to pay this with."""
        result = super()._compute_journal_id()
        for wizard in self:
            if wizard.journal_id._origin not in wizard.available_journal_ids._origin:
                wizard.journal_id = wizard._get_batch_journal(wizard.batches[0])
        return result

    @api.depends("is_from_wallet")
    def _compute_amount(self):
        """As much of what Odoo proposes as there is in the wallets."""
        result = super()._compute_amount()
        for wizard in self:
            if not wizard.is_from_wallet:
                wizard.amount = wizard.custom_user_amount or wizard.amount
                continue
            payers = wizard._get_wallet_payers()
            amount = sum(min(payer.chosen, payer.available) for payer in payers)
            if wizard.custom_user_amount and len(payers) == 1:
                amount = min(wizard.custom_user_amount, payers[0].available)
            wizard.amount = wizard._get_wallet_currency().round(amount)
        return result

    @api.depends("is_from_wallet")
    def _compute_show_payment_difference(self):
        """What a wallet does not pay stays open."""
        result = super()._compute_show_payment_difference()
        self.filtered("is_from_wallet").show_payment_difference = False
        return result

    @api.onchange("journal_id")
    def _onchange_wallet_journal(self):
        """Wallets pay today: so is a discount for paying early."""
        if self.is_from_wallet:
            self.payment_date = self.company_id._get_wallet_today()

    @api.onchange("amount")
    def _onchange_amount(self):
        """What the wallet is short of is not what the user wants to pay by a bank."""
        return None if self.is_from_wallet else super()._onchange_amount()

    @api.onchange("payment_date")
    def _onchange_payment_date(self):
        return None if self.is_from_wallet else super()._onchange_payment_date()

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

    # What wallets can do

    def _get_wallet_journal(self):
        return self.company_id.root_id.sudo().wallet_journal_id

    def _get_wallet_currency(self):
        """What is paid together has one currency; see `_is_wallet_offered`."""
        return self.line_ids._origin.currency_id[:1] or self.company_currency_id

    def _is_wallet_offered(self):
        """Whether all that was chosen are whole invoices, of which nothing is paid
        already by somebody else, in one currency. Other programs that add to what is
        booked by the dialog extend this.
        """
        self.ensure_one()
        lines = self.line_ids._origin
        moves = lines.move_id
        is_withheld = "should_withhold_tax" in self._fields and self.should_withhold_tax
        return (
            self.env.user.has_group("customer_wallet.group_wallet_user")
            and self.payment_type == "inbound"
            and len(lines.currency_id) == 1
            and (self.can_edit_wizard or lines.currency_id == self.company_currency_id)
            and not is_withheld
            and all(move._is_wallet_payable() for move in moves)
            and moves.line_ids._get_wallet_open_receivables() == lines
            and not any(move._get_wallet_on_its_way() for move in moves)
        )

    def _get_wallet_payers(self):
        """
        :return: list of Payer, those who have something in wallets
        """
        self.ensure_one()
        if not self._is_wallet_offered():
            return []
        currency, company = self._get_wallet_currency(), self.company_id
        by_owner = self.line_ids._origin.move_id.grouped("commercial_partner_id")
        owners = self.env["res.partner"].union(*by_owner)
        Wallet = self.env["customer.wallet"].sudo()
        wallets = Wallet._find_of_all(owners, company)
        chosen = self._get_total_amounts_to_pay(self.batches)["lines"]
        payers = []
        for owner, moves in by_owner.items():
            its = wallets.get(owner, Wallet)
            available = its._get_available_in(currency, company)
            if currency.compare_amounts(available, 0.0) > 0:
                payers.append(
                    Payer(owner, self._get_wallet_dues(moves, chosen), available)
                )
        return payers

    def _get_wallet_dues(self, moves, chosen):
        """
        :param moves: account.move of one customer
        :param chosen: account.move.line that Odoo proposes to pay now
        :return: list of Due
        """
        dues = []
        for move in moves:
            lines = move.line_ids._get_wallet_open_receivables()
            due, discount = move._get_wallet_amounts_due()
            if discount:
                # It is granted for all of it.
                amount = move.currency_id.round(due - discount)
                dues.append(Due(lines[0].date, move, amount, True))
                continue
            dues += [
                Due(
                    it.date_maturity or it.date,
                    move,
                    it.amount_residual_currency,
                    it in chosen,
                )
                for it in lines
            ]
        return sorted(dues, key=lambda it: (not it.is_chosen, it.day, it.move.id))

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

    # Paying

    def _pay_from_wallets(self):
        self.env["customer.wallet"]._check_user()
        moves = self.line_ids.move_id
        moves._check_wallet_access()
        payers = self._get_wallet_payers()
        if not payers or self.currency_id != self._get_wallet_currency():
            raise UserError(
                self.env._(
                    "The wallets of these customers cannot pay this. Choose another "
                    "journal, or top up first."
                )
            )
        entries = self.env["account.move"].sudo()
        for payer in payers:
            amounts = self._spread_wallet_amount(payer, payers)
            documents = self.env["account.move"].concat(*amounts)
            entries |= documents._allocate_wallet(amounts)
        self.env["customer.wallet"]._log_allocation(entries)
        still_open = moves.filtered(lambda move: move._is_wallet_payable())
        paid = entries.line_ids._get_wallet_moves()
        return self.env["customer.wallet"]._get_paid_notification(paid, still_open)

    def _spread_wallet_amount(self, payer, payers):
        """What each invoice of a customer gets: of several customers as much as is
        proposed and available, of one what the user has entered, the oldest first.

        :return: dict of floats by account.move, in its currency
        """
        currency = self._get_wallet_currency()
        is_entered = self.can_edit_wizard and len(payers) == 1
        rest = self.amount if is_entered else min(payer.chosen, payer.available)
        dues = [(due.move, due.amount) for due in payer.dues]
        amounts = {}
        for move, part in spread(rest, dues, currency, with_rest=True):
            amounts[move] = currency.round(amounts.get(move, 0.0) + part)
        # More than is due, or nothing: the refusal names the last one.
        return amounts or {payer.dues[-1].move: rest}
