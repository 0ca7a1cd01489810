"""A real server with several worker processes, which can be killed."""

import os
import random
import signal

import psutil

from ..serving import Server, free_port


class ServerWithWorkers(Server):
    def __init__(self, odoo, database, workers):
        super().__init__(
            *(odoo, database, "--workers", workers, "--max-cron-threads", 0),
            *("--gevent-port", free_port(), "--log-level", "warn"),
        )
        # How many requests had no answer.
        self.unanswered = 0

    def kill(self):
        """End all of its processes at once, as a machine that fails does."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_workers(self):
        """End half of those who answer requests; the server makes others."""
        children = psutil.Process(self.process.pid).children()
        workers = [it for it in children if "gevent" not in it.cmdline()]
        for process in random.sample(workers, len(workers) // 2):
            process.kill()


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
