import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

import { markup } from "@odoo/owl";

const DRAFT = ".o_form_view:has(.o_arrow_button_current[data-value='draft'])";

const openCustomers = (menu, content, item) => [
    {
        trigger: "button[data-menu-xmlid='account.menu_finance_receivables']",
        content,
        tooltipPosition: "bottom",
        run: "click",
    },
    {
        trigger: `.dropdown-item[data-menu-xmlid='${menu}']`,
        content: item,
        tooltipPosition: "right",
        run: "click",
    },
];

/** Whoever is shown around types a name of their own. */
const choose = (form, field, name, content) => [
    {
        trigger: `${form} .o_field_widget[name='${field}'] input`,
        content,
        tooltipPosition: "bottom",
        run: `edit ${name}`,
    },
    {
        isActive: ["auto"],
        trigger: `.o-autocomplete--dropdown-item:contains("${name}")`,
        run: "click",
    },
];

const addNew = (content) => ({
    trigger: ".o_list_button_add",
    content,
    tooltipPosition: "bottom",
    run: "click",
});

// The way through the user guide, in the user's own data.
registry.category("web_tour.tours").add("customer_wallet_tour", {
    url: "/odoo",
    steps: () =>
        [
            {
                isActive: ["community"],
                trigger: ".o_navbar_apps_menu button:enabled",
                content: markup(_t("Customers pay in advance: see how a <b>wallet</b> works.")),
                tooltipPosition: "bottom",
                run: "click",
            },
            {
                trigger: ".o_app[data-menu-xmlid='account.menu_finance']",
                content: _t("All of it is in this app."),
                tooltipPosition: "right",
                run: "click",
            },
            openCustomers(
                "account.menu_action_account_payments_receivable",
                _t("First, put money into a wallet."),
                _t("Customer payments can go straight into the wallet.")
            ),
            addNew(_t("Record an advance payment.")),
            choose(DRAFT, "partner_id", "Amal Haddad", _t("Choose the customer.")),
            {
                trigger: `${DRAFT} .o_field_widget[name='amount'] input`,
                content: _t("Enter the amount, such as 500."),
                tooltipPosition: "bottom",
                run: "edit 500 && press Tab",
            },
            {
                isActive: ["auto"],
                trigger: `${DRAFT} .o_field_widget[name='wallet_balance_after']:contains('500.00')`,
            },
            {
                trigger: `${DRAFT} button[name='action_post']:enabled`,
                content: markup(
                    _t("<b>Confirm</b>: the money is in the wallet, and ready to be used.")
                ),
                tooltipPosition: "bottom",
                run: "click",
            },
            {
                trigger: ".o_form_view button[name='action_view_wallets']",
            },
            openCustomers(
                "account.menu_action_move_out_invoice_type",
                _t("Now let the wallet pay an invoice."),
                _t("Open the invoices.")
            ),
            addNew(_t("Make an invoice for the same customer.")),
            choose(
                DRAFT,
                "partner_id",
                "Amal Haddad",
                _t("Choose the customer whose wallet you have filled.")
            ),
            {
                trigger: `${DRAFT} .o_field_widget[name='invoice_line_ids'] .o_field_x2many_list_row_add a`,
                content: _t("Add what the customer buys."),
                tooltipPosition: "bottom",
                run: "click",
            },
            {
                trigger: `${DRAFT} .o_selected_row .o_field_widget[name='price_unit'] input`,
                content: _t("Enter a description and a price."),
                tooltipPosition: "bottom",
                run: "edit 120 && press Tab",
            },
            {
                isActive: ["auto"],
                trigger: `${DRAFT} .o_field_widget[name='tax_totals']:contains('120.00')`,
            },
            {
                trigger: `${DRAFT} button[name='action_post']:enabled`,
                content: markup(_t("<b>Confirm</b> the invoice.")),
                tooltipPosition: "bottom",
                run: "click",
            },
            {
                trigger: ".o_customer_wallet_pay:enabled",
                content: markup(_t("Scroll down to the wallet, and press the <b>blue button</b>.")),
                tooltipPosition: "left",
                run: "click",
            },
            {
                isActive: ["auto"],
                trigger: ".o_form_view .ribbon:contains('Paid')",
            },
        ].flat(),
});
