import * as PartnerList from "@point_of_sale/../tests/pos/tours/utils/partner_list_util";
import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as PaymentScreen from "@point_of_sale/../tests/pos/tours/utils/payment_screen_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import * as ReceiptScreen from "@point_of_sale/../tests/pos/tours/utils/receipt_screen_util";
import * as TicketScreen from "@point_of_sale/../tests/pos/tours/utils/ticket_screen_util";
import { registry } from "@web/core/registry";
import * as Wallet from "./utils/till_wallet_util";
import * as Settle from "./utils/till_settle_util";

const AMAL = "Amal Haddad";
const PRODUCT = "Desk Organizer"; // 5.10

function addTour(name, steps) {
    registry.category("web_tour.tours").add(`customer_wallet.till_settle_${name}`, {
        steps: () => [...Wallet.openRegister(), ...steps()].flat(),
    });
}

addTour("alone", () =>
    [
        // From the menu of a customer, with an order of somebody else under way.
        ProductScreen.clickDisplayedProduct(PRODUCT),
        ProductScreen.clickPartnerButton(),
        ProductScreen.clickCustomer("Partner Test 1"),
        ProductScreen.clickPartnerButton(),
        PartnerList.searchCustomerValue(AMAL),
        Settle.fromMenuOf(AMAL),
        Settle.owes("70.00"),
        Settle.lists(1, "S-OLD", "20.00", "Overdue"),
        Settle.lists(2, "S-NEW", "50.00"),
        Settle.choose("S-OLD"),
        Settle.choose("S-NEW"),
        Settle.changeAmount("S-NEW", "60"),
        Settle.cannotConfirm(),
        Settle.changeAmount("S-NEW", "30"),
        Settle.confirm("50.00"),
        Settle.isToPay("50.00"),
        PaymentScreen.clickPaymentMethod("Bank", true, { amount: "50.00" }),
        PaymentScreen.enterPaymentLineAmount("Bank", "15", true, { remaining: "35.00" }),
        PaymentScreen.clickPaymentMethod("Cash", true, { amount: "35.00", remaining: "0.00" }),
        PaymentScreen.clickValidate(),
        Settle.receiptNames("S-OLD", "20.00"),
        Settle.receiptNames("S-NEW", "30.00"),
        ReceiptScreen.paymentLineContains("Cash", "35.00"),
        ReceiptScreen.totalAmountContains("50.00"),
        // The order of the other customer is back.
        Wallet.nextOrder(),
        ProductScreen.customerIsSelected("Partner Test 1"),
        Chrome.clickOrders(),
        TicketScreen.selectFilter("Paid"),
        TicketScreen.search("Customer", AMAL),
        Settle.orderIsListed("50.00"),
    ].flat()
);

addTour("with_sale", () =>
    [
        ProductScreen.clickDisplayedProduct(PRODUCT),
        ProductScreen.clickPartnerButton(),
        PartnerList.clickPartner(AMAL),
        Settle.fromActions(),
        Settle.choose("S-OLD"),
        Settle.confirm("20.00"),
        Settle.isToPay("25.10"),
        PaymentScreen.clickPaymentMethod(Wallet.WALLET, true, {
            amount: "25.10",
            remaining: "0.00",
        }),
        PaymentScreen.enterPaymentLineAmount(Wallet.WALLET, "10", true, { remaining: "15.10" }),
        PaymentScreen.clickPaymentMethod("Cash", true, { amount: "15.10" }),
        PaymentScreen.enterPaymentLineAmount("Cash", "20", true, { change: "4.90" }),
        PaymentScreen.clickValidate(),
        Settle.receiptNames("S-OLD", "20.00"),
        Wallet.receiptSays({ paid: "10.00", balance: "40.00" }),
        Wallet.nextOrder(),
        // Nothing is left of an order that settles nothing after all.
        ProductScreen.clickPartnerButton(),
        PartnerList.clickPartner(AMAL),
        Settle.fromActions(),
        Settle.owes("50.00"),
        Settle.choose("S-NEW"),
        Settle.confirm("50.00"),
        PaymentScreen.clickBack(),
        Settle.nothingIsLeft(),
    ].flat()
);

addTour("too_late", () =>
    [
        ProductScreen.clickPartnerButton(),
        PartnerList.clickPartner(AMAL),
        Settle.fromActions(),
        Settle.choose("S-OLD"),
        Settle.confirm("20.00"),
        PaymentScreen.clickPaymentMethod("Cash", true, { amount: "20.00", remaining: "0.00" }),
        Wallet.anotherTillIsFaster(),
        PaymentScreen.clickValidate(),
        Wallet.isRefused("Invalid Operation", AMAL, "0.00", "S-OLD", "20.00"),
        // The order is still there, and can be given up.
        PaymentScreen.clickBack(),
        Settle.nothingIsLeft(),
    ].flat()
);
