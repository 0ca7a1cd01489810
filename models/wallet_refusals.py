"""What is done beside something else may be refused without stopping it."""

from psycopg2 import IntegrityError

from odoo.exceptions import RedirectWarning, UserError

# Another transaction that uses the same money is none of it: then Odoo tries the whole
# request again.
REFUSALS = (UserError, RedirectWarning, IntegrityError)


def get_reason(error, by_database):
    """Why it was refused, in the words of who refused it; those of the database are for
    nobody.

    :param error: one of REFUSALS
    :param str by_database: what is said of the database
    :return: str
    """
    return by_database if isinstance(error, IntegrityError) else str(error.args[0])
