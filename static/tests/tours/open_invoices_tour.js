import { registry } from "@web/core/registry";

const ROWS = ".o_wallet_open_invoices label";

// Starts on the page of a customer who has 100 in the wallet and owes 30, 40 and 50.
registry.category("web_tour.tours").add("customer_wallet_open_invoices", {
    steps: () => [
        {
            content: "Two are chosen, as far as the money goes: not the second",
            trigger: `${ROWS}:eq(1) input:checked`,
            run: "click",
        },
        {
            content: "But the third",
            trigger: `${ROWS}:eq(2) input:not(:checked)`,
            run: "click",
        },
        {
            content: "The button says how much that is: pay",
            trigger: ".o_wallet_open_invoices button:contains('80.00')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is said what was paid",
            trigger: ".o_wallet_message.alert-success",
        },
        {
            content: "The second is still open",
            trigger: `${ROWS}:only-of-type:contains("40.00")`,
        },
        {
            content: "The rest is in the wallet",
            trigger: ".o_wallet_balance:contains('20.00')",
        },
    ],
});
