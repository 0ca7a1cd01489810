"""Running other programs, with errors that say what to do."""

import shutil
import subprocess
import time

from .locations import cache_folder
from .problems import Problem

MEND = "mend what is above."
SHOWN_LINES = 25
KEPT_DAYS = 7


def run(command, *, what, todo=MEND, **options):
    """Run a program, return what it printed; a failure becomes a Problem."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
            **options,
        )
    except FileNotFoundError as error:
        raise Problem(f"{what}: {command[0]} is not there.", todo) from error
    if done.returncode:
        raise Problem(f"{what} failed.", todo, last_lines(done.stdout))
    return done.stdout


def run_logged(command, *, log_name, what, todo=MEND, **options):
    """Run a long program into a log file of the cache; show its end when it fails."""
    # A program that nobody feeds shall not wait for a person either.
    options.setdefault("input", "")
    log = log_file(log_name)
    with log.open("w") as output:
        done = subprocess.run(
            [str(part) for part in command],
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            **options,
        )
    if done.returncode:
        said = last_lines(log.read_text(errors="replace"))
        raise Problem(f"{what} failed. All of it is in {log}.", todo, said)
    return log


def log_file(name):
    return short_lived("logs") / f"{name}.log"


def short_lived(name):
    """A folder of the cache whose old contents go by themselves."""
    folder = cache_folder() / name
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        if old.stat().st_mtime < time.time() - KEPT_DAYS * 86400:
            shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
    return folder


def last_lines(text):
    return "\n".join(text.rstrip().splitlines()[-SHOWN_LINES:])
