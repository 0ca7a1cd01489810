"""Core's own tests, without and with the addon: nothing may differ.

Both sides run on the same modules, file by file, through the plugin
`pytest_upstream`. A test that differs runs once more by itself on both sides: a slow
machine makes browser tests fail that have nothing to do with the addon.
"""

import ast
import json
import shutil
import subprocess

from .addon import installed_key
from .cached import key_of
from .console import heading, say
from .databases import Databases
from .locations import DEV, cache_folder, replace_text
from .odoo import ready, wait_for
from .postgres import tests_cluster
from .problems import Problem
from .processes import log_file
from .system_packages import FOR_TESTS
from .templates import Templates

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
NOT_RUN = "not run"


def compare(parts, *, fresh):
    """Run the parts on both sides and name the tests whose result differs."""
    upstream = Upstream()
    if fresh:
        upstream.forget()
    files = upstream.files(parts or MODULES)
    differing = []
    for number, part in enumerate(files, start=1):
        heading(f"{part} ({number} of {len(files)})")
        results = upstream.results(part)
        say("; ".join(f"{side}: {_count(results[side])}" for side in SIDES))
        for test in upstream.differing(part, results):
            differing.append(test)
            say(f"DIFFERS {test}")
    heading(f"{len(differing)} tests differ" if differing else "Nothing differs")
    for test in differing:
        say(test)
    return 1 if differing else 0


def _count(results):
    outcomes = sorted(results.values())
    counts = {outcome: outcomes.count(outcome) for outcome in outcomes}
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items())


def _differences(results):
    tests = sorted({*results["without"], *results["with"]})
    return [
        test
        for test in tests
        if results["without"].get(test, NOT_RUN) != results["with"].get(test, NOT_RUN)
    ]


class Upstream:
    """Core's tests on this machine, with the results so far."""

    def __init__(self):
        self._odoo = ready(tests_cluster, FOR_TESTS)
        self._addons = self._odoo.source.addons_paths[-1]
        self._keys = {"without": key_of(self._odoo.source.key, MODULES)}
        self._keys["with"] = key_of(self._keys["without"], installed_key())

    def forget(self):
        for side in SIDES:
            shutil.rmtree(self._folder(side))

    def files(self, parts):
        """The test files of these parts, as `module/test_file`."""
        files = []
        for part in parts:
            module, _slash, file = part.partition("/")
            known = self._files_of(module)
            wanted = [f"{module}/{file.removesuffix('.py')}"] if file else known
            if not known or not set(wanted) <= set(known):
                raise Problem(
                    f"There are no tests of core in {part}.",
                    "name a module, or module/test_file.",
                )
            files += wanted
        return files

    def _files_of(self, module):
        """Only those that Odoo itself would run: what the package imports."""
        package = self._addons / module / "tests" / "__init__.py"
        if not package.exists():
            return []
        imports = ast.walk(ast.parse(package.read_text()))
        names = {
            alias.name
            for node in imports
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        return [
            f"{module}/{name}"
            for name in sorted(names)
            if name.startswith("test_") and self._path(f"{module}/{name}").exists()
        ]

    def _path(self, part):
        module, file = part.split("/")
        return self._addons / module / "tests" / f"{file}.py"

    def results(self, part):
        """The result of each test of a file, on both sides; run where not known."""
        return {side: self._result(part, side) for side in SIDES}

    def differing(self, part, results):
        """The tests that differ, also when they run by themselves."""
        suspects = _differences(results)
        if not suspects:
            return []
        again = {side: self._run(part, side, suspects) for side in SIDES}
        persisting = _differences(again)
        for side in SIDES:
            self._keep(part, side, {**results[side], **again[side]})
        return persisting

    def _result(self, part, side):
        kept = self._folder(side) / f"{part.replace('/', '.')}.json"
        if not kept.exists():
            self._keep(part, side, self._run(part, side))
        return json.loads(kept.read_text())

    def _keep(self, part, side, results):
        kept = self._folder(side) / f"{part.replace('/', '.')}.json"
        replace_text(kept, json.dumps(results, indent=1, sort_keys=True))

    def _folder(self, side):
        folder = cache_folder() / "upstream" / self._keys[side]
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _run(self, part, side, tests=()):
        """Run a file, or some of its tests, on a throwaway database."""
        databases = Databases(self._odoo.cluster)
        results = self._folder(side) / "last-run.json"
        results.unlink(missing_ok=True)
        with self._odoo.cluster.running(), databases.temporary() as database:
            template = Templates(self._odoo).upstream(MODULES, with_addon=SIDES[side])
            databases.clone(template, database)
            self._run_pytest(part, side, database, results, tests)
        if not results.exists():
            raise Problem(
                f"{part}, {side} the addon: the run broke off.",
                f"look into {log_file(f'upstream-{side}')}.",
            )
        return json.loads(results.read_text())

    def _run_pytest(self, part, side, database, results, tests):
        path = self._path(part)
        command = [
            *(self._odoo.python, "-P", "-m", "pytest"),
            *("-p", "pytest_upstream", "-c", DEV / "pytest_upstream.ini"),
            *(f"--rootdir={path.parent}", "-p", "no:cacheprovider"),
            f"--odoo-database={database}",
            *("--odoo-http", "--odoo-log-level=error"),
            "--odoo-extra=max-cron-threads=0",
            f"--upstream-results={results}",
            *([f"{path}::{test}" for test in tests] or [path]),
        ]
        with log_file(f"upstream-{side}").open("w") as output:
            wait_for(
                subprocess.Popen(
                    list(map(str, command)),
                    cwd=path.parent,
                    env=self._odoo.environment(DEV),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
            )
