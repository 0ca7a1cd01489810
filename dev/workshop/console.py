"""What the commands tell the person in front of them."""

import sys
import time
from contextlib import contextmanager
from functools import partial

# Print now, also into a pipe: a long step must be announced before it ends.
say = partial(print, flush=True)
complain = partial(say, file=sys.stderr)


def heading(text):
    say(f"\n== {text} ==")


@contextmanager
def step(what):
    """Announce a step that takes a while, and tell how long it took."""
    started = time.monotonic()
    say(f"{what} …")
    yield
    say(f"{what}: done in {time.monotonic() - started:.0f} s")
