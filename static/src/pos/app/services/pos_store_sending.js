import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { handleRPCError } from "@point_of_sale/app/utils/error_handlers";
import { PosStore } from "@point_of_sale/app/services/pos_store";
import * as walletErrors from "../utils/wallet_errors";
import "./pos_store";

patch(PosStore.prototype, {
    /**
     * @override
     */
    async setup() {
        // The wallet order that the cashier waits for.
        this.validatedWalletOrderUuid = false;
        // How to close the dialog of an order, once it is known what became of it.
        this.unknownOutcomeDialogs = new Map();
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
     * them concerns no other.
     *
     * @override
     */
    async syncAllOrders(options = {}) {
        const { orderToCreate, orderToUpdate } = this.getPendingOrder();
        const orders = options.orders || [...orderToCreate, ...orderToUpdate];
        const walletOrders = orders.filter((order) => order.awaitsWallet());
        const { offline } = this.data.network;
        if (offline) {
            this.reopenUnsentWalletOrders(walletOrders);
        }
        if (offline || !walletOrders.length) {
            return super.syncAllOrders(...arguments);
        }
        const synced = [];
        for (const order of walletOrders) {
            synced.push(...(await this.syncWalletOrder(order, options)));
        }
        const otherOrders = orders.filter((order) => !walletOrders.includes(order));
        if (otherOrders.length) {
            const isWaitedFor = !this.validatedWalletOrderUuid && options.throw;
            const result = await super.syncAllOrders({
                ...options,
                orders: otherOrders,
                throw: isWaitedFor,
            });
            synced.push(...(result || []));
        }
        return synced;
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
        if (unsent.some((order) => order.uuid !== this.validatedWalletOrderUuid)) {
            this.alertWallet(walletErrors.noConnection());
        }
    },

    /**
     * Send one order to be paid from a wallet. Until the server says that it is, it is not.
     */
    async syncWalletOrder(order, options = {}) {
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
            if (error instanceof RPCError) {
                order.uiState.isWalletPaymentUnknown = false;
            }
            restoreChanges();
            order.state = "draft";
            this.removePendingOrder(order);
            if (order.uuid === this.validatedWalletOrderUuid) {
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

    // A connection that was lost half-way

    async onWalletConnectionBack() {
        await this.settleUnknownWalletOrders();
        await this.refreshOrderWallet();
    },

    async settleUnknownWalletOrders() {
        const orders = this.models["pos.order"].filter(
            (order) => order.uiState.isWalletPaymentUnknown && !order.finalized
        );
        for (const order of orders) {
            await this.settleUnknownWalletOrder(order);
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
        return this.pushOrderMutex.exec(() => this._settleUnknownWalletOrder(order));
    },

    async _settleUnknownWalletOrder(order) {
        if (!order.uiState.isWalletPaymentUnknown) {
            return true; // Somebody else has asked meanwhile.
        }
        const restoreChanges = this.keepOrderChanges(order);
        try {
            const answer = await this.data.call("pos.order", "read_pos_data_uuid", [order.uuid]);
            if (answer["pos.order"].some(({ state }) => state !== "draft")) {
                this.models.connectNewData(await this.data.missingRecursive(answer));
            } else {
                await super.syncAllOrders({ orders: [order], force: true, throw: true });
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
        if (this.getOrder() === order && this.router.state.current === "PaymentScreen") {
            this.navigate("ReceiptScreen", { orderUuid: order.uuid });
        }
    },

    /**
     * @override
     */
    async _onBeforeDeleteOrder(order) {
        if (order.uiState.isWalletPaymentUnknown && !(await this.settleUnknownWalletOrder(order))) {
            this.alertWallet(walletErrors.unknownOutcome(order));
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
