import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as PaymentScreen from "@point_of_sale/../tests/pos/tours/utils/payment_screen_util";
import * as Wallet from "@customer_wallet/../tests/tours/utils/till_wallet_util";
import { registry } from "@web/core/registry";

const { WALLET } = Wallet;

registry.category("web_tour.tours").add("customer_wallet_pos_online_payment.refund", {
    steps: () =>
        [
            Chrome.startPoS(),
            Wallet.refund("Amal", "Table"),
            {
                content: "The wallet comes first: it has paid",
                trigger: `.paymentmethods .paymentmethod:first-child:contains("${WALLET}")`,
            },
            PaymentScreen.clickPaymentMethod(WALLET, true, { amount: "-80.00" }),
            PaymentScreen.clickValidate(),
            Wallet.receiptSays({ added: "80.00", balance: "200.00" }),
        ].flat(),
});
