from . import (
    customer_wallet,
    payment_transaction,
    pos_order,
    pos_payment,
)
