"""What came out of a proof."""

from collections import Counter
from dataclasses import dataclass, field

from ..console import complain
from ..trials.stage import Stage

SHOWN = 10


@dataclass
class Finding:
    """One claim, how often it was tried, what was wrong, and what happened."""

    claim: str
    tried: str
    wrong: list
    counts: dict = field(default_factory=dict)

    def row(self):
        found = f"WRONG: {len(self.wrong)}" if self.wrong else "nothing wrong"
        return self.claim, self.tried, found

    def values(self):
        return {**vars(self), "right": not self.wrong}


class ProofStage(Stage):
    headings = ("what", "how often", "found")

    def found(self, claim, tried, wrong=(), **counts):
        """Say what came out of trying something.

        :param str tried: how often and how, in words
        :param wrong: strings; none when the claim holds
        :param counts: what happened, for a program
        """
        for text, times in Counter(wrong).most_common(SHOWN):
            complain(f"WRONG {claim}: {text} ({times} times)")
        self.results.append(Finding(claim, tried, list(wrong), counts))
