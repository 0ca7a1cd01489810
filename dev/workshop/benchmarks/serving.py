"""A real server, and clients that call it as the web client does."""

import json
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

from ..locations import CHECKOUT
from ..network import free_port
from ..problems import Problem
from ..processes import last_lines, log_file

START_SECONDS = 120
CALL_SECONDS = 120


class Client:
    """Somebody who is logged in as the administrator."""

    def __init__(self, url, database):
        self._url = url
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(cookies)
        user = {"db": database, "login": "admin", "password": "admin"}
        self._post("/web/session/authenticate", user)

    def call(self, model, method, args, kwargs=None):
        """Call a method of a model.

        :return: what it returns
        :raises Problem: the server refuses
        """
        params = {
            "model": model,
            "method": method,
            "args": args,
            "kwargs": kwargs or {},
        }
        return self._post(f"/web/dataset/call_kw/{model}/{method}", params)

    def _post(self, path, params):
        body = {"jsonrpc": "2.0", "method": "call", "params": params}
        request = urllib.request.Request(
            self._url + path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with self._opener.open(request, timeout=CALL_SECONDS) as response:
            answer = json.load(response)
        if error := answer.get("error"):
            raise Problem(f"{path}: {error['data']['message']}")
        return answer.get("result")


@contextmanager
def serve(odoo, database, *, workers):
    """A server on this database for a while; gives its address."""
    port = free_port()
    log = log_file("bench-server")
    command = [
        *(odoo.python, Path(__file__).with_name("odoo_command.py")),
        *("--database", database, "--db-filter", f"^{database}$"),
        *("--workers", workers, "--max-cron-threads", 0),
        *("--http-port", port, "--gevent-port", free_port()),
        *("--log-level", "warn"),
    ]
    with log.open("w") as output:
        process = subprocess.Popen(
            list(map(str, command)),
            # The folder of the script is none of Python's modules.
            env={**odoo.environment(), "PYTHONSAFEPATH": "1"},
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_up(process, url, log)
            yield url
        finally:
            process.terminate()
            process.wait()


def _wait_until_up(process, url, log):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/web/health"):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise Problem(
        f"Odoo did not start. All it said is in {log}.",
        "mend what is above.",
        last_lines(log.read_text(errors="replace")),
    )
