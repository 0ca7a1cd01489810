from lxml import html

from odoo import SUPERUSER_ID, Command, http
from odoo.tests import new_test_user

from odoo.addons.account_payment.tests.common import AccountPaymentCommon
from odoo.addons.payment.tests.http_common import PaymentHttpCommon

from .common import WalletCommon


class OnlineTopUpCommon(WalletCommon, AccountPaymentCommon, PaymentHttpCommon):
    """A customer, its contacts and others with a portal login, and a provider that
    says what the test wants.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.currency = cls.company.currency_id
        cls.colleague = cls.env["res.partner"].create(
            {"name": "Omar Haddad", "parent_id": cls.customer.id}
        )
        cls.stranger = cls.env["res.partner"].create({"name": "Somebody Else"})
        for login, partner in (
            ("wallet_owner", cls.customer),
            ("wallet_colleague", cls.colleague),
            ("wallet_stranger", cls.stranger),
        ):
            cls.env["res.users"].create(
                {
                    "name": partner.name,
                    "login": login,
                    "password": login,
                    "partner_id": partner.id,
                    "company_id": cls.company.id,
                    "company_ids": [Command.set(cls.company.ids)],
                    "group_ids": [Command.set(cls.env.ref("base.group_portal").ids)],
                }
            )
        new_test_user(
            cls.env,
            "wallet_staff",
            "account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    # The visitor

    def _login(self, login):
        self.authenticate(login, login)

    def _call_top_up(self, amount=50.0, company=None, currency=None, **params):
        company, currency = company or self.company, currency or self.currency
        params = {
            "landing_route": "/my/wallet",
            "csrf_token": http.Request.csrf_token(self),
            **params,
        }
        return self._start_transaction(
            f"/my/wallet/top_up/{company.id}/{currency.id}/transaction",
            amount,
            **params,
        )

    def _start_transaction(self, route, amount, **params):
        """What Odoo's payment form asks for; by default by card."""
        params = {
            "provider_id": self.provider.id,
            "payment_method_id": self.payment_method_id,
            "token_id": None,
            "amount": amount,
            "flow": "redirect",
            "tokenization_requested": False,
            "is_validation": False,
            **params,
        }
        return self.make_jsonrpc_request(route, params, timeout=60)

    def _transactions(self):
        return (
            self.env["payment.transaction"]
            .sudo()
            .search([("wallet_top_up_partner_id", "!=", False)])
        )

    def _start(self, amount=50.0, login="wallet_owner", **params):
        """Start a top-up in the portal."""
        self._login(login)
        reference = self._call_top_up(amount, **params)["reference"]
        return self._get_tx(reference)

    def _confirm(self, tx):
        """The provider says that it has the money."""
        tx._set_done()
        tx._post_process()
        return tx.payment_id

    def _pay_online(self, amount=50.0, **params):
        tx = self._start(amount, **params)
        self._confirm(tx)
        return tx

    def _refundable(self):
        """Let the provider refund; what it does is in `_send_refund_request`."""
        self.patch(self.registry["payment.provider"], "support_refund", "partial")

    def _page(self):
        response = self.url_open("/my/wallet", timeout=60)
        self.assertEqual(response.status_code, 200)
        return response.text


class PortalCommon(OnlineTopUpCommon):
    def _post(self, url, csrf=True, **data):
        if csrf:
            data.setdefault("csrf_token", http.Request.csrf_token(self))
        return self.url_open(url, data=data, method="POST", timeout=60)

    def _get(self, url, **params):
        response = self.url_open(url, params=params, timeout=60)
        self.assertEqual(response.status_code, 200, url)
        return response.text

    def _pay_from_wallet(self, invoice, login):
        provider = self.env["payment.provider"]._find_wallet_provider(self.company)
        provider.write({"state": "enabled", "is_published": True})
        user = self.env["res.users"].search([("login", "=", login)])
        tx = self._create_transaction(
            "redirect",
            amount=invoice.amount_residual,
            partner_id=user.partner_id.id,
            invoice_ids=[Command.set(invoice.ids)],
            provider_id=provider.id,
            payment_method_id=provider.payment_method_ids.id,
        ).with_user(user)
        tx.sudo()._process("wallet", {})
        tx.sudo()._post_process()
        self.env.flush_all()

    def _text(self, page, selector):
        """What the page says in these places, without blanks.

        :param str selector: tags, .classes and #ids, with blanks between levels
        """
        path = "".join(f"//{self._to_xpath(part)}" for part in selector.split())
        return [
            " ".join(element.text_content().replace("\ufeff", "").split())
            for element in html.fromstring(page).xpath(path)
        ]

    def _to_xpath(self, part):
        tag, *classes = part.split(".")
        name, _mark, element_id = tag.partition("#")
        return (
            (name or "*")
            + (f"[@id='{element_id}']" if element_id else "")
            + "".join(
                f"[contains(concat(' ', @class, ' '), ' {name} ')]" for name in classes
            )
        )


