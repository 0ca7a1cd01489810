from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_list

from ..models.customer_wallet_request import answered_once
from ..models.wallet_amounts import read_amount_of


class CustomerWalletCredit(models.TransientModel):
    """Move what a customer has to their credit, old payments and credit notes, to the
    wallet.
    """

    _name = "customer.wallet.credit"
    _description = "Move Open Credits to the Wallet"

    partner_id = fields.Many2one("res.partner", required=True, readonly=True)
    line_ids = fields.One2many(
        "customer.wallet.credit.line",
        "wizard_id",
        string="Open Credits",
        compute="_compute_line_ids",
        compute_sudo=False,
        store=True,
        readonly=False,
    )

    @api.depends("partner_id")
    def _compute_line_ids(self):
        """All that is open of the customer is proposed."""
        for wizard in self:
            wizard.line_ids = [
                Command.clear(),
                *(
                    Command.create({"move_line_id": credit.id})
                    for credit in wizard._find_open_credits(wizard.partner_id)
                ),
            ]

    @api.model
    def _get_open_credits_domain(self, partners):
        """The free credits of these customers in the companies that the user has
        chosen. What wallets have booked settles itself.
        """
        tills = self.env.companies.sudo().account_default_pos_receivable_account_id
        owners = partners.commercial_partner_id
        domain = Domain(
            [
                ("partner_id.commercial_partner_id", "in", owners.ids),
                ("company_id", "in", self.env.companies.ids),
                ("account_id.account_type", "=", "asset_receivable"),
                ("account_id", "not in", tills.ids),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("amount_residual_currency", "<", 0.0),
                ("move_id.wallet_operation", "in", (False, "top_up")),
            ]
        ) & Domain.custom(to_sql=self._get_free_credit_sql)
        Line = self.env["account.move.line"]
        perhaps = Line.sudo().search(domain & Line._get_wallet_bound_domain())
        # Each is looked at with its invoice: their payments are read together.
        documents = perhaps.move_id | perhaps.move_id._get_wallet_credited_invoice()
        documents.fetch(["transaction_ids"])
        bound = perhaps.filtered(lambda line: line._is_wallet_bound())
        return domain & Domain("id", "not in", bound.ids)

    @api.model
    def _get_free_credit_sql(self, lines, alias, query):
        """A credit is not free when it belongs to an order of a till, whose other half
        is in another entry, nor when somebody has taken it out of a wallet by hand,
        perhaps as bonus.
        """
        for model, fname in (
            ("account.move", "reversed_pos_order_id"),
            ("account.move.line", "wallet_id"),
            ("pos.session", "move_id"),
            ("pos.payment", "account_move_id"),
        ):
            self.env[model].flush_model([fname])
        return SQL(
            """
            NOT EXISTS (
                SELECT FROM account_move
                 WHERE id = %(move)s AND reversed_pos_order_id IS NOT NULL)
            AND NOT EXISTS (SELECT FROM pos_session WHERE move_id = %(move)s)
            AND NOT EXISTS (SELECT FROM pos_payment WHERE account_move_id = %(move)s)
            AND NOT EXISTS (
                SELECT FROM account_move_line item
                 WHERE item.move_id = %(move)s
                   AND item.wallet_id IS NOT NULL
                   AND item.amount_currency > 0)
            """,
            move=lines._field_to_sql(alias, "move_id", query),
        )

    @api.model
    def _find_open_credits(self, partner):
        return self.env["account.move.line"].search(
            self._get_open_credits_domain(partner), order="date, id"
        )

    # Actions

    @answered_once
    def action_move_to_wallet(self):
        """Move the chosen amounts to the customer's wallet: one entry for each company
        and currency.

        :return: a client action that says what was moved
        :raises AccessError: the user may not use wallets or read the documents
        :raises UserError: nothing is chosen, an amount is not positive or more than
            what is open, or the money has not been received
        """
        self.ensure_one()
        self.env["customer.wallet"]._check_user()
        lines = self.line_ids.filtered("is_selected")
        if not lines:
            raise UserError(self.env._("Choose at least one credit to move."))
        lines.move_line_id._check_wallet_received()
        lines._check_amounts(self._find_open_credits(self.partner_id))
        moves = self.env["account.move"]
        for group in lines._group_by_entry().values():
            moves |= self.env["account.move.line"]._book_wallet_refund(
                [(line.move_line_id, line._get_amount()) for line in group]
            )
        return self._get_notification(moves)

    def _get_notification(self, moves):
        return self.env["customer.wallet"]._get_success_notification(
            self.env._(
                "Moved to the wallet of %(customer)s: %(documents)s",
                customer=self.partner_id.commercial_partner_id.display_name,
                documents=format_list(self.env, moves.mapped("ref"), "unit"),
            )
        )


