"""The benchmarks, a file for each subject.

A subject has a function `run(stage)` that yields comparisons. What it measures runs
inside of Odoo, in a process of its own: functions that get a `Books` for each of their
databases. They use no import of Odoo, since the same file is also read outside of it.

    comparing.py    what came out: medians, ratio, whether the aim is met
    rounds.py       sides that take turns
    stage.py        databases, and how to run a function inside of Odoo
    serving.py      a server and its clients (started by odoo_command.py)
    inside.py       the other end of that: transactions, and the clock
    making.py       documents made through the ORM
    multiplying.py  many more of them, made by SQL
"""

from . import (
    at_once,
    closing,
    customer_list,
    installing,
    long_history,
    many_invoices,
    opening,
    paying,
    posting,
    till_orders,
)

SUBJECTS = {
    "paying": paying,
    "many-invoices": many_invoices,
    "long-history": long_history,
    "customer-list": customer_list,
    "till-orders": till_orders,
    "closing": closing,
    "opening": opening,
    "posting": posting,
    "installing": installing,
    "at-once": at_once,
}
