"""Running the benchmarks: a table for people, a JSON file for programs."""

import json
import os
import platform
import subprocess
import time
from pathlib import Path

from .benchmarks import SUBJECTS
from .benchmarks.comparing import table
from .benchmarks.stage import Stage
from .console import heading, say
from .locations import CHECKOUT, cache_folder, replace_text
from .odoo import ready
from .postgres import bench_cluster
from .postgres_programs import postgres_version
from .problems import Problem


def run_benchmarks(*, names, quick):
    """Measure these subjects, or all; tell what came out."""
    if unknown := sorted({*names} - {*SUBJECTS}):
        raise Problem(
            f"There is no benchmark {', '.join(unknown)}.",
            f"choose among {', '.join(SUBJECTS)}.",
        )
    odoo = ready(bench_cluster)
    stage = Stage(odoo, quick=quick)
    comparisons = []
    with odoo.cluster.running():
        for name in names or SUBJECTS:
            comparisons += _run_subject(stage, name)
    machine = _machine(odoo, quick)
    heading("Results")
    say(f"{table(comparisons)}\n\n{_describe(machine)}")
    say(f"All of it: {_save(machine, comparisons)}")
    return 0


def _run_subject(stage, name):
    heading(name)
    started = time.monotonic()
    comparisons = list(SUBJECTS[name].run(stage))
    say(table(comparisons))
    say(f"{name}: done in {time.monotonic() - started:.0f} s")
    return comparisons


def _machine(odoo, quick):
    return {
        "date": time.strftime("%Y-%m-%d %H:%M"),
        "commit": _commit(),
        "odoo": odoo.source.key,
        "python": platform.python_version(),
        "postgresql": postgres_version(),
        "processor": _processor(),
        "processors": os.cpu_count(),
        "memory_gb": round(
            os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
        ),
        "load": os.getloadavg(),
        "quick": quick,
    }


def _commit():
    command = [
        "git",
        "-c",
        f"safe.directory={CHECKOUT}",
        "describe",
        "--always",
        "--dirty",
    ]
    return subprocess.run(
        command, cwd=CHECKOUT, capture_output=True, text=True
    ).stdout.strip()


def _processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _describe(machine):
    text = (
        "{date}, {processors} × {processor}, {memory_gb} GB, PostgreSQL {postgresql}, "
        "Python {python}, medians of alternating rounds."
    ).format_map(machine)
    return text + (" QUICK: little data, no result." if machine["quick"] else "")


def _save(machine, comparisons):
    folder = cache_folder() / "benchmarks"
    folder.mkdir(exist_ok=True)
    path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
    results = [comparison.values() for comparison in comparisons]
    replace_text(path, json.dumps({"machine": machine, "results": results}, indent=1))
    return path
