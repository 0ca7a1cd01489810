from odoo import Command
from odoo.tests import tagged

from .tour_common import WalletTourCommon


@tagged("post_install", "-at_install")
class TestUserGuide(WalletTourCommon):
    """The walk-through of the user guide, by menus and buttons in a real browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create(
            {
                "name": "Oak Chair",
                "list_price": 120.0,
                "taxes_id": [Command.clear()],
                "available_in_pos": True,
            }
        )
        cls.till = cls.env["pos.config"].create({"name": "Corner Shop"})

    def _get_invoice(self):
        return self.env["account.move"].search(
            [("partner_id", "=", self.customer.id), ("move_type", "=", "out_invoice")]
        )

    def test_pay_later_order_is_paid_from_the_wallet(self):
        """Steps 1 to 14."""
        self._run_tour("customer_wallet_guide_till_order")

        payment = self.env["account.payment"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertRecordValues(
            payment,
            [
                {
                    "payment_type": "inbound",
                    "amount": 500.0,
                    "is_wallet": True,
                    "wallet_residual": 380.0,
                }
            ],
        )
        order = self.till.current_session_id.order_ids
        invoice = self._get_invoice()
        self.assertRecordValues(
            order,
            [
                {
                    "partner_id": self.customer.id,
                    "amount_total": 120.0,
                    "account_move": invoice.id,
                }
            ],
        )
        self.assertPaidFromWallet(invoice, 120.0)
        self.assertBalance(380.0)

    def test_who_is_shown_around_gets_an_invoice_paid(self):
        """The tour that users take, which the list of wallets offers."""
        tour = self.env.ref("customer_wallet.customer_wallet_tour")
        self._run_tour(tour.name)
        invoice = self._get_invoice()
        self.assertPaidFromWallet(invoice, invoice.amount_total)
        self.assertBalance(500.0 - invoice.amount_total)

    def test_new_invoice_is_paid_from_the_wallet(self):
        """Steps 16 to 21."""
        self._top_up(300.0)
        self._run_tour("customer_wallet_guide_invoice")

        self.assertPaidFromWallet(self._get_invoice(), 120.0)
        self.assertBalance(180.0)


@tagged("post_install", "-at_install")
class TestWalletSection(WalletTourCommon):
    def test_other_amount_one_click_and_undo(self):
        self._top_up(80.0)
        invoice = self._invoice(120.0)
        self._run_tour(
            "customer_wallet_section", f"/odoo/customer-invoices/{invoice.id}"
        )

        # 30 and 50 were paid, then the 30 were taken back.
        self.assertRecordValues(
            invoice, [{"payment_state": "partial", "amount_residual": 70.0}]
        )
        self.assertEntry(
            self._allocation_of(invoice),
            [(self.wallet_account, 50.0, 0.0), (self.receivable, 0.0, 50.0)],
        )
        self.assertBalance(30.0)


@tagged("post_install", "-at_install")
class TestTopUps(WalletTourCommon):
    def test_an_invoice_is_topped_up_for_and_paid(self):
        invoice = self._invoice(120.0)
        self._run_tour(
            "customer_wallet_top_up_invoice", f"/odoo/customer-invoices/{invoice.id}"
        )
        self.assertPaidFromWallet(invoice, 120.0)
        self.assertBalance(0.0)

    def test_a_first_top_up_and_a_pay_out(self):
        self._run_tour("customer_wallet_top_up_and_pay_out", "/odoo/wallets")
        self.assertBalance(50.0)
        payments = self.env["account.payment"].search(
            [("partner_id", "=", self.customer.id)], order="id"
        )
        self.assertRecordValues(
            payments,
            [
                {"payment_type": "inbound", "amount": 80.0, "is_wallet": True},
                {"payment_type": "outbound", "amount": 30.0, "is_wallet": True},
            ],
        )


class TestWalletSectionOnPhone(TestWalletSection):
    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install")
class TestWalletScreens(WalletTourCommon):
    def test_from_the_list_of_wallets_one_gets_to_all_about_them(self):
        self._top_up(100.0)
        self._pay(40.0, partner_id=self._customer("Basma Said").id)
        self._invoice(30.0).action_allocate_wallet()
        self._invoice(50.0)
        self._run_tour("customer_wallet_screens", "/odoo/wallets")

        wallets = self._wallet() | self._wallet(self._customer("Basma Said"))
        self.assertEqual(wallets.mapped("state"), ["frozen", "frozen"])
        self.assertBalance(70.0)

    def _customer(self, name):
        Partner = self.env["res.partner"]
        return Partner.search([("name", "=", name)]) or Partner.create({"name": name})


@tagged("post_install", "-at_install")
class TestWalletAllocation(WalletTourCommon):
    def test_many_invoices_are_paid_at_once(self):
        self._top_up(100.0)
        invoices = self.env["account.move"].concat(
            *(
                self._invoice(amount, invoice_date_due=f"2029-01-0{number}")
                for number, amount in enumerate((30.0, 40.0, 50.0), 1)
            )
        )
        wallet = self._wallet()
        self._run_tour("customer_wallet_allocation", f"/odoo/wallets/{wallet.id}")

        self.assertEqual(invoices.mapped("amount_residual"), [30.0, 0.0, 20.0])
        self.assertEntry(
            self._allocation_of(invoices[1]),
            [
                (self.wallet_account, 40.0, 0.0),
                (self.receivable, 0.0, 40.0),
                (self.wallet_account, 30.0, 0.0),
                (self.receivable, 0.0, 30.0),
            ],
        )
        self.assertBalance(30.0)


@tagged("post_install", "-at_install")
class TestRefundTour(WalletTourCommon):
    def test_refund_to_the_wallet_and_undo(self):
        self._top_up(200.0)
        invoice = self._invoice(120.0)
        invoice.action_allocate_wallet()
        self._run_tour(
            "customer_wallet_refund", f"/odoo/customer-invoices/{invoice.id}"
        )

        # 120 were refunded and taken back, then 50 and 70 were refunded.
        credit_note = invoice.reversal_move_ids
        self.assertRecordValues(
            credit_note,
            [{"state": "posted", "payment_state": "paid", "amount_residual": 0.0}],
        )
        refunds = credit_note._get_wallet_partials().debit_move_id.move_id
        self.assertEqual(sorted(refunds.mapped("amount_total")), [50.0, 70.0])
        self.assertBalance(200.0)


class TestRefundTourOnPhone(TestRefundTour):
    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install")
class TestPromotionTour(WalletTourCommon):
    def test_promotion_with_top_up(self):
        self._run_tour("customer_wallet_promotion")
        promotion = self.env["customer.wallet.promotion"].search(
            [("name", "=", "Spring bonus")]
        )
        self.assertRecordValues(
            promotion,
            [{"minimum_amount": 50, "bonus_value": 10, "validity_days": 30}],
        )
        wallet = self._wallet()
        self.assertEqual((wallet.balance, wallet.bonus_balance), (110, 10))


@tagged("post_install", "-at_install")
class TestImportWallets(WalletTourCommon):
    def test_a_file_is_imported_after_a_dry_run(self):
        account = self.company_data["default_account_revenue"]
        account.copy({"name": "Old Balances"})
        self._run_tour("customer_wallet_import")
        takeover = self.env["customer.wallet.takeover"].search([])
        self.assertEqual(
            (takeover.name, takeover.file_name), ("Old Shop", "wallets.csv")
        )
        self.assertEqual(takeover.state, "done")
        self.assertEqual(takeover.problem_count, 1)
        self.assertBalance(40.0)
