import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const openDialog = [
    {
        content: "Open the reports",
        trigger: "button[data-menu-xmlid='account.menu_finance_reports']",
        run: "click",
    },
    {
        content: "Open Wallet Liability",
        trigger: ".dropdown-item[data-menu-xmlid='customer_wallet.menu_customer_wallet_liability']",
        run: "click",
    },
    {
        content: "It agrees with the general ledger",
        trigger: ".modal .o_field_widget[name='ledger_message']:contains('70.00')",
    },
];
const press = (button) => ({
    content: `Press ${button}`,
    trigger: `.modal footer button[name='${button}']`,
    run: "click",
});

// Starts on 100.00 paid in forty days ago, of which 30.00 was spent today.
registry.category("web_tour.tours").add("customer_wallet_liability", {
    steps: () =>
        [
            ...stepUtils.goToAppSteps("account.menu_finance", "Open Invoicing"),
            openDialog,
            press("action_open"),
            {
                content: "Spent on invoices",
                trigger: ".o_pivot td:contains('-30.00')",
            },
            {
                content: "What is there in the end",
                trigger: ".o_pivot td:contains('70.00')",
            },
            {
                content: "Customer by customer",
                trigger: ".o_switch_view.o_list",
                run: "click",
            },
            {
                content: "Open the movements of one",
                trigger: ".o_data_row:contains('Amal Haddad') td[name='partner_id']",
                run: "click",
            },
            {
                content: "What moved in the period",
                trigger: ".o_data_row:contains('INV/'):contains('-30.00')",
            },
            openDialog,
            press("action_open_ageing"),
            {
                content: "How old it is",
                trigger: ".o_pivot th:contains('31–90 days')",
            },
            {
                content: "What is left of it",
                trigger: ".o_pivot td:contains('70.00')",
            },
        ].flat(),
});
