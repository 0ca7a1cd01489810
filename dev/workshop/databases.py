"""Databases with their files: asked for, cloned, dropped as one thing."""

import os
import secrets
import shutil
from contextlib import contextmanager


class Databases:
    """The databases of one cluster."""

    def __init__(self, cluster):
        self._cluster = cluster

    def names(self, prefix=""):
        rows = self._cluster.sql("SELECT datname FROM pg_database")
        return [name for name in rows.splitlines() if name.startswith(prefix)]

    def clone(self, source, target):
        """Copy a database in a fraction of a second; its files are hard links."""
        # The files first: the database is what says that all is there.
        shutil.rmtree(self.files(target), ignore_errors=True)
        shutil.copytree(self.files(source), self.files(target), copy_function=os.link)
        self._cluster.sql(
            f'CREATE DATABASE "{target}" TEMPLATE "{source}" STRATEGY file_copy'
        )

    def drop(self, name):
        self._cluster.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(self.files(name), ignore_errors=True)

    def analyze(self, name):
        """Take the statistics that queries are planned with; clones inherit them."""
        self._cluster.sql("ANALYZE", name)

    def files(self, name):
        return self._cluster.odoo_data / "filestore" / name

    @contextmanager
    def temporary(self):
        """A name for a database of this process, dropped at the end if it is there."""
        for name in self.names("throwaway_"):
            # Of a process that was killed before it could clean up.
            if not os.path.exists(f"/proc/{name.split('_')[1]}"):
                self.drop(name)
        name = f"throwaway_{os.getpid()}_{secrets.token_hex(3)}"
        try:
            yield name
        finally:
            self.drop(name)

    @contextmanager
    def copy_of(self, source):
        """The name of a copy of a database for a while."""
        with self.temporary() as name:
            self.clone(source, name)
            yield name
