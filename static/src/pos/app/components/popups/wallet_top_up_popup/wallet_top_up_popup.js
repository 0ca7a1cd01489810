import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { useService } from "@web/core/utils/hooks";
import { roundPrecision } from "@web/core/utils/numbers";
import { usePos } from "@point_of_sale/app/hooks/pos_hook";
import { Numpad } from "@point_of_sale/app/components/numpad/numpad";
import { getBestOffer, getOfferText } from "../../../utils/wallet_offers";

const MAX_OFFERS = 3;

/**
 * An amount, and how it is paid: the tender is the last tap.
 */
export class WalletTopUpPopup extends Component {
    static template = "customer_wallet.WalletTopUpPopup";
    static components = { Dialog, Numpad };
    static defaultProps = { missing: 0 };
    static props = {
        partner: Object,
        missing: { type: Number, optional: true },
        getPayload: Function,
        close: Function,
    };

    setup() {
        this.pos = usePos();
        this.numberBuffer = useService("number_buffer");
        this.numberBuffer.use({
            triggerAtInput: () => {
                this.state.amount = this.pos.currency.round(this.numberBuffer.getFloat() || 0);
            },
        });
        this.state = useState({ amount: 0 });
    }

    get wallet() {
        return this.props.partner.wallet;
    }

    get best() {
        return getBestOffer(this.wallet?.offers, this.state.amount, this.pos.currency);
    }

    /**
     * What the cashier may propose, with what the amount earns already.
     */
    get offers() {
        const offers = this.wallet?.offers || [];
        const { bonus, offer: earned } = this.best;
        const shown = offers.slice(0, MAX_OFFERS);
        if (earned && !shown.some(({ id }) => id === earned.id)) {
            shown[shown.length - 1] = earned;
        }
        return shown.map((offer) =>
            offer.id === earned?.id
                ? { ...offer, isEarned: true, text: this.getEarnedText(bonus) }
                : { ...offer, isEarned: false, text: offer.offer }
        );
    }

    getEarnedText(bonus) {
        return getOfferText(this.state.amount, bonus, this.pos.currency);
    }

    get balanceAfter() {
        return this.wallet.balance + this.state.amount + this.best.bonus;
    }

    /**
     * Amounts that are one tap away: what is missing, and round ones.
     */
    get quickAmounts() {
        const { missing } = this.props;
        const unit = this.pos.currency.decimal_places ? 10 : 1000;
        const rounds = [1, 2, 5, 10, 20, 50].map((factor) => factor * unit);
        const amounts = rounds.filter((amount) => amount > missing);
        return (missing > 0 ? [missing, ...amounts] : amounts).slice(0, 4);
    }

    setAmount(amount) {
        this.numberBuffer.reset(); // What is typed next starts anew.
        this.state.amount = amount;
    }

    formatCurrency(amount) {
        return this.env.utils.formatCurrency(amount);
    }

    /**
     * What an order lacks is proposed: in cash, no less than that, and what there are coins for.
     * Another amount is the cashier's own, and never changed.
     */
    getPayableAmount(paymentMethod) {
        const { config, currency } = this.pos;
        const { amount } = this.state;
        const isProposed = amount === this.props.missing;
        return isProposed && paymentMethod.is_cash_count && config.hasCashRounding
            ? currency.round(roundPrecision(amount, config.rounding_method.rounding, "UP"))
            : amount;
    }

    selectMethod(paymentMethod) {
        const amount = this.getPayableAmount(paymentMethod);
        this.props.getPayload({ amount, paymentMethod });
        this.props.close();
    }
}
