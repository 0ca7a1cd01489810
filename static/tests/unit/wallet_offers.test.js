import { describe, expect, test } from "@odoo/hoot";
import { mountWithCleanup, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { PosPayment } from "@point_of_sale/app/models/pos_payment";
import { WalletTopUpPopup } from "@customer_wallet/pos/app/components/popups/wallet_top_up_popup/wallet_top_up_popup";
import { getBestOffer, getBonus, getOfferText } from "@customer_wallet/pos/app/utils/wallet_offers";
import { pay, setupTill } from "./till_test_helpers";

definePosModels();

const TEN_PERCENT = {
    id: 1,
    name: "Spring bonus",
    offer: "Pay $ 100.00, get $ 110.00",
    minimum_amount: 50,
    bonus_type: "percent",
    bonus_value: 10,
    maximum_bonus: 20,
    expiry_date: false,
};
const FIFTEEN = {
    ...TEN_PERCENT,
    id: 2,
    name: "Fifteen",
    minimum_amount: 100,
    bonus_type: "fixed",
    bonus_value: 15,
    maximum_bonus: 0,
};

/** A till on which the customer tops up. */
async function setupTopUp(amount, offers) {
    const till = await setupTill({ offers });
    const order = till.store.createTopUpOrder(till.partner, {
        amount,
        paymentMethod: till.cash,
    });
    return { ...till, order };
}

describe("what a top-up earns", () => {
    test("a percentage, from the minimum on and up to the maximum", async () => {
        const { store } = await setupTill();
        for (const [amount, bonus] of [
            [0, 0],
            [-100, 0],
            [49.99, 0],
            [50, 5],
            [99.99, 10],
            [500, 20],
        ]) {
            expect(getBonus(TEN_PERCENT, amount, store.currency)).toBe(bonus);
        }
    });

    test("a fixed amount", async () => {
        const { store } = await setupTill();
        expect(getBonus(FIFTEEN, 99, store.currency)).toBe(0);
        expect(getBonus(FIFTEEN, 1000, store.currency)).toBe(15);
    });

    test("the best one only", async () => {
        const { store } = await setupTill();
        const best = (amount) => getBestOffer([TEN_PERCENT, FIFTEEN], amount, store.currency);
        expect(best(10)).toEqual({ bonus: 0, offer: null });
        expect(best(60)).toEqual({ bonus: 6, offer: TEN_PERCENT });
        expect(best(100)).toEqual({ bonus: 15, offer: FIFTEEN });
        expect(best(300)).toEqual({ bonus: 20, offer: TEN_PERCENT });
        expect(getBestOffer(undefined, 100, store.currency).bonus).toBe(0);
    });

    test("in words", async () => {
        const { store } = await setupTill();
        expect(String(getOfferText(100, 10, store.currency)).replaceAll("\u00a0", " ")).toMatch(
            /^Pay .*100\.00.*, get .*110\.00/
        );
        expect(getOfferText(100, 0, store.currency)).toBe("");
    });
});

describe("the order", () => {
    test("before it is paid, the balance after it includes the bonus", async () => {
        const { order } = await setupTopUp(100, [TEN_PERCENT]);
        expect(order.walletBonus).toBe(10);
        expect(order.walletRemaining).toBe(160);
        expect(String(order.walletOfferText)).toInclude("110.00");
    });

    test("once it is paid, the server has said what it earned", async () => {
        const { order } = await setupTopUp(100, [TEN_PERCENT]);
        patchWithCleanup(PosPayment.prototype, { isWalletCharged: () => true });
        order.walletLines[0].update({ wallet_bonus: 25, wallet_bonus_note: "Another promotion" });
        expect(order.walletBonus).toBe(25);
        expect(order.walletBonusNote).toBe("Another promotion");
    });

    test("change that is kept earns nothing", async () => {
        const { order, cash, wallet } = await setupTill({ offers: [TEN_PERCENT] });
        pay(order, cash, 117.85);
        order.keepChangeInWallet(wallet);
        expect(order.walletAdded).toBe(100);
        expect(order.walletBonus).toBe(0);
        expect(order.walletOfferText).toBe("");
    });
});

describe("the dialog", () => {
    test("shows the offer as the amount is typed", async () => {
        const { partner } = await setupTill({ offers: [TEN_PERCENT] });
        const popup = await mountWithCleanup(WalletTopUpPopup, {
            props: { partner, getPayload() {}, close() {} },
        });
        expect(popup.offers.map(({ id, isEarned }) => [id, isEarned])).toEqual([[1, false]]);
        expect(popup.quickAmounts).toEqual([10, 20, 50, 100]);
        popup.setAmount(100);
        expect(popup.offers.map(({ id, isEarned }) => [id, isEarned])).toEqual([[1, true]]);
        expect(String(popup.offers[0].text)).toInclude("110.00");
        expect(popup.balanceAfter).toBe(160);
    });

    test("shows few of many offers, and always the one that is earned", async () => {
        const offers = [50, 40, 30, 20].map((bonus_value, index) => ({
            ...TEN_PERCENT,
            bonus_value,
            id: index + 1,
            minimum_amount: 1000 - index,
        }));
        const { partner } = await setupTill({ offers });
        const popup = await mountWithCleanup(WalletTopUpPopup, {
            props: { partner, getPayload() {}, close() {} },
        });
        expect(popup.offers.map(({ id }) => id)).toEqual([1, 2, 3]);
        popup.setAmount(997);
        expect(popup.offers.map(({ id }) => id)).toEqual([1, 2, 4]);
        expect(popup.offers[2].isEarned).toBe(true);
    });

    test("proposes what an order lacks", async () => {
        const { partner } = await setupTill();
        const popup = await mountWithCleanup(WalletTopUpPopup, {
            props: { partner, missing: 12.85, getPayload() {}, close() {} },
        });
        expect(popup.quickAmounts).toEqual([12.85, 20, 50, 100]);
    });

    test("takes cash in coins that there are, and no less than an order lacks", async () => {
        const { store, partner, cash, card } = await setupTill();
        const popup = await mountWithCleanup(WalletTopUpPopup, {
            props: { partner, missing: 3.02, getPayload: () => {}, close: () => {} },
        });
        const config = { hasCashRounding: true, rounding_method: { rounding: 0.05 } };
        popup.pos = { config, currency: store.currency, topUpMethods: [] };
        popup.setAmount(3.02);
        expect(popup.getPayableAmount(cash)).toBe(3.05);
        expect(popup.getPayableAmount(card)).toBe(3.02);
        popup.setAmount(7.01); // The cashier's own amount is booked as it is shown.
        expect(popup.getPayableAmount(cash)).toBe(7.01);
    });

    test("proposes more than an order lacks, too", async () => {
        const { partner } = await setupTill();
        const popup = await mountWithCleanup(WalletTopUpPopup, {
            props: { partner, missing: 140, getPayload() {}, close() {} },
        });
        expect(popup.quickAmounts).toEqual([140, 200, 500]);
    });
});
