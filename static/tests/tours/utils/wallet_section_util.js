// Steps on the section *Customer Wallet* of the invoice form.

export function balanceIs(amount) {
    return {
        content: `The wallet holds ${amount}`,
        trigger: `.o_customer_wallet_balance:contains("${amount}")`,
    };
}

export function contactIs(phone, email) {
    return {
        content: "The customer's phone and email are shown",
        trigger: `.o_customer_wallet_contact:contains("${phone}"):contains("${email}")`,
    };
}

export function pay(amount, content = `Pay ${amount} from the wallet`) {
    return {
        content,
        trigger: `.o_customer_wallet_pay:enabled:contains("${amount}") .o_customer_wallet_icon`,
        run: "click",
    };
}

export function payOtherAmount(amount) {
    return [
        {
            content: "Take another amount",
            trigger: ".o_customer_wallet_other:enabled",
            run: "click",
        },
        {
            content: `Type ${amount}`,
            trigger: ".o_customer_wallet_amount input",
            run: `edit ${amount} && press Enter`,
        },
        {
            content: "The payment is done",
            trigger: ".o_customer_wallet:not(:has(.o_customer_wallet_amount))",
        },
    ];
}

export function refusesOtherAmount(amount, message) {
    return [
        {
            content: "Take another amount",
            trigger: ".o_customer_wallet_other:enabled",
            run: "click",
        },
        {
            content: `Type ${amount}`,
            trigger: ".o_customer_wallet_amount input",
            run: `edit ${amount}`,
        },
        {
            content: "Press Pay",
            trigger: ".o_customer_wallet_amount_confirm:enabled",
            run: "click",
        },
        {
            content: "It is refused in words",
            trigger: `#customer_wallet_amount_note.text-danger:contains("${message}")`,
        },
        {
            content: "Think better of it",
            trigger: ".o_customer_wallet_amount_cancel:enabled",
            run: "click",
        },
    ];
}

export function hasPaid(amount) {
    return {
        content: `The section lists the payment of ${amount}`,
        trigger: `.o_customer_wallet_payments li:contains("${amount}")`,
    };
}

export function hasPaidNothing() {
    return {
        content: "The section lists no payment",
        trigger: ".o_customer_wallet:not(:has(.o_customer_wallet_payments))",
    };
}

export function undoRefund(amount) {
    return undo(amount, "Undo Refund");
}

export function undo(amount, button = "Undo Payment") {
    return [
        {
            content: `Undo what was done with ${amount}`,
            trigger: `.o_customer_wallet_payments li:contains("${amount}") .o_customer_wallet_undo:enabled`,
            run: "click",
        },
        {
            content: "Yes, really",
            trigger: `.modal-footer .btn-primary:contains("${button}")`,
            run: "click",
        },
        {
            content: "The dialog is closed",
            trigger: "body:not(:has(.modal))",
        },
    ];
}

export function dueIs(amount) {
    return {
        content: `${amount} is still due`,
        trigger: `.o_field_widget[name='amount_residual']:contains("${amount}")`,
    };
}

export function invoiceIsPaid() {
    return {
        content: "The invoice is paid",
        trigger: ".o_form_view .ribbon:contains('Paid')",
    };
}

/** Nothing stands outside of a narrow screen, and no text is pressed into a column. */
export function fitsTheScreen() {
    return {
        content: "The section fits the screen",
        trigger: ".o_customer_wallet",
        run() {
            for (const el of this.anchor.querySelectorAll("*")) {
                const { left, right } = el.getBoundingClientRect();
                if (left < 0 || right > window.innerWidth) {
                    throw new Error(`${el.className || el.tagName} is at ${left} to ${right}`);
                }
            }
            for (const el of this.anchor.querySelectorAll("a, button, li")) {
                if (el.offsetHeight > 80) {
                    throw new Error(`"${el.textContent}" is ${el.offsetHeight} px high`);
                }
            }
        },
    };
}

export function isBelowTheTotals() {
    return {
        content: "The section stands below the totals",
        trigger: ".oe_invoice_lines_tab",
        run() {
            const top = (selector) =>
                this.anchor.querySelector(selector).getBoundingClientRect().top;
            if (top(".o_customer_wallet") < top("[name='amount_residual']")) {
                throw new Error("The section stands above the totals.");
            }
        },
    };
}
