import { patch } from "@web/core/utils/patch";
import { PosData } from "@point_of_sale/app/services/data_service";

patch(PosData.prototype, {
    /**
     * What the server says about the orders it refused is not a model.
     *
     * @override
     */
    async missingRecursive(recordMap) {
        delete recordMap.wallet_refusals;
        return super.missingRecursive(...arguments);
    },
});
