import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as Order from "@point_of_sale/../tests/generic_helpers/order_widget_util";
import * as SelectionPopup from "@point_of_sale/../tests/generic_helpers/selection_popup_util";
import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as PaymentScreen from "@point_of_sale/../tests/pos/tours/utils/payment_screen_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import { registry } from "@web/core/registry";
import * as Wallet from "./utils/till_wallet_util";

// The till with a wallet beside other apps. These may not be installed: nothing of theirs is imported.

const { WALLET } = Wallet;
const AMAL = "Amal Haddad";
const PRODUCT = "Desk Organizer"; // 5.10
const OTHER_PRODUCT = "Letter Tray";

function addTour(name, steps) {
    registry.category("web_tour.tours").add(`customer_wallet.beside_${name}`, {
        steps: () => steps().flat(),
    });
}

function click(content, trigger) {
    return { content, trigger, run: "click" };
}

function clickTable(name) {
    return click(`Table ${name}`, `.floor-map .table:has(.label:contains("${name}"))`);
}

function chooseCustomer() {
    return [ProductScreen.clickPartnerButton(), ProductScreen.clickCustomer(AMAL)].flat();
}

function payByWallet(amount) {
    return [
        ProductScreen.clickPayButton(),
        PaymentScreen.clickPaymentMethod(WALLET, true, { amount, remaining: "0.00" }),
        PaymentScreen.clickValidate(),
    ].flat();
}

const noTipIsAskedFor = {
    content: "Nobody is asked for a tip that the wallet would not pay",
    trigger: "body:not(:has(.tip-screen)) .receipt-screen:not(:has(.tip-form:visible))",
};

addTour("restaurant_tips", () => [
    Wallet.openRegister(),
    clickTable("2"),
    ProductScreen.clickDisplayedProduct(PRODUCT),
    chooseCustomer(),
    payByWallet("5.10"),
    Wallet.receiptSays({ paid: "5.10", balance: "44.90" }),
    noTipIsAskedFor,
    Chrome.clickPlanButton(),
    // A card is asked for a tip as ever.
    clickTable("4"),
    ProductScreen.clickDisplayedProduct(PRODUCT),
    ProductScreen.clickPayButton(),
    PaymentScreen.clickPaymentMethod("Bank"),
    PaymentScreen.clickValidate(),
    { content: "A tip is asked for", trigger: ".tip-screen" },
    Chrome.clickPlanButton(),
    clickTable("5"),
    ProductScreen.clickDisplayedProduct(PRODUCT),
    ProductScreen.clickControlButton("Top Up Wallet"),
    ProductScreen.clickCustomer(AMAL),
    Wallet.topUp("20", "Bank"),
    Wallet.receiptSays({ added: "20.00", balance: "64.90" }),
    Wallet.receiptIsOfTopUp(),
    noTipIsAskedFor,
]);

const directSaleIsOpen = {
    content: "The direct sale is as it was, of nobody yet",
    trigger: ".product-screen .set-partner:contains('Customer')",
};

addTour("restaurant_direct_sale", () => [
    Wallet.openRegister(),
    click("A direct sale", ".floor-screen .new-order"),
    ProductScreen.clickDisplayedProduct(PRODUCT),
    ProductScreen.clickControlButton("Top Up Wallet"),
    ProductScreen.clickCustomer(AMAL),
    Wallet.topUp("20", "Cash"),
    Wallet.receiptSays({ added: "20.00", balance: "70.00" }),
    Wallet.receiptIsOfTopUp(),
    Wallet.nextOrder(),
    directSaleIsOpen,
    Order.hasLine({ productName: PRODUCT }),
    ProductScreen.clickControlButton("Top Up Wallet"),
    ProductScreen.clickCustomer(AMAL),
    Wallet.topUp("30", "Bank"),
    Wallet.receiptSays({ added: "30.00", balance: "100.00" }),
    Wallet.nextOrder(),
    directSaleIsOpen,
    chooseCustomer(),
    payByWallet("5.10"),
    Wallet.receiptSays({ paid: "5.10", balance: "94.90" }),
]);

