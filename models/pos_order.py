from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from .customer_wallet import FROM_SERVER
from .customer_wallet_request import answered_once
from .wallet_amounts import check_exact, check_numbers

PAID_STATES = ("paid", "done")


class PosOrder(models.Model):
    _name = "pos.order"
    _inherit = ["pos.order", "customer.wallet.spender.mixin"]

    # What a till has booked is settled with its session.
    _wallet_undone_by_matching = False
    _wallet_spending_operation = "pos_payment"

    wallet_amount = fields.Monetary(
        string="Paid from Wallet",
        compute="_compute_wallet_amount",
        compute_sudo=True,
        groups="customer_wallet.group_wallet_user",
        help="What the customer's wallet paid: at the register and on the invoice.",
    )
    wallet_balance = fields.Monetary(
        string="Available in Wallet",
        compute="_compute_wallet_balance",
        compute_sudo=True,
        groups="customer_wallet.group_wallet_user",
        help="What the invoice of this order could use from the customer's wallet.",
    )
    can_allocate_wallet = fields.Boolean(
        compute="_compute_wallet_balance",
        compute_sudo=True,
        groups="customer_wallet.group_wallet_user",
    )

    @api.depends(
        "payment_ids.wallet_hold_id",
        "payment_ids.wallet_move_id",
        "account_move.amount_residual",
    )
    def _compute_wallet_amount(self):
        entries = defaultdict(self.env["account.move"].sudo)
        for item in self.account_move._get_wallet_items():
            entries[item.wallet_document_id] |= item.move_id
        for order in self:
            at_till = order._get_wallet_payments().filtered(
                lambda it, order=order: (
                    it._is_wallet_charged() and it._get_wallet_document() == order
                )
            )
            on_invoice = order._sum_wallet_paid_on_invoice(
                entries[order.account_move.id]
            )
            order.wallet_amount = sum(at_till.mapped("amount")) + on_invoice

    @api.depends("account_move.wallet_widget")
    def _compute_wallet_balance(self):
        for order in self:
            widget = order.account_move.wallet_widget or {}
            order.wallet_balance = widget.get("available", 0.0)
            order.can_allocate_wallet = widget.get("can_allocate", False)

    @api.depends(
        "lines",
        "payment_ids.wallet_hold_id",
        "payment_ids.wallet_move_id",
        "payment_ids.settlement_move_id",
    )
    def _compute_invoice_status(self):
        """What sold nothing has no invoice to be made."""
        result = super()._compute_invoice_status()
        for order in self:
            if not order.lines and order._is_wallet_used():
                order.invoice_status = False
        return result

    @api.model
    def _load_pos_data_read(self, records, config):
        """Read the orders for the till without the figures of the wallet: the till has
        no use for them, and they are not for free.
        """
        model = self.with_context(pos_data_without_wallet=True)
        return super(PosOrder, model)._load_pos_data_read(records, config)

    @api.model
    def _load_pos_data_fields(self, config):
        names = super()._load_pos_data_fields(config)
        if not self.env.context.get("pos_data_without_wallet"):
            return names
        unused = {"wallet_amount", "wallet_balance", "can_allocate_wallet"}
        unused.add("can_undo_wallet_top_up")
        return [
            name
            for name in names or self.fields_get(attributes=())
            if name not in unused
        ]

    @api.model_create_multi
    def create(self, vals_list):
        """An order is paid when its payments are taken, not when a till says so."""
        for vals in vals_list:
            if vals.get("state") in PAID_STATES and self._is_paid_by_wallet(vals):
                vals["state"] = "draft"
        return super().create(vals_list)

    def write(self, vals):
        if "state" in vals and not vals["state"]:
            # Core asks which state a paid order gets, and takes none for no answer.
            vals = {**vals, "state": "draft"}
        if "partner_id" in vals:
            self._check_wallet_customer(vals["partner_id"])
        self._check_wallet_place_kept(vals)
        unpaid = self.filtered(lambda order: order.state not in PAID_STATES)
        orders = self.with_context(wallet_charged_later=FROM_SERVER)
        result = super(PosOrder, orders).write(vals)
        if vals.get("payment_ids"):
            self._invoice_orders_changed_to_pay_later()
        if self.env.context.get("wallet_charged_later") is not FROM_SERVER:
            changed = self if vals.get("payment_ids") else unpaid
            due = unpaid.filtered(lambda order: order.state in PAID_STATES)
            due |= changed.filtered(lambda order: order._is_wallet_due())
            due._check_wallet_order()
            due._charge_wallets()
        return result

    def unlink(self):
        """No word of a client deletes what is paid, as one does in core."""
        self.payment_ids._check_wallet_tenders_kept()
        self.lines._check_wallet_return_kept()
        return super().unlink()

    @api.model
    def sync_from_ui(self, orders):
        """Save the orders of a till, see `super`.

        A wallet that cannot pay its order holds up no other order: of several, the
        refused ones are left out of the result and named in `wallet_refusals`.

        :param list orders: dicts of order values
        :return: dict of records by model, and `wallet_refusals`: list of dicts with
            the `uuid` of the order and the `message` for the cashier
        :raises UserError: the only order is refused
        """
        by_wallet = [
            order
            for order in orders
            if self._is_paid_by_wallet(order)
            # It may have come before, with an order that was open then.
            or (len(orders) > 1 and self._get_open_order(order)._moves_wallet_money())
        ]
        if len(orders) < 2 or not by_wallet:
            for order in by_wallet:
                self._refuse_uncovered_order(order)
            return super().sync_from_ui(orders)
        others = [order for order in orders if order not in by_wallet]
        # Other apps go through the orders of the answer, also when there are none.
        result = super().sync_from_ui(others) if others else {"pos.order": []}
        refusals = []
        for order in by_wallet:
            uuid = order.get("uuid")
            try:
                self._refuse_uncovered_order(order)
                with self.env.cr.savepoint():
                    saved = super().sync_from_ui([order])
            except UserError as error:
                refusals.append({"uuid": uuid, "message": str(error)})
                continue
            for model, records in saved.items():
                result[model] = result.get(model, []) + records
        return {**result, "wallet_refusals": refusals}

    @answered_once
    def action_allocate_wallet(self, amount=None):
        """Pay what is still due on this order's invoice from the customer's wallet.

        A cashier needs no right on invoices for it: being allowed to use wallets and
        to read the order is enough.

        :param float amount: how much to pay; by default as much as the invoice and the
            wallet allow
        :return: ``True``
        :raise AccessError: when the user may not use wallets or read the order
        :raise UserError: when the order is not invoiced, or when the invoice
            cannot be paid from the wallet
        """
        invoice = self._get_invoice_for_wallet()
        return invoice.with_company(invoice.company_id).action_allocate_wallet(amount)

    def action_open_wallet_allocation(self):
        """Let the user choose how much of this order's invoice the customer's wallet
        pays. Who may not read the invoice pays what is due and available.

        :return: the action of the wizard customer.wallet.allocation, or a client action
            that says what was paid
        :raise AccessError: when the user may not use wallets or read the order
        :raise UserError: when the order is not invoiced, or when the invoice
            cannot be paid from the wallet
        """
        invoice = self._get_invoice_for_wallet()
        shown = invoice.sudo(False)
        if shown.has_access("read"):
            return shown.action_open_wallet_allocation()
        self.action_allocate_wallet()
        return self.env["customer.wallet"]._get_paid_notification(invoice)

    def _get_invoice_for_wallet(self):
        """
        :return: account.move in sudo
        :raises AccessError: see `action_allocate_wallet`
        :raises UserError: there is none
        """
        self.ensure_one()
        self.check_access("read")
        self.env["customer.wallet"]._check_user()
        invoice = self.sudo().account_move
        if not invoice:
            raise UserError(
                self.env._(
                    "%(order)s has no invoice that the wallet could pay.",
                    order=self.display_name,
                )
            )
        if not self.env.user.has_group("point_of_sale.group_pos_user"):
            # Others may read orders, too.
            invoice.sudo(False)._check_wallet_access()
        return invoice

    # What a till sends

    def _is_paid_by_wallet(self, order_data):
        """Whether an order that a till sends has a payment line of a wallet."""
        return bool(self._get_wallet_payments_data(order_data))

    def _get_wallet_payments_data(self, order_data):
        """The payments by wallet in an order that a till sends.

        :return: list of dicts
        """
        payments = [
            command[2]
            for command in order_data.get("payment_ids") or []
            if len(command) > 2 and isinstance(command[2], dict)
        ]
        method_ids = {payment.get("payment_method_id") for payment in payments}
        methods = self.env["pos.payment.method"].browse(method_ids - {None, False})
        wallet_ids = methods.exists().filtered(lambda it: it.type == "wallet").ids
        return [it for it in payments if it.get("payment_method_id") in wallet_ids]

    def _refuse_uncovered_order(self, order_data):
        """Refuse at once what a wallet cannot pay. It would be refused when it is
        charged; but by then it has locked the numbers of the till, for which others
        do not wait long. Who spends from the same wallet takes turns.

        :raises AccessError: the user may not use wallets, or not read the customer or
            the session
        :raises UserError: a figure of the order is not a number, or naming customer,
            available and wanted amount
        """
        self.check_access("create")
        check_numbers(self, order_data)
        payments = self._get_wallet_payments_data(order_data)
        if not payments or order_data.get("state") != "paid":
            return
        self.env["pos.payment"]._check_wallet_actor()
        customer = self.env["res.partner"].browse(order_data.get("partner_id"))
        session = self.env["pos.session"].browse(order_data.get("session_id"))
        if not customer.exists() or not session.exists():
            return
        customer.check_access("read")
        session.check_access("read")
        customer, session = customer.sudo(), session.sudo()
        company, currency = session.company_id, session.currency_id
        amounts = [
            self._read_wallet_amount(it.get("amount"), currency) for it in payments
        ]
        spent = currency.round(sum(amount for amount in amounts if amount > 0.0))
        wallets = self.env["customer.wallet"].sudo()._find(customer, company, currency)
        wallets._lock()
        if spent and self._get_open_order(order_data).state in (False, "draft"):
            wallets._check_covers(spent, currency, company, customer)

    @api.model
    def _read_wallet_amount(self, value, currency):
        """Read an amount that a till sends, which may be below zero.

        :raises UserError: it is no amount of money
        """
        value = value or 0.0
        check_exact(self.env, value, currency)
        # Computed by the till, and so not always as exact as what people type.
        return currency.round(value)

    # Charging

    def _get_wallet_payments(self):
        return self.payment_ids._filter_wallet()

    def _moves_wallet_money(self):
        """Whether the payments of these orders are the server's to book."""
        return bool(self._get_wallet_payments())

    def _is_wallet_used(self):
        """Whether a wallet has been charged or filled for this order."""
        self.ensure_one()
        return any(payment._is_wallet_charged() for payment in self.payment_ids)

    def _is_wallet_due(self):
        """Whether this order is paid, and a wallet has not been charged for it."""
        self.ensure_one()
        return self.state in PAID_STATES and bool(
            self._get_wallet_payments()._filter_uncharged()
        )

    def _charge_wallets(self):
        """Hold or book the wallet payments of the paid orders among these, once.

        :raises UserError: a wallet does not hold enough
        """
        for order in self.filtered(lambda order: order.state in PAID_STATES):
            order._get_wallet_payments()._charge_wallet()
            order._check_wallet_law()

    # What an order says for itself, see customer.wallet.spender.mixin

    def _get_wallet_amounts_due(self):
        """A till takes all that is due when the order is paid."""
        return 0.0, 0.0

    def _get_wallet_family(self):
        """Orders, their returns, and the invoices and credit notes of all these."""
        orders, found = self.browse().sudo(), self.sudo()
        while found - orders:
            orders |= found
            moves = orders.account_move
            moves |= moves.reversal_move_ids | moves.reversed_entry_id
            found = (
                orders.lines.refunded_orderline_id.order_id
                | orders.lines.refund_orderline_ids.order_id
                | moves.pos_order_ids
            )
        return [orders, moves] if orders else [orders]

    def _get_wallet_return_limits(self, amount):
        """In which kinds of money an amount may come back for these returns.

        :param float amount: in the currency of the orders
        :return: tuple (float paid money, dict of float bonus by account.move.line that
            gave it)
        """
        bonuses = self._get_wallet_bonus_left(self.currency_id)
        if not bonuses:
            return amount, {}
        money = self._get_wallet_money_left() - sum(bonuses.values())
        return self.currency_id.round(money), bonuses

    def _prepare_wallet_counterparts(self, amount, discount, balance):
        """The till has the other side until its session closes. What is kept in the
        wallet of an order that is invoiced was paid for the invoice.
        """
        company, owner = self.company_id, self._get_wallet_owner()
        credits_open = self.env["account.move.line"]
        if self.account_move:
            account = owner.with_company(company).property_account_receivable_id
            credits_open = self.payment_ids.account_move_id.line_ids.filtered(
                lambda line: (
                    line.account_id == account
                    and line.amount_residual < 0.0
                    and not line.reconciled
                )
            )
        else:
            method = self._get_wallet_payments().payment_method_id[:1]
            account = self.session_id._get_receivable_account(method)
        vals = {
            "name": self._get_wallet_label(),
            "account_id": account.id,
            "partner_id": owner.id,
            "currency_id": self.currency_id.id,
            "amount_currency": -self.currency_id.round(amount),
            "balance": -company.currency_id.round(balance),
            "analytic_distribution": False,
        }
        return [(vals, credits_open)]

    def _prepare_wallet_allocation_vals(self, company):
        vals = super()._prepare_wallet_allocation_vals(company)
        if len(self) == 1:
            vals["ref"] = self.env._(
                "%(order)s (%(till)s)", order=self.name, till=self.config_id.name
            )
        return vals

    def _check_wallet_entry_undoable(self, entry):
        raise UserError(
            self.env._(
                "%(entry)s belongs to an order of the Point of Sale: refund the order "
                "instead.",
                entry=entry.name,
            )
        )

    def _is_wallet_given_back(self):
        """Whether what goes into the wallet was paid for goods, and not as a top-up."""
        return self.amount_total < 0.0

    def _is_wallet_top_up(self):
        """A top-up is no sale: an order without lines."""
        self.ensure_one()
        return not self.lines and bool(self._get_wallet_payments())

    # Invoices

    def _generate_pos_order_invoice(self):
        """What is left to be paid later may be paid automatically."""
        sales = self.filtered("lines")
        if not sales:
            raise UserError(
                self.env._("A top-up of a wallet is not a sale: nothing to invoice.")
            )
        invoice = super(PosOrder, sales)._generate_pos_order_invoice()
        self.env["customer.wallet"]._allocate_confirmed(
            invoice.with_company(invoice.company_id)
        )
        return invoice

    def _create_invoice(self, move_vals):
        """The invoice takes its orders, which no client can do."""
        orders = self.with_context(wallet_invoicing=FROM_SERVER)
        invoice = super(PosOrder, orders)._create_invoice(move_vals)
        return invoice.with_context(wallet_invoicing=None)

    def _reconcile_invoice_payments(self, invoice, payment_moves):
        """Wallets pay the invoice itself, after the other payments: what is done to it
        later undoes that as on any invoice. Change that was kept in a wallet is no
        money for the invoice, which may be one of several orders.
        """
        payments = self._get_wallet_payments()
        change = payments.browse()
        if invoice.move_type == "out_invoice":
            change = payments.filtered(lambda it: it.pos_order_id._is_change_kept())
        change._book_wallets_on_invoice()
        result = super()._reconcile_invoice_payments(invoice, payment_moves)
        (payments - change)._book_wallets_on_invoice()
        return result

    def _is_change_kept(self):
        """Whether a wallet has only got something of what was paid for this order."""
        self.ensure_one()
        amounts = self._get_wallet_payments().mapped("amount")
        return self.amount_total > 0.0 and max(amounts, default=0.0) < 0.0

    def _create_misc_reversal_move(self, payment_moves):
        """What wallets paid to the till was taken back when they paid the invoice."""
        wallet_moves = self._get_wallet_items().move_id
        return super()._create_misc_reversal_move(payment_moves | wallet_moves)

    def _process_saved_order(self, draft):
        if self.to_invoice and self._is_wallet_top_up():
            self.to_invoice = False
        is_auto_invoiced = self._prepare_auto_invoice(draft)
        if not draft and self.state != "cancel":
            self._check_wallet_order()
        order = self.with_context(wallet_charged_later=FROM_SERVER)
        if is_auto_invoiced:
            order = order.with_context(generate_pdf=False)
        result = super(PosOrder, order)._process_saved_order(draft)
        if is_auto_invoiced:
            self._send_auto_invoice()
        self._charge_wallets()
        return result
