from . import (
    customer_wallet,
    payment_transaction,
    pos_order,
)
