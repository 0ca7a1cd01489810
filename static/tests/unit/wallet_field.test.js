import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { dblclick, press, queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame, Deferred } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    defineParams,
    fields,
    makeServerError,
    MockServer,
    mockService,
    models,
    mountView,
    onRpc,
    patchWithCleanup,
    serverState,
} from "@web/../tests/web_test_helpers";
import { WalletField } from "@customer_wallet/backend/components/wallet_field/wallet_field";
import { stubTill } from "./unit_test_helpers";

const USD = 1;
const EUR = 2;
const JPY = 3;

/** What the server sends for a posted invoice of 80 and a wallet of 120. */
function walletData(values = {}) {
    return {
        move_id: 1,
        state: "posted",
        partner: {
            id: 7,
            name: "Azure Interior",
            phone: "+1 870-931-0505",
            email: "azure@example.com",
        },
        currency_id: USD,
        balance: 120,
        residual: 80,
        allocatable: 80,
        discount: 0,
        can_allocate: true,
        frozen: false,
        wallets: [{ id: 3, currency_id: USD, balance: 120, amount: 120, converted: false }],
        payments: [],
        ...values,
    };
}

/** The same after 80 were paid. */
function paidData(values = {}) {
    return walletData({
        balance: 40,
        residual: 0,
        allocatable: 0,
        can_allocate: false,
        payments: [
            {
                partial_id: 55,
                move_id: 99,
                name: "WALL/2026/0001",
                date: "2026-03-09",
                amount: 80,
                can_undo: true,
            },
        ],
        ...values,
    });
}

class AccountMove extends models.Model {
    _name = "account.move";

    ref = fields.Char();
    // A binary field on the server; the mock server lets such a field hold text only.
    wallet_widget = fields.Json();
    invoice_payments_widget = fields.Json();

    _records = [{ id: 1, ref: "first" }];
    _views = {
        form: `
            <form>
                <field name="ref"/>
                <field name="invoice_payments_widget" widget="payment"/>
                <field name="wallet_widget" widget="customer_wallet"/>
            </form>`,
    };
}

defineModels([AccountMove]);
defineMailModels();
beforeEach(stubTill);

async function mountInvoice(data) {
    AccountMove._records[0].wallet_widget = data;
    await mountView({ type: "form", resModel: "account.move", resId: 1 });
}

/** Lets the server pay, and counts how often it is asked to. */
function onAllocate(after = paidData()) {
    onRpc("account.move", "action_allocate_wallet", function ({ args, kwargs }) {
        const amount = "amount" in kwargs ? ` ${kwargs.amount}` : "";
        expect.step(`allocate ${JSON.stringify(args)}${amount}`);
        this.env["account.move"].write([1], { wallet_widget: after });
        return true;
    });
}

const amountSelector = ".o_customer_wallet_amount input";
const noteSelector = "#customer_wallet_amount_note";

async function openOtherAmount() {
    await contains(".o_customer_wallet_other").click();
}

async function payOtherAmount(text) {
    await contains(amountSelector).edit(text, { confirm: false });
    await contains(".o_customer_wallet_amount_confirm").click();
}

describe("what has been paid", () => {
    const row = { date: "2026-03-09", currency_id: USD, partial_id: 55 };
    const content = [
        { ...row, move_id: 99, amount: 80 },
        { ...row, move_id: 98, amount: 5 },
    ];
    const paidRows = ".o_field_payment tr";

    beforeEach(() => {
        AccountMove._records[0].invoice_payments_widget = { content, move_id: 1 };
    });

    test("is listed once, in the section", async () => {
        await mountInvoice(paidData());
        expect(".o_customer_wallet_payments li").toHaveCount(1);
        expect(paidRows).toHaveCount(1);
        expect(paidRows).toHaveText(/\$\s5\.00/);
    });

    test("is listed by Odoo where there is no section", async () => {
        await mountInvoice(false);
        expect(paidRows).toHaveCount(2);
    });

    test("is listed by Odoo on a draft", async () => {
        await mountInvoice(paidData({ state: "draft" }));
        expect(paidRows).toHaveCount(2);
    });
});

