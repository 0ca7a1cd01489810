import { Component } from "@odoo/owl";
import { formatCurrency } from "@web/core/currency";

/**
 * Whose wallet it is, what it holds, and what will remain after the order.
 */
export class WalletSummary extends Component {
    static template = "customer_wallet.WalletSummary";
    static props = {
        order: Object,
    };

    get order() {
        return this.props.order;
    }

    get partner() {
        return this.order.partner_id;
    }

    get wallet() {
        return this.partner.wallet;
    }

    get hasLess() {
        return this.wallet.available < this.wallet.balance;
    }

    formatCurrency(amount) {
        return formatCurrency(amount, this.order.currency.id);
    }
}
