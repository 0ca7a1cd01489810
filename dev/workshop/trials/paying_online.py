"""A customer who pays an invoice with the wallet, on Odoo's own payment page."""

import html
import re

from .calling import Unanswered

PAYMENT_FORM = re.compile(r'<form[^>]*id="o_payment_form"[^>]*>')
WALLET = re.compile(r'<input[^>]*data-provider-code="wallet"[^>]*>')
ANSWER = re.compile(
    r'alert alert-(\w+).{,900}?id="o_payment_status_message"[^>]*>(.*?)</div>',
    re.DOTALL,
)


def start_paying(client, invoice_id, amount):
    """Choose the wallet and press *Pay Now*.

    :return: dict, the form by which the customer is sent to the wallet
    """
    page = client.page(f"/my/invoices/{invoice_id}")
    form, option = PAYMENT_FORM.search(page)[0], WALLET.search(page)[0]
    values = client.ask(
        _read(form, "data-transaction-route"),
        {
            "provider_id": int(_read(option, "data-provider-id")),
            "payment_method_id": int(_read(option, "data-payment-option-id")),
            "token_id": None,
            "amount": amount,
            "flow": "redirect",
            "tokenization_requested": False,
            "landing_route": _read(form, "data-landing-route"),
            "is_validation": False,
            "access_token": _read(form, "data-access-token"),
        },
    )
    inputs = re.findall(r"<input[^>]*>", values["redirect_form_html"])
    return {_read(it, "name"): _read(it, "value") for it in inputs}


def pay(client, form, **options):
    """Be sent to the wallet.

    :param options: `seconds`, after which the client waits no longer
    :return: tuple of str, Bootstrap's colour and text of what the customer reads
    :raises Unanswered: there was no answer, or none that says anything
    """
    page = client.page("/payment/wallet/pay", form, **options)
    found = ANSWER.search(page)
    if not found:
        raise Unanswered(f"the page says nothing: {page[:200]}")
    client.ask("/payment/status/poll", {})
    return found[1], html.unescape(re.sub(r"<[^>]+>", "", found[2])).strip()


def _read(tag, name):
    return html.unescape(re.search(rf'\b{name}="([^"]*)"', tag)[1])
