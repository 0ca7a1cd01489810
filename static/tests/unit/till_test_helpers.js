import { expect } from "@odoo/hoot";
import { PosConfig } from "@point_of_sale/../tests/unit/data/pos_config.data";
import { PosPaymentMethod } from "@point_of_sale/../tests/unit/data/pos_payment_method.data";
import { getFilledOrder, setupPosEnv } from "@point_of_sale/../tests/unit/utils";
import OrderPaymentValidation from "@point_of_sale/app/utils/order_payment_validation";
import { makeServerError, onRpc } from "@web/../tests/web_test_helpers";

const WALLET_METHOD = {
    id: 9,
    name: "Customer Wallet",
    is_cash_count: false,
    use_payment_terminal: false,
    split_transactions: false,
    type: "wallet",
    image: false,
    sequence: 4,
    payment_method_type: "none",
    default_qr: false,
};

/**
 * A till that takes wallets, and an order of 17.85 of a customer.
 *
 * @param {Object} wallet of the customer, as the server tells it
 */
export async function setupTill(wallet = {}) {
    if (!PosPaymentMethod._records.some(({ id }) => id === WALLET_METHOD.id)) {
        PosPaymentMethod._records = [...PosPaymentMethod._records, WALLET_METHOD];
    }
    PosConfig._records = PosConfig._records.map((config) => ({
        ...config,
        payment_method_ids: [...new Set([...config.payment_method_ids, WALLET_METHOD.id])],
    }));
    const answer = { balance: 50, available: 50, frozen: false, ...wallet };
    onRpc("res.partner", "get_pos_wallets", ({ args: [ids] }) =>
        Object.fromEntries(ids.map((id) => [id, { partner_id: id, ...answer }]))
    );
    onRpc("pos.order", "read_pos_data_uuid", function ({ args: [uuid] }) {
        return this.env["pos.order"].read_pos_orders([["uuid", "=", uuid]]);
    });
    const store = await setupPosEnv();
    const partner = store.models["res.partner"].get(3);
    const order = await getFilledOrder(store);
    order.setPartner(partner);
    await store.readWallet(partner);
    const [cash, card] = ["cash", "bank"].map((type) =>
        store.config.payment_method_ids.find((method) => method.type === type)
    );
    return { store, partner, order, cash, card, wallet: store.walletMethod };
}

export function pay(order, method, amount) {
    const line = order.addPaymentline(method).data;
    if (amount !== undefined) {
        line.setAmount(amount);
    }
    return line;
}

/** What the cashier was told: the titles of the dialogs. */
export function listen(store) {
    store.dialog.add = (_component, { title }, { onClose } = {}) => {
        expect.step(String(title));
        onClose?.(); // The cashier closes it, whatever it asks.
        return () => {};
    };
    store.notification.add = (message) => expect.step(String(message));
    store.data.checkConnectivity = () => {};
}

export function validate(store, order) {
    return new OrderPaymentValidation({ pos: store, orderUuid: order.uuid }).validateOrder();
}

/**
 * Notes each order that is sent; the first ones meet these errors.
 */
export function onSync(store, ...errors) {
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

export const REFUSAL = () => makeServerError({ errorName: "odoo.exceptions.UserError" });
