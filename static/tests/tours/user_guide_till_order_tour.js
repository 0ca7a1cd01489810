import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as PaymentScreen from "@point_of_sale/../tests/pos/tours/utils/payment_screen_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import * as ReceiptScreen from "@point_of_sale/../tests/pos/tours/utils/receipt_screen_util";
import * as BackOffice from "./utils/back_office_util";
import * as WalletSection from "./utils/wallet_section_util";

// Steps 1 to 14 of the user guide; its numbers stand in front of the steps. The tour
// goes on in the till and comes back: it imports only what both pages have.

function addTopUp(customer, amount) {
    return [
        {
            content: "4. Add New Payment",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "5. Select the payment type Receive",
            trigger: ".o_field_widget[name='payment_type'] .o_radio_item:contains('Receive') input",
            run: "click",
        },
        ...BackOffice.selectRecord("partner_id", customer, "6. Choose the customer"),
        {
            content: "The customer's details have come from the server",
            trigger: ".o_field_widget[name='partner_email']:contains('@')",
        },
        {
            content: "6. The payment amount",
            trigger: ".o_field_widget[name='amount'] input",
            run: `edit ${amount} && press Tab`,
        },
        {
            content: "The form shows the balance after",
            trigger: `.o_field_widget[name='wallet_balance_after']:contains("${amount}")`,
        },
        {
            content: "The payment goes to the wallet",
            trigger: ".o_field_widget[name='is_wallet'] input:checked",
        },
        ...stepUtils.saveForm(),
        {
            content: "7. Confirm Customer Payment",
            trigger: "button[name='action_post']:enabled",
            run: "click",
        },
        {
            content: "The payment is confirmed",
            trigger: ".o_form_view:not(:has(button[name='action_post'])) .o_form_saved",
        },
    ];
}

function sellAtTheTill(till, product, customer) {
    return [
        ...stepUtils.goToAppSteps("point_of_sale.menu_point_root", "8. Head to Point of Sale"),
        {
            content: "9. Initiate New Point of Sale Session",
            trigger: `.o_kanban_record:contains("${till}") button[name='open_ui']`,
            run: "click",
            expectUnloadPage: true,
        },
        Dialog.confirm("Open Register"),
        ProductScreen.clickDisplayedProduct(product, true, "1"),
        ProductScreen.clickPartnerButton(),
        ProductScreen.clickCustomer(customer),
        ProductScreen.clickPayButton(),
        PaymentScreen.clickPaymentMethod("Pay Later"),
        PaymentScreen.clickValidate(),
        ReceiptScreen.clickNextOrder(),
        ProductScreen.isShown(),
        Chrome.isSynced(),
        Chrome.clickMenuOption("Backend", { expectUnloadPage: true }),
        {
            content: "The page of the back office loads itself once more",
            trigger: "body",
            expectUnloadPage: true,
        },
    ].flat();
}

registry.category("web_tour.tours").add("customer_wallet_guide_till_order", {
    url: "/odoo",
    steps: () =>
        [
            BackOffice.openCustomersMenu(
                "account.menu_action_account_payments_receivable",
                "3. Click on Payments"
            ),
            addTopUp("Amal Haddad", "500.00"),
            sellAtTheTill("Corner Shop", "Oak Chair", "Amal Haddad"),
            BackOffice.openCustomersMenu(
                "account.menu_action_move_out_invoice_type",
                "13. Navigate to Invoices"
            ),
            {
                content: "The invoice of the till order is there, and open",
                trigger:
                    ".o_data_row:contains('Amal Haddad') .o_data_cell[name='invoice_partner_display_name']",
                run: "click",
            },
            WalletSection.balanceIs("500.00"),
            WalletSection.contactIs("+973 1700 0000", "amal@example.com"),
            WalletSection.pay("120.00", "14. Click on it to allocate the funds"),
            WalletSection.invoiceIsPaid(),
            WalletSection.balanceIs("380.00"),
            WalletSection.hasPaid("120.00"),
        ].flat(),
});
