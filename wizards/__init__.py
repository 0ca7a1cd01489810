from . import customer_wallet_dialog

# isort: split
# What others inherit comes first.
from . import (
    account_merge_wizard,
    account_move_reversal,
    account_payment_register,
    account_payment_register_spending,
    base_partner_merge,
    customer_wallet_adjustment,
    customer_wallet_allocation,
    customer_wallet_allocation_batch,
    customer_wallet_balance_date,
    customer_wallet_credit,
    customer_wallet_difference,
    customer_wallet_freeze,
    customer_wallet_liability_period,
    customer_wallet_limit,
    customer_wallet_statement,
    customer_wallet_take_back,
    customer_wallet_transfer,
    customer_wallet_undo,
)
