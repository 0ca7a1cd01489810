import { patch } from "@web/core/utils/patch";
import { PosPayment } from "@point_of_sale/app/models/pos_payment";
import "./pos_payment";

patch(PosPayment.prototype, {
    /**
     * Whether this line settles what the customer owes from before.
     */
    get isSettlement() {
        return Boolean(this.settled_item);
    },

    /**
     * Whether the server has settled it: from then on it stands.
     */
    get isSettled() {
        return Boolean(this.raw.settlement_move_id);
    },

    /**
     * The screen of the payments lists what is settled as something to be paid.
     */
    get displayedAmount() {
        return this.isSettlement ? -this.getAmount() : this.getAmount();
    },

    /**
     * @override
     */
    get isTender() {
        return super.isTender && !this.isSettlement;
    },
});
