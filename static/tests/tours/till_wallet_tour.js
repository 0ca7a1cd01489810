import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as Offline from "@point_of_sale/../tests/generic_helpers/offline_util";
import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as PartnerList from "@point_of_sale/../tests/pos/tours/utils/partner_list_util";
import * as PaymentScreen from "@point_of_sale/../tests/pos/tours/utils/payment_screen_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import * as ReceiptScreen from "@point_of_sale/../tests/pos/tours/utils/receipt_screen_util";
import * as TicketScreen from "@point_of_sale/../tests/pos/tours/utils/ticket_screen_util";
import { registry } from "@web/core/registry";
import * as Wallet from "./utils/till_wallet_util";

const { WALLET } = Wallet;
const AMAL = "Amal Haddad";
const PRODUCT = "Desk Organizer"; // 5.10

function addTour(name, steps) {
    registry.category("web_tour.tours").add(`customer_wallet.till_${name}`, {
        steps: () => [...Wallet.openRegister(), ...steps()].flat(),
    });
}

addTour("pay", () =>
    [
        ProductScreen.clickDisplayedProduct(PRODUCT),
        ProductScreen.clickPartnerButton(),
        PartnerList.searchCustomerValue(AMAL),
        {
            content: "The list of customers shows balance, phone and email",
            trigger:
                ".partner-info:contains('Amal Haddad'):contains('1700 0000'):contains('amal@example.com') .partner-line-wallet:contains('50.00')",
        },
        PartnerList.clickPartner(AMAL),
        {
            content: "The customer button shows the balance",
            trigger:
                ".set-partner:contains('Amal Haddad') .customer-wallet-balance:contains('50.00')",
        },
        { ...ProductScreen.back(), isActive: ["mobile"] },
        ProductScreen.clickPayButton(),
        Wallet.contactIs(AMAL, "1700 0000", "amal@example.com"),
        Wallet.balanceIs("50.00"),
        PaymentScreen.clickPaymentMethod(WALLET, true, { amount: "5.10", remaining: "0.00" }),
        Wallet.remainingIs("44.90"),
        PaymentScreen.clickValidate(),
        Wallet.receiptSays({ paid: "5.10", balance: "44.90" }),
        Wallet.nextOrder(),
    ].flat()
);

addTour("one_click", () =>
    [
        ProductScreen.clickDisplayedProduct(PRODUCT),
        ProductScreen.clickReview(),
        // Without a customer the till asks for one, and goes on.
        Wallet.payInOneClick(WALLET),
        PartnerList.clickPartner(AMAL),
        Wallet.receiptSays({ paid: "5.10", balance: "2.90" }),
        Wallet.nextOrder(),
        // Too little is refused before anything is sent, and another button takes the money.
        ProductScreen.clickDisplayedProduct(PRODUCT),
        ProductScreen.clickPartnerButton(),
        PartnerList.clickPartner(AMAL),
        Wallet.payInOneClick(WALLET),
        Wallet.isRefused("Not enough in the wallet", AMAL, "2.90", "5.10"),
        Wallet.payInOneClick("Bank"),
        Wallet.receiptIsShown(),
        ReceiptScreen.paymentLineContains("Bank", "5.10"),
        Wallet.nextOrder(),
    ].flat()
);

addTour("one_click_too_late", () =>
    [
        ProductScreen.clickDisplayedProduct(PRODUCT),
        ProductScreen.clickPartnerButton(),
        PartnerList.clickPartner(AMAL),
        Wallet.anotherTillIsFaster(),
        Wallet.payInOneClick(WALLET),
        // The server has the last word, and the order is as it was.
        Wallet.isRefused("Invalid Operation", AMAL, "2.90", "5.10"),
        Wallet.payInOneClick("Bank"),
        Wallet.receiptIsShown(),
        ReceiptScreen.paymentLineContains("Bank", "5.10"),
        Wallet.nextOrder(),
    ].flat()
);

addTour("ask_for_customer", () =>
    [
        ProductScreen.clickDisplayedProduct(PRODUCT),
        ProductScreen.clickPayButton(),
        // Without a customer the till asks for one, and goes on.
        PaymentScreen.clickPaymentMethod(WALLET),
        PaymentScreen.clickCustomer(AMAL),
        PaymentScreen.selectedPaymentlineHas(WALLET, "5.10"),
        // The money of the one never pays for another.
        PaymentScreen.clickPartnerButton(),
        PaymentScreen.clickCustomer("Partner Test 1"),
        Wallet.notifies(AMAL),
        Wallet.hasNoPaymentLine(WALLET),
        Wallet.balanceIs("0.00"),
        PaymentScreen.clickPaymentMethod(WALLET),
        Wallet.isRefused(
            "Not enough in the wallet",
            "Nothing is available",
            "Partner Test 1",
            "5.10"
        ),
        Wallet.hasNoPaymentLine(WALLET),
        PaymentScreen.clickPartnerButton(),
        PaymentScreen.clickCustomer(AMAL),
        PaymentScreen.clickPaymentMethod(WALLET, true, { amount: "5.10" }),
        PaymentScreen.clickValidate(),
        Wallet.receiptSays({ paid: "5.10", balance: "44.90" }),
    ].flat()
);

