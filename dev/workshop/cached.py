"""Building something once, whole or not at all, for all checkouts and runs."""

import fcntl
import hashlib
import shutil
from contextlib import contextmanager

from .console import say, step
from .locations import cache_folder


def key_of(*parts):
    """A short key that changes when any of the parts does."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else str(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()[:12]


@contextmanager
def locked(name):
    """Keep others out while the same thing is being built, in any process."""
    folder = cache_folder() / "locks"
    folder.mkdir(exist_ok=True)
    with (folder / name).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Waiting for another run that holds {name} …")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def folder_of(kind, key, build, what):
    """The folder `kind-key` of the cache, built by `build(folder)` if it is missing.

    It counts as built once the marker file is in it, and the marker is written last.
    What an interruption left is removed and built again. (Not renamed into place,
    because a virtual environment holds its own path.)
    """
    folder = cache_folder() / f"{kind}-{key}"
    marker = folder / ".ready"
    with locked(folder.name):
        if not marker.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            with step(what):
                build(folder)
            marker.touch()
    return folder
