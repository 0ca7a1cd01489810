from . import customer_wallet_hold, payment_transaction, sale_order
