"""The bonus that a promotion gives."""

import logging

from psycopg2 import OperationalError

from odoo import api, models
from odoo.exceptions import ConcurrencyError, UserError

from .customer_wallet import PAID
from .wallet_amounts import read_amount

_logger = logging.getLogger(__name__)


class CustomerWalletPromotion(models.Model):
    _inherit = "customer.wallet.promotion"

    # Giving the bonus

    @api.model
    def _grant(self, top_up, partner, date):
        """Give the customer the bonus that a posted top-up earns, once. What is paid
        from a wallet earns nothing. No fault of a promotion, an account or a setting
        stops a top-up: it is told what to fix instead.

        :param top_up: account.move, the posted entry of the top-up
        :param partner: res.partner, who tops up
        :param date: on which the promotions must be running
        :return: account.move of the bonus, empty when there is none
        """
        items = top_up.sudo().line_ids.filtered("wallet_id")
        is_paid_in = items and all(item.amount_currency <= 0.0 for item in items)
        earned = self.env["customer.wallet"]._get_bonus_entries(top_up)
        if earned or not is_paid_in or top_up.reversed_entry_id:
            return self.env["account.move"]
        # What is wrong with the top-up itself is no fault of a promotion.
        self.env.flush_all()
        promotion = self.sudo().browse()
        try:
            with self.env.cr.savepoint():
                amount = -sum(items.mapped("amount_currency"))
                promotion, bonus = self._find_best(
                    partner, top_up.company_id, items.currency_id, amount, date
                )
                bonus = promotion._limit_bonus(top_up, bonus) if promotion else 0.0
                if not bonus:
                    return self.env["account.move"]
                entry = promotion._book_bonus(top_up, partner, bonus)
                promotion._log_bonus(top_up, bonus, entry)
                return entry
        except (OperationalError, ConcurrencyError):
            raise
        except Exception as error:  # pylint: disable=broad-exception-caught
            _logger.warning(
                "No bonus for %s by %s", top_up.name, promotion, exc_info=True
            )
            self._report_fault(promotion, top_up, error)
            return self.env["account.move"]

    def _limit_bonus(self, top_up, bonus):
        """A top-up that was taken back with its bonus may be confirmed again. What had
        expired does not come again then: only what was used, which the customer has
        paid for meanwhile.

        :param top_up: account.move
        :param float bonus: that it earns
        :return: float, in the currency of this promotion
        """
        earlier = self._find_earlier_grant(top_up)
        last_day = earlier.wallet_expiry_date
        if not last_day or last_day >= self.company_id._get_wallet_today():
            return bonus
        back = earlier.move_id._get_wallet_reversals().line_ids
        paid = back.filtered(lambda item: item.wallet_lot_type == PAID)
        return min(bonus, sum(paid.mapped("amount_currency")))

    def _get_bonus_expiry(self, top_up, date):
        """The last day of the bonus of a top-up, which is that of before where it was
        only taken back meanwhile, see `_get_expiry_date`.
        """
        last_day = self._find_earlier_grant(top_up).wallet_expiry_date
        if last_day and last_day >= self.company_id._get_wallet_today():
            return last_day
        return self._get_expiry_date(date)

    def _find_earlier_grant(self, top_up):
        """
        :return: account.move.line in sudo by which this promotion has given a bonus for
            a top-up before
        """
        self.ensure_one()
        entries = top_up.sudo().wallet_bonus_move_ids.filtered(
            lambda move: move.state == "posted" and move.wallet_promotion_id == self
        )
        return entries.line_ids._filter_wallet_grants().sorted("id")[-1:]

    def _log_bonus(self, top_up, bonus, entry):
        """Say on the top-up what it earned."""
        self.ensure_one()
        top_up._get_wallet_shown_document().sudo().message_post(
            body=self.env._(
                "This top-up earned a bonus of %(bonus)s by the promotion "
                "%(promotion)s: %(entry)s.",
                bonus=self.currency_id.format(bonus),
                promotion=self.name,
                entry=entry.name,
            )
        )

    @api.model
    def _report_fault(self, promotion, top_up, error):
        """Say on the top-up why it earned nothing, and ask the wallet managers to fix
        that.

        :param promotion: customer.wallet.promotion, empty when none could be chosen
        :param top_up: account.move
        :param error: Exception
        """
        reason = str(error)
        if not isinstance(error, UserError):
            reason = self.env._("The log of the server says more (%s).", reason)
        top_up._get_wallet_shown_document().sudo()._message_log(
            body=self.env._(
                "This top-up got no bonus, as the promotion %(promotion)s could not be "
                "applied. %(reason)s Check the promotion, and the accounts in Settings "
                "> Invoicing > Customer Wallet. Then give the bonus by adjusting the "
                "wallet.",
                promotion=promotion.name or "",
                reason=reason,
            )
        )
        company = top_up.company_id.root_id
        faulty = promotion or promotion.search(
            [("company_id", "=", company.id)], limit=1
        )
        if faulty:
            faulty._ask_managers_to_fix(reason)

    def _ask_managers_to_fix(self, reason):
        """Schedule an activity for each wallet manager of the company, who has one
        until it is done, however many top-ups it concerns.
        """
        self.ensure_one()
        xmlid = "customer_wallet.mail_activity_type_promotion"
        activities = self.activity_search([xmlid], only_automated=False)
        managers = self.env["customer.wallet.check"]._get_managers()
        for manager in managers - activities.user_id:
            if self.company_id not in manager.company_ids.root_id:
                continue
            translated = self.with_context(lang=manager.lang)
            translated.activity_schedule(
                xmlid,
                summary=translated.env._("Top-ups get no bonus: fix the promotion"),
                note=reason,
                user_id=manager.id,
            )

    # Entries

    def _book_bonus(self, top_up, partner, bonus):
        """Book the bonus of a top-up: the promotion's expense becomes bonus money in
        the customer's wallet.

        :param top_up: account.move, the posted entry of the top-up
        :param partner: res.partner, the customer
        :param float bonus: in the currency of this promotion
        :return: account.move, posted
        """
        self.ensure_one()
        bonus = read_amount(self.env, bonus, self.currency_id)
        company = top_up.company_id
        company._ensure_wallet_accounting()
        wallet = self.env["customer.wallet"]._find_or_create(
            partner, company, self.currency_id
        )
        return wallet._book(
            "bonus",
            self._prepare_wallet_bonus_items(wallet, top_up, bonus),
            company,
            **self._prepare_wallet_bonus_vals(wallet, top_up),
        )

    def _prepare_wallet_bonus_vals(self, wallet, top_up):
        """Values of the entry of a bonus.

        :param wallet: customer.wallet that gets it
        :param top_up: account.move, the posted entry of the top-up
        :return: dict of account.move values
        """
        self.ensure_one()
        return {
            "date": top_up.date,
            "ref": self._get_bonus_ref(top_up),
            "partner_id": wallet.partner_id.id,
            "currency_id": self.currency_id.id,
            "wallet_promotion_id": self.id,
            "wallet_bonus_origin_id": top_up.id,
        }

    def _get_bonus_ref(self, top_up):
        """
        :param top_up: account.move, the posted entry of the top-up
        :return: str, what the entry of its bonus is for
        """
        return self.env._(
            "%(promotion)s (%(top_up)s)",
            promotion=self.name,
            top_up=self.env["customer.wallet"]._get_entry_name(top_up),
        )

    def _prepare_wallet_bonus_items(self, wallet, top_up, bonus):
        label = self.env._("Bonus: %(promotion)s", promotion=self.name)
        expiry_date = self._get_bonus_expiry(top_up, top_up.date)
        given = wallet._prepare_giving_vals(
            [(bonus, "bonus", expiry_date)], label, date=top_up.date
        )
        expense_vals = wallet._prepare_promotion_expense_vals(
            given, label, top_up.company_id
        )
        nothing = self.env["account.move.line"]
        return [(vals, nothing) for vals in (expense_vals, *given)]
