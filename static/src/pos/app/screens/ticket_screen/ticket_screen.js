import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { ConnectionLostError } from "@web/core/network/rpc";
import { ask } from "@point_of_sale/app/utils/make_awaitable_dialog";
import { TicketScreen } from "@point_of_sale/app/screens/ticket_screen/ticket_screen";
import * as walletErrors from "../../utils/wallet_errors";

patch(TicketScreen.prototype, {
    /**
     * What went into the wallet, rather than nothing.
     *
     * @override
     */
    getTotal(order) {
        return order.isOnlyWalletMoney
            ? this.env.utils.formatCurrency(order.walletAdded - order.walletPaid)
            : super.getTotal(...arguments);
    },

    canUndoTopUp(order) {
        return (
            order.finalized &&
            order.isWalletTopUp &&
            order.session_id?.id === this.pos.session.id &&
            !this.pos.models["pos.order"].some(
                ({ wallet_undone_order_id: undone }) => undone?.id === order.id
            )
        );
    },

    /**
     * Give the money of a top-up back, as it was paid.
     */
    async onClickUndoTopUp(order) {
        const tenders = order.payment_ids.filter((line) => !line.isWallet);
        const confirmed = await ask(this.dialog, {
            title: _t("Undo Top-up"),
            body: _t("Give %(amount)s back to %(customer)s: %(methods)s.", {
                amount: this.env.utils.formatCurrency(order.walletAdded),
                customer: order.getPartnerName(),
                methods: tenders.map((line) => line.payment_method_id.name).join(", "),
            }),
        });
        if (!confirmed) {
            return;
        }
        if (this.pos.data.network.offline) {
            this.pos.alertWallet(walletErrors.notUndone(order));
            return;
        }
        try {
            await this.pos.data.callRelated(
                "pos.order",
                "action_undo_wallet_top_up",
                [order.id],
                {},
                false
            );
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                await this.loadUndoing(order);
                throw error;
            }
            this.pos.alertWallet(walletErrors.unknownUndo(order));
        }
        await this.pos.refreshOrderWallet(order);
    },

    /**
     * It may be undone already, by somebody else or before the connection was lost.
     */
    async loadUndoing(order) {
        try {
            await this.pos.data.loadServerOrders([["wallet_undone_order_id", "=", order.id]]);
        } catch {
            return; // It is told why it cannot be undone.
        }
    },
});
