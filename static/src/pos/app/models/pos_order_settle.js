import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { PosOrder } from "@point_of_sale/app/models/pos_order";
import "./pos_order";

patch(PosOrder.prototype, {
    get settlementLines() {
        return this.payment_ids.filter((line) => line.isSettlement);
    },

    /**
     * What this order takes off the customer's debts.
     */
    get settledAmount() {
        return this.currency.round(
            this.settlementLines.reduce((sum, line) => sum - line.amount, 0)
        );
    },

    /**
     * Whether this order sells nothing and only settles.
     */
    get isOnlySettlement() {
        return !this.lines.length && this.settlementLines.length > 0;
    },

    /**
     * What the customer is asked for: goods, and what is settled.
     */
    get dueWithSettlements() {
        return this.currency.round(this.totalDue + this.settledAmount);
    },

    /**
     * @param {Object[]} documents `{ id, name, amount }`
     */
    settle(documents, paymentMethod) {
        for (const { id, name, amount } of documents) {
            const same = this.settlementLines.find((line) => line.settled_item === id);
            if (same) {
                same.setAmount(-amount);
                continue;
            }
            const line = this.models["pos.payment"].create({
                pos_order_id: this,
                payment_method_id: paymentMethod,
                settled_item: id,
                settled_name: name,
            });
            line.setAmount(-amount);
        }
        this.selectPaymentline(undefined);
    },

    removeSettlements() {
        for (const line of [...this.settlementLines]) {
            this.removePaymentline(line);
        }
    },

    /**
     * What is settled is the server's to confirm, as what a wallet pays.
     *
     * @override
     */
    get movesCustomerMoney() {
        return super.movesCustomerMoney || this.settlementLines.length > 0;
    },

    /**
     * @override
     */
    get sellsNothing() {
        return super.sellsNothing || this.isOnlySettlement;
    },

    /**
     * @override
     */
    get walletMoneyLabel() {
        return this.settlementLines.length ? _t("Payment on account") : super.walletMoneyLabel;
    },

    /**
     * @override
     */
    get isWalletCharged() {
        return super.isWalletCharged && this.settlementLines.every((line) => line.isSettled);
    },

    /**
     * @override
     */
    get isWalletTopUp() {
        return super.isWalletTopUp && !this.settlementLines.length;
    },

    /**
     * @override
     */
    get isAutoInvoiced() {
        if (!this.settlementLines.length) {
            return super.isAutoInvoiced;
        }
        return this.payment_ids.some(
            ({ isSettlement, amount, payment_method_id: method }) =>
                !isSettlement &&
                method.auto_invoice &&
                method.type === "pay_later" &&
                !this.currency.isZero(amount)
        );
    },

    /**
     * @override
     */
    get presetRequirementsFilled() {
        return this.isOnlySettlement || super.presetRequirementsFilled;
    },

    /**
     * @override
     */
    isToInvoice() {
        return !this.isOnlySettlement && super.isToInvoice(...arguments);
    },

    /**
     * Nobody settles what another customer owes.
     *
     * @override
     */
    setPartner(partner) {
        if (partner?.id !== this.partner_id?.id) {
            this.assertEditable();
            if (this.settlementLines.length) {
                this.removeWalletLines(); // Without the settlement it would look like a top-up.
            }
            this.removeSettlements();
        }
        return super.setPartner(...arguments);
    },
});
