"""The whole suite, through pytest."""

from contextlib import ExitStack

from .console import say
from .locations import CHECKOUT
from .odoo import ready, wait_for
from .processes import log_file
from .system_packages import FOR_TESTS


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
        web = _start_pytest(odoo, stack, ["-m", "web"], stdout=output)
        stack.callback(web.wait)
        stack.callback(web.terminate)
        say(f"The tests with a web server run beside these; their output is in {log}.")
        codes = [wait_for(_start_pytest(odoo, stack, ["-m", "not web"])), wait_for(web)]
        say(log.read_text(errors="replace"))
        return max(codes, key=abs)


def _start_pytest(odoo, stack, arguments, **options):
    """The database is named and dropped here, so that it goes whatever happens to
    pytest. It is made by the plugin, once pytest knows which tests it will run.
    """
    database = stack.enter_context(odoo.databases.temporary())
    return odoo.start_pytest(database, *arguments, cwd=CHECKOUT, **options)
