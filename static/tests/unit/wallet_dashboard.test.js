import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { mockDate } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { stubTill } from "./unit_test_helpers";

const USD = 1;

/** What the server sends for a wallet of 120 with one movement. */
function dashboardData(values = {}) {
    return {
        currency_id: USD,
        balance: 120,
        paid: 120,
        bonus: 0,
        held: 0,
        available: 120,
        limit: 0,
        is_frozen: false,
        can_open: true,
        today: "2026-03-20",
        expiring: [],
        movements: [
            {
                id: 31,
                date: "2026-03-09",
                kind: "Top-up",
                document: "PBNK1/2026/00001",
                amount: 120,
                balance: 120,
                is_pending: false,
            },
        ],
        curve: [
            { date: "2026-03-08", balance: 0 },
            { date: "2026-03-09", balance: 120 },
            { date: "2026-03-20", balance: 120 },
        ],
        ...values,
    };
}

class CustomerWallet extends models.Model {
    _name = "customer.wallet";

    // A binary field on the server; the mock server lets such a field hold text only.
    dashboard = fields.Json();
    movement_count = fields.Integer();

    _records = [{ id: 1, movement_count: 1 }];
    _views = {
        form: `<form><field name="dashboard" widget="customer_wallet_dashboard"/></form>`,
    };
}

defineModels([CustomerWallet]);
defineMailModels();
beforeEach(stubTill);
beforeEach(() => mockDate("2026-03-20 10:00:00"));

async function mountWallet(values = {}, movementCount = 1) {
    CustomerWallet._records[0].dashboard = dashboardData(values);
    CustomerWallet._records[0].movement_count = movementCount;
    await mountView({ type: "form", resModel: "customer.wallet", resId: 1 });
}

test("the balance alone when there is no more to say", async () => {
    await mountWallet();
    expect(".o_wallet_dashboard_balance").toHaveText(/\$\s120\.00/);
    expect(".o_wallet_dashboard_kinds").toHaveCount(0);
    expect(".o_wallet_dashboard_available").toHaveCount(0);
    expect(".o_wallet_dashboard_expiring").toHaveCount(0);
    expect(".o_wallet_dashboard_more").toHaveCount(0);
    expect(".o_wallet_curve canvas").toHaveCount(1);
});

test("the kinds of money, and what expires when", async () => {
    await mountWallet({
        paid: 90,
        bonus: 30,
        expiring: [
            { date: "2026-03-21", amount: 20 },
            { date: "2026-06-28", amount: 10 },
        ],
    });
    expect(queryAllTexts(".o_wallet_dashboard_legend dd")).toEqual(["$ 90.00", "$ 30.00"]);
    expect(queryOne(".o_wallet_dashboard_bonus_share").style.width).toBe("25%");
    expect(".o_wallet_dashboard_expiring li:first").toHaveText(/tomorrow/);
    expect(".o_wallet_dashboard_expiring li:last").toHaveText(/in 100 days/);
    expect(".o_wallet_dashboard_expiring .text-warning-emphasis").toHaveCount(1);
});

test("a frozen wallet says so", async () => {
    await mountWallet({ is_frozen: true, available: 0 });
    expect(".o_wallet_dashboard_frozen").toHaveCount(1);
    expect(".o_wallet_dashboard_available").toHaveCount(0);
});

test("a debt is told as one, with what may still be used", async () => {
    await mountWallet({ balance: -20, paid: -20, available: 30, limit: 50 });
    expect(".o_wallet_dashboard_balance").toHaveClass("text-danger");
    expect(".o_wallet_dashboard_available").toHaveText(/\$\s30\.00/);
    expect(".o_wallet_dashboard_available").toHaveText(/\$\s-50\.00/);
});

test("a movement opens its document", async () => {
    onRpc("customer.wallet.movement", "action_open_document", ({ args }) => {
        expect.step(`open ${JSON.stringify(args)}`);
        return { type: "ir.actions.act_window_close" };
    });
    mockService("action", {
        doAction(action) {
            expect.step(action.type);
        },
    });
    await mountWallet();
    await contains(".o_wallet_movement").click();
    expect.verifySteps(["open [[31]]", "ir.actions.act_window_close"]);
});

test("what is held is pending, and not available", async () => {
    const [booked] = dashboardData().movements;
    await mountWallet({
        held: 20,
        available: 100,
        movements: [
            { ...booked, id: -7, kind: "Pending", amount: -20, balance: 0, is_pending: true },
            booked,
        ],
    });
    expect(".o_wallet_dashboard_held").toHaveText(/\$\s20\.00/);
    expect(".o_wallet_movement_pending").toHaveCount(1);
    expect(".o_wallet_movement_pending .o_wallet_movement_balance").toHaveText("Pending");
});

test("the whole history is a click away", async () => {
    await mountWallet({ can_open: false }, 1000);
    expect(".o_wallet_dashboard_more").toHaveText("All \u20661,000+\u2069 movements");
});

test("who may not see entries opens none", async () => {
    await mountWallet({ can_open: false });
    expect(".o_wallet_movement").not.toBeEnabled();
});

test("of a single day there is no curve", async () => {
    const curve = [
        { date: "2026-03-19", balance: 0 },
        { date: "2026-03-20", balance: 120 },
    ];
    await mountWallet({ curve });
    expect(".o_wallet_curve").toHaveCount(0);
});

test("a wallet to which nothing has come in", async () => {
    await mountWallet({ balance: 0, paid: 0, available: 0, movements: [], curve: [] }, 0);
    expect(".o_wallet_curve").toHaveCount(0);
    expect(".o_wallet_dashboard_movements").toHaveText(/Nothing has come in yet/);
});