class PayingOnlineCommon(OnlineTopUpCommon):
    """A customer who is logged in, with money in the wallet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wallet_provider = cls.env["payment.provider"].search(
            [("code", "=", "wallet"), ("company_id", "=", cls.company.id)]
        )
        # Odoo's own tests begin with no way to pay.
        cls.wallet_method = cls.wallet_provider.payment_method_ids
        cls.owner_user = cls.env["res.users"].search([("login", "=", "wallet_owner")])
        cls.stranger_user = cls.env["res.users"].search(
            [("login", "=", "wallet_stranger")]
        )
        cls._top_up(200)

    def tearDown(self):
        """Whatever was done, the nightly check finds nothing."""
        self.assertEqual(self._find_differences(), [])
        super().tearDown()

    def _find_differences(self):
        Check = self.env["customer.wallet.check"].sudo()
        return Check._find_differences(self.company.root_id)

    def _start_paying(self, invoices, amount=None, user=None, **vals):
        user = user or self.owner_user
        tx = self._create_transaction(
            "redirect",
            amount=amount or sum(invoices.mapped("amount_residual")),
            currency_id=(invoices[:1].currency_id or self.currency).id,
            partner_id=user.partner_id.id,
            invoice_ids=invoices.ids,
            provider_id=self.wallet_provider.id,
            payment_method_id=self.wallet_method.id,
            reference=f"wallet {len(self.env['payment.transaction'].search([]))}",
            **vals,
        )
        return tx.with_user(user).sudo()

    def _press_pay(self, tx):
        """The customer is sent to the wallet, and comes back to Odoo's page."""
        tx._process("wallet", {"reference": tx.reference})
        tx._post_process()
        self.env.flush_all()
        return tx.payment_id.sudo()

    def _pay_online_with_wallet(self, invoices, amount=None, **vals):
        tx = self._start_paying(invoices, amount, **vals)
        payment = self._press_pay(tx)
        self.assertEqual((tx.state, tx.state_message or ""), ("done", ""))
        return payment

    def _refund(self, payment, amount):
        tx = payment.payment_transaction_id.with_user(self.env.user).sudo()
        refund = tx._refund(amount_to_refund=amount)
        refund._post_process()
        self.env.flush_all()
        return refund

    def _credit_to_wallet(self, invoice, amount):
        """A credit note of a part of an invoice, whose money goes to the wallet."""
        credit_note = invoice.with_env(self.env)._reverse_moves()
        credit_note.invoice_line_ids.price_unit = amount
        credit_note.action_post()
        credit_note.action_refund_to_wallet()
        self.env.flush_all()
        return credit_note

    def assertNotPaid(self, tx, invoice, message=None):
        self.assertEqual(tx.state, "error")
        if message:
            self.assertIn(message, tx.state_message)
        self.assertFalse(tx.payment_id)
        self.assertEqual(invoice.amount_residual, invoice.amount_total)


