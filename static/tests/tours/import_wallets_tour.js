import { registry } from "@web/core/registry";
import { openCustomersMenu } from "./utils/back_office_util";

// An import with a file is prepared.
registry.category("web_tour.tours").add("customer_wallet_import", {
    steps: () => [
        ...openCustomersMenu("customer_wallet.menu_customer_wallet_takeover", "Go to the imports"),
        {
            content: "Open the import of the old shop",
            trigger: '.o_data_row td[name="name"]:contains("Old Shop")',
            run: "click",
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
