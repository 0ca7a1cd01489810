"""Core's own tests, without and with the addon: nothing may differ.

Both sides run at the same time on the same modules, some files at once. A test that
differs runs once more by itself on both sides: a slow machine makes browser tests fail
that have nothing to do with the addon.
"""

import ast
import shutil
from contextlib import ExitStack
from xml.etree import ElementTree

from .addon import installed_key
from .cached import key_of
from .console import heading, say
from .databases import Databases
from .locations import cache_folder
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


def compare(parts, *, fresh):
    """Run the parts on both sides and name the tests whose result differs."""
    upstream = Upstream()
    if fresh:
        upstream.forget()
    differing = []
    batches = [it for part in parts or MODULES for it in upstream.batches(part)]
    for number, batch in enumerate(batches, start=1):
        names = " ".join(path.stem for path in batch)
        heading(f"{batch[0].parts[-3]}: {names} ({number} of {len(batches)})")
        differing += upstream.compare(batch)
    heading(f"{len(differing)} tests differ" if differing else "Nothing differs")
    for test in differing:
        say(test)
    return 1 if differing else 0


class Upstream:
    """Core's tests on this machine, with the results so far."""

    def __init__(self):
        self._odoo = ready("tests", FOR_TESTS)
        key = key_of(self._odoo.version_key, MODULES)
        self._keys = {"without": key, "with": key_of(key, installed_key())}

    def forget(self):
        for side in SIDES:
            shutil.rmtree(self._folder(side))

    def batches(self, part):
        """
        :param str part: `module` or `module/test_file`
        :return: list of lists of paths of test files
        """
        module, _slash, file = part.partition("/")
        tests = self._odoo.addons / module / "tests"
        known = _find_imported(tests)
        wanted = [tests / f"{file.removesuffix('.py')}.py"] if file else known
        if not known or not {*wanted} <= {*known}:
            raise Problem(
                f"There are no tests of core in {part}.",
                "name a module, or module/test_file.",
            )
        return [wanted[it : it + BATCH] for it in range(0, len(wanted), BATCH)]

    def compare(self, batch):
        """Run these files where they have not run yet.

        :return: list of the tests that differ, also when they run by themselves
        """
        results = self._run(batch)
        for side, outcomes in results.items():
            counts = {it: [*outcomes.values()].count(it) for it in outcomes.values()}
            say(
                f"{side}: " + ", ".join(f"{n} {it}" for it, n in sorted(counts.items()))
            )
        suspects = _find_differing(results)
        if not suspects:
            return []
        differing = _find_differing(self._run([*batch, "-k", _select(suspects)]))
        for test in differing:
            say(f"DIFFERS {test}")
        return differing

    def _run(self, arguments):
        """
        :param arguments: of pytest
        :return: dict by side of dicts of results by test
        """
        name = key_of(*arguments)
        kept = {side: self._folder(side) / f"{name}.xml" for side in SIDES}
        missing = {side: path for side, path in kept.items() if not path.exists()}
        with self._odoo.cluster.running(), ExitStack() as stack:
            processes = {side: self._start(stack, side, arguments) for side in missing}
            for side, process in processes.items():
                # 1: some tests have failed.
                if wait_for(process) in (0, 1):
                    self._last_run(side).rename(missing[side])
        return {side: _read_results(side, path) for side, path in kept.items()}

    def _start(self, stack, side, arguments):
        """Have a process that runs tests on a throwaway database."""
        module = arguments[0].parts[-3]
        modules = MODULES if module in MODULES else (module,)
        template = Templates(self._odoo).upstream(modules, with_addon=SIDES[side])
        databases = Databases(self._odoo.cluster)
        database = stack.enter_context(databases.temporary())
        databases.clone(template, database)
        output = stack.enter_context(log_file(f"upstream-{side}").open("w"))
        arguments = [*arguments, f"--junit-xml={self._last_run(side)}"]
        process = self._odoo.start_upstream(arguments, database, output)
        stack.callback(process.wait)
        stack.callback(process.terminate)
        return process

    def _last_run(self, side):
        return self._folder(side) / "last-run"

    def _folder(self, side):
        folder = cache_folder() / "upstream" / self._keys[side]
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _find_imported(folder):
    """The test files that a module's tests import: Odoo runs no others.

    :return: list of paths
    """
    package = folder / "__init__.py"
    nodes = ast.walk(ast.parse(package.read_text())) if package.exists() else ()
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    paths = {folder / f"{it.name}.py" for node in imports for it in node.names}
    return sorted(it for it in paths if it.name.startswith("test_") and it.exists())


def _select(tests):
    """What pytest takes for these tests and, rarely, for their namesakes."""
    names = {tuple(test.split(".")[1:]) for test in tests}
    return " or ".join(f"({' and '.join(it)})" for it in sorted(names))


def _find_differing(results):
    without, beside = results["without"], results["with"]
    tests = sorted({*without, *beside})
    return [it for it in tests if without.get(it, NOT_RUN) != beside.get(it, NOT_RUN)]


def _read_results(side, path):
    """The worst of set-up, call and tear-down counts.

    :return: dict of the result of each test, by `test_file.Class.test`
    """
    if not path.exists():
        log = log_file(f"upstream-{side}")
        raise Problem(f"The run {side} the addon broke off.", f"look into {log}.")
    results = {}
    for case in ElementTree.parse(path).iter("testcase"):
        test = f"{'.'.join(case.get('classname').split('.')[-2:])}.{case.get('name')}"
        found = sorted(
            it.tag for it in case if it.tag in ("error", "failure", "skipped")
        )
        results[test] = found[0] if found else results.get(test, "passed")
    return results
