import { describe, expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame, Deferred } from "@odoo/hoot-mock";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { getFilledOrder } from "@point_of_sale/../tests/unit/utils";
import OrderPaymentValidation from "@point_of_sale/app/utils/order_payment_validation";
import { PosOrder } from "@point_of_sale/app/models/pos_order";
import { PosStore } from "@point_of_sale/app/services/pos_store";
import { onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { ConnectionLostError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { listen, onSync, pay, REFUSAL, setupTill, validate } from "./till_test_helpers";

definePosModels();

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

    /** The server has paid what it is sent from now on. */
    function bookAtServer(store) {
        const call = store.data.call.bind(store.data);
        store.data.call = async (model, method, ...args) => {
            const answer = await call(model, method, ...args);
            if (method === "sync_from_ui") {
                for (const payment of answer["pos.payment"]) {
                    payment.wallet_hold_id = 1;
                }
            }
            return answer;
        };
    }

    test("what fails after the server has paid leaves the order paid", async () => {
        const { store, order, wallet } = await setupTill();
        listen(store);
        onSync(store);
        bookAtServer(store);
        store.postSyncAllOrders = () => Promise.reject(REFUSAL()); // as the points of a customer
        store.navigate = (page) => expect.step(page);
        pay(order, wallet);
        await validate(store, order);
        expect.verifySteps(["sync paid", "Invalid Operation", "ReceiptScreen"]);
        expect([order.state, order.uiState.isWalletPaymentUnknown]).toEqual(["paid", false]);
    });

    test("what fails when the order is finished leaves it paid", async () => {
        const { store, order, wallet } = await setupTill();
        listen(store);
        onSync(store);
        bookAtServer(store);
        store.checkPreparationStateAndSentOrderInPreparation = () => {
            throw REFUSAL();
        };
        pay(order, wallet);
        await validate(store, order);
        expect.verifySteps(["sync paid", "Invalid Operation"]);
        expect(order.state).toBe("paid");
    });

    test("what fails after the payment keeps no order from its ticket and receipt", async () => {
        const { store, order, wallet } = await setupTill();
        listen(store);
        onSync(store);
        bookAtServer(store);
        store.config.iface_print_auto = true;
        store.checkPreparationStateAndSentOrderInPreparation = () => expect.step("ticket");
        store.printReceipt = async () => expect.step("receipt");
        patchWithCleanup(PosOrder.prototype, { waitForPushOrder: () => true });
        patchWithCleanup(OrderPaymentValidation.prototype, {
            beforePostPushOrderResolve: () => Promise.reject(REFUSAL()),
        });
        pay(order, wallet);
        await validate(store, order);
        expect.verifySteps(["sync paid", "Invalid Operation", "ticket", "receipt"]);
        expect(order.state).toBe("paid");
    });

    /** The answer to the next order that is sent has to wait. */
    function holdAnswer(store) {
        const held = new Deferred();
        const call = store.data.call.bind(store.data);
        store.data.call = async (model, method, ...args) => {
            const answer = await call(model, method, ...args);
            if (method === "sync_from_ui") {
                store.data.call = call;
                await held;
            }
            return answer;
        };
        return held;
    }

    test("an order that is being sent is not sent twice", async () => {
        const { store, order, wallet } = await setupTill();
        listen(store);
        onSync(store);
        const answer = holdAnswer(store);
        pay(order, wallet);
        const validated = validate(store, order);
        await animationFrame();
        const again = store.syncAllOrders();
        await animationFrame();
        expect(order.uiState.isWalletPaymentUnknown).toBe(true);
        answer.reject(new ConnectionLostError("/"));
        await Promise.all([validated, again]);
        expect(order.uiState.isWalletPaymentUnknown).toBe(true);
        expect(order.state).toBe("draft");
        expect.verifySteps(["sync paid", "The connection was lost"]);
    });

    test("other tills are heard once it is known what became of an order on its way", async () => {
        const { store, order, wallet } = await setupTill();
        listen(store);
        onSync(store);
        const answer = holdAnswer(store);
        pay(order, wallet);
        const validated = validate(store, order);
        await animationFrame();
        onRpc("pos.config", "read_config_open_orders", () => {
            expect.step(`read ${order.state} ${order.uiState.isWalletPaymentUnknown}`);
            return { dynamic_records: {}, deleted_record_ids: {} };
        });
        const heard = store.deviceSync.readDataFromServer();
        await animationFrame();
        expect.verifySteps(["sync paid"]);
        answer.reject(new ConnectionLostError("/")); // The server has paid it.
        await Promise.all([validated, heard]);
        expect.verifySteps([
            "The connection was lost",
            `${order.pos_reference} was paid before the connection was lost.`,
            "read paid false",
        ]);
    });

    test("an open order that is on its way is sent as paid once it has arrived", async () => {
        const { store, order, wallet } = await setupTill();
        listen(store);
        onSync(store);
        const answer = holdAnswer(store);
        pay(order, wallet);
        const saved = store.syncAllOrders({ orders: [order] });
        await animationFrame();
        await store.syncAllOrders({ orders: [order] }); // core leaves out what is on its way
        const validated = validate(store, order);
        await animationFrame();
        expect.verifySteps(["sync draft"]);
        answer.resolve();
        await Promise.all([saved, validated]);
        expect.verifySteps(["sync paid"]);
        expect([order.state, order.uiState.isWalletPaymentUnknown]).toEqual(["paid", false]);
    });

    test("the cashier does not wait for ever for what others do with an order", async () => {
        const { store, order, wallet } = await setupTill();
        listen(store);
        onSync(store);
        const answer = holdAnswer(store);
        pay(order, wallet);
        const saved = store.syncAllOrders({ orders: [order] });
        await animationFrame();
        const validated = validate(store, order);
        await animationFrame();
        expect.verifySteps(["sync draft"]);
        await advanceTime(11000);
        await validated;
        expect.verifySteps(["No connection"]);
        expect([order.state, order.uiState.isWalletPaymentUnknown]).toEqual(["draft", false]);
        answer.resolve();
        await saved;
        await validate(store, order);
        expect.verifySteps(["sync paid"]);
        expect(order.state).toBe("paid");
    });

    test("an outcome that nobody answers for stays unknown", async () => {
        const { store, order, wallet } = await setupTill();
        listen(store);
        pay(order, wallet);
        const answer = new Deferred();
        const awaited = store.awaitAnswer([order], answer);
        order.uiState.isWalletPaymentUnknown = true;
        const settled = store.settleUnknownWalletOrder(order);
        await advanceTime(11000);
        expect(await settled).toBe(false);
        expect(order.uiState.isWalletPaymentUnknown).toBe(true);
        answer.resolve();
        await awaited;
    });

    test("those who wait for the same answer send an order once", async () => {
        const { store, order, wallet } = await setupTill();
        listen(store);
        onSync(store);
        bookAtServer(store);
        pay(order, wallet);
        order.state = "paid";
        const answer = new Deferred();
        const awaited = store.awaitAnswer([order], answer);
        const sendings = [1, 2].map(() => store.syncAllOrders({ orders: [order] }));
        await animationFrame();
        expect.verifySteps([]);
        answer.resolve();
        await Promise.all([awaited, ...sendings]);
        expect.verifySteps(["sync paid"]);
    });

    test("an order that was not sent is not taken for paid", async () => {
        const { store, order, wallet } = await setupTill();
        listen(store);
        onSync(store);
        pay(order, wallet);
        order.state = "paid";
        const answer = new Deferred();
        const awaited = store.awaitAnswer([order], answer);
        store.validatedWalletOrderUuid = order.uuid;
        const sent = store.syncAllOrders({ orders: [order], throw: true });
        const refused = expect(sent).rejects.toThrow();
        await advanceTime(11000);
        await refused;
        expect(order.state).toBe("draft");
        expect.verifySteps([]);
        answer.resolve();
        await awaited;
    });

    test("an order is validated once, however often it is tapped", async () => {
        const { store, partner, order, cash, wallet } = await setupTill();
        listen(store);
        onSync(store);
        pay(order, wallet);
        const balance = new Deferred();
        const readWallet = store.readWallet.bind(store);
        store.readWallet = async (customer) => {
            await balance;
            return readWallet(customer);
        };
        const validations = [validate(store, order), validate(store, order)];
        balance.resolve();
        expect(await Promise.all(validations)).toEqual([true, false]);
        expect.verifySteps(["sync paid"]);
        const topUp = store.createTopUpOrder(partner, { amount: 30, paymentMethod: cash });
        await Promise.all([store.payTopUp(topUp), validate(store, topUp)]);
        expect.verifySteps(["sync paid"]);
    });

    test("one tap on the button of the wallet is one payment", async () => {
        const { store, order, wallet } = await setupTill();
        listen(store);
        onSync(store);
        store.setOrder(order);
        await Promise.all([store.validateOrderFast(wallet), store.validateOrderFast(wallet)]);
        expect.verifySteps(["sync paid"]);
        expect(order.payment_ids).toHaveLength(1);
    });

    test("the wallet pays the order that was tapped, and no other", async () => {
        const { store, order, partner, wallet } = await setupTill();
        listen(store);
        onSync(store);
        store.setOrder(order);
        const other = await getFilledOrder(store);
        other.setPartner(partner);
        store.setOrder(order);
        const paid = store.validateOrderFast(wallet);
        store.setOrder(other);
        await paid;
        expect(order.payment_ids.length + other.payment_ids.length).toBe(0);
    });

    test("an order whose payment is unknown is not sent as an open one", async () => {
        const { store, order, cash, wallet } = await setupTill();
        listen(store);
        onSync(store, new ConnectionLostError("/"));
        pay(order, wallet);
        await validate(store, order);
        const other = await getFilledOrder(store);
        pay(other, cash);
        other.state = "paid";
        const synced = await store.syncAllOrders({ orders: [order, other] });
        expect(synced.map(({ uuid }) => uuid)).toEqual([order.uuid, other.uuid]);
        expect(order.uiState.isWalletPaymentUnknown).toBe(false);
        expect.verifySteps([
            "sync paid",
            "The connection was lost",
            "sync draft",
            `${order.pos_reference} is still open: the wallet was not used. You can validate it now.`,
            "sync paid",
        ]);
    });

    test("goods that a wallet may have paid do not go to another order", async () => {
        patchWithCleanup(PosStore.prototype, {
            // as a restaurant has it
            async mergeOrders(source, destination) {
                expect.step(`merged ${source.lines.length}, ${destination.lines.length}`);
                return [this, source, destination];
            },
        });
        const { store, order, wallet } = await setupTill();
        listen(store);
        onSync(store, new ConnectionLostError("/"), new ConnectionLostError("/"));
        const other = await getFilledOrder(store);
        pay(order, wallet);
        await validate(store, order);
        expect(await store.mergeOrders(order, other)).toBe(false);
        expect.verifySteps([
            "sync paid",
            "The connection was lost",
            "sync draft",
            "The connection was lost",
        ]);
        const merged = await store.mergeOrders(order, other);
        expect(merged.map(({ uuid }) => uuid)).toEqual([store.uuid, order.uuid, other.uuid]);
        expect.verifySteps([
            "sync draft",
            `${order.pos_reference} is still open: the wallet was not used. You can validate it now.`,
            "merged 2, 2",
        ]);
    });

    test("the till knows what a wallet has paid before it hears of other tills", async () => {
        const { store, order, wallet } = await setupTill();
        listen(store);
        onSync(store, new ConnectionLostError("/"));
        pay(order, wallet);
        await validate(store, order);
        expect.verifySteps(["sync paid", "The connection was lost"]);
        onRpc("pos.config", "read_config_open_orders", () => {
            expect.step(`open orders, ${order.uiState.isWalletPaymentUnknown}`);
            return { dynamic_records: {}, deleted_record_ids: {} };
        });
        store.deviceSync.constructOrdersDomain = () => ({ domain: [], recordIds: {} });
        await store.deviceSync.readDataFromServer();
        expect.verifySteps([
            "sync draft",
            `${order.pos_reference} is still open: the wallet was not used. You can validate it now.`,
            "open orders, false",
        ]);
    });

    test("an order that may be paid is not split", async () => {
        const { store, order } = await setupTill();
        listen(store);
        store.settleUnknownWalletOrder = async () => false;
        order.uiState.isWalletPaymentUnknown = true;
        expect(store.navigate("SplitBillScreen", { orderUuid: order.uuid })).toBe(false);
        await animationFrame();
        expect.verifySteps(["The connection was lost"]);
        expect(store.router.state.current).not.toBe("SplitBillScreen");
        const pages = registry.category("pos_pages");
        patchWithCleanup(pages, {
            get(page) {
                expect.step(page); // It is a page of the restaurant.
                return super.get("ProductScreen");
            },
        });
        store.router.navigate = () => {};
        store.settleUnknownWalletOrder = async () => true; // It is known, and still open.
        store.navigate("SplitBillScreen", { orderUuid: order.uuid });
        await animationFrame();
        expect.verifySteps(["SplitBillScreen"]);
        order.uiState.isWalletPaymentUnknown = false;
        store.navigate("SplitBillScreen", { orderUuid: order.uuid });
        expect.verifySteps(["SplitBillScreen"]);
    });

    test("others whose connection goes do not fail what the wallet has paid", async () => {
        const { store, order, cash, wallet } = await setupTill();
        listen(store);
        onSync(store);
        const other = await getFilledOrder(store);
        for (const [paid, method] of [
            [order, wallet],
            [other, cash],
        ]) {
            pay(paid, method);
            paid.state = "paid";
        }
        const syncWalletOrder = store.syncWalletOrder.bind(store);
        store.syncWalletOrder = async (...args) => {
            const synced = await syncWalletOrder(...args);
            store.data.network.offline = true;
            return synced;
        };
        const synced = await store.syncAllOrders({ orders: [order, other] });
        expect(synced.map(({ uuid }) => uuid)).toEqual([order.uuid]);
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
        // A till that starts on this page has no order selected yet.
        store.selectedOrderUuid = null;
        const params = { orderUuid: order.uuid };
        Object.assign(store.router.state, { current: "PaymentScreen", params });
        store.navigate = (page) => expect.step(page);
        await store.settleUnknownWalletOrders();
        expect([order.state, order.lines.length]).toEqual(["paid", others.length + 1]);
        expect(sold.qty).toBe(3);
        // A restaurant would take an open one for what is open at its table now.
        expect(sent).toEqual(["paid"]);
        expect.verifySteps([
            "The connection was lost",
            `${order.pos_reference} was paid before the connection was lost.`,
            `Added when ${order.pos_reference} was paid already: sell ${added} in another order.`,
            "ReceiptScreen",
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
