from . import (
    base_partner_merge,
    customer_wallet_balance_date,
    customer_wallet_statement,
)
