from odoo import models
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tools import SQL, format_list

# Where core keeps the commercial partner.
BOOKS = (
    ("account_move_line", "partner_id"),
    ("account_move", "commercial_partner_id"),
)


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Core rewrites the foreign keys in SQL, and deletes rows that would break a
        unique constraint: no wallet may be among these.
        """
        if any(src_partners.mapped("is_company")):
            # Core does it later, but whose wallets these are depends on it.
            dst_partner.is_company = True
        owner = dst_partner.commercial_partner_id
        self._merge_wallets(src_partners, owner)
        if owner != dst_partner:
            self._leave_books_to(owner, src_partners)
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _leave_books_to(self, owner, src_partners):
        """What customers have in the books is the company's whose contact they become,
        as core has it for those who join a company otherwise.
        """
        customers = src_partners.filtered(lambda it: it == it.commercial_partner_id)
        self.env.flush_all()
        for table, column in BOOKS:
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = %s WHERE %s = ANY(%s)",
                    SQL.identifier(table),
                    SQL.identifier(column),
                    owner.id,
                    SQL.identifier(column),
                    customers.ids,
                )
            )
        self.env.invalidate_all()

    def _merge_wallets(self, src_partners, owner):
        """Move all movements into the wallet of the customer that stays, by currency.

        :param src_partners: res.partner that go
        :param owner: res.partner who owns them then
        :raises AccessError: the user is no wallet manager, and they have been used
        :raises UserError: one of these stands for many people
        """
        Wallet = self.env["customer.wallet"].sudo()
        if Wallet.search_count([("partner_id", "in", (src_partners | owner).ids)]):
            (src_partners | owner)._check_wallet_owner()
        leaving = Wallet.search(
            [("partner_id", "in", src_partners.ids), ("partner_id", "!=", owner.id)]
        )
        self._check_may_move(leaving, owner)
        for wallet in leaving:
            wallets = Wallet._find(owner, wallet.company_id)
            target = wallets._filter_currency(wallet.currency_id)
            # Allowed for one customer is not allowed for the other.
            wallet._withdraw_consents()
            if not target:
                wallet.partner_id = owner
                continue
            self._merge_wallet_into(wallet, target)

    def _check_may_move(self, wallets, owner):
        """Who may merge contacts may not move money from one customer to another.

        :param wallets: customer.wallet in sudo
        :param owner: res.partner who would own them then
        :raises AccessError: naming the customers
        """
        if self.env.user.has_group("customer_wallet.group_wallet_manager"):
            return
        used = wallets.filtered(self._is_wallet_used)
        if used:
            raise AccessError(
                self.env._(
                    "Merging would move the wallet of %(customers)s to %(customer)s. "
                    "Ask a wallet manager to merge these contacts.",
                    customers=format_list(
                        self.env, used.partner_id.mapped("display_name")
                    ),
                    customer=owner.display_name,
                )
            )

    def _is_wallet_used(self, wallet):
        """Whether there is anything that another customer would get with it."""
        own = [("wallet_id", "=", wallet.id)]
        return (
            wallet.overdraft_limit
            or wallet.state == "frozen"
            or self.env["account.move.line"].sudo().search_count(own, limit=1)
            or self.env["customer.wallet.hold"].sudo().search_count(own, limit=1)
        )

    def _merge_wallet_into(self, wallet, target):
        target.write(
            {
                "overdraft_limit": target.overdraft_limit + wallet.overdraft_limit,
                "debt_limit": target.debt_limit + wallet.debt_limit,
                "state": "frozen"
                if "frozen" in (wallet.state, target.state)
                else "open",
            }
        )
        target.message_post(
            body=self.env._(
                "Merged with the wallet of %(customer)s, which held %(balance)s.",
                customer=wallet.partner_id.display_name,
                balance=wallet.currency_id.format(wallet.balance),
            )
        )
        self.env.flush_all()
        self._move_wallet_money(wallet, target)
        self.env.invalidate_all()
        self._keep_wallet_wishes(wallet, target)
        self._keep_wallet_chatter(wallet, target)
        wallet.unlink()

    def _move_wallet_money(self, wallet, target):
        """Move items and holds in one go. What each wallet had adds up, so that nothing
        goes out of either, be it frozen or in debt; sums that are kept of a history are
        of another one now.
        """
        for table in ("account_move_line", "customer_wallet_hold"):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET wallet_id = %s WHERE wallet_id = %s",
                    SQL.identifier(table),
                    target.id,
                    wallet.id,
                )
            )
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_wallet wallet
                   SET balance = total.balance,
                       bonus_balance = total.bonus_balance,
                       held = total.held,
                       held_bonus = total.held_bonus
                  FROM (
                        SELECT SUM(balance) AS balance,
                               SUM(bonus_balance) AS bonus_balance,
                               SUM(held) AS held,
                               SUM(held_bonus) AS held_bonus
                          FROM customer_wallet
                         WHERE id IN (%(target)s, %(source)s)
                       ) total
                 WHERE wallet.id = %(target)s
                """,
                target=target.id,
                source=wallet.id,
            )
        )
        target._set_checkpoint(None, None)
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_wallet
                   SET balance = 0, bonus_balance = 0, held = 0, held_bonus = 0,
                       overdraft_limit = 0
                 WHERE id = %s
                """,
                wallet.id,
            )
        )

    def _keep_wallet_wishes(self, wallet, target):
        """What waits for the money goes on waiting, and who wanted an email about a
        low balance still does.
        """
        Move = self.env["account.move"].sudo()
        waiting = Move.search([("wallet_waiting_ids", "in", wallet.ids)])
        waiting.write({"wallet_waiting_ids": [Command.link(target.id)]})
        target._set_low_balance_threshold(
            target.low_balance_threshold or wallet.low_balance_threshold
        )

    def _keep_wallet_chatter(self, wallet, target):
        """What was said about a wallet and why stays with its money."""
        wallet.message_change_thread(target)
        wallet.activity_ids.write({"res_id": target.id})
        target.message_subscribe(wallet.message_partner_ids.ids)
