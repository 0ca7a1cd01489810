"""A real server with several worker processes."""

import os
import random
import signal
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
import requests

from ..locations import CHECKOUT
from ..network import free_port
from ..problems import Problem
from ..processes import last_lines, log_file

START_SECONDS = 120
PAUSE_SECONDS = 0.05


class Server:
    """Odoo with worker processes, on one database. Started again, it has the same
    address.
    """

    def __init__(self, odoo, database, workers):
        self.database = database
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = log_file(f"server-{database}")
        self._workers = workers
        self._process = None
        # The folder of the script is none of Python's modules.
        self._environment = {**odoo.environment(), "PYTHONSAFEPATH": "1"}
        command = [
            *(odoo.python, Path(__file__).with_name("odoo_command.py")),
            *("--database", database, "--db-filter", f"^{database}$"),
            *("--workers", workers, "--max-cron-threads", 0),
            *("--http-port", port, "--gevent-port", free_port()),
            *("--log-level", "warn"),
        ]
        self._command = list(map(str, command))

    def start(self):
        with self.log.open("a") as output:
            self._process = psutil.Popen(
                self._command,
                env=self._environment,
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._wait_until(self._is_up)

    def _is_up(self):
        try:
            return requests.get(f"{self.url}/web/health", timeout=5).ok
        except requests.RequestException:
            return False

    def _wait_until(self, condition):
        deadline = time.monotonic() + START_SECONDS
        while not condition():
            if time.monotonic() > deadline or self._process.poll() is not None:
                said = last_lines(self.log.read_text(errors="replace"))
                raise Problem(
                    f"Odoo did not start. All it said is in {self.log}.", details=said
                )
            time.sleep(PAUSE_SECONDS)

    def stop(self):
        self._process.terminate()
        self._process.wait()

    def kill(self):
        """End all of its processes at once, as a machine that fails does."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def kill_worker(self):
        """End one of those who answer requests; the server makes another one."""
        random.choice(self._find_workers()).kill()
        self._wait_until(lambda: len(self._find_workers()) >= self._workers)

    def _find_workers(self):
        children = self._process.children()
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


@contextmanager
def serve(odoo, database, workers):
    """A server on this database for a while."""
    server = Server(odoo, database, workers)
    server.start()
    try:
        yield server
    finally:
        server.stop()
