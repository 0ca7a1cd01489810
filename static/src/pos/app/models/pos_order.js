import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { PosOrder } from "@point_of_sale/app/models/pos_order";
import { getBestOffer, getOfferText } from "../utils/wallet_offers";

// What modules ask an order, and the answer of a top-up, which sells nothing. Those of countries
// where each sale is invoiced answer without asking others: a top-up answers itself.
const ANSWERS_OF_TOP_UP = {
    isToInvoice: false,
    isInvoiceMandatoryForSA: false,
    isSettlement: true,
};

patch(PosOrder.prototype, {
    /**
     * @override
     */
    setup() {
        super.setup(...arguments);
        for (const [name, answer] of Object.entries(ANSWERS_OF_TOP_UP)) {
            const ask = this[name];
            if (ask && !Object.hasOwn(this, name)) {
                this[name] = function () {
                    return this.sellsNothing ? answer : ask.apply(this, arguments);
                };
            }
        }
    },

    /**
     * @override
     */
    initState() {
        super.initState(...arguments);
        Object.assign(this.uiState, {
            // The order was sent to be paid from a wallet, and no answer has come back.
            isWalletPaymentUnknown: false,
            // The payment line that keeps the change, see `keepChangeInWallet`.
            walletChangeUuid: false,
            // What the wallet held right after this order, for its receipt.
            walletBalanceAfter: false,
            // The order on which the cashier worked before this top-up.
            orderBeforeTopUpUuid: false,
        });
    },

    /**
     * A restaurant seats an order without lines at the table that is tapped: not one that sells
     * nothing and waits for its payment.
     *
     * @override
     */
    update(vals, opts) {
        if (vals.table_id && this.sellsNothing) {
            vals = { ...vals };
            delete vals.table_id;
        }
        return super.update(vals, opts);
    },

    /**
     * Whether the server will invoice this order without being asked to, because of how it is paid.
     */
    get isAutoInvoiced() {
        return this.payment_ids.some(
            ({ amount, payment_method_id: method }) =>
                method.auto_invoice && method.type === "pay_later" && !this.currency.isZero(amount)
        );
    },

    /**
     * @override
     */
    isToInvoice() {
        return super.isToInvoice() || this.isAutoInvoiced;
    },

    get walletLines() {
        return this.payment_ids.filter((line) => line.isWallet);
    },

    get usesWallet() {
        return this.walletLines.some((line) => !this.currency.isZero(line.amount));
    },

    /**
     * Whether only the server can say that this order is paid.
     */
    get movesCustomerMoney() {
        return this.usesWallet;
    },

    /**
     * What the customer pays from the wallet.
     */
    get walletPaid() {
        return this._sumWalletLines((line) => Math.max(line.amount, 0));
    },

    /**
     * What goes into the wallet: a top-up, the change, or a refund.
     */
    get walletAdded() {
        return this._sumWalletLines((line) => Math.max(-line.amount, 0));
    },

    /**
     * What the wallet will hold when this order is paid as it stands, or null when the till does not
     * know the balance.
     */
    get walletRemaining() {
        const wallet = this.partner_id?.wallet;
        return wallet
            ? this.currency.round(
                  wallet.balance - this.walletPaid + this.walletAdded + this.walletBonus
              )
            : null;
    },

    get isWalletCharged() {
        return this.movesCustomerMoney && this.walletLines.every((line) => line.isWalletCharged());
    },

    /**
     * What this top-up earns by a promotion: what the server has given, and before that what the
     * till expects.
     */
    get walletBonus() {
        if (!this.isWalletTopUp) {
            return 0;
        }
        if (this.isWalletCharged) {
            return this._sumWalletLines((line) => line.wallet_bonus || 0);
        }
        return getBestOffer(this.partner_id?.wallet?.offers, this.walletAdded, this.currency).bonus;
    },

    get walletOfferText() {
        return getOfferText(this.walletAdded, this.walletBonus, this.currency);
    },

    /**
     * Which promotion it was, and until when the bonus can be used.
     */
    get walletBonusNote() {
        return this.walletLines.find((line) => line.wallet_bonus_note)?.wallet_bonus_note || "";
    },

    /**
     * Whether this order only moves money into a wallet. It sells nothing.
     */
    get isWalletTopUp() {
        return !this.lines.length && this.walletAdded > 0;
    },

    get sellsNothing() {
        return this.isWalletTopUp;
    },

    /**
     * Whether this order is about money only: a top-up, or one that was undone.
     */
    get isOnlyWalletMoney() {
        return !this.lines.length && this.movesCustomerMoney;
    },

    get walletMoneyLabel() {
        return this.walletAdded ? _t("Wallet top-up") : _t("Top-up undone");
    },

    /**
     * Whether an order that sells nothing can be left as if it had never been: no money has moved,
     * or is about to.
     */
    get canGiveUpTopUp() {
        return (
            this.sellsNothing &&
            !this.finalized &&
            !this.uiState.isWalletPaymentUnknown &&
            this.payment_ids.every(
                (line) =>
                    !line.isElectronic() || ["pending", "retry"].includes(line.getPaymentStatus())
            )
        );
    },

    /**
     * Whether the server still has to book the wallet payments of this order.
     */
    awaitsWallet() {
        return this.state === "paid" && this.movesCustomerMoney && !this.isWalletCharged;
    },

    /**
     * Whether the server has to be asked what became of this order, as no answer has come back.
     */
    get isWalletOutcomeUnknown() {
        return this.uiState.isWalletPaymentUnknown && !this.awaitsWallet();
    },

    /**
     * @override
     */
    get isCustomerRequired() {
        return super.isCustomerRequired || (this.movesCustomerMoney && !this.partner_id);
    },

    /**
     * @override
     */
    get presetRequirementsFilled() {
        return this.isWalletTopUp || super.presetRequirementsFilled;
    },

    _sumWalletLines(getAmount) {
        return this.currency.round(
            this.walletLines.reduce((sum, line) => sum + getAmount(line), 0)
        );
    },

    /**
     * What there is for the wallet to do: to pay when positive, to take in when negative.
     */
    getWalletDue() {
        return this.currency.round(this.remainingDue || this.change);
    },

    /**
     * What would be due if this payment line were not there.
     */
    getDueWithout(line) {
        return this.currency.round(this.totalDue - this.amountPaid + line.amount);
    },

    /**
     * @override
     */
    getDefaultAmountDueToPayIn(paymentMethod) {
        const due = super.getDefaultAmountDueToPayIn(...arguments);
        if (paymentMethod.type !== "wallet") {
            return due;
        }
        return Math.min(due, this.partner_id?.wallet?.available ?? 0);
    },

    /**
     * Nobody pays from the wallet of the customer who was there before. Who corrects the customer of
     * a top-up has taken the money already: it goes into the other wallet. Change that was kept is
     * handed out.
     *
     * @override
     */
    setPartner(partner) {
        if (partner?.id !== this.partner_id?.id) {
            this.assertEditable();
            if (!this.isWalletTopUp || this.walletChangeLine) {
                this.removeWalletLines();
            }
        }
        return super.setPartner(...arguments);
    },

    removeWalletLines() {
        for (const line of [...this.walletLines]) {
            this.removePaymentline(line);
        }
    },

    get walletChangeLine() {
        return this.walletLines.find((line) => line.uuid === this.uiState.walletChangeUuid);
    },

    /**
     * Whether a wallet has paid of this order, here or otherwise.
     */
    get isPaidByWallet() {
        return this.usesWallet;
    },

    /**
     * Whether this order takes back goods that a wallet has paid.
     */
    get isRefundOfWallet() {
        return this.lines.some((line) => line.refunded_orderline_id?.order_id?.isPaidByWallet);
    },

    /**
     * What the money that goes into the wallet is: for the receipt.
     */
    get walletAddedLabel() {
        if (this.totalDue < 0) {
            return _t("Refunded to the wallet");
        }
        return this.isWalletTopUp ? _t("Added to the wallet") : _t("Change kept in the wallet");
    },

    /**
     * Put into the wallet what would be handed out. Another line stays as the cashier made it.
     */
    keepChangeInWallet(paymentMethod) {
        const { change } = this;
        const result = this.addPaymentline(paymentMethod);
        if (result.status) {
            result.data.setAmount(change);
            this.uiState.walletChangeUuid = result.data.uuid;
        }
        return result.data;
    },

    /**
     * Hand out the change after all.
     */
    giveChangeBack() {
        const line = this.walletChangeLine;
        this.uiState.walletChangeUuid = false;
        if (line) {
            this.removePaymentline(line);
        }
    },
});
