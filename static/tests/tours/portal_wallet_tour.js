import { registry } from "@web/core/registry";

const fitsTheScreen = {
    content: "nothing sticks out to the side",
    trigger: "body",
    run() {
        const { scrollWidth, clientWidth } = document.documentElement;
        if (scrollWidth > clientWidth) {
            throw new Error(`The page is ${scrollWidth} wide on ${clientWidth}.`);
        }
    },
};

// Starts on the portal's home page; 100 are in the wallet, a card is saved.
registry.category("web_tour.tours").add("customer_wallet_portal_top_up", {
    steps: () => [
        {
            content: "the card My Wallet is there",
            trigger: ".o_portal_index_card:visible a[href='/my/wallet']",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: ".o_wallet_balance:contains(100.00)" },
        fitsTheScreen,
        { trigger: "a[href='/my/wallet/top_up']", run: "click", expectUnloadPage: true },
        { trigger: "#wallet_top_up_amount", run: "edit 75" },
        {
            trigger: ".o_wallet_top_up button:contains(Continue)",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "#o_payment_summary_balance_after:contains(175.00)" },
        fitsTheScreen,
        {
            content: "the saved card is chosen",
            trigger: "input[name=o_payment_radio][data-payment-option-type=token]:checked",
        },
        {
            trigger: "button[name=o_payment_submit_button]:not(:disabled)",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: ".o_wallet_balance:contains(175.00)" },
        { trigger: ".o_wallet_online_top_ups:contains(In your wallet):contains(75.00)" },
    ],
});
