"""What came out of a comparison."""

from dataclasses import dataclass
from statistics import median

from ..results import markdown_table

# How each figure is called, by how much it is multiplied, and its decimals.
FIGURES = {
    "seconds": ("ms", 1000, 1),
    "queries": ("SQL queries", 1, 0),
    "rate": ("per second", 1, 1),
    "megabytes": ("MB", 1, 0),
}


@dataclass(frozen=True)
class Comparison:
    """Samples of both sides: dicts with the figure that is compared."""

    measured: str
    against: str
    aim: float
    ours: list
    theirs: list
    figure: str = "seconds"
    at_least: bool = False
    # How many things one sample has done.
    each: int = 1

    @property
    def medians(self):
        return self._medians(self.figure)

    def _medians(self, figure):
        return tuple(
            median(sample[figure] for sample in samples) / self.each
            for samples in (self.ours, self.theirs)
        )

    @property
    def cpu_ratio(self):
        """How much more the processors had to do: on a busy machine this says more
        than the time that went by.
        """
        rows = (self.ours[0], self.theirs[0])
        if self.figure != "seconds" or any("cpu" not in row for row in rows):
            return None
        ours, theirs = self._medians("cpu")
        return ours / theirs

    @property
    def ratio(self):
        ours, theirs = self.medians
        return ours / theirs

    @property
    def met(self):
        if self.at_least:
            return self.ratio >= self.aim
        return self.ratio <= self.aim

    def row(self):
        unit, factor, decimals = FIGURES[self.figure]
        ours, theirs = (f"{it * factor:,.{decimals}f} {unit}" for it in self.medians)
        return (
            self.measured,
            self.against,
            ours,
            theirs,
            f"{self.ratio:.2f}",
            "" if self.cpu_ratio is None else f"{self.cpu_ratio:.2f}",
            f"{'≥' if self.at_least else '≤'} {self.aim:g}",
            "yes" if self.met else "NO",
        )

    @classmethod
    def read(cls, values):
        """The comparison of which these are the `values`."""
        same = ("measured", "against", "aim", "figure", "at_least", "each")
        ours, theirs = values["samples"]
        return cls(ours=ours, theirs=theirs, **{name: values[name] for name in same})

    def values(self):
        """All of it, for a program to read."""
        return {
            "measured": self.measured,
            "against": self.against,
            "figure": self.figure,
            "each": self.each,
            "rounds": len(self.ours),
            "medians": self.medians,
            "ratio": self.ratio,
            "cpu_ratio": self.cpu_ratio,
            "aim": self.aim,
            "at_least": self.at_least,
            "met": self.met,
            "samples": [self.ours, self.theirs],
        }


HEADINGS = ("measured", "against", "wallet", "core", "ratio", "CPU", "aim", "met")


def table(comparisons):
    """The comparisons as a table in Markdown."""
    return markdown_table(HEADINGS, [comparison.row() for comparison in comparisons])
