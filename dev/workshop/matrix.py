"""The table of paying online, from what the tests say that they show."""

import ast
import runpy
from collections import defaultdict
from itertools import product

from .addon import files
from .console import say
from .locations import CHECKOUT, replace_text

TABLE = CHECKOUT / "docs" / "paying_online.md"
CELLS = "tests/paying_online_matrix.py"
MISSING = "not there yet"
HEAD = """# Paying online with the wallet: what is shown by which test

Written by `./dev/matrix` from the tests, which say by `@shows("a way", "a case")` what
they show. Those beside other apps run where these are installed: `./dev/test --with`.
"""


def write_matrix(*, check=False):
    """
    :param bool check: change nothing; return 1 unless the table is current
    """
    table, missing = _make_table()
    name = TABLE.relative_to(CHECKOUT)
    if check:
        is_current = TABLE.exists() and TABLE.read_text() == table
        if not is_current:
            say(f"{name} is not what the tests say: ./dev/matrix")
        return 0 if is_current else 1
    replace_text(TABLE, table)
    say(f"{name}: {missing} cells are {MISSING}")
    return 0


def _make_table():
    """
    :return: tuple (str the page, int cells that no test shows yet)
    """
    names = runpy.run_path(str(CHECKOUT / CELLS))
    known = set(product(names["WAYS"], names["CASES"]))
    shown = _find_shown(known)
    parts = [HEAD, _overview(names, shown)]
    for way in names["WAYS"]:
        rows = [f"\n## {way.capitalize()}\n", "| case | shown by |", "| --- | --- |"]
        for case in names["CASES"]:
            senseless = names["SENSELESS"].get((way, case))
            tests = ", ".join(sorted(shown.get((way, case), ())))
            rows.append(f"| {case} | {tests or senseless or f'*{MISSING}*'} |")
        parts.append("\n".join(rows))
    missing = known - set(shown) - set(names["SENSELESS"])
    return "\n".join(parts) + "\n", len(missing)


def _overview(names, shown):
    def sign(way, case):
        if (way, case) in shown:
            return "✓"
        return "–" if (way, case) in names["SENSELESS"] else "**?**"

    ways = names["WAYS"]
    rows = [f"| | {' | '.join(ways)} |", f"| --- |{' :-: |' * len(ways)}"]
    for case in names["CASES"]:
        signs = " | ".join(sign(way, case) for way in ways)
        rows.append(f"| {case} | {signs} |")
    legend = f"✓ shown by a test, – makes no sense, **?** {MISSING}"
    return "\n".join(["", *rows, "", legend])


def _find_shown(known):
    """
    :param known: set of (way, case), the cells
    :return: dict of sets of links to tests, by (way, case)
    """
    shown = defaultdict(set)
    for path in files():
        if path.name.startswith("test_") and path.suffix == ".py":
            for test, cells in _read_tests(CHECKOUT / path):
                for cell in cells & known:
                    shown[cell].add(f"[{test}](../{path})")
    return shown


def _read_tests(path):
    """What the tests of a file say.

    :return: iterator of (str name of a test, set of pairs of what it says)
    """
    for test in ast.walk(ast.parse(path.read_text())):
        if not isinstance(test, ast.FunctionDef):
            continue
        for mark in test.decorator_list:
            if isinstance(mark, ast.Call) and getattr(mark.func, "id", "") == "shows":
                said = [argument.value for argument in mark.args]
                yield test.name, set(product(said, said))
