import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

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

// Starts on the page of an invoice of 250; 200 are in the wallet.
registry.category("web_tour.tours").add("customer_wallet_pay_a_part", {
    steps: () => [
        { trigger: "a[data-bs-target='#pay_with']:visible", run: "click" },
        {
            content: "why the wallet is not offered, and what it can pay",
            trigger: "#pay_with.show div[name=o_wallet_notice]:contains(200.00)",
        },
        { trigger: "#pay_with.show input[name=wallet_part]:visible", run: "edit 180" },
        {
            trigger: "#pay_with.show .o_wallet_part_form button",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "what is left then is there, of the open tab only",
            trigger: "#pay_with.show .o_wallet_after_installments:visible:contains(20.00)",
        },
        { trigger: "#pay_with.show:not(:has(.o_wallet_after_full:visible))" },
        { trigger: "#pay_with.show input[data-provider-code=wallet]", run: "click" },
        { trigger: "#o_payment_full_tab", run: "click" },
        {
            content: "for all of it there is not enough",
            trigger: "#pay_with.show .o_wallet_after_full:visible:contains(not enough)",
        },
        { trigger: "#o_payment_installments_tab", run: "click" },
        {
            trigger: "#pay_with.show button[name=o_payment_submit_button]:not(:disabled)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the rest is due",
            trigger: ".o_portal_sidebar:contains(70.00)",
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

// Starts on the page of a quotation of 80 that is to be signed and paid; 200 are in the
// wallet.
registry.category("web_tour.tours").add("customer_wallet_sign_and_pay", {
    steps: () => [
        {
            trigger: "#sale_order_sidebar_button a:contains(Sign)",
            run: "click",
        },
        {
            trigger: ".modal .o_web_sign_name_and_signature input",
            run: "edit Amal Haddad",
        },
        { trigger: ".modal canvas.o_web_sign_signature", run: "canvasNotEmpty" },
        {
            trigger: ".modal .o_portal_sign_submit:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "it is signed, and still to be paid",
            trigger: ".alert:contains(still needs to be paid)",
        },
        {
            content: "Odoo opens the dialog; the balance before and after is there",
            trigger:
                "#modalaccept.show div[name=o_wallet_available]:contains(200.00):contains(120.00)",
        },
        { trigger: "#modalaccept.show input[data-provider-code=wallet]", run: "click" },
        {
            trigger: "#modalaccept.show button[name=o_payment_submit_button]:not(:disabled)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "the page says that it is paid",
            trigger: "[name=o_payment_status_alert].alert-success",
        },
        { trigger: "body:not(:has(#o_sale_portal_paynow))" },
    ],
});

// Starts on the payment of 80 that a wallet has made online, in the back office.
registry.category("web_tour.tours").add("customer_wallet_refund_online_payment", {
    steps: () => [
        ...stepUtils.statusbarButtonsSteps("Refund", "Odoo's own button"),
        {
            trigger: ".modal .o_field_widget[name=amount_to_refund] input",
            run: "edit 60",
        },
        { trigger: ".modal button[name=action_refund]", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_form_view" },
    ],
});
