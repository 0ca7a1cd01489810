import { formatCurrency, getCurrency } from "@web/core/currency";
import { localization } from "@web/core/l10n/localization";
import { InvalidNumberError, parseMonetary } from "@web/views/fields/parsers";

const FIRST_STRONG_ISOLATE = "\u2068";
const POP_DIRECTIONAL_ISOLATE = "\u2069";

// Zeros of the Arabic-Indic and of the Extended Arabic-Indic (Persian, Urdu) digits.
const EASTERN_ZEROS = [0x0660, 0x06f0];

/**
 * Formats an amount with the symbol of its currency.
 *
 * @param {number} amount
 * @param {number} currencyId id of a res.currency
 * @returns {string}
 */
export function formatMoney(amount, currencyId) {
    return isolate(formatCurrency(amount, currencyId));
}

/**
 * Isolates an amount in a right-to-left language, so that symbol, sign and digits keep
 * their order in a sentence.
 *
 * @param {string} text
 * @returns {string}
 */
export function isolate(text) {
    if (localization.direction !== "rtl") {
        return text;
    }
    return `${FIRST_STRONG_ISOLATE}${text}${POP_DIRECTIONAL_ISOLATE}`;
}

/**
 * @param {number} currencyId id of a res.currency
 * @returns {number} how many decimals amounts in this currency have
 */
export function getDecimals(currencyId) {
    return getCurrency(currencyId)?.digits[1] ?? 2;
}

/**
 * Reads an amount as the user types it: in his language's notation, with or without
 * the currency, with western or eastern Arabic digits, or as a formula ("=40/2").
 *
 * @param {string} text
 * @returns {number}
 * @throws {InvalidNumberError} when the text holds no number
 */
export function parseMoney(text) {
    const western = toWesternDigits(text);
    if (!/\d/.test(western)) {
        throw new InvalidNumberError(`"${text}" is not a correct number`);
    }
    return parseMonetary(western);
}

function toWesternDigits(text) {
    return text
        .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => {
            const code = digit.charCodeAt(0);
            return code - EASTERN_ZEROS.findLast((zero) => code >= zero);
        })
        .replaceAll("\u066b", localization.decimalPoint)
        .replaceAll("\u066c", "");
}