addTour("restaurant_split", () => [
    Wallet.openRegister(),
    clickTable("2"),
    ProductScreen.clickDisplayedProduct(PRODUCT),
    ProductScreen.clickDisplayedProduct(OTHER_PRODUCT),
    ProductScreen.clickControlButton("Split"),
    Order.hasLine({ productName: PRODUCT, run: "click" }),
    click("Split", ".splitbill-screen .pay-button button:contains('Split')"),
    ProductScreen.totalAmountIs("5.10"),
    chooseCustomer(),
    payByWallet("5.10"),
    Wallet.receiptSays({ paid: "5.10", balance: "44.90" }),
    Chrome.clickPlanButton(),
    // The rest of the table is another order, of nobody yet.
    clickTable("2"),
    Order.hasLine({ productName: OTHER_PRODUCT }),
    Order.doesNotHaveLine({ productName: PRODUCT }),
    ProductScreen.clickPayButton(),
    PaymentScreen.clickPaymentMethod("Cash"),
    PaymentScreen.clickValidate(),
    Wallet.receiptIsShown(),
]);

addTour("cashier_with_minimal_rights", () => [
    click("Open the register", ".screen-login .btn.open-register-btn"),
    click("Log in", ".login-overlay .select-cashier"),
    SelectionPopup.has("Noor", { run: "click" }),
    ProductScreen.clickDisplayedProduct(PRODUCT),
    chooseCustomer(),
    payByWallet("5.10"),
    Wallet.receiptSays({ paid: "5.10", balance: "44.90" }),
    Wallet.nextOrder(),
    chooseCustomer(),
    ProductScreen.clickControlButton("Top Up Wallet"),
    Wallet.topUp("20", "Cash"),
    Wallet.receiptSays({ added: "20.00", balance: "64.90" }),
]);

addTour("reward", () => [
    Wallet.openRegister(),
    ProductScreen.clickDisplayedProduct(PRODUCT),
    chooseCustomer(),
    ProductScreen.totalAmountIs("4.59"),
    payByWallet("4.59"),
    Wallet.receiptSays({ paid: "4.59", balance: "45.41" }),
]);

addTour("discount", () => [
    Wallet.openRegister(),
    ProductScreen.clickDisplayedProduct(PRODUCT),
    chooseCustomer(),
    ProductScreen.clickControlButton("Discount"),
    Dialog.confirm(),
    ProductScreen.totalAmountIs("4.59"),
    payByWallet("4.59"),
    Wallet.receiptSays({ paid: "4.59", balance: "45.41" }),
]);

addTour("forced_invoices", () => [
    Wallet.openRegister(),
    ProductScreen.clickPartnerButton(),
    Wallet.topUpFromMenuOf(AMAL),
    Wallet.topUp("20", "Cash"),
    Wallet.receiptSays({ added: "20.00", balance: "70.00" }),
    Wallet.receiptIsOfTopUp(),
    {
        content: "Nobody is told of an invoice that is missing",
        trigger: "body:not(:has(.modal))",
    },
    Wallet.nextOrder(),
]);

addTour("saudi_receipts", () => [
    Wallet.openRegister(),
    ProductScreen.clickDisplayedProduct(PRODUCT),
    chooseCustomer(),
    payByWallet("5.10"),
    Wallet.receiptSays({ paid: "5.10", balance: "44.90" }),
    { content: "The code that the law wants", trigger: ".pos-receipt .pos-receipt-qrcode" },
    Wallet.nextOrder(),
    ProductScreen.clickPartnerButton(),
    Wallet.topUpFromMenuOf(AMAL),
    Wallet.topUp("20", "Cash"),
    Wallet.receiptSays({ added: "20.00", balance: "64.90" }),
    Wallet.receiptIsOfTopUp(),
    {
        content: "A top-up is no sale that the state wants to know of",
        trigger: ".pos-receipt:not(:has(.pos-receipt-qrcode))",
    },
    Wallet.nextOrder(),
    ProductScreen.clickDisplayedProduct(PRODUCT),
    ProductScreen.clickPayButton(),
    PaymentScreen.clickPaymentMethod("Cash"),
    PaymentScreen.clickValidate(),
    Wallet.receiptIsShown(),
]);
