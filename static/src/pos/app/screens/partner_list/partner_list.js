import { patch } from "@web/core/utils/patch";
import { PartnerList } from "@point_of_sale/app/screens/partner_list/partner_list";

// As many as the till loads at once.
const READ_AT_OPENING = 100;

patch(PartnerList.prototype, {
    /**
     * @override
     */
    setup() {
        super.setup(...arguments);
        if (this.pos.walletMethod) {
            const partners = this.getPartners(this.state.initialPartners);
            this.pos.refreshWallets(partners.slice(0, READ_AT_OPENING));
        }
    },

    topUpWallet(partner) {
        this.clickPartner(this.props.partner); // The order keeps its customer.
        return this.pos.topUpWallet(partner);
    },
});
