import { stepUtils } from "@web_tour/tour_utils";

export function openCustomersMenu(menu, content) {
    return [
        ...stepUtils.goToAppSteps("account.menu_finance", "2. Select Accounting"),
        {
            content: "Click on Customers",
            trigger: "button[data-menu-xmlid='account.menu_finance_receivables']",
            run: "click",
        },
        {
            content,
            trigger: `.dropdown-item[data-menu-xmlid='${menu}']`,
            run: "click",
        },
    ];
}

export function selectRecord(field, name, content) {
    return [
        {
            content,
            trigger: `.o_field_widget[name='${field}'] input`,
            run: `edit ${name}`,
        },
        {
            content: `${name} is in the list`,
            trigger: `.o-autocomplete--dropdown-item:contains("${name}")`,
            run: "click",
        },
    ];
}
