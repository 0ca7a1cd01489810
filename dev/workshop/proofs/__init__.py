"""The proofs: each is a function, in the file that is named here.

It gets a `ProofStage`, tries something often on a real server or database, and says
what it has found wrong.

    stage.py        what came out: how often it was tried, and what was wrong
    rules.py        what must be so in the books at every moment
    calls.py        every call that moves money, with what it needs
    differences.py  what differs between two databases, for `leaving`
"""

# The longest ones come first: two go on side by side.
SUBJECTS = {
    "leaving": "leaving",
    "race": "race",
    "web_shop": "web_shop",
    "transfers": "race",
    "closing": "closing",
    "idempotence": "sending",
    "worker_crash": "sending",
    "database_crash": "sending",
}
