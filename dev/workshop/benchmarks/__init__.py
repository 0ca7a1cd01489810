"""The benchmarks: each is a function, in the file that is named here.

It gets a `BenchmarkStage`: makes the same data for two sides or more, has these take
turns, and says what is compared with what. Where the data is large, Odoo has made one
of each, and SQL has multiplied it; the addon's own check then finds that wallets and
books agree.
"""

SUBJECTS = {
    "paying": "paying",
    "many-invoices": "paying",
    "growing": "histories",
    "long-history": "histories",
    "statement": "histories",
    "reporting": "lists",
    "customer-list": "lists",
    "till-orders": "tills",
    "ewallet": "tills",
    "closing": "tills",
    "till-day": "tills",
    "opening": "tills",
    "posting": "batches",
    "moving-in": "batches",
    "installing": "batches",
    "at-once": "at_once",
}
