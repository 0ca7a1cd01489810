import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const row = (text) => `.o_data_row:contains("${text}")`;

const back = (title) => ({
    content: `Back to ${title}`,
    trigger: `.o_breadcrumb a:contains("${title}")`,
    run: "click",
});

const searchMenu = (...labels) => [
    {
        content: "Open the search menu",
        trigger: ".o_searchview_dropdown_toggler",
        run: "click",
    },
    ...labels.map((label) => ({
        content: `Choose ${label}`,
        trigger: `.o_search_bar_menu .dropdown-item:contains("${label}")`,
        run: "click",
    })),
    {
        content: "Close the search menu",
        trigger: ".o_searchview_dropdown_toggler",
        run: "click",
    },
];

const openStat = (name, found) => [
    stepUtils.autoExpandMoreButtons(),
    {
        content: `Open ${name}`,
        trigger: `.o-form-buttonbox button[name="${name}"]`,
        run: "click",
    },
    {
        content: `There is ${found}`,
        trigger: row(found),
    },
];

// Starts on the list of the wallets of Amal Haddad, who has to pay 50, and Basma Said.
registry.category("web_tour.tours").add("customer_wallet_screens", {
    steps: () =>
        [
            {
                content: "What is due stands in the list",
                trigger: `${row("Amal Haddad")}:contains("50.00"):contains("70.00")`,
            },
            searchMenu("Frozen"),
            {
                content: "No wallet is frozen",
                trigger: ".o_list_view:not(:has(.o_data_row)), .o_view_nocontent",
            },
            {
                content: "Show all again",
                trigger: ".o_searchview .o_facet_remove",
                run: "click",
            },
            {
                content: "Open the wallet",
                trigger: `${row("Amal Haddad")} td[name="partner_id"]`,
                run: "click",
            },
            openStat("action_view_open_invoices", "50.00"),
            back("Amal Haddad"),
            openStat("action_view_top_ups", "100.00"),
            {
                content: "Open the top-up",
                trigger: `${row("100.00")} td[name="amount_company_currency_signed"]`,
                run: "click",
            },
            {
                content: "It knows the wallet",
                trigger: '.o-form-buttonbox button[name="action_view_wallets"]',
                run: "click",
            },
            openStat("action_view_movements", "30.00"),
            searchMenu("Document Type"),
            {
                content: "The sum of each group is right",
                trigger: '.o_group_header:contains("Invoice"):contains("-30.00")',
                run: "click",
            },
            {
                content: "Open the group",
                trigger: `${row("INV/")}:contains("-30.00")`,
            },
            {
                content: "Back to the customers",
                trigger: "button[data-menu-xmlid='account.menu_finance_receivables']",
                run: "click",
            },
            {
                content: "Open all wallets",
                trigger: ".dropdown-item[data-menu-xmlid='customer_wallet.menu_customer_wallet']",
                run: "click",
            },
            {
                content: "All wallets are there",
                trigger: row("Basma Said"),
            },
            {
                content: "Select all",
                trigger: ".o_list_view thead .o_list_record_selector input",
                run: "click",
            },
            {
                content: "Freeze",
                trigger: ".o_selection_container button:contains('Freeze'):first",
                run: "click",
            },
            {
                content: "Say why",
                trigger: ".modal .o_field_widget[name='reason'] input",
                run: "edit Stolen cards",
            },
            {
                content: "Confirm",
                trigger: ".modal footer button[name='action_confirm']:visible",
                run: "click",
            },
            {
                content: "Both are frozen",
                trigger: `.o_list_view:not(:has(.modal)):has(${row("Amal Haddad")}:contains("Frozen")):has(${row("Basma Said")}:contains("Frozen"))`,
            },
        ].flat(),
});
