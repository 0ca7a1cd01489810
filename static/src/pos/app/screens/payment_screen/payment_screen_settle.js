import { patch } from "@web/core/utils/patch";
import { PaymentScreenPaymentLines } from "@point_of_sale/app/screens/payment_screen/payment_lines/payment_lines";

patch(PaymentScreenPaymentLines.prototype, {
    /**
     * What is settled is chosen with Settle, not typed over.
     *
     * @override
     */
    async selectLine(line) {
        return line.isSettlement ? undefined : super.selectLine(...arguments);
    },
});
