/* global posmodel */

import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as Numpad from "@point_of_sale/../tests/generic_helpers/numpad_util";
import * as Order from "@point_of_sale/../tests/generic_helpers/order_widget_util";
import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import { inLeftSide } from "@point_of_sale/../tests/pos/tours/utils/common";
import * as PaymentScreen from "@point_of_sale/../tests/pos/tours/utils/payment_screen_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import * as ReceiptScreen from "@point_of_sale/../tests/pos/tours/utils/receipt_screen_util";
import * as TicketScreen from "@point_of_sale/../tests/pos/tours/utils/ticket_screen_util";
import { ConnectionLostError } from "@web/core/network/rpc";
import { uuidv4 } from "@point_of_sale/utils";

// What a cashier does with a customer's wallet, and what the till then shows.

export const WALLET = "Customer Wallet";

/** For what the till shows only when the server has answered. */
const PATIENCE = 30000;

export function openRegister() {
    return [Chrome.startPoS(), Dialog.confirm("Open Register")].flat();
}

export function sell(product, customer) {
    return [
        ProductScreen.clickDisplayedProduct(product),
        ProductScreen.clickPartnerButton(),
        ProductScreen.clickCustomer(customer),
        ProductScreen.clickPayButton(),
    ].flat();
}

/** Pay beside the lines of the order; on a phone they are one click away. */
export function payInOneClick(method) {
    return {
        content: `Pay by ${method} in one click`,
        trigger: `.product-screen .fast-pay-button:contains("${method}")`,
        run: "click",
    };
}

export function contactIs(...texts) {
    return {
        content: "It is seen whose wallet it is",
        trigger: `.customer-wallet-contact${texts.map((text) => `:contains("${text}")`).join("")}`,
    };
}

export function balanceIs(amount) {
    return {
        content: `The wallet holds ${amount}`,
        trigger: `.customer-wallet-summary .customer-wallet-balance:contains("${amount}")`,
    };
}

export function remainingIs(amount) {
    return {
        content: `${amount} will remain in the wallet`,
        trigger: `.customer-wallet-summary .customer-wallet-remaining:contains("${amount}")`,
    };
}

export function balanceIsUnknown() {
    return {
        content: "No balance is shown that is not known",
        trigger: ".customer-wallet-summary .customer-wallet-unknown",
    };
}

export function isRefused(title, ...texts) {
    return [
        { ...Dialog.is({ title }), timeout: PATIENCE },
        ...texts.map((text) => ({
            content: `The cashier reads: ${text}`,
            trigger: `.modal-body:contains("${text}")`,
        })),
        Dialog.confirm(),
        {
            content: "The dialog is closed",
            trigger: "body:not(:has(.modal))",
        },
    ];
}

export function hasNoPaymentLine(name) {
    return {
        content: `There is no payment by ${name}`,
        trigger: `.payment-screen:not(:has(.paymentline:contains("${name}")))`,
    };
}

export function keepChange() {
    return {
        content: "Keep the change in the wallet",
        trigger: ".customer-wallet-keep-change:not(.active)",
        run: "click",
    };
}

export function handOutChange() {
    return {
        content: "Hand out the change after all",
        trigger: ".customer-wallet-keep-change.active",
        run: "click",
    };
}

export function topUpFromMenuOf(customer) {
    return [
        {
            content: `Open the menu of ${customer}`,
            trigger: `.partner-info:contains("${customer}") button.dropdown-toggle`,
            run: "click",
        },
        {
            content: "Top Up Wallet",
            // On a phone the menu lies above the list, which is a dialog.
            trigger: "body .o-dropdown-item:contains('Top Up Wallet')",
            run: "click",
        },
    ];
}

export function isOffered(gets) {
    return {
        content: `The customer is offered ${gets}`,
        trigger: `.modal .customer-wallet-offer:contains("${gets}")`,
    };
}

export function topUp(amount, tender, offer) {
    return [
        {
            content: "The dialog asks for the amount",
            trigger: ".modal .customer-wallet-tender:disabled",
        },
        ...Numpad.enterValue(amount).map((step) => ({
            ...step,
            trigger: `.modal ${step.trigger}`,
        })),
        ...(offer ? [isOffered(offer)] : []),
        {
            content: `Pay it in by ${tender}`,
            trigger: `.modal .customer-wallet-tender:enabled:contains("${tender}")`,
            run: "click",
        },
    ];
}

export function topUpIsListed(label, amount) {
    return {
        content: `${label}: ${amount}`,
        trigger: `.ticket-screen .order-row:contains("${label}"):contains("${amount}")`,
        run: "click",
    };
}

function reviewOrder() {
    return {
        content: "On a phone the order is beside the list",
        trigger: ".ticket-screen .review-button",
        run: "click",
        isActive: ["mobile"],
    };
}

export function undoTopUp(amount, tender) {
    return [
        reviewOrder(),
        {
            content: "Undo it",
            trigger: ".customer-wallet-undo-top-up",
            run: "click",
        },
        {
            content: "What is given back is said before",
            trigger: `.modal:contains("${amount}"):contains("${tender}") .btn-primary`,
            run: "click",
        },
        TicketScreen.back(),
    ];
}

