"""The benchmarks: each is a function, in the file that is named here.

It gets a `BenchmarkStage`: makes the same data for two sides or more, has these take
turns, and says what is compared with what. Where the data is large, Odoo has made one
of each, and SQL has multiplied it; the addon's own check then finds that wallets and
books agree.
"""

SUBJECTS = {
    "paying": "paying",
    "growing": "histories",
    "statement": "histories",
    "reporting": "lists",
    "till-orders": "tills",
    "beside-core": "beside_core",
    "at-once": "at_once",
}
