"""A real server with several worker processes, which can be killed."""

import itertools
import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psutil

from ..serving import Server, free_port
from .calling import Unanswered, at_once


class ServerWithWorkers(Server):
    def __init__(self, odoo, database, workers):
        super().__init__(
            *(odoo, database, "--workers", workers, "--max-cron-threads", 0),
            *("--gevent-port", free_port(), "--log-level", "warn"),
        )
        self._workers = workers
        # How many requests had no answer.
        self.unanswered = 0

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
    def killed_within(self, seconds, kill=None):
        """Have it killed at a random moment, and up again at the end.

        :param kill: function that kills something else
        """

        def kill_later():
            time.sleep(random.uniform(0.05, seconds))
            (kill or self.kill)()

        with ThreadPoolExecutor(1) as pool:
            killed = pool.submit(kill_later)
            yield
            killed.result()
        if self.process.poll() is not None:
            self.start()

    def serve_while_killed(self, seconds, act, jobs):
        """Have all of these jobs done at once, and be killed meanwhile: who was not
        answered asks again.
        """

        def try_once(job):
            try:
                act(job)
            except Unanswered:
                return [job]
            return []

        with self.killed_within(seconds):
            unknown = at_once(len(jobs), try_once, jobs)
        at_once(len(jobs), act, itertools.chain(*unknown))


def crash(cluster):
    """End all processes of a PostgreSQL server at once, except that the operating
    system keeps what was written to it; then start it again.
    """
    postmaster = psutil.Process(cluster.read_pid())
    postmaster.suspend()  # it must not see its children end
    processes = [postmaster, *postmaster.children()]
    for process in processes:
        process.kill()
    psutil.wait_procs(processes)
    cluster.ensure_started()


def _command_line(process):
    """Of a process that may have gone: then it counts as none that answers."""
    try:
        return process.cmdline() or ["gevent"]
    except psutil.Error:
        return ["gevent"]
