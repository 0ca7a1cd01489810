"""Balances that are in this database already: an amount on records, such as the cards
of Odoo's eWallet, and the open credits of customers.
"""

import json
from ast import literal_eval

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import split_every

from .wallet_amounts import is_exact

PARTNER_BATCH = 1000
# Sources whose balances are an amount on records, which may be set to zero.
RECORD_SOURCES = ("field", "ewallet")


class CustomerWalletTakeover(models.Model):
    _inherit = "customer.wallet.takeover"

    def _in_company(self):
        return self.with_context(allowed_company_ids=self.company_id.ids)

    def _is_zeroing(self):
        return self.source in RECORD_SOURCES and self.source_balance == "zero"

    # An amount on records

    def _get_source(self):
        """
        :return: tuple (model with the rights by which it is read, str name of the
            amount's field, str name of the customer's field, Domain)
        """
        this = self._in_company()
        if self.source == "ewallet":
            return (
                this.env["loyalty.card"].sudo(),
                "points",
                "partner_id",
                Domain("program_type", "=", "ewallet")
                & Domain("company_id", "in", (False, self.company_id.id)),
            )
        field = self.sudo().amount_field_id
        model = this.env[field.model]
        domain = Domain(literal_eval(self.domain or "[]"))
        company_field = model._fields.get("company_id")
        if company_field and company_field.store:
            domain &= Domain("company_id", "in", (False, self.company_id.id))
        return model, field.name, self.sudo().partner_field_id.name or "id", domain

    def _check_ewallet_settings(self):
        if "loyalty.card" not in self.env:
            raise UserError(self.env._("Odoo's eWallet is not installed."))
        self._check_account()

    def _check_field_settings(self):
        """
        :raises UserError: the fields are not chosen, or are no amount of a customer
        """
        self._check_account()
        field, partner_field = self.sudo().amount_field_id, self.partner_field_id.sudo()
        if not field:
            raise UserError(self.env._("Choose the field that has the amount."))
        model = self.env.get(field.model)
        if model is None or model._abstract or model._transient:
            raise UserError(self.env._("Choose a field of a record that is kept."))
        # Odoo's models show them as well, such as the balance of a customer.
        if "customer_wallet" in model._fields[field.name]._modules[:1]:
            raise UserError(self.env._("Balances of these wallets are not imported."))
        is_customer = field.model == "res.partner" and not partner_field
        is_of_customer = (
            partner_field.model == field.model
            and partner_field.relation == "res.partner"
            and partner_field.ttype == "many2one"
        )
        if not is_customer and not is_of_customer:
            raise UserError(
                self.env._(
                    "Choose the field that says which customer the record is of."
                )
            )
        self._check_field_domain()
        self._check_zeroable(model._fields[field.name])

    def _check_field_domain(self):
        """
        :raises UserError: it is no domain, or names fields that are not there
        """
        try:
            model, _fname, _partner_fname, domain = self._get_source()
            model.search(domain, limit=1)
        except AccessError:
            raise
        except Exception as error:
            raise UserError(
                self.env._("Which Records cannot be read: %s", error)
            ) from error

    def _check_zeroable(self, field):
        """
        :raises UserError: the amount follows from something else
        """
        is_written = field.store and (not field.compute or not field.readonly)
        if self._is_zeroing() and not is_written and not field.inverse:
            raise UserError(
                self.env._(
                    "%s is computed and cannot be set to zero. Choose to keep it, and "
                    "close the other wallet.",
                    field.string,
                )
            )

    def _read_ewallet_rows(self):
        return self._read_field_rows()

    def _read_field_rows(self):
        """A row for each record; what was moved before is looked at, too, when nothing
        is there any more, or the record is archived: Odoo archives the card of a
        customer who is merged, and puts its balance onto another one.
        """
        model, fname, partner_fname, domain = self._get_source()
        moved = self.env["customer.wallet.takeover.line"].sudo()
        moved = moved.search(
            [("source_model", "=", model._name), ("is_counted", "=", True)]
        )
        moved_domain = domain & Domain("id", "in", moved.mapped("source_id"))
        if model._fields[fname].store or model._fields[fname].company_dependent:
            domain &= Domain(fname, "!=", 0)
        records = model.search(domain)
        records |= model.with_context(active_test=False).search(moved_domain)
        records = records.sorted("id")
        if model._name == "res.partner" and fname in model._commercial_fields():
            # Contacts have a copy of what their company has.
            records = records.filtered(lambda it: it == it.commercial_partner_id)
        return [
            self._prepare_record_row(record, fname, partner_fname) for record in records
        ]

    def _prepare_record_row(self, record, fname, partner_fname):
        """
        :param record: that has the amount
        :param str fname: field of the amount
        :param str partner_fname: field of the customer, `id` when it is the record
        :return: dict, see `_make_lines`
        """
        amount, currency = self._read_source_amount(record, fname)
        partner = record if partner_fname == "id" else record[partner_fname]
        expiry_date = "expiration_date" in record and record["expiration_date"]
        return self._prepare_row(
            currency,
            amount,
            name=record.display_name,
            partner_id=partner.commercial_partner_id.id,
            expiry_date=expiry_date or False,
            key=self._get_record_key(record, fname),
            source_model=record._name,
            source_field=fname,
            source_id=record.id,
        )

    def _get_record_key(self, record, fname):
        """The amount of a record is one, unless each company has its own."""
        is_of_company = record._fields[fname].company_dependent
        company_id = self.company_id.id if is_of_company else False
        return json.dumps([record._name, fname, record.id, company_id])

    def _read_source_amount(self, record, fname):
        """
        :return: (float, res.currency)
        """
        field = record._fields[fname]
        name = field.get_currency_field(record) if field.type == "monetary" else False
        if record._name == "loyalty.card":
            name = "currency_id"
        currency = (name and record[name]) or self.company_id.currency_id
        amount = record[fname] or 0.0
        return (currency.round(amount) if is_exact(amount) else 0.0), currency

    def _lock_source(self, lines):
        """Read again what is to be moved, and keep others from changing it meanwhile.

        :param lines: customer.wallet.takeover.line
        :return: those of them whose balance is as the dry run has found it
        """
        if self.source == "receivable":
            return self._filter_open_credits(lines)
        if self.source not in RECORD_SOURCES:
            return lines
        model, fname, _partner_fname, _domain = self._get_source()
        records = model.browse(lines.mapped("source_id")).exists()
        if self._is_zeroing():
            records.sudo().lock_for_update(allow_referencing=True)
        records.invalidate_recordset([fname])
        amounts = {it.id: self._read_source_amount(it, fname) for it in records}
        return lines.filtered(
            lambda line: (
                amounts.get(line.source_id)
                == (line.currency_id.round(line.paid + line.bonus), line.currency_id)
            )
        )

    def _zero_source(self, lines):
        """The balances in the other place are in the wallets now.

        :param lines: customer.wallet.takeover.line, just booked
        """
        if not self._is_zeroing():
            return
        model, fname, _partner_fname, _domain = self._get_source()
        records = model.browse(lines.mapped("source_id"))
        amounts = {line.source_id: line.paid + line.bonus for line in lines}
        label = self.env._("Moved to the wallet")
        self._log_source(records, amounts, "used", label)
        records.with_context(tracking_disable=True, loyalty_no_mail=True).write(
            {fname: 0.0}
        )
        Line = lines.sudo()
        booked = Line.search(
            [("key", "in", lines.mapped("key")), ("is_counted", "=", True)]
        )
        (booked | lines).write({"is_counted": False, "is_zeroed": True})

    @api.model
    def _log_source(self, records, amounts, side, label):
        """Core keeps a history of the cards of its eWallet.

        :param dict amounts: float by id of the records
        :param str side: `used` or `issued`
        """
        if records._name != "loyalty.card":
            return
        self.env["loyalty.history"].sudo().create(
            [
                {"card_id": card.id, "description": label, side: amounts[card.id]}
                for card in records
            ]
        )

    # Open credits

    def _check_receivable_settings(self):
        """The other side is the credit itself: no account is chosen."""

    def _read_receivable_rows(self):
        Line = self._in_company().env["account.move.line"]
        owners = Line._read_group(
            [
                ("account_id.account_type", "=", "asset_receivable"),
                ("company_id", "=", self.company_id.id),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("amount_residual_currency", "<", 0.0),
                ("partner_id", "!=", False),
            ],
            ["partner_id"],
        )
        rows = []
        partner_ids = [partner.id for (partner,) in owners]
        for ids in split_every(PARTNER_BATCH, partner_ids, list):
            credits_open = self._find_open_credits(Line.env["res.partner"].browse(ids))
            rows += [self._prepare_credit_row(line) for line in credits_open]
        return rows

    def _find_open_credits(self, partners):
        env = self._in_company().env
        domain = env["customer.wallet.credit"]._get_open_credits_domain(partners)
        found = env["account.move.line"].search(domain, order="date, id")
        return found.filtered(lambda line: line.partner_id in partners)

    def _prepare_credit_row(self, line):
        return {
            "name": line.move_id.name,
            "number": 0,
            "partner_id": line.partner_id.commercial_partner_id.id,
            "expiry_date": False,
            "currency_id": line.currency_id.id,
            "paid": -line.amount_residual_currency,
            "bonus": 0.0,
            "key": json.dumps([line._name, line.id]),
            "source_model": line._name,
            "source_id": line.id,
        }

    def _filter_open_credits(self, lines):
        items = self.env["account.move.line"].browse(lines.mapped("source_id")).exists()
        free = self._find_open_credits(items.partner_id) & items
        amounts = {item.id: -item.amount_residual_currency for item in free}
        return lines.filtered(
            lambda line: (
                line.source_id in amounts
                and not line.currency_id.compare_amounts(
                    amounts[line.source_id], line.paid
                )
            )
        )

    def _filter_special_credits(self, lines):
        """Credits of which bonus or a discount is a part come back in kind, each by an
        entry of its own, as with Open Credits.
        """
        rewarded = (
            self.env["customer.wallet"]
            .sudo()
            .search(
                [
                    ("partner_id", "in", lines.partner_id.ids),
                    ("company_id", "=", self.company_id.root_id.id),
                    ("line_ids", "any", [("wallet_lot_type", "=", "bonus")]),
                ]
            )
        )
        items = self.env["account.move.line"].sudo().browse(lines.mapped("source_id"))
        discounted = items.move_id.filtered(
            lambda move: (
                move.move_type == "out_refund"
                and move._get_wallet_credited_invoice()._get_wallet_discount_left(
                    move.currency_id
                )
            )
        )
        special = discounted.line_ids & items
        return lines.filtered(
            lambda line: (
                line.partner_id in rewarded.partner_id or line.source_id in special.ids
            )
        )


