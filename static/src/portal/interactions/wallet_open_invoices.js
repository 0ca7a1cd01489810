import { formatCurrency } from "@web/core/currency";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/** Whoever pays several invoices from the wallet reads how much that is. */
export class WalletOpenInvoices extends Interaction {
    static selector = ".o_wallet_open_invoices";
    dynamicContent = {
        // What follows is computed again after each click.
        "input[name='invoice_id']": { "t-on-change": () => {} },
        ".o_wallet_chosen_total": { "t-out": () => this.getChosenTotal() },
        "button[type='submit']": {
            "t-att-disabled": () => !this.getChosen().length || undefined,
        },
    };

    getChosen() {
        return [...this.el.querySelectorAll("input[name='invoice_id']:checked")];
    }

    getChosenTotal() {
        const totals = {};
        for (const { dataset } of this.getChosen()) {
            totals[dataset.currencyId] ??= 0;
            totals[dataset.currencyId] += parseFloat(dataset.due);
        }
        return Object.entries(totals)
            .map(([currencyId, total]) => formatCurrency(total, parseInt(currencyId)))
            .join(" + ");
    }
}

registry
    .category("public.interactions")
    .add("customer_wallet.wallet_open_invoices", WalletOpenInvoices);
