"""Running Odoo's own command with this checkout, one cluster and the right tools."""

import os
import subprocess
from contextlib import suppress
from pathlib import Path

from .addon import folder_with_link
from .databases import Databases
from .environments import node_programs, path_with, python_with
from .locations import BRIDGES, CHECKOUT, DEV
from .odoo_source import odoo_source
from .postgres import Cluster
from .processes import log_file, run, short_lived
from .system_packages import FOR_ODOO, require


class Odoo:
    """Odoo on the databases of one cluster.

    :param packages: folders with the addon as pip installs it, not this checkout
    """

    def __init__(self, cluster, packages=()):
        self._packages = packages
        self.cluster = cluster
        self.databases = Databases(cluster)
        self.source, self.version_key = odoo_source()
        # A checkout has the apps elsewhere.
        apps = self.source / "addons"
        self.addons = apps if apps.exists() else self.source / "odoo" / "addons"
        self.python = python_with("odoo")
        self._node_programs = node_programs()

    def command(self, *arguments):
        script = Path(__file__).with_name("odoo_command.py")
        return list(map(str, (self.python, script, *arguments)))

    def environment(self):
        """The variables that make any Odoo program find the rest. All subcommands of
        Odoo read their options from them, and no configuration of the developer's.
        """
        addons = [self.addons] if self._packages else [folder_with_link(), BRIDGES]
        return {
            **self.cluster.environment(),
            # A module in the current folder must not pass for one of Odoo's.
            "PYTHONSAFEPATH": "1",
            "ODOO_RC": os.devnull,
            "ODOO_ADDONS_PATH": ",".join(map(str, addons)),
            "ODOO_DATA_DIR": str(self.cluster.odoo_data),
            "ODOO_SCREENSHOTS": str(short_lived("screenshots")),
            # Odoo's choice from version 20 on, and a warning without it.
            "ODOO_HTTP_INTERFACE": "127.0.0.1",
            "ODOO_LIST_DB": "False",
            "PYTHONPATH": ":".join(map(str, (self.source, DEV, *self._packages))),
            # rtlcss, which turns the style sheets around for Arabic.
            "PATH": path_with(self._node_programs),
        }

    def run(self, *arguments, log_name, **options):
        """Run Odoo's command to its end.

        :return: Path of its log
        """
        options |= {"env": self.environment(), "cwd": CHECKOUT, "log_name": log_name}
        run(self.command(*arguments), **options)
        return log_file(log_name)

    def run_script(self, database, script, **options):
        """Run a script inside of Odoo, which can import our modules, and commit."""
        return self.run(
            *("shell", "--database", database, "--no-http", "--log-level=warn"),
            input=f"{script}\nenv.cr.commit()\n",
            **options,
        )

    def start_pytest(self, database, *arguments, **options):
        command = [
            *(self.python, "-m", "pytest"),
            *(f"--odoo-database={database}", "--odoo-http"),
            *("--odoo-extra=max-cron-threads=0", *arguments),
        ]
        return subprocess.Popen(command, env=self.environment(), **options)


def ready(cluster_name, packages=FOR_ODOO):
    """Odoo on a cluster, with everything fetched that it needs."""
    require(packages)
    return Odoo(Cluster(cluster_name))


def wait_for(process):
    """Wait for a child to end. On Ctrl-C it ends by itself; see that it does."""
    try:
        return process.wait()
    except KeyboardInterrupt:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        process.terminate()
        process.wait()
        raise
