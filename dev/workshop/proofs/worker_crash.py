"""Kill a worker of the server at a random moment, while people move money."""

import os
import signal

from .crashing import prove


def run(stage):
    times = stage.size(full=50, quick=3)
    yield prove(stage, "a worker", times, kill)


def kill(server, rng):
    os.kill(rng.choice(server.workers()), signal.SIGKILL)
    server.wait_for_workers()
