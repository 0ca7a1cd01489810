from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Core rewrites the foreign keys in SQL, and deletes rows that would break a
        unique constraint: no wallet may be among these.
        """
        targets = self._merge_wallets(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self._recompute_merged_wallets(targets)
        return result

    def _merge_wallets(self, src_partners, dst_partner):
        """Move all movements into the wallet of the customer that stays, by currency.

        :param src_partners: res.partner that go
        :param dst_partner: res.partner that stays
        :return: customer.wallet that took something over
        """
        Wallet = self.env["customer.wallet"].sudo()
        owner = dst_partner.commercial_partner_id
        targets = Wallet
        for wallet in Wallet.search([("partner_id", "in", src_partners.ids)]):
            target = Wallet._find(owner, wallet.company_id).filtered(
                lambda w, wallet=wallet: w.currency_id == wallet.currency_id
            )
            if target == wallet:
                continue
            if not target:
                wallet.partner_id = owner
                continue
            self._merge_wallet_into(wallet, target)
            targets |= target
        return targets

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
        self.env.execute_query(
            SQL(
                "UPDATE account_move_line SET wallet_id = %s WHERE wallet_id = %s"
                " RETURNING id",
                target.id,
                wallet.id,
            )
        )
        self.env.cr.execute(
            "UPDATE customer_wallet SET balance = 0, overdraft_limit = 0 WHERE id = %s",
            [wallet.id],
        )
        self.env.invalidate_all()
        self._keep_wallet_chatter(wallet, target)
        wallet.unlink()

    def _keep_wallet_chatter(self, wallet, target):
        """What was said about a wallet and why stays with its money."""
        wallet.message_change_thread(target)
        wallet.activity_ids.write({"res_id": target.id})
        target.message_subscribe(wallet.message_partner_ids.ids)

    def _recompute_merged_wallets(self, wallets):
        fields = wallets._fields
        for name in ("balance", "bonus_balance"):
            self.env.add_to_compute(fields[name], wallets)
        wallets._match_open_lines()
