import { registry } from "@web/core/registry";
import { inputFiles } from "@web/../tests/utils";
import { openCustomersMenu, selectRecord } from "./utils/back_office_util";

const FILE = "Name,Amount\nAmal Haddad,40\nNobody,5\n";

registry.category("web_tour.tours").add("customer_wallet_import", {
    steps: () => [
        ...openCustomersMenu("customer_wallet.menu_customer_wallet_takeover", "Go to the imports"),
        {
            content: "Begin a new import",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Say where the balances come from",
            trigger: '.o_field_widget[name="name"] input',
            run: "edit Old Shop",
        },
        ...selectRecord("account_id", "Old Balances", "Choose the account on the other side"),
        {
            content: "Upload the file",
            trigger: '.o_field_widget[name="file"]',
            async run() {
                const file = new File([FILE], "wallets.csv", { type: "text/csv" });
                await inputFiles('.o_field_widget[name="file"] input[type="file"]', [file]);
            },
        },
        {
            content: "The file is there",
            trigger: '.o_field_widget[name="file"] input:value("wallets.csv")',
        },
        {
            content: "Make a dry run",
            trigger: 'button[name="action_check"]:contains("Dry Run")',
            run: "click",
        },
        {
            content: "It tells what is wrong",
            trigger: '.o_data_row:contains("There is no customer")',
        },
        {
            content: "It tells what is to be booked",
            trigger: '.alert:contains("Nothing is booked yet")',
        },
        {
            content: "Book it",
            trigger: 'button[name="action_book"]',
            run: "click",
        },
        {
            content: "Confirm",
            trigger: '.modal button:contains("Book")',
            run: "click",
        },
        {
            content: "It is booked",
            trigger: '.o_data_row:contains("Amal Haddad"):contains("Booked")',
        },
    ],
});
