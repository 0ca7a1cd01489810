import { registry } from "@web/core/registry";

// Starts at the payment of a cart of 500; 200 are in the wallet. A card is saved.
registry.category("web_tour.tours").add("customer_wallet_part", {
    steps: () => [
        {
            content: "the wallet is offered for its part",
            trigger: "form[name=o_wallet_part]:contains(200.00):contains(300.00)",
        },
        {
            trigger: "#o_payment_form[data-amount='500.0']",
        },
        {
            content: "use it",
            trigger: "#o_wallet_part_use:not(:checked)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the card pays the rest",
            trigger: "#o_payment_form[data-amount='300.0']",
        },
        {
            trigger: "#o_wallet_part_use:checked",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "not used, the card pays all",
            trigger: "#o_payment_form[data-amount='500.0']",
        },
        {
            trigger: "#o_wallet_part_use:not(:checked)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "#o_payment_form[data-amount='300.0']",
        },
        {
            trigger: "button[name=o_payment_submit_button]:not(:disabled):visible",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the order is confirmed",
            trigger: "[name=order_confirmation] .alert-success",
        },
    ],
});

// Starts at the payment of a cart of 500; 200 are in the wallet. Odoo's demo provider is
// the card.
registry.category("web_tour.tours").add("customer_wallet_part_and_demo_card", {
    steps: () => [
        {
            trigger: "#o_wallet_part_use:not(:checked)",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "#o_payment_form[data-amount='300.0']" },
        { trigger: "input[name=o_payment_radio][data-provider-code=demo]", run: "click" },
        { trigger: "input[name=customer_input]:visible", run: "edit 4242" },
        {
            trigger: "button[name=o_payment_submit_button]:not(:disabled):visible",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "[name=order_confirmation] .alert-success" },
    ],
});
