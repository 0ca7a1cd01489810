"""What both crash proofs share: people move money, something is killed at a random
moment, the books are looked at; at last, what was not answered is sent again.
"""

import random
import time

from ..console import say
from ..trials.serving import serve
from .books import Ledger
from .finding import Finding
from .load import Load

SEED = 19
WORKERS = 4
CUSTOMERS = 12
# At most, between the last sign of life and the next kill.
SECONDS = 1.0
# After how many kills a person hears of it.
TOLD = 10


def prove(stage, what, times, kill, failures=()):
    """
    :param str what: is killed
    :param int times: how often
    :param kill: function of the server, and of a random generator, that kills and
        returns when all works again
    :param failures: see `Load`
    :return: Finding
    """
    with stage.database() as database:
        made = stage.make("workshop.proofs.load", "make", database, customers=CUSTOMERS)
        ledger = Ledger(stage.odoo.cluster, database)
        with serve(stage.odoo, database, workers=WORKERS) as server:
            load = Load(server, ledger, made, SEED, failures)
            wrong = _kill_often(load, server, times, kill)
            found, resent = load.resend()
            wrong += found
    counts = load.counts()
    say(f"{what}: {dict(counts)}, {resent} sent again")
    return Finding(
        f"kill -9 of {what}: every wallet is right, nothing is half done or lost",
        f"{times} times, {counts['acknowledged']:,} movements, {resent} unanswered",
        wrong,
        {**counts, "sent again": resent},
    )


def _kill_often(load, server, times, kill):
    rng = random.Random(SEED)
    wrong = []
    with load.running():
        for number in range(1, times + 1):
            wrong += load.wait_for_more()
            time.sleep(rng.uniform(0, SECONDS))
            kill(server, rng)
            wrong += load.wrong()
            if number % TOLD == 0:
                say(f"killed {number} times, {len(wrong)} found wrong")
        wrong += load.wait_for_more()
    return wrong
