"""The linters' verdict on the checkout, and proof that they look at it."""

import tempfile
from pathlib import Path

from .addon import copy_to
from .console import heading, say
from .linters import Linters
from .matrix import check_matrix, write_matrix
from .planted_faults import plant, unseen
from .system_packages import FOR_LINTERS, require


def lint(*, fix=None, prove=False):
    """Check all files. `fix`: mend these paths first, or all files if it is empty."""
    require(FOR_LINTERS)
    linters = Linters()
    if fix is not None:
        linters.fix(fix)
        write_matrix()
    succeeded = _check(linters) and check_matrix() == 0
    if prove:
        succeeded = _prove(linters) and succeeded
    return 0 if succeeded else 1


def _check(linters):
    with tempfile.TemporaryDirectory() as folder:
        results = linters.check(copy_to(Path(folder)))
    for linter, content, output in results:
        if not content:
            heading(linter.name)
            say(output)
    for linter, content, _output in results:
        verdict = "fine" if content else "FAULTS"
        say(f"{linter.name}: {verdict} ({len(linter.files())} files)")
    return all(content for _linter, content, _output in results)


def _prove(linters):
    """Plant a fault for each linter into a copy of each of its files."""
    seeing = [_is_seeing(linters, linter) for linter in linters.all]
    return all(seeing)


def _is_seeing(linters, linter):
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_to(Path(folder))
        spoilt = plant(linter, copy)
        _linter, content, output = linters.check_one(linter, copy)
    missed = unseen(spoilt, output)
    if missed or (content and spoilt):
        heading(f"{linter.name} does not see a planted fault in")
        say("\n".join(map(str, missed or spoilt)))
        return False
    if not spoilt:
        say(f"{linter.name}: there is no file for it yet")
        return True
    say(f"{linter.name}: saw a planted fault in each of {len(spoilt)} files")
    return True