addTour("split", () =>
    [
        Wallet.sell(PRODUCT, AMAL),
        // What there is: 3 of the 5.10 that are due.
        PaymentScreen.clickPaymentMethod(WALLET, true, { amount: "3.00", remaining: "2.10" }),
        PaymentScreen.enterPaymentLineAmount(WALLET, "4"),
        Wallet.isRefused("Not enough in the wallet", AMAL, "3.00", "4.00"),
        PaymentScreen.selectedPaymentlineHas(WALLET, "3.00"),
        PaymentScreen.enterPaymentLineAmount(WALLET, "2", true, { remaining: "3.10" }),
        Wallet.remainingIs("1.00"),
        PaymentScreen.clickPaymentMethod("Cash", true, { amount: "3.10", remaining: "0.00" }),
        PaymentScreen.clickValidate(),
        Wallet.receiptSays({ paid: "2.00", balance: "1.00" }),
        ReceiptScreen.paymentLineContains("Cash", "3.10"),
    ].flat()
);

addTour("top_up", () =>
    [
        // From the menu of a customer, with an order under way.
        ProductScreen.clickDisplayedProduct(PRODUCT),
        ProductScreen.clickPartnerButton(),
        PartnerList.searchCustomerValue(AMAL),
        Wallet.topUpFromMenuOf(AMAL),
        Wallet.topUp("20", "Cash"),
        Wallet.receiptSays({ added: "20.00", balance: "70.00" }),
        Wallet.receiptIsOfTopUp(),
        ReceiptScreen.totalAmountContains("20.00"),
        ReceiptScreen.paymentLineContains("Cash", "20.00"),
        // Back at the order as it was.
        ReceiptScreen.clickNextOrder(),
        ProductScreen.clickReview(),
        ProductScreen.orderLineHas(PRODUCT, "1"),
        {
            content: "The order has no customer, as before",
            trigger: ".set-partner:contains('Customer')",
            run: "click",
        },
        // From the button, for the customer of the order.
        PartnerList.searchCustomerValue(AMAL),
        PartnerList.clickPartner(AMAL),
        ProductScreen.clickControlButton("Top Up Wallet"),
        Wallet.topUp("30", "Bank"),
        Wallet.receiptSays({ added: "30.00", balance: "100.00" }),
        Wallet.receiptIsOfTopUp(),
        ReceiptScreen.clickNextOrder(),
        ProductScreen.clickPayButton(),
        Wallet.balanceIs("100.00"),
        PaymentScreen.clickPaymentMethod(WALLET, true, { amount: "5.10" }),
        PaymentScreen.clickValidate(),
        Wallet.receiptSays({ paid: "5.10", balance: "94.90" }),
    ].flat()
);

addTour("undo_top_up", () =>
    [
        ProductScreen.clickPartnerButton(),
        PartnerList.searchCustomerValue(AMAL),
        Wallet.topUpFromMenuOf(AMAL),
        Wallet.topUp("20", "Cash"),
        Wallet.receiptSays({ added: "20.00", balance: "70.00" }),
        Wallet.nextOrder(),
        Chrome.clickOrders(),
        TicketScreen.selectFilter("Paid"),
        Wallet.topUpIsListed("Wallet top-up", "20.00"),
        Wallet.undoTopUp("20.00", "Cash"),
        Wallet.topUpIsListed("Top-up undone", "-20.00"),
        Wallet.cannotUndoTopUp(),
    ].flat()
);

addTour("leave_top_up", () =>
    [
        ProductScreen.clickDisplayedProduct(PRODUCT),
        ProductScreen.clickPartnerButton(),
        PartnerList.clickPartner(AMAL),
        ProductScreen.clickControlButton("Top Up Wallet"),
        Offline.setOfflineMode(),
        Wallet.topUp("30", "Bank"),
        Wallet.isRefused("No connection"),
        Offline.setOnlineMode(),
        PaymentScreen.clickBackToProductScreen(),
        // Back at the order as it was.
        ProductScreen.orderLineHas(PRODUCT, "1"),
        Wallet.noTopUpIsLeft(),
        ProductScreen.clickPayButton(),
        PaymentScreen.totalIs("5.10"),
        PaymentScreen.clickPaymentMethod(WALLET, true, { amount: "5.10" }),
        PaymentScreen.clickValidate(),
        Wallet.receiptSays({ paid: "5.10", balance: "44.90" }),
    ].flat()
);

