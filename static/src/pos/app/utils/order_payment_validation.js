import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { patch } from "@web/core/utils/patch";
import OrderPaymentValidation from "@point_of_sale/app/utils/order_payment_validation";
import { ask } from "@point_of_sale/app/utils/make_awaitable_dialog";
import * as walletErrors from "./wallet_errors";

patch(OrderPaymentValidation.prototype, {
    /**
     * @override
     */
    setup() {
        super.setup(...arguments);
        // The server sets `to_invoice` on an order that is paid later. Nobody pressed Invoice for it,
        // so nobody waits for the document: it can be printed from the list of orders.
        this.invoiceWasRequested = this.order.to_invoice;
    },

    /**
     * @override
     */
    shouldDownloadInvoice() {
        return (
            super.shouldDownloadInvoice() &&
            (this.invoiceWasRequested || !this.order.isAutoInvoiced)
        );
    },

    /**
     * The feedback screen thanks the customer before the server has answered. With a wallet, the
     * answer comes first.
     *
     * @override
     */
    get nextPage() {
        const nextPage = super.nextPage;
        if (
            nextPage.page === "FeedbackScreen" &&
            this.order.movesCustomerMoney &&
            !this.order.finalized
        ) {
            return { page: "ReceiptScreen", params: { orderUuid: this.order.uuid } };
        }
        return nextPage;
    },

    /**
     * @override
     */
    async validateOrder() {
        if (!this.order.movesCustomerMoney) {
            return super.validateOrder(...arguments);
        }
        return this.pos.workOnce(`validate ${this.orderUuid}`, () =>
            super.validateOrder(...arguments)
        );
    },

    /**
     * @override
     */
    async askBeforeValidation() {
        if (this.order.uiState.isWalletPaymentUnknown) {
            if (!(await this.pos.requireKnownOutcome(this.order)) || this.order.finalized) {
                return false;
            }
        }
        return super.askBeforeValidation(...arguments);
    },

    /**
     * @override
     */
    async _askForCustomerIfRequired() {
        if (this.order.movesCustomerMoney && !this.order.getPartner()) {
            const confirmed = await ask(this.pos.dialog, {
                title: _t("Customer Required"),
                body: _t("Choose the customer whose wallet is used."),
            });
            if (confirmed) {
                await this.pos.selectPartner();
            }
            return false;
        }
        return super._askForCustomerIfRequired(...arguments);
    },

    /**
     * @override
     */
    async isOrderValid() {
        if (!(await super.isOrderValid(...arguments))) {
            return false;
        }
        if (!this.order.movesCustomerMoney) {
            return !this.isPaidForNothing();
        }
        if (!this.order.getPartner()) {
            return this._askForCustomerIfRequired();
        }
        const message = this.getWalletObjection() || (await this.askWalletObjection());
        if (message) {
            this.pos.alertWallet(message);
        }
        const { wallet, hasNoWallet } = this.order.partner_id;
        return !message && Boolean(wallet || (hasNoWallet && !this.order.usesWallet));
    },

    /**
     * An order that sells nothing is not even sent: its payment would be in no books. That is what
     * is left of a top-up, or of what was to be settled, when their own line is removed.
     */
    isPaidForNothing() {
        const { order } = this;
        const paid = order.payment_ids.some((line) => !order.currency.isZero(line.amount));
        if (!paid || this.pos.shouldCreatePendingOrder(order)) {
            return false;
        }
        this.pos.alertWallet(walletErrors.paidForNothing(order.amountPaid, order.currency));
        return true;
    },

    /**
     * Money goes from a wallet to goods, or from cash and card to a wallet; a wallet is no way to
     * get at cash.
     *
     * @returns {Object|undefined} what the cashier is told
     */
    getWalletObjection() {
        const { order } = this;
        const { currency } = order;
        const total = Math.max(order.totalDue, 0);
        if (order.walletPaid > total) {
            return walletErrors.moreThanDue(total, order.walletPaid, currency);
        }
        if (order.totalDue < 0) {
            return -order.totalDue < order.walletAdded
                ? walletErrors.moreThanDue(order.totalDue, -order.walletAdded, currency)
                : undefined;
        }
        const paidIn = order.payment_ids
            .filter((line) => ["cash", "bank"].includes(line.payment_method_id.type))
            .reduce((sum, line) => sum + line.getAmount(), 0);
        if (order.walletAdded > currency.round(paidIn)) {
            return walletErrors.unpaidTopUp(order.walletAdded, paidIn, currency);
        }
    },

    /**
     * @returns {Promise<Object|undefined>} what the cashier is told
     */
    async askWalletObjection() {
        const { order } = this;
        const partner = order.partner_id;
        if (!(await this.pos.requireWallet(partner))) {
            return; // The cashier was told.
        }
        if (order.walletPaid > partner.wallet.available) {
            return walletErrors.insufficientFunds(partner, order.walletPaid, order.currency);
        }
    },

    /**
     * @override
     */
    async finalizeValidation() {
        if (!this.order.movesCustomerMoney) {
            return super.finalizeValidation(...arguments);
        }
        // It may be on its way as an open order.
        if (!(await this.pos.waitForAnswer(this.order))) {
            return this.handleValidationError(new ConnectionLostError());
        }
        this.pos.validatedWalletOrderUuid = this.order.uuid;
        try {
            return await super.finalizeValidation(...arguments);
        } finally {
            this.pos.validatedWalletOrderUuid = false;
        }
    },

    /**
     * @override
     */
    async afterOrderValidation() {
        this.isFinishing = true;
        if (this.order.movesCustomerMoney) {
            await this.pos.readBalanceAfter(this.order);
        }
        return super.afterOrderValidation(...arguments);
    },

    /**
     * A lost connection does not make a wallet order paid, as it does others.
     *
     * @override
     */
    handleValidationError(error) {
        if (this.order.isWalletCharged) {
            this.pos.reportFailureAfterPayment(error); // It stays paid.
            return this.finishAfterFailure();
        }
        if (!this.order.movesCustomerMoney || this.order.finalized) {
            return super.handleValidationError(...arguments);
        }
        if (error instanceof ConnectionLostError) {
            this.pos.reportWalletFailure(this.order, error);
            return new RPCError(); // After an answer of this kind the order stays where it is.
        }
        this.pos.refreshOrderWallet(this.order);
        return super.handleValidationError(...arguments);
    },

    /**
     * What failed is not what is left to do: the receipt, and the ticket of the kitchen.
     */
    async finishAfterFailure() {
        if (this.isFinishing) {
            return;
        }
        this.isFinishing = true;
        try {
            await this.afterOrderValidation();
        } catch (error) {
            this.pos.reportFailureAfterPayment(error);
        }
    },
});
