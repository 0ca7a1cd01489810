import { useEffect } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { useAsyncLockedMethod } from "@point_of_sale/app/hooks/hooks";
import { PaymentScreen } from "@point_of_sale/app/screens/payment_screen/payment_screen";
import { WalletSummary } from "../../components/wallet_summary/wallet_summary";
import * as walletErrors from "../../utils/wallet_errors";

PaymentScreen.components = { ...PaymentScreen.components, WalletSummary };

patch(PaymentScreen.prototype, {
    /**
     * @override
     */
    setup() {
        super.setup(...arguments);
        if (this.currentOrder.isRefundOfWallet) {
            // What a wallet has paid goes back there, if nobody wants it otherwise.
            const isWallet = (method) => Number(method.type === "wallet");
            this.payment_methods_from_config.sort((a, b) => isWallet(b) - isWallet(a));
        }
        this.payWithWallet = useAsyncLockedMethod(this.payWithWallet);
        this.toggleChangeInWallet = useAsyncLockedMethod(this.toggleChangeInWallet);
        // The screen stays when it goes on with another order, as from a top-up to the one before.
        useEffect(
            () => {
                const order = this.currentOrder;
                if (!order.isWalletTopUp) {
                    // The order may have changed since the change was counted.
                    order.giveChangeBack();
                }
                this.pos.refreshOrderWallet(order);
                return () => this.pos.deleteGivenUpTopUps();
            },
            () => [this.props.orderUuid]
        );
    },

    /**
     * @override
     */
    async toggleIsToInvoice() {
        if (this.currentOrder.isAutoInvoiced) {
            this.notification.add(_t("This order is paid later: it is always invoiced."), {
                type: "info",
            });
            return;
        }
        return super.toggleIsToInvoice(...arguments);
    },

    /**
     * @override
     */
    paymentMethodImage(id) {
        const { image, type, auto_invoice: isInvoiced } = this.paymentMethod;
        const ours = { wallet: "wallet", pay_later: isInvoiced && "pay_later" }[type];
        return ours && !image
            ? `/customer_wallet/static/src/pos/img/${ours}.svg`
            : super.paymentMethodImage(...arguments);
    },

    /**
     * @override
     */
    async addNewPaymentLine(paymentMethod) {
        if (paymentMethod.type === "wallet") {
            return this.payWithWallet(paymentMethod);
        }
        this.currentOrder.giveChangeBack();
        return super.addNewPaymentLine(...arguments);
    },

    /**
     * Pay what is due from the wallet as far as it goes; or put into it what is to be paid back.
     */
    async payWithWallet(paymentMethod) {
        const order = this.currentOrder;
        const partner = order.partner_id || (await this.pos.selectPartner(order));
        if (!partner || !(await this.pos.requireWallet(partner))) {
            return false;
        }
        order.giveChangeBack();
        // There is one wallet line: to press again fills it in afresh.
        order.removeWalletLines();
        const due = order.getWalletDue();
        if (due === 0) {
            this.pos.alertWallet(walletErrors.nothingDue());
            return false;
        }
        if (due > 0 && partner.wallet.available <= 0) {
            this.pos.alertWallet(walletErrors.insufficientFunds(partner, due, order.currency));
            return false;
        }
        if (due < 0 && due === order.change) {
            const line = order.keepChangeInWallet(paymentMethod);
            this.numberBuffer.set(line.amount.toString());
            return true;
        }
        return super.addNewPaymentLine(paymentMethod);
    },

    /**
     * @override
     */
    updateSelectedPaymentline() {
        const [method] = this.payment_methods_from_config;
        if (method?.type === "wallet" && this.paymentLines.every((line) => line.paid)) {
            // Core would add this method for what was typed, without asking for a customer.
            return this.numberBuffer.get() ? this.payWithWallet(method) : undefined;
        }
        const line = this.selectedPaymentLine;
        if (!line?.isWallet) {
            this.currentOrder.giveChangeBack();
            return super.updateSelectedPaymentline(...arguments);
        }
        const amount = line.amount;
        super.updateSelectedPaymentline(...arguments);
        if (!this.paymentLines.includes(line)) {
            return;
        }
        const message = this.getWalletAmountObjection(line);
        if (message) {
            line.setAmount(amount);
            this.numberBuffer.set(amount.toString());
            this.pos.alertWallet(message);
        }
    },

    /**
     * @returns {Object|undefined} what the cashier is told
     */
    getWalletAmountObjection(line) {
        const order = this.currentOrder;
        const due = order.getDueWithout(line);
        const { amount } = line;
        const asked = Math.min(amount, Math.max(due, 0));
        if (asked > Math.max(order.partner_id?.wallet?.available ?? asked, 0)) {
            return walletErrors.insufficientFunds(order.partner_id, asked, order.currency);
        }
        if (amount > Math.max(due, 0)) {
            return walletErrors.moreThanDue(Math.max(due, 0), amount, order.currency);
        }
        if (order.totalDue < 0 && amount < due) {
            return walletErrors.moreThanDue(due, amount, order.currency);
        }
    },

    /**
     * @override
     */
    deletePaymentLine(uuid) {
        const isChange = this.currentOrder.walletChangeLine?.uuid === uuid;
        this.currentOrder.giveChangeBack();
        if (isChange) {
            this.numberBuffer.reset();
            return;
        }
        return super.deletePaymentLine(...arguments);
    },

    get canKeepChange() {
        const order = this.currentOrder;
        return Boolean(
            this.pos.walletMethod &&
            order.partner_id &&
            !order.partner_id.hasNoWallet &&
            (order.walletChangeLine ||
                (order.totalDue >= 0 && order.change < 0 && !order.walletLines.length))
        );
    },

    async toggleChangeInWallet() {
        const order = this.currentOrder;
        if (order.walletChangeLine) {
            order.giveChangeBack();
            return;
        }
        // Who ticks it may validate in the same breath: what is known is not asked for again.
        const isKnown = order.partner_id.wallet && !this.pos.data.network.offline;
        if (isKnown || (await this.pos.requireWallet(order.partner_id))) {
            if (order.finalized) {
                return;
            }
            order.keepChangeInWallet(this.pos.walletMethod);
            this.numberBuffer.reset();
        }
    },
});
