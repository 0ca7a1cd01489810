import { patch } from "@web/core/utils/patch";
import { OrderReceipt } from "@point_of_sale/app/screens/receipt_screen/receipt/order_receipt";
import "./order_receipt";

patch(OrderReceipt.prototype, {
    /**
     * Who settles without the wallet does not ask what is in it.
     *
     * @override
     */
    get walletBalanceAfter() {
        return this.order.walletLines.length ? super.walletBalanceAfter : "";
    },
});
