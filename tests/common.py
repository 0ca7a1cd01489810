from contextlib import contextmanager, nullcontext, suppress
from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from ..models.customer_wallet import BONUS
from ..report.customer_wallet_liability import STEPS as LIABILITY_STEPS


class WalletWords:
    """Short words for what people do with wallets, in the back office and at a till."""

    @classmethod
    def _set_up_words(cls, customer=None):
        """Whose books, and by default whose wallet, the words are about."""
        cls.company = cls.company_data["company"]
        # Without one it would be that of its country, or of the administrator.
        cls.company.partner_id.tz = "UTC"
        cls.customer = customer or cls.env["res.partner"].create(
            {
                "name": "Amal Haddad",
                "phone": "+973 1700 0000",
                "email": "amal@example.com",
            }
        )
        cls.wallet_account = cls.company.wallet_account_id
        cls.bonus_account = cls.company.wallet_bonus_account_id
        cls.promotion_account = cls.company.wallet_promotion_account_id
        cls.receivable = cls.company_data["default_account_receivable"]
        cls.bank_journal = cls.company_data["default_journal_bank"]

    # What people do

    @classmethod
    def _pay(cls, amount, payment_type="inbound", post=True, **vals):
        """Enter a payment as Customers > Payments does."""
        payment = (
            cls.env["account.payment"]
            .with_context(
                wallet_payment=True,
                default_partner_type="customer",
                default_payment_type=payment_type,
            )
            .create({"partner_id": cls.customer.id, "amount": amount, **vals})
        )
        if post:
            payment.action_post()
        return payment

    @classmethod
    def _top_up(cls, amount, **vals):
        return cls._pay(amount, **vals)

    @classmethod
    def _pay_out(cls, amount, **vals):
        return cls._pay(amount, payment_type="outbound", **vals)

    @classmethod
    def _invoice(cls, amount, post=True, taxes=None, company=None, **vals):
        Move = cls.env["account.move"]
        if company:
            companies = company | cls.company
            Move = Move.with_context(allowed_company_ids=companies.ids)
            vals["company_id"] = company.id
        invoice = Move.create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.customer.id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Goods",
                            "price_unit": amount,
                            "tax_ids": [Command.set(taxes.ids if taxes else [])],
                        }
                    )
                ],
                **vals,
            }
        )
        if post:
            invoice.action_post()
        return invoice

    @classmethod
    def _discount_terms(cls, **vals):
        """2% for who pays within 10 days."""
        line = {"value": "percent", "value_amount": 100, "nb_days": 30}
        return cls.env["account.payment.term"].create(
            {
                "name": "Early Payment",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "early_pay_discount_computation": "included",
                "line_ids": [Command.create(line)],
                **vals,
            }
        )

    @classmethod
    def _give_bonus(cls, amount, expiry=False, date=None, partner=None):
        """A bonus as the ledger has it, however it came about."""
        Wallet = cls.env["customer.wallet"]
        partner = partner or cls.customer
        wallet = Wallet._find_or_create(partner, cls.company, cls.company.currency_id)
        expiry = fields.Date.to_date(expiry)
        gifts = wallet._prepare_giving_vals([(amount, BONUS, expiry)], "Winter offer")
        expense = {
            "account_id": cls.promotion_account.id,
            "amount_currency": amount,
            "balance": amount,
            "currency_id": wallet.currency_id.id,
        }
        nothing = cls.env["account.move.line"]
        return Wallet._book(
            "bonus",
            [(vals, nothing) for vals in (*gifts, expense)],
            cls.company,
            ref="Winter offer",
            date=date or fields.Date.today(),
            partner_id=partner.id,
        )

    @classmethod
    def _enter(cls, *items, user=None, post=True, partner=None, **vals):
        """A journal entry by hand, of (account, debit, credit) with the customer."""
        partner = partner or cls.customer
        entry = (
            cls.env["account.move"]
            .with_user(user or cls.env.user)
            .create(
                {
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": account.id,
                                "partner_id": partner.id,
                                "debit": debit,
                                "credit": credit,
                            }
                        )
                        for account, debit, credit in items
                    ],
                    **vals,
                }
            )
        )
        if post:
            entry.action_post()
        return entry

    @classmethod
    def _credit_note(cls, amount, **vals):
        return cls._invoice(amount, move_type="out_refund", **vals)

    @classmethod
    def _reverse(cls, invoice, to_wallet=True, modify=False, **vals):
        """Use the Credit Note wizard of an invoice."""
        wizard = (
            cls.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create(
                {
                    "journal_id": invoice.journal_id.id,
                    "refund_to_wallet": to_wallet,
                    **vals,
                }
            )
        )
        wizard.modify_moves() if modify else wizard.refund_moves()
        return wizard.new_move_ids

    @classmethod
    def _unallocate(cls, invoice):
        """Undo the one payment by wallet of this invoice."""
        return invoice.action_unallocate_wallet(invoice._get_wallet_partials().id)

    def _refund_of(self, credit_note):
        return credit_note._get_wallet_partials().debit_move_id.move_id

    def _undo_refund(self, credit_note, number=0):
        partial = credit_note._get_wallet_partials()[number]
        return credit_note.action_unallocate_wallet(partial.id)

    @classmethod
    def _promotion(cls, **vals):
        """Pay 100, get 110, unless told otherwise."""
        return cls.env["customer.wallet.promotion"].create(
            {
                "name": "Spring bonus",
                "company_id": cls.company.id,
                "currency_id": cls.company.currency_id.id,
                "bonus_type": "percent",
                "bonus_value": 10.0,
                **vals,
            }
        )

    def _run_at(self, now, action="expire_bonus"):
        """A scheduled action of wallets runs, by default the one that takes back what
        has expired.
        """
        with freeze_time(now):
            self._run_scheduled(action)

    def _run_scheduled(self, action):
        cron = self.env.ref(f"customer_wallet.ir_cron_wallet_{action}")
        self.env.flush_all()
        # Tests that serve pages are in it already.
        is_served = isinstance(self, HttpCase)
        with nullcontext() if is_served else self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        # Numbers given meanwhile, in a transaction of its own, are not known here.
        self.env.cr.precommit.data.pop("sequence.mixin", None)

    @contextmanager
    def _perhaps_refused(self):
        """What follows may be refused in words, or be done rightly."""
        with suppress(UserError), self.env.cr.savepoint():
            yield
            self.env.flush_all()
        self.env.invalidate_all()

    # What there is then

    @classmethod
    def _wallet(cls, partner=None, currency=None, company=None):
        company = company or cls.company
        wallets = cls.env["customer.wallet"]._find(partner or cls.customer, company)
        currency = currency or company.currency_id
        return wallets.filtered(lambda wallet: wallet.currency_id == currency)

    def _allocation_of(self, invoice):
        """The entry by which the wallet pays an invoice now."""
        return invoice._get_wallet_partials().credit_move_id.move_id

    @classmethod
    def _bonus_of(cls, top_up):
        """The entries of the bonus that a top-up has now."""
        return cls.env["customer.wallet"]._get_bonus_entries(top_up.move_id)

    @classmethod
    def _lots_of(cls, top_up):
        return cls._bonus_of(top_up).line_ids.filtered("wallet_lot_type")

    @classmethod
    def _left_of(cls, top_up):
        """What is left of the bonus of a top-up."""
        cls.env.flush_all()
        grants = cls._lots_of(top_up)
        taken = cls.env["account.move.line"].search(
            [("wallet_grant_id", "in", grants.ids), ("parent_state", "=", "posted")]
        )
        return -sum((grants | taken).mapped("amount_currency"))

    def _movements(self, wallet=None, **kwargs):
        """All lines of the history, oldest first."""
        self.env.flush_all()
        self.env.invalidate_all()
        wallet = wallet or self._wallet()
        return self.env["customer.wallet.movement"].search(
            [("wallet_id", "=", wallet.id)], order="date, id", **kwargs
        )

    def _movement(self):
        """The one line in the history of the wallet."""
        movement = self._movements()
        self.assertEqual(len(movement), 1)
        return movement

    def assertEntry(self, move, expected):
        """Compare the journal items of an entry, line by line, in any order.

        :param expected: list of (account, debit, credit) or
            (account, debit, credit, amount in currency, currency)
        """

        def row(account, debit, credit, *currency):
            amounts = [f"{debit:.3f}", f"{credit:.3f}"]
            if currency:
                amounts += [f"{currency[0]:.3f}", currency[1].name]
            return (account.code, *amounts)

        with_currency = any(len(line) > 3 for line in expected)
        actual = [
            row(
                line.account_id,
                line.debit,
                line.credit,
                *([line.amount_currency, line.currency_id] if with_currency else []),
            )
            for line in move.line_ids
        ]
        self.assertEqual(move.state, "posted")
        self.assertEqual(sorted(actual), sorted(row(*line) for line in expected))

    def assertBalance(self, amount, wallet=None):
        """The balance is right, in the database, and agrees with the ledger."""
        wallet = wallet or self._wallet()
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT balance FROM customer_wallet WHERE id = %s", [wallet.id]
        )
        self.assertAlmostEqual(float(self.env.cr.fetchone()[0]), amount, places=3)
        self.assertLedgerAgrees(wallet)

    def assertKinds(self, paid, bonus, wallet=None):
        """So much in the wallet was paid in, and so much was given."""
        self.env.flush_all()
        self.env.invalidate_all()
        wallet = wallet or self._wallet()
        self.assertAlmostEqual(wallet.balance - wallet.bonus_balance, paid, places=3)
        self.assertAlmostEqual(wallet.bonus_balance, bonus, places=3)
        self.assertLedgerAgrees(wallet)

    def assertInWallet(self, paid, *bonuses):
        """So much in the customer's wallet was paid in, and this is left of bonuses.

        :param bonuses: of (amount, expiry date or False), in the order of use
        """
        self.assertKinds(paid, sum(amount for amount, _expiry in bonuses))
        self.assertEqual(
            [(grant.left, grant.expiry) for grant in self._wallet()._get_open_grants()],
            list(bonuses),
        )

    def assertOpens(self, movement, document):
        action = movement.action_open_document()
        self.assertEqual(
            (action["res_model"], action["res_id"]), (document._name, document.id)
        )

    def _get_roll_forward(self, first, last, **filters):
        """What of the roll-forward of the company is not zero.

        :param filters: values of fields of the report
        """
        self.env.flush_all()
        names = ["opening", *LIABILITY_STEPS, "closing"]
        domain = [("company_id", "=", self.company.id)]
        domain += [(name, "=", value) for name, value in filters.items()]
        [row] = (
            self.env["customer.wallet.liability"]
            .with_context(
                wallet_date_from=first and str(first), wallet_date_to=str(last)
            )
            ._read_group(domain, aggregates=[f"{name}:sum" for name in names])
        )
        return {name: value for name, value in zip(names, row, strict=True) if value}

    def assertRollForward(self, first, last):
        """What was there before the first day, what moved until the last, and what is
        there then, of each kind of money: as in the general ledger. So are the ages.

        :param first, last: date
        """
        company = self.company
        ageing = self.env["customer.wallet.ageing"].with_context(
            wallet_date_from=str(first), wallet_date_to=str(last)
        )
        for kind, account in (
            ("paid", company.wallet_account_id),
            ("bonus", company.wallet_bonus_account_id),
        ):
            moved = self._get_roll_forward(first, last, kind=kind)
            opening = moved.pop("opening", 0)
            closing = moved.pop("closing", 0)
            [(left,)] = ageing._read_group(
                [("company_id", "=", company.id), ("kind", "=", kind)],
                aggregates=["amount:sum"],
            )
            day_before = first - timedelta(days=1)
            for amount, expected in (
                (opening, self._ledger_balance(account, day_before)),
                (closing, self._ledger_balance(account, last)),
                (closing, opening + sum(moved.values())),
                (left or 0, closing),
            ):
                self.assertFalse(
                    company.currency_id.compare_amounts(amount, expected),
                    (kind, first, last, opening, moved, closing, left, expected),
                )

    def _ledger_balance(self, accounts, day=None):
        """What accounts owe at the end of a day, in the company's currency."""
        domain = [("account_id", "in", accounts.ids), ("parent_state", "=", "posted")]
        if day:
            domain.append(("date", "<=", day))
        [(balance,)] = self.env["account.move.line"]._read_group(
            domain, aggregates=["balance:sum"]
        )
        return -(balance or 0)

    def assertLedgerAgrees(self, wallet=None):
        """Wallets, their journal items and the general ledger say the same, to the
        last decimal of each currency, and each kind of money for itself.
        """
        self.env.flush_all()
        company = (wallet or self._wallet()).company_id
        self.env.cr.execute(
            """
            SELECT owner.commercial_partner_id, line.currency_id,
                   -SUM(line.amount_currency),
                   -SUM(line.amount_currency * (line.account_id = %s)::int)
              FROM account_move_line line
              JOIN res_partner owner ON owner.id = line.partner_id
             WHERE line.account_id = ANY(%s) AND line.parent_state = 'posted'
             GROUP BY owner.commercial_partner_id, line.currency_id
            """,
            [
                company.wallet_bonus_account_id.id,
                (company.wallet_account_id | company.wallet_bonus_account_id).ids,
            ],
        )
        ledger = {row[:2]: row[2:] for row in self.env.cr.fetchall()}
        self.env.cr.execute(
            "SELECT partner_id, currency_id, balance, bonus_balance"
            "  FROM customer_wallet WHERE company_id = %s",
            [company.id],
        )
        wallets = {row[:2]: row[2:] for row in self.env.cr.fetchall()}
        self.assertEqual(
            {key: amounts for key, amounts in wallets.items() if any(amounts)},
            {key: amounts for key, amounts in ledger.items() if any(amounts)},
        )

    def _snapshot(self):
        """All that money is made of, to show that a refusal changed nothing."""
        self.env.flush_all()
        rows = []
        for query in (
            "SELECT id, state, name, payment_state, amount_residual"
            "  FROM account_move ORDER BY id",
            "SELECT id, account_id, partner_id, balance, amount_currency,"
            "       amount_residual, wallet_id, parent_state, matching_number"
            "  FROM account_move_line ORDER BY id",
            "SELECT id, amount, debit_move_id, credit_move_id"
            "  FROM account_partial_reconcile ORDER BY id",
            "SELECT id, balance, bonus_balance, held, held_bonus, state"
            "  FROM customer_wallet ORDER BY id",
            "SELECT id, amount, bonus_amount, state FROM customer_wallet_hold"
            " ORDER BY id",
            "SELECT id, state, amount_paid FROM pos_order ORDER BY id",
            "SELECT id, amount FROM pos_payment ORDER BY id",
            "SELECT id, state FROM stock_picking ORDER BY id",
        ):
            self.env.cr.execute(query)
            rows.append(self.env.cr.fetchall())
        return rows

    def assertRefused(self, exception, action, *args, message=None, **kwargs):
        """The action is refused in words, and the database stays as it was."""
        before = self._snapshot()
        with self.assertRaisesRegex(exception, message or ""), self.env.cr.savepoint():
            action(*args, **kwargs)
            self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self._snapshot(), before)


@tagged("post_install", "-at_install")
class WalletCommon(WalletWords, AccountTestInvoicingCommon):
    """A company and a customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_words()
