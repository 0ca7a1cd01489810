"""A real server with several worker processes."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from ..locations import CHECKOUT
from ..network import free_port
from ..problems import Problem
from ..processes import children_of, last_lines, log_file

START_SECONDS = 120
PAUSE_SECONDS = 0.05


@contextmanager
def serve(odoo, database, *, workers):
    """A server on this database for a while."""
    server = Server(odoo, database, workers)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class Server:
    """Odoo with worker processes, on one database. Started again, it has the same
    address.
    """

    def __init__(self, odoo, database, workers):
        self.database = database
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.log = log_file("trial-server")
        self.log.unlink(missing_ok=True)
        self._workers = workers
        self._process = None
        # The folder of the script is none of Python's modules.
        self._environment = {**odoo.environment(), "PYTHONSAFEPATH": "1"}
        command = [
            *(odoo.python, Path(__file__).with_name("odoo_command.py")),
            *("--database", database, "--db-filter", f"^{database}$"),
            *("--workers", workers, "--max-cron-threads", 0),
            *("--http-port", self._port, "--gevent-port", free_port()),
            *("--log-level", "warn"),
        ]
        self._command = list(map(str, command))

    def start(self):
        with self.log.open("a") as output:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            if self._is_up():
                return
            time.sleep(PAUSE_SECONDS)
        self.stop()
        raise Problem(
            f"Odoo did not start. All it said is in {self.log}.",
            "mend what is above.",
            last_lines(self.log.read_text(errors="replace")),
        )

    def _is_up(self):
        try:
            with urllib.request.urlopen(f"{self.url}/web/health", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def stop(self):
        if self._process:
            self._process.terminate()
            self._process.wait()

    def kill(self):
        """End all of its processes at once, as a machine that fails does."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def workers(self):
        """The ids of the processes that answer requests."""
        pids = children_of(self._process.pid)
        return [pid for pid in pids if not _is_bus(pid)]

    def wait_for_workers(self):
        """Wait until there are as many workers as there should be."""
        deadline = time.monotonic() + START_SECONDS
        while len(self.workers()) < self._workers:
            if time.monotonic() > deadline:
                raise Problem(f"Workers are missing. What Odoo says is in {self.log}.")
            time.sleep(PAUSE_SECONDS)


def _is_bus(pid):
    """Whether this process serves the websockets."""
    try:
        return b"gevent" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return True
