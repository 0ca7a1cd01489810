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
        this.walletQuestions = 0;
        this.givenUpTopUps = [];
        await super.setup(...arguments);
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
                partner.uiState.wallet = null;
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
            partner.uiState.wallet = null;
            this.alertWalletFailure(error, walletErrors.noConnection());
            return false;
        }
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
            order.partner_id.uiState.wallet = null;
        }
    },

    onWalletsChanged({ partner_ids: ownerIds }) {
        const owners = new Set(ownerIds);
        const customer = this.getOrder()?.partner_id;
        const partners = this.models["res.partner"].filter(
            (partner) =>
                owners.has(partner.id) ||
                owners.has(partner.wallet?.partner_id) ||
                // Nobody knows yet whose wallet it is: that of a company, for one of its contacts.
                (partner.id === customer?.id && !partner.wallet && !partner.hasNoWallet)
        );
        return this.refreshWallets(partners);
    },

    /**
     * Whether the balance for a list is not known: the server was not asked, did not answer, or
     * will not.
     */
    isWalletHidden(partner) {
        return !partner.wallet || this.data.network.offline;
    },

    /**
     * The balance for a list, as text.
     */
    getWalletLabel(partner) {
        return this.isWalletHidden(partner)
            ? ""
            : formatCurrency(partner.wallet.balance, this.currency.id);
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
        const { balance, frozen } = partner.wallet;
        return frozen || !this.currency.isZero(balance);
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
        await this.workOnce(`pay ${order.uuid}`, async () => {
            if (!(await this.canWalletPayAll(order)) || this.getOrder() !== order) {
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
        });
    },

    /**
     * Whether the wallet can pay what is due of this order. The cashier is told when it cannot.
     */
    async canWalletPayAll(order) {
        const partner = order.partner_id || (await this.selectPartner(order));
        if (!partner || !(await this.requireWallet(partner))) {
            return false;
        }
        const due = order.getWalletDue();
        if (due > partner.wallet.available) {
            this.alertWallet(walletErrors.insufficientFunds(partner, due, this.currency));
            return false;
        }
        return true;
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
        this.givenUpTopUps.push(order);
        this.orderDone(order);
    },

    async deleteGivenUpTopUps() {
        for (const order of this.givenUpTopUps.splice(0)) {
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
