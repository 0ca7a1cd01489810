"""What is timed in several benchmarks: one request each."""


def pay_by_wallet(env, invoice_id, *_others):
    env["account.move"].browse(invoice_id).action_allocate_wallet()


def add(env, invoice_id, credit_id):
    """Core's *Outstanding credits: Add*."""
    env["account.move"].browse(invoice_id).js_assign_outstanding_line(credit_id)


def undo(env, invoice_id, partial_id):
    env["account.move"].browse(invoice_id).action_unallocate_wallet(partial_id)


def find_paid(books, ids):
    """What the forms of paid invoices know before somebody undoes it.

    :param ids: list of (id of an invoice,)
    :return: list of arguments for `undo`
    """
    with books.transaction() as env:
        invoices = env["account.move"].browse([invoice_id for (invoice_id,) in ids])
        return [
            (it.id, it.wallet_widget["payments"][0]["partial_id"]) for it in invoices
        ]


def refund(env, credit_note_id):
    env["account.move"].browse(credit_note_id).action_refund_to_wallet()


def post(env, entry_id):
    env["account.move"].browse(entry_id).action_post()


def sync(env, order):
    """Send a till order."""
    return env["pos.order"].sync_from_ui([order])


def close(env, session_id):
    closed = env["pos.session"].browse(session_id).close_session_from_ui()
    if not closed["successful"]:
        raise AssertionError(closed)
