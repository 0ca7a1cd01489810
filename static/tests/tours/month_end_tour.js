import { registry } from "@web/core/registry";

const DIALOG = ".modal .o_wallet_allocation_batch";
const row = (customer) => `${DIALOG} .o_data_row:contains("${customer}")`;

// Starts on the open invoices of three customers; one of them is short.
registry.category("web_tour.tours").add("customer_wallet_month_end", {
    steps: () => [
        {
            content: "Choose all invoices",
            trigger: ".o_list_renderer thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Open the actions",
            trigger: ".o_control_panel_actions .dropdown-toggle:contains('Actions')",
            run: "click",
        },
        {
            content: "Allocate the wallets",
            trigger: ".o-dropdown--menu .dropdown-item:contains('Allocate Wallet')",
            run: "click",
        },
        {
            content: "Who has enough pays all of it",
            trigger: `${row("Amal Haddad")} td[name='amount']:contains("70.00")`,
        },
        {
            content: "Who is short is marked",
            trigger: `${row("Zoe")}.text-warning td[name='amount']:contains("15.00")`,
        },
        {
            content: "Leave out a customer",
            trigger: `${row("Omar")} td[name='amount']`,
            run: "click",
        },
        {
            content: "Pay nothing for this one",
            trigger: `${row("Omar")} td[name='amount'] input`,
            run: "edit 0",
        },
        {
            content: "Pay",
            trigger: ".modal button[name='action_allocate']",
            run: "click",
        },
        {
            content: "It is said who has paid",
            trigger: `${row("Amal Haddad")} td[name='state']:contains("Paid")`,
        },
        {
            content: "And who has not",
            trigger: `${row("Omar")}.text-warning td[name='state']:not(:has(.badge))`,
        },
        {
            content: "Close",
            trigger: ".modal footer button:contains('Close')",
            run: "click",
        },
        { content: "The dialog is closed", trigger: "body:not(:has(.modal))" },
    ],
});
