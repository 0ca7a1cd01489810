import { registry } from "@web/core/registry";

const TAG = "customer_wallet_allocation_progress";

/**
 * Pay the invoices of many customers in several requests, and say how far it is.
 *
 * @param {Object} env
 * @param {Object} action the server's, as long as customers are waiting
 * @returns {Promise<Object>} what the server wants to be shown in the end
 */
async function payInSteps(env, action) {
    const { orm, ui } = env.services;
    let next = action;
    while (next.tag === TAG) {
        const { batch_id: batchId, message } = next.params;
        ui.block({ message, delay: 0 });
        try {
            next = await orm.silent.call("customer.wallet.allocation.batch", "action_allocate", [
                [batchId],
            ]);
        } finally {
            ui.unblock();
        }
    }
    return next;
}

registry.category("actions").add(TAG, payInSteps);
