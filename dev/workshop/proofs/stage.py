"""What came out of a proof."""

from collections import Counter

from ..console import complain
from ..trials.stage import Stage

SHOWN = 10


class ProofStage(Stage):
    headings = ("what", "how often", "found")

    def found(self, claim, tried, wrong=()):
        """Say what came out of trying something.

        :param str tried: how often and how, in words
        :param wrong: strings; none when the claim holds
        """
        for text, times in Counter(wrong).most_common(SHOWN):
            complain(f"WRONG {claim}: {text} ({times} times)")
        found = f"WRONG: {len(wrong)}" if wrong else "nothing wrong"
        self.rows.append((claim, tried, found))
        self.right = self.right and not wrong
