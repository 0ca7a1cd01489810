from odoo import api, fields, models

from ..models.customer_wallet_check import MAXIMUM_SHOWN


class CustomerWalletDifference(models.TransientModel):
    _name = "customer.wallet.difference"
    _description = "Difference Between a Wallet and the Books"
    _order = "id"

    kind = fields.Selection(
        [
            ("balance", "Balance differs from its journal items"),
            ("bonus", "Bonus differs from its journal items"),
            ("grant", "More was taken from a bonus than was given"),
            ("held", "Pending amount differs from what is held"),
            ("held_bonus", "Pending bonus differs from what is held"),
            ("value", "The wallet is empty, but not in the books"),
            ("item", "Journal item is not in the wallet of its customer"),
            ("no_customer", "Journal item without a customer"),
            ("account", "The total of all wallets differs from the account"),
            ("bonus_account", "The total of all bonuses differs from the account"),
            ("till_payment", "Payment at an open register is booked differently"),
            ("till_entry", "Point of Sale entry without its payment"),
            ("online", "Online payment without its money, or money without it"),
            ("law", "More bonus was used than goods were kept"),
        ],
        string="What Does Not Agree",
        required=True,
        readonly=True,
    )
    wallet_id = fields.Many2one("customer.wallet", readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    currency_id = fields.Many2one("res.currency", readonly=True, ondelete="cascade")
    document = fields.Char(string="Entry or Order", readonly=True)
    expected = fields.Monetary(
        readonly=True, help="What it should be according to the books."
    )
    actual = fields.Monetary(
        string="Found",
        readonly=True,
        help="What was found in the wallet or on the document.",
    )
    difference = fields.Monetary(compute="_compute_difference")
    next_step = fields.Char(compute="_compute_next_step", string="What to Do")

    @api.depends("expected", "actual")
    def _compute_difference(self):
        for item in self:
            item.difference = item.actual - item.expected

    @api.depends("kind")
    def _compute_next_step(self):
        steps = self._get_next_steps()
        for item in self:
            item.next_step = steps.get(item.kind)

    # Actions

    @api.model
    def action_check(self, wallet_ids=None):
        """Compare wallets with the journal items, the holds, the general ledger and the
        open tills, and show what does not agree.

        :param list wallet_ids: int ids of customer.wallet; all of the chosen
            companies by default
        :return: a window action with the differences, or a client action that says
            that there is none
        :raises AccessError: the user is no wallet manager, or may not see a wallet
        """
        Wallet = self.env["customer.wallet"]
        Wallet._check_manager()
        wallets = Wallet.browse(wallet_ids) if wallet_ids else None
        if wallets is not None:
            wallets.check_access("read")
        found = (
            self.env["customer.wallet.check"]
            .sudo()
            ._find_differences(self.env.companies.root_id, wallets)
        )
        if not found:
            return self._get_clean_notification(wallets)
        return self._get_list_action(self.sudo().create(found[:MAXIMUM_SHOWN]))

    def action_open_subject(self):
        """Open the wallet or the customer that a difference is about.

        :return: a window action
        :raises AccessError: the user is no wallet manager
        """
        self.ensure_one()
        self.check_access("read")
        return (self.wallet_id or self.partner_id)._get_records_action()

    # Telling

    def _get_subject(self):
        """Whose difference it is: of a customer, or of all in a company."""
        self.ensure_one()
        if self.wallet_id:
            return self.wallet_id._get_html_link(self.partner_id.display_name)
        if self.partner_id:
            return self.partner_id._get_html_link()
        return self.company_id.display_name

    def _get_kind_name(self):
        self.ensure_one()
        return dict(self._fields["kind"]._description_selection(self.env))[self.kind]

    def _get_next_steps(self):
        recompute = self.env._(
            "The journal items and holds are right. Something has changed the "
            "database without Odoo: find out what, then have your administrator "
            "recompute the wallet."
        )
        fix_others = self.env._("Fix the other differences first: they explain this.")
        return {
            "balance": recompute,
            "bonus": recompute,
            "held": recompute,
            "held_bonus": recompute,
            "grant": self.env._(
                "Find the entries that took from this bonus, and reverse the last one."
            ),
            "law": self.env._(
                "The customer got money back for goods that a bonus paid: adjust the "
                "wallet by the difference."
            ),
            "value": self.env._(
                "Choose the accounts of exchange differences in Settings > Invoicing > "
                "Default Accounts: the next check books it there."
            ),
            "item": self.env._(
                "Reset the entry to draft and confirm it again, or reverse it."
            ),
            "no_customer": self.env._(
                "Reset the entry to draft and set the customer on this journal item, "
                "or choose another account there."
            ),
            "account": fix_others,
            "bonus_account": fix_others,
            "till_payment": self.env._(
                "Compare the payment of this order with its entry, and refund the "
                "order if it was charged wrongly."
            ),
            "till_entry": self.env._(
                "The order has no such payment: reverse the entry, and the money is "
                "in the wallet again."
            ),
            "online": self.env._(
                "Look at the payment transaction of this reference: cancel its "
                "payment, or void it, and the money is in the wallet again."
            ),
        }

    def _get_money_options(self):
        self.ensure_one()
        return {"widget": "monetary", "display_currency": self.currency_id}

    def _get_list_action(self, differences):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Differences Between Wallets and Books"),
            "res_model": self._name,
            "view_mode": "list",
            "domain": [("id", "in", differences.ids)],
        }

    def _get_clean_notification(self, wallets):
        message = self.env._("Balance, journal items and open registers agree.")
        if wallets is None:
            message = self.env._(
                "Wallets checked: %s. Balances, journal items, the accounts in the "
                "general ledger and the open registers agree.",
                self.env["customer.wallet"].search_count([]),
            )
        return self.env["customer.wallet"]._get_success_notification(
            message, title=self.env._("The wallets agree with the books")
        )
