"""The proofs, a file for each subject.

A subject has a function `run(stage)` that yields findings; see `trials` for what it
runs on.

    finding.py      what came out: how often it was tried, and what was wrong
    books.py        what must be so in the books at every moment, by plain SQL
    refusing.py     how a refusal has to sound
    load.py         many people who move money at the same time
    movements.py    what each of them does, and what the books must say of it then
    crashing.py     what both crash proofs share
    clicking.py     core's test that opens every menu
    leaving_*.py    the year of business, the use of wallets and the steps of `leaving`
    snapshots.py    what is in a database, wallet_snapshots.py in its wallets
    tills.py        what people do at a till
"""

from . import (
    closing,
    database_crash,
    idempotence,
    leaving,
    race,
    transfers,
    web_shop,
    worker_crash,
)

SUBJECTS = {
    "race": race,
    "web_shop": web_shop,
    "closing": closing,
    "transfers": transfers,
    "idempotence": idempotence,
    "leaving": leaving,
    "worker_crash": worker_crash,
    "database_crash": database_crash,
}
