"""Amounts: read once and strictly as people type or clients send them, and spread."""

from decimal import Decimal, InvalidOperation

from odoo.exceptions import UserError

# A float holds every amount of so many digits exactly.
EXACT_DIGITS = 15


def is_exact(value, decimals=0):
    """
    :param value: what a client sent, perhaps no number
    :param int decimals: how many digits after the point count
    :return: bool, whether it is a number that a float holds exactly; infinity and what
        is not a number are none
    """
    is_number = isinstance(value, int | float | Decimal)
    is_number = is_number and not isinstance(value, bool)
    return is_number and abs(value) < 10 ** (EXACT_DIGITS - decimals)


def check_exact(env, value, currency):
    """
    :param value: what a client sent as an amount, perhaps below zero
    :raises UserError: it is no number, or too large for the currency
    """
    if not is_exact(value, currency.decimal_places):
        raise UserError(env._("Enter a valid amount."))


def check_numbers(model, vals):
    """Refuse in words, before Odoo rounds it, what is not a number, also in the values
    of records that are sent along.

    :param model: recordset that takes the values
    :param dict vals: values that a client sent
    :raises UserError: an amount is not a number that is kept exactly
    """
    for name, value in vals.items():
        field = model._fields.get(name)
        if not field or value is None or value is False:
            continue
        if field.type in ("monetary", "float") and not is_exact(value):
            raise UserError(model.env._("Enter a valid amount."))
        if field.type == "one2many":
            for command in value:
                is_long = isinstance(command, list | tuple) and len(command) > 2
                if is_long and isinstance(command[2], dict):
                    check_numbers(model.env[field.comodel_name], command[2])


def read_amount(env, value, currency, zero=False, text=False):
    """Read an amount of money, or refuse it in words.

    :param env: Environment, whose language counts
    :param value: str or number, as the client sent it
    :param currency: res.currency of the amount
    :param bool zero: whether zero is an amount, too
    :param bool text: whether the client sends text, as a form of a web page does
    :return: float, exact in that currency
    :raises UserError: it is no number, not positive, too large, or more exact than
        the currency
    """
    amount = None if isinstance(value, str) and not text else _to_decimal(value)
    check_exact(env, amount, currency)
    if amount < 0 or (not amount and not zero):
        raise UserError(env._("Enter an amount greater than zero."))
    rounded = currency.round(float(amount))
    # A sum of floats is off by less than anybody could mean.
    if abs(Decimal(repr(rounded)) - amount) * 1000 > Decimal(repr(currency.rounding)):
        raise UserError(
            env._(
                "Enter an amount that can be paid in %(currency)s, such as %(amount)s.",
                currency=currency.name,
                amount=currency.format(max(rounded, currency.rounding)),
            )
        )
    return rounded


def read_amount_of(document, value, currency, **options):
    """The same for one of many amounts.

    :param document: record that the amount is for
    :raises UserError: naming the document
    """
    try:
        return read_amount(document.env, value, currency, **options)
    except UserError as error:
        raise UserError(
            document.env._(
                "%(document)s: %(problem)s",
                document=document.display_name,
                problem=error,
            )
        ) from error


def spread(amount, dues, currency, with_rest=False):
    """Spread an amount over what is due, in this order.

    :param float amount: to be spread
    :param list dues: of (key, float that is due)
    :param currency: res.currency of the amounts
    :param bool with_rest: whether the last one gets what is more than due, too
    :return: generator of (key, float), of those that get something
    """
    for number, (key, due) in enumerate(dues, 1):
        if currency.is_zero(amount):
            return
        is_last = with_rest and number == len(dues)
        part = amount if is_last else min(amount, due)
        amount = currency.round(amount - part)
        if not currency.is_zero(part):
            yield key, part


def _to_decimal(value):
    is_number = isinstance(value, int | float | str) and not isinstance(value, bool)
    if not is_number or len(str(value)) > 40:
        return None
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
