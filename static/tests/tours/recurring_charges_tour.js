import { registry } from "@web/core/registry";

// Starts on the page of a wallet.
registry.category("web_tour.tours").add("customer_wallet_recurring_charges", {
    steps: () => [
        { trigger: ".o_wallet_recurring summary", run: "click" },
        { trigger: "#wallet_recurring_consent:visible", run: "click" },
        { trigger: "#wallet_recurring_amount", run: "edit 50" },
        {
            trigger: ".o_wallet_recurring button:contains(Allow)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "it is allowed, and nothing is charged yet",
            trigger: ".o_wallet_recurring_charged:contains(0.00)",
        },
        { trigger: "#wallet_recurring_consent:visible", run: "click" },
        { trigger: "#wallet_recurring_amount", run: "edit 60" },
        {
            trigger: ".o_wallet_recurring button:contains(Allow)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: ".o_wallet_recurring_stop:visible",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "it is stopped",
            trigger: "body:has(.o_wallet_message):not(:has(.o_wallet_recurring_stop))",
        },
    ],
});
