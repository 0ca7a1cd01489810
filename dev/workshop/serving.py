"""A server: Odoo that answers requests on one database."""

import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager

from .locations import CHECKOUT
from .problems import Problem
from .processes import last_lines, log_file


class Server:
    """Odoo on one database. Started again, it has the same address."""

    def __init__(self, odoo, database, *options, port=None):
        port = port or free_port()
        self.database = database
        self.url = f"http://127.0.0.1:{port}"
        self.log = log_file(f"server-{database}")
        self.process = None
        self._environment = odoo.environment()
        self._command = odoo.command(
            *("--database", database, "--db-filter", f"^{database}$"),
            *("--http-port", port, *options),
        )

    @contextmanager
    def running(self):
        """Have it up for a while."""
        self.log.write_text("")
        try:
            self.start()
            yield self
        finally:
            self.process.terminate()
            self.process.wait()

    def start(self):
        with self.log.open("a") as output:
            self.process = subprocess.Popen(
                self._command,
                env=self._environment,
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + 120
        while not self._is_up():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise Problem(
                    f"Odoo did not start. All it said is in {self.log}.",
                    "mend what is above.",
                    last_lines(self.log.read_text(errors="replace")),
                )
            time.sleep(0.05)

    def _is_up(self):
        try:
            urllib.request.urlopen(f"{self.url}/web/health", timeout=5).close()
        except OSError:
            return False
        return True


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def check_free(interface, port):
    try:
        socket.create_server((interface, port)).close()
    except OSError as error:
        raise Problem(
            f"Port {port} is in use, or not allowed: {error.strerror}.",
            f"stop what uses it, or choose another: ./dev/run --port {port + 1}",
        ) from error
