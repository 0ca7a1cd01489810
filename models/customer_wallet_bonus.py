"""The money of a bonus: its expense, and how it goes back with its top-up."""

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command

from .customer_wallet_booking import Part, Purse
from .customer_wallet_operation import BONUS, PAID


class CustomerWallet(models.Model):
    _inherit = "customer.wallet"

    @api.model
    def _take_back_bonuses(self, moves):
        """Take back the bonuses of the top-ups among these: what was used of them is
        paid with the customer's money.

        :param moves: account.move, about to be unposted or reversed
        :raises UserError: the money has been used
        """
        top_ups = moves.filtered(
            lambda move: (
                move.state == "posted"
                and (move.origin_payment_id.is_wallet or move.wallet_bonus_move_ids)
                and not move.reversed_entry_id
            )
        )
        for wallet, (used, left, needed) in self._get_take_back(top_ups).items():
            if wallet.currency_id.compare_amounts(left, needed) < 0:
                raise UserError(wallet._get_used_message(used, left, needed))
        for top_up in top_ups:
            grants = self._get_bonus_entries(top_up).line_ids._filter_wallet_grants()
            for grant in grants:
                self._book_bonus_back(grant)
            if grants:
                top_up._get_wallet_shown_document().sudo().message_post(
                    body=self.env._("The bonus of this top-up was taken back.")
                )

    @api.model
    def _get_bonus_entries(self, top_ups):
        """The bonuses that top-ups have earned and still have.

        :param top_ups: account.move
        :return: account.move in sudo
        """
        return top_ups.sudo().wallet_bonus_move_ids.filtered(
            lambda move: (
                move.state == "posted"
                and move.line_ids._filter_wallet_grants()
                and not move._get_wallet_reversals()
            )
        )

    @api.model
    def _get_take_back(self, top_ups):
        """What must be in each wallet to take top-ups and their bonuses back.

        :param top_ups: account.move
        :return: dict by customer.wallet of (account.move, float left, float needed) of
            paid money, in the currency of the wallet
        """
        result = {}
        posted = top_ups.sudo().filtered(lambda move: move.state == "posted")
        for wallet, items in posted.line_ids.grouped("wallet_id").items():
            needed = -sum(items.mapped("amount_currency"))
            if not wallet or wallet.currency_id.compare_amounts(needed, 0.0) <= 0:
                continue
            moves = items.move_id
            bonuses = self._get_bonus_entries(moves)
            for grant in bonuses.line_ids._filter_wallet_grants():
                parts = self._get_bonus_parts_back(grant).get(wallet, ())
                needed += sum(part.amount for part in parts if part.kind == PAID)
            left = wallet._get_paid_left()
            result[wallet] = moves, left, wallet.currency_id.round(needed)
        return result

    @api.model
    def _get_bonus_parts_back(self, grant):
        """What a bonus is taken back from: what is left of it, also where it came back
        in another currency, and for what was used paid money. What has expired is not
        taken twice.

        :param grant: account.move.line in sudo that gave it
        :return: dict of lists of Part by customer.wallet
        """
        own = grant.wallet_id
        rates = {own: 1.0, **self._get_bonus_rates(grant)}
        gone = grant.search(
            [
                ("wallet_grant_id", "=", grant.id),
                ("parent_state", "=", "posted"),
                ("move_id.wallet_operation", "not in", self._get_use_operations()),
            ]
        )
        rest = -sum(
            item.amount_currency * rates.get(item.wallet_id, 1.0)
            for item in grant | gone
        )
        result = {}
        for wallet, rate in rates.items():
            wanted = wallet.currency_id.round(max(rest, 0.0) / rate)
            if wallet != own and wallet.state == "frozen":
                wanted = 0.0
            bonus = min(wallet._get_left_of(grant), wanted)
            rest -= bonus * rate
            result[wallet] = wallet._get_parts_back([(BONUS, grant, bonus)])
        # What is less than the smallest unit of the other currency is nobody's.
        paid = own.currency_id.round(max(rest, 0.0))
        result[own] += own._get_parts_back([(PAID, grant.browse(), paid)])
        return result

    def _get_parts_back(self, amounts):
        purse = Purse(self, kinds=())
        return [
            Part(kind, source, amount, purse.take_value(kind, amount))
            for kind, source, amount in amounts
            if not self.currency_id.is_zero(amount)
        ]

    @api.model
    def _get_bonus_rates(self, grant):
        """In which other wallets of the customer a bonus came back, in another currency
        than the one in which it was given: at the rate of that day, which counts from
        then on.

        :param grant: account.move.line in sudo that gave it
        :return: dict of float by customer.wallet, what one unit of its currency is in
            the currency of the grant
        """
        came = grant.search(
            [
                ("wallet_grant_id", "=", grant.id),
                ("parent_state", "=", "posted"),
                ("wallet_id", "!=", grant.wallet_id.id),
                ("amount_currency", "<", 0.0),
            ]
        )
        return {
            wallet: sum(
                wallet.currency_id._convert(
                    item.amount_currency,
                    grant.currency_id,
                    item.company_id,
                    item.date,
                    round=False,
                )
                for item in items
            )
            / sum(items.mapped("amount_currency"))
            for wallet, items in came.grouped("wallet_id").items()
        }

    @api.model
    def _book_bonus_back(self, grant):
        """
        :param grant: account.move.line in sudo that gave the bonus
        """
        entry = grant.move_id
        expense = entry.line_ids.filtered(lambda line: not line.wallet_lot_type)[:1]
        items = []
        for wallet, parts in self._get_bonus_parts_back(grant).items():
            if not parts:
                continue
            vals_list = wallet._prepare_parts_vals(parts, entry.ref)
            for part, vals in zip(parts, vals_list, strict=True):
                if part.kind == BONUS:
                    vals.update(grant._prepare_wallet_storno_vals())
            expense_vals = {
                **wallet._prepare_promotion_expense_vals(
                    vals_list, expense.name, entry.company_id
                ),
                **expense._prepare_wallet_storno_vals(),
                "account_id": expense.account_id.id,
                "analytic_distribution": expense.analytic_distribution,
            }
            items += [(vals, grant.browse()) for vals in (*vals_list, expense_vals)]
        if not items:
            return
        self._book(
            entry.wallet_operation,
            items,
            entry.company_id,
            reversed_entry_id=entry.id,
            wallet_bonus_origin_id=entry.wallet_bonus_origin_id.id,
            ref=entry.line_ids._get_wallet_undo_ref(),
            partner_id=entry.partner_id.id,
            currency_id=entry.currency_id.id,
        )

    def _prepare_promotion_expense_vals(self, items, label, company):
        """Values of the expense of what is given to a customer, or of what comes back
        from there. The only item of such an entry that has an analytic distribution.

        :param list items: dicts of account.move.line values, on the bonus account
        :param str label: of the journal item
        :param company: res.company that books it
        """
        account = company.sudo().wallet_promotion_account_id
        return {
            **self._prepare_counterpart_vals(items, account, label),
            "tax_ids": [Command.clear()],
        }

    def _get_used_message(self, top_ups, left, needed):
        self.ensure_one()
        items = top_ups.line_ids.filtered("wallet_id")
        bonuses = self._get_bonus_entries(top_ups)
        documents = top_ups.origin_payment_id.wallet_invoice_ids
        documents |= self._get_documents_paid_by(bonuses.line_ids)
        return self.env._(
            "The top-up %(top_up)s of %(amount)s cannot be taken back: only %(left)s "
            "is left in the wallet of %(customer)s, and %(needed)s is needed.%(bonus)s "
            "Its money was used%(documents)s. Undo that first. A wallet manager "
            "can take the top-up back anyway and leave the customer with a debt.",
            top_up=", ".join(top_ups.mapped("name")),
            amount=self.currency_id.format(-sum(items.mapped("amount_currency"))),
            left=self.currency_id.format(max(left, 0.0)),
            needed=self.currency_id.format(needed),
            bonus=self.env._(" The bonus goes with it.") if bonuses else "",
            customer=self.partner_id.display_name,
            documents=self.env._(" for %s", documents._get_wallet_names())
            if documents
            else "",
        )

    @api.model
    def _get_documents_paid_by(self, grants):
        """The invoices that these bonuses pay now.

        :param grants: account.move.line
        :return: account.move
        """
        uses = grants.sudo().search(
            [
                ("wallet_grant_id", "in", grants.ids),
                ("wallet_document_model", "=", "account.move"),
                ("parent_state", "=", "posted"),
            ]
        )
        documents = grants.move_id.browse(uses.mapped("wallet_document_id"))
        return documents.filtered(lambda document: document._get_wallet_parts())
