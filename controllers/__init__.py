from . import invoice, provider, top_up, wallet
