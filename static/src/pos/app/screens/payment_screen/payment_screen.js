import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { PaymentScreen } from "@point_of_sale/app/screens/payment_screen/payment_screen";

patch(PaymentScreen.prototype, {
    /**
     * @override
     */
    async toggleIsToInvoice() {
        if (this.currentOrder.isAutoInvoiced) {
            this.notification.add(_t("This order is paid later: it is always invoiced."), {
                type: "info",
            });
            return;
        }
        return super.toggleIsToInvoice(...arguments);
    },
});
