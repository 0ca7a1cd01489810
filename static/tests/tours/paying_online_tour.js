import { registry } from "@web/core/registry";

// Starts on the page of an invoice of 80; 200 are in the wallet.
registry.category("web_tour.tours").add("customer_wallet_pay_online", {
    steps: () => [
        {
            content: "Odoo's own button",
            trigger: "a[data-bs-target='#pay_with']:visible",
            run: "click",
        },
        {
            content: "the balance before and after is there",
            trigger:
                "#pay_with.show div[name=o_wallet_available]:contains(200.00):contains(120.00)",
        },
        {
            trigger: "#pay_with.show input[data-provider-code=wallet]",
            run: "click",
        },
        {
            trigger: "#pay_with.show button[name=o_payment_submit_button]:not(:disabled)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the invoice is paid",
            trigger: "div[name=invoice_paid_badge]",
        },
    ],
});

// Starts on the page of a product of 80 in the web shop; 200 are in the wallet.
registry.category("web_tour.tours").add("customer_wallet_buy_in_the_shop", {
    steps: () => [
        { trigger: "#add_to_cart, a[name=add_to_cart], button[name=add_to_cart]", run: "click" },
        {
            content: "the shop says that it is in the cart",
            trigger: ".my_cart_quantity:contains(1)",
        },
        {
            content: "go to the payment",
            trigger: "body",
            run() {
                window.location.href = "/shop/checkout?try_skip_step=true";
            },
            expectUnloadPage: true,
        },
        {
            content: "the balance before and after is there",
            trigger: "div[name=o_wallet_available]:contains(200.00):contains(120.00)",
        },
        { trigger: "input[data-provider-code=wallet]", run: "click" },
        {
            trigger: "button[name=o_payment_submit_button]:not(:disabled):visible",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the order is confirmed",
            trigger: "[name=order_confirmation]",
        },
    ],
});
