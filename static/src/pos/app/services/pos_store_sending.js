import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { delay, Mutex } from "@web/core/utils/concurrency";
import { handleRPCError } from "@point_of_sale/app/utils/error_handlers";
import { PosStore } from "@point_of_sale/app/services/pos_store";
import * as walletErrors from "../utils/wallet_errors";
import "./pos_store";

// How long a cashier waits for what others do with an order, in milliseconds.
const ANSWER_LIMIT = 10000;
// What a restaurant does with the lines of orders: it takes them over into others.
const MOVES_OF_LINES = ["mergeOrders", "restoreOrdersToOriginalTable"];

patch(PosStore.prototype, {
    /**
     * @override
     */
    async setup() {
        // The wallet order that the cashier waits for.
        this.validatedWalletOrderUuid = false;
        // How to close the dialog of an order, once it is known what became of it.
        this.unknownOutcomeDialogs = new Map();
        this.unknownOutcomeMutex = new Mutex();
        // The orders that are on their way to the server, by the answer that is awaited.
        this.awaitedAnswers = new Map();
        this.tapsAtWork = new Set();
        for (const name of MOVES_OF_LINES.filter((it) => this[it])) {
            const moveLines = this[name];
            this[name] = async (...args) =>
                (await this.canMoveLines(args)) && moveLines.apply(this, args);
        }
        await super.setup(...arguments);
        window.addEventListener("pos-network-online", () => this.onWalletConnectionBack());
        this.settleUnknownWalletOrders();
    },

    // Sending orders

    /**
     * @override
     */
    shouldCreatePendingOrder(order) {
        return super.shouldCreatePendingOrder(...arguments) || order.movesCustomerMoney;
    },

    /**
     * Orders that the server has to pay from a wallet are sent one by one: what it says about one of
     * them concerns no other. The one that the cashier waits for comes first.
     *
     * @override
     */
    async syncAllOrders(options = {}) {
        const { orderToCreate, orderToUpdate } = this.getPendingOrder();
        const orders = options.orders || [...orderToCreate, ...orderToUpdate];
        const walletOrders = orders
            .filter((order) => order.awaitsWallet())
            .sort((a, b) => this.isWaitedFor(b) - this.isWaitedFor(a));
        const unknownOrders = orders.filter((order) => order.isWalletOutcomeUnknown);
        const { offline } = this.data.network;
        if (offline) {
            this.reopenUnsentWalletOrders(walletOrders);
        }
        if (offline || !(walletOrders.length || unknownOrders.length)) {
            return this.awaitAnswer(orders, super.syncAllOrders(...arguments));
        }
        const synced = [];
        for (const order of walletOrders) {
            synced.push(...(await this.syncWalletOrder(order, options)));
        }
        for (const order of unknownOrders) {
            if (await this.settleUnknownWalletOrder(order)) {
                synced.push(order);
            }
        }
        const apart = new Set([...walletOrders, ...unknownOrders]);
        const otherOrders = orders.filter((order) => !apart.has(order));
        if (otherOrders.length) {
            const sending = super.syncAllOrders({
                ...options,
                orders: otherOrders,
                throw: !this.validatedWalletOrderUuid && options.throw,
            });
            const result = await this.awaitAnswer(otherOrders, sending);
            // Core returns the error when the connection is lost, and nothing for what it left out.
            synced.push(...(Array.isArray(result) ? result : []));
        }
        return synced;
    },

    /**
     * Whether the cashier waits for this order, having validated it.
     */
    isWaitedFor({ uuid }) {
        return uuid === this.validatedWalletOrderUuid;
    },

    /**
     * Remember that these orders are on their way, until the server has answered.
     */
    async awaitAnswer(orders, answer) {
        this.awaitedAnswers.set(answer, orders);
        try {
            return await answer;
        } finally {
            this.awaitedAnswers.delete(answer);
        }
    },

    getAwaitedAnswers({ uuid }) {
        return [...this.awaitedAnswers]
            .filter(([, orders]) => orders.some((order) => order.uuid === uuid))
            .map(([answer]) => answer);
    },

    /**
     * @returns {Promise<boolean>} false when it is still on its way after a while
     */
    async waitForAnswer(order) {
        let answers = this.getAwaitedAnswers(order);
        const limit = answers.length && delay(ANSWER_LIMIT);
        let isLate = false;
        while (answers.length && !isLate) {
            const answered = Promise.allSettled(answers).then(() => false);
            isLate = await Promise.race([answered, limit.then(() => true)]);
            answers = this.getAwaitedAnswers(order);
        }
        return !answers.length;
    },

    /**
     * Other orders are paid and wait for the connection. One that a wallet pays cannot: it is open
     * again, as long as the server cannot have heard of it.
     */
    reopenUnsentWalletOrders(walletOrders) {
        const unsent = walletOrders.filter((order) => !order.uiState.isWalletPaymentUnknown);
        for (const order of unsent) {
            order.state = "draft";
            this.removePendingOrder(order);
        }
        // Whoever validates an order is told there.
        if (!unsent.every((order) => this.isWaitedFor(order))) {
            this.alertWallet(walletErrors.noConnection());
        }
    },

    /**
     * An order goes to the server once at a time: who comes next waits for the same answer.
     */
    async syncWalletOrder(order, options = {}) {
        let isAnswered = true;
        while (isAnswered && this.getAwaitedAnswers(order).length) {
            isAnswered = await this.waitForAnswer(order);
        }
        if (isAnswered && order.awaitsWallet()) {
            return this.awaitAnswer([order], this._syncWalletOrder(order, options));
        }
        if (!order.isWalletCharged && options.throw && this.isWaitedFor(order)) {
            order.state = "draft"; // Whoever validates it takes any answer for a yes.
            throw new ConnectionLostError();
        }
        return order.isWalletCharged ? [order] : [];
    },

    /**
     * Send one order to be paid from a wallet. Until the server says that it is, it is not.
     */
    async _syncWalletOrder(order, options) {
        const restoreChanges = this.keepOrderChanges(order);
        order.uiState.isWalletPaymentUnknown = true;
        try {
            const synced = await super.syncAllOrders({
                ...options,
                orders: [order],
                force: true,
                throw: true,
            });
            order.uiState.isWalletPaymentUnknown = false;
            return synced || [];
        } catch (error) {
            if (order.isWalletCharged) {
                order.uiState.isWalletPaymentUnknown = false;
                this.removePendingOrder(order);
                this.reportFailureAfterPayment(error);
                return [order];
            }
            if (error instanceof RPCError) {
                order.uiState.isWalletPaymentUnknown = false;
            }
            restoreChanges();
            order.state = "draft";
            this.removePendingOrder(order);
            if (this.isWaitedFor(order)) {
                throw error;
            }
            this.reportWalletFailure(order, error);
            return [];
        }
    },

    /**
     * Sending an order forgets which of its records were changed and deleted. If it has to be sent
     * again, the server must hear of them again.
     *
     * @returns {Function} that brings back what the order had to tell
     */
    keepOrderChanges(order) {
        const { commands } = this.models;
        const deletions = Object.values(commands["pos.order"]).map((map) => [map, new Map(map)]);
        const changed = [...order.lines, ...order.payment_ids].filter((line) => line.isDirty());
        return () => {
            for (const [map, deleted] of deletions) {
                for (const [field, records] of deleted) {
                    map.set(field, [...new Set([...(map.get(field) || []), ...records])]);
                }
            }
            changed.forEach((line) => line._markDirty());
        };
    },

    reportWalletFailure(order, error) {
        if (error instanceof RPCError) {
            handleRPCError(error, this.dialog);
            this.refreshOrderWallet(order);
        } else if (error instanceof ConnectionLostError && !order.uiState.isWalletPaymentUnknown) {
            this.alertWallet(walletErrors.noConnection());
        } else if (error instanceof ConnectionLostError) {
            const close = this.alertWallet(walletErrors.unknownOutcome(order));
            this.unknownOutcomeDialogs.set(order.uuid, close);
            this.data.checkConnectivity();
        } else {
            throw error;
        }
    },

    /**
     * The order is paid. What failed is what is done next, such as the customer's points.
     */
    reportFailureAfterPayment(error) {
        if (error instanceof RPCError) {
            handleRPCError(error, this.dialog);
        } else {
            Promise.reject(error); // As core does: it is shown, and the order goes on.
        }
    },

    /**
     * A second tap on what is at work already does nothing.
     */
    async workOnce(tap, work) {
        if (this.tapsAtWork.has(tap)) {
            return false;
        }
        this.tapsAtWork.add(tap);
        try {
            return await work();
        } finally {
            this.tapsAtWork.delete(tap);
        }
    },

    // A connection that was lost half-way

    async onWalletConnectionBack() {
        await this.settleUnknownWalletOrders();
        await this.refreshOrderWallet();
    },

    /**
     * Whoever waits for this knows what became of the orders that are on their way now, too.
     */
    async settleUnknownWalletOrders() {
        const orders = this.models["pos.order"].filter(
            (order) => order.uiState.isWalletPaymentUnknown
        );
        for (const order of orders) {
            await this.waitForAnswer(order);
            if (order.isWalletOutcomeUnknown) {
                await this.settleUnknownWalletOrder(order);
            }
        }
    },

    /**
     * Ask the server how the payment of this order ended. One that is not paid is sent as an open
     * order: the server has it from now on, so that nothing which may still be under way can pay it.
     * One that is paid is not, as a restaurant would take it for what is open at its table now.
     *
     * @returns {Promise<boolean>} whether it is known now
     */
    settleUnknownWalletOrder(order) {
        return this.unknownOutcomeMutex.exec(() => this._settleUnknownWalletOrder(order));
    },

    async _settleUnknownWalletOrder(order) {
        const isAnswered = await this.waitForAnswer(order);
        if (!order.uiState.isWalletPaymentUnknown) {
            return true; // Somebody else has asked meanwhile.
        }
        if (!isAnswered) {
            return false;
        }
        const restoreChanges = this.keepOrderChanges(order);
        try {
            const answer = await this.data.call("pos.order", "read_pos_data_uuid", [order.uuid]);
            if (answer["pos.order"].some(({ state }) => state !== "draft")) {
                this.models.connectNewData(await this.data.missingRecursive(answer));
            } else {
                const sending = super.syncAllOrders({ orders: [order], force: true, throw: true });
                await this.awaitAnswer([order], sending);
            }
        } catch {
            restoreChanges();
            return false;
        }
        order.uiState.isWalletPaymentUnknown = false;
        this.removePendingOrder(order);
        this.unknownOutcomeDialogs.get(order.uuid)?.();
        this.unknownOutcomeDialogs.delete(order.uuid);
        if (order.finalized) {
            await this.afterUnknownWalletOrderPaid(order);
        } else {
            this.notification.add(
                _t(
                    "%s is still open: the wallet was not used. You can validate it now.",
                    order.pos_reference
                ),
                { type: "info" }
            );
        }
        return true;
    },

    async afterUnknownWalletOrderPaid(order) {
        const isUnknown = ({ isSynced }) => !isSynced;
        const products = order.lines.filter(isUnknown);
        const names = products.map((line) => line.getFullProductName());
        for (const line of [...order.payment_ids.filter(isUnknown), ...products]) {
            line.delete({ silent: true });
        }
        this.notification.add(
            _t("%s was paid before the connection was lost.", order.pos_reference),
            { type: "success" }
        );
        if (names.length) {
            this.notification.add(
                _t("Added when %(order)s was paid already: sell %(products)s in another order.", {
                    order: order.pos_reference,
                    products: names.join(", "),
                }),
                { type: "warning", sticky: true }
            );
        }
        await this.readBalanceAfter(order);
        // When a till starts, no order is selected yet.
        const { current, params } = this.router.state;
        if (current === "PaymentScreen" && params.orderUuid === order.uuid) {
            this.navigate("ReceiptScreen", { orderUuid: order.uuid });
        }
    },

    /**
     * @returns {Promise<boolean>} false when the cashier was told that it is still not known
     */
    async requireKnownOutcome(order) {
        const isKnown =
            !order.uiState.isWalletPaymentUnknown || (await this.settleUnknownWalletOrder(order));
        if (!isKnown) {
            this.alertWallet(walletErrors.unknownOutcome(order));
        }
        return isKnown;
    },

    /**
     * What a wallet may have paid for does not go to another order, which would be paid again.
     */
    async canMoveLines(records) {
        for (const order of records.filter((it) => it?.uiState?.isWalletPaymentUnknown)) {
            if (!(await this.requireKnownOutcome(order)) || order.finalized) {
                return false;
            }
        }
        return true;
    },

    /**
     * @override
     */
    navigate(routeName, routeParams) {
        const order = this.models["pos.order"].getBy("uuid", routeParams?.orderUuid);
        if (routeName !== "SplitBillScreen" || !order?.uiState.isWalletPaymentUnknown) {
            return super.navigate(...arguments);
        }
        this.canMoveLines([order]).then((canMove) => canMove && super.navigate(...arguments));
        return false;
    },

    /**
     * @override
     */
    async _onBeforeDeleteOrder(order) {
        if (!(await this.requireKnownOutcome(order))) {
            return false;
        }
        if (order.finalized && order.movesCustomerMoney) {
            return false;
        }
        return super._onBeforeDeleteOrder(...arguments);
    },

    /**
     * What was paid with customers' money stays, and what was paid for it.
     *
     * @override
     */
    canEditPayment(order) {
        return !order.movesCustomerMoney && super.canEditPayment(...arguments);
    },
});
