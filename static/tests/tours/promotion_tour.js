import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import * as BackOffice from "./utils/back_office_util";

// Make a promotion, and see a top-up earn its bonus.

function enter(field, value) {
    return {
        content: `Enter ${value}`,
        trigger: `.o_field_widget[name='${field}'] input`,
        run: `edit ${value} && press Tab`,
    };
}

function create() {
    return { content: "New", trigger: ".o_list_button_add", run: "click" };
}

registry.category("web_tour.tours").add("customer_wallet_promotion", {
    steps: () =>
        [
            BackOffice.openCustomersMenu(
                "customer_wallet.menu_customer_wallet_promotion",
                "Go to promotions"
            ),
            create(),
            enter("name", "Spring bonus"),
            enter("minimum_amount", "50"),
            enter("bonus_value", "10"),
            enter("validity_days", "30"),
            {
                content: "The promotion reads like an offer",
                trigger: ".o_wallet_offer:contains('Pay $ 50.00, get $ 55.00')",
            },
            stepUtils.saveForm(),
            BackOffice.openCustomersMenu(
                "account.menu_action_account_payments_receivable",
                "Go to payments"
            ),
            create(),
            BackOffice.selectRecord("partner_id", "Amal Haddad", "Choose the customer"),
            enter("amount", "100"),
            {
                content: "The draft says what the top-up earns",
                trigger: ".o_wallet_bonus:contains('earns a bonus of $ 10.00 (Spring bonus)')",
            },
            {
                content: "The balance after it includes the bonus",
                trigger: ".o_field_widget[name='wallet_balance_after']:contains('110.00')",
            },
            {
                content: "Confirm the top-up",
                trigger: "button[name='action_post']:enabled",
                run: "click",
            },
            {
                content: "The payment says what the top-up has earned",
                trigger: ".o_wallet_bonus:contains('earned a bonus of $ 10.00')",
            },
            {
                content: "The wallet holds both",
                trigger: ".o_field_widget[name='wallet_balance']:contains('110.00')",
            },
        ].flat(),
});
