const DIALOG = ".modal:not(.o_inactive_modal)";

export function balanceIs(amount) {
    return [
        {
            content: `The balance is ${amount}`,
            trigger: `.o_wallet_dashboard_balance:contains("${amount}")`,
        },
    ];
}

export function pressInForm(label) {
    return [
        {
            content: "The dialog is closed",
            trigger: "body:not(:has(.modal))",
        },
        {
            isActive: [`body:has(.o_statusbar_buttons .o_statusbar_button_dropdown_item)`],
            content: "On a small screen the buttons are in a menu",
            trigger: ".o_statusbar_buttons > button, .o_statusbar_buttons .dropdown-toggle",
            run: "click",
        },
        {
            content: `Press ${label}`,
            trigger: `.o_statusbar_buttons button:contains(/^${label}$/), .o-dropdown--menu button:contains(/^${label}$/)`,
            run: "click",
        },
    ];
}

export function open(label) {
    return [
        pressInForm(label),
        { content: "The dialog is open", trigger: `${DIALOG} .o_form_view` },
    ].flat();
}

export function fill(field, value) {
    return [
        {
            content: `Enter ${value}`,
            trigger: `${DIALOG} .o_field_widget[name='${field}'] input`,
            run: `edit ${value}`,
        },
    ];
}

export function press(label) {
    return [
        {
            content: `Press ${label} in the dialog`,
            trigger: `${DIALOG} footer button.btn-primary:contains(/^${label}$/)`,
            run: "click",
        },
    ];
}

export function confirm(label) {
    return [
        press(label),
        { content: "The dialog closes", trigger: "body:not(:has(.modal))" },
    ].flat();
}

export function isRefused(text) {
    return [
        {
            content: `It is refused: ${text}`,
            trigger: `.o_error_dialog:contains("${text}")`,
        },
        {
            content: "Close the message",
            trigger: ".o_error_dialog footer button",
            run: "click",
        },
        { content: "The message is gone", trigger: "body:not(:has(.o_error_dialog))" },
    ];
}

export function historyHas(text) {
    return [
        {
            content: `The history has ${text}`,
            trigger: `.o_wallet_movement:contains("${text}")`,
        },
    ];
}

export function openHistory() {
    return [
        {
            content: "Open the history",
            trigger: "button[name='action_view_movements']",
            run: "click",
        },
    ];
}

export function undo(text) {
    return [
        {
            content: `Undo ${text}`,
            trigger: `.o_data_row:contains("${text}") button[name='action_undo']`,
            run: "click",
        },
        { content: "The dialog is open", trigger: `${DIALOG} .o_form_view` },
    ];
}

export function backToWallet() {
    return [
        {
            content: "Back to the wallet",
            trigger: ".o_back_button a",
            run: "click",
        },
    ];
}

export function chatterHas(text) {
    return [
        {
            content: `The chatter says ${text}`,
            trigger: `.o-mail-Message:contains("${text}")`,
        },
    ];
}

export function isTold(text) {
    return [{ content: text, trigger: `.o_notification:contains("${text}")` }];
}
