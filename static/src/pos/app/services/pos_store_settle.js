import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { makeAwaitable } from "@point_of_sale/app/utils/make_awaitable_dialog";
import { PartnerList } from "@point_of_sale/app/screens/partner_list/partner_list";
import { PosStore } from "@point_of_sale/app/services/pos_store";
import { WalletSettlePopup } from "../components/popups/wallet_settle_popup/wallet_settle_popup";
import * as settleErrors from "../utils/settle_errors";
import "./pos_store";

patch(PosStore.prototype, {
    /**
     * What settles a debt is put on the customer's account.
     */
    get settleMethod() {
        return this.config.payment_method_ids.find(
            (method) => method.type === "pay_later" && method.split_transactions
        );
    },

    /**
     * Take money for what a customer owes, together with the order or alone.
     */
    async settleDocuments(partner = this.getOrder()?.partner_id) {
        const customer = partner || (await makeAwaitable(this.dialog, PartnerList, {}));
        const documents = customer && (await this.readSettlements(customer));
        if (!documents) {
            return;
        }
        const settled = await makeAwaitable(this.dialog, WalletSettlePopup, {
            partner: customer,
            documents,
        });
        if (settled) {
            const order = this.getOrderToSettleWith(customer);
            order.settle(settled, this.settleMethod);
            this.navigate("PaymentScreen", { orderUuid: order.uuid });
        }
    },

    /**
     * @returns {Promise<Object[]|false>} false when the cashier was told why there is no list
     */
    async readSettlements(partner) {
        try {
            return await this.data.call("res.partner", "get_pos_settlements", [
                [partner.id],
                this.config.id,
            ]);
        } catch (error) {
            this.alertWalletFailure(error, settleErrors.noConnection());
            return false;
        }
    },

    /**
     * @override
     */
    setPartnerToCurrentOrder(partner) {
        const order = this.getOrder();
        const former = order.partner_id;
        const hadSettlements = order.settlementLines.length > 0;
        super.setPartnerToCurrentOrder(...arguments);
        if (hadSettlements && !order.settlementLines.length && former) {
            this.notification.add(
                _t("What %(customer)s was to settle was removed: the customer has changed.", {
                    customer: former.name,
                }),
                { type: "warning" }
            );
        }
    },

    /**
     * The order on the screen, if it is this customer's; otherwise one apart from it.
     */
    getOrderToSettleWith(partner) {
        const order = this.getOrder();
        const isFree = order && !order.finalized && !order.isRefund;
        const isOthers = order?.partner_id && order.partner_id.id !== partner.id;
        if (isFree && (!isOthers || (order.isEmpty() && !order.payment_ids.length))) {
            if (order.partner_id?.id !== partner.id) {
                this.setPartnerToCurrentOrder(partner);
            }
            return order;
        }
        const apart = this.addOrderWithoutPreset(partner);
        apart.uiState.orderBeforeTopUpUuid = order?.uuid;
        return apart;
    },
});
