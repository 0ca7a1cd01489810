from . import test_paying_self_orders, test_paying_till_orders
