import { patch } from "@web/core/utils/patch";
import OrderPaymentValidation from "@point_of_sale/app/utils/order_payment_validation";

patch(OrderPaymentValidation.prototype, {
    /**
     * @override
     */
    setup() {
        super.setup(...arguments);
        // The server sets `to_invoice` on an order that is paid later. Nobody pressed Invoice for it,
        // so nobody waits for the document: it can be printed from the list of orders.
        this.invoiceWasRequested = this.order.to_invoice;
    },

    /**
     * @override
     */
    shouldDownloadInvoice() {
        return (
            super.shouldDownloadInvoice() &&
            (this.invoiceWasRequested || !this.order.isAutoInvoiced)
        );
    },
});
