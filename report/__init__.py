# Odoo builds models in this order.
from . import customer_wallet_books_mixin  # isort: skip
from . import (
    customer_wallet_ageing,
    customer_wallet_ageing_bucket,
    customer_wallet_balance,
    customer_wallet_liability,
    customer_wallet_movement,
    customer_wallet_movement_document,
    customer_wallet_report,
    customer_wallet_statement_report,
)
