import { registry } from "@web/core/registry";
import * as BackOffice from "./utils/back_office_util";
import * as Manager from "./utils/manager_actions_util";

// Starts on the wallet of a customer who has 100 in it.
registry.category("web_tour.tours").add("customer_wallet_manager_actions", {
    steps: () =>
        [
            Manager.balanceIs("100.00"),
            Manager.open("Adjust"),
            Manager.fill("amount", "25"),
            BackOffice.selectRecord("account_id", "Wallet Goodwill", "Choose the account"),
            Manager.fill("reason", "Late delivery"),
            Manager.confirm("Adjust"),
            Manager.balanceIs("125.00"),
            Manager.historyHas("Late delivery"),
            Manager.open("Transfer"),
            Manager.fill("amount", "500"),
            BackOffice.selectRecord(
                "target_partner_id",
                "Bilal Nasser",
                "Choose who gets the money"
            ),
            Manager.fill("reason", "The family shares one account"),
            Manager.press("Transfer"),
            Manager.isRefused("125.00"),
            Manager.fill("amount", "40"),
            Manager.confirm("Transfer"),
            Manager.balanceIs("85.00"),
            Manager.historyHas("Bilal Nasser"),
            Manager.openHistory(),
            Manager.undo("Late delivery"),
            Manager.fill("reason", "It was somebody else"),
            Manager.confirm("Undo"),
            Manager.backToWallet(),
            Manager.balanceIs("60.00"),
            Manager.open("Freeze"),
            Manager.fill("reason", "The card was stolen"),
            Manager.confirm("Freeze"),
            Manager.chatterHas("The card was stolen"),
            Manager.pressInForm("Check Wallet"),
            Manager.isTold("The wallets agree with the books"),
        ].flat(),
});
