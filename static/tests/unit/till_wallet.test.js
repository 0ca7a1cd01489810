import { describe, expect, test } from "@odoo/hoot";
import { Deferred } from "@odoo/hoot-mock";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { getFilledOrder } from "@point_of_sale/../tests/unit/utils";
import { CustomerDisplayPosAdapter } from "@point_of_sale/app/customer_display/customer_display_adapter";
import OrderPaymentValidation from "@point_of_sale/app/utils/order_payment_validation";
import { PosOrder } from "@point_of_sale/app/models/pos_order";
import { PaymentScreen } from "@point_of_sale/app/screens/payment_screen/payment_screen";
import {
    makeServerError,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { ConnectionLostError } from "@web/core/network/rpc";
import * as walletErrors from "@customer_wallet/pos/app/utils/wallet_errors";
import { pay, setupTill } from "./till_test_helpers";

definePosModels();

/** What the cashier was told: the titles of the dialogs. */
function listen(store) {
    store.dialog.add = (_component, { title }, { onClose } = {}) => {
        expect.step(String(title));
        onClose?.(); // The cashier closes it, whatever it asks.
        return () => {};
    };
    store.notification.add = (message) => expect.step(String(message));
    store.data.checkConnectivity = () => {};
}

function validate(store, order) {
    return new OrderPaymentValidation({ pos: store, orderUuid: order.uuid }).validateOrder();
}

function objection(store, order) {
    const validation = new OrderPaymentValidation({ pos: store, orderUuid: order.uuid });
    return String(validation.getWalletObjection()?.title || "");
}

/**
 * Notes each order that is sent; the first ones meet these errors.
 */
function onSync(store, ...errors) {
    const call = store.data.call.bind(store.data);
    store.data.call = async (model, method, args, ...others) => {
        if (method === "sync_from_ui") {
            expect.step(`sync ${args[0].map((order) => order.state)}`);
            const error = errors.shift();
            if (error) {
                throw error;
            }
        }
        return call(model, method, args, ...others);
    };
}

const REFUSAL = () => makeServerError({ errorName: "odoo.exceptions.UserError" });

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
        await store.deleteGivenUpTopUp(); // as the screen does when it closes
        const isGone = !store.models["pos.order"].getBy("uuid", topUp.uuid);
        return { isGone, isBack: store.getOrder() === order };
    }

    test("leads back to the order before", async () => {
        const till = await setupTill();
        expect(await leave(till)).toEqual({ isGone: true, isBack: true });
        expect(till.store.router.state.current).toBe("ProductScreen");
        expect(till.order.lines).toHaveLength(2);
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

describe("sending orders", () => {
    test("a refused order stays open, with its payments", async () => {
        const { store, order, wallet } = await setupTill();
        listen(store);
        onSync(store, REFUSAL());
        pay(order, wallet);
        await validate(store, order);
        expect.verifySteps(["sync paid", "Invalid Operation"]);
        expect(order.state).toBe("draft");
        expect(order.walletPaid).toBe(17.85);
        expect(order.uiState.isWalletPaymentUnknown).toBe(false);
    });

    test("a refused order holds up no other", async () => {
        const { store, order, partner, cash, wallet } = await setupTill();
        listen(store);
        onSync(store, REFUSAL());
        pay(order, wallet);
        order.state = "paid";
        const other = await getFilledOrder(store);
        pay(other, cash);
        other.state = "paid";
        const third = await getFilledOrder(store);
        third.setPartner(partner);
        pay(third, wallet);
        third.state = "paid";
        const synced = await store.syncAllOrders();
        expect.verifySteps(["sync paid", "Invalid Operation", "sync paid", "sync paid"]);
        expect(order.state).toBe("draft");
        expect(synced.map((record) => record.uuid).sort()).toEqual([other.uuid, third.uuid].sort());
    });

    test("a lost connection does not make an order paid", async () => {
        const { store, order, wallet } = await setupTill();
        listen(store);
        onSync(store, new ConnectionLostError("/"));
        pay(order, wallet);
        await validate(store, order);
        expect.verifySteps(["sync paid", "The connection was lost"]);
        expect(order.state).toBe("draft");
        expect(order.uiState.isWalletPaymentUnknown).toBe(true);
        // It is not sent by the way: the till asks first.
        await store.syncAllOrders();
        expect.verifySteps([]);
        await store.settleUnknownWalletOrders();
        expect(order.uiState.isWalletPaymentUnknown).toBe(false);
        expect(order.state).toBe("draft");
        expect.verifySteps([
            "sync draft",
            `${order.pos_reference} is still open: the wallet was not used. You can validate it now.`,
        ]);
    });

    test("an order that could not be sent is open, and can be validated again", async () => {
        const { store, order, wallet } = await setupTill();
        listen(store);
        onSync(store);
        pay(order, wallet);
        // The connection goes after the balance was read.
        const readWallet = store.readWallet.bind(store);
        store.readWallet = async (partner) => {
            const answer = await readWallet(partner);
            store.data.network.offline = true;
            return answer;
        };
        await validate(store, order);
        expect.verifySteps(["No connection"]);
        expect(order.state).toBe("draft");
        expect(order.walletPaid).toBe(17.85);
        expect(order.uiState.isWalletPaymentUnknown).toBe(false);
        store.readWallet = readWallet;
        store.data.network.offline = false;
        await validate(store, order);
        expect(order.state).toBe("paid");
        expect.verifySteps(["sync paid"]);
    });

    test("without a connection others are paid, and the wallet order is open again", async () => {
        const { store, order, wallet, cash } = await setupTill();
        listen(store);
        onSync(store);
        const other = await getFilledOrder(store);
        for (const [paid, method] of [
            [order, wallet],
            [other, cash],
        ]) {
            pay(paid, method);
            paid.state = "paid";
            store.addPendingOrder([paid.id]);
        }
        store.data.network.offline = true;
        await store.syncAllOrders();
        expect.verifySteps(["No connection"]);
        expect([order.state, other.state]).toEqual(["draft", "paid"]);
        store.data.network.offline = false;
        const synced = await store.syncAllOrders();
        expect(synced.map(({ uuid }) => uuid)).toEqual([other.uuid]);
        expect.verifySteps(["sync paid"]);
    });

    test("an order that may have arrived is not opened for want of a connection", async () => {
        const { store, order, wallet } = await setupTill();
        listen(store);
        pay(order, wallet);
        order.state = "paid";
        order.uiState.isWalletPaymentUnknown = true;
        store.data.network.offline = true;
        await store.syncAllOrders({ orders: [order] });
        expect.verifySteps([]);
        expect(order.state).toBe("paid");
        expect(order.uiState.isWalletPaymentUnknown).toBe(true);
    });

    test("an order is not paid with another tender before its fate is known", async () => {
        const { store, order, wallet, cash } = await setupTill();
        listen(store);
        onSync(store, new ConnectionLostError("/"), new ConnectionLostError("/"));
        pay(order, wallet);
        await validate(store, order);
        order.removeWalletLines();
        pay(order, cash);
        await validate(store, order);
        expect(order.state).toBe("draft");
        expect(await store._onBeforeDeleteOrder(order)).toBe(true);
        expect(order.uiState.isWalletPaymentUnknown).toBe(false);
        expect.verifySteps([
            "sync paid",
            "The connection was lost",
            "sync draft",
            "The connection was lost",
            "sync draft",
            `${order.pos_reference} is still open: the wallet was not used. You can validate it now.`,
        ]);
    });

    test("what was added to an order that is paid already is not part of it", async () => {
        const { store, order, wallet } = await setupTill();
        listen(store);
        const sent = [];
        const call = store.data.call.bind(store.data);
        store.data.call = async (model, method, args, ...others) => {
            const answer = await call(model, method, args, ...others);
            if (method === "sync_from_ui") {
                sent.push(args[0][0].state);
                throw new ConnectionLostError("/"); // The server has paid it.
            }
            return answer;
        };
        pay(order, wallet);
        await validate(store, order);
        const [sold, ...others] = order.lines;
        sold.setQuantity(9);
        const product = store.models["product.template"].get(8);
        await store.addLineToOrder({ product_tmpl_id: product, qty: 1 }, order);
        const added = order.lines.at(-1).getFullProductName();
        await store.settleUnknownWalletOrders();
        expect([order.state, order.lines.length]).toEqual(["paid", others.length + 1]);
        expect(sold.qty).toBe(3);
        // A restaurant would take an open one for what is open at its table now.
        expect(sent).toEqual(["paid"]);
        expect.verifySteps([
            "The connection was lost",
            `${order.pos_reference} was paid before the connection was lost.`,
            `Added when ${order.pos_reference} was paid already: sell ${added} in another order.`,
        ]);
    });

    test("ordinary orders go on as ever", async () => {
        const { store, order, cash } = await setupTill();
        listen(store);
        onSync(store);
        pay(order, cash);
        await validate(store, order);
        expect(order.state).toBe("paid");
        expect.verifySteps(["sync paid"]);
    });

    test("what was deleted is told again when an order has to be sent again", async () => {
        const { store, order, wallet } = await setupTill();
        listen(store);
        const line = pay(order, wallet);
        await store.syncAllOrders({ orders: [order] });
        expect(line.isSynced).toBe(true);
        order.removePaymentline(line);
        pay(order, wallet);
        const deleted = [];
        onRpc("pos.order", "sync_from_ui", ({ args: [[values]] }) => {
            deleted.push(values.payment_ids.filter(([command]) => command === 2).length);
            throw REFUSAL();
        });
        await validate(store, order);
        await validate(store, order);
        expect(deleted).toEqual([1, 1]);
        expect.verifySteps(["Invalid Operation", "Invalid Operation"]);
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

    test("before the server is asked, the list shows the balance of the opening", async () => {
        const { store } = await setupTill();
        const partner = store.models["res.partner"].get(4);
        partner.wallet_balance = 99;
        expect(store.getWalletLabel(partner)).toInclude("99.00");
        expect(store.isWalletWorthALine(partner)).toBe(true);
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
