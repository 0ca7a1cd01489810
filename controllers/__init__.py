from . import invoice, top_up, wallet
