"""Private PostgreSQL servers: sockets only, apart from any other on the machine.

There are four: `tests` may lose everything in a power cut, and is fast for it; `demo`
keeps what was entered; `bench` is for measuring; `proofs` is there to be killed. A
server runs as long as somebody uses it.
"""

import fcntl
import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from .cached import locked
from .console import step
from .locations import CACHE_VARIABLE, cache_folder
from .problems import Problem
from .processes import run, run_logged

ROLE = "odoo"
PORT = 5432  # names the socket's file, no port is opened
SOCKET_PATH_LIMIT = 107

COMMON_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "300",
    "shared_buffers": "256MB",
    "random_page_cost": "1.1",
    "synchronous_commit": "off",  # may lose the last second, but breaks nothing
}
FAST_BUT_FORGETFUL = {
    "fsync": "off",
    "full_page_writes": "off",
    # Statistics taken in the middle of a test do not see its rows: tables with
    # thousands of them pass for empty, and a query takes minutes.
    "autovacuum": "off",
}


class Cluster:
    """One PostgreSQL server with its data, its socket and Odoo's files."""

    def __init__(self, name, settings):
        self.name = name
        self.folder = cache_folder() / f"postgres-{name}"
        self.data = self.folder / "data"
        self.socket = self.folder / "socket"
        self.odoo_data = cache_folder() / f"odoo-data-{name}"
        self._settings = {**COMMON_SETTINGS, **settings}

    @contextmanager
    def running(self):
        """Have the server up; the last one to leave stops it."""
        with locked(f"{self.folder.name}-start"):
            self._ensure_made()
            self._ensure_started()
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
        if (self.data / "PG_VERSION").exists():
            self._check_version()
            return
        if len(str(self.socket / f".s.PGSQL.{PORT}")) > SOCKET_PATH_LIMIT:
            raise Problem(
                f"The path {self.socket} is too long for a socket.",
                f"set {CACHE_VARIABLE} to a folder with a shorter path.",
            )
        self.odoo_data.mkdir(exist_ok=True)
        self.folder.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self.folder.chmod(0o700)
        self._check_reachable()
        with step(f"Making the PostgreSQL server for {self.name}"):
            self._make()

    def _make(self):
        """Fill a folder aside and rename it: the data folder exists whole or not."""
        unfinished = self.folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        self._run(
            *(postgres_program("initdb"), f"--pgdata={unfinished}", "--no-sync"),
            # The folder of the socket is closed to others.
            *(f"--username={ROLE}", "--auth=trust"),
            *("--encoding=UTF8", "--locale=C.UTF-8"),
        )
        self._run("mkdir", "-p", self.socket)
        unfinished.rename(self.data)

    def _ensure_started(self):
        if self._is_up():
            return
        log = self.folder / "postgres.log"
        log.unlink(missing_ok=True)
        settings = " ".join(f"-c {name}={it}" for name, it in self._settings.items())
        options = f"--options=-k '{self.socket}' -p {PORT} {settings}"
        try:
            self._control("start", options, f"--log={log}")
        except Problem as problem:
            raise Problem(
                f"The PostgreSQL server for {self.name} does not start.",
                f"read {log}; to make it anew, with the databases in it, remove "
                f"{self.folder}.",
                problem.details,
            ) from problem

    def crash(self):
        """End all of its processes at once, as a machine that fails does, except that
        the operating system keeps what was written to it; then start it again: it
        recovers what was committed.
        """
        postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGSTOP)  # it must not see its children end
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text()
        pids = [postmaster, *map(int, children.split())]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while any(Path(f"/proc/{pid}").exists() for pid in pids):
            time.sleep(0.01)
        self._ensure_started()

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
        )

    def _check_version(self):
        """A newer PostgreSQL cannot read an older one's files."""
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != (installed := postgres_version()):
            raise Problem(
                f"The databases for {self.name} were made by PostgreSQL {made_by}, "
                f"and {installed} is installed.",
                f"install postgresql-{made_by}, or remove {self.folder} and "
                f"{self.odoo_data} to make them anew.",
            )

    def _check_reachable(self):
        command = [*_as_owner(), "test", "-w", str(self.folder)]
        if subprocess.run(command, cwd="/").returncode:
            raise Problem(
                f"The user `postgres` cannot enter {self.folder}.",
                f"PostgreSQL does not run as root: set {CACHE_VARIABLE} to a folder "
                "that other users may enter, for example below /var/cache.",
            )

    # What runs in it

    def environment(self):
        """What PostgreSQL's own programs need to find this server."""
        return {"PGHOST": str(self.socket), "PGPORT": str(PORT), "PGUSER": ROLE}

    def copy_from(self, source, name):
        """Copy a database of another server.

        :param source: Cluster, running
        """
        self.sql(f'CREATE DATABASE "{name}"')
        dump = subprocess.Popen(
            [postgres_program("pg_dump"), "--format=custom", "--compress=0", name],
            env={**os.environ, **source.environment()},
            stdout=subprocess.PIPE,
        )
        with dump:
            run(
                [
                    *(postgres_program("pg_restore"), "--no-owner"),
                    *("--exit-on-error", f"--dbname={name}"),
                ],
                env={**os.environ, **self.environment()},
                stdin=dump.stdout,
                what=f"Copying {name}",
            )

    def sql(self, statement, database="postgres"):
        """Run one statement, return the rows' text."""
        return run(
            [
                *(postgres_program("psql"), "--no-psqlrc", "--quiet", "--tuples-only"),
                *("--no-align", "--set=ON_ERROR_STOP=1"),
                *(f"--dbname={database}", f"--command={statement}"),
            ],
            env={**os.environ, **self.environment()},
            what=f"`{statement}` in PostgreSQL",
        ).strip()


def tests_cluster():
    return Cluster("tests", FAST_BUT_FORGETFUL)


def demo_cluster():
    return Cluster("demo", {})


def bench_cluster():
    """Commits wait for the disk, as on a server that keeps its promises."""
    return Cluster("bench", {"synchronous_commit": "on"})


def proofs_cluster():
    """As `bench`: what was acknowledged must be there after a crash."""
    return Cluster("proofs", {"synchronous_commit": "on"})


# By name, for another process that is told which one to use.
CLUSTERS = {
    "tests": tests_cluster,
    "demo": demo_cluster,
    "bench": bench_cluster,
    "proofs": proofs_cluster,
}


def _as_owner():
    """PostgreSQL refuses to run as root."""
    return ["runuser", "--user", "postgres", "--"] if os.geteuid() == 0 else []


def postgres_program(name):
    """The newest installed one, or None: Debian keeps one folder for each version, off
    the PATH.
    """
    folders = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    versions = {it.parents[1].name: str(it) for it in folders}
    newest = max(filter(str.isdigit, versions), key=int, default=None)
    return versions[newest] if newest else shutil.which(name)


def postgres_version():
    """The major version."""
    output = subprocess.check_output([postgres_program("postgres"), "--version"])
    return re.search(rb"(\d+)", output)[1].decode()
