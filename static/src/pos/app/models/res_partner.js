import { patch } from "@web/core/utils/patch";
import { ResPartner } from "@point_of_sale/app/models/res_partner";

patch(ResPartner.prototype, {
    /**
     * @override
     */
    initState() {
        super.initState(...arguments);
        this.uiState = { ...this.uiState, wallet: null };
    },

    /**
     * What the server last said about this customer's wallet, in the till's currency, or null while
     * it has not been asked: `{ partner_id, balance, available, frozen, name, phone, email }`.
     */
    get wallet() {
        return this.uiState.wallet;
    },
});