describe("what the section shows", () => {
    test("balance and contact details of the customer", async () => {
        await mountInvoice(walletData());
        expect(".o_customer_wallet").toHaveText(/Customer Wallet/);
        expect(".o_customer_wallet_balance").toHaveText(/\$\s120\.00/);
        expect(".o_customer_wallet_contact").toHaveText(/Azure Interior/);
        expect("a[href='tel:+1870-931-0505']").toHaveText("+1 870-931-0505");
        expect("a[href='mailto:azure@example.com']").toHaveText("azure@example.com");
    });

    test("the button says what it will pay, also to a screen reader", async () => {
        await mountInvoice(walletData());
        expect(".o_customer_wallet_pay").toHaveText(/Pay \$\s80\.00/);
        expect(".o_customer_wallet_pay .fa").toHaveCount(1);
        expect(".o_customer_wallet_pay").toHaveAttribute(
            "aria-label",
            "Pay $\u00a080.00 from the wallet"
        );
        expect(".o_customer_wallet_pay").toHaveAttribute(
            "data-tooltip",
            "Pay $\u00a080.00 from the wallet"
        );
    });

    test("nothing at all when there is nothing to show", async () => {
        await mountInvoice(false);
        expect(".o_field_customer_wallet").toHaveCount(1);
        expect(".o_customer_wallet").toHaveCount(0);
        expect(".o_field_customer_wallet button").toHaveCount(0);
    });

    test("only the balance on a draft", async () => {
        await mountInvoice(walletData({ state: "draft", can_allocate: false, allocatable: 0 }));
        expect(".o_customer_wallet_balance").toHaveText(/\$\s120\.00/);
        expect(".o_customer_wallet_contact").toHaveCount(0);
        expect(".o_customer_wallet button").toHaveCount(0);
    });

    test("no contact links for a customer without phone and email", async () => {
        const partner = { id: 7, name: "Azure Interior", phone: "", email: "" };
        await mountInvoice(walletData({ partner }));
        expect(".o_customer_wallet_contact").toHaveText("Azure Interior");
        expect(".o_customer_wallet a").toHaveCount(0);
    });

    test("a wallet in another currency with today's value", async () => {
        await mountInvoice(
            walletData({
                wallets: [
                    { id: 3, currency_id: USD, balance: 20, amount: 20, converted: false },
                    { id: 4, currency_id: EUR, balance: 50, amount: 100, converted: true },
                ],
            })
        );
        expect(queryAllTexts(".o_customer_wallet_line").map(plain)).toEqual([
            "In USD $ 20.00",
            "In EUR 50.00 €, today worth $ 100.00",
        ]);
    });

    test("no such list when the wallet has the invoice's currency", async () => {
        await mountInvoice(walletData());
        expect(".o_customer_wallet_line").toHaveCount(0);
    });

    test("the early payment discount that the click takes", async () => {
        await mountInvoice(walletData({ allocatable: 78.4, discount: 1.6 }));
        expect(".o_customer_wallet_pay").toHaveText(/Pay \$\s78\.40/);
        expect(".o_customer_wallet_discount").toHaveText(/Early payment discount: \$\s1\.60/);
    });

    test("a frozen wallet offers no payment, says why and what it holds", async () => {
        await mountInvoice(
            walletData({
                balance: 0,
                allocatable: 0,
                can_allocate: false,
                frozen: true,
                wallets: [
                    {
                        id: 3,
                        currency_id: USD,
                        balance: 120,
                        amount: 0,
                        converted: false,
                        frozen: true,
                    },
                ],
            })
        );
        expect(".o_customer_wallet_frozen").toHaveText(/nothing can be paid from it/);
        expect(queryAllTexts(".o_customer_wallet_line").map(plain)).toEqual([
            "In USD $ 120.00, frozen",
        ]);
        expect(".o_customer_wallet_pay").toHaveCount(0);
        expect(".o_customer_wallet_other").toHaveCount(0);
    });

    test("nothing to press for a user who may not allocate", async () => {
        await mountInvoice(walletData({ can_allocate: false }));
        expect(".o_customer_wallet_balance").toHaveCount(1);
        expect(".o_customer_wallet button").toHaveCount(0);
    });

    test("what the wallet paid, with date, entry and amount", async () => {
        await mountInvoice(paidData());
        expect(".o_customer_wallet_payments li").toHaveCount(1);
        expect(plain(queryOne(".o_customer_wallet_payments li").textContent)).toMatch(
            /Paid on 03\/09\/2026 ?WALL\/2026\/0001 ?\$ 80\.00/
        );
        expect(".o_customer_wallet_undo").toHaveAttribute(
            "aria-label",
            "Undo the payment of $\u00a080.00"
        );
        expect(".o_customer_wallet_pay").toHaveCount(0);
    });

    test("no undo for a payment that cannot be undone", async () => {
        const payments = [{ ...paidData().payments[0], can_undo: false }];
        await mountInvoice(paidData({ payments }));
        expect(".o_customer_wallet_payments li").toHaveCount(1);
        expect(".o_customer_wallet_undo").toHaveCount(0);
    });

    test("amounts keep their order in a right-to-left language", async () => {
        defineParams({ lang_parameters: { direction: "rtl" } });
        await mountInvoice(walletData());
        expect(queryOne(".o_customer_wallet_balance strong").textContent).toBe(
            "\u2068$\u00a0120.00\u2069"
        );
        expect(".o_customer_wallet_contact bdi[dir=ltr]").toHaveCount(2);
    });

    test("the entry opens with a click on its name", async () => {
        mockService("action", {
            doAction(action) {
                expect.step(`${action.res_model} ${action.res_id}`);
            },
        });
        await mountInvoice(paidData());
        await contains(".o_customer_wallet_entry").click();
        expect.verifySteps(["account.move 99"]);
    });
});

