"""How a refusal has to sound: it names the customer, what is available and what was
asked for, and nothing of the database.
"""

import re

from ..trials.calling import Refused

CLEAR_KINDS = ("odoo.exceptions.UserError", "odoo.exceptions.ValidationError")
AMOUNT = re.compile(r"\d[\d,]*\.\d\d")


def describe_unclear(error, customer, wanted):
    """What is wrong with a refusal.

    :param error: the exception that the client got
    :param str customer: its name
    :param float wanted: what was asked for
    :return: str, or None when it is clear
    """
    if not isinstance(error, Refused) or error.kind not in CLEAR_KINDS:
        kind = error.kind if isinstance(error, Refused) else type(error).__name__
        return f"no refusal but {kind}: {error.what}"
    amounts = AMOUNT.findall(error.message)
    if customer in error.message and len(amounts) >= 2 and f"{wanted:,.2f}" in amounts:
        return None
    return f"an unclear refusal: {error.message}"
