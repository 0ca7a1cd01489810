import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { ClosePosPopup } from "@point_of_sale/app/components/popups/closing_popup/closing_popup";

patch(ClosePosPopup.prototype, {
    /**
     * What wallets paid, and what went into them: a sum of both would say nothing.
     *
     * @param {Object} amounts by kind
     */
    getWalletAmounts(amounts) {
        return [
            { kind: "spent", label: _t("Spent") },
            { kind: "topped_up", label: _t("Topped up") },
            { kind: "change_kept", label: _t("Change kept") },
            { kind: "refunded", label: _t("Refunded") },
        ]
            .map((row) => ({ ...row, amount: amounts[row.kind] }))
            .filter(({ kind, amount }) => kind === "spent" || amount);
    },
});
