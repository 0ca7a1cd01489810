from . import invoice, provider, recurring, top_up, wallet
