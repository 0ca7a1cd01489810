import { patch } from "@web/core/utils/patch";
import { PosOrder } from "@point_of_sale/app/models/pos_order";

patch(PosOrder.prototype, {
    /**
     * Whether the server will invoice this order without being asked to, because of how it is paid.
     */
    get isAutoInvoiced() {
        return this.payment_ids.some(
            ({ amount, payment_method_id: method }) =>
                method.auto_invoice && method.type === "pay_later" && !this.currency.isZero(amount)
        );
    },

    /**
     * @override
     */
    isToInvoice() {
        return super.isToInvoice() || this.isAutoInvoiced;
    },
});
