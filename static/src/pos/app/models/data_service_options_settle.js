import { patch } from "@web/core/utils/patch";
import { DataServiceOptions } from "@point_of_sale/app/models/data_service_options";
import "./data_service_options";

patch(DataServiceOptions.prototype, {
    /**
     * @override
     */
    get prohibitedAutoLoadedFields() {
        const fields = super.prohibitedAutoLoadedFields;
        return {
            ...fields,
            "pos.payment": [
                ...(fields["pos.payment"] || []),
                "settlement_move_id",
                "on_account_item_id",
            ],
        };
    },
});
