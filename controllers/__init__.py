from . import (
    automatic_top_up,
    invoice,
    open_invoices,
    provider,
    recurring,
    statement,
    top_up,
    wallet,
)
