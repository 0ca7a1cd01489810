import { patch } from "@web/core/utils/patch";
import { PosPayment } from "@point_of_sale/app/models/pos_payment";

patch(PosPayment.prototype, {
    get isWallet() {
        return this.payment_method_id?.type === "wallet";
    },

    /**
     * Whether somebody pays with this line. What goes into a wallet is no payment: it is told apart.
     */
    get isTender() {
        return !this.isWallet || this.amount > 0;
    },

    /**
     * Whether the server holds or has booked this payment: from then on it stands.
     */
    isWalletCharged() {
        return Boolean(this.raw.wallet_hold_id || this.raw.wallet_move_id);
    },
});
