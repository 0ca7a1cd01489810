"""The whole suite, through pytest or through Odoo's own test runner."""

from contextlib import ExitStack

from .console import say
from .locations import ADDON, CHECKOUT
from .odoo import Odoo, ready, wait_for
from .postgres import Cluster
from .processes import last_lines, log_file
from .serving import free_port
from .system_packages import FOR_TESTS
from .templates import Templates

# The tag of the tests that drive a browser.
BROWSER_TAG = "wallet_browser"
# With the name of a module: of the tests that need it installed.
MODULE_TAG = "with_"


def run_pytest(arguments):
    """Run pytest with the arguments; return its exit code.

    Without arguments, what needs a web server, with the tests of the tills, and the
    others run side by side: each half keeps about one core busy.
    """
    odoo = ready("tests", FOR_TESTS)
    with odoo.cluster.running(), ExitStack() as stack:
        if arguments:
            return wait_for(_start_pytest(odoo, stack, arguments))
        return _run_side_by_side(odoo, stack)


def _run_side_by_side(odoo, stack):
    """The output of the half with the web server comes when the other one has ended."""
    log = log_file("suite-web")
    output = stack.enter_context(log.open("w"))
    web = _start_pytest(odoo, stack, ["--part=web"], stdout=output)
    say(f"The tests with a web server run beside these; their output is in {log}.")
    try:
        codes = [wait_for(_start_pytest(odoo, stack, ["--part=rest"]))]
    except BaseException:
        web.terminate()
        raise
    codes.append(wait_for(web))
    say(log.read_text(errors="replace"))
    return max(codes, key=abs)


def _start_pytest(odoo, stack, arguments, **options):
    """The database is named and dropped here, so that it goes whatever happens to
    pytest. It is made by the plugin, once pytest knows which tests it will run.
    """
    database = stack.enter_context(odoo.databases.temporary())
    # The log is shown for failed tests only; it tells where the screenshots are.
    arguments = ("--odoo-log-level=runbot", *arguments)
    plugin = ("-p", "pytest_customer_wallet")
    return odoo.start_pytest(database, *plugin, *arguments, cwd=CHECKOUT, **options)


def make_database(name, template, modules=()):
    """Make this run's database from `addon`, `tours` or `units`, or beside modules."""
    odoo = Odoo(Cluster("tests"))
    templates = Templates(odoo)
    if modules:
        source = templates.upstream(sorted(modules), with_addon=True)
    else:
        source = getattr(templates, template)()
    odoo.databases.clone(source, name)


def run_odoo_runner():
    """One pass of Odoo's own runner: the addon is installed, at_install tests run then.

    pytest has them all run on the full registry. The tests with a browser are left to
    pytest: they take half of the time, and a second pass of them tells nothing new.
    """
    odoo = ready("tests", FOR_TESTS)
    with (
        odoo.cluster.running(),
        odoo.databases.copy_of(Templates(odoo).base()) as database,
    ):
        log = odoo.run_logged(
            *("--database", database, "--init", ADDON),
            *("--test-tags", f"/{ADDON},-{BROWSER_TAG}", "--stop-after-init"),
            *("--http-port", free_port(), "--max-cron-threads", 0),
            *("--log-level", "warn", "--log-handler", "odoo.tests.result:INFO"),
            log_name="odoo-runner",
            what="Odoo's own test runner",
        )
    say(last_lines(log.read_text(errors="replace")))
    return 0