class PayingPagesCommon(PayingOnlineCommon):
    def _get_form(self, url):
        response = self.url_open(url, timeout=60)
        self.assertEqual(response.status_code, 200)
        return html.fromstring(response.text)

    def _is_offered(self, page):
        return bool(page.xpath("//input[@data-provider-code='wallet']"))

    def _get_notice(self, page):
        return " ".join(page.xpath("//div[@name='o_wallet_notice']//text()")).strip()

    def _get_after(self, page, tab="full"):
        return self._text_of(page, f"//*[contains(@class, 'o_wallet_after_{tab}')]")

    def _text_of(self, page, path):
        return [" ".join(node.text_content().split()) for node in page.xpath(path)]

    def _open_invoice(self, invoice, **params):
        """The page of an invoice, with the dialog *Pay* open."""
        query = "&".join(f"{name}={value}" for name, value in params.items())
        return self._get_form(f"/my/invoices/{invoice.id}?payment=True&{query}")

    def _get_amount_to_pay(self, page):
        """What *Pay Now* of the dialog sends first: an installment, or all."""
        (form,) = page.xpath("//form[@id='o_payment_form']")
        if page.xpath("//*[@id='o_payment_installments_tab']"):
            return float(form.get("data-invoice-next-amount-to-pay"))
        return float(form.get("data-amount"))

    def _pay_on_page(self, invoice, amount):
        """Press *Pay Now*, and come back as Odoo's page does."""
        tx = self._get_tx(self._start_on_invoice(invoice, amount)["reference"])
        self._submit(tx.reference)
        tx._post_process()
        self.env.invalidate_all()
        return tx

    def _start_on_invoice(self, invoice, amount=None, **params):
        params = {
            "landing_route": invoice.get_portal_url(),
            "access_token": invoice._portal_ensure_token(),
            **params,
        }
        return self._start_by_wallet(
            f"/invoice/transaction/{invoice.id}",
            amount or invoice.amount_residual,
            **params,
        )

    def _start_by_wallet(self, route, amount, **params):
        params = {
            "provider_id": self.wallet_provider.id,
            "payment_method_id": self.wallet_method.id,
            **params,
        }
        return self._start_transaction(route, amount, **params)

    def _submit(self, reference, csrf=True):
        """What the form does to which Odoo sends the customer."""
        token = http.Request.csrf_token(self) if csrf else "0"
        return self.url_open(
            "/payment/wallet/pay",
            data={"reference": reference, "csrf_token": token},
            timeout=60,
            allow_redirects=False,
        )


class RecurringCommon(PayingOnlineCommon):
    """A customer who lets the wallet pay a subscription."""

    def _allow(self, limit, user=None, wallet=None):
        user = user or self.owner_user
        wallet = (wallet or self._wallet()).with_user(user).sudo()
        wallet._allow_recurring_charges(limit)
        self.env.invalidate_all()
        return wallet.recurring_token_ids.with_env(self.env).sudo()

    def _subscribe(self, amount, **vals):
        """The invoice of a period, which is charged before it is confirmed."""
        return self._invoice(amount, post=False, **vals)

    def _prepare_charge(self, token, invoices, **vals):
        """As subscription_oca does it in its scheduled action, as OdooBot."""
        Transaction = self.env(user=SUPERUSER_ID)["payment.transaction"]
        return Transaction.create(
            {
                "provider_id": token.provider_id.id,
                "payment_method_id": token.payment_method_id.id,
                "token_id": token.id,
                "operation": "offline",
                "reference": Transaction._compute_reference("wallet", prefix="SUB"),
                "amount": sum(invoices.mapped("amount_total")),
                "currency_id": invoices.currency_id.id,
                "partner_id": invoices.partner_id.id,
                "invoice_ids": [Command.set(invoices.ids)],
                **vals,
            }
        )

    def _charge(self, token, invoices, **vals):
        tx = self._prepare_charge(token, invoices, **vals)
        tx._send_payment_request()
        if tx.state == "done":
            tx._post_process()
        self.env.flush_all()
        return tx.with_env(self.env)

    def assertCharged(self, tx):
        self.assertEqual((tx.state, tx.state_message or ""), ("done", ""))
        self.assertEqual(tx.invoice_ids.payment_state, "paid")

    def assertChargeRefused(self, tx, message):
        self.assertEqual(tx.state, "error")
        self.assertIn(message, tx.state_message.replace("\xa0", " "))
        self.assertFalse(tx.payment_id)
        self.assertFalse(tx._get_wallet_items())

    def _get_notes(self, wallet=None):
        notes = " ".join((wallet or self._wallet()).message_ids.mapped("body"))
        return notes.replace("&nbsp;", " ")
