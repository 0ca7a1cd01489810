from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class CustomerWalletLiabilityPeriod(models.TransientModel):
    _name = "customer.wallet.liability.period"
    _description = "Wallet Liability in a Period"

    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
    )
    date_to = fields.Date(string="To", required=True, default=fields.Date.context_today)
    ledger_message = fields.Text(compute="_compute_ledger_message")

    @api.depends("date_to")
    def _compute_ledger_message(self):
        for wizard in self:
            wizard.ledger_message = "\n".join(
                line
                for company in self.env.companies.root_id.sudo()
                if wizard.date_to and company.wallet_account_id
                for line in wizard._get_ledger_lines(company)
            )

    def _get_ledger_lines(self, company):
        """
        :param company: res.company in sudo, whose branches the user may not all read
        :return: list of str
        """
        lines = [self._get_ledger_line(company)]
        left_out = company._get_wallet_branches_left_out()
        if not left_out:
            return lines
        if left_out <= self.env.user.company_ids.filtered("active"):
            hint = self.env._(
                "These are the wallets of %(company)s and all its branches together: "
                "choose them all at the top of the screen to see every movement, and "
                "the same in the general ledger.",
                company=company.name,
            )
        else:
            hint = self.env._(
                "These are the wallets of %(company)s and all its branches together: "
                "more than the movements and the general ledger show here.",
                company=company.name,
            )
        return [*lines, hint]

    def _get_ledger_line(self, company):
        """What the report and the general ledger say of one company.

        :param company: res.company in sudo: who works in a branch reads only the branch
        :return: str
        """
        [(balance,)] = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(
                [
                    ("account_id", "in", company._get_wallet_accounts().ids),
                    ("company_id", "child_of", company.id),
                    ("parent_state", "=", "posted"),
                    ("date", "<=", self.date_to),
                ],
                aggregates=["balance:sum"],
            )
        )
        [(closing,)] = self._get_closings()._read_group(
            [("company_id", "=", company.id)], aggregates=["closing:sum"]
        )
        currency = company.currency_id
        values = {
            "company": company.name,
            "date": format_date(self.env, self.date_to),
            "closing": currency.format(closing or 0.0),
            "ledger": currency.format(-(balance or 0.0)),
        }
        if currency.compare_amounts(closing or 0.0, -(balance or 0.0)):
            return self.env._(
                "%(company)s: on %(date)s the wallets have %(closing)s, but the "
                "general ledger has %(ledger)s. Use Check Wallets in the list of "
                "wallets.",
                **values,
            )
        return self.env._(
            "%(company)s: on %(date)s the wallets have %(closing)s, as the general "
            "ledger has.",
            **values,
        )

    def _get_closings(self):
        """The report of the last day alone: the first one may be after it still."""
        last_day = self._get_dates()["wallet_date_to"]
        return self.env["customer.wallet.liability"].with_context(
            wallet_date_from=last_day, wallet_date_to=last_day
        )

    def _get_dates(self):
        return {
            "wallet_date_from": fields.Date.to_string(self.date_from),
            "wallet_date_to": fields.Date.to_string(self.date_to),
        }

    def action_open(self):
        """Show what was owed to customers, how it moved, and what is owed.

        :return: a window action on customer.wallet.liability
        :raises UserError: the first day is after the last
        """
        self.ensure_one()
        if self.date_from > self.date_to:
            raise UserError(
                self.env._("The first day is after the last: choose an earlier one.")
            )
        name = self.env._(
            "Wallet Liability from %(first)s to %(last)s",
            first=format_date(self.env, self.date_from),
            last=format_date(self.env, self.date_to),
        )
        return self._open("customer_wallet.action_customer_wallet_liability", name)

    def action_open_ageing(self):
        """Show how old the money in the wallets is on the last day.

        :return: a window action on customer.wallet.ageing
        """
        self.ensure_one()
        name = self.env._(
            "Age of Wallet Money on %s", format_date(self.env, self.date_to)
        )
        return self._open("customer_wallet.action_customer_wallet_ageing", name)

    def _open(self, xmlid, name):
        action = self.env["ir.actions.actions"]._for_xml_id(xmlid)
        return {
            **action,
            "name": name,
            "display_name": name,
            "context": {
                "search_default_group_by_company": len(self.env.companies.root_id) > 1,
                **self._get_dates(),
            },
        }
