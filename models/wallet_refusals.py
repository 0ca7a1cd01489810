"""What is done beside something else may be refused without stopping it."""

from contextlib import contextmanager
from types import SimpleNamespace

from psycopg2 import IntegrityError

from odoo.exceptions import RedirectWarning, UserError

# Another transaction that uses the same money is none of it: then Odoo tries the whole
# request again.
REFUSALS = (UserError, RedirectWarning, IntegrityError)


@contextmanager
def attempt(env, by_database=None):
    """What is done in here is done whole or not at all.

    :param str by_database: what is said where the database refuses it, whose own words
        are for nobody
    :return: object, whose `reason` says afterwards why it was refused, if it was
    """
    outcome = SimpleNamespace(reason="")
    # What was done before is not what is tried.
    env.cr.flush()
    try:
        with env.cr.savepoint():
            yield outcome
    except IntegrityError:
        outcome.reason = by_database or env._("the database refused it.")
    except REFUSALS as error:
        outcome.reason = str(error.args[0]) or repr(error)
