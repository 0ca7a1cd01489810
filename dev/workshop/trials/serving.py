"""A real server with several worker processes, which can be killed."""

import itertools
import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor

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

    def serve_while_killed(self, seconds, act, jobs):
        """Have all of these jobs done at once, and be killed meanwhile at a random
        moment: who was not answered asks again.
        """

        def try_once(job):
            try:
                act(job)
            except Unanswered:
                return [job]
            return []

        def kill_later():
            time.sleep(random.uniform(0.05, seconds))
            self.kill()

        with ThreadPoolExecutor(1) as pool:
            killed = pool.submit(kill_later)
            unknown = at_once(len(jobs), try_once, jobs)
            killed.result()
        self.start()
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
