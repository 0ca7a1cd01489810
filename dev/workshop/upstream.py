"""Core's own tests, without and with the addon: nothing may differ.

Both sides run at the same time on the same modules. A test that differs runs once more
by itself on both sides: a slow machine makes browser tests fail that have nothing to do
with the addon.
"""

import subprocess
from collections import Counter
from contextlib import ExitStack
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
SIDES = {"without": False, "with": True}


def compare(parts):
    """Run the parts on both sides and name the tests whose result differs."""
    odoo = ready("tests", FOR_TESTS)
    found = {part: _find_files(odoo, part) for part in parts or MODULES}
    differing = 0
    with odoo.cluster.running():
        for part, files in found.items():
            heading(part)
            for test in _compare(odoo, files):
                say(f"DIFFERS {test}")
                differing += 1
    heading(f"{differing} tests differ")
    return 1 if differing else 0


def _find_files(odoo, part):
    """
    :param str part: `module` or `module/test_file`
    """
    module, _slash, file = part.partition("/")
    files = sorted((odoo.addons / module / "tests").glob(f"{file or 'test_*'}.py"))
    if not files:
        raise Problem(f"There are no tests of core in {part}.")
    return files


def _compare(odoo, files):
    """
    :return: list of the tests that differ, also when they run by themselves
    """
    results = _run(odoo, files)
    for side, outcomes in results.items():
        say(f"{side}: {dict(Counter(outcomes.values()))}")
    suspects = _find_differing(results)
    if not suspects:
        return []
    # Their names as pytest takes them; a namesake runs as well.
    names = {" and ".join(test.split(".")[1:]) for test in suspects}
    chosen = " or ".join(f"({name})" for name in sorted(names))
    return _find_differing(_run(odoo, [*files, "-k", chosen]))


def _run(odoo, arguments):
    """Run both sides at the same time.

    :param arguments: of pytest; the first one is the path of a test file
    :return: dict by side of dicts of results by test
    """
    with ExitStack() as stack:
        runs = {side: _start(odoo, stack, side, arguments) for side in SIDES}
        for side, (process, _results) in runs.items():
            # 1: some tests have failed.
            if wait_for(process) not in (0, 1):
                log = log_file(f"upstream-{side}")
                raise Problem(f"The run {side} the addon broke off.", f"read {log}.")
        return {side: _read_results(path) for side, (_process, path) in runs.items()}


def _start(odoo, stack, side, arguments):
    """
    :return: tuple (a process that runs tests on a throwaway database, Path of what it
        will have found)
    """
    folder = arguments[0].parent
    module = folder.parent.name
    modules = MODULES if module in MODULES else (module,)
    template = Templates(odoo).beside(
        modules, with_addon=SIDES[side], with_bundles=True
    )
    database = stack.enter_context(odoo.databases.copy_of(template))
    log = log_file(f"upstream-{side}")
    results = log.with_name(f"{database}.xml")
    process = odoo.start_pytest(
        *(database, "-c", DEV / "pytest_upstream.ini"),
        *(f"--rootdir={folder}", "-p", "no:cacheprovider"),
        *("--odoo-log-level=error", f"--junit-xml={results}", *arguments),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=stack.enter_context(log.open("w")),
        stderr=subprocess.STDOUT,
    )
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return process, results


def _find_differing(results):
    without, beside = results.values()
    tests = sorted({*without, *beside})
    return [test for test in tests if without.get(test) != beside.get(test)]


def _read_results(path):
    """The worst of set-up, call and tear-down counts.

    :return: dict of the result of each test, by `test_file.Class.test`
    """
    results = {}
    for case in ElementTree.parse(path).iter("testcase"):
        test = f"{'.'.join(case.get('classname').split('.')[-2:])}.{case.get('name')}"
        tags = {it.tag for it in case} & {"error", "failure", "skipped"}
        results[test] = min(tags, default=results.get(test, "passed"))
    return results
