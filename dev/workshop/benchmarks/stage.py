"""Sides that take turns, and what came out: medians, ratio, whether the aim is met."""

from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from ..trials.stage import Stage

WARM_UP = 2  # rounds
# How each figure is called, by how much it is multiplied, and its decimals.
FIGURES = {
    "seconds": ("ms", 1000, 1),
    "queries": ("SQL queries", 1, 0),
    "rate": ("per second", 1, 1),
    "megabytes": ("MB", 1, 0),
}


@dataclass(frozen=True)
class Comparison:
    """Samples of both sides: dicts with the figure that is compared.

    `each` says how many things one sample has done.
    """

    measured: str
    against: str
    figure: str
    aim: float
    ours: list
    theirs: list
    each: int

    def medians(self, figure):
        return [
            median(sample[figure] for sample in samples) / self.each
            for samples in (self.ours, self.theirs)
        ]

    def ratio(self, figure):
        ours, theirs = self.medians(figure)
        return ours / theirs

    @property
    def cpu_ratio(self):
        """How much more the processors had to do: on a busy machine this says more
        than the time that went by.
        """
        known = all("cpu" in side[0] for side in (self.ours, self.theirs))
        return self.ratio("cpu") if known and self.figure == "seconds" else None

    @property
    def at_least(self):
        return self.figure == "rate"

    @property
    def met(self):
        ratio = self.ratio(self.figure)
        return ratio >= self.aim if self.at_least else ratio <= self.aim

    def row(self):
        unit, factor, decimals = FIGURES[self.figure]
        return (
            self.measured,
            self.against,
            *(
                f"{it * factor:,.{decimals}f} {unit}"
                for it in self.medians(self.figure)
            ),
            f"{self.ratio(self.figure):.2f}",
            "" if self.cpu_ratio is None else f"{self.cpu_ratio:.2f}",
            f"{'≥' if self.at_least else '≤'} {self.aim:g}",
            "yes" if self.met else "NO",
        )


class BenchmarkStage(Stage):
    headings = ("measured", "against", "wallet", "core", "ratio", "CPU", "aim", "met")

    def __init__(self, odoo, **options):
        super().__init__(odoo, **options)
        self._rounds = 1
        self._measured = {}

    def rounds(self, full, quick):
        """Say how many rounds there are.

        :return: int, how many of each the sides need, with those to warm up
        """
        self._rounds = self.size(full, quick)
        return WARM_UP + self._rounds

    def measure(self, books, **sides):
        """Measure sides in turn, round by round, after some rounds to warm up; then see
        that the books are sound.

        :param sides: functions of the number of the round, which return a sample
        """
        self.analyze(books)
        samples = {name: [] for name in sides}
        for number in range(WARM_UP + self._rounds):
            # Whoever comes first in one round comes last in the next.
            for name in list(sides) if number % 2 else list(reversed(sides)):
                sample = sides[name](number)
                if number >= WARM_UP:
                    samples[name].append(sample)
        self._measured |= samples
        books.check()

    def time(self, books, made, **actions):
        """Measure actions in transactions of their own.

        :param dict made: by side, for each round the arguments of its action
        """
        self.measure(
            books,
            **{
                name: lambda number, name=name, action=action: books.timed(
                    action, *made[name][number]
                )
                for name, action in actions.items()
            },
        )

    def note(self, **samples):
        """Take samples that were measured otherwise."""
        self._measured |= samples

    def compare(self, measured, against, ours, theirs, each=1, **aims):
        """Compare two sides.

        :param str measured: what our side does, in words
        :param str against: what the other one does
        :param aims: by figure, for the ratio
        """
        sides = self._measured[ours], self._measured[theirs]
        for figure, aim in aims.items():
            found = Comparison(measured, against, figure, aim, *sides, each)
            self.rows.append(found.row())

    def compare_aim(self, measured, ours, each=1, **aims):
        """Compare a side with what it may take.

        :param aims: by figure, in its own unit
        """
        for figure, aim in aims.items():
            unit, factor, _decimals = FIGURES[figure]
            self.note(aim=[{figure: aim * each}])
            against = f"the aim of {aim * factor:g} {unit}"
            self.compare(measured, against, ours, "aim", each, **{figure: 1.0})

    @contextmanager
    def pair(self, make):
        """Two books with the same data.

        :param make: function of the books that makes the data
        :return: the books without the addon, those with it, and what was returned
        """
        with self.books(self.templates.base()) as without:
            with without.transaction() as env:
                without.set_up(env)
            made = make(without)
            with self.copy(without) as beside:
                beside.install("customer_wallet")
                for books in (without, beside):
                    self.analyze(books)
                yield without, beside, made


def total(samples):
    """Several samples as one."""
    return {figure: sum(sample[figure] for sample in samples) for figure in samples[0]}
