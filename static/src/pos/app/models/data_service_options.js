import { patch } from "@web/core/utils/patch";
import { DataServiceOptions } from "@point_of_sale/app/models/data_service_options";

patch(DataServiceOptions.prototype, {
    /**
     * The till wants to know whether a wallet was charged, and has no use for the hold
     * or the entry.
     *
     * @override
     */
    get prohibitedAutoLoadedFields() {
        const fields = super.prohibitedAutoLoadedFields;
        return {
            ...fields,
            "pos.payment": [...(fields["pos.payment"] || []), "wallet_hold_id", "wallet_move_id"],
        };
    },
});