class CustomerWalletTakeoverLine(models.Model):
    _inherit = "customer.wallet.takeover.line"

    def _give_back_source(self):
        """The entry was undone: the money is in the other place again, by whoever may
        undo it.

        :raises UserError: there is no such place any more
        """
        for line in self:
            record = line._get_source_record()
            amount = line.currency_id.round(
                line.paid_difference + line.bonus_difference
            )
            fname = line.source_field
            if (
                not record
                or line.currency_id.compare_amounts(record[fname] + amount, 0.0) < 0
            ):
                raise UserError(
                    self.env._(
                        "%(amount)s cannot go back to %(record)s: it is archived or "
                        "not there any more, or would be below zero. Adjust the wallet "
                        "instead.",
                        amount=line.currency_id.format(amount),
                        record=line.name,
                    )
                )
            label = self.env._("Came back from the wallet")
            line.takeover_id._log_source(record, {record.id: amount}, "issued", label)
            record[fname] += amount

    def _get_source_record(self):
        """
        :return: the record that this balance came from, in sudo and locked, or none;
            nobody would look for money on one that is archived
        """
        model = self.env.get(self.source_model)
        if model is None or self.source_field not in model._fields:
            return None
        record = model.sudo().with_context(
            tracking_disable=True,
            loyalty_no_mail=True,
            allowed_company_ids=self.takeover_id.company_id.ids,
        )
        record = record.browse(self.source_id).exists()
        record = record.filtered(record._active_name or "id")
        record.lock_for_update(allow_referencing=True)
        return record

    def _prepare_credit_items(self, wallet):
        """The journal items that move an open credit into a wallet.

        :return: list of (dict of account.move.line values, account.move.line with
            which the item is reconciled, or none)
        """
        self.ensure_one()
        credit = self.env["account.move.line"].sudo().browse(self.source_id)
        label = self.takeover_id._get_label()
        given = wallet._prepare_giving_vals(
            [(self.paid, "paid", False)], label, date=self.takeover_id.date
        )
        items = [(vals, credit.browse()) for vals in given]
        balance = -sum(vals["balance"] for vals in given)
        items += credit._prepare_wallet_settling([(credit, self.paid)], balance, label)
        reference = credit.move_id._prepare_wallet_reference_vals()
        return [({**vals, **reference}, matched) for vals, matched in items]

    def _is_about(self, items):
        """Whether these items of its entry are those of this line.

        :param items: account.move.line
        """
        if self.source_model != "account.move.line":
            return True
        credit = self.env["account.move.line"].sudo().browse(self.source_id)
        return credit.move_id.id in items.mapped("wallet_document_id")
