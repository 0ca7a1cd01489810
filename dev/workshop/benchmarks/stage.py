"""Sides that take turns, and what came out: medians, ratio, whether the aim is met."""

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

    def measure(self, **sides):
        """Measure sides in turn, round by round, after some rounds to warm up.

        :param sides: functions of the number of the round, which return a sample
        """
        samples = {name: [] for name in sides}
        for number in range(WARM_UP + self._rounds):
            # Whoever comes first in one round comes last in the next.
            for name in list(sides) if number % 2 else list(reversed(sides)):
                sample = sides[name](number)
                if number >= WARM_UP:
                    samples[name].append(sample)
        self.note(**samples)

    def time(self, books, made, each=1):
        """Measure what a server does, in a transaction for each step; then see that the
        books are sound.

        :param dict made: by side, for each round a list of its steps: tuples of an
            action and its arguments
        :param int each: how many things one round does; told is what one of them takes
        """
        self.analyze(books)
        self.measure(**{side: worker(books, it, each) for side, it in made.items()})
        books.check()

    def note(self, **samples):
        """Take samples, by side."""
        self._measured |= samples

    def compare(self, measured, against, ours, theirs, **aims):
        """Compare two sides.

        :param str measured: what our side does, in words
        :param str against: what the other one does
        :param ours: the name of a side, or of several that are added up
        :param aims: by figure, for the ratio
        """
        medians = [self._medians(side) for side in (ours, theirs)]
        for figure, aim in aims.items():
            row = _compare(figure, aim, *medians)
            self.rows.append((measured, against, *row))

    def compare_aim(self, measured, ours, figure="seconds", *, aim):
        """Compare a side with what it may take, in the figure's own unit."""
        unit, factor, _decimals = FIGURES[figure]
        against = f"the aim of {aim * factor:g} {unit}"
        row = _compare(figure, 1.0, self._medians(ours), {figure: aim})
        self.rows.append((measured, against, *row))

    def _medians(self, sides):
        """
        :return: dict by figure
        """
        names = [sides] if isinstance(sides, str) else sides
        figures = self._measured[names[0]][0]
        return add(
            {it: median(one[it] for one in self._measured[name]) for it in figures}
            for name in names
        )


def worker(books, rounds, each=1):
    """
    :return: function that does a round, each step in a transaction of its own
    """
    return lambda number: add([books.timed(*it) for it in rounds[number]], each)


def calling(model, method):
    """
    :return: action that calls a method of a record, by the id of that
    """

    def call(env, record_id, *arguments):
        return getattr(env[model].browse(record_id), method)(*arguments)

    return call


def single_steps(action, *arguments):
    """Rounds of one step each.

    :param arguments: lists of the first argument in each round, of the second one …
    """
    return [[(action, *them)] for them in zip(*arguments, strict=True)]


def add(samples, each=1):
    """Several samples as one, by how many things they have done."""
    samples = list(samples)
    return {it: sum(sample[it] for sample in samples) / each for it in samples[0]}


def _compare(figure, aim, ours, theirs):
    """
    :return: tuple of strings, the last cells of a row
    """
    unit, factor, decimals = FIGURES[figure]
    ratio = ours[figure] / theirs[figure]
    is_rate = figure == "rate"
    met = ratio >= aim if is_rate else ratio <= aim
    # On a busy machine this says more than the time that went by.
    with_cpu = figure == "seconds" and "cpu" in ours and "cpu" in theirs
    return (
        *(f"{it[figure] * factor:,.{decimals}f} {unit}" for it in (ours, theirs)),
        f"{ratio:.2f}",
        f"{ours['cpu'] / theirs['cpu']:.2f}" if with_cpu else "",
        f"{'≥' if is_rate else '≤'} {aim:g}",
        "yes" if met else "NO",
    )
