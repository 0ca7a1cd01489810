"""Install the addon in the middle of business, upgrade it, leave it, and come back.

A database with a year of data and open sessions of tills is made by core alone. Each
step is compared with what was there before it, by snapshots in SQL: row by row of what
must stay as it was, journal item by journal item in the books. What stays when the
addon leaves is compared with a database that never had it.
"""

import tempfile

from ..problems import Problem
from .clicking import click_everywhere
from .finding import Finding

STEPS = f"{__package__}.leaving_steps"


def run(stage):
    with (
        stage.database(stage.base()) as database,
        tempfile.TemporaryDirectory() as folder,
    ):
        yield from _Story(stage, database, folder).tell()


class _Story:
    """What happens to one database. A step that goes wrong ends it."""

    def __init__(self, stage, database, folder):
        self._stage = stage
        self._database = database
        self._folder = folder
        self._noted = {}
        self._is_over = False

    def tell(self):
        size = self._stage.size
        self._act(
            "make_year",
            months=size(full=12, quick=2),
            per_month=size(full=5, quick=3),
            copies=size(full=5000, quick=0),
        )
        yield from self._find(
            "installing with open tills changes no old row", "install"
        )
        yield from self._find("tills that were open go on and close", "sell_on")
        yield from self._find("wallets are what the books say", "use_wallets")
        for _time in range(size(full=2, quick=1)):
            yield from self._find("upgrading changes nothing", "upgrade")
        yield from self._find("nobody leaves while a till is open", "try_to_leave")
        yield from self._find("leaving keeps the books, and nothing else", "leave")
        if not self._stage.quick and not self._is_over:
            yield from self._work_without()
        yield from self._find("coming back finds what was left", "come_back")
        yield from self._find("old money works as ever", "work_on_old_money")

    def _work_without(self):
        """On a copy: what core does meanwhile would hide what coming back loses."""
        with self._stage.database(self._database) as copy:
            claim = "core works without the addon"
            yield from self._find(claim, "work_without", copy)
            yield from self._click_everywhere(copy)
            claim = "coming back later finds what was left"
            yield from self._find(claim, "come_back_later", copy)

    def _click_everywhere(self, database):
        if self._is_over:
            return
        claim, wrong = "every menu opens in a browser without the addon", []
        try:
            click_everywhere(self._stage.odoo, database)
        except Problem as problem:
            wrong = [str(problem)]
        yield Finding(claim, "core's own test, which clicks on all", wrong)

    def _find(self, claim, function, database=None):
        if self._is_over:
            return
        try:
            yield Finding(claim, self._act(function, database))
        except Problem as problem:
            self._is_over = True
            yield Finding(claim, "until it went wrong", [str(problem)])

    def _act(self, function, database=None, **options):
        """Run a step in a process of its own.

        :return: what it tells
        """
        told = self._stage.inside(
            STEPS,
            function,
            database or self._database,
            folder=self._folder,
            noted=self._noted,
            **options,
        )
        self._noted.update(told.pop("noted", {}))
        return told["told"]
