import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { useService } from "@web/core/utils/hooks";
import { usePos } from "@point_of_sale/app/hooks/pos_hook";
import { Numpad } from "@point_of_sale/app/components/numpad/numpad";
import { getBestOffer, getOfferText } from "../../../utils/wallet_offers";

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

    get offerText() {
        return getOfferText(this.state.amount, this.best.bonus, this.pos.currency);
    }

    /**
     * What the cashier may propose, as long as the amount earns nothing.
     */
    get otherOffers() {
        return this.best.bonus ? [] : (this.wallet?.offers || []).slice(0, 3);
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
        const rounds = [1, 2, 5, 10].map((factor) => factor * unit);
        return missing > 0 ? [missing, ...rounds.filter((it) => it > missing)].slice(0, 4) : rounds;
    }

    setAmount(amount) {
        this.numberBuffer.reset(); // What is typed next starts anew.
        this.state.amount = amount;
    }

    formatCurrency(amount) {
        return this.env.utils.formatCurrency(amount);
    }

    selectMethod(paymentMethod) {
        this.props.getPayload({ amount: this.state.amount, paymentMethod });
        this.props.close();
    }
}
