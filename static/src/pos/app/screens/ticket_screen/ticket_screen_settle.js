import { patch } from "@web/core/utils/patch";
import { TicketScreen } from "@point_of_sale/app/screens/ticket_screen/ticket_screen";
import "./ticket_screen";

patch(TicketScreen.prototype, {
    /**
     * What was settled, rather than nothing.
     *
     * @override
     */
    getTotal(order) {
        return order.isOnlySettlement
            ? this.env.utils.formatCurrency(order.settledAmount)
            : super.getTotal(...arguments);
    },
});
