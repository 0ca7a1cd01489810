import { patch } from "@web/core/utils/patch";
import { PosOrder } from "@point_of_sale/app/models/pos_order";

patch(PosOrder.prototype, {
    /**
     * @override
     */
    get isPaidByWallet() {
        return super.isPaidByWallet || this.payment_ids.some((line) => line.is_online_wallet);
    },
});
