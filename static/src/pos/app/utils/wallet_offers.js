import { _t } from "@web/core/l10n/translation";
import { formatCurrency } from "@web/core/currency";

// What a top-up would earn, to be shown before the money is taken. The server decides in the end.

/**
 * What a top-up earns by one promotion.
 */
export function getBonus(offer, amount, currency) {
    if (!(amount > 0) || amount < offer.minimum_amount) {
        return 0;
    }
    if (offer.bonus_type === "fixed") {
        return currency.round(offer.bonus_value);
    }
    const bonus = currency.round((amount * offer.bonus_value) / 100);
    return offer.maximum_bonus > 0 ? Math.min(bonus, offer.maximum_bonus) : bonus;
}

/**
 * What a top-up earns by the best promotion: only one counts.
 *
 * @returns {{bonus: number, offer: Object|null}}
 */
export function getBestOffer(offers, amount, currency) {
    let best = { bonus: 0, offer: null };
    for (const offer of offers || []) {
        const bonus = getBonus(offer, amount, currency);
        if (bonus > best.bonus) {
            best = { bonus, offer };
        }
    }
    return best;
}

/**
 * "Pay 100, get 110", or no text when nothing is earned.
 */
export function getOfferText(amount, bonus, currency) {
    if (!(bonus > 0)) {
        return "";
    }
    return _t("Pay %(paid)s, get %(gets)s", {
        paid: formatCurrency(amount, currency.id),
        gets: formatCurrency(currency.round(amount + bonus), currency.id),
    });
}
