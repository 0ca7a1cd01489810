import { _t } from "@web/core/l10n/translation";
import { formatCurrency } from "@web/core/currency";

// What the cashier reads when nothing is settled, as `{ title, body }` of a dialog.

export function noConnection() {
    return {
        title: _t("No connection"),
        body: _t("What a customer owes is on the server: settle it when there is a connection."),
    };
}

export function unpaid(asked, paid, currency) {
    return {
        title: _t("Settled with money only"),
        body: _t(
            "%(asked)s is to be settled or to go into the wallet, and %(paid)s was paid in cash, by card or from the wallet.",
            {
                asked: formatCurrency(asked, currency.id),
                paid: formatCurrency(paid, currency.id),
            }
        ),
    };
}
