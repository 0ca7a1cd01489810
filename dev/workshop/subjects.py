"""Running benchmarks and proofs: each in a process of its own, inside of Odoo. What
they tell is a table for people and a JSON file for programs.
"""

import json
import os
import platform
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import benchmarks, proofs
from .addon import git
from .cached import locked
from .console import heading, say
from .databases import Databases
from .locations import CHECKOUT, DEV, cache_folder, replace_text
from .odoo import Odoo, ready
from .postgres import (
    bench_cluster,
    postgres_version,
    proofs_cluster,
    tests_cluster,
)
from .problems import Problem
from .templates import Templates

# Proofs that keep one processor busy, and those with a server, go on side by side.
AT_ONCE = 2
# PostgreSQL is killed in them: they have a server of their own.
APART = ("database_crash",)
KEYS = ("rows", "values")
# What `_write_page` writes is between them.
MARKS = ("<!-- last runs -->", "<!-- end of last runs -->")


def run_benchmarks(*, names, quick, write_docs):
    """Measure these subjects, or all; tell what came out.

    :param write_docs: measure nothing, and write docs/speed.md from the last runs
    """
    if write_docs:
        return _write_page("speed.md", "benchmarks")
    odoo = ready(bench_cluster)
    run = _Run("benchmarks", benchmarks.SUBJECTS, quick)
    with odoo.cluster.running():
        run.all(names, lambda _name: odoo)
    return run.tell("medians of alternating rounds")


def run_proofs(*, names, quick, write_docs):
    """Prove these subjects, or all; tell what was found.

    :param write_docs: prove nothing, and write docs/safety.md from the last runs
    :return: int, 0 when nothing is wrong
    """
    if write_docs:
        return _write_page("safety.md", "proofs")
    odoo, apart = ready(tests_cluster), Odoo(proofs_cluster())
    run = _Run("proofs", proofs.SUBJECTS, quick)
    with locked("proofs"), odoo.cluster.running(), apart.cluster.running():
        if {*APART} & {*(names or proofs.SUBJECTS)}:
            _copy_template(odoo, apart)
        run.all(names, lambda name: apart if name in APART else odoo, AT_ONCE)
    return run.tell("nothing may be wrong")


def _copy_template(odoo, apart):
    """To make it anew would take minutes."""
    name = Templates(odoo).company()
    databases = Databases(apart.cluster)
    if not databases.exists(name):
        # After a crash, PostgreSQL looks at each file of all.
        for old in {*databases.names()} - {"postgres"}:
            databases.drop(old)
        databases.copy_from(Databases(odoo.cluster), name)


class _Run:
    """One run of some subjects of a package, and what they have found."""

    def __init__(self, package, subjects, quick):
        self._package = package
        self._subjects = subjects
        self._quick = quick
        self._processes = []
        self._found = []
        self._broken = []

    def all(self, names, find_odoo, at_once=1):
        """
        :param find_odoo: function of a name, on which Odoo it runs
        """
        if unknown := sorted({*names} - {*self._subjects}):
            raise Problem(
                f"There is no {', '.join(unknown)} among the {self._package}.",
                f"choose among {', '.join(self._subjects)}.",
            )
        with ThreadPoolExecutor(at_once) as pool:
            try:
                list(
                    pool.map(
                        lambda it: self._one(it, find_odoo(it)), names or self._subjects
                    )
                )
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                for process in self._processes:
                    process.terminate()
                raise

    def _one(self, name, odoo):
        heading(name)
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            result = Path(folder) / "result.json"
            command = [
                *(
                    odoo.python,
                    "-P",
                    "-m",
                    "workshop.trials.stage",
                    self._package,
                    name,
                ),
                *(odoo.cluster.name, "quick" if self._quick else "full", result),
            ]
            process = subprocess.Popen(
                list(map(str, command)),
                cwd=CHECKOUT,
                env={**odoo.environment(DEV), "PYTHONHASHSEED": "0"},
                stdin=subprocess.DEVNULL,
            )
            self._processes.append(process)
            process.wait()
            if not result.exists():
                self._broken.append(name)
                return
            found = json.loads(result.read_text())
        self._found.append(found)
        table = markdown_table(found["headings"], found["rows"])
        say(f"\n{table}\n{name}: done in {time.monotonic() - started:.0f} s")

    def tell(self, note):
        """Show what came out of all of it, and keep it.

        :return: int, 1 when something was found to be wrong
        """
        if self._broken:
            raise Problem(
                f"{', '.join(self._broken)} broke off.", "mend what is above."
            )
        rows, values = ([it for one in self._found for it in one[key]] for key in KEYS)
        headings = self._found[0]["headings"]
        machine = {**_describe_machine(), "quick": self._quick}
        note = "QUICK: the short form" if self._quick else note
        heading("Results")
        say(markdown_table(headings, rows))
        say(f"\n{machine['date']}, {_tell_machine(machine)}, {note}.")
        folder = cache_folder() / self._package
        folder.mkdir(exist_ok=True)
        path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
        table = {"headings": headings, "rows": rows}
        content = {"machine": machine, "table": table, "results": values}
        replace_text(path, json.dumps(content, indent=1))
        say(f"All of it: {path}")
        return 0 if all(it.get("right", True) for it in values) else 1


def _write_page(page, package):
    """Put the newest long run of each subject that is in the cache into a page of the
    docs, between its marks.

    :param str page: file in docs/
    :param str package: whose results they are
    :return: int, 0
    """
    rows, headings, machine = {}, (), {}
    for path in sorted((cache_folder() / package).glob("*.json")):
        run = json.loads(path.read_text())
        if run["machine"]["quick"] or "table" not in run:
            continue
        machine, headings = run["machine"], run["table"]["headings"]
        for row in run["table"]["rows"]:
            # What is measured, against what: known again by these.
            rows[tuple(row[:2])] = (*row, machine["date"][:10])
    if not rows:
        raise Problem("There is no long run in the cache.", "run it without --quick.")
    path = CHECKOUT / "docs" / page
    before, begin, rest = path.read_text().partition(MARKS[0])
    _old, end, after = rest.partition(MARKS[1])
    if not end:
        raise Problem(
            f"{path} has no place for it.", f"put {' and '.join(MARKS)} there."
        )
    table = markdown_table((*headings, "on"), rows.values())
    new = f"{begin}\n\n{_tell_machine(machine)}.\n\n{table}\n\n{end}"
    replace_text(path, f"{before}{new}{after}")
    say(f"Written: {path}")
    return 0


def _tell_machine(machine):
    return (
        "{processors} × {processor}, {memory_gb} GB, PostgreSQL {postgresql}, "
        "Python {python}"
    ).format_map(machine)


def _describe_machine():
    return {
        "date": time.strftime("%Y-%m-%d %H:%M"),
        "commit": git("describe", "--always", "--dirty").strip(),
        "python": platform.python_version(),
        "postgresql": postgres_version(),
        "processor": _processor(),
        "processors": os.cpu_count(),
        "memory_gb": round(
            os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
        ),
        "load": os.getloadavg(),
    }


def _processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def markdown_table(headings, rows):
    rows = [headings, *rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, ["-" * width for width in widths])
    lines = (
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(f"| {line} |" for line in lines)