describe("top-up", () => {
    const context = { default_partner_id: 7, default_amount: 80 };

    test("opens with what the wallet lacks, then the section is up to date", async () => {
        mockService("action", {
            doAction(action, { additionalContext, onClose }) {
                expect.step(`${action} ${additionalContext.default_amount}`);
                MockServer.env["account.move"].write([1], { wallet_widget: walletData() });
                return onClose();
            },
        });
        const empty = { balance: 0, allocatable: 0, can_allocate: false, wallets: [] };
        await mountInvoice(walletData({ ...empty, top_up: context }));
        expect(".o_customer_wallet_pay").toHaveCount(0);
        await contains(".o_customer_wallet_top_up").click();
        expect.verifySteps(["customer_wallet.action_wallet_top_up 80"]);
        await animationFrame();
        expect(".o_customer_wallet_pay").toHaveCount(1);
    });

    test("is not offered where the server says nothing of it", async () => {
        await mountInvoice(walletData({ top_up: false }));
        expect(".o_customer_wallet_top_up").toHaveCount(0);
    });
});

describe("one click", () => {
    test("pays, and the section is up to date", async () => {
        onAllocate();
        await mountInvoice(walletData());
        await contains(".o_customer_wallet_pay").click();
        expect.verifySteps(["allocate [[1]]"]);
        expect(".o_notification").toHaveText(
            /\$\s80\.00 paid from the wallet\. The wallet now holds \$\s40\.00\./
        );
        expect(".o_customer_wallet_balance").toHaveText(/\$\s40\.00/);
        expect(".o_customer_wallet_payments li").toHaveCount(1);
        expect(".o_customer_wallet_pay").toHaveCount(0);
    });

    test("a double click pays once", async () => {
        onAllocate();
        await mountInvoice(walletData());
        await dblclick(".o_customer_wallet_pay");
        await animationFrame();
        expect.verifySteps(["allocate [[1]]"]);
    });

    test("buttons are disabled while the server works", async () => {
        const answer = new Deferred();
        onRpc("account.move", "action_allocate_wallet", async () => {
            expect.step("allocate");
            await answer;
            return true;
        });
        await mountInvoice(walletData());
        await contains(".o_customer_wallet_pay").click();
        expect(".o_customer_wallet_pay").not.toBeEnabled();
        expect(".o_customer_wallet_other").not.toBeEnabled();
        answer.resolve();
        await animationFrame();
        await animationFrame();
        expect(".o_customer_wallet_pay").toBeEnabled();
        expect.verifySteps(["allocate"]);
    });

    test("unsaved changes of the form are saved first", async () => {
        onRpc("account.move", "web_save", ({ args }) => {
            expect.step(`save ${args[1].ref}`);
        });
        onAllocate();
        await mountInvoice(walletData());
        await contains("[name=ref] input").edit("second");
        await contains(".o_customer_wallet_pay").click();
        expect.verifySteps(["save second", "allocate [[1]]"]);
    });

    test("nothing is paid when the form cannot be saved", async () => {
        AccountMove._views.form = `
            <form>
                <field name="ref" required="1"/>
                <field name="wallet_widget" widget="customer_wallet"/>
            </form>`;
        onAllocate();
        await mountInvoice(walletData());
        await contains("[name=ref] input").clear();
        await contains(".o_customer_wallet_pay").click();
        expect.verifySteps([]);
        expect(".o_customer_wallet_pay").toBeEnabled();
    });

    test("a refusal of the server is shown and changes nothing", async () => {
        expect.errors(1);
        onRpc("account.move", "action_allocate_wallet", () => {
            throw makeServerError({ message: "The wallet is empty by now." });
        });
        await mountInvoice(walletData());
        await contains(".o_customer_wallet_pay").click();
        await animationFrame();
        expect.verifyErrors(["The wallet is empty by now."]);
        expect(".modal").toHaveText(/The wallet is empty by now\./);
        expect(".o_customer_wallet_balance").toHaveText(/\$\s120\.00/);
        expect(".o_customer_wallet_pay").toBeEnabled();
    });

    test("an answer that got lost is asked for by the same key", async () => {
        const keys = [];
        onRpc(
            "/web/dataset/call_kw/account.move/action_allocate_wallet",
            async (request) => {
                const { params } = await request.json();
                keys.push(params.kwargs.context.wallet_request_key);
                return keys.length === 1
                    ? new Response("", { status: 502 })
                    : new Response(JSON.stringify({ result: true }));
            },
            { pure: true }
        );
        patchWithCleanup(WalletField.prototype, {
            async callInvoice() {
                try {
                    return await super.callInvoice(...arguments);
                } catch (error) {
                    expect.step(error.constructor.name);
                    return false;
                }
            },
        });
        await mountInvoice(walletData());
        for (let click = 0; click < 3; click++) {
            await contains(".o_customer_wallet_pay").click();
            await animationFrame();
        }
        expect.verifySteps(["ConnectionLostError"]);
        expect(keys).toHaveLength(3);
        expect(keys[0]).toMatch(/^[0-9a-f-]{16,}$/);
        expect(keys[1]).toBe(keys[0]);
        expect(keys[2]).not.toBe(keys[0]);
    });
});

