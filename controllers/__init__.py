from . import invoice, provider, recurring, statement, top_up, wallet
