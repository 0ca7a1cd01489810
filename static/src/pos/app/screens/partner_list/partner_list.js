import { useEffect } from "@odoo/owl";
import { patch } from "@web/core/utils/patch";
import { useDebounced } from "@web/core/utils/timing";
import { PartnerList } from "@point_of_sale/app/screens/partner_list/partner_list";

// As many as the till loads at once.
const READ_AT_ONCE = 100;

patch(PartnerList.prototype, {
    /**
     * @override
     */
    setup() {
        super.setup(...arguments);
        if (!this.pos.walletMethod) {
            return;
        }
        this.readWallets(this.shownPartners);
        const readNewWallets = useDebounced(() => {
            const isNew = ({ wallet, hasNoWallet }) => !wallet && !hasNoWallet;
            return this.readWallets(this.shownPartners.filter(isNew));
        }, 200);
        useEffect(
            (query, loaded) => {
                if (query || loaded) {
                    readNewWallets();
                }
            },
            () => [this.state.query, this.state.loadedPartners.length]
        );
    },

    get shownPartners() {
        const { initialPartners, loadedPartners } = this.state;
        return [...this.getPartners(initialPartners), ...this.getPartners(loadedPartners)];
    },

    readWallets(partners) {
        return this.pos.refreshWallets(partners.slice(0, READ_AT_ONCE));
    },

    topUpWallet(partner) {
        this.clickPartner(this.props.partner); // The order keeps its customer.
        return this.pos.topUpWallet(partner);
    },
});
