"""A customer with a browser on one of Odoo's payment forms."""

from lxml import html

from .calling import Refused

DEMO_DETAILS = {"payment_details": "1234", "simulated_state": "done"}


class OnlinePayment:
    """A payment that was begun on a form, and can be sent several times."""

    def __init__(self, client, path, by_card=False):
        """
        :param Client client: the customer
        :param str path: of the page with the form
        :param bool by_card: whether the wallet pays a part in the web shop, and the
            provider *Demo* the rest; otherwise the wallet pays all
        """
        self._client = client
        self._by_card = by_card
        page = client.page(path)
        if by_card:
            fields = {"use": "1", "csrf_token": _find_token(page)}
            page = client.page("/shop/payment/wallet", fields)
        form = _find(page, "id", "o_payment_form")
        option = _find(page, "data-provider-code", "demo" if by_card else "wallet")
        params = {
            "provider_id": int(option["data-provider-id"]),
            "payment_method_id": int(option["data-payment-option-id"]),
            "token_id": None,
            "amount": float(form["data-amount"]),
            "flow": "direct" if by_card else "redirect",
            "tokenization_requested": False,
            "landing_route": form["data-landing-route"],
            "is_validation": False,
            "access_token": form["data-access-token"],
        }
        self._values = client.ask(form["data-transaction-route"], params)
        self.reference = self._values["reference"]

    def pay(self, **options):
        """Send what the form of the wallet sends, or what the provider tells Odoo when
        a card was charged; then wait, as the browser does.

        :return: str, the state of the payment
        """
        sent = {"reference": self.reference}
        if self._by_card:
            path = "/payment/demo/simulate_payment"
            self._client.ask(path, {**sent, **DEMO_DETAILS}, **options)
        else:
            sent["csrf_token"] = _find_token(self._values["redirect_form_html"])
            self._client.page("/payment/wallet/pay", sent, **options)
        return self._client.ask("/payment/status/poll", {})["state"]


def _find_token(page):
    return _find(page, "name", "csrf_token")["value"]


def _find(page, name, value):
    """
    :return: the attributes of the first element of a page in which one has this value
    """
    for element in html.fromstring(page).xpath(f"//*[@{name}=$value]", value=value):
        return element.attrib
    raise Refused("the page", "nothing to pay with", f"it has no {name} {value}")