describe("another amount", () => {
    test("proposes what one click would pay, ready to be typed over", async () => {
        await mountInvoice(walletData());
        await openOtherAmount();
        expect(amountSelector).toHaveValue("80.00");
        expect(amountSelector).toBeFocused();
        expect(noteSelector).toHaveText(/At most \$\s80\.00/);
        expect(".o_customer_wallet_other").toHaveCount(0);
    });

    test("pays the amount that was typed", async () => {
        onAllocate(walletData({ balance: 94.5, residual: 54.5, allocatable: 54.5 }));
        await mountInvoice(walletData());
        await openOtherAmount();
        await payOtherAmount("25.50");
        expect.verifySteps(["allocate [[1]] 25.5"]);
        expect(amountSelector).toHaveCount(0);
        expect(".o_customer_wallet_pay").toHaveText(/54\.50/);
    });

    test("Enter confirms", async () => {
        onAllocate();
        await mountInvoice(walletData());
        await openOtherAmount();
        await contains(amountSelector).edit("30", { confirm: false });
        await press("Enter");
        await animationFrame();
        expect.verifySteps(["allocate [[1]] 30"]);
    });

    test("Escape closes and gives the focus back", async () => {
        onAllocate();
        await mountInvoice(walletData());
        await openOtherAmount();
        await press("Escape");
        await animationFrame();
        expect(amountSelector).toHaveCount(0);
        expect(".o_customer_wallet_other").toBeFocused();
        expect.verifySteps([]);
    });

    test("a double click on Pay pays once", async () => {
        onAllocate();
        await mountInvoice(walletData());
        await openOtherAmount();
        await dblclick(".o_customer_wallet_amount_confirm");
        await animationFrame();
        expect.verifySteps(["allocate [[1]] 80"]);
    });

    test("is written as the user's language writes it", async () => {
        defineParams({ lang_parameters: { decimal_point: ",", thousands_sep: "." } });
        onAllocate();
        await mountInvoice(walletData({ balance: 5000, residual: 2000, allocatable: 2000 }));
        await openOtherAmount();
        expect(amountSelector).toHaveValue("2.000,00");
        await payOtherAmount("$ 1.234,50");
        expect.verifySteps(["allocate [[1]] 1234.5"]);
    });

    test("may be written in Arabic digits", async () => {
        onAllocate();
        await mountInvoice(walletData());
        await openOtherAmount();
        await payOtherAmount("٢٥٫٥");
        expect.verifySteps(["allocate [[1]] 25.5"]);
    });

    test.tags("desktop");
    test("is refused in words before anything is sent", async () => {
        onAllocate();
        await mountInvoice(walletData({ balance: 60, allocatable: 60 }));
        await openOtherAmount();
        const refusals = [];
        for (const text of ["", "abc", "0", "-5", "10.005", "80.01", "60.01"]) {
            await payOtherAmount(text);
            expect(amountSelector).toHaveAttribute("aria-invalid", "true");
            refusals.push(plain(queryOne(noteSelector).textContent));
        }
        expect(refusals).toEqual([
            "Enter an amount, for example $ 60.00.",
            "Enter an amount, for example $ 60.00.",
            "The amount must be greater than zero.",
            "The amount must be greater than zero.",
            "Amounts in USD have at most 2 decimals.",
            "Only $ 60.00 is available in the wallet.",
            "Only $ 60.00 is available in the wallet.",
        ]);
        expect.verifySteps([]);
        expect(".o_dialog").toHaveCount(0);
    });

    test("names what is due when the wallet holds more", async () => {
        onAllocate();
        await mountInvoice(walletData({ balance: 120 }));
        await openOtherAmount();
        for (const text of ["80.01", "120.01"]) {
            await payOtherAmount(text);
            expect(plain(queryOne(noteSelector).textContent)).toBe(
                "Only $ 80.00 is still due on this invoice."
            );
        }
        expect.verifySteps([]);
    });

    test("has no decimals in a currency without decimals", async () => {
        serverState.currencies = [
            ...serverState.currencies,
            { id: JPY, name: "JPY", position: "before", symbol: "¥", digits: [69, 0] },
        ];
        onAllocate();
        await mountInvoice(
            walletData({
                currency_id: JPY,
                balance: 12000,
                residual: 8000,
                allocatable: 8000,
                wallets: [
                    { id: 3, currency_id: JPY, balance: 12000, amount: 12000, converted: false },
                ],
            })
        );
        await openOtherAmount();
        expect(amountSelector).toHaveValue("8,000");
        await payOtherAmount("100.5");
        expect(noteSelector).toHaveText("Amounts in JPY have no decimals.");
        await payOtherAmount("1,100");
        expect.verifySteps(["allocate [[1]] 1100"]);
    });

    test("the last cent of an awkward sum is accepted", async () => {
        onAllocate();
        await mountInvoice(walletData({ residual: 0.1 + 0.2, balance: 0.3, allocatable: 0.3 }));
        await openOtherAmount();
        await payOtherAmount("0.30");
        expect.verifySteps(["allocate [[1]] 0.3"]);
    });
});

