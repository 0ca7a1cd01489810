"""Private PostgreSQL servers: sockets only, apart from any other on the machine. A
server runs as long as somebody uses it.
"""

import fcntl
import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

from .cached import locked
from .console import step
from .locations import cache_folder
from .processes import run, run_logged

ROLE = "odoo"
PORT = 5432  # names the socket's file, no port is opened

COMMON_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "300",
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",
    "synchronous_commit": "off",  # may lose the last second, but breaks nothing
}
SETTINGS = {
    # May lose everything in a power cut, and is fast for it.
    "tests": {
        "fsync": "off",
        "full_page_writes": "off",
        # Statistics taken in the middle of a test do not see its rows: tables with
        # thousands of them pass for empty, and a query takes minutes.
        "autovacuum": "off",
    },
    # Keeps what was entered.
    "demo": {},
    # Commits wait for the disk, as on a server that keeps its promises.
    "bench": {"synchronous_commit": "on"},
    # Is killed: what was acknowledged must be there after that.
    "proofs": {
        "synchronous_commit": "on",
        # Or it looks at each file of all databases when it starts again.
        "recovery_init_sync_method": "syncfs",
    },
}


class Cluster:
    """One PostgreSQL server with its data, its socket and Odoo's files.

    :param name: one of SETTINGS
    """

    def __init__(self, name):
        self.name = name
        self.folder = cache_folder() / f"postgres-{name}"
        self.data = self.folder / "data"
        self.socket = self.folder / "socket"
        self.odoo_data = cache_folder() / f"odoo-data-{name}"
        self._log = self.folder / "postgres.log"
        self._settings = {**COMMON_SETTINGS, **SETTINGS[name]}

    @contextmanager
    def running(self):
        """Have the server up; the last one to leave stops it."""
        with locked(f"{self.folder.name}-start"):
            self._ensure_made()
            self.ensure_started()
            users = (cache_folder() / "locks" / f"{self.folder.name}-users").open("w")
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield self
        finally:
            self._leave(users)

    def _leave(self, users):
        with locked(f"{self.folder.name}-start"), users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # somebody else still works with it
            if self._is_up():
                self._control("stop", "--mode=fast")

    def _ensure_made(self):
        if self.data.exists():
            return
        self.odoo_data.mkdir(exist_ok=True)
        self.folder.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.folder.chmod(0o700)
        with step(f"Making the PostgreSQL server for {self.name}"):
            self._run("mkdir", "-p", self.socket)
            self._run(
                *(postgres_program("initdb"), f"--pgdata={self.data}", "--no-sync"),
                # The folder of the socket is closed to others.
                *(f"--username={ROLE}", "--auth=trust"),
                *("--encoding=UTF8", "--locale=C.UTF-8"),
            )

    def ensure_started(self):
        """After a crash it recovers what was committed."""
        if self._is_up():
            return
        self._log.unlink(missing_ok=True)
        settings = " ".join(f"-c {name}={it}" for name, it in self._settings.items())
        options = f"--options=-k '{self.socket}' -p {PORT} {settings}"
        self._control("start", options, f"--log={self._log}")

    def read_pid(self):
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def _is_up(self):
        command = [postgres_program("pg_ctl"), "status", f"--pgdata={self.data}"]
        return not subprocess.run(
            [*_as_owner(), *command], stdout=subprocess.DEVNULL, cwd="/"
        ).returncode

    def _control(self, action, *options):
        pg_ctl = postgres_program("pg_ctl")
        self._run(
            pg_ctl, action, "--wait", "--silent", f"--pgdata={self.data}", *options
        )

    def _run(self, *command):
        # Not through pipes: a server that was started would keep them open.
        run_logged(
            [*_as_owner(), *command],
            cwd="/",
            log_name=f"postgres-{self.name}",
            what=f"{Path(str(command[0])).name} for the PostgreSQL server",
            todo=f"read {self._log}; to make the server anew, with the databases in "
            f"it, remove {self.folder}.",
        )

    # What runs in it

    def environment(self):
        """With what PostgreSQL's own programs need to find this server."""
        found = {"PGHOST": str(self.socket), "PGPORT": str(PORT), "PGUSER": ROLE}
        return {**os.environ, **found}

    def sql(self, statement, database="postgres"):
        """Run one statement, return the rows' text."""
        return run(
            [
                *(postgres_program("psql"), "--no-psqlrc", "--quiet", "--tuples-only"),
                *("--no-align", "--set=ON_ERROR_STOP=1"),
                *(f"--dbname={database}", f"--command={statement}"),
            ],
            env=self.environment(),
            what=f"`{statement}` in PostgreSQL",
        ).strip()


def _as_owner():
    """PostgreSQL refuses to run as root."""
    return ["runuser", "--user", "postgres", "--"] if os.geteuid() == 0 else []


def postgres_program(name):
    """Of the newest version that is installed, or None: Debian keeps a folder for each
    one, off the PATH.
    """
    programs = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    return max(map(str, programs), default=None)


def postgres_version():
    """The major version."""
    return Path(postgres_program("postgres")).parents[1].name
