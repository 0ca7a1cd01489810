from . import test_cancelled_orders, test_quotations
