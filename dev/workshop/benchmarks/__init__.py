"""The benchmarks, a file for each subject.

A subject has a function `run(stage)` that yields comparisons; see `trials` for what it
runs on.

    comparing.py    what came out: medians, ratio, whether the aim is met
    rounds.py       sides that take turns
"""

from . import (
    at_once,
    closing,
    customer_list,
    ewallet,
    expiry,
    growing,
    importing,
    installing,
    long_history,
    many_invoices,
    month_end,
    moving_in,
    opening,
    paying,
    posting,
    reporting,
    statement,
    till_day,
    till_orders,
)

SUBJECTS = {
    "paying": paying,
    "many-invoices": many_invoices,
    "month-end": month_end,
    "growing": growing,
    "long-history": long_history,
    "statement": statement,
    "reporting": reporting,
    "expiry": expiry,
    "customer-list": customer_list,
    "till-orders": till_orders,
    "ewallet": ewallet,
    "closing": closing,
    "till-day": till_day,
    "opening": opening,
    "posting": posting,
    "importing": importing,
    "moving-in": moving_in,
    "installing": installing,
    "at-once": at_once,
}