describe("undo", () => {
    function onUndo() {
        onRpc("account.move", "action_unallocate_wallet", function ({ args }) {
            expect.step(`undo ${JSON.stringify(args)}`);
            this.env["account.move"].write([1], { wallet_widget: walletData() });
            return true;
        });
    }

    test("asks first, then the section is up to date", async () => {
        onUndo();
        await mountInvoice(paidData());
        await contains(".o_customer_wallet_undo").click();
        expect(".modal-title").toHaveText("Undo this payment?");
        expect(".modal-body").toHaveText(/\$\s80\.00 .*WALL\/2026\/0001/s);
        await contains(".modal-footer .btn-primary").click();
        expect.verifySteps(["undo [[1],55]"]);
        expect(".o_notification").toHaveText(/\$\s80\.00 is back in the wallet\./);
        expect(".modal").toHaveCount(0);
        expect(".o_customer_wallet_payments").toHaveCount(0);
        expect(".o_customer_wallet_pay").toHaveText(/\$\s80\.00/);
    });

    test("does nothing when the user thinks better of it", async () => {
        onUndo();
        await mountInvoice(paidData());
        await contains(".o_customer_wallet_undo").click();
        await contains(".modal-footer .btn-secondary").click();
        expect(".modal").toHaveCount(0);
        expect(".o_customer_wallet_payments li").toHaveCount(1);
        expect.verifySteps([]);
    });

    test("a double click on the confirmation undoes once", async () => {
        onUndo();
        await mountInvoice(paidData());
        await contains(".o_customer_wallet_undo").click();
        await dblclick(".modal-footer .btn-primary");
        await animationFrame();
        expect.verifySteps(["undo [[1],55]"]);
    });
});

