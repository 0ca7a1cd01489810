import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { AlertDialog, ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { ConnectionLostError, RPCError } from "@web/core/network/rpc";
import { formatCurrency } from "@web/core/currency";
import { handleRPCError } from "@point_of_sale/app/utils/error_handlers";
import { makeAwaitable } from "@point_of_sale/app/utils/make_awaitable_dialog";
import OrderPaymentValidation from "@point_of_sale/app/utils/order_payment_validation";
import { PartnerList } from "@point_of_sale/app/screens/partner_list/partner_list";
import { PosStore } from "@point_of_sale/app/services/pos_store";
import { WalletTopUpPopup } from "../components/popups/wallet_top_up_popup/wallet_top_up_popup";
import * as walletErrors from "../utils/wallet_errors";

patch(PosStore.prototype, {
    /**
     * @override
     */
    async setup() {
        // The wallet order that the cashier waits for.
        this.validatedWalletOrderUuid = false;
        this.walletQuestions = 0;
        this.givenUpTopUp = null;
        // How to close the dialog of an order, once it is known what became of it.
        this.unknownOutcomeDialogs = new Map();
        await super.setup(...arguments);
        window.addEventListener("pos-network-online", () => this.onWalletConnectionBack());
        this.settleUnknownWalletOrders();
    },

    /**
     * @override
     */
    async initServerData() {
        // Not on the channel of the till, which is no secret of its cashiers.
        this.bus.subscribe("CUSTOMER_WALLET", this.onWalletsChanged.bind(this));
        return super.initServerData(...arguments);
    },

    get walletMethod() {
        return this.config.payment_method_ids.find((method) => method.type === "wallet");
    },

    get topUpMethods() {
        return this.config.payment_method_ids
            .filter((method) => ["cash", "bank"].includes(method.type))
            .sort((a, b) => a.sequence - b.sequence);
    },

    /**
     * @param {Object} message of `wallet_errors`; with `missing` to put that much into the wallet
     */
    alertWallet({ missing, partner, ...message }) {
        if (!missing || !this.topUpMethods.length) {
            return this.dialog.add(AlertDialog, message);
        }
        return this.dialog.add(ConfirmationDialog, {
            ...message,
            confirm: () => {},
            cancelLabel: _t("Top Up Wallet"),
            cancel: () => {
                this.topUpWallet(partner, missing); // The dialog does not wait for it.
            },
            dismiss: () => {},
        });
    },

    /**
     * Tell the cashier why the server could not be asked.
     *
     * @param {Error} error
     * @param {Object} noConnection the message when the connection is lost
     */
    alertWalletFailure(error, noConnection) {
        if (error instanceof ConnectionLostError) {
            this.alertWallet(noConnection);
        } else if (error instanceof RPCError) {
            handleRPCError(error, this.dialog);
        } else {
            throw error;
        }
    },

    // Balances

    /**
     * Ask the server what these customers' wallets hold now.
     *
     * @param {ResPartner[]} partners
     */
    async readWallets(partners) {
        const question = (this.walletQuestions += 1);
        const wallets = await this.data.call("res.partner", "get_pos_wallets", [
            partners.map((partner) => partner.id),
            this.config.id,
        ]);
        for (const { id, uiState } of partners) {
            // An answer that was overtaken by the one to a later question is old.
            if (question > (uiState.walletQuestion || 0)) {
                Object.assign(uiState, {
                    wallet: wallets[id] || false,
                    hasNoWallet: wallets[id] === false,
                    walletQuestion: question,
                });
            }
        }
    },

    async readWallet(partner) {
        await this.readWallets([partner]);
        return partner.wallet;
    },

    /**
     * Show what is known: a balance that cannot be read is not shown.
     */
    async refreshWallets(partners) {
        if (!partners.length) {
            return;
        }
        try {
            await this.readWallets(partners);
        } catch {
            for (const partner of partners) {
                partner.uiState.wallet = false;
            }
        }
    },

    refreshOrderWallet(order = this.getOrder()) {
        return this.refreshWallets(order?.partner_id ? [order.partner_id] : []);
    },

    /**
     * Read the balance for something that cannot be done without it.
     *
     * @returns {Promise<Object|false>} false when the cashier was told why there is none
     */
    async requireWallet(partner) {
        try {
            const wallet = await this.readWallet(partner);
            if (partner.hasNoWallet) {
                this.alertWallet(walletErrors.noWallet(partner));
            }
            return wallet;
        } catch (error) {
            partner.uiState.wallet = false;
            this.alertWalletFailure(error, walletErrors.noConnection());
            return false;
        }
    },

    onWalletsChanged({ partner_ids: ownerIds }) {
        const owners = new Set(ownerIds);
        const customer = this.getOrder()?.partner_id;
        const partners = this.models["res.partner"].filter(
            (partner) =>
                owners.has(partner.id) ||
                owners.has(partner.wallet?.partner_id) ||
                // It may be one of the contacts of the company that owns the wallet.
                partner.id === customer?.id
        );
        return this.refreshWallets(partners);
    },

    /**
     * Whether the balance for a list is not known: the server did not answer, or will not.
     */
    isWalletHidden(partner) {
        return partner.wallet === false || this.data.network.offline;
    },

    /**
     * The balance for a list, as text. Before the server is asked, it is the one of the moment when
     * the customer was loaded, in the company's currency.
     */
    getWalletLabel(partner) {
        if (this.isWalletHidden(partner)) {
            return "";
        }
        if (partner.wallet) {
            return formatCurrency(partner.wallet.balance, this.currency.id);
        }
        if (typeof partner.wallet_balance !== "number") {
            return "";
        }
        return formatCurrency(partner.wallet_balance, this.company.currency_id.id);
    },

    /**
     * What can be paid stands on the button of the wallet.
     *
     * @override
     */
    getPaymentMethodFmtAmount(paymentMethod, order) {
        const wallet = paymentMethod.type === "wallet" && order.partner_id?.wallet;
        return wallet
            ? formatCurrency(wallet.available, this.currency.id)
            : super.getPaymentMethodFmtAmount(...arguments);
    },

    /**
     * In a list of many customers, those who have nothing in their wallets only make it longer.
     */
    isWalletWorthALine(partner) {
        if (this.isWalletHidden(partner)) {
            return false;
        }
        const balance = partner.wallet ? partner.wallet.balance : partner.wallet_balance;
        return Boolean(partner.wallet?.frozen) || !this.currency.isZero(balance || 0);
    },

    /**
     * A wallet that has paid is not charged once more: who wants to give a tip does so before.
     *
     * @override
     */
    navigate(routeName, routeParams) {
        const order = this.models["pos.order"].getBy("uuid", routeParams?.orderUuid);
        return super.navigate(
            routeName === "TipScreen" && order?.movesCustomerMoney ? "ReceiptScreen" : routeName,
            routeParams
        );
    },

    // The customer of the order

    /**
     * @override
     */
    setPartnerToCurrentOrder(partner) {
        const order = this.getOrder();
        const former = order.partner_id;
        const hadWalletLines = order.walletLines.length > 0;
        super.setPartnerToCurrentOrder(...arguments);
        if (hadWalletLines && !order.walletLines.length && former) {
            this.notification.add(
                _t(
                    "The payment from the wallet of %(customer)s was removed: the customer has changed.",
                    { customer: former.name }
                ),
                { type: "warning" }
            );
        }
        this.refreshOrderWallet(order);
    },

    /**
     * @override
     */
    async validateOrderFast(paymentMethod) {
        if (paymentMethod.type !== "wallet") {
            return super.validateOrderFast(...arguments);
        }
        const order = this.getOrder();
        const partner = order.partner_id || (await this.selectPartner(order));
        if (!partner || !(await this.requireWallet(partner))) {
            return;
        }
        const due = order.getWalletDue();
        if (due > partner.wallet.available) {
            this.alertWallet(walletErrors.insufficientFunds(partner, due, this.currency));
            return;
        }
        const paymentsBefore = [...order.payment_ids];
        await super.validateOrderFast(...arguments);
        if (!order.finalized && !order.uiState.isWalletPaymentUnknown) {
            // It was refused: the order is as it was, for another button.
            for (const line of order.walletLines) {
                if (!paymentsBefore.includes(line)) {
                    order.removePaymentline(line);
                }
            }
        }
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

    /**
     * Keep for the receipt what the wallet holds after this order; nothing when it is not known.
     */
    async readBalanceAfter(order) {
        order.uiState.walletBalanceAfter = false;
        try {
            const wallet = await this.readWallet(order.partner_id);
            order.uiState.walletBalanceAfter = wallet ? wallet.balance : false;
        } catch {
            order.partner_id.uiState.wallet = false;
        }
    },

    // Top-up

    /**
     * Take money for a customer's wallet, apart from the order that the cashier works on.
     *
     * @param {ResPartner} [partner]
     * @param {number} [missing] what the order lacks; it is proposed
     */
    async topUpWallet(partner = this.getOrder()?.partner_id, missing = 0) {
        const customer = partner || (await makeAwaitable(this.dialog, PartnerList, {}));
        if (!customer || !(await this.requireWallet(customer))) {
            return;
        }
        const topUp = await makeAwaitable(this.dialog, WalletTopUpPopup, {
            partner: customer,
            missing,
        });
        if (topUp) {
            await this.payTopUp(this.createTopUpOrder(customer, topUp));
        }
    },

    createTopUpOrder(partner, { amount, paymentMethod }) {
        const orderBefore = this.getOrder();
        const order = this.addOrderWithoutPreset(partner);
        order.uiState.orderBeforeTopUpUuid = orderBefore?.uuid;
        order.addPaymentline(this.walletMethod).data.setAmount(-amount);
        order.addPaymentline(paymentMethod).data.setAmount(amount);
        return order;
    },

    /**
     * An order that sells nothing is neither delivered nor picked up at some time. It never goes
     * into one that is open already, as the next order of a restaurant goes into its direct sale.
     */
    addOrderWithoutPreset(partner) {
        this.getOrder()?.updateSavedQuantity();
        this.isAddingWithoutPreset = true;
        try {
            const order = this.createNewOrder();
            order.preset_id = false;
            // A restaurant names the order after the customer, and finds it again by that.
            order.setPartner(partner);
            this.selectedOrderUuid = order.uuid;
            this.searchProductWord = "";
            this.mobile_pane = "right";
            return order;
        } finally {
            this.isAddingWithoutPreset = false;
        }
    },

    /**
     * @override
     */
    async selectPreset() {
        if (!this.isAddingWithoutPreset) {
            return super.selectPreset(...arguments);
        }
    },

    async payTopUp(order) {
        this.navigate("PaymentScreen", { orderUuid: order.uuid });
        if (order.electronicPaymentInProgress()) {
            return; // The terminal is asked from the payment screen.
        }
        const validation = new OrderPaymentValidation({ pos: this, orderUuid: order.uuid });
        await validation.validateOrder();
    },

    /**
     * A top-up that is not paid is given up: it sells nothing that could be added to it.
     *
     * @override
     */
    async onClickBackButton() {
        const order = this.getOrder();
        if (this.router.state.current !== "PaymentScreen" || !order?.canGiveUpTopUp) {
            return super.onClickBackButton(...arguments);
        }
        // The screen shows the order until it is gone itself.
        this.givenUpTopUp = order;
        this.orderDone(order);
    },

    async deleteGivenUpTopUp() {
        const order = this.givenUpTopUp;
        this.givenUpTopUp = null;
        if (order) {
            await this.deleteOrders([order]);
        }
    },

    /**
     * @override
     */
    orderDone(order) {
        const orderBefore = this.models["pos.order"].getBy(
            "uuid",
            order.uiState.orderBeforeTopUpUuid
        );
        super.orderDone(...arguments);
        if (orderBefore && !orderBefore.finalized) {
            this.setOrder(orderBefore);
            this.navigateToOrderScreen(orderBefore);
        }
    },
});
