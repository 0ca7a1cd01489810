/* global posmodel */

import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as PaymentScreen from "@point_of_sale/../tests/pos/tours/utils/payment_screen_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import * as ReceiptScreen from "@point_of_sale/../tests/pos/tours/utils/receipt_screen_util";
import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

function openRegister(till) {
    return [
        stepUtils.showAppsMenuItem(),
        {
            isActive: ["mobile"],
            content: "open the menu",
            trigger: ".o_main_navbar .o_menu_toggle",
            run: "click",
        },
        {
            isActive: ["mobile"],
            content: "All Apps",
            trigger: ".o_sidebar_topbar a.btn-primary",
            run: "click",
        },
        {
            content: "go to Point of Sale",
            trigger: '.o_app[data-menu-xmlid="point_of_sale.menu_point_root"]',
            run: "click",
        },
        {
            content: `open the register of ${till}`,
            trigger: `.o_kanban_record:contains("${till}") button:contains("Open Register")`,
            run: "click",
            expectUnloadPage: true,
        },
        Dialog.confirm("Open Register"),
    ];
}

/**
 * Nobody who sells on account waits for a document, so none is to be fetched.
 */
function refuseDownloads() {
    return {
        content: "no document is fetched from here on",
        trigger: "body",
        run: () => {
            posmodel.env.services.account_move.downloadPdf = () => {
                throw new Error("The invoice was downloaded.");
            };
        },
    };
}

// Steps 8 to 12 of the guide, in its words and its order.
registry.category("web_tour.tours").add("customer_wallet.pos_pay_later", {
    steps: () =>
        [
            // Step 8: Head to Point of Sale, step 9: Initiate New Point of Sale Session
            openRegister("Shop"),
            // Step 10: Select Product and Confirm Order
            ProductScreen.clickDisplayedProduct("Desk Organizer"),
            ProductScreen.clickPayButton(),
            PaymentScreen.isInvoiceButtonUnchecked(),
            // Step 11: Select Payment Method
            PaymentScreen.clickPaymentMethod("Pay Later", true, { amount: "5.10" }),
            PaymentScreen.isInvoiceButtonChecked(),
            // Step 12: Select Customer and Pay
            PaymentScreen.clickPartnerButton(),
            PaymentScreen.clickCustomer("Partner Full"),
            refuseDownloads(),
            PaymentScreen.clickValidate(),
            ReceiptScreen.isShown(),
            ReceiptScreen.paymentLineContains("Pay Later", "5.10"),
            ReceiptScreen.clickNextOrder(),
            ProductScreen.isShown(),
        ].flat(),
});

registry.category("web_tour.tours").add("customer_wallet.pos_pay_later_split", {
    steps: () =>
        [
            Chrome.startPoS(),
            Dialog.confirm("Open Register"),
            ProductScreen.clickDisplayedProduct("Desk Organizer"),
            ProductScreen.clickPayButton(),
            PaymentScreen.clickPaymentMethod("Cash"),
            PaymentScreen.enterPaymentLineAmount("Cash", "2", true, { remaining: "3.10" }),
            PaymentScreen.isInvoiceButtonUnchecked(),
            PaymentScreen.clickPaymentMethod("Pay Later", true, { amount: "3.10" }),
            PaymentScreen.isInvoiceButtonChecked(),
            // The button tells what will happen; it cannot be turned off.
            PaymentScreen.clickInvoiceButton(),
            {
                content: "the till says why",
                trigger: ".o_notification:contains('always invoiced')",
            },
            PaymentScreen.isInvoiceButtonChecked(),
            // Paying otherwise turns it off again.
            PaymentScreen.clickPaymentlineDelButton("Pay Later", "3.10"),
            PaymentScreen.isInvoiceButtonUnchecked(),
            PaymentScreen.clickPaymentMethod("Pay Later", true, { amount: "3.10" }),
            // Without a customer the till asks for one.
            PaymentScreen.clickValidate(),
            Dialog.is({ title: "Customer Required" }),
            Dialog.confirm(),
            PaymentScreen.clickCustomer("Partner Full"),
            refuseDownloads(),
            PaymentScreen.clickValidate(),
            ReceiptScreen.isShown(),
            ReceiptScreen.paymentLineContains("Cash", "2.00"),
            ReceiptScreen.paymentLineContains("Pay Later", "3.10"),
            ReceiptScreen.clickNextOrder(),
            ProductScreen.isShown(),
        ].flat(),
});