/** The text with ordinary single blanks. */
function plain(text) {
    return text.replace(/[\s\u00a0]+/g, " ").trim();
}

describe("on a credit note", () => {
    const refundData = (values = {}) =>
        walletData({ is_refund: true, balance: 20, frozen: true, ...values });

    test("the button moves what is open, also into a frozen wallet", async () => {
        onRpc("account.move", "action_refund_to_wallet", ({ args }) => {
            expect.step(`refund ${JSON.stringify(args)}`);
            return true;
        });
        await mountInvoice(refundData());
        expect(".o_customer_wallet_frozen").toHaveCount(0);
        expect(".o_customer_wallet_pay").toHaveText(/To the wallet: \$\s80\.00/);
        await contains(".o_customer_wallet_pay").click();
        expect.verifySteps(["refund [[1]]"]);
    });

    test("another amount is at most what is open", async () => {
        onRpc("account.move", "action_refund_to_wallet", ({ kwargs }) => {
            expect.step(`refund ${kwargs.amount}`);
            return true;
        });
        await mountInvoice(refundData({ available: 80 }));
        await openOtherAmount();
        expect(".o_customer_wallet_amount label").toHaveText("Amount to move to the wallet");
        await payOtherAmount("80.01");
        expect(noteSelector).toHaveText(/Only \$\s80\.00 is open on this credit note/);
        await payOtherAmount("30");
        expect.verifySteps(["refund 30"]);
    });

    test("undo says what becomes of the credit note", async () => {
        onRpc("account.move", "action_unallocate_wallet", ({ args }) => {
            expect.step(`undo ${JSON.stringify(args)}`);
            return true;
        });
        const [payment] = paidData().payments;
        await mountInvoice(refundData({ can_allocate: false, payments: [payment] }));
        expect(".o_customer_wallet_payments li").toHaveText(/To the wallet on/);
        await contains(".o_customer_wallet_undo").click();
        expect(".modal-body").toHaveText(/taken out of the customer's wallet/);
        await contains(".modal-footer .btn-primary").click();
        expect.verifySteps(["undo [[1],55]"]);
    });
});
