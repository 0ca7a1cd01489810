import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { getCurrency } from "@web/core/currency";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { uuid } from "@web/core/utils/strings";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formatMoney } from "../../utils/wallet_money";
import { WalletAmount } from "../wallet_amount/wallet_amount";

import { Component, useEffect, useRef, useState } from "@odoo/owl";

/**
 * The section *Customer Wallet* of a customer invoice: what the customer's wallet
 * holds, one click that pays the invoice from it, and what it paid already. On a
 * credit note the money goes the other way, into the wallet.
 *
 * The value of the field is prepared by the server, see `wallet_widget` of
 * `account.move`.
 */
export class WalletField extends Component {
    static template = "customer_wallet.WalletField";
    static components = { WalletAmount };
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.otherAmountRef = useRef("otherAmount");
        // editedId: the invoice for which another amount is being typed
        this.state = useState({ isBusy: false, editedId: false });
        this.focusOtherAmount = false;
        useEffect(
            (button) => {
                if (button && this.focusOtherAmount) {
                    this.focusOtherAmount = false;
                    button.focus();
                }
            },
            () => [this.otherAmountRef.el]
        );
    }

    get wallet() {
        return this.props.record.data[this.props.name];
    }

    get isDraft() {
        return this.wallet.state === "draft";
    }

    get canAllocate() {
        return !this.isDraft && this.wallet.can_allocate && this.wallet.allocatable > 0;
    }

    get isEditing() {
        return this.canAllocate && this.state.editedId === this.wallet.move_id;
    }

    get phoneHref() {
        return `tel:${this.wallet.partner.phone.replace(/\s+/g, "")}`;
    }

    get mailHref() {
        return `mailto:${this.wallet.partner.email}`;
    }

    get isRefund() {
        return Boolean(this.wallet.is_refund);
    }

    get payLabel() {
        const amount = this.format(this.wallet.allocatable);
        return this.isRefund ? _t("To the wallet: %s", amount) : _t("Pay %s", amount);
    }

    get payTooltip() {
        const amount = this.format(this.wallet.allocatable);
        return this.isRefund
            ? _t("Move %s to the customer's wallet", amount)
            : _t("Pay %s from the wallet", amount);
    }

    get paymentsLabel() {
        return this.isRefund ? _t("Moved to the wallet") : _t("Paid from the wallet");
    }

    get discountNote() {
        return _t("Early payment discount: %s", this.format(this.wallet.discount));
    }

    /** What may be spent: a limit below zero adds to the balance, a frozen wallet does not. */
    get available() {
        return this.wallet.available ?? this.wallet.balance;
    }

    /** What the balance consists of, when the figure alone does not tell. */
    get walletLines() {
        const { wallets } = this.wallet;
        const isPlain = (wallet) => !wallet.converted && !wallet.frozen;
        if (wallets.length < 2 && wallets.every(isPlain)) {
            return [];
        }
        return wallets.map((wallet) => ({
            id: wallet.id,
            label: _t("In %s", getCurrency(wallet.currency_id)?.name || ""),
            text: this.describe(wallet),
        }));
    }

    get paymentLines() {
        return this.wallet.payments.map((payment) => ({
            ...payment,
            label: this.describeDate(formatDate(deserializeDate(payment.date))),
            formattedAmount: this.format(payment.amount),
            undoTooltip: this.isRefund
                ? _t("Undo the refund of %s", this.format(payment.amount))
                : _t("Undo the payment of %s", this.format(payment.amount)),
        }));
    }

    describeDate(date) {
        return this.isRefund ? _t("To the wallet on %s", date) : _t("Paid on %s", date);
    }

    /**
     * @param {number} amount in the currency of the invoice
     * @returns {string}
     */
    format(amount) {
        return formatMoney(amount, this.wallet.currency_id);
    }

    describe(wallet) {
        const balance = formatMoney(wallet.balance, wallet.currency_id);
        if (wallet.frozen) {
            return _t("%s, frozen", balance);
        }
        if (wallet.converted) {
            const value = this.format(wallet.amount);
            return _t("%(balance)s, today worth %(value)s", { balance, value });
        }
        return balance;
    }

    get method() {
        return this.isRefund ? "action_refund_to_wallet" : "action_allocate_wallet";
    }

    /** Pays as much of the invoice as the wallet can; moves all of a credit note. */
    allocate() {
        return this.move(this.wallet.allocatable);
    }

    /** @param {number} amount in the currency of the invoice */
    async allocateAmount(amount) {
        if (await this.move(amount, { amount })) {
            this.state.editedId = false;
        }
    }

    async move(amount, kwargs = {}) {
        const text = this.isRefund
            ? _t("%s moved to the wallet.", this.format(amount))
            : _t("%s paid from the wallet.", this.format(amount));
        const isMoved = await this.callInvoice(this.method, [], kwargs);
        if (isMoved) {
            this.tell(text);
        }
        return isMoved;
    }

    /** @param {string} text what has happened; what the wallet holds now is added */
    tell(text) {
        const balance = this.wallet && this.format(this.wallet.balance);
        const parts = balance ? [text, _t("The wallet now holds %s.", balance)] : [text];
        this.notification.add(parts.join(" "), { type: "success" });
    }

    async topUp() {
        const { record } = this.props;
        if (!(await record.save())) {
            return;
        }
        await this.action.doAction("customer_wallet.action_wallet_top_up", {
            additionalContext: this.wallet.top_up,
            onClose: () => record.model.root.load(),
        });
    }

    openAmount() {
        this.state.editedId = this.wallet.move_id;
    }

    closeAmount() {
        this.state.editedId = false;
        this.focusOtherAmount = true;
    }

    undo(payment) {
        return this.isRefund ? this.undoRefund(payment) : this.undoPayment(payment);
    }

    undoRefund(payment) {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Undo this refund?"),
            body: _t(
                "%(amount)s will be taken out of the customer's wallet, and the credit note will be open again by that amount. The entry %(entry)s stays in the books and is reversed.",
                { amount: payment.formattedAmount, entry: payment.name }
            ),
            confirmLabel: _t("Undo Refund"),
            confirm: () => this.undoMove(payment),
            cancel: () => {},
        });
    }

    undoPayment(payment) {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Undo this payment?"),
            body: _t(
                "%(amount)s will go back to the customer's wallet, and the invoice will be due again by that amount. The entry %(entry)s stays in the books and is reversed.",
                { amount: payment.formattedAmount, entry: payment.name }
            ),
            confirmLabel: _t("Undo Payment"),
            confirm: () => this.undoMove(payment),
            cancel: () => {},
        });
    }

    async undoMove(payment) {
        const text = this.isRefund
            ? _t("%s taken out of the wallet.", payment.formattedAmount)
            : _t("%s is back in the wallet.", payment.formattedAmount);
        if (await this.callInvoice("action_unallocate_wallet", [payment.partial_id])) {
            this.tell(text);
        }
    }

    openEntry(payment) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "account.move",
            res_id: payment.move_id,
            views: [[false, "form"]],
        });
    }

    /**
     * Calls a method of the invoice, once however often it is asked for, and brings
     * the form up to date. Unsaved changes of the form are saved first.
     *
     * @param {string} method
     * @param {any[]} [args]
     * @param {Object} [kwargs]
     * @returns {Promise<boolean>} whether the method was called
     */
    async callInvoice(method, args = [], kwargs = {}) {
        const { record } = this.props;
        if (this.state.isBusy) {
            return false;
        }
        this.state.isBusy = true;
        try {
            if (!(await record.save())) {
                return false;
            }
            await this.request(method, [[record.resId], ...args], kwargs);
            await record.model.root.load();
            return true;
        } finally {
            this.state.isBusy = false;
        }
    }

    /**
     * When the answer got lost, the user asks again with the same key, by which the
     * server knows what it has done already.
     */
    async request(method, args, kwargs) {
        const asked = JSON.stringify([method, args, kwargs]);
        if (this.unanswered?.asked !== asked) {
            this.unanswered = { asked, key: uuid() };
        }
        const context = { wallet_request_key: this.unanswered.key };
        try {
            await this.orm.call(this.props.record.resModel, method, args, {
                ...kwargs,
                context,
            });
            this.unanswered = null;
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                this.unanswered = null;
            }
            throw error;
        }
    }
}

export const walletField = {
    component: WalletField,
    displayName: _t("Customer Wallet"),
    supportedTypes: ["binary", "json"],
};

registry.category("fields").add("customer_wallet", walletField);
