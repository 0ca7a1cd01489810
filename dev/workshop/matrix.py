"""The table of paying online, from what the tests say that they show."""

import ast
import runpy
from collections import defaultdict
from itertools import product

from .addon import files
from .locations import CHECKOUT, replace_text

TABLE = CHECKOUT / "docs" / "paying_online.md"
CELLS = "tests/paying_online_matrix.py"
HEAD = """# Paying online with the wallet: what is shown by which test

Written by `./dev/matrix` from the tests, which say by `@shows("a way", "a case")` what
they show. Those beside other apps run where these are installed: `./dev/test --with`.
"""
COLUMNS = "| case | shown by |\n| --- | --- |\n"


def write_matrix():
    """Write a table for each way to pay, with a row for each case."""
    names = runpy.run_path(str(CHECKOUT / CELLS))
    # What no test shows says why, or that it is missing.
    cells = defaultdict(lambda: "**not there yet**", names["SENSELESS"])
    cells |= _find_shown()
    parts = [HEAD]
    for way in names["WAYS"]:
        parts.append(f"\n## {way.capitalize()}\n\n{COLUMNS}")
        parts += [f"| {case} | {cells[way, case]} |\n" for case in names["CASES"]]
    replace_text(TABLE, "".join(parts))
    return 0


def _find_shown():
    """
    :return: dict of links to tests, by pairs of what these say
    """
    shown = defaultdict(set)
    for path in files():
        if path.name.startswith("test_") and path.suffix == ".py":
            for test, said in _read_tests(CHECKOUT / path):
                for cell in product(said, said):
                    shown[cell].add(f"[{test}](../{path})")
    return {cell: ", ".join(sorted(links)) for cell, links in shown.items()}


def _read_tests(path):
    """
    :return: iterator of (str name of a test, list of strings that it says)
    """
    for test in ast.walk(ast.parse(path.read_text())):
        for mark in getattr(test, "decorator_list", ()):
            if isinstance(mark, ast.Call) and getattr(mark.func, "id", "") == "shows":
                yield test.name, [argument.value for argument in mark.args]
