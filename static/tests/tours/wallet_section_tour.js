import { registry } from "@web/core/registry";
import * as WalletSection from "./utils/wallet_section_util";

// Starts on the form of an invoice of 120 whose customer has 80 in his wallet.
registry.category("web_tour.tours").add("customer_wallet_section", {
    steps: () =>
        [
            WalletSection.balanceIs("80.00"),
            WalletSection.fitsTheScreen(),
            WalletSection.isBelowTheTotals(),
            WalletSection.refusesOtherAmount("120.00", "80.00 is available in the wallet"),
            WalletSection.payOtherAmount("30.00"),
            WalletSection.hasPaid("30.00"),
            WalletSection.balanceIs("50.00"),
            WalletSection.dueIs("90.00"),
            WalletSection.pay("50.00"),
            WalletSection.hasPaid("50.00"),
            WalletSection.balanceIs("0.00"),
            WalletSection.dueIs("40.00"),
            WalletSection.fitsTheScreen(),
            WalletSection.undo("30.00"),
            WalletSection.balanceIs("30.00"),
            WalletSection.dueIs("70.00"),
        ].flat(),
});
