"""Running Odoo's own command with this checkout, one cluster and the right tools."""

import subprocess

from .addon import folder_with_link
from .cached import key_of
from .databases import Databases
from .environments import node_programs, path_with, python_with
from .locations import BRIDGES, CHECKOUT, DEV, cache_folder, replace_text
from .odoo_source import odoo_source
from .postgres import PORT, ROLE, Cluster
from .problems import Terminated
from .processes import run_logged, short_lived
from .system_packages import FOR_ODOO, require

PATIENCE = 10  # seconds


class Odoo:
    """Odoo on the databases of one cluster."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.databases = Databases(cluster)
        self.source, self.version_key = odoo_source()
        self.base = self.source / "odoo" / "addons"
        # A checkout has the apps elsewhere.
        apps = self.source / "addons"
        self.addons = apps if apps.exists() else self.base
        self.python = python_with("odoo")
        self._node_programs = node_programs()

    def command(self, *arguments):
        return [str(self.python), "-m", "odoo", *map(str, arguments)]

    def environment(self):
        """The variables that make any Odoo program find the rest."""
        return {
            **self.cluster.environment(),
            # A module in the current folder must not pass for one of Odoo's.
            "PYTHONSAFEPATH": "1",
            "ODOO_RC": str(self._configuration()),
            "PYTHONPATH": f"{self.source}:{DEV}",
            # rtlcss, which turns the style sheets around for Arabic.
            "PATH": path_with(self._node_programs),
        }

    def run_logged(self, *arguments, **options):
        """Run Odoo's command to its end, into a log file."""
        return run_logged(
            self.command(*arguments), env=self.environment(), cwd=CHECKOUT, **options
        )

    def run_script(self, database, script, **options):
        """Run a script inside of Odoo, which can import our modules, and commit."""
        return self.run_logged(
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

    def _configuration(self):
        """Odoo's configuration file: it serves every subcommand alike."""
        text = "\n".join(
            [
                "[options]",
                f"addons_path = {','.join(map(str, self._addons_paths()))}",
                f"db_host = {self.cluster.socket}",
                f"db_port = {PORT}",
                f"db_user = {ROLE}",
                f"data_dir = {self.cluster.odoo_data}",
                f"screenshots = {short_lived('screenshots')}",
                # Odoo's choice from version 20 on, and a warning without it.
                "http_interface = 127.0.0.1",
                "list_db = False",
                "",
            ]
        )
        folder = cache_folder() / "configurations"
        folder.mkdir(exist_ok=True)
        path = folder / f"{self.cluster.name}-{key_of(text)}.conf"
        replace_text(path, text)
        return path

    def _addons_paths(self):
        return [*dict.fromkeys((self.base, self.addons)), folder_with_link(), BRIDGES]


def ready(cluster_name, packages=FOR_ODOO):
    """Odoo on a cluster, with everything fetched that it needs."""
    require(packages)
    return Odoo(Cluster(cluster_name))


def wait_for(process):
    """Wait for a child to end. On Ctrl-C it ends by itself; see that it does."""
    try:
        return process.wait()
    except KeyboardInterrupt as interrupt:
        if isinstance(interrupt, Terminated):
            process.terminate()
        for end in (process.terminate, process.kill):
            try:
                process.wait(timeout=PATIENCE)
                break
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                end()
        process.wait()
        raise
