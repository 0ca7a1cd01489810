/* global posmodel */

import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import * as Wallet from "./till_wallet_util";

// What a cashier does with what a customer owes.

function row(name) {
    return `.modal .customer-wallet-document:contains("${name}")`;
}

export function fromMenuOf(customer) {
    return [
        {
            content: `Open the menu of ${customer}`,
            trigger: `.partner-info:contains("${customer}") button.dropdown-toggle`,
            run: "click",
        },
        {
            content: "Settle",
            // On a phone the menu lies above the list, which is a dialog.
            trigger: "body .o-dropdown-item:contains('Settle')",
            run: "click",
        },
    ];
}

export function fromActions() {
    return [
        ...ProductScreen.clickControlButtonMore(),
        {
            content: "Settle",
            trigger: ".modal .customer-wallet-settle-button",
            run: "click",
        },
    ];
}

export function owes(amount) {
    return {
        content: `${amount} is due`,
        trigger: `.modal .customer-wallet-owed:contains("${amount}")`,
    };
}

export function lists(position, ...texts) {
    const contains = texts.map((text) => `:contains("${text}")`).join("");
    return {
        content: `Document ${position} is ${texts}`,
        trigger: `.modal .customer-wallet-document:eq(${position - 1})${contains}`,
    };
}

export function choose(name) {
    return [
        { content: `Choose ${name}`, trigger: row(name), run: "click" },
        { content: `${name} is chosen`, trigger: `${row(name)}.selected` },
    ];
}

export function changeAmount(name, amount) {
    return {
        content: `Settle ${amount} of ${name}`,
        trigger: `${row(name)} .customer-wallet-settle-amount`,
        run: `edit ${amount}`,
    };
}

export function cannotConfirm() {
    return {
        content: "No more than is due",
        trigger: ".modal .customer-wallet-settle-confirm:disabled",
    };
}

export function confirm(amount) {
    return {
        content: `Settle ${amount}`,
        trigger: `.modal .customer-wallet-settle-confirm:enabled:contains("${amount}")`,
        run: "click",
    };
}

export function isToPay(amount) {
    return {
        content: `${amount} is to be paid`,
        trigger: `.payment-screen .paymentlines-container .total:contains("${amount}")`,
    };
}

export function receiptNames(name, amount) {
    return [
        ...Wallet.receiptIsShown(),
        {
            content: `The receipt names ${name}`,
            trigger: `.pos-receipt .customer-wallet-receipt-settled:contains("${name}"):contains("${amount}")`,
        },
    ];
}

export function orderIsListed(amount) {
    return {
        content: `The order is listed with ${amount}`,
        trigger: `.ticket-screen .orders .order-row:contains("${amount}")`,
    };
}

export function nothingIsLeft() {
    return [
        ...ProductScreen.isShown(),
        {
            content: "Nothing is left of the settlement",
            trigger: "body",
            run: () => {
                const orders = posmodel.models["pos.order"];
                if (orders.some((order) => !order.finalized && order.settlementLines.length)) {
                    throw new Error("The settlement is still there");
                }
            },
        },
    ];
}
