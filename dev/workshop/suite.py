"""The whole suite, through pytest or through Odoo's own test runner."""

import re
import subprocess

from .console import say
from .databases import Databases
from .locations import ADDON, CHECKOUT, DEV
from .network import free_port
from .odoo import Odoo, ready, wait_for
from .postgres import tests_cluster
from .problems import Problem
from .processes import last_lines
from .system_packages import FOR_TESTS
from .templates import Templates

SUMMARY = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")
SKIPPED = re.compile(r"odoo\.tests.*skipped|SkipTest", re.IGNORECASE)


def run_pytest(arguments):
    """Run pytest with the arguments; return its exit code.

    The database is named and dropped here, so that it goes whatever happens to pytest.
    It is made by the plugin, once pytest knows which tests it will run.
    """
    cluster = tests_cluster()
    odoo = ready(cluster, FOR_TESTS)
    with cluster.running(), Databases(cluster).temporary() as database:
        command = [
            *(odoo.python, "-P", "-m", "pytest"),
            *("-p", "pytest_customer_wallet"),
            f"--odoo-database={database}",
            "--odoo-http",
            "--odoo-log-level=warn",
            "--odoo-extra=max-cron-threads=0",
            *arguments,
        ]
        process = subprocess.Popen(
            list(map(str, command)), cwd=CHECKOUT, env=odoo.environment(DEV)
        )
        return wait_for(process)


def make_database(name, template):
    """Make this run's database from `addon`, `tours` or `units`."""
    cluster = tests_cluster()
    source = getattr(Templates(Odoo(cluster), cluster), template)()
    Databases(cluster).clone(source, name)


def run_odoo_runner():
    """One pass of Odoo's own runner: the addon is installed, at_install tests run then.

    pytest has them all run on the full registry.
    """
    cluster = tests_cluster()
    odoo = ready(cluster, FOR_TESTS)
    with cluster.running(), Databases(cluster).temporary() as database:
        Databases(cluster).clone(Templates(odoo, cluster).base(), database)
        log = odoo.run_logged(
            *("--database", database, "--init", ADDON),
            *("--test-tags", f"/{ADDON}", "--stop-after-init"),
            *("--http-port", free_port(), "--max-cron-threads", 0),
            log_name="odoo-runner",
            what="Odoo's own test runner",
            todo="mend the test; `./dev/test` with its file shows more.",
        )
    return _judge_odoo_runner(log)


def _judge_odoo_runner(log):
    """A run without tests, and a test that was skipped, end well for Odoo. Not here."""
    text = log.read_text(errors="replace")
    todo = f"read {log}"
    summary = SUMMARY.findall(text)
    if not summary or not int(summary[-1][2]):
        raise Problem("Odoo's own test runner ran no test.", todo, last_lines(text))
    if skipped := [line for line in text.splitlines() if SKIPPED.search(line)]:
        raise Problem("Odoo's own test runner skipped tests.", todo, "\n".join(skipped))
    failed, errors, total = map(int, summary[-1])
    say(f"Odoo's own runner: {failed} failed, {errors} error(s) of {total} tests")
    return 1 if failed or errors else 0
