import { patch } from "@web/core/utils/patch";
import { ReceiptScreen } from "@point_of_sale/app/screens/receipt_screen/receipt_screen";
import "./receipt_screen";

patch(ReceiptScreen.prototype, {
    /**
     * @override
     */
    get orderAmountPlusTip() {
        const order = this.currentOrder;
        return order.isOnlySettlement
            ? this.env.utils.formatCurrency(order.settledAmount)
            : super.orderAmountPlusTip;
    },
});