export function cannotUndoTopUp() {
    return [
        reviewOrder(),
        {
            content: "What was undone is not undone again",
            trigger: ".customer-wallet-top-up:not(:has(.customer-wallet-undo-top-up))",
        },
    ];
}

export function receiptIsShown() {
    return ReceiptScreen.isShown().map((step) => ({ ...step, timeout: PATIENCE }));
}

export function receiptSays({ paid, added, bonus, balance }) {
    const steps = receiptIsShown();
    if (paid) {
        steps.push(...ReceiptScreen.paymentLineContains(WALLET, paid));
    }
    for (const [name, amount] of Object.entries({ added, bonus, balance })) {
        if (amount) {
            steps.push({
                content: `The receipt says ${name}: ${amount}`,
                trigger: `.pos-receipt .customer-wallet-receipt-${name}:contains("${amount}")`,
            });
        }
    }
    return steps;
}

export function receiptIsOfTopUp() {
    return {
        content: "The receipt says that this is a top-up and not a sale",
        trigger:
            ".pos-receipt:not(:has(.receipt-total:visible)) .customer-wallet-receipt-title:contains('Wallet top-up'):contains('not a sale')",
    };
}

export function refund(orderName, product) {
    return [
        Chrome.clickOrders(),
        TicketScreen.selectFilter("Paid"),
        TicketScreen.selectOrder(orderName),
        inLeftSide([
            ...Order.hasLine({ productName: product, withClass: ".selected" }),
            Numpad.click("1"),
        ]),
        TicketScreen.confirmRefund(),
        PaymentScreen.isShown(),
    ].flat();
}

export function notifies(text) {
    return {
        content: `The till says: ${text}`,
        trigger: `.o_notification:contains("${text}")`,
        timeout: PATIENCE,
    };
}

export function nextOrder() {
    return [ReceiptScreen.clickNextOrder(), ProductScreen.isShown()].flat();
}

function run(content, action) {
    return { content, trigger: "body", run: action };
}

export function closingSays(amounts) {
    return [
        ...Object.entries(amounts).map(([kind, amount]) => ({
            content: `The closing says ${kind}: ${amount}`,
            trigger: `.close-pos-popup .customer-wallet-closing-${kind}:contains("${amount}")`,
        })),
        {
            content: "Nothing that did not happen, and nothing to be counted",
            trigger:
                ".close-pos-popup:not(:has(.customer-wallet-closing-refunded)):not(:has(.customer-wallet-closing ~ div:visible))",
        },
    ];
}

export function noTopUpIsLeft() {
    return run("Nothing is left of the top-up", () => {
        if (posmodel.models["pos.order"].some((order) => order.isWalletTopUp)) {
            throw new Error("The top-up is still there");
        }
    });
}

/** The order on the screen, as another till would send it. */
function copyOrder() {
    const order = posmodel.getOrder();
    order.setOrderPrices();
    const values = JSON.parse(JSON.stringify(order.serializeForORM({ keepCommands: true })));
    delete values.relations_uuid_mapping;
    const rename = (record) => Object.assign(record, { uuid: uuidv4() });
    for (const [, , record] of [...values.lines, ...values.payment_ids]) {
        rename(record);
    }
    return rename({ ...values, access_token: uuidv4(), pos_reference: "other", state: "paid" });
}

async function send(call, order) {
    const result = await call("pos.order", "sync_from_ui", [[order]], {
        context: { config_id: posmodel.config.id },
    });
    if (result["pos.order"][0].state !== "paid") {
        throw new Error("The other till's order was not paid");
    }
}

export function anotherTillSpends() {
    return run("Another till takes the same amount from the wallet", () =>
        send(posmodel.data.call.bind(posmodel.data), copyOrder())
    );
}

/**
 * Once, do something else when the till sends an order.
 */
function onNextOrderSent(content, action) {
    return run(content, () => {
        const data = posmodel.data;
        const call = data.call.bind(data);
        data.call = async (model, method, ...args) => {
            if (method !== "sync_from_ui") {
                return call(model, method, ...args);
            }
            delete data.call;
            return action(call, () => call(model, method, ...args));
        };
    });
}

export function anotherTillIsFaster() {
    return onNextOrderSent("Another till will be faster", async (call, sendOrder) => {
        await send(call, copyOrder());
        return sendOrder();
    });
}

export function answerGetsLost() {
    return onNextOrderSent("The answer of the server will be lost", async (call, sendOrder) => {
        await sendOrder();
        throw new ConnectionLostError();
    });
}

export function orderGetsLost() {
    return onNextOrderSent("The order will not reach the server", async () => {
        throw new ConnectionLostError();
    });
}

export function pageReloadsBeforeAnswer() {
    return onNextOrderSent(
        "The page will be loaded again before the answer",
        async (call, sendOrder) => {
            await sendOrder();
            await posmodel.data.synchronizeLocalDataInIndexedDB();
            window.location.reload();
            return new Promise(() => {});
        }
    );
}
