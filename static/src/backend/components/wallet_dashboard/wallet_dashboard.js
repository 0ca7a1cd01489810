import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formatMoney } from "../../utils/wallet_money";
import { WalletCurve } from "../wallet_curve/wallet_curve";

import { Component } from "@odoo/owl";

const SOON_DAYS = 30;
// The server counts no further.
const MOVEMENTS_COUNTED = 1000;

/**
 * The wallet at a glance: its balance, what kinds of money that is, what of it
 * expires when, how it got there, and the latest movements.
 *
 * The value of the field is prepared by the server, see `dashboard` of
 * `customer.wallet`.
 */
export class WalletDashboard extends Component {
    static template = "customer_wallet.WalletDashboard";
    static components = { WalletCurve };
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get wallet() {
        return this.props.record.data[this.props.name];
    }

    get isBelowZero() {
        return this.wallet.balance < 0;
    }

    get hasKinds() {
        return this.wallet.bonus > 0;
    }

    get isAvailableApart() {
        return this.wallet.available !== this.wallet.balance;
    }

    /** Of a single day there is no curve. */
    get hasCurve() {
        const days = this.wallet.curve.map(({ date }) => deserializeDate(date));
        return days.length > 0 && days.at(-1).diff(days[0], "days").days > 1;
    }

    get bonusShare() {
        const { bonus, paid } = this.wallet;
        return paid > 0 ? (100 * bonus) / (bonus + paid) : 100;
    }

    get limitNote() {
        return _t("This customer may go down to %s.", this.format(-this.wallet.limit));
    }

    get expiring() {
        const today = deserializeDate(this.wallet.today);
        return this.wallet.expiring.map(({ date, amount }) => {
            const day = deserializeDate(date);
            const days = Math.round(day.diff(today, "days").days);
            return {
                date,
                day: formatDate(day),
                amount: this.format(amount),
                distance: this.describeDays(days),
                isSoon: days <= SOON_DAYS,
            };
        });
    }

    get movements() {
        return this.wallet.movements.map((movement) => ({
            ...movement,
            day: formatDate(deserializeDate(movement.date)),
            isIn: movement.amount > 0,
            amount: this.format(movement.amount),
            balance: movement.is_pending ? _t("Pending") : this.format(movement.balance),
        }));
    }

    get hasMore() {
        return this.props.record.data.movement_count > this.wallet.movements.length;
    }

    get moreLabel() {
        const count = this.props.record.data.movement_count;
        const more = count < MOVEMENTS_COUNTED ? "" : "+";
        // Isolated: in a right-to-left text, the plus would come first.
        const text = `\u2066${formatInteger(count)}${more}\u2069`;
        return _t("All %s movements", text);
    }

    /**
     * @param {number} amount in the wallet's currency
     * @returns {string}
     */
    format(amount) {
        return formatMoney(amount, this.wallet.currency_id);
    }

    describeDays(days) {
        if (days < 0) {
            return _t("expired");
        }
        if (days === 0) {
            return _t("today");
        }
        return days === 1 ? _t("tomorrow") : _t("in %s days", days);
    }

    async openMovement(movement) {
        const action = await this.orm.call("customer.wallet.movement", "action_open_document", [
            [movement.id],
        ]);
        return this.action.doAction(action);
    }

    async openHistory() {
        const { record } = this.props;
        const action = await this.orm.call(record.resModel, "action_view_movements", [
            [record.resId],
        ]);
        return this.action.doAction(action);
    }
}

export const walletDashboard = {
    component: WalletDashboard,
    displayName: _t("Wallet at a Glance"),
    supportedTypes: ["binary", "json"],
    fieldDependencies: [{ name: "movement_count", type: "integer" }],
};

registry.category("fields").add("customer_wallet_dashboard", walletDashboard);
