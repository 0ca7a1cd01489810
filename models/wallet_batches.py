"""What scheduled actions do for many records, one after another."""

import logging

from psycopg2 import OperationalError

from odoo.exceptions import ConcurrencyError

_logger = logging.getLogger(__name__)


def for_each(batches, action):
    """Do something for each, and keep what is done: one for which it cannot be done
    holds up no other, and none waits for all. The next run finds what was left.

    :param batches: list of recordsets
    :param action: function of one of them
    """
    remaining = len(batches)
    for records in batches:
        try:
            with records.env.cr.savepoint():
                action(records)
        except (OperationalError, ConcurrencyError):
            _logger.info("%s are being changed by somebody else", records)
        except Exception:  # pylint: disable=broad-exception-caught
            _logger.exception("Nothing done for %s", records)
        remaining -= 1
        if not records.env["ir.cron"]._commit_progress(1, remaining=remaining):
            return
