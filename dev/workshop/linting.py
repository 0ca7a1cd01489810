"""The linters' verdict on the checkout, and proof that they look at it."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .addon import copy_to
from .console import heading, say
from .linters import all_linters
from .matrix import write_matrix
from .system_packages import FOR_LINTERS, require

AT_ONCE = 2


def lint(*, fix=None, prove=False):
    """Check all files. `fix`: mend these paths first, or all files if it is empty."""
    require(FOR_LINTERS)
    linters = all_linters()
    if fix is not None:
        for linter in linters:
            linter.mend(fix)
        write_matrix()
    tasks = [_check, _prove] if prove else [_check]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        content = [all([*pool.map(task, linters)]) for task in tasks]
    return 0 if write_matrix(check=True) == 0 and all(content) else 1


def _check(linter):
    with tempfile.TemporaryDirectory() as folder:
        content, output = linter.run(linter.check, copy_to(Path(folder)))
    if not content:
        heading(linter.name)
        say(output)
    verdict = "fine" if content else "FAULTS"
    say(f"{linter.name}: {verdict} ({len(linter.files)} files)")
    return content


def _prove(linter):
    """Plant a fault into a copy of each of its files."""
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_to(Path(folder))
        for path in linter.files:
            text = (copy / path).read_text()
            (copy / path).write_text(linter.plant(path, text))
        content, output = linter.run(linter.check, copy)
    lines = output.splitlines()
    unseen = [it for it in linter.files if not any(str(it) in line for line in lines)]
    if unseen or content:
        heading(f"{linter.name} does not see a planted fault in")
        say("\n".join(map(str, unseen or linter.files)))
        return False
    say(f"{linter.name}: saw a planted fault in each of {len(linter.files)} files")
    return True
