from . import invoice, open_invoices, provider, recurring, statement, top_up, wallet
