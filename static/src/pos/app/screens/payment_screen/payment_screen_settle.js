import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { PaymentScreen } from "@point_of_sale/app/screens/payment_screen/payment_screen";
import { PaymentScreenPaymentLines } from "@point_of_sale/app/screens/payment_screen/payment_lines/payment_lines";
import "./payment_screen";

patch(PaymentScreen.prototype, {
    /**
     * @override
     */
    async toggleIsToInvoice() {
        if (this.currentOrder.settlementLines.length) {
            this.notification.add(
                _t("An order that settles something is not invoiced: make an order of its own."),
                { type: "info" }
            );
            return;
        }
        return super.toggleIsToInvoice(...arguments);
    },
});

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
