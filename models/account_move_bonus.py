"""The bonus that a top-up earns."""

from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    _inherit = "account.move"

    def _is_wallet_top_up_payment(self):
        """Whether this is a top-up that somebody has paid, in the back office or
        online. Those of a till say so themselves: change that is kept is no top-up.
        """
        self.ensure_one()
        return (
            self.wallet_operation == "top_up"
            and self.origin_payment_id.is_wallet
            and not self.reversed_entry_id
        )

    def _grant_wallet_bonus(self, partner, date):
        """Give the customer the bonus that this posted top-up earns, once. A top-up
        that is paid from a wallet earns nothing.

        :param partner: res.partner, who tops up
        :param date: on which the promotions must be running
        :return: account.move of the bonus, if any
        """
        self.ensure_one()
        lots = self.sudo().line_ids.filtered("wallet_id")
        amount = -sum(lots.mapped("amount_currency"))
        is_paid_in = all(lot.balance <= 0.0 for lot in lots)
        if self._get_wallet_bonus_entries() or not lots or not is_paid_in:
            return self.browse()
        promotion, bonus = self.env["customer.wallet.promotion"]._find_best(
            partner, self.company_id, lots.currency_id, amount, date
        )
        if not promotion:
            return self.browse()
        self.company_id._ensure_wallet_accounting()
        entry = promotion._book_bonus(self, partner, bonus)
        document = self.origin_payment_id or self
        document.sudo().message_post(
            body=self.env._(
                "This top-up earned a bonus of %(bonus)s by the promotion "
                "%(promotion)s: %(entry)s.",
                bonus=promotion.currency_id.format(bonus),
                promotion=promotion.name,
                entry=entry.name,
            )
        )
        return entry

    def _get_wallet_top_up_name(self):
        """How a customer knows this top-up: the payment, or the order of a till."""
        self.ensure_one()
        return self.name if self.origin_payment_id or not self.ref else self.ref

    def _get_wallet_bonus_entries(self):
        """The bonuses that these top-ups have earned and still have."""
        return self.sudo().wallet_bonus_move_ids.filtered(
            lambda move: move.state == "posted" and not move._is_reversed()
        )

    def _get_wallet_expiries(self):
        """The entries by which bonuses of these entries have expired."""
        debits = self.line_ids.filtered("wallet_lot_type").matched_debit_ids
        return debits.debit_move_id.move_id.filtered(
            lambda move: move.wallet_operation == "expiry"
        )

    def _take_back_wallet_bonus(self):
        """A top-up that is taken back takes its bonus with it. What has expired of the
        bonus is not taken twice.

        :raises UserError: the money has been used
        """
        top_ups = self.filtered(lambda move: move.wallet_operation == "top_up")
        top_ups._check_wallet_top_up_unused()
        bonuses = top_ups._get_wallet_bonus_entries()
        bonuses._get_wallet_expiries()._return_to_wallet()
        bonuses._return_to_wallet()
        for top_up in bonuses.wallet_bonus_origin_id.with_env(self.env):
            document = top_up.origin_payment_id or top_up
            document.sudo().message_post(
                body=self.env._("The bonus of this top-up was taken back.")
            )

    def _check_wallet_top_up_unused(self):
        """A top-up can be taken back as long as its money and its bonus are in the
        wallet; bonus money of others does not stand in for them.

        :raises UserError: naming what is left, what is needed, and what it was used for
        """
        for wallet, (top_ups, left, needed) in self._get_wallet_take_back().items():
            if wallet.currency_id.compare_amounts(left, needed) < 0:
                raise UserError(top_ups._get_wallet_used_message(wallet, left, needed))

    def _get_wallet_take_back(self):
        """What must be in each wallet to take these top-ups and their bonuses back.

        :return: dict by customer.wallet of (account.move, float left, float needed),
            in the currency of the wallet
        """
        top_ups = self.sudo().filtered(
            lambda move: (
                move.wallet_operation == "top_up"
                and move.state == "posted"
                and any(move.line_ids.mapped("wallet_lot_type"))
            )
        )
        result = {}
        for wallet, moves in top_ups.grouped(
            lambda move: move.line_ids.filtered("wallet_lot_type").wallet_id
        ).items():
            bonuses = moves._get_wallet_bonus_entries()
            own = bonuses.line_ids.filtered("wallet_lot_type")
            lots = moves.line_ids.filtered("wallet_lot_type") | own
            expired = bonuses._get_wallet_expiries().line_ids.filtered("wallet_id")
            needed = -sum((lots | expired).mapped("amount_currency"))
            others = wallet.bonus_balance + sum(own.mapped("amount_residual_currency"))
            left = wallet.balance + wallet.overdraft_limit - others
            result[wallet] = (
                moves,
                wallet.currency_id.round(left),
                wallet.currency_id.round(needed),
            )
        return result

    def _get_wallet_used_message(self, wallet, left, needed):
        bonuses = self._get_wallet_bonus_entries()
        lots = (self | bonuses).line_ids.filtered("wallet_lot_type")
        uses = lots.matched_debit_ids.debit_move_id
        documents = uses._get_wallet_paid_documents() or uses.move_id
        return self.env._(
            "The top-up %(top_up)s of %(amount)s cannot be taken back: only %(left)s "
            "is left in the wallet of %(customer)s, and %(needed)s is needed.%(bonus)s "
            "Its money was used for %(documents)s. Undo that first. A wallet manager "
            "can take the top-up back anyway and leave the customer with a debt.",
            top_up=", ".join(self.mapped("name")),
            amount=wallet.currency_id.format(
                -sum(
                    self.line_ids.filtered("wallet_lot_type").mapped("amount_currency")
                )
            ),
            left=wallet.currency_id.format(max(left, 0.0)),
            needed=wallet.currency_id.format(needed),
            bonus=self.env._(" The bonus goes with it.") if bonuses else "",
            customer=wallet.partner_id.display_name,
            documents=", ".join(documents.mapped("name")),
        )

    def _check_wallet_cash_paid_in(self):
        """Whatever way money leaves a wallet as money: bonus money does not.

        :raises UserError: naming customer, what was paid in and what is wanted
        """
        items = self.sudo().line_ids.filtered(
            lambda line: (
                line.wallet_id and line.balance > 0.0 and line._is_wallet_cash()
            )
        )
        for wallet, lines in items.grouped("wallet_id").items():
            wanted = sum(lines.mapped("amount_currency"))
            left = wallet.balance - wallet.bonus_balance + wallet.overdraft_limit
            if not wallet.bonus_balance or (
                wallet.currency_id.compare_amounts(left, 0.0) >= 0
            ):
                continue
            raise UserError(
                self.env._(
                    "Bonus money is not paid out. The wallet of %(customer)s holds "
                    "%(available)s that was paid in, but %(wanted)s is needed.",
                    customer=wallet.partner_id.display_name,
                    available=wallet.currency_id.format(max(left + wanted, 0.0)),
                    wanted=wallet.currency_id.format(wanted),
                )
            )
