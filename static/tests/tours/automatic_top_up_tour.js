import { registry } from "@web/core/registry";

const consent = "#wallet_automatic_consent:visible";

// Starts on the page of a wallet, of a customer who has saved a card.
registry.category("web_tour.tours").add("customer_wallet_automatic_top_up", {
    steps: () => [
        { trigger: ".o_wallet_automatic summary", run: "click" },
        { trigger: "#wallet_automatic_threshold:visible", run: "edit 20" },
        { trigger: "#wallet_automatic_type", run: "select add" },
        { trigger: "#wallet_automatic_amount", run: "edit 30" },
        { trigger: "#wallet_automatic_monthly_limit", run: "edit 20" },
        { trigger: consent, run: "click" },
        {
            content: "a top-up would be more than the limit",
            trigger: ".o_wallet_automatic_save",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: ".o_wallet_message.alert-danger:contains(30.00)" },
        { trigger: ".o_wallet_automatic summary", run: "click" },
        { trigger: "#wallet_automatic_threshold:visible", run: "edit 20" },
        { trigger: "#wallet_automatic_type", run: "select fill" },
        { trigger: "#wallet_automatic_amount", run: "edit 50" },
        { trigger: "#wallet_automatic_monthly_limit", run: "edit 200" },
        { trigger: consent, run: "click" },
        {
            trigger: ".o_wallet_automatic_save",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "it is on, and nothing is charged yet",
            trigger: ".o_wallet_automatic_on:visible",
        },
        { trigger: ".o_wallet_automatic_charged:contains(0.00)" },
        { trigger: "#wallet_automatic_threshold:visible", run: "edit 25" },
        { trigger: consent, run: "click" },
        {
            trigger: ".o_wallet_automatic_save",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "what was chosen is shown",
            trigger: ".o_wallet_automatic_stop:visible",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "it is off",
            trigger: "body:has(.o_wallet_message):not(:has(.o_wallet_automatic_stop))",
        },
    ],
});
