"""What a till sends is checked before it moves money: the law at the till."""

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .customer_wallet import FROM_SERVER
from .pos_order import PAID_STATES


class PosOrder(models.Model):
    _inherit = "pos.order"

    def _get_wallet_order_name(self):
        """An order gets its name when it is paid."""
        return self.name if self.name != "/" else self.pos_reference or self.name

    def _check_wallet_order(self):
        """What the client sends is not to be trusted: the server computes what the
        order costs, goods come back once, and bonus money never becomes cash.

        :raises UserError: saying what does not go together
        """
        for order in self:
            order._check_wallet_returns()
            payments = order._get_wallet_payments()
            if payments:
                order._check_wallet_order_open()
                order._compute_prices()
                order._check_wallet_payments(payments)

    def _check_wallet_order_open(self):
        if self.account_move or self.session_id.state == "closed":
            raise UserError(
                self.env._(
                    "%(order)s is in the books already: its payments cannot be "
                    "changed.",
                    order=self.name,
                )
            )

    def _check_wallet_payments(self, payments):
        """Money goes from a wallet to goods, or from cash and card to a wallet, and
        never from a wallet to cash.

        :raises UserError: saying which combination is not possible
        """
        self.ensure_one()
        if not self.partner_id:
            raise UserError(
                self.env._(
                    "Choose the customer whose wallet %(order)s uses.",
                    order=self._get_wallet_order_name(),
                )
            )
        currency = self.currency_id
        for payment in self.payment_ids:
            self._read_wallet_amount(payment.amount, currency)
        spent = currency.round(sum(max(it.amount, 0.0) for it in payments))
        added = currency.round(sum(max(-it.amount, 0.0) for it in payments))
        if spent and added:
            raise UserError(
                self.env._(
                    "A wallet cannot be topped up from a wallet: use cash or card."
                )
            )
        if added:
            self._check_wallet_filling(added)
        else:
            self._check_wallet_spending(spent)
        self._check_wallet_paid_in_full()

    def _check_wallet_spending(self, spent):
        due = max(self._get_rounded_amount(self.amount_total), 0.0)
        if self.currency_id.compare_amounts(spent, due) > 0:
            raise UserError(
                self.env._(
                    "Only %(due)s is due on %(order)s: the wallet cannot pay "
                    "%(spent)s, as change is not given from a wallet.",
                    due=self.currency_id.format(due),
                    order=self._get_wallet_order_name(),
                    spent=self.currency_id.format(spent),
                )
            )

    def _check_wallet_filling(self, added):
        """What goes into a wallet has been paid too much, or is refunded."""
        tenders = self.payment_ids - self._get_settlements()
        if "pay_later" in tenders.payment_method_id.mapped("type"):
            raise UserError(
                self.env._(
                    "Only money that has been paid can be put into a wallet: use cash "
                    "or card."
                )
            )
        total = self._get_rounded_amount(self.amount_total)
        paid = sum(self.payment_ids.mapped("amount")) + added
        if total < 0.0:
            sold = self.sudo().lines.refunded_orderline_id.order_id
            is_cash = any(sold.payment_ids.payment_method_id.mapped("is_cash_count"))
            rounded = self._get_rounded_amount(self.amount_total, force_round=is_cash)
            total, paid = min(total, rounded), 0.0
        backed = self.currency_id.round(paid - total)
        if self.currency_id.compare_amounts(added, backed) > 0:
            raise UserError(
                self.env._(
                    "%(order)s is not fully paid: only %(backed)s can go into the "
                    "wallet of %(customer)s, but %(added)s was asked for.",
                    order=self._get_wallet_order_name(),
                    backed=self.currency_id.format(max(backed, 0.0)),
                    customer=self.partner_id.display_name,
                    added=self.currency_id.format(added),
                )
            )

    def _check_wallet_paid_in_full(self):
        """As core checks it when a till says that the order is paid."""
        difference = self.amount_total - sum(self.payment_ids.mapped("amount"))
        tolerance = self.config_id._get_cash_tolerance()
        if self.currency_id.compare_amounts(abs(difference), tolerance) > 0:
            raise UserError(
                self.env._("Order %s is not fully paid.", self._get_wallet_order_name())
            )

    # Returns

    def _check_wallet_returns(self):
        """Goods come back once, by all tills together; what a wallet has paid comes
        back to the one who paid, and never as cash what was a bonus.

        :raises UserError: saying what does not come back that way
        """
        self.ensure_one()
        lines = self.sudo().lines.refunded_orderline_id
        is_return = any(line.price_subtotal_incl < 0.0 for line in self.lines)
        if lines or is_return or self.amount_total < 0.0:
            self._book_wallets_of_buyers(lines.order_id)
        if lines:
            self._check_wallet_lines_refunded_once(lines)
            self._check_wallet_return_owner(lines.order_id)
            self._check_wallet_return_paid()
        self._check_wallet_bonus_kept()

    def _book_wallets_of_buyers(self, sold):
        """Which kind of money comes back is read from the books: what is held for what
        is returned goes there first, and the bonuses that are held for these customers.

        :param sold: pos.order that is returned
        """
        buyers = self._get_wallet_owner() | sold._get_wallet_buyers()
        buyers |= sold.partner_id.commercial_partner_id
        held = (
            self.env["customer.wallet.hold"]
            .sudo()
            .search(
                Domain("state", "=", "held")
                & Domain("pos_payment_id", "!=", False)
                & Domain("company_id", "=", self.company_id.root_id.id)
                & (
                    Domain("pos_payment_id.pos_order_id", "in", sold.ids)
                    | Domain("wallet_id.partner_id", "in", buyers.ids)
                    & Domain("bonus_amount", ">", 0.0)
                )
            )
        )
        held.pos_payment_id._book_wallet_holds()

    def _check_wallet_lines_refunded_once(self, lines):
        """Another till that refunds the same lines now cannot be serialized with this
        one: it is tried again, and sees this one then.

        :raises ConcurrencyError: another till has just refunded one of them
        :raises UserError: more comes back than is left
        """
        self.env["customer.wallet"]._execute_lock(
            SQL(
                "UPDATE pos_order_line SET qty = qty WHERE id = ANY(%s)",
                sorted(lines.ids),
            ),
            self.env._(
                "Another till is refunding %(order)s right now. Nothing was changed: "
                "please try again.",
                order=", ".join(lines.order_id.mapped("name")),
            ),
        )
        for line in lines:
            refunds = line.refund_orderline_ids.filtered(
                lambda refund: (
                    refund.order_id == self or refund.order_id.state in PAID_STATES
                )
            )
            returned = -sum(refunds.mapped("qty"))
            sign = -1 if line.qty < 0.0 else 1
            rounding = line.product_uom_id.rounding or 0.01
            if (returned - line.qty) * sign > rounding / 2:
                raise UserError(
                    self.env._(
                        "%(product)s of %(order)s has been refunded already: it is not "
                        "refunded again.",
                        product=line.full_product_name or line.product_id.display_name,
                        order=line.order_id.name,
                    )
                )

    def _check_wallet_return_owner(self, sold):
        """What goes into a wallet goes to the buyer; and of a buyer who ever used a
        bonus, it is known what comes back.
        """
        Wallet = self.env["customer.wallet"]
        owner = self._get_wallet_owner()
        for buyer in sold._get_wallet_buyers() - owner:
            if (
                self._get_wallet_payments()
                or Wallet._get_bonus_slack(buyer, self.company_id) is not None
            ):
                raise UserError(
                    self.env._(
                        "%(customer)s bought %(order)s: choose this customer for the "
                        "refund.",
                        customer=buyer.display_name,
                        order=", ".join(sold.mapped("name")),
                    )
                )

    def _get_wallet_buyers(self):
        """
        :return: res.partner who have bought these, as far as the books say: a contact
            who bought for a company may have left it since
        """
        buyers = self.env["res.partner"]
        for order in self:
            # What the same contact had for nothing, in exchange, was bought before.
            same = order._get_wallet_family()[0].filtered(
                lambda it, order=order: (
                    it.partner_id == order.partner_id
                    or (
                        not order.partner_id
                        and it.account_move.move_type != "out_refund"
                    )
                )
            )
            booked = order._get_booked_buyers() or same._get_booked_buyers()
            buyers |= booked or order.partner_id.commercial_partner_id
        return buyers

    def _get_booked_buyers(self):
        """
        :return: res.partner whose wallets have paid these orders, or else whose
            invoices they have
        """
        payers = self._get_wallet_items()._get_wallet_payers().with_env(self.env)
        return payers or self.account_move._get_wallet_buyers()

    def _check_wallet_bonus_kept(self):
        """Bonus money never becomes cash: what it has bought is not paid back in cash.

        :raises UserError: saying how much has to go back into the wallet
        """
        self.ensure_one()
        is_return = self.currency_id.compare_amounts(self.amount_total, 0.0) < 0
        if not is_return and not self._gives_money():
            return
        money, bonuses = self._get_wallet_return_limits(0.0)
        if self.currency_id.compare_amounts(money, 0.0) < 0:
            sold = self.sudo().lines.refunded_orderline_id.order_id
            self._raise_wallet_bonus_paid_out(
                sold or self, min(-money, sum(bonuses.values()))
            )

    def _check_wallet_law(self):
        """However the goods were paid: bonus used never exceeds goods kept.

        :raises UserError: saying how much has to go back into the wallet
        """
        self.ensure_one()
        amount = self._get_wallet_bonus_over() if self._gives_money() else 0.0
        if amount:
            self._raise_wallet_bonus_paid_out(self, amount)

    def _gives_money(self):
        """Whether cash or bank money goes out for this order. Ordinary change has come
        in before, and what is on account is owed.
        """
        paid = sum(
            payment.amount
            for payment in self.payment_ids
            if payment.payment_method_id.journal_id
            or (payment.payment_method_id.type == "pay_later" and payment.amount > 0.0)
        )
        return self.currency_id.compare_amounts(paid, 0.0) < 0

    def _get_wallet_bonus_over(self):
        """
        :return: float in the currency of the order, as much more bonus is used of its
            customer than goods are kept
        """
        company = self.company_id
        slack = self.partner_id and self.env["customer.wallet"]._get_bonus_slack(
            self.partner_id, company
        )
        if not slack or company.currency_id.compare_amounts(slack, 0.0) >= 0:
            return 0.0
        return company.currency_id._convert(-slack, self.currency_id, company)

    def _raise_wallet_bonus_paid_out(self, orders, amount):
        self.env["pos.payment"]._check_wallet_actor()
        raise UserError(
            self.env._(
                "%(order)s was paid with bonus money, which is not paid out: refund at "
                "least %(amount)s to the wallet of %(customer)s.",
                order=", ".join(orders.mapped("name")),
                amount=self.currency_id.format(amount),
                customer=self.partner_id.display_name or self.env._("the customer"),
            )
        )

    def _check_wallet_customer(self, partner_id):
        """The customer whose wallet is charged is chosen by a cashier, and stays the
        customer of the order.

        :raises AccessError: the user may not use wallets
        :raises UserError: a paid order would change hands
        """
        customer = self.env["res.partner"].browse(partner_id).commercial_partner_id
        for order in self:
            if order.partner_id.commercial_partner_id == customer:
                continue
            payments = order._get_wallet_payments()
            if payments:
                payments._check_wallet_actor()
            if any(payment._is_wallet_charged() for payment in payments):
                raise UserError(
                    self.env._(
                        "%(order)s was paid from the wallet of %(customer)s: its "
                        "customer cannot be changed.",
                        order=order.name,
                        customer=order.partner_id.display_name,
                    )
                )

    def _check_wallet_place_kept(self, vals):
        """What a wallet has paid is booked with the session or on the invoice of the
        order: neither is changed afterwards but by making the invoice.

        :param dict vals: that are written on these orders
        :raises UserError: naming the order
        """
        places = {"session_id", "account_move"} & set(vals)
        if self.env.context.get("wallet_invoicing") is FROM_SERVER:
            places.discard("account_move")
        for place in places:
            new_id = vals[place] or False
            moved = self.filtered(
                lambda it, place=place, new_id=new_id: it[place].id != new_id
            )
            moved.payment_ids._check_wallet_tenders_kept()
