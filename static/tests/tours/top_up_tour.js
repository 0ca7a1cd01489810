import { registry } from "@web/core/registry";
import * as BackOffice from "./utils/back_office_util";
import * as WalletSection from "./utils/wallet_section_util";

const confirm = (label) => ({
    content: `Press ${label}`,
    trigger: `.modal footer button[name="action_post_wallet_payment"]:contains("${label}"):visible`,
    run: "click",
});

const closed = {
    content: "The dialog has closed",
    trigger: "body:not(:has(.modal))",
};

// Starts on the form of an invoice of 120 whose customer has no wallet yet.
registry.category("web_tour.tours").add("customer_wallet_top_up_invoice", {
    steps: () =>
        [
            WalletSection.balanceIs("0.00"),
            {
                content: "Top up what is missing",
                trigger: ".o_customer_wallet_top_up:enabled",
                run: "click",
            },
            {
                content: "The amount of the invoice is proposed",
                trigger: ".modal .o_field_widget[name='wallet_balance_after']:contains('120.00')",
            },
            confirm("Top Up"),
            closed,
            WalletSection.balanceIs("120.00"),
            WalletSection.pay("120.00"),
            {
                content: "It is told, with what is left",
                trigger:
                    ".o_notification:contains('120.00 paid from the wallet'):contains('0.00.')",
            },
            WalletSection.invoiceIsPaid(),
        ].flat(),
});

// Starts on the list of wallets, which is empty.
registry.category("web_tour.tours").add("customer_wallet_top_up_and_pay_out", {
    steps: () =>
        [
            {
                content: "Top up where nobody has a wallet yet",
                trigger: ".o_control_panel_main_buttons button:contains('Top Up'):visible",
                run: "click",
            },
            BackOffice.selectRecord("partner_id", "Amal Haddad", "Select the customer"),
            {
                content: "Enter the amount",
                trigger: ".modal .o_field_widget[name='amount'] input",
                run: "edit 80 && press Tab",
            },
            {
                content: "See what comes of it",
                trigger: ".modal .o_field_widget[name='wallet_balance_after']:contains('80.00')",
            },
            confirm("Top Up"),
            closed,
            {
                content: "It is told, with a link to the payment",
                trigger: ".o_notification:contains('Amal Haddad has'):contains('80.00') a",
            },
            {
                content: "Open the wallet",
                trigger: ".o_data_row:contains('Amal Haddad') td[name='partner_id']",
                run: "click",
            },
            {
                content: "Nothing is due: there is nothing to allocate",
                trigger: ".o_form_view:not(:has(button[name='action_open_wallet_allocation']))",
            },
            {
                content: "Pay out",
                trigger: "button[name='action_pay_out']:enabled",
                run: "click",
            },
            {
                content: "All of it is proposed",
                trigger: ".modal .o_field_widget[name='amount'] input:value('80.00')",
            },
            {
                content: "Pay out a part",
                trigger: ".modal .o_field_widget[name='amount'] input",
                run: "edit 30 && press Tab",
            },
            {
                content: "See what is left",
                trigger: ".modal .o_field_widget[name='wallet_balance_after']:contains('50.00')",
            },
            confirm("Pay Out"),
            closed,
            {
                content: "Back on the wallet",
                trigger: ".o_wallet_dashboard_balance:contains('50.00')",
            },
        ].flat(),
});
