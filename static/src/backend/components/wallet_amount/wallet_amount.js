import { getCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus } from "@web/core/utils/hooks";
import { roundDecimals } from "@web/core/utils/numbers";
import { formatMonetary } from "@web/views/fields/formatters";
import { useNumpadDecimal } from "@web/views/fields/numpad_decimal_hook";
import { formatMoney, getDecimals, parseMoney } from "../../utils/wallet_money";

import { Component, useState } from "@odoo/owl";

/**
 * A small input for the amount that shall be paid from the wallet, or moved into it
 * from a credit note. It says in words why an amount cannot be taken, before anything
 * is sent to the server.
 */
export class WalletAmount extends Component {
    static template = "customer_wallet.WalletAmount";
    static props = {
        // proposed amount, still due and available, in the currency of the invoice
        amount: Number,
        residual: Number,
        balance: Number,
        currencyId: Number,
        isBusy: Boolean,
        isRefund: { type: Boolean, optional: true },
        confirm: Function,
        close: Function,
    };

    setup() {
        this.state = useState({
            text: formatMonetary(this.props.amount, {
                currencyId: this.props.currencyId,
                noSymbol: true,
            }),
            error: "",
        });
        useAutofocus({ refName: "numpadDecimal", selectAll: true, mobile: true });
        useNumpadDecimal();
    }

    get currency() {
        return getCurrency(this.props.currencyId) || { symbol: "", name: "" };
    }

    get maximum() {
        return Math.min(this.props.residual, this.props.balance);
    }

    get label() {
        return this.props.isRefund
            ? _t("Amount to move to the wallet")
            : _t("Amount to pay from the wallet");
    }

    get confirmLabel() {
        return this.props.isRefund ? _t("Move") : _t("Pay");
    }

    get hint() {
        return _t("At most %s.", this.format(this.maximum));
    }

    format(amount) {
        return formatMoney(amount, this.props.currencyId);
    }

    onKeydown(ev) {
        if (ev.key !== "Enter" && ev.key !== "Escape") {
            return;
        }
        // The form (or a dialog around it) shall not take the key for itself.
        ev.preventDefault();
        ev.stopPropagation();
        if (ev.key === "Escape") {
            this.props.close();
        } else if (ev.target.tagName !== "BUTTON") {
            this.confirm();
        } else {
            ev.target.click();
        }
    }

    onInput(ev) {
        this.state.text = ev.target.value;
        this.state.error = "";
    }

    confirm() {
        if (this.props.isBusy) {
            return;
        }
        let amount;
        try {
            amount = parseMoney(this.state.text);
        } catch {
            this.state.error = _t("Enter an amount, for example %s.", this.format(this.maximum));
            return;
        }
        this.state.error = this.getError(amount);
        if (!this.state.error) {
            this.props.confirm(amount);
        }
    }

    /**
     * @param {number} amount
     * @returns {string} why this amount cannot be paid; empty when it can
     */
    getError(amount) {
        const { balance, currencyId, residual } = this.props;
        const decimals = getDecimals(currencyId);
        if (amount <= 0) {
            return _t("The amount must be greater than zero.");
        }
        if (roundDecimals(amount, decimals) !== roundDecimals(amount, decimals + 4)) {
            return decimals
                ? _t("Amounts in %(currency)s have at most %(count)s decimals.", {
                      currency: this.currency.name,
                      count: decimals,
                  })
                : _t("Amounts in %s have no decimals.", this.currency.name);
        }
        if (residual <= balance && roundDecimals(amount - residual, decimals) > 0) {
            return this.props.isRefund
                ? _t("Only %s is open on this credit note.", this.format(residual))
                : _t("Only %s is still due on this invoice.", this.format(residual));
        }
        if (roundDecimals(amount - balance, decimals) > 0) {
            return _t("Only %s is available in the wallet.", this.format(balance));
        }
        return "";
    }
}
