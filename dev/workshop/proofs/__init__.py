"""The proofs: each is a function, in the file that is named here.

It gets a `ProofStage`, tries something often on a real server or database, and says
what it has found wrong.
"""

SUBJECTS = {
    "leaving": "leaving",
    "race": "race",
    "web_shop": "web_shop",
    "transfers": "race",
    "closing": "repeating",
    "idempotence": "repeating",
    "worker_crash": "repeating",
    "database_crash": "repeating",
}
