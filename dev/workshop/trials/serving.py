"""A real server with several worker processes, which can be killed."""

import os
import random
import signal
import threading
from contextlib import contextmanager

import psutil

from ..network import free_port
from ..serving import Server


class ServerWithWorkers(Server):
    def __init__(self, odoo, database, workers):
        super().__init__(
            *(odoo, database, "--workers", workers, "--max-cron-threads", 0),
            *("--gevent-port", free_port(), "--log-level", "warn"),
        )
        self._workers = workers

    def kill(self):
        """End all of its processes at once, as a machine that fails does."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_worker(self):
        """End one of those who answer requests; the server makes another one."""
        random.choice(self._find_workers()).kill()
        self._wait_until(lambda: len(self._find_workers()) >= self._workers)

    def _find_workers(self):
        children = psutil.Process(self.process.pid).children()
        return [it for it in children if "gevent" not in _command_line(it)]

    @contextmanager
    def killed_within(self, seconds):
        """Have it killed at a random moment, and up again at the end."""
        killer = threading.Timer(random.uniform(0.05, seconds), self.kill)
        killer.start()
        try:
            yield
        finally:
            killer.join()
            self.start()


def _command_line(process):
    """Of a process that may have gone: then it counts as none that answers."""
    try:
        return process.cmdline() or ["gevent"]
    except psutil.Error:
        return ["gevent"]
