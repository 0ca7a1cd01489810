from odoo import api, fields, models
from odoo.exceptions import UserError

from .customer_wallet import FROM_SERVER
from .customer_wallet_request import answered_once


class PosOrder(models.Model):
    _inherit = "pos.order"

    wallet_amount = fields.Monetary(
        string="Paid from Wallet",
        compute="_compute_wallet_amount",
        compute_sudo=True,
        groups="customer_wallet.group_wallet_user",
        help="What the customer's wallet paid: at the till and on the invoice.",
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
        "payment_ids.amount",
        "payment_ids.wallet_move_id",
        "account_move.line_ids.matched_credit_ids.debit_amount_currency",
        "account_move.line_ids.matched_credit_ids.credit_move_id.move_id"
        ".wallet_operation",
    )
    def _compute_wallet_amount(self):
        for order in self:
            partials = order.account_move.line_ids.matched_credit_ids.filtered(
                lambda partial: (
                    partial.credit_move_id.move_id.wallet_operation == "allocation"
                )
            )
            at_till = order.payment_ids.filtered("wallet_move_id")
            order.wallet_amount = sum(partials.mapped("debit_amount_currency")) + sum(
                at_till.mapped("amount")
            )

    @api.depends("account_move.wallet_widget")
    def _compute_wallet_balance(self):
        for order in self:
            widget = order.account_move.wallet_widget or {}
            order.wallet_balance = widget.get("available", 0.0)
            order.can_allocate_wallet = widget.get("can_allocate", False)

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
        return [
            name
            for name in names or self.fields_get(attributes=())
            if name not in unused
        ]

    def write(self, vals):
        if "partner_id" in vals:
            self._check_wallet_customer(vals["partner_id"])
        orders = self.with_context(wallet_charged_by_order=FROM_SERVER)
        result = super(PosOrder, orders).write(vals)
        if vals.get("payment_ids"):
            self._invoice_orders_changed_to_pay_later()
        is_paid = vals.get("state") == "paid" and not self._is_wallet_charged_later()
        if vals.get("payment_ids") or is_paid:
            self.filtered(lambda order: order.name != "/")._charge_wallets()
        return result

    def _is_wallet_charged_later(self):
        """Whether these orders are just being processed, which charges in its turn."""
        return self.env.context.get("wallet_charged_later") is FROM_SERVER

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
        by_wallet = [order for order in orders if self._is_paid_by_wallet(order)]
        if len(orders) < 2 or not by_wallet:
            for order in by_wallet:
                self._refuse_uncovered_order(order)
            return super().sync_from_ui(orders)
        others = [order for order in orders if order not in by_wallet]
        result = super().sync_from_ui(others) if others else {}
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
    def action_allocate_wallet(self):
        """Pay what is still due on this order's invoice from the customer's wallet.

        As much is paid as the invoice and the wallet allow. A cashier needs no
        right on invoices for it: being allowed to use wallets and to read the
        order is enough.

        :return: ``True``
        :raise AccessError: when the user may not use wallets or read the order
        :raise UserError: when the order is not invoiced, or when the invoice
            cannot be paid from the wallet
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
        return invoice.with_company(invoice.company_id).action_allocate_wallet()

    # ------------------------------------------------------------------
    # Customer Wallet
    # ------------------------------------------------------------------

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

        :raises AccessError: the user may not read the customer or the session
        :raises UserError: naming customer, available and wanted amount
        """
        self.check_access("create")
        customer = self.env["res.partner"].browse(order_data.get("partner_id"))
        session = self.env["pos.session"].browse(order_data.get("session_id"))
        spent = sum(
            max(payment.get("amount") or 0.0, 0.0)
            for payment in self._get_wallet_payments_data(order_data)
        )
        is_paid = spent and order_data.get("state") == "paid"
        if not is_paid or not customer.exists() or not session.exists():
            return
        customer.check_access("read")
        session.check_access("read")
        customer, session = customer.sudo(), session.sudo()
        company, currency = session.company_id, session.currency_id
        wallets = self.env["customer.wallet"].sudo()._find(customer, company, currency)
        wallets._take_turn()
        if self._get_open_order(order_data).state in (False, "draft"):
            wallets._check_covers(currency.round(spent), currency, company, customer)

    def _get_wallet_payments(self):
        return self.payment_ids.filtered(
            lambda payment: (
                payment.payment_method_id.type == "wallet"
                and not payment.currency_id.is_zero(payment.amount)
            )
        )

    def _charge_wallets(self):
        """Book the wallet payments of the paid orders among these, once.

        :raises UserError: a wallet does not hold enough, or the payments do not go
            together
        """
        for order in self.filtered(lambda order: order.state in ("paid", "done")):
            order._check_wallet_bonus_kept()
            payments = order._get_wallet_payments()
            if payments:
                order._check_wallet_payments(payments)
                payments._charge_wallet()

    def _check_wallet_payments(self, payments):
        """What the client sends is not to be trusted: money goes from a wallet to
        goods, or from cash and card to a wallet, and never from a wallet to cash.

        :raises UserError: saying which combination is not possible
        """
        self.ensure_one()
        if not self.partner_id:
            raise UserError(
                self.env._(
                    "Choose the customer whose wallet %(order)s uses.", order=self.name
                )
            )
        amounts = payments.mapped("amount")
        spent = self.currency_id.round(sum(amount for amount in amounts if amount > 0))
        if spent and min(amounts) < 0.0:
            raise UserError(
                self.env._(
                    "A wallet cannot be topped up from a wallet: use cash or card."
                )
            )
        due = max(self.amount_total, 0.0)
        if self.currency_id.compare_amounts(spent, due) > 0:
            raise UserError(
                self.env._(
                    "Only %(due)s is due on %(order)s: the wallet cannot pay "
                    "%(spent)s, as change is not given from a wallet.",
                    due=self.currency_id.format(due),
                    order=self.name,
                    spent=self.currency_id.format(spent),
                )
            )
        added = min(amounts) < 0.0
        if added and "pay_later" in self.payment_ids.payment_method_id.mapped("type"):
            raise UserError(
                self.env._(
                    "Only money that has been paid can be put into a wallet: use cash "
                    "or card."
                )
            )

    def _get_wallet_refunds(self):
        """The order among these and all others that refund the same orders.

        :return: (pos.order refunded, pos.order that refund them), in sudo
        """
        refunded = self.sudo().lines.refunded_orderline_id.order_id
        refunds = refunded.lines.refund_orderline_ids.order_id
        return refunded, refunds.filtered(lambda o: o.state in ("paid", "done"))

    def _get_wallet_spendings(self):
        """The journal items by which wallets have paid these orders.

        :return: account.move.line
        """
        lines = self.payment_ids.wallet_move_id.line_ids
        for invoice in self.account_move:
            lines |= invoice._get_wallet_spendings()
        return lines

    def _get_wallet_money_left(self):
        """What may still be given back as money that was paid in for the orders that
        this one refunds: bonus money only goes back as a bonus.

        :return: (float, dict of the bonus money left by date of expiry), in the
            currency of the order; (None, {}) when no bonus money was used
        """
        self.ensure_one()
        refunded, refunds = self._get_wallet_refunds()
        spendings = refunded._get_wallet_spendings()
        bonuses = spendings._get_wallet_bonus_used(self.currency_id)
        if not bonuses:
            return None, {}
        payments = (refunds | self.sudo()).payment_ids
        booked = payments.filtered(
            lambda p: p.payment_method_id.type != "wallet" or p.wallet_move_id
        )
        given_back = booked.wallet_move_id._get_wallet_bonus_given_back()
        money = sum(refunded.mapped("amount_total")) - sum(bonuses.values())
        money += sum(booked.mapped("amount")) + sum(given_back.values())
        left = {
            expiry: amount - given_back.get(expiry, 0.0)
            for expiry, amount in bonuses.items()
        }
        return self.currency_id.round(money), left

    def _get_wallet_credit_parts(self, amount):
        """In which kinds of money an amount goes into the wallet. A refund gives back
        the kind that was spent, the last that was used first: money paid in, then
        bonus.

        :param float amount: in the currency of the order
        :return: list of (float amount, str lot type, date of expiry or False)
        """
        self.ensure_one()
        money, bonuses = self._get_wallet_money_left()
        if money is None:
            return [(amount, "paid", False)]
        return self.env["customer.wallet"]._split_by_kind(
            amount, self.currency_id, money, bonuses
        )

    def _check_wallet_bonus_kept(self):
        """Bonus money never becomes cash: what it has bought is not paid back in cash.

        :raises UserError: saying how much has to go back into the wallet
        """
        self.ensure_one()
        if self.currency_id.compare_amounts(self.amount_total, 0.0) >= 0:
            return
        money, bonuses = self._get_wallet_money_left()
        if money is None or self.currency_id.compare_amounts(money, 0.0) >= 0:
            return
        raise UserError(
            self.env._(
                "%(order)s was paid with bonus money, which is not paid out: refund at "
                "least %(amount)s to the wallet of %(customer)s.",
                order=self._get_wallet_refunds()[0][:1].name,
                amount=self.currency_id.format(min(-money, sum(bonuses.values()))),
                customer=self.partner_id.display_name or self.env._("the customer"),
            )
        )

    def _check_wallet_customer(self, partner_id):
        """The customer whose wallet was charged stays the customer of the order.

        :raises UserError: when a paid order would change hands
        """
        customer = self.env["res.partner"].browse(partner_id).commercial_partner_id
        for order in self.filtered(lambda o: o.payment_ids.wallet_move_id):
            if order.partner_id.commercial_partner_id != customer:
                raise UserError(
                    self.env._(
                        "%(order)s was paid from the wallet of %(customer)s: its "
                        "customer cannot be changed.",
                        order=order.name,
                        customer=order.partner_id.display_name,
                    )
                )

    def _is_wallet_top_up(self):
        """A top-up is no sale: an order without lines."""
        self.ensure_one()
        return not self.lines and bool(self._get_wallet_payments())

    def action_pos_order_invoice(self):
        if any(order._is_wallet_top_up() for order in self):
            raise UserError(
                self.env._("A top-up of a wallet is not a sale: nothing to invoice.")
            )
        return super().action_pos_order_invoice()

    def _generate_pos_order_invoice(self):
        """What a wallet pays at the till comes first; what is left to be paid later
        may then be paid automatically.
        """
        invoice = super()._generate_pos_order_invoice()
        self._charge_wallets()
        invoice.sudo().with_company(invoice.company_id)._allocate_wallet_automatically()
        return invoice

    def _process_saved_order(self, draft):
        if self.to_invoice and self._is_wallet_top_up():
            self.to_invoice = False
        is_auto_invoiced = self._prepare_auto_invoice(draft)
        order = self.with_context(wallet_charged_later=FROM_SERVER)
        if is_auto_invoiced:
            order = order.with_context(generate_pdf=False)
        result = super(PosOrder, order)._process_saved_order(draft)
        if is_auto_invoiced:
            self._send_auto_invoice()
        self._charge_wallets()
        return result

    # ------------------------------------------------------------------
    # Pay Later
    # ------------------------------------------------------------------

    def _prepare_auto_invoice(self, draft):
        """Have this order invoiced when a payment method wants so.

        :return: bool, whether it is invoiced although the cashier did not press
            Invoice
        :raise UserError: when there is no customer to send the invoice to
        """
        if draft or self.state == "cancel" or not self._get_auto_invoice_payments():
            return False
        self._check_auto_invoice_customer()
        if self.to_invoice:
            return False
        self.to_invoice = True
        return True

    def _get_auto_invoice_payments(self):
        """Return the payments for which this order is invoiced without asking.

        :rtype: recordset of ``pos.payment``
        """
        return self.payment_ids.filtered(
            lambda payment: (
                payment.payment_method_id._filter_auto_invoice()
                and not payment.currency_id.is_zero(payment.amount)
            )
        )

    def _check_auto_invoice_customer(self):
        """Refuse an order that is to be invoiced but has no customer.

        :raise UserError: when there is no customer to send the invoice to
        """
        self.ensure_one()
        if not self.partner_id:
            method = self._get_auto_invoice_payments().payment_method_id[:1]
            raise UserError(
                self.env._("Customer is required for %s payment method.", method.name)
            )

    def _invoice_orders_changed_to_pay_later(self):
        """Invoice the paid orders whose payment was changed to *Pay Later* since.

        An order that is just being processed has no name yet: it is left to
        ``_process_saved_order``.
        """
        for order in self:
            if (
                order.state == "paid"
                and order.name != "/"
                and not order.account_move
                and order._get_auto_invoice_payments()
            ):
                order._check_auto_invoice_customer()
                order.with_context(generate_pdf=False).action_pos_order_invoice()
                order._send_auto_invoice()

    def _send_auto_invoice(self):
        """Leave printing and sending the invoice to core's scheduled action.

        Core does both while the till waits, because the cashier pressed Invoice.
        Here nobody waits for the document, and an order on account is not refused
        because it cannot be printed.
        """
        self.ensure_one()
        cron = self.env.ref(
            "account.ir_cron_account_move_send", raise_if_not_found=False
        )
        wanted = self.env.context.get("generate_pdf", True)
        if not wanted or not cron or not cron.sudo().active:
            return
        self.account_move.sudo().sending_data = {
            "author_user_id": self.env.user.id,
            "author_partner_id": self.env.user.partner_id.id,
        }
        cron._trigger()
