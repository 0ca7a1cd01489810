import { patch } from "@web/core/utils/patch";
import DevicesSynchronisation from "@point_of_sale/app/utils/devices_synchronisation";

patch(DevicesSynchronisation.prototype, {
    /**
     * A restaurant puts what this till and another one have at a table into one order: not what a
     * wallet may have paid for.
     *
     * @override
     */
    async readDataFromServer() {
        await this.pos.settleUnknownWalletOrders();
        return super.readDataFromServer(...arguments);
    },
});
