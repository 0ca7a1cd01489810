"""What tills know of customers' wallets."""

from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def get_pos_wallets(self, config_id):
        """What a cashier sees of these customers' wallets, as it is now.

        A till may know customers who are gone, or not its user's to read, by now: among
        several, these are left out.

        :param int config_id: pos.config, the till; its currency counts
        :return: dict by partner id of dicts: `partner_id`, `name`, `phone`, `email`,
            `balance` (without what is held) and `available` (floats in the till's
            currency), `frozen`, `offers` (the promotions that a top-up could earn
            now); `False` for whom there is no wallet
        :raises AccessError: the user may not use wallets, or not read the till or
            the customer
        """
        partners = self.exists()._filtered_access("read") if len(self) > 1 else self
        partners.check_access("read")
        self.env["customer.wallet"]._check_user()
        till = self.env["pos.config"].browse(config_id)
        till.check_access("read")
        company = till.company_id
        owners = partners._filter_wallet_owners()
        Wallet = self.env["customer.wallet"].sudo()
        wallets = Wallet._find_of_all(owners, company)
        offers = self.env["customer.wallet.promotion"]._find_offers_of_all(
            owners, company, till.currency_id, company._get_wallet_today()
        )
        return {
            it.id: it in owners
            and it._get_pos_wallet(
                till, wallets.get(it.commercial_partner_id, Wallet), offers[it]
            )
            for it in partners
        }

    def _get_pos_wallet(self, till, wallets, offers):
        self.ensure_one()
        currency, company = till.currency_id, till.company_id
        owner = self.commercial_partner_id
        return {
            "partner_id": owner.id,
            "name": owner.name,
            "phone": owner.phone or self.phone or "",
            "email": owner.email or self.email or "",
            "balance": wallets._get_balance_in(currency, company),
            "available": wallets._get_available_in(currency, company),
            "frozen": "frozen" in wallets.mapped("state"),
            "offers": offers._get_pos_offers(),
        }
