import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import { showProductColumn } from "@account/js/tours/tour_utils";
import * as BackOffice from "./utils/back_office_util";
import * as WalletSection from "./utils/wallet_section_util";

// Steps 16 to 21 of the user guide; its numbers stand in front of the steps.

registry.category("web_tour.tours").add("customer_wallet_guide_invoice", {
    url: "/odoo",
    steps: () =>
        [
            BackOffice.openCustomersMenu(
                "account.menu_action_move_out_invoice_type",
                "17. Go to invoices"
            ),
            {
                content: "18. Add an Invoice",
                trigger: ".o_list_button_add",
                run: "click",
            },
            BackOffice.selectRecord("partner_id", "Amal Haddad", "19. Select the customer"),
            {
                content: "19. Add a line",
                trigger: ".o_field_widget[name='invoice_line_ids'] .o_field_x2many_list_row_add a",
                run: "click",
            },
            showProductColumn(),
            BackOffice.selectRecord("product_id", "Oak Chair", "19. Choose a product"),
            {
                content: "The price is there",
                trigger: ".o_field_widget[name='tax_totals']:contains('120.00')",
            },
            stepUtils.saveForm(),
            {
                content: "On a draft the section shows the balance, and nothing to press",
                trigger: ".o_customer_wallet:not(:has(button)):contains('300.00')",
            },
            {
                content: "20. Confirm Invoice",
                trigger: "button[name='action_post']:enabled",
                run: "click",
            },
            WalletSection.balanceIs("300.00"),
            WalletSection.pay("120.00", "21. Press on the small blue icon"),
            WalletSection.invoiceIsPaid(),
            WalletSection.balanceIs("180.00"),
            WalletSection.hasPaid("120.00"),
        ].flat(),
});
