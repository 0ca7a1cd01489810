from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.customer_wallet.models.payment_provider import WALLET
from odoo.addons.customer_wallet.models.pos_order import PAID_STATES
from odoo.addons.customer_wallet.models.wallet_refusals import attempt


class PosOrder(models.Model):
    _inherit = "pos.order"

    @api.depends("payment_ids.online_account_payment_id")
    def _compute_wallet_amount(self):
        result = super()._compute_wallet_amount()
        for order in self:
            transactions = order._get_wallet_online_payments()
            order.wallet_amount += sum(transactions.mapped("amount"))
        return result

    def write(self, vals):
        """However an order is cancelled, what a wallet has paid of it goes back."""
        cancelled = self.browse()
        if vals.get("state") == "cancel":
            cancelled = self.filtered(lambda order: order.state == "draft")
        result = super().write(vals)
        for order in cancelled:
            order._give_back_to_wallet()
        return result

    def unlink(self):
        """Nor is an order deleted with what a wallet has paid of it."""
        for order in self.filtered(lambda order: order.state not in PAID_STATES):
            order._check_given_back_to_wallet()
        return super().unlink()

    @api.model
    def _process_order(self, order, existing_order):
        """A till that has not heard yet who has paid online does not take that customer
        away from the order.
        """
        is_unknown = existing_order and not order.get("partner_id")
        if is_unknown and existing_order._get_wallet_online_payments():
            order["partner_id"] = existing_order.partner_id.id
        return super()._process_order(order, existing_order)

    # Who may pay

    def _get_wallet_providers(self, amount, report=None):
        """The wallet, where this till takes it online, for its owner who is logged in:
        the customer of the order, or whoever pays an order of nobody.

        :param float amount: to pay, in the currency of the order
        :param dict report: takes up as `wallet_notice` what the owner should know
        :return: payment.provider in sudo
        """
        self.ensure_one()
        Provider = self.env["payment.provider"].sudo()
        wallets = (
            self.sudo()
            .online_payment_method_id._get_online_payment_providers(
                self.config_id.id, error_if_invalid=False
            )
            .filtered(lambda provider: provider.code == WALLET)
        )
        if not wallets:
            return Provider
        payer = self.partner_id or Provider._get_visitor_owner()
        return wallets & Provider._get_compatible_providers(
            self.company_id.id,
            payer.id,
            amount,
            currency_id=self.currency_id.id,
            wallet_owner_id=payer.id,
            report=report,
        )

    # What was paid

    def _get_wallet_online_payments(self):
        """
        :return: payment.transaction in sudo, by which wallets have paid these orders
        """
        payments = self.sudo().payment_ids.online_account_payment_id
        return payments.payment_transaction_id.filtered(
            lambda tx: tx.provider_code == WALLET
        )

    def _give_back_to_wallet(self):
        """Refund what wallets have paid online for this order. Whatever hinders it is
        told on the order, which stays cancelled, and on the payment, as tills delete
        the orders that they cancel.

        :return: str, what hinders it
        """
        self.ensure_one()
        reasons = []
        for tx in self._get_wallet_online_payments():
            amount = tx._get_wallet_refundable()
            if tx.currency_id.is_zero(amount):
                continue
            with attempt(self.env) as tried:
                refund = tx._refund(amount_to_refund=amount)
                if refund.state == "error":
                    tried.reason = refund.state_message
            if reason := tried.reason:
                reasons.append(reason)
                self.sudo()._message_log(body=reason)
                tx.payment_id._message_log(body=reason)
        return " ".join(reasons)

    def _check_given_back_to_wallet(self):
        """
        :raises UserError: what a wallet has paid online does not go back
        """
        reason = self._give_back_to_wallet()
        if not reason:
            return
        owner = self._get_wallet_online_payments()._get_wallet_owner()
        raise UserError(
            self.env._(
                "%(order)s cannot be deleted, as what was paid online from the wallet "
                "of %(customer)s does not go back: %(reason)s",
                order=self.pos_reference or self.display_name,
                customer=owner.display_name,
                reason=reason,
            )
        )

    def _is_settled_by_wallet(self):
        """Whether a wallet has paid this order, at the till or what was left online."""
        is_paid = self.state in PAID_STATES and self._get_wallet_online_payments()
        return bool(is_paid) or self._is_wallet_used()

    def _get_wallet_family(self):
        family = super()._get_wallet_family()
        paid = family[0]._get_wallet_online_payments()
        return [*family, paid | paid.child_transaction_ids] if paid else family

    def _get_booked_buyers(self):
        paid = self._get_wallet_online_payments()._get_wallet_items()
        payers = paid._get_wallet_payers().with_env(self.env)
        return payers or super()._get_booked_buyers()

    def _get_wallet_payments_left(self):
        """What was refunded of online payments is not given back once more."""
        left = super()._get_wallet_payments_left()
        return left - self._get_wallet_family()[0]._get_wallet_refunded_online()

    def _get_wallet_spent_left(self):
        """
        :return: float in the currency of the orders, what wallets alone have paid for
            these and their returns, and have not got back
        """
        orders, moves = self._get_wallet_family()[:2]
        others = moves.filtered(lambda move: not move.pos_order_ids)
        credited = others._get_wallet_items()._filter_wallet_receivables()
        spent = sum(orders.mapped("wallet_amount"))
        spent -= sum(credited.mapped("amount_currency"))
        return spent - orders._get_wallet_refunded_online()

    def _get_wallet_refunded_online(self):
        """
        :return: float in the currency of the orders
        """
        refunds = self._get_wallet_online_payments().child_transaction_ids.filtered(
            lambda tx: tx.operation == "refund" and tx.state == "done"
        )
        return -sum(refunds.mapped("amount"))

    def _is_wallet_given_back(self):
        """What a wallet has paid too much online is no money to fill a wallet with."""
        return super()._is_wallet_given_back() or bool(
            self._get_wallet_online_payments()
        )

    def _check_wallet_customer(self, partner_id):
        """Who has paid an order from the wallet stays its customer.

        :raises UserError: the order would change hands
        """
        result = super()._check_wallet_customer(partner_id)
        customer = self.env["res.partner"].browse(partner_id).commercial_partner_id
        for order in self:
            if order.partner_id.commercial_partner_id == customer:
                continue
            owner = order._get_wallet_online_payments()._get_wallet_owner()
            if owner and owner != customer:
                raise UserError(
                    self.env._(
                        "%(order)s was paid from the wallet of %(customer)s: its "
                        "customer cannot be changed.",
                        order=order.pos_reference,
                        customer=owner.display_name,
                    )
                )
        return result
