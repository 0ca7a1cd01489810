"""Core's own tests, without and with the addon: nothing may differ.

Both sides run at the same time on the same modules, some files at once. A test that
differs runs once more by itself on both sides: a slow machine makes browser tests fail
that have nothing to do with the addon.
"""

import ast
import subprocess
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from xml.etree import ElementTree

from .console import heading, say
from .locations import DEV
from .odoo import ready, wait_for
from .problems import Problem
from .processes import log_file
from .system_packages import FOR_TESTS
from .templates import Templates

# Others, such as sale, expect nothing beside them: each is installed by itself.
MODULES = (
    "account_payment",
    "loyalty",
    "pos_online_payment",
    "portal",
    "pos_loyalty",
    "point_of_sale",
    "account",
)
BATCH = 8  # files
SIDES = {"without": False, "with": True}
NOT_RUN = "not run"


def compare(parts):
    """Run the parts on both sides and name the tests whose result differs."""
    odoo = ready("tests", FOR_TESTS)
    batches = [it for part in parts or MODULES for it in _find_batches(odoo, part)]
    differing = []
    with odoo.cluster.running():
        for number, batch in enumerate(batches, start=1):
            names = " ".join(path.stem for path in batch)
            heading(f"{batch[0].parts[-3]}: {names} ({number} of {len(batches)})")
            differing += _compare(odoo, batch)
    heading(f"{len(differing)} tests differ" if differing else "Nothing differs")
    for test in differing:
        say(test)
    return 1 if differing else 0


def _find_batches(odoo, part):
    """
    :param str part: `module` or `module/test_file`
    :return: list of lists of paths of test files
    """
    module, _slash, file = part.partition("/")
    tests = odoo.addons / module / "tests"
    known = _find_imported(tests)
    wanted = [tests / f"{file.removesuffix('.py')}.py"] if file else known
    if not known or not {*wanted} <= {*known}:
        raise Problem(
            f"There are no tests of core in {part}.",
            "name a module, or module/test_file.",
        )
    return [wanted[it : it + BATCH] for it in range(0, len(wanted), BATCH)]


def _find_imported(folder):
    """The test files that a module's tests import: Odoo runs no others.

    :return: list of paths
    """
    package = folder / "__init__.py"
    nodes = ast.walk(ast.parse(package.read_text())) if package.exists() else ()
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    paths = {folder / f"{it.name}.py" for node in imports for it in node.names}
    return sorted(it for it in paths if it.name.startswith("test_") and it.exists())


def _compare(odoo, batch):
    """
    :return: list of the tests that differ, also when they run by themselves
    """
    results = _run(odoo, batch)
    for side, outcomes in results.items():
        counts = sorted(Counter(outcomes.values()).items())
        say(f"{side}: {', '.join(f'{number} {it}' for it, number in counts)}")
    suspects = _find_differing(results)
    if not suspects:
        return []
    differing = _find_differing(_run(odoo, [*batch, "-k", _select(suspects)]))
    for test in differing:
        say(f"DIFFERS {test}")
    return differing


def _run(odoo, arguments):
    """
    :param arguments: of pytest; the first one is the path of a test file
    :return: dict by side of dicts of results by test
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        found = {side: folder / f"{side}.xml" for side in SIDES}
        processes = {
            side: _start(odoo, stack, side, [*arguments, f"--junit-xml={path}"])
            for side, path in found.items()
        }
        for side, process in processes.items():
            # 1: some tests have failed.
            if wait_for(process) not in (0, 1):
                log = log_file(f"upstream-{side}")
                raise Problem(f"The run {side} the addon broke off.", f"read {log}.")
        return {side: _read_results(path) for side, path in found.items()}


def _start(odoo, stack, side, arguments):
    """Have a process that runs tests on a throwaway database."""
    folder = arguments[0].parent
    module = folder.parent.name
    modules = MODULES if module in MODULES else (module,)
    template = Templates(odoo).upstream(modules, with_addon=SIDES[side])
    database = stack.enter_context(odoo.databases.copy_of(template))
    process = odoo.start_pytest(
        *(database, "-c", DEV / "pytest_upstream.ini"),
        *(f"--rootdir={folder}", "-p", "no:cacheprovider"),
        *("--odoo-log-level=error", *arguments),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=stack.enter_context(log_file(f"upstream-{side}").open("w")),
        stderr=subprocess.STDOUT,
    )
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return process


def _select(tests):
    """What pytest takes for these tests and, rarely, for their namesakes."""
    names = {tuple(test.split(".")[1:]) for test in tests}
    return " or ".join(f"({' and '.join(it)})" for it in sorted(names))


def _find_differing(results):
    without, beside = results["without"], results["with"]
    tests = sorted({*without, *beside})
    return [it for it in tests if without.get(it, NOT_RUN) != beside.get(it, NOT_RUN)]


def _read_results(path):
    """The worst of set-up, call and tear-down counts.

    :return: dict of the result of each test, by `test_file.Class.test`
    """
    results = {}
    for case in ElementTree.parse(path).iter("testcase"):
        test = f"{'.'.join(case.get('classname').split('.')[-2:])}.{case.get('name')}"
        found = sorted(
            it.tag for it in case if it.tag in ("error", "failure", "skipped")
        )
        results[test] = found[0] if found else results.get(test, "passed")
    return results
