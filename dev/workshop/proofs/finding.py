"""What came out of a proof."""

from collections import Counter
from dataclasses import dataclass, field

from ..console import complain
from ..results import markdown_table

SHOWN = 10


@dataclass
class Finding:
    """One claim, how often it was tried, and what was wrong.

    :param str claim: what is proven
    :param str tried: how often and how, in words
    :param list wrong: strings; none when the claim holds
    :param dict counts: what happened, for a program
    """

    claim: str
    tried: str
    wrong: list = field(default_factory=list)
    counts: dict = field(default_factory=dict)

    def __post_init__(self):
        for text, times in Counter(self.wrong).most_common(SHOWN):
            complain(f"WRONG {self.claim}: {text} ({times} times)")

    @property
    def is_right(self):
        return not self.wrong

    def row(self):
        found = "nothing wrong" if self.is_right else f"WRONG: {len(self.wrong)}"
        return self.claim, self.tried, found

    @classmethod
    def read(cls, values):
        """The finding of which these are the `values`."""
        names = ("claim", "tried", "wrong", "counts")
        return cls(**{name: values[name] for name in names})

    def values(self):
        return {
            "claim": self.claim,
            "tried": self.tried,
            "right": self.is_right,
            "wrong": self.wrong,
            "counts": self.counts,
        }


HEADINGS = ("what", "how often", "found")


def table(findings):
    return markdown_table(HEADINGS, [finding.row() for finding in findings])
