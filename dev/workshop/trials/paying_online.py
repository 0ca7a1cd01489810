"""A customer with a browser on one of Odoo's payment forms."""

from lxml import html

DEMO_DETAILS = {"payment_details": "1234", "simulated_state": "done"}


def find(page, name, value):
    """
    :return: the attributes of the first element of a page in which one has this value
    :raises LookupError: the page has none
    """
    for element in html.fromstring(page).xpath(f"//*[@{name}=$value]", value=value):
        return element.attrib
    raise LookupError(f"the page has no {name} {value}")


class OnlinePayment:
    """A payment that was begun on a form, and can be sent several times."""

    def __init__(self, client, path, code, flow="redirect"):
        """
        :param Client client: the customer
        :param str path: of the page with the form
        :param str code: of the provider
        """
        self._client = client
        page = client.page(path)
        form = find(page, "id", "o_payment_form")
        option = find(page, "data-provider-code", code)
        params = {
            "provider_id": int(option["data-provider-id"]),
            "payment_method_id": int(option["data-payment-option-id"]),
            "token_id": None,
            "amount": float(form["data-amount"]),
            "flow": flow,
            "tokenization_requested": False,
            "landing_route": form["data-landing-route"],
            "is_validation": False,
            "access_token": form["data-access-token"],
        }
        self._values = client.ask(form["data-transaction-route"], params)
        self.reference = self._values["reference"]

    def pay_with_wallet(self, **options):
        """Send what the form of the wallet sends."""
        token = find(self._values["redirect_form_html"], "name", "csrf_token")["value"]
        fields = {"reference": self.reference, "csrf_token": token}
        self._client.page("/payment/wallet/pay", fields, **options)

    def pay_with_card(self):
        """What the provider *Demo* tells Odoo when a card was charged."""
        vals = {"reference": self.reference, **DEMO_DETAILS}
        self._client.ask("/payment/demo/simulate_payment", vals)

    def wait(self):
        """Wait on the page with the state, as the browser does.

        :return: str, the state of the last payment that this customer has begun
        """
        return self._poll()["state"]

    def is_told(self, text):
        """
        :return: bool, whether the page on which the customer ends says this
        """
        page = html.fromstring(self._client.page(self._poll()["landing_route"]))
        return " ".join(text.split()) in " ".join(page.text_content().split())

    def _poll(self):
        return self._client.ask("/payment/status/poll", {})
