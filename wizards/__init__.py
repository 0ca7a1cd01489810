from . import (
    account_move_reversal,
    account_payment_register,
    base_partner_merge,
    customer_wallet_credit,
)