class CustomerWalletCreditLine(models.TransientModel):
    _name = "customer.wallet.credit.line"
    _inherit = ["customer.wallet.amount.mixin"]
    _description = "Open Credit to Move to the Wallet"

    wizard_id = fields.Many2one(
        "customer.wallet.credit", required=True, ondelete="cascade"
    )
    is_selected = fields.Boolean(string="Move", default=True)
    move_line_id = fields.Many2one(
        "account.move.line", required=True, ondelete="cascade"
    )
    # Who may not read a document does not read it here.
    move_id = fields.Many2one(
        related="move_line_id.move_id", related_sudo=False, string="Document"
    )
    move_ref = fields.Char(
        related="move_line_id.ref", related_sudo=False, string="Reference"
    )
    date = fields.Date(related="move_line_id.date", related_sudo=False)
    company_id = fields.Many2one(related="move_line_id.company_id", related_sudo=False)
    currency_id = fields.Many2one(
        related="move_line_id.currency_id", related_sudo=False
    )
    open_amount = fields.Monetary(compute="_compute_open_amount")
    amount = fields.Monetary(
        string="To the Wallet", compute="_compute_amount", store=True, readonly=False
    )

    @api.depends("move_line_id.amount_residual_currency")
    def _compute_open_amount(self):
        for line in self:
            line.open_amount = -line.move_line_id.amount_residual_currency

    @api.depends("move_line_id")
    def _compute_amount(self):
        for line in self:
            line.amount = line.open_amount

    # Business methods

    def _get_amount(self):
        return read_amount_of(self.move_id, self.amount, self.currency_id)

    def _group_by_entry(self):
        """One entry for each company and currency. A credit note whose invoice spent
        bonus or was granted a discount has its own: what it gives back depends on
        what the ones before it have given back, and it stays known for which invoice.

        :return: dict of these lines by entry
        """
        Wallet = self.env["customer.wallet"]
        has_used = {
            key: Wallet._get_bonus_slack(*key) is not None
            for key in self.grouped(lambda line: line._get_owner_key())
        }
        return self.grouped(
            lambda line: (
                line.company_id,
                line.currency_id,
                (has_used[line._get_owner_key()] or line._has_discount())
                and line.move_line_id.move_id,
            )
        )

    def _get_owner_key(self):
        document = self.move_line_id.move_id
        return document.commercial_partner_id, document.company_id.root_id

    def _has_discount(self):
        document = self.move_line_id.move_id
        invoice = document._get_wallet_credited_invoice()
        return invoice._get_wallet_discount_left(document.currency_id) > 0.0

    def _check_amounts(self, credits_open):
        """
        :param credits_open: account.move.line of the customer that can be moved now
        :raises UserError: naming the document, what is open and what was asked for
        """
        for credit, lines in self.grouped("move_line_id").items():
            line = lines[0]
            credit.company_id._check_wallet_accounting()
            amount = sum(it._get_amount() for it in lines)
            open_amount = line.open_amount if credit in credits_open else 0.0
            if line.currency_id.compare_amounts(amount, open_amount) <= 0:
                continue
            raise UserError(
                self.env._(
                    "Only %(open)s is open on %(document)s, but the amount to move is "
                    "%(amount)s. Enter %(open)s or less, or do not choose it.",
                    open=line.currency_id.format(open_amount),
                    document=line.move_id.display_name,
                    amount=line.currency_id.format(amount),
                )
            )
