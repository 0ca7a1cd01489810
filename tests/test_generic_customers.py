"""Customers who stand for many people have no wallet: the next one would spend it."""

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import WalletCommon
from .till_common import TillWalletCommon


def make_generic(env, customer, module="l10n_ar", name="par_cfa"):
    """Have a customer be the one that a country keeps, whether or not that country is
    installed.
    """
    return env["ir.model.data"].create(
        {
            "module": module,
            "name": name,
            "model": "res.partner",
            "res_id": customer.id,
        }
    )


@tagged("post_install", "-at_install")
class TestGenericCustomers(WalletCommon):
    def test_whoever_stands_for_many_people_gets_no_wallet(self):
        payment = self._pay(50, post=False)
        make_generic(self.env, self.customer)
        self.assertRefused(UserError, payment.action_post, message="Amal Haddad.*many")
        self.assertFalse(self._wallet())

    def test_nobody_with_a_wallet_becomes_one_who_stands_for_many_people(self):
        """By merging: the name of the one in the data goes to the other as well."""
        self._top_up(50)
        many = self.env["res.partner"].create({"name": "Consumidor Final"})
        make_generic(self.env, many)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        for target in (many, self.customer):
            self.assertRefused(
                UserError,
                wizard._merge,
                (many | self.customer).ids,
                target,
                extra_checks=False,
                message="Consumidor Final stands for many people",
            )
        self.assertBalance(50)

    def test_each_country_has_its_own(self):
        for module, name in (
            ("l10n_ar", "par_cfa"),
            ("l10n_cl", "par_cfa"),
            ("l10n_ec", "ec_final_consumer"),
            ("l10n_es", "partner_simplified"),
            ("l10n_pe_pos", "partner_pe_cf"),
            ("l10n_uy", "partner_cfu"),
        ):
            with self.subTest(module):
                customer = self.customer.copy()
                self.assertTrue(customer._filter_wallet_owners())
                if not self.env.ref(f"{module}.{name}", raise_if_not_found=False):
                    make_generic(self.env, customer, module, name)
                    self.assertFalse(customer._filter_wallet_owners())

    def test_somebody_else_of_the_same_name_does_not_count(self):
        make_generic(self.env, self.customer, "another_module")
        self._top_up(50)
        self.assertBalance(50)

    def test_visitors_of_a_website_get_no_wallet(self):
        visitor = self.env.ref("base.public_partner")
        self.assertFalse(visitor._filter_wallet_owners())
        contact = self.env["res.partner"].create(
            {"name": "Somebody", "parent_id": visitor.id}
        )
        self.assertFalse(contact._filter_wallet_owners())

    def test_no_entry_by_hand_makes_a_wallet_for_them(self):
        make_generic(self.env, self.customer)
        self.assertRefused(
            UserError,
            self._enter,
            (self.wallet_account, 0, 50),
            (self.receivable, 50, 0),
            message="many people",
        )

    def test_the_form_does_not_propose_their_wallet(self):
        make_generic(self.env, self.customer)
        payments = self.env["account.payment"].with_context(
            wallet_payment=True, default_partner_type="customer"
        )
        form = Form(payments)
        self.assertTrue(form.is_wallet)
        form.partner_id = self.customer
        self.assertFalse(form.is_wallet)

    def test_a_credit_of_theirs_stays_where_it_is(self):
        make_generic(self.env, self.customer)
        refund = self._invoice(40, move_type="out_refund")
        self.assertRefused(
            UserError, refund.action_refund_to_wallet, message="many people"
        )


@tagged("post_install", "-at_install")
class TestGenericCustomersAtTheTill(TillWalletCommon):
    def setUp(self):
        super().setUp()
        self.open_new_session()
        self.anybody = self.env["res.partner"].create({"name": "Final Consumer"})
        make_generic(self.env, self.anybody)

    def test_the_cashier_is_told_that_there_is_none(self):
        wallets = (self.anybody | self.customer).get_pos_wallets(self.config.id)
        self.assertIs(wallets[self.anybody.id], False)
        self.assertEqual(wallets[self.customer.id]["balance"], 500)

    def test_no_top_up_no_change_and_no_refund_for_them(self):
        self.assertOrdersRefused(
            self._top_up_data(50, customer=self.anybody), message="many people"
        )
        change = self._order_data(
            [(self.cash_pm1, 120), (self.wallet_pm, -20)], customer=self.anybody
        )
        self.assertOrdersRefused(change, message="many people")
