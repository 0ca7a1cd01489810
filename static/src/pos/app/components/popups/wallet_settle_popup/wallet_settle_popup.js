import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { parseFloat } from "@web/views/fields/parsers";
import { usePos } from "@point_of_sale/app/hooks/pos_hook";

/**
 * What a customer owes, oldest first: the cashier ticks what is paid now, whole or a part.
 */
export class WalletSettlePopup extends Component {
    static template = "customer_wallet.WalletSettlePopup";
    static components = { Dialog };
    static props = {
        partner: Object,
        documents: Array,
        getPayload: Function,
        close: Function,
    };

    setup() {
        this.pos = usePos();
        this.rows = useState(
            this.props.documents.map((document) => ({
                document,
                isChosen: false,
                text: this.formatAmount(document.residual),
            }))
        );
    }

    get owed() {
        return this.round(this.rows.reduce((sum, { document }) => sum + document.residual, 0));
    }

    get chosenRows() {
        return this.rows.filter((row) => row.isChosen);
    }

    get total() {
        const amounts = this.chosenRows.map((row) => this.getAmount(row));
        return this.round(amounts.reduce((sum, amount) => sum + amount, 0));
    }

    get canConfirm() {
        return this.chosenRows.length > 0 && this.chosenRows.every((row) => this.isValid(row));
    }

    round(amount) {
        return this.pos.currency.round(amount);
    }

    formatAmount(amount) {
        return this.env.utils.formatCurrency(amount, false);
    }

    formatCurrency(amount) {
        return this.env.utils.formatCurrency(amount);
    }

    formatDate(date) {
        return formatDate(deserializeDate(date));
    }

    getAmount(row) {
        try {
            return this.round(parseFloat(row.text));
        } catch {
            return 0;
        }
    }

    isValid(row) {
        const amount = this.getAmount(row);
        return amount > 0 && amount <= row.document.residual;
    }

    toggle(row) {
        if (!row.document.id) {
            return;
        }
        row.isChosen = !row.isChosen;
        row.text = this.formatAmount(row.document.residual);
    }

    chooseAll() {
        const isChosen = this.chosenRows.length === 0;
        for (const row of this.rows.filter(({ document }) => document.id)) {
            row.isChosen = isChosen;
            row.text = this.formatAmount(row.document.residual);
        }
    }

    confirm() {
        this.props.getPayload(
            this.chosenRows.map((row) => ({
                id: row.document.id,
                name: row.document.name,
                amount: this.getAmount(row),
            }))
        );
        this.props.close();
    }
}
