import { patch } from "@web/core/utils/patch";
import { PosPayment } from "@point_of_sale/app/models/pos_payment";

patch(PosPayment.prototype, {
    get isWallet() {
        return this.payment_method_id?.type === "wallet";
    },

    /**
     * Whether the server has booked this payment in the wallet: from then on it stands.
     */
    isWalletCharged() {
        return Boolean(this.raw.wallet_move_id);
    },
});
