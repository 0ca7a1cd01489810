"""Core's own tests, without and with the addon: nothing may differ.

Both sides run at the same time on the same modules, some files at once, through the
plugin `pytest_upstream`. A test that differs runs once more by itself on both sides: a
slow machine makes browser tests fail that have nothing to do with the addon.
"""

import ast
import json
import shutil
import subprocess
from contextlib import ExitStack, contextmanager
from pathlib import Path

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
# Others, such as sale, expect nothing beside them: each is installed by itself.
BATCH = 8  # files
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
        upstream.ensure_run(files[number - 1 :])
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


def _installed_with(module):
    return MODULES if module in MODULES else (module,)


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
        """Of `module/test_file`, perhaps with `::test`."""
        file, *test = part.split("::", 1)
        module, name = file.split("/")
        return Path(
            "::".join([str(self._addons / module / "tests" / f"{name}.py"), *test])
        )

    def ensure_run(self, parts):
        """Have results of the first of these files. Where they are missing, the files
        that come next run with it: to start takes longer than most files.
        """
        module = parts[0].partition("/")[0]
        batch = [it for it in parts[:BATCH] if it.startswith(f"{module}/")]
        missing = {
            side: [part for part in batch if not self._kept(part, side).exists()]
            for side in SIDES
            if not self._kept(batch[0], side).exists()
        }
        for side, results in self._run(missing).items():
            for part in missing[side]:
                self._keep(part, side, results.get(part.partition("/")[2], {}))

    def results(self, part):
        """The result of each test of a file, on both sides."""
        return {side: json.loads(self._kept(part, side).read_text()) for side in SIDES}

    def differing(self, part, results):
        """The tests that differ, also when they run by themselves."""
        suspects = _differences(results)
        if not suspects:
            return []
        again = {}
        for side in SIDES:
            ran = self._run({side: [f"{part}::{test}" for test in suspects]})
            again[side] = next(iter(ran[side].values()), {})
            self._keep(part, side, {**results[side], **again[side]})
        return _differences(again)

    def _keep(self, part, side, results):
        text = json.dumps(results, indent=1, sort_keys=True)
        replace_text(self._kept(part, side), text)

    def _kept(self, part, side):
        return self._folder(side) / f"{part.replace('/', '.')}.json"

    def _folder(self, side):
        folder = cache_folder() / "upstream" / self._keys[side]
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _run(self, wanted):
        """Run files of one module, or some of their tests, on throwaway databases.

        :param wanted: dict by side of lists of `module/test_file` or
            `module/test_file::test`
        :return: dict by side of dicts by file of dicts of results by test
        """
        with ExitStack() as stack:
            running = [
                stack.enter_context(self._running(side, tests))
                for side, tests in wanted.items()
            ]
            for process in running:
                wait_for(process)
        return {side: self._read_results(side) for side in wanted}

    @contextmanager
    def _running(self, side, tests):
        databases = Databases(self._odoo.cluster)
        self._last_run(side).unlink(missing_ok=True)
        with (
            self._odoo.cluster.running(),
            databases.temporary() as database,
            log_file(f"upstream-{side}").open("w") as output,
        ):
            modules = _installed_with(tests[0].partition("/")[0])
            template = Templates(self._odoo).upstream(modules, with_addon=SIDES[side])
            databases.clone(template, database)
            process = self._start_pytest(side, database, tests, output)
            try:
                yield process
            finally:
                process.terminate()
                process.wait()

    def _start_pytest(self, side, database, tests, output):
        folder = self._path(tests[0]).parent
        command = [
            *(self._odoo.python, "-P", "-m", "pytest"),
            *("-p", "pytest_upstream", "-c", DEV / "pytest_upstream.ini"),
            *(f"--rootdir={folder}", "-p", "no:cacheprovider"),
            f"--odoo-database={database}",
            *("--odoo-http", "--odoo-log-level=error"),
            "--odoo-extra=max-cron-threads=0",
            f"--upstream-results={self._last_run(side)}",
            *map(self._path, tests),
        ]
        return subprocess.Popen(
            list(map(str, command)),
            cwd=folder,
            env=self._odoo.environment(DEV),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    def _last_run(self, side):
        return self._folder(side) / "last-run.json"

    def _read_results(self, side):
        results = self._last_run(side)
        if not results.exists():
            raise Problem(
                f"The run {side} the addon broke off.",
                f"look into {log_file(f'upstream-{side}')}.",
            )
        return json.loads(results.read_text())
