import { describe, expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame, Deferred } from "@odoo/hoot-mock";
import { Component, reactive, useState, xml } from "@odoo/owl";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { getFilledOrder } from "@point_of_sale/../tests/unit/utils";
import { CustomerDisplayPosAdapter } from "@point_of_sale/app/customer_display/customer_display_adapter";
import OrderPaymentValidation from "@point_of_sale/app/utils/order_payment_validation";
import { PosOrder } from "@point_of_sale/app/models/pos_order";
import { PartnerList } from "@point_of_sale/app/screens/partner_list/partner_list";
import { PaymentScreen } from "@point_of_sale/app/screens/payment_screen/payment_screen";
import { TicketScreen } from "@point_of_sale/app/screens/ticket_screen/ticket_screen";
import { mountWithCleanup, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { ConnectionLostError } from "@web/core/network/rpc";
import * as walletErrors from "@customer_wallet/pos/app/utils/wallet_errors";
import { listen, onSync, pay, REFUSAL, setupTill, validate } from "./till_test_helpers";

definePosModels();

function objection(store, order) {
    const validation = new OrderPaymentValidation({ pos: store, orderUuid: order.uuid });
    return String(validation.getWalletObjection()?.title || "");
}

describe("the order", () => {
    test("the wallet pays what is due, as far as it goes", async () => {
        const { order, wallet } = await setupTill({ available: 10 });
        expect(pay(order, wallet).amount).toBe(10);
        expect(order.walletPaid).toBe(10);
        expect(order.walletAdded).toBe(0);
        expect(order.walletRemaining).toBe(40);
        expect(order.remainingDue).toBe(7.85);
    });

    test("the wallet pays no more than is due", async () => {
        const { order, wallet, cash } = await setupTill();
        pay(order, cash, 10);
        expect(pay(order, wallet).amount).toBe(7.85);
    });

    test("a balance that is not known pays nothing", async () => {
        const { order, partner, wallet } = await setupTill();
        partner.uiState.wallet = null;
        expect(pay(order, wallet).amount).toBe(0);
        expect(order.walletRemaining).toBe(null);
        expect(order.usesWallet).toBe(false);
    });

    test("the money of one customer does not pay for another", async () => {
        const { order, store, wallet, cash } = await setupTill();
        pay(order, cash, 5);
        pay(order, wallet);
        order.setPartner(order.partner_id);
        expect(order.walletLines).toHaveLength(1);
        order.setPartner(store.models["res.partner"].get(4));
        expect(order.walletLines).toHaveLength(0);
        expect(order.payment_ids).toHaveLength(1);
    });

    test("a top-up goes with its customer: the money was taken", async () => {
        const { store, partner, cash } = await setupTill();
        const topUp = store.createTopUpOrder(partner, { amount: 30, paymentMethod: cash });
        topUp.setPartner(store.models["res.partner"].get(4));
        expect(topUp.isWalletTopUp).toBe(true);
        expect(topUp.walletAdded).toBe(30);
    });

    test("change that was kept goes to no other customer, with a settlement or without", async () => {
        const { store, order, partner, wallet, cash } = await setupTill();
        const [later] = store.models["pos.payment.method"].filter(
            ({ type }) => type === "pay_later"
        );
        const other = store.models["res.partner"].get(4);
        const settlement = store.createNewOrder();
        settlement.setPartner(partner);
        settlement.settle([{ id: 1, name: "INV/1", amount: 8 }], later);
        pay(settlement, cash, 10);
        settlement.keepChangeInWallet(wallet);
        expect(settlement.walletAdded).toBe(2);
        settlement.setPartner(other);
        expect(settlement.walletAdded).toBe(0);
        expect(settlement.isWalletTopUp).toBe(false);
        pay(order, cash, 20);
        order.keepChangeInWallet(wallet);
        for (const line of [...order.lines]) {
            order.removeOrderline(line);
        }
        expect(order.walletAdded).toBe(2.15);
        order.setPartner(other);
        expect(order.walletAdded).toBe(0);
    });

    test("the change is kept, and handed out after all", async () => {
        const { order, wallet, cash } = await setupTill();
        pay(order, cash, 20);
        order.keepChangeInWallet(wallet);
        expect(order.walletAdded).toBe(2.15);
        expect(order.walletRemaining).toBe(52.15);
        expect(order.change).toBe(0);
        order.giveChangeBack();
        expect(order.walletLines).toHaveLength(0);
        expect(order.change).toBe(-2.15);
    });

    test("to keep the change changes no other line", async () => {
        const { order, wallet, cash } = await setupTill();
        pay(order, wallet, 10);
        pay(order, cash, 10);
        const screen = await mountWithCleanup(PaymentScreen, {
            props: { orderUuid: order.uuid },
        });
        expect(screen.canKeepChange).toBe(false);
        order.removeWalletLines();
        order.payment_ids[0].setAmount(20);
        expect(screen.canKeepChange).toBe(true);
        await screen.toggleChangeInWallet();
        expect(order.walletAdded).toBe(2.15);
        expect(order.payment_ids.map((line) => line.amount)).toEqual([20, -2.15]);
        await screen.toggleChangeInWallet();
        expect(order.payment_ids.map((line) => line.amount)).toEqual([20]);
    });

    test("what a wallet has paid goes back there first", async () => {
        const { order, store, wallet, cash } = await setupTill();
        pay(order, wallet);
        const refund = await getFilledOrder(store);
        refund.lines[0].refunded_orderline_id = order.lines[0];
        const methodsOf = async ({ uuid }) => {
            const screen = await mountWithCleanup(PaymentScreen, { props: { orderUuid: uuid } });
            return screen.payment_methods_from_config[0];
        };
        expect((await methodsOf(refund)).id).toBe(wallet.id);
        store.setOrder(order);
        expect((await methodsOf(order)).id).toBe(cash.id);
    });

    test("the button says what can be paid", async () => {
        const { order, store, wallet, cash } = await setupTill({ available: 12 });
        expect(store.getPaymentMethodFmtAmount(wallet, order)).toInclude("12.00");
        order.setPartner(false);
        expect(store.getPaymentMethodFmtAmount(wallet, order)).toBe(undefined);
        expect(store.getPaymentMethodFmtAmount(cash, order)).toBe(undefined);
    });

    test("what is missing can be topped up from where it is told", async () => {
        const { order, store, partner } = await setupTill({ available: 12 });
        store.dialog.add = (_component, { cancel }) => cancel();
        store.topUpWallet = (customer, missing) => expect.step([customer.id, missing]);
        store.alertWallet(walletErrors.insufficientFunds(partner, 17.85, order.currency));
        expect.verifySteps([[partner.id, 5.85]]);
    });

    test("is neither delivered nor picked up", async () => {
        const { store, partner, cash } = await setupTill();
        expect(store.addNewOrder().preset_id).toBe(store.config.default_preset_id);
        patchWithCleanup(PosOrder.prototype, {
            setPreset() {
                expect.step("preset");
            },
        });
        const topUp = store.createTopUpOrder(partner, { amount: 30, paymentMethod: cash });
        expect(topUp.preset_id).toBe(undefined);
        expect.verifySteps([]);
        store.addNewOrder();
        expect.verifySteps(["preset"]);
    });

    test("a top-up is an order that sells nothing", async () => {
        const { store, partner, order, wallet, cash } = await setupTill();
        const topUp = store.createTopUpOrder(partner, { amount: 30, paymentMethod: cash });
        expect(topUp.isWalletTopUp).toBe(true);
        expect(topUp.totalDue).toBe(0);
        expect(topUp.isPaid()).toBe(true);
        expect(topUp.walletRemaining).toBe(80);
        expect(store.shouldCreatePendingOrder(topUp)).toBe(true);
        pay(order, wallet);
        expect(order.isWalletTopUp).toBe(false);
    });

    test("a table takes a sale, and no top-up that waits for its payment", async () => {
        const { store, partner, order, cash } = await setupTill();
        const topUp = store.createTopUpOrder(partner, { amount: 30, paymentMethod: cash });
        patchWithCleanup(order.model, {
            update: (_order, vals) => expect.step(Object.keys(vals).join()),
        });
        topUp.update({ table_id: 7, floating_order_name: "Amal" });
        order.update({ table_id: 7 });
        expect.verifySteps(["floating_order_name", "table_id"]);
    });

    test("a top-up is not invoiced, where a module has each sale invoiced", async () => {
        patchWithCleanup(PosOrder.prototype, { isToInvoice: () => true });
        const { store, partner, order, cash } = await setupTill();
        listen(store);
        onSync(store);
        const topUp = store.createTopUpOrder(partner, { amount: 30, paymentMethod: cash });
        expect(order.isToInvoice()).toBe(true);
        expect(topUp.isToInvoice()).toBe(false);
        expect(topUp.isCustomerRequired).toBe(false);
        await validate(store, topUp);
        // The other one is still open.
        expect.verifySteps(["sync paid", "sync draft"]);
    });
});

describe("to leave a top-up", () => {
    async function leave({ store, partner, card }, prepare = () => {}) {
        const order = store.getOrder();
        const topUp = store.createTopUpOrder(partner, { amount: 30, paymentMethod: card });
        prepare(topUp);
        store.navigate = (page) => (store.router.state.current = page);
        store.navigate("PaymentScreen");
        await store.onClickBackButton();
        await store.deleteGivenUpTopUps(); // as the screen does when it closes
        const isGone = !store.models["pos.order"].getBy("uuid", topUp.uuid);
        return { isGone, isBack: store.getOrder() === order };
    }

    test("leads back to the order before", async () => {
        const till = await setupTill();
        expect(await leave(till)).toEqual({ isGone: true, isBack: true });
        expect(till.store.router.state.current).toBe("ProductScreen");
        expect(till.order.lines).toHaveLength(2);
    });

    test("for the screen that it was started from deletes it there", async () => {
        const { store, order, partner, card } = await setupTill();
        const first = store.createTopUpOrder(partner, { amount: 30, paymentMethod: card });
        const props = reactive({ orderUuid: first.uuid });
        class Chrome extends Component {
            static components = { PaymentScreen };
            static template = xml`<PaymentScreen orderUuid="props.orderUuid"/>`;
            static props = ["*"];
            setup() {
                this.props = useState(props);
            }
        }
        await mountWithCleanup(Chrome);
        const second = store.createTopUpOrder(partner, { amount: 20, paymentMethod: card });
        store.givenUpTopUps.push(first, second);
        props.orderUuid = order.uuid;
        await animationFrame();
        await animationFrame();
        const { models } = store;
        const isThere = ({ uuid }) => Boolean(models["pos.order"].getBy("uuid", uuid));
        expect([order, first, second].map(isThere)).toEqual([true, false, false]);
    });

    test("gives it up when the terminal was not asked", async () => {
        const asked = (status) => (topUp) => topUp.payment_ids.at(-1).setPaymentStatus(status);
        const till = await setupTill();
        expect((await leave(till, asked("retry"))).isGone).toBe(true);
        expect((await leave(till, asked("waitingCard"))).isGone).toBe(false);
        expect((await leave(till, asked("done"))).isGone).toBe(false);
    });

    test("does not give it up while the server may have booked it", async () => {
        const till = await setupTill();
        const { isGone } = await leave(till, (topUp) => {
            topUp.uiState.isWalletPaymentUnknown = true;
        });
        expect(isGone).toBe(false);
    });
});

describe("what the till does not even send", () => {
    test("more than is due, as a wallet gives no change", async () => {
        const { store, order, wallet, cash } = await setupTill();
        const line = pay(order, wallet, 20);
        expect(objection(store, order)).toBe("More than is due");
        line.setAmount(10);
        pay(order, cash, 10);
        expect(objection(store, order)).toBe("");
    });

    test("a top-up with money that nobody paid", async () => {
        const { store, order, wallet, cash } = await setupTill();
        const later = store.models["pos.payment.method"].find(({ type }) => type === "pay_later");
        pay(order, later, 20);
        const line = pay(order, wallet, -2.15);
        expect(objection(store, order)).toBe("Paid in with cash or card only");
        order.removePaymentline(order.payment_ids[0]);
        pay(order, cash, 20);
        line.setAmount(-2.15);
        expect(objection(store, order)).toBe("");
    });

    test("a payment for nothing, as what is left of a top-up", async () => {
        const { store, partner, card } = await setupTill();
        listen(store);
        onSync(store);
        const topUp = store.createTopUpOrder(partner, { amount: 30, paymentMethod: card });
        topUp.removeWalletLines();
        expect(await validate(store, topUp)).toBe(false);
        expect(topUp.state).toBe("draft");
        expect.verifySteps(["Nothing is paid for"]);
        pay(topUp, store.walletMethod, -30);
        await validate(store, topUp);
        expect(topUp.state).toBe("paid");
        expect.verifySteps(["sync paid", "sync draft"]); // The other one is still open.
    });

    test("more than the wallet has", async () => {
        const { store, order, partner, wallet } = await setupTill({ available: 10 });
        listen(store);
        onSync(store);
        partner.uiState.wallet = { ...partner.wallet, available: 50 };
        pay(order, wallet);
        await validate(store, order);
        expect.verifySteps(["Not enough in the wallet"]);
        expect(order.state).toBe("draft");
        expect(order.walletPaid).toBe(17.85);
    });

    test("what is paid from the wallet of nobody", async () => {
        const { store, order, wallet } = await setupTill();
        listen(store);
        order.setPartner(false);
        pay(order, wallet, 17.85);
        const validation = new OrderPaymentValidation({ pos: store, orderUuid: order.uuid });
        expect(await validation.isOrderValid()).toBe(false);
        expect.verifySteps(["Customer Required"]);
    });

    test("anything without a connection", async () => {
        const { store, order, wallet } = await setupTill();
        listen(store);
        onSync(store);
        pay(order, wallet);
        onRpc("res.partner", "get_pos_wallets", () => {
            throw new ConnectionLostError("/");
        });
        store.data.network.offline = true;
        await validate(store, order);
        expect.verifySteps(["No connection"]);
        expect(order.state).toBe("draft");
        expect(order.uiState.isWalletPaymentUnknown).toBe(false);
    });
});

describe("the payment screen", () => {
    async function typeAmountOnTillWithWalletFirst({ store, order, wallet }, amount) {
        wallet.sequence = -1;
        const screen = await mountWithCleanup(PaymentScreen, { props: { orderUuid: order.uuid } });
        screen.numberBuffer.set(amount);
        await screen.updateSelectedPaymentline();
    }

    test("an amount that is typed is not paid from the wallet of nobody", async () => {
        const till = await setupTill();
        till.order.setPartner(false);
        till.store.selectPartner = async () => expect.step("whose wallet?") && false;
        await typeAmountOnTillWithWalletFirst(till, "5");
        expect.verifySteps(["whose wallet?"]);
        expect(till.order.payment_ids).toHaveLength(0);
    });

    test("with a customer, the wallet that stands first pays as far as it goes", async () => {
        const till = await setupTill({ available: 10 });
        await typeAmountOnTillWithWalletFirst(till, "5");
        expect(till.order.walletPaid).toBe(10);
    });

    test("nothing is paid when nothing is typed", async () => {
        const till = await setupTill();
        await typeAmountOnTillWithWalletFirst(till, "");
        expect(till.order.payment_ids).toHaveLength(0);
    });
});

describe("the balance", () => {
    test("an old answer does not replace a newer one", async () => {
        const { store, partner } = await setupTill();
        const slow = new Deferred();
        const answer = (balance) => ({ 3: { partner_id: 3, balance, available: balance } });
        const answers = [slow, answer(20)];
        store.data.call = () => Promise.resolve(answers.shift());
        const first = store.readWallet(partner);
        await store.readWallet(partner);
        expect(partner.wallet.balance).toBe(20);
        slow.resolve(answer(50));
        await first;
        expect(partner.wallet.balance).toBe(20);
    });

    test("it is read again when somebody else changed it", async () => {
        const { store, partner } = await setupTill();
        onRpc("res.partner", "get_pos_wallets", ({ args: [ids] }) => {
            expect.step(ids.join());
            return { 3: { partner_id: 3, balance: 7, available: 7 } };
        });
        await store.onWalletsChanged({ partner_ids: [3] });
        expect(partner.wallet.balance).toBe(7);
        expect.verifySteps(["3"]);
    });

    test("a balance that cannot be read is not shown", async () => {
        const { store, partner, wallet, order } = await setupTill();
        partner.wallet_balance = 99; // when the till was opened
        expect(store.getWalletLabel(partner)).toInclude("50.00");
        const unread = () => {
            expect(store.getWalletLabel(partner)).toBe("");
            expect(store.isWalletWorthALine(partner)).toBe(false);
        };
        store.data.network.offline = true;
        unread();
        store.data.network.offline = false;
        store.data.call = () => Promise.reject(new ConnectionLostError("/"));
        await store.refreshWallets([partner]);
        unread();
        expect(pay(order, wallet).amount).toBe(0);
        expect(order.walletRemaining).toBe(null);
    });

    test("before the server is asked, the list shows no balance of another day", async () => {
        const { store } = await setupTill();
        const partner = store.models["res.partner"].get(4);
        partner.wallet_balance = 99; // as an older version has loaded it
        expect(store.getWalletLabel(partner)).toBe("");
        expect(store.isWalletWorthALine(partner)).toBe(false);
    });

    test("the list asks for those whom a search brings", async () => {
        await setupTill();
        const asked = [];
        onRpc("res.partner", "get_pos_wallets", ({ args: [ids] }) => {
            asked.push(ids.length);
            return Object.fromEntries(
                ids.map((id) => [id, { partner_id: id, balance: 7, available: 7 }])
            );
        });
        const list = await mountWithCleanup(PartnerList, {
            props: { getPayload: () => {}, close: () => {} },
        });
        await animationFrame();
        const [known, unknown] = list.shownPartners;
        expect(asked).toEqual([list.shownPartners.length]);
        unknown.uiState.wallet = null;
        list.state.query = unknown.name;
        await animationFrame();
        await advanceTime(300);
        expect(unknown.wallet.balance).toBe(7);
        expect(asked.at(-1)).toBe(1);
        expect(known.wallet.balance).toBe(7);
    });

    test("the list asks for those who come in sight, until it is answered", async () => {
        const { store } = await setupTill();
        const ids = Array.from({ length: 246 }, (_value, index) => 5001 + index);
        store.models.loadConnectedData({
            "res.partner": ids.map((id) => ({ id, name: `Customer ${id}` })),
        });
        const asked = [];
        onRpc("res.partner", "get_pos_wallets", ({ args: [partnerIds] }) => {
            asked.push(partnerIds);
            if (asked.length === 2) {
                throw new ConnectionLostError("/");
            }
            return {}; // as for those whom the till may not read
        });
        const list = await mountWithCleanup(PartnerList, {
            props: { getPayload: () => {}, close: () => {} },
        });
        await animationFrame();
        const shown = list.shownPartners.map(({ id }) => id);
        expect(asked).toEqual([shown.slice(0, 100)]);
        list.getNewPartners = () => [];
        list.modalContent = {
            offsetHeight: 10,
            scrollHeight: 1000,
            scrollTop: 500,
            removeEventListener() {},
        };
        for (let scroll = 0; scroll < 4; scroll++) {
            list.onScroll();
            await advanceTime(300);
        }
        const first = Math.floor(shown.length / 2) - 10;
        const inSight = shown.slice(first, first + 100);
        // Nobody has answered the first time.
        expect(asked.slice(1)).toEqual([inSight, inSight, shown.slice(first + 100)]);
    });

    test("the till asks for its customer when it does not know whose wallet has changed", async () => {
        const { store, partner } = await setupTill();
        onRpc("res.partner", "get_pos_wallets", ({ args: [ids] }) => {
            expect.step(ids.join());
            return { 3: { partner_id: 3, balance: 7, available: 7 } };
        });
        await store.onWalletsChanged({ partner_ids: [77] });
        expect.verifySteps([]);
        partner.uiState.wallet = null;
        await store.onWalletsChanged({ partner_ids: [77] });
        expect.verifySteps(["3"]);
        Object.assign(partner.uiState, { wallet: false, hasNoWallet: true });
        await store.onWalletsChanged({ partner_ids: [77] });
        expect.verifySteps([]);
    });

    test("a top-up whose undoing is not known is undone again", async () => {
        const { store, order } = await setupTill();
        listen(store);
        const errors = [new ConnectionLostError("/"), REFUSAL()];
        store.data.callRelated = () => Promise.reject(errors.shift());
        store.data.loadServerOrders = async ([[field]]) => expect.step(field);
        store.dialog.add = (_component, { title, confirm }) => {
            expect.step(String(title));
            confirm?.();
        };
        const screen = { pos: store, dialog: store.dialog, env: store.env };
        Object.setPrototypeOf(screen, TicketScreen.prototype);
        await screen.onClickUndoTopUp(order);
        expect.verifySteps(["Undo Top-up", "The connection was lost"]);
        await expect(screen.onClickUndoTopUp(order)).rejects.toThrow();
        expect.verifySteps(["Undo Top-up", "wallet_undone_order_id"]);
        store.data.network.offline = true;
        store.data.callRelated = () => expect.step("asked");
        await screen.onClickUndoTopUp(order);
        expect.verifySteps(["Undo Top-up", "No connection"]);
    });

    test("the customer reads on the display what a top-up costs", async () => {
        const { store, partner, cash } = await setupTill();
        const topUp = store.createTopUpOrder(partner, { amount: 30, paymentMethod: cash });
        const adapter = new CustomerDisplayPosAdapter();
        adapter.formatOrderData(topUp);
        const { amount, subtotal, amountTaxes, paymentLines, wallet } = adapter.data;
        expect(amount).toInclude("30.00");
        expect([subtotal, amountTaxes]).toEqual([false, false]);
        expect(paymentLines.map(({ name }) => name)).toEqual(["Cash"]);
        expect(wallet.added).toInclude("30.00");
    });

    test("the customer reads on the display what goes into the wallet, as no payment", async () => {
        const { order, wallet, cash } = await setupTill();
        pay(order, cash, 20);
        order.keepChangeInWallet(wallet);
        const adapter = new CustomerDisplayPosAdapter();
        adapter.formatOrderData(order);
        expect(adapter.data.amount).toInclude("17.85");
        expect(adapter.data.paymentLines.map(({ name }) => name)).toEqual(["Cash"]);
        expect(adapter.data.wallet.added).toInclude("2.15");
    });

    test("the customer reads on the display what remains", async () => {
        const { order, wallet } = await setupTill();
        const adapter = new CustomerDisplayPosAdapter();
        adapter.formatOrderData(order);
        expect(adapter.data.wallet.balance).toBe(false);
        pay(order, wallet);
        adapter.formatOrderData(order);
        expect(adapter.data.wallet.paid).toInclude("17.85");
        expect(adapter.data.wallet.added).toBe(false);
        expect(adapter.data.wallet.balance).toInclude("32.15");
    });
});
