"""Running other programs, with errors that say what to do."""

import shlex
import shutil
import subprocess
import tempfile
import time

from .locations import cache_folder
from .problems import Problem


def run(command, *, what="", todo="mend what is above.", log_name="", **options):
    """Run a program to its end; return what it printed. A failure becomes a Problem.

    :param what: it does, in words; without it the command is told
    :param log_name: of a file in the cache that keeps what a long program prints
    """
    command = [str(part) for part in command]
    # Not through a pipe: a server that was started would keep it open.
    log = log_file(log_name) if log_name else None
    with log.open("w+b") if log else tempfile.TemporaryFile() as output:
        done = subprocess.run(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            # A program that nobody feeds shall not wait for a person either.
            **{"input": "", **options},
        )
        output.seek(0)
        said = output.read().decode(errors="replace")
    if done.returncode:
        where = f" All of it is in {log}." if log else ""
        what = what or shlex.join(command)
        raise Problem(f"{what} failed.{where}", todo, last_lines(said))
    return said


def log_file(name):
    return short_lived("logs") / f"{name}.log"


def short_lived(name):
    """A folder of the cache whose contents go after a week."""
    folder = cache_folder() / name
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        if old.stat().st_mtime < time.time() - 7 * 86400:
            shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
    return folder


def last_lines(text):
    return "\n".join(text.rstrip().splitlines()[-25:])
