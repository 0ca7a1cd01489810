"""Running benchmarks and proofs: each in a process of its own, inside of Odoo. What
they tell is a table, which is kept in the cache for the docs.
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
from .cached import locked
from .console import heading, say
from .locations import CHECKOUT, cache_folder, replace_text
from .odoo import Odoo, ready
from .postgres import Cluster, postgres_version
from .problems import Problem, choose

# Proofs that keep one processor busy, and those with a server, go on side by side.
AT_ONCE = 2
# PostgreSQL is killed in them: they have a server of their own.
APART = ("database_crash",)
# What `_write_page` writes is between them.
MARKS = ("<!-- last runs -->", "<!-- end of last runs -->")


def options_of(package):
    """What the command line of such a package knows."""
    return {
        "names": {
            "nargs": "*",
            "metavar": "SUBJECT",
            "help": f"default: {', '.join(package.SUBJECTS)}",
        },
        "--quick": {
            "action": "store_true",
            "help": "a short form of each, to see that it works",
        },
        "--write-docs": {
            "action": "store_true",
            "help": "write the last long runs into docs/; nothing is run",
        },
    }


def run_benchmarks(*, names, quick, write_docs):
    """Measure these subjects, or all; tell what came out.

    :param write_docs: measure nothing, and write docs/speed.md from the last runs
    :return: int, 0
    """
    if write_docs:
        return _write_page("speed.md", "benchmarks")
    names = choose(names, benchmarks.SUBJECTS)
    odoo = ready("bench")
    where = dict.fromkeys(names, odoo)
    with odoo.cluster.running():
        found = _run("benchmarks", where, quick)
    return _tell("benchmarks", found, quick, "medians of alternating rounds")


def run_proofs(*, names, quick, write_docs):
    """Prove these subjects, or all; tell what was found.

    :param write_docs: prove nothing, and write docs/safety.md from the last runs
    :return: int, 0 when nothing is wrong
    """
    if write_docs:
        return _write_page("safety.md", "proofs")
    names = choose(names, proofs.SUBJECTS)
    odoo, apart = ready("tests"), Odoo(Cluster("proofs"))
    where = {name: apart if name in APART else odoo for name in names}
    with locked("proofs"), odoo.cluster.running(), apart.cluster.running():
        found = _run("proofs", where, quick, AT_ONCE)
    return _tell("proofs", found, quick, "nothing may be wrong")


def _run(package, where, quick, at_once=1):
    """Have each subject in a process of its own.

    :param where: dict by subject, on which Odoo it runs
    :return: list of what each has found
    """
    processes = []

    def run_one(name, odoo):
        heading(name)
        started = time.monotonic()
        result = Path(folder) / name
        command = [
            *(odoo.python, "-m", "workshop.trials.stage", package, name),
            *(odoo.cluster.name, "quick" if quick else "full", result),
        ]
        process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env={**odoo.environment(), "PYTHONHASHSEED": "0"},
            stdin=subprocess.DEVNULL,
        )
        processes.append(process)
        if process.wait():
            return None
        found = json.loads(result.read_text())
        table = _markdown_table(found["headings"], found["rows"])
        say(f"\n{table}\n{name}: done in {time.monotonic() - started:.0f} s")
        return found

    with (
        tempfile.TemporaryDirectory() as folder,
        ThreadPoolExecutor(at_once) as pool,
    ):
        try:
            found = list(pool.map(run_one, where, where.values()))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in processes:
                process.terminate()
            raise
    if not all(found):
        broken = [name for name, it in zip(where, found, strict=True) if not it]
        raise Problem(f"{', '.join(broken)} broke off.", "mend what is above.")
    return found


def _tell(package, found, quick, note):
    """Show what came out of all of it, and keep it.

    :return: int, 1 when something was found to be wrong
    """
    table = {
        "headings": found[0]["headings"],
        "rows": [row for one in found for row in one["rows"]],
    }
    machine = {**_describe_machine(), "quick": quick}
    note = "QUICK: the short form" if quick else note
    heading("Results")
    say(_markdown_table(**table))
    say(f"\n{machine['date']}, {_tell_machine(machine)}, {note}.")
    folder = cache_folder() / package
    folder.mkdir(exist_ok=True)
    path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
    replace_text(path, json.dumps({"machine": machine, "table": table}, indent=1))
    say(f"Kept: {path}")
    return 0 if all(one["right"] for one in found) else 1


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
    table = _markdown_table((*headings, "on"), rows.values())
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
        "python": platform.python_version(),
        "postgresql": postgres_version(),
        "processor": _processor(),
        "processors": os.cpu_count(),
        "memory_gb": round(
            os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
        ),
    }


def _processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _markdown_table(headings, rows):
    rows = [headings, *rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, ["-" * width for width in widths])
    lines = (
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(f"| {line} |" for line in lines)