addTour("promotion", () =>
    [
        ProductScreen.clickPartnerButton(),
        PartnerList.searchCustomerValue(AMAL),
        Wallet.topUpFromMenuOf(AMAL),
        {
            content: "Before an amount is typed, the cashier sees what there is to offer",
            trigger: ".modal .customer-wallet-other-offer:contains('Spring bonus')",
        },
        Wallet.topUp("100", "Cash", "110.00"),
        Wallet.receiptSays({ added: "100.00", bonus: "10.00", balance: "160.00" }),
        {
            content: "The receipt names the promotion, and until when the bonus is good",
            trigger: ".customer-wallet-receipt-bonus:contains('Spring bonus'):contains('until')",
        },
        ReceiptScreen.clickNextOrder(),
        // Spent like other money.
        Wallet.sell(PRODUCT, AMAL),
        Wallet.balanceIs("160.00"),
        PaymentScreen.clickPaymentMethod(WALLET, true, { amount: "5.10" }),
        PaymentScreen.clickValidate(),
        Wallet.receiptSays({ paid: "5.10", balance: "154.90" }),
    ].flat()
);

addTour("keep_change", () =>
    [
        Wallet.sell(PRODUCT, AMAL),
        PaymentScreen.clickPaymentMethod("Cash"),
        PaymentScreen.enterPaymentLineAmount("Cash", "8", true, { change: "2.90" }),
        Wallet.keepChange(),
        PaymentScreen.selectedPaymentlineHas(WALLET, "-2.90"),
        Wallet.remainingIs("52.90"),
        Wallet.handOutChange(),
        Wallet.hasNoPaymentLine(WALLET),
        PaymentScreen.changeIs("2.90"),
        Wallet.keepChange(),
        PaymentScreen.selectedPaymentlineHas(WALLET, "-2.90"),
        // Another amount of cash: the change is counted afresh.
        PaymentScreen.clickPaymentline("Cash", "8.00").map((step) => ({
            ...step,
            isActive: ["desktop"],
        })),
        PaymentScreen.enterPaymentLineAmount("Cash", "9", true, { change: "3.90" }),
        Wallet.hasNoPaymentLine(WALLET),
        Wallet.keepChange(),
        PaymentScreen.selectedPaymentlineHas(WALLET, "-3.90"),
        PaymentScreen.clickValidate(),
        Wallet.receiptSays({ added: "3.90", balance: "53.90" }),
    ].flat()
);

addTour("refund", () =>
    [
        Wallet.sell(PRODUCT, AMAL),
        PaymentScreen.clickPaymentMethod("Cash"),
        PaymentScreen.clickValidate(),
        Wallet.nextOrder(),
        Wallet.refund("001", PRODUCT),
        PaymentScreen.clickPaymentMethod(WALLET, true, { amount: "-5.10", remaining: "0.00" }),
        Wallet.remainingIs("55.10"),
        PaymentScreen.clickValidate(),
        Wallet.receiptSays({ added: "5.10", balance: "55.10" }),
        Wallet.nextOrder(),
    ].flat()
);

addTour("another_till_spent", () =>
    [
        Wallet.sell(PRODUCT, AMAL),
        PaymentScreen.clickPaymentMethod(WALLET, true, { amount: "5.10" }),
        Wallet.anotherTillSpends(),
        PaymentScreen.clickValidate(),
        Wallet.isRefused("Not enough in the wallet", AMAL, "2.90", "5.10"),
        // The order is there as it was.
        PaymentScreen.selectedPaymentlineHas(WALLET, "5.10"),
        Wallet.balanceIs("2.90"),
        PaymentScreen.clickPaymentMethod(WALLET, true, { amount: "2.90", remaining: "2.20" }),
        PaymentScreen.clickPaymentMethod("Cash", true, { amount: "2.20" }),
        PaymentScreen.clickValidate(),
        Wallet.receiptSays({ paid: "2.90", balance: "0.00" }),
    ].flat()
);

addTour("another_till_was_faster", () =>
    [
        Wallet.sell(PRODUCT, AMAL),
        PaymentScreen.clickPaymentMethod(WALLET, true, { amount: "5.10" }),
        Wallet.anotherTillIsFaster(),
        PaymentScreen.clickValidate(),
        // The server has the last word.
        Wallet.isRefused("Invalid Operation", AMAL, "2.90", "5.10"),
        PaymentScreen.selectedPaymentlineHas(WALLET, "5.10"),
        Wallet.balanceIs("2.90"),
        PaymentScreen.clickPaymentlineDelButton(WALLET, "5.10"),
        PaymentScreen.clickPaymentMethod("Cash", true, { amount: "5.10" }),
        PaymentScreen.clickValidate(),
        Wallet.receiptIsShown(),
        ReceiptScreen.paymentLineContains("Cash", "5.10"),
        Wallet.nextOrder(),
    ].flat()
);

