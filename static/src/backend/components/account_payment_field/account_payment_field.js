import { AccountPaymentField } from "@account/components/account_payment_field/account_payment_field";
import { patch } from "@web/core/utils/patch";

patch(AccountPaymentField.prototype, {
    /** What the section of the wallet lists, and undoes, is not listed twice. */
    getInfo() {
        const info = super.getInfo();
        const section = this.props.record.data.wallet_widget;
        if (info.outstanding || !section || section.state === "draft") {
            return info;
        }
        const undoable = section.payments.filter((payment) => payment.can_undo);
        const shown = new Set(undoable.map((payment) => payment.move_id));
        return { ...info, lines: info.lines.filter((line) => !shown.has(line.move_id)) };
    },
});
