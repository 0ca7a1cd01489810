import { registry } from "@web/core/registry";

const STATEMENT = "button:contains('Statement'):enabled";

registry.category("web_tour.tours").add("customer_wallet_statement", {
    steps: () => [
        {
            content: "The wallet shows its balance, the curve and the latest movements",
            trigger: ".o_wallet_dashboard_balance:contains('70.00')",
        },
        { trigger: ".o_wallet_curve canvas" },
        {
            content: "What paid the invoice opens the invoice",
            trigger: ".o_wallet_movement:contains('Invoice Paid')",
            run: "click",
        },
        {
            trigger: ".o_customer_wallet_balance:contains('70.00')",
        },
        {
            content: "Back to the wallet",
            trigger: ".o_back_button",
            run: "click",
        },
        {
            isActive: ["mobile"],
            content: "On a phone the buttons are in a menu",
            trigger: ".o_statusbar_buttons button[title='More']",
            run: "click",
        },
        {
            content: "Ask for the statement",
            trigger: `.o_form_statusbar ${STATEMENT}, .o-dropdown--menu ${STATEMENT}`,
            run: "click",
        },
        {
            content: "This month is proposed",
            trigger: ".modal .o_field_widget[name='period'] input:value('This month')",
        },
        {
            content: "Send it",
            trigger: ".modal button[name='action_send']",
            run: "click",
        },
        {
            content: "The email has the document and the balance",
            trigger: ".modal .o_field_widget[name='body']:contains('70.00')",
        },
        { trigger: ".modal a:contains('Wallet Statement')" },
        {
            trigger: ".modal button[name='action_send_mail']:enabled",
            run: "click",
        },
        {
            content: "It is noted in the history of the wallet",
            trigger: ".o-mail-Message:contains('statement of your wallet')",
        },
    ],
});
