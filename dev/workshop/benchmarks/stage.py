"""Sides that take turns, and what came out: medians, ratio, whether the aim is met."""

from contextlib import contextmanager
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
        :param int each: how many things one sample has done
        :param aims: by figure, for the ratio
        """
        sides = self._measured[ours], self._measured[theirs]
        for figure, aim in aims.items():
            found = _compare(figure, aim, *sides, each)
            self.rows.append((measured, against, *found))

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


def _compare(figure, aim, ours, theirs, each):
    """
    :return: tuple of strings, the last cells of a row
    """
    unit, factor, decimals = FIGURES[figure]
    medians = [median(it[figure] for it in side) for side in (ours, theirs)]
    ratio = medians[0] / medians[1]
    is_rate = figure == "rate"
    met = ratio >= aim if is_rate else ratio <= aim
    return (
        *(f"{it * factor / each:,.{decimals}f} {unit}" for it in medians),
        f"{ratio:.2f}",
        _compare_cpu(ours, theirs) if figure == "seconds" else "",
        f"{'≥' if is_rate else '≤'} {aim:g}",
        "yes" if met else "NO",
    )


def _compare_cpu(ours, theirs):
    """How much more the processors had to do: on a busy machine this says more than the
    time that went by.
    """
    if not all("cpu" in side[0] for side in (ours, theirs)):
        return ""
    medians = [median(it["cpu"] for it in side) for side in (ours, theirs)]
    return f"{medians[0] / medians[1]:.2f}"
