import { patch } from "@web/core/utils/patch";
import { ResPartner } from "@point_of_sale/app/models/res_partner";

patch(ResPartner.prototype, {
    /**
     * @override
     */
    initState() {
        super.initState(...arguments);
        this.uiState = { ...this.uiState, wallet: null, hasNoWallet: false };
    },

    /**
     * What the server last said about this customer's wallet, in the till's currency:
     * `{ partner_id, balance, available, frozen, name, phone, email }`. It is null while the server
     * has not answered, and false when it has and the till does not know.
     */
    get wallet() {
        return this.uiState.wallet;
    },

    /**
     * Whether the server has said that this customer stands for many people.
     */
    get hasNoWallet() {
        return this.uiState.hasNoWallet;
    },
});
