import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import * as WalletSection from "./utils/wallet_section_util";

// Starts on the form of an invoice of 120 that was paid from the wallet, which held 200.
registry.category("web_tour.tours").add("customer_wallet_refund", {
    steps: () =>
        [
            WalletSection.invoiceIsPaid(),
            stepUtils.statusbarButtonsSteps("Credit Note", "Make a credit note"),
            {
                content: "The wallet is proposed, as it has paid the invoice",
                trigger: ".modal .o_field_widget[name='refund_to_wallet'] input:checked",
            },
            {
                content: "Reverse",
                trigger: ".modal button[name='refund_moves']",
                run: "click",
            },
            {
                content: "The credit note is confirmed, and its money in the wallet",
                trigger: ".o_form_view .o_field_widget[name='name']:contains('RINV')",
            },
            WalletSection.hasPaid("120.00"),
            WalletSection.balanceIs("200.00"),
            WalletSection.fitsTheScreen(),
            WalletSection.undoRefund("120.00"),
            WalletSection.balanceIs("80.00"),
            WalletSection.dueIs("120.00"),
            WalletSection.refusesOtherAmount("120.01", "120.00 is open on this credit note"),
            WalletSection.payOtherAmount("50.00"),
            WalletSection.hasPaid("50.00"),
            WalletSection.balanceIs("130.00"),
            WalletSection.pay("70.00", "Move the rest to the wallet"),
            WalletSection.hasPaid("70.00"),
            WalletSection.balanceIs("200.00"),
            WalletSection.fitsTheScreen(),
        ].flat(),
});
