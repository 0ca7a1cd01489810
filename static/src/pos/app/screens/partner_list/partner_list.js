import { useEffect } from "@odoo/owl";
import { patch } from "@web/core/utils/patch";
import { useDebounced } from "@web/core/utils/timing";
import { PartnerList } from "@point_of_sale/app/screens/partner_list/partner_list";

// As many as the till loads at once.
const READ_AT_ONCE = 100;
const MARGIN = 10;

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
        const readNewWallets = useDebounced(() => this.readNewWallets(this.shownPartners), 200);
        useEffect(
            (query, loaded) => {
                if (query || loaded) {
                    readNewWallets();
                }
            },
            () => [this.state.query, this.state.loadedPartners.length]
        );
    },

    /**
     * @override
     */
    onScroll() {
        super.onScroll(...arguments);
        if (!this.pos.walletMethod || !this.modalContent) {
            return;
        }
        const { scrollTop, scrollHeight } = this.modalContent;
        const partners = this.shownPartners;
        // The lines are not all of one height: those a little above may be in sight.
        const first = Math.floor((partners.length * scrollTop) / scrollHeight) - MARGIN;
        this.readNewWallets(partners.slice(Math.max(first, 0)));
    },

    get shownPartners() {
        const { initialPartners, loadedPartners } = this.state;
        return [...this.getPartners(initialPartners), ...this.getPartners(loadedPartners)];
    },

    /**
     * Of these customers, ask for those whom the server has not answered for.
     */
    readNewWallets(partners) {
        return this.readWallets(
            partners.filter(({ wallet, hasNoWallet }) => wallet === null && !hasNoWallet)
        );
    },

    readWallets(partners) {
        return this.pos.refreshWallets(partners.slice(0, READ_AT_ONCE));
    },

    topUpWallet(partner) {
        this.clickPartner(this.props.partner); // The order keeps its customer.
        return this.pos.topUpWallet(partner);
    },
});
