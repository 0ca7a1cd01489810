from . import base_partner_merge, customer_wallet_take_back