addTour("offline", () =>
    [
        Wallet.sell(PRODUCT, AMAL),
        Wallet.balanceIs("50.00"),
        PaymentScreen.clickPaymentMethod(WALLET, true, { amount: "5.10" }),
        Offline.setOfflineMode(),
        PaymentScreen.clickValidate(),
        Wallet.isRefused("No connection", "Use another payment method"),
        Wallet.balanceIsUnknown(),
        // Another tender, as offline sales go.
        PaymentScreen.clickPaymentlineDelButton(WALLET, "5.10"),
        PaymentScreen.clickPaymentMethod(WALLET),
        Wallet.isRefused("No connection"),
        PaymentScreen.clickPaymentMethod("Cash", true, { amount: "5.10" }),
        PaymentScreen.clickValidate(),
        Wallet.receiptIsShown(),
        Dialog.confirm("Continue with limited functionality"),
        Offline.setOnlineMode(),
        Wallet.nextOrder(),
        // And back: the wallet works again.
        Wallet.sell(PRODUCT, AMAL),
        Wallet.balanceIs("50.00"),
        PaymentScreen.clickPaymentMethod(WALLET, true, { amount: "5.10" }),
        PaymentScreen.clickValidate(),
        Wallet.receiptSays({ paid: "5.10", balance: "44.90" }),
        Wallet.nextOrder(),
        Chrome.isSynced(),
    ].flat()
);

addTour("answer_lost", () =>
    [
        Wallet.sell(PRODUCT, AMAL),
        PaymentScreen.clickPaymentMethod(WALLET, true, { amount: "5.10" }),
        Wallet.answerGetsLost(),
        PaymentScreen.clickValidate(),
        // The till asks the server, and goes on from there.
        Wallet.receiptSays({ paid: "5.10", balance: "44.90" }),
        {
            content: "Nothing is left open",
            trigger: "body:not(:has(.modal))",
        },
        Wallet.nextOrder(),
    ].flat()
);

addTour("order_lost", () =>
    [
        Wallet.sell(PRODUCT, AMAL),
        PaymentScreen.clickPaymentMethod(WALLET, true, { amount: "5.10" }),
        Wallet.orderGetsLost(),
        PaymentScreen.clickValidate(),
        Wallet.notifies("still open"),
        PaymentScreen.selectedPaymentlineHas(WALLET, "5.10"),
        // Take another tender after all: the payment line is not charged either.
        PaymentScreen.clickPaymentlineDelButton(WALLET, "5.10"),
        PaymentScreen.clickPaymentMethod(WALLET, true, { amount: "5.10" }),
        PaymentScreen.clickValidate(),
        Wallet.receiptSays({ paid: "5.10", balance: "44.90" }),
        Wallet.nextOrder(),
    ].flat()
);

addTour("reload", () =>
    [
        Wallet.sell(PRODUCT, AMAL),
        PaymentScreen.clickPaymentMethod(WALLET, true, { amount: "5.10" }),
        Wallet.pageReloadsBeforeAnswer(),
        PaymentScreen.clickValidate().map((step) => ({ ...step, expectUnloadPage: true })),
        // The browser sends the order again; the server has it already.
        Chrome.clickOrders(),
        TicketScreen.selectFilter("Paid"),
        TicketScreen.selectOrder("001"),
        Chrome.clickRegister(),
        Wallet.sell(PRODUCT, AMAL),
        Wallet.balanceIs("44.90"),
    ].flat()
);

addTour("closing", () =>
    [
        Wallet.sell(PRODUCT, AMAL),
        PaymentScreen.clickPaymentMethod(WALLET, true, { amount: "5.10" }),
        PaymentScreen.clickValidate(),
        Wallet.receiptSays({ paid: "5.10" }),
        Wallet.nextOrder(),
        ProductScreen.clickPartnerButton(),
        Wallet.topUpFromMenuOf(AMAL),
        Wallet.topUp("20", "Cash"),
        Wallet.receiptSays({ added: "20.00" }),
        Wallet.nextOrder(),
        Wallet.sell(PRODUCT, AMAL),
        PaymentScreen.clickPaymentMethod("Cash"),
        PaymentScreen.enterPaymentLineAmount("Cash", "9"),
        // In the same breath, as who is in a hurry does.
        Wallet.keepChange(),
        PaymentScreen.clickValidate(),
        Wallet.receiptSays({ added: "3.90" }),
        Wallet.nextOrder(),
        Chrome.clickMenuOption("Close Register"),
        Wallet.closingSays({ spent: "5.10", topped_up: "20.00", change_kept: "3.90" }),
    ].flat()
);
