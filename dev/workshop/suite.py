"""The whole suite, through pytest."""

from contextlib import ExitStack

from .console import say
from .locations import CHECKOUT
from .odoo import Odoo, ready, wait_for
from .postgres import Cluster
from .processes import log_file
from .system_packages import FOR_TESTS
from .templates import Templates


def run_pytest(arguments):
    """Run pytest with the arguments; return its exit code.

    Without arguments, what needs a web server, with the tests of the tills, and the
    others run side by side: each half keeps about one core busy. The output of the half
    with the web server comes when the other one has ended.
    """
    odoo = ready("tests", FOR_TESTS)
    with odoo.cluster.running(), ExitStack() as stack:
        if arguments:
            return wait_for(_start_pytest(odoo, stack, arguments))
        log = log_file("suite-web")
        output = stack.enter_context(log.open("w"))
        web = _start_pytest(odoo, stack, ["--part=web"], stdout=output)
        stack.callback(web.wait)
        stack.callback(web.terminate)
        say(f"The tests with a web server run beside these; their output is in {log}.")
        codes = [wait_for(_start_pytest(odoo, stack, ["--part=rest"])), wait_for(web)]
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


def make_database(name, *, modules, with_bundles):
    """Make this run's database, beside other modules of core if there are any."""
    odoo = Odoo(Cluster("tests"))
    template = Templates(odoo).beside(modules, with_bundles=with_bundles)
    odoo.databases.clone(template, name)
