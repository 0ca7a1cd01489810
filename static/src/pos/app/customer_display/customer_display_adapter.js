import { formatCurrency } from "@web/core/currency";
import { patch } from "@web/core/utils/patch";
import { CustomerDisplayPosAdapter } from "@point_of_sale/app/customer_display/customer_display_adapter";

patch(CustomerDisplayPosAdapter.prototype, {
    /**
     * @override
     */
    formatOrderData(order) {
        super.formatOrderData(...arguments);
        this.data.paymentLines = order.payment_ids
            .filter((line) => line.isTender)
            .map((line) => this.getPaymentData(line));
        if (order.isWalletTopUp) {
            // It sells nothing: what the customer pays is what goes into the wallet.
            this.data.amount = formatCurrency(order.walletAdded, order.currency.id);
            this.data.subtotal = false;
            this.data.amountTaxes = false;
        }
        this.data.wallet = this.getWalletData(order);
    },

    /**
     * Texts, or false for what is not shown. The balance is shown to those who use their wallet: the
     * display can be read by anyone who stands near.
     */
    getWalletData(order) {
        const format = (amount) =>
            typeof amount === "number" && formatCurrency(amount, order.currency.id);
        const { walletPaid, walletAdded, walletBonus, walletRemaining, usesWallet } = order;
        const balance = order.finalized ? order.uiState.walletBalanceAfter : walletRemaining;
        return {
            paid: Boolean(walletPaid) && format(walletPaid),
            added: Boolean(walletAdded) && format(walletAdded),
            bonus: Boolean(walletBonus) && format(walletBonus),
            balance: usesWallet && format(balance),
        };
    },
});
