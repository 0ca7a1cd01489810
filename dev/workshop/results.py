"""What benchmarks and proofs tell: a table for people, a JSON file for programs."""

import json
import os
import platform
import subprocess
import time
from pathlib import Path

from .console import heading, say
from .locations import CHECKOUT, cache_folder, replace_text
from .postgres_programs import postgres_version
from .problems import Problem

# By what a result of an earlier run is known again.
SUBJECT = ("measured", "against", "figure", "claim")
# What `write_page` writes is between them.
MARKS = ("<!-- last runs -->", "<!-- end of last runs -->")


def run_subjects(kind, subjects, names, stage, table):
    """Run these subjects, or all; tell of each what came out.

    :param str kind: what a subject is called
    :param dict subjects: modules with a function `run(stage)` that yields results
    :return: list of results
    """
    if unknown := sorted({*names} - {*subjects}):
        raise Problem(
            f"There is no {kind} {', '.join(unknown)}.",
            f"choose among {', '.join(subjects)}.",
        )
    results = []
    for name in names or subjects:
        heading(name)
        started = time.monotonic()
        found = list(subjects[name].run(stage))
        say(table(found))
        say(f"{name}: done in {time.monotonic() - started:.0f} s")
        results += found
    return results


def tell(stage, folder_name, note, text, values):
    """Show what came out of all of it, and keep it.

    :param str folder_name: of the cache, where the JSON file goes
    :param str note: about the figures
    :param str text: the table
    :param list values: the same for a program
    """
    machine = _machine(stage)
    heading("Results")
    say(f"{text}\n\n{_describe(machine)}, {note}.")
    folder = cache_folder() / folder_name
    folder.mkdir(exist_ok=True)
    path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
    replace_text(path, json.dumps({"machine": machine, "results": values}, indent=1))
    say(f"All of it: {path}")


def write_page(page, folder_name, headings, read_row):
    """Put the newest long run of each subject that is in the cache into a page of the
    docs, between its marks.

    :param str page: file in docs/
    :param str folder_name: of the cache, see `tell`
    :param headings: of the table
    :param read_row: function of one of the values, see `tell`, that returns a row
    :return: int, 0
    """
    rows, machine = {}, {}
    for path in sorted((cache_folder() / folder_name).glob("*.json")):
        run = json.loads(path.read_text())
        if run["machine"]["quick"]:
            continue
        machine = run["machine"]
        for values in run["results"]:
            key = tuple(values.get(name) for name in SUBJECT)
            rows[key] = (*read_row(values), machine["date"][:10])
    if not rows:
        raise Problem("There is no long run in the cache.", "run it without --quick.")
    text = markdown_table((*headings, "on"), rows.values())
    path = CHECKOUT / "docs" / page
    before, begin, rest = path.read_text().partition(MARKS[0])
    _old, end, after = rest.partition(MARKS[1])
    if not end:
        raise Problem(
            f"{path} has no place for it.", f"put {' and '.join(MARKS)} there."
        )
    new = f"{begin}\n\n{_describe(machine)}.\n\n{text}\n\n{end}"
    replace_text(path, f"{before}{new}{after}")
    say(f"Written: {path}")
    return 0


def _machine(stage):
    return {
        "date": time.strftime("%Y-%m-%d %H:%M"),
        "commit": _commit(),
        "odoo": stage.odoo.source.key,
        "python": platform.python_version(),
        "postgresql": postgres_version(),
        "processor": _processor(),
        "processors": os.cpu_count(),
        "memory_gb": round(
            os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
        ),
        "load": os.getloadavg(),
        "quick": stage.quick,
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
    return (
        "{date}, {processors} × {processor}, {memory_gb} GB, PostgreSQL {postgresql}, "
        "Python {python}"
    ).format_map(machine)


def markdown_table(headings, rows):
    rows = [headings, *rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        + " |"
        for row in rows
    ]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines)
