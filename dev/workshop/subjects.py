"""Running benchmarks and proofs: each in a process of its own, inside of Odoo. What the
last run of each has found is kept in the cache, for the docs.
"""

import json
import os
import platform
import re
import subprocess
import time
from pathlib import Path

from . import benchmarks, proofs
from .cached import locked
from .console import heading, say
from .locations import CHECKOUT, cache_folder, replace_text
from .odoo import Odoo, ready, wait_for
from .postgres import Cluster, postgres_version
from .problems import Problem, choose

KNOWN = {"benchmarks": benchmarks.SUBJECTS, "proofs": proofs.SUBJECTS}
CLUSTERS = {"benchmarks": "bench", "proofs": "tests"}
# PostgreSQL is killed in them: they have a server of their own.
APART = {"database_crash": "proofs"}
PAGES = {"benchmarks": "speed.md", "proofs": "safety.md"}
# What `_write_page` writes is between them; all else is written by hand.
MARKS = ("<!-- last runs -->", "<!-- end of last runs -->")


def options_of(package):
    """What the command line of such a package knows."""
    names = f"default: {', '.join(KNOWN[package])}"
    quick = "a short form of each, to see that it works"
    write = "write the last long run of each into docs/; nothing is run"
    return {
        "names": {"nargs": "*", "metavar": "SUBJECT", "help": names},
        "--quick": {"action": "store_true", "help": quick},
        "--write-docs": {"action": "store_true", "help": write},
    }


def run_subjects(package, *, names, quick, write_docs):
    """Have each of these subjects, or of all, in a process of its own, and tell what it
    has found.

    :param str package: `benchmarks` or `proofs`
    :param write_docs: run nothing, and write a page of docs/ from the last runs
    :return: int, 0 when nothing is wrong
    """
    names = choose(names, KNOWN[package])
    if write_docs:
        return _write_page(package)
    ready(CLUSTERS[package])
    with locked(package):
        right = {name: _run(package, name, quick) for name in names}
    if wrong := [name for name in names if not right[name]]:
        raise Problem(f"Not right: {', '.join(wrong)}.", "mend what is above.")
    return 0


def _run(package, name, quick):
    """
    :return: bool, whether all was right
    """
    heading(name)
    odoo = Odoo(Cluster(APART.get(name, CLUSTERS[package])))
    path = _result(package, name, quick)
    command = [odoo.python, "-m", "workshop.trials.stage", package, name]
    command += [odoo.cluster.name, "quick" if quick else "full", path]
    with odoo.cluster.running():
        environment = {**odoo.environment(), "PYTHONHASHSEED": "0"}
        process = subprocess.Popen(command, cwd=CHECKOUT, env=environment)
        if wait_for(process):
            return False
    found = {**json.loads(path.read_text()), **_describe_run()}
    replace_text(path, json.dumps(found, indent=1))
    say(_markdown_table(found["headings"], found["rows"]))
    say(f"\n{found['machine']}. Kept: {path}")
    return found["right"]


def _result(package, name, quick=False):
    """The file that keeps what a run has found."""
    folder = cache_folder() / package
    folder.mkdir(exist_ok=True)
    return folder / f"{name}{'-quick' if quick else ''}.json"


def _write_page(package):
    """Put the last long run of each subject into a page of the docs."""
    paths = [_result(package, name) for name in KNOWN[package]]
    runs = [json.loads(path.read_text()) for path in paths if path.exists()]
    if not runs:
        raise Problem("There is no long run in the cache.", "run it without --quick.")
    rows = [(*row, run["date"]) for run in runs for row in run["rows"]]
    table = _markdown_table((*runs[0]["headings"], "on"), rows)
    machines = "; ".join(sorted({run["machine"] for run in runs}))
    path = CHECKOUT / "docs" / PAGES[package]
    before, begin, rest = path.read_text().partition(MARKS[0])
    _old, end, after = rest.partition(MARKS[1])
    new = f"{begin}\n\n{machines}.\n\n{table}\n\n{end}"
    replace_text(path, f"{before}{new}{after}")
    say(f"Written: {path}")
    return 0


def _describe_run():
    """When and where it is."""
    processor = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    machine = (
        f"{os.cpu_count()} × {processor[1] if processor else platform.machine()},"
        f" {memory:.0f} GB, PostgreSQL {postgres_version()},"
        f" Python {platform.python_version()}"
    )
    return {"date": time.strftime("%Y-%m-%d"), "machine": machine}


def _markdown_table(headings, rows):
    rows = [headings, *rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, ["-" * width for width in widths])
    lines = (
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(f"| {line} |" for line in lines)
