import { formatCurrency } from "@web/core/currency";
import { patch } from "@web/core/utils/patch";
import { CustomerDisplayPosAdapter } from "@point_of_sale/app/customer_display/customer_display_adapter";
import "./customer_display_adapter";

patch(CustomerDisplayPosAdapter.prototype, {
    /**
     * @override
     */
    formatOrderData(order) {
        super.formatOrderData(...arguments);
        if (order.settlementLines.length) {
            this.data.amount = formatCurrency(order.dueWithSettlements, order.currency.id);
        }
    },
});
