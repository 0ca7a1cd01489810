import { patch } from "@web/core/utils/patch";
import OrderPaymentValidation from "@point_of_sale/app/utils/order_payment_validation";
import * as settleErrors from "./settle_errors";
import * as walletErrors from "./wallet_errors";
import "./order_payment_validation";

patch(OrderPaymentValidation.prototype, {
    /**
     * What is owed is settled with money: cash, a card, or what is in the wallet.
     *
     * @override
     */
    getWalletObjection() {
        const { order } = this;
        if (!order.settlementLines.length) {
            return super.getWalletObjection(...arguments);
        }
        const { currency } = order;
        const due = currency.round(Math.max(order.totalDue, 0) + order.settledAmount);
        if (order.walletPaid > due) {
            return walletErrors.moreThanDue(due, order.walletPaid, currency);
        }
        const paid = order.payment_ids
            .filter((line) => line.isTender && line.payment_method_id.type !== "pay_later")
            .reduce((sum, line) => sum + line.getAmount(), 0);
        const asked = currency.round(order.settledAmount + order.walletAdded);
        const tolerance = order.orderIsRounded ? order.config.rounding_method.rounding : 0;
        if (asked > currency.round(paid + tolerance)) {
            return settleErrors.unpaid(asked, paid, currency);
        }
    },

    /**
     * @override
     */
    async askWalletObjection() {
        const isWalletUsed = this.order.walletLines.some((line) => line.amount);
        if (isWalletUsed || !this.order.settlementLines.length) {
            return super.askWalletObjection(...arguments);
        }
        // The server says whether it is still due.
        await this.pos.refreshOrderWallet(this.order);
        const { wallet, hasNoWallet } = this.order.partner_id;
        if (!wallet && !hasNoWallet) {
            return settleErrors.noConnection();
        }
    },
});
