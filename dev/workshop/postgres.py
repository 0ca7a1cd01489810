"""Private PostgreSQL servers: sockets only, apart from any other on the machine. A
server runs as long as somebody uses it.
"""

import fcntl
import os
import shutil
import subprocess
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from .cached import locked
from .console import step
from .locations import cache_folder
from .processes import run

ROLE = "odoo"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "300",
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",
    # Or it looks at each file of all databases when it starts again after a crash.
    "recovery_init_sync_method": "syncfs",
}
# May lose everything in a power cut, and is fast for it.
SETTINGS_OF_TESTS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    # Statistics taken in the middle of a test do not see its rows: tables with
    # thousands of them pass for empty, and a query takes minutes.
    "autovacuum": "off",
}


class Cluster:
    """One PostgreSQL server with its data, its socket and Odoo's files.

    :param name: that of the tests is fast; all others keep what was committed
    """

    def __init__(self, name):
        self.name = name
        self.odoo_data = cache_folder() / f"odoo-data-{name}"
        self._folder = cache_folder() / f"postgres-{name}"
        self._data = self._folder / "data"
        self._socket = self._folder / "socket"

    @contextmanager
    def running(self):
        """Have the server up; the last one to leave stops it."""
        starting = partial(locked, f"{self._folder.name}-start")
        with starting():
            if not self._data.exists():
                self._make()
            self.ensure_started()
            users = (cache_folder() / "locks" / f"{self._folder.name}-users").open("w")
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield self
        finally:
            with starting(), users, suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if self._is_up():
                    run(self._command("pg_ctl", "stop"), cwd="/")

    def _make(self):
        self.odoo_data.mkdir(exist_ok=True)
        for folder in (self._folder, self._socket):
            folder.mkdir(exist_ok=True)
            if os.geteuid() == 0:
                shutil.chown(folder, "postgres")
        options = ("--auth=trust", "--locale=C.UTF-8", "--no-sync")
        with step(f"Making the PostgreSQL server for {self.name}"):
            run(self._command("initdb", f"--username={ROLE}", *options), cwd="/")

    def ensure_started(self):
        """After a crash it recovers what was committed."""
        if self._is_up():
            return
        settings = SETTINGS | (SETTINGS_OF_TESTS if self.name == "tests" else {})
        options = [f"-c {name}={value}" for name, value in settings.items()]
        options.append(f"-k '{self._socket}'")
        log = f"--log={self._folder}/postgres.log"
        start = ("start", "--silent", log, f"--options={' '.join(options)}")
        run(self._command("pg_ctl", *start), cwd="/")

    def read_pid(self):
        return int((self._data / "postmaster.pid").read_text().split()[0])

    def _is_up(self):
        status = self._command("pg_ctl", "status")
        done = subprocess.run(status, cwd="/", stdout=subprocess.DEVNULL)
        return done.returncode == 0

    def _command(self, program, *arguments):
        """It refuses to run as root, and Debian has it off the PATH."""
        as_owner = ["runuser", "--user", "postgres", "--"] if os.geteuid() == 0 else []
        path = f"/usr/lib/postgresql/{postgres_version()}/bin/{program}"
        return [*as_owner, path, f"--pgdata={self._data}", *arguments]

    def environment(self):
        """With what PostgreSQL's own programs need to find this server."""
        return {**os.environ, "PGHOST": str(self._socket), "PGUSER": ROLE}

    def sql(self, statement, database="postgres"):
        """Run one statement, return the rows' text."""
        psql = ["psql", "--no-psqlrc", "--quiet", "--tuples-only"]
        psql += ["--no-align", "--set=ON_ERROR_STOP=1", f"--dbname={database}"]
        return run([*psql, f"--command={statement}"], env=self.environment()).strip()


def postgres_version():
    """The major version that is installed: the newest."""
    return max(path.name for path in Path("/usr/lib/postgresql").iterdir())
