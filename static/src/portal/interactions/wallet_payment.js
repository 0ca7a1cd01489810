import { formatCurrency } from "@web/core/currency";
import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/**
 * The confirmation by which an invoice is paid from the wallet: it follows the amount
 * with the balance that is left then, and is sent once.
 */
export class WalletPayment extends Interaction {
    static selector = "#o_wallet_pay_form";
    dynamicContent = {
        "input[name=amount]": { "t-on-input": () => this.updateContent() },
        ".o_wallet_balance_after": { "t-out": () => this.balanceAfter },
        "button[type=submit]": {
            "t-att-disabled": () => (this.isSent || !this.isPossible ? "disabled" : undefined),
        },
        _root: { "t-on-submit": this.onSubmit },
    };

    setup() {
        this.isSent = false;
        const { currencyId, balance, maximum } = this.el.dataset;
        this.currencyId = parseInt(currencyId);
        this.balance = parseFloat(balance);
        this.maximum = parseFloat(maximum);
        this.input = this.el.querySelector("input[name=amount]");
    }

    get amount() {
        return parseFloat(this.input.value) || 0;
    }

    get isPossible() {
        return this.amount > 0 && this.amount <= this.maximum && this.input.validity.valid;
    }

    get balanceAfter() {
        return formatCurrency(this.balance - (this.isPossible ? this.amount : 0), this.currencyId);
    }

    onSubmit(ev) {
        if (this.isSent || !this.isPossible) {
            ev.preventDefault();
            return;
        }
        this.isSent = true;
    }
}

registry.category("public.interactions").add("customer_wallet.wallet_payment", WalletPayment);
