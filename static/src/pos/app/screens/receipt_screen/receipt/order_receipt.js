import { patch } from "@web/core/utils/patch";
import { OrderReceipt } from "@point_of_sale/app/screens/receipt_screen/receipt/order_receipt";

patch(OrderReceipt.prototype, {
    /**
     * @override
     */
    get paymentLines() {
        return super.paymentLines.filter((line) => line.isTender);
    },

    /**
     * What the wallet held after this order, as text; none when the till could not read it.
     */
    get walletBalanceAfter() {
        const balance = this.order.uiState.walletBalanceAfter;
        return typeof balance === "number" ? this.formatCurrency(balance) : "";
    },
});
