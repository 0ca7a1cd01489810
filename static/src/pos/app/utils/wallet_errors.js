import { _t } from "@web/core/l10n/translation";
import { formatCurrency } from "@web/core/currency";

// What the cashier reads when a wallet is not used, as `{ title, body }` of a dialog. What is
// `missing` can be topped up from there.

export function insufficientFunds(partner, asked, currency) {
    const { available, frozen } = partner.wallet;
    const amounts = {
        customer: partner.name,
        available: formatCurrency(available, currency.id),
        asked: formatCurrency(asked, currency.id),
    };
    if (frozen) {
        return {
            title: _t("Wallet frozen"),
            body: _t(
                "The wallet of %(customer)s is frozen: %(asked)s cannot be paid from it. Use another payment method.",
                amounts
            ),
        };
    }
    return {
        partner,
        missing: currency.round(asked - available),
        title: _t("Not enough in the wallet"),
        body:
            available > 0
                ? _t(
                      "%(customer)s has %(available)s available in the wallet, and %(asked)s was asked for. Take the rest with another payment method.",
                      amounts
                  )
                : _t(
                      "Nothing is available in the wallet of %(customer)s, and %(asked)s is to be paid. Top it up, or use another payment method.",
                      amounts
                  ),
    };
}

export function moreThanDue(due, asked, currency) {
    const amounts = {
        due: formatCurrency(Math.abs(due), currency.id),
        asked: formatCurrency(Math.abs(asked), currency.id),
    };
    return {
        title: _t("More than is due"),
        body:
            asked < 0
                ? _t(
                      "%(asked)s cannot go into the wallet: only %(due)s is to be paid back.",
                      amounts
                  )
                : _t(
                      "%(asked)s cannot be paid from the wallet: only %(due)s is due. A wallet does not give change.",
                      amounts
                  ),
    };
}

export function nothingDue() {
    return {
        title: _t("Nothing is due"),
        body: _t("This order is paid already. There is nothing left for the wallet."),
    };
}

export function unpaidTopUp(added, paid, currency) {
    return {
        title: _t("Paid in with cash or card only"),
        body: _t("%(added)s is to go into the wallet, and %(paid)s was paid in cash or by card.", {
            added: formatCurrency(added, currency.id),
            paid: formatCurrency(paid, currency.id),
        }),
    };
}

export function paidForNothing(paid, currency) {
    return {
        title: _t("Nothing is paid for"),
        body: _t(
            "%(paid)s was paid, and nothing is sold. Add products, put the money into the customer's wallet, or remove the payment.",
            { paid: formatCurrency(paid, currency.id) }
        ),
    };
}

export function noWallet(partner) {
    return {
        title: _t("No wallet"),
        body: _t(
            "%(customer)s stands for many people, so there is no wallet. Choose the customer whose money it is.",
            { customer: partner.name }
        ),
    };
}

export function noConnection() {
    return {
        title: _t("No connection"),
        body: _t(
            "The wallet cannot be used while the till has no connection: the balance is on the server. Use another payment method, or wait for the connection."
        ),
    };
}

export function unknownOutcome(order) {
    return {
        title: _t("The connection was lost"),
        body: _t(
            "It is not known yet whether the wallet of %(customer)s was used for this order. Nothing is lost: once the connection is back, the till asks the server and goes on from there. You can serve other customers meanwhile.",
            { customer: order.getPartnerName() }
        ),
    };
}

export function notUndone(order) {
    return {
        title: _t("No connection"),
        body: _t(
            "The top-up of %(customer)s was not undone: the till has no connection. Undo it once the connection is back, and give no money back before.",
            { customer: order.getPartnerName() }
        ),
    };
}

export function unknownUndo(order) {
    return {
        title: _t("The connection was lost"),
        body: _t(
            "It is not known yet whether the top-up of %(customer)s was undone. Once the connection is back, undo it again: it is undone once only. Give no money back before.",
            { customer: order.getPartnerName() }
        ),
    };
}
