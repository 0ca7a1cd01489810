from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date, format_list

from .wallet_deletions import refuses_deletion

# A hundred years: no date of a bonus is further away.
MAXIMUM_DAYS = 36500


class CustomerWalletPromotion(models.Model):
    """What a customer gets on top of a top-up: bonus money, which is an expense of the
    company, can be spent like any other, and is never paid out.
    """

    _name = "customer.wallet.promotion"
    _inherit = ["mail.thread", "mail.activity.mixin", "customer.wallet.amount.mixin"]
    _description = "Customer Wallet Promotion"
    _order = "minimum_amount, id"

    name = fields.Char(
        required=True, translate=True, help="Customers read it on their receipts."
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company.root_id,
        domain="[('parent_id', '=', False)]",
        help="Branches share the promotions of their main company.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.root_id.currency_id,
        help="Only top-ups in this currency earn the bonus. Create one promotion per "
        "currency.",
    )
    date_from = fields.Date(
        string="Start Date",
        tracking=True,
        help="The first day on which a top-up earns the bonus. The date of the payment "
        "counts; at the Point of Sale, today in the company's time zone.",
    )
    date_to = fields.Date(
        string="End Date",
        tracking=True,
        help="The last day on which a top-up earns the bonus.",
    )
    minimum_amount = fields.Monetary(
        string="Top Up at Least",
        tracking=True,
        help="Smaller top-ups earn nothing.",
    )
    bonus_type = fields.Selection(
        [("percent", "Percentage"), ("fixed", "Fixed Amount")],
        default="percent",
        required=True,
        tracking=True,
    )
    bonus_value = fields.Float(
        string="Bonus",
        required=True,
        tracking=True,
        digits=(16, 3),
        help="A percentage of the top-up, or an amount in the currency of the "
        "promotion.",
    )
    maximum_bonus = fields.Monetary(
        tracking=True,
        help="The most that one top-up earns. Zero: no limit.",
    )
    validity_days = fields.Integer(
        string="Valid for",
        tracking=True,
        help="Days during which the bonus can be used, from the day on which it is "
        "given. What is left then is taken back. Zero: it never expires.",
    )
    partner_category_ids = fields.Many2many(
        "res.partner.category",
        string="Customer Tags",
        help="Only customers with one of these tags, on the contact or on its company, "
        "earn the bonus. Empty: every customer.",
    )
    once_per_customer = fields.Boolean(
        string="Once per Customer",
        tracking=True,
        help="A customer earns this bonus with one top-up only.",
    )
    offer = fields.Char(compute="_compute_offer", help="An example of the promotion.")
    conditions = fields.Char(
        compute="_compute_offer", help="The promotion in one sentence."
    )
    bonus_count = fields.Integer(string="Bonuses", compute="_compute_bonus_count")

    @api.constrains("company_id")
    def _check_company_id(self):
        if self.company_id.parent_id:
            raise ValidationError(
                self.env._(
                    "%(company)s is a branch: choose its main company, whose "
                    "promotions it shares.",
                    company=self.company_id.filtered("parent_id")[0].display_name,
                )
            )

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for promotion in self:
            if (
                promotion.date_from
                and promotion.date_to
                and promotion.date_from > promotion.date_to
            ):
                raise ValidationError(
                    self.env._(
                        "The promotion %(promotion)s ends before it starts: choose "
                        "%(start)s or a later day as its end.",
                        promotion=promotion.name,
                        start=format_date(self.env, promotion.date_from),
                    )
                )

    @api.constrains(
        "bonus_type",
        "bonus_value",
        "currency_id",
        "minimum_amount",
        "maximum_bonus",
        "validity_days",
    )
    def _check_values(self):
        for promotion in self:
            problem = promotion._get_value_problem()
            problem = problem or promotion._get_smallest_problem()
            if problem:
                raise ValidationError(problem)

    def _get_value_problem(self):
        """Say what is wrong with the figures of this promotion, if anything is."""
        self.ensure_one()
        if self.bonus_value <= 0.0:
            return self.env._("Enter a bonus greater than zero.")
        if self.validity_days > MAXIMUM_DAYS:
            return self.env._(
                "Enter %(days)s days or fewer, or zero if the bonus never expires.",
                days=MAXIMUM_DAYS,
            )
        if min(self.minimum_amount, self.maximum_bonus, self.validity_days) < 0:
            return self.env._(
                "The smallest top-up, the largest bonus and the days cannot be "
                "negative."
            )
        if self.bonus_type == "fixed":
            return self._get_fixed_bonus_problem()
        if self.bonus_value > 100.0:
            return self.env._(
                "A bonus of %(percent)g%% is more than the customer pays: enter 100 or "
                "less.",
                percent=self.bonus_value,
            )
        return None

    def _get_smallest_problem(self):
        """What is less than the smallest amount of the currency earns nothing."""
        self.ensure_one()
        amounts = [self.maximum_bonus] if self.maximum_bonus else []
        if self.bonus_type == "fixed":
            amounts.append(self.bonus_value)
        if not any(map(self.currency_id.is_zero, amounts)):
            return None
        return self.env._(
            "The bonus is less than the smallest amount that there is in %(currency)s: "
            "enter %(amount)s or more.",
            currency=self.currency_id.name,
            amount=self.currency_id.format(self.currency_id.rounding),
        )

    def _get_fixed_bonus_problem(self):
        compare = self.currency_id.compare_amounts
        if compare(self.minimum_amount, 0.0) <= 0:
            return self.env._(
                "Enter the smallest top-up that earns the fixed bonus, or the customer "
                "gets it for any small amount."
            )
        if compare(self.bonus_value, self.minimum_amount) > 0:
            return self.env._(
                "A bonus of %(bonus)s for a top-up of %(minimum)s is more than the "
                "customer pays: enter a smaller bonus or a larger top-up.",
                bonus=self.currency_id.format(self.bonus_value),
                minimum=self.currency_id.format(self.minimum_amount),
            )
        return None

    @api.depends(
        "bonus_type",
        "bonus_value",
        "minimum_amount",
        "maximum_bonus",
        "validity_days",
        "currency_id",
        "once_per_customer",
    )
    def _compute_offer(self):
        for promotion in self:
            currency = promotion.currency_id
            amount = promotion._get_example_amount()
            promotion.offer = currency and self.env._(
                "Pay %(paid)s, get %(gets)s",
                paid=currency.format(amount),
                gets=currency.format(amount + promotion._get_bonus(amount)),
            )
            texts = promotion._get_condition_texts() if currency else []
            conditions = format_list(self.env, texts, "unit")
            promotion.conditions = conditions[:1].upper() + conditions[1:]

    def _get_example_amount(self):
        """An amount that people would pay in, and that earns something."""
        self.ensure_one()
        if self.minimum_amount > 0.0:
            return self.minimum_amount
        return 100.0 if self.currency_id.decimal_places else 10000.0

    def _get_condition_texts(self):
        """
        :return: list of str, which make one sentence
        """
        self.ensure_one()
        currency = self.currency_id
        texts = []
        if self.minimum_amount:
            minimum = currency.format(self.minimum_amount)
            texts.append(self.env._("top up %(minimum)s or more", minimum=minimum))
        if self.bonus_type == "percent":
            texts.append(self.env._("%(percent)g%% bonus", percent=self.bonus_value))
        else:
            bonus = currency.format(self.bonus_value)
            texts.append(self.env._("%(bonus)s bonus", bonus=bonus))
        if self.bonus_type == "percent" and self.maximum_bonus:
            maximum = currency.format(self.maximum_bonus)
            texts.append(self.env._("at most %(maximum)s", maximum=maximum))
        if self.validity_days:
            texts.append(
                self.env._("to be used within %(days)s days", days=self.validity_days)
            )
        if self.once_per_customer:
            texts.append(self.env._("once per customer"))
        return texts

    def _compute_bonus_count(self):
        counts = dict(
            self.env["account.move"]
            .sudo()
            ._read_group(
                self._get_bonus_entries_domain(),
                groupby=["wallet_promotion_id"],
                aggregates=["__count"],
            )
        )
        for promotion in self:
            promotion.bonus_count = counts.get(promotion, 0)

    def _get_bonus_entries_domain(self):
        return [("wallet_promotion_id", "in", self.ids), ("state", "=", "posted")]

    @api.onchange("bonus_type")
    def _onchange_bonus_type(self):
        if self.bonus_type == "fixed":
            self.maximum_bonus = 0.0

    @api.model_create_multi
    def create(self, vals_list):
        promotions = super().create(vals_list)
        promotions.company_id._ensure_wallet_accounting()
        return promotions

    @refuses_deletion
    def _unlink_except_given(self):
        given = self.env["account.move"].sudo()
        given = given.search([("wallet_promotion_id", "in", self.ids)], limit=1)
        if given:
            raise UserError(
                self.env._(
                    "The promotion %(promotion)s has given bonuses, whose entries name "
                    "it: archive it instead of deleting it.",
                    promotion=given.wallet_promotion_id.name,
                )
            )

    # Actions

    def action_view_bonuses(self):
        """Show the entries by which this promotion has given bonuses.

        :return: a window action on account.move
        :raises AccessError: the user may not read the promotion
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Bonuses"),
            "res_model": "account.move",
            "view_mode": "list,form",
            "domain": self._get_bonus_entries_domain(),
            "context": {"create": False},
        }

    # Which promotion

    @api.model
    def _find_best(self, partner, company, currency, amount, date):
        """The promotion that gives this customer most for a top-up: one only.

        :param partner: res.partner, any contact of the customer
        :param company: res.company, any branch
        :param currency: res.currency of the top-up
        :param float amount: of the top-up
        :param date: of the top-up
        :return: (customer.wallet.promotion in sudo, float bonus in that currency); an
            empty recordset and 0.0 when nothing is earned
        """
        offers = [
            (promotion, promotion._get_bonus(amount))
            for promotion in self._find_offers(partner, company, currency, date)
        ]
        offers = [
            offer for offer in offers if currency.compare_amounts(offer[1], 0.0) > 0
        ]
        if not offers:
            return self.browse(), 0.0
        return max(offers, key=lambda offer: (offer[1], *offer[0]._get_preference()))

    def _get_preference(self):
        """Of two equal bonuses, the one that lasts longer is better; then the one that
        does not use up what the customer gets once only.
        """
        self.ensure_one()
        lasting = self.validity_days or float("inf")
        return lasting, not self.once_per_customer, -self.id

    @api.model
    def _find_offers(self, partner, company, currency, date):
        """The promotions that a top-up of this customer could earn, see `_find_best`.

        :return: customer.wallet.promotion in sudo
        """
        if not partner or not company:
            return self.browse()
        return self._find_offers_of_all(partner, company, currency, date)[partner]

    @api.model
    def _find_offers_of_all(self, partners, company, currency, date):
        """The same for many customers, by few queries: a till asks for many.

        :return: dict of customer.wallet.promotion in sudo by res.partner
        """
        promotions = self.sudo().search(
            Domain("company_id", "=", company.root_id.id)
            & Domain("currency_id", "=", currency.id)
            & (Domain("date_from", "=", False) | Domain("date_from", "<=", date))
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", date))
        )
        used = promotions.filtered("once_per_customer")._get_uses(partners)
        return {
            partner: promotions.filtered(
                lambda promotion, partner=partner: (
                    promotion._is_for(partner)
                    and (promotion, partner.commercial_partner_id) not in used
                )
            )
            for partner in partners
        }

    def _is_for(self, partner):
        """Whether the customer has a tag of this promotion, or a tag below it."""
        self.ensure_one()
        tags = self.partner_category_ids
        if not tags:
            return True
        partner = partner.sudo()
        owned = partner.category_id | partner.commercial_partner_id.category_id
        return bool(owned.filtered_domain([("id", "child_of", tags.ids)]))

    def _get_uses(self, partners):
        """Which of these customers have which of these bonuses already. Two top-ups at
        once cannot both get one: they change the same wallet, so that Odoo tries one of
        them again.

        :return: set of (customer.wallet.promotion, res.partner, the commercial partner)
        """
        owners = partners.commercial_partner_id
        domain = [
            *self._get_bonus_entries_domain(),
            ("commercial_partner_id", "in", owners.ids),
        ]
        entries = self.env["account.move"].sudo().search(domain)
        return {
            (entry.wallet_promotion_id, entry.commercial_partner_id)
            for entry in entries
            if not entry._get_wallet_reversals()
        }

    def _get_bonus(self, amount):
        """What a top-up earns by this promotion, its conditions on the customer aside.

        :param float amount: of the top-up, in the currency of the promotion
        :return: float in the same currency
        """
        self.ensure_one()
        currency = self.currency_id
        if currency.compare_amounts(amount, max(self.minimum_amount, 0.0)) < 0:
            return 0.0
        if self.bonus_type == "fixed":
            return currency.round(self.bonus_value)
        bonus = currency.round(amount * self.bonus_value / 100.0)
        return min(bonus, self.maximum_bonus) if self.maximum_bonus > 0.0 else bonus

    def _get_expiry_date(self, date):
        """The last day on which a bonus can be used. One that is given late for an
        earlier payment is not gone at once.

        :param date: of the top-up
        :return: date, or False when it never expires
        """
        self.ensure_one()
        if not self.validity_days:
            return False
        given = max(date, self.company_id._get_wallet_today())
        return fields.Date.add(given, days=self.validity_days)

    def _get_pos_offers(self):
        """What a till shows of these promotions; the server decides in the end.

        :return: list of dicts
        """
        today = self.company_id[:1]._get_wallet_today() if self else None
        return [
            {
                "id": promotion.id,
                "name": promotion.name,
                "offer": promotion.offer,
                "minimum_amount": promotion.minimum_amount,
                "bonus_type": promotion.bonus_type,
                "bonus_value": promotion.bonus_value,
                "maximum_bonus": promotion.maximum_bonus,
                "expiry_date": fields.Date.to_string(promotion._get_expiry_date(today))
                or False,
            }
            for promotion in self
        ]
