"""Core's own test that opens every menu of every app in a browser."""

import json
import subprocess
import tempfile
from pathlib import Path

from ..locations import DEV
from ..odoo import wait_for
from ..problems import Problem
from ..processes import last_lines, log_file
from ..system_packages import FOR_TESTS, require

FILE = "web/tests/test_click_everywhere.py"
TEST = "TestMenusAdmin"


def click_everywhere(odoo, database):
    """
    :raises Problem: a page does not load, or says an error
    """
    require(FOR_TESTS)
    path = odoo.source.addons_paths[-1] / FILE
    log = log_file("clicking")
    with tempfile.TemporaryDirectory() as folder, log.open("w") as output:
        results = Path(folder) / "results.json"
        command = [
            *(odoo.python, "-P", "-m", "pytest"),
            *("-p", "pytest_upstream", "-c", DEV / "pytest_upstream.ini"),
            *(f"--rootdir={path.parent}", "-p", "no:cacheprovider"),
            f"--odoo-database={database}",
            *("--odoo-http", "--odoo-log-level=error"),
            "--odoo-extra=max-cron-threads=0",
            f"--upstream-results={results}",
            f"{path}::{TEST}",
        ]
        wait_for(
            subprocess.Popen(
                list(map(str, command)),
                cwd=path.parent,
                env=odoo.environment(DEV),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        )
        outcomes = json.loads(results.read_text()) if results.exists() else {}
    if set(outcomes.values()) != {"passed"}:
        raise Problem(
            f"Not every menu can be opened. All that was said is in {log}.",
            "mend what is above.",
            last_lines(log.read_text(errors="replace")),
        )
