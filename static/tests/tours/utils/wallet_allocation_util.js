// Steps in the dialog *Allocate Wallet*.

const DIALOG = ".modal .o_wallet_allocation";

export function open() {
    return [
        {
            content: "Allocate",
            trigger: "button[name='action_open_wallet_allocation']",
            run: "click",
        },
        {
            content: "The open invoices are listed",
            trigger: `${DIALOG} .o_data_row`,
        },
    ];
}

export function amountsAre(...amounts) {
    return amounts.map((amount, index) => ({
        content: `${amount} is proposed on invoice ${index + 1}`,
        trigger: `${DIALOG} .o_data_row:eq(${index}) td[name='amount']:contains("${amount}")`,
    }));
}

export function remains(amount) {
    return {
        content: `${amount} remains in the wallet`,
        trigger: `${DIALOG} .o_field_widget[name='remaining']:contains("${amount}")`,
    };
}

export function pay(number, amount) {
    const cell = `${DIALOG} .o_data_row:eq(${number - 1}) td[name='amount']`;
    return [
        {
            content: `Choose the amount of invoice ${number}`,
            trigger: cell,
            run: "click",
        },
        {
            content: `Pay ${amount}`,
            trigger: `${cell} input`,
            run: `edit ${amount}`,
        },
        {
            content: "Leave the line",
            trigger: `${DIALOG} [name='partner_id']`,
            run: "click",
        },
    ];
}

export function cannotBePaid() {
    return {
        content: "It is said that this is too much, and there is nothing to press",
        trigger: `.modal:not(:has(button[name='action_allocate'])) .o_wallet_allocation [role='alert']:visible`,
    };
}

export function clearAll() {
    return {
        content: "Clear all",
        trigger: `${DIALOG} button[name='action_clear']`,
        run: "click",
    };
}

export function oldestFirst() {
    return {
        content: "Propose again",
        trigger: `${DIALOG} button[name='action_propose']`,
        run: "click",
    };
}

export function confirm() {
    return [
        {
            content: "Pay from the wallet",
            trigger: ".modal button[name='action_allocate']",
            run: "click",
        },
        {
            content: "The dialog is closed",
            trigger: "body:not(:has(.modal))",
        },
    ];
}

export function balanceIs(amount) {
    return {
        content: `The wallet holds ${amount}`,
        trigger: `.o_wallet_dashboard_balance:contains("${amount}")`,
    };
}
