"""The bonus that a top-up earns."""

from odoo import models
from odoo.exceptions import UserError

from .customer_wallet_booking import Part, Purse
from .customer_wallet_operation import BONUS, PAID


class AccountMove(models.Model):
    _inherit = "account.move"

    # Giving

    def _grant_wallet_bonuses(self):
        """Give what these top-ups earn, those that somebody has paid in the back office
        or online. Those of a till say so themselves: change that is kept is no top-up.
        """
        for move in self:
            payment = move.origin_payment_id
            if payment.is_wallet and payment.payment_type == "inbound":
                move._grant_wallet_bonus(payment.partner_id, move.date)

    def _grant_wallet_bonus(self, partner, date):
        """Give the customer the bonus that this posted top-up earns, once. A top-up
        that is paid from a wallet earns nothing. Nobody is blocked from paying in: what
        is wrong with a promotion is told, and hinders nothing.

        :param partner: res.partner, who tops up
        :param date: on which the promotions must be running
        :return: account.move of the bonus, if any
        """
        self.ensure_one()
        items = self.sudo().line_ids.filtered("wallet_id")
        is_paid_in = items and all(item.amount_currency <= 0.0 for item in items)
        if self._get_wallet_bonus_entries() or not is_paid_in or self.reversed_entry_id:
            return self.browse()
        return self.env["customer.wallet.promotion"]._grant(
            self,
            partner,
            items.currency_id,
            -sum(items.mapped("amount_currency")),
            date,
        )

    def _get_wallet_top_up_name(self):
        """How a customer knows this top-up: the payment, or the order of a till."""
        self.ensure_one()
        return self.name if self.origin_payment_id or not self.ref else self.ref

    def _get_wallet_bonus_entries(self):
        """The bonuses that these top-ups have earned and still have."""
        return self.sudo().wallet_bonus_move_ids.filtered(
            lambda move: (
                move.state == "posted"
                and not move.reversed_entry_id
                and not move._get_wallet_reversals()
            )
        )

    # Taking back

    def _take_back_wallet_bonus(self):
        """A top-up that is taken back takes its bonus with it: what was used of it is
        paid with the customer's money.

        :raises UserError: the money has been used
        """
        top_ups = self.filtered(
            lambda move: (
                move.state == "posted"
                and (move.origin_payment_id.is_wallet or move.wallet_bonus_move_ids)
                and not move.reversed_entry_id
            )
        )
        top_ups._check_wallet_top_up_unused()
        for top_up in top_ups:
            bonuses = top_up._get_wallet_bonus_entries()
            bonuses._book_wallet_bonus_back()
            if bonuses:
                document = top_up.origin_payment_id or top_up
                document.sudo().message_post(
                    body=self.env._("The bonus of this top-up was taken back.")
                )

    def _book_wallet_bonus_back(self):
        Wallet = self.env["customer.wallet"]
        for entry in self:
            parts = entry._get_wallet_bonus_parts_back()
            if not parts:
                continue
            wallet = entry.line_ids.wallet_id
            vals_list = wallet._prepare_parts_vals(parts, entry.ref)
            vals_list.append(entry._prepare_wallet_bonus_expense_vals(vals_list))
            nothing = self.env["account.move.line"]
            Wallet._book(
                entry.wallet_operation,
                [(vals, nothing) for vals in vals_list],
                entry.company_id,
                reversed_entry_id=entry.id,
                wallet_bonus_origin_id=entry.wallet_bonus_origin_id.id,
                ref=entry.line_ids._get_wallet_undo_ref(),
                partner_id=entry.partner_id.id,
                currency_id=entry.currency_id.id,
            )

    def _get_wallet_bonus_parts_back(self):
        """What this bonus is taken back from: what is left of it, and for what was used
        paid money. What has expired is not taken twice.

        :return: list of Part
        """
        self.ensure_one()
        grant = self.line_ids.filtered(lambda line: line._is_wallet_grant())
        wallet = grant.wallet_id
        uses = wallet._get_use_operations()
        gone = self.env["account.move.line"].search(
            [
                ("wallet_grant_id", "in", grant.ids),
                ("parent_state", "=", "posted"),
                ("move_id.wallet_operation", "not in", uses),
            ]
        )
        given = -sum((grant | gone).mapped("amount_currency"))
        left = {
            open_grant.line: open_grant.left
            for open_grant in wallet._get_open_grants(without_held=True)
        }
        bonus = min(left.get(grant, 0.0), given)
        paid = wallet.currency_id.round(given - bonus)
        purse = Purse(wallet)
        parts = [
            Part(kind, source, amount, purse.take_value(kind, amount))
            for kind, source, amount in (
                (BONUS, grant, bonus),
                (PAID, grant.browse(), paid),
            )
        ]
        return [
            part for part in parts if wallet.currency_id.compare_amounts(part.amount, 0)
        ]

    def _prepare_wallet_bonus_expense_vals(self, vals_list):
        """The expense of this bonus, as far as these items take it back."""
        expense = self.line_ids.filtered(lambda line: not line.wallet_lot_type)[:1]
        return {
            "name": expense.name,
            "account_id": expense.account_id.id,
            "partner_id": expense.partner_id.id,
            "currency_id": expense.currency_id.id,
            "amount_currency": -sum(vals["amount_currency"] for vals in vals_list),
            "balance": -sum(vals["balance"] for vals in vals_list),
            "analytic_distribution": expense.analytic_distribution,
            "tax_ids": False,
        }

    def _check_wallet_top_up_unused(self):
        """A top-up can be taken back as long as its money is in the wallet.

        :raises UserError: naming what is left and what is needed
        """
        for wallet, (top_ups, left, needed) in self._get_wallet_take_back().items():
            if wallet.currency_id.compare_amounts(left, needed) < 0:
                raise UserError(top_ups._get_wallet_used_message(wallet, left, needed))

    def _get_wallet_take_back(self):
        """What must be in each wallet to take these top-ups and their bonuses back.

        :return: dict by customer.wallet of (account.move, float left, float needed) of
            paid money, in the currency of the wallet
        """
        result = {}
        posted = self.sudo().filtered(lambda move: move.state == "posted")
        for wallet, items in posted.line_ids.grouped("wallet_id").items():
            needed = -sum(items.mapped("amount_currency"))
            if not wallet or wallet.currency_id.compare_amounts(needed, 0.0) <= 0:
                continue
            moves = items.move_id
            for bonus in moves._get_wallet_bonus_entries():
                parts = bonus._get_wallet_bonus_parts_back()
                needed += sum(part.amount for part in parts if part.kind == PAID)
            left = wallet._get_paid_left()
            result[wallet] = moves, left, wallet.currency_id.round(needed)
        return result

    def _get_wallet_used_documents(self):
        """The documents that these top-ups, or their bonuses, pay now."""
        uses = (
            self.env["account.move.line"]
            .sudo()
            .search(
                [
                    (
                        "wallet_grant_id",
                        "in",
                        self._get_wallet_bonus_entries().line_ids.ids,
                    ),
                    ("wallet_document_model", "=", self._name),
                    ("parent_state", "=", "posted"),
                ]
            )
        )
        documents = self.browse(uses.mapped("wallet_document_id"))
        paid = documents.filtered(lambda document: document._get_wallet_parts())
        return self.origin_payment_id.wallet_invoice_ids | paid

    def _get_wallet_used_message(self, wallet, left, needed):
        items = self.line_ids.filtered("wallet_id")
        documents = self._get_wallet_used_documents()
        return self.env._(
            "The top-up %(top_up)s of %(amount)s cannot be taken back: only %(left)s "
            "is left in the wallet of %(customer)s, and %(needed)s is needed.%(bonus)s "
            "Its money was used%(documents)s. Undo that first. A wallet manager "
            "can take the top-up back anyway and leave the customer with a debt.",
            top_up=", ".join(self.mapped("name")),
            amount=wallet.currency_id.format(-sum(items.mapped("amount_currency"))),
            left=wallet.currency_id.format(max(left, 0.0)),
            needed=wallet.currency_id.format(needed),
            bonus=self.env._(" The bonus goes with it.")
            if self._get_wallet_bonus_entries()
            else "",
            customer=wallet.partner_id.display_name,
            documents=self.env._(" for %s", documents._get_wallet_names())
            if documents
            else "",
        )
