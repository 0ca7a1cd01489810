"""Private PostgreSQL servers: sockets only, apart from any other on the machine.

There are four: `tests` may lose everything in a power cut, and is fast for it; `demo`
keeps what was entered; `bench` is for measuring; `proofs` is there to be killed. A
server runs as long as somebody uses it.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from .cached import locked
from .console import step
from .locations import CACHE_VARIABLE, cache_folder
from .postgres_programs import postgres_program, postgres_version
from .problems import Problem
from .processes import children_of, is_alive, log_file, run

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
            self._control("stop", "--mode=fast")

    def _ensure_made(self):
        if (self.data / "PG_VERSION").exists():
            self._check_version()
            return
        self._check_socket_path()
        self.odoo_data.mkdir(exist_ok=True)
        self.folder.mkdir(exist_ok=True)
        if _is_root():
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
            "initdb",
            f"--pgdata={unfinished}",
            f"--username={ROLE}",
            "--auth=trust",  # the folder of the socket is closed to others
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        self._run_as_owner("mkdir", "-p", self.socket)
        unfinished.rename(self.data)

    def _ensure_started(self):
        if not self._is_up():
            (self.folder / "postgres.log").unlink(missing_ok=True)
            settings = " ".join(
                f"-c {name}={it}" for name, it in self._settings.items()
            )
            try:
                self._control(
                    "start",
                    f"--options=-k '{self.socket}' -p {PORT} {settings}",
                    f"--log={self.folder / 'postgres.log'}",
                )
            except Problem as problem:
                raise Problem(
                    f"The PostgreSQL server for {self.name} does not start.",
                    f"read {self.folder}/postgres.log; to make it anew, with the "
                    f"databases in it, remove {self.folder}.",
                    problem.details,
                ) from problem

    def crash(self):
        """End all of its processes at once, as a machine that fails does, except that
        the operating system keeps what was written to it.
        """
        postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGSTOP)  # it must not see its children end
        pids = [postmaster, *children_of(postmaster)]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while any(map(is_alive, pids)):
            time.sleep(0.01)

    def restart(self):
        """Start it after a crash: it recovers what was committed."""
        self._ensure_started()

    def _is_up(self):
        status = [postgres_program("pg_ctl"), "status", f"--pgdata={self.data}"]
        return not subprocess.run(
            [*_as_owner(), *status], stdout=subprocess.DEVNULL, cwd="/"
        ).returncode

    def _control(self, action, *options):
        self._run(
            "pg_ctl", action, "--wait", "--silent", f"--pgdata={self.data}", *options
        )

    def _run(self, program, *arguments):
        self._run_as_owner(postgres_program(program), *arguments)

    def _run_as_owner(self, *command):
        # Not through pipes: a server that was started would keep them open.
        output = log_file(f"postgres-{self.name}")
        with output.open("w") as file:
            done = subprocess.run(
                [*_as_owner(), *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                cwd="/",
            )
        if done.returncode:
            raise Problem(
                f"{Path(str(command[0])).name} failed for the PostgreSQL server.",
                f"see above; all of it is in {output}.",
                output.read_text(),
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

    def _check_socket_path(self):
        if len(str(self.socket / f".s.PGSQL.{PORT}")) > SOCKET_PATH_LIMIT:
            raise Problem(
                f"The path {self.socket} is too long for a socket.",
                f"set {CACHE_VARIABLE} to a folder with a shorter path.",
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
                postgres_program("psql"),
                "--no-psqlrc",
                "--quiet",
                "--tuples-only",
                "--no-align",
                "--set=ON_ERROR_STOP=1",
                f"--dbname={database}",
                f"--command={statement}",
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


def _is_root():
    return os.geteuid() == 0


def _as_owner():
    """PostgreSQL refuses to run as root."""
    return ["runuser", "--user", "postgres", "--"] if _is_root() else []
