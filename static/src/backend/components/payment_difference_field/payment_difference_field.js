import { registry } from "@web/core/registry";
import { RadioField, radioField } from "@web/views/fields/radio/radio_field";

/**
 * What to do with the difference of a payment: offers what the server says is possible,
 * so that only a payment that leaves something over can be kept in the wallet.
 */
export class PaymentDifferenceField extends RadioField {
    get items() {
        const choices = this.props.record.data.payment_difference_choices || [];
        return super.items.filter(([value]) => choices.includes(value) || value === this.value);
    }
}

registry.category("fields").add("customer_wallet_payment_difference", {
    ...radioField,
    component: PaymentDifferenceField,
    fieldDependencies: [{ name: "payment_difference_choices", type: "json" }],
});
