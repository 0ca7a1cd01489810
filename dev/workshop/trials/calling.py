"""Clients of a server, as the web client, a till and a browser are."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

import requests

CALL_SECONDS = 300
# What somebody reads who was not quick enough, and how often such a person tries.
BUSY_KIND = "odoo.exceptions.ConcurrencyError"
BUSY_WORDS = "in use by somebody else right now"
BUSY_TRIES = 20


class Refused(Exception):
    """The server has answered that it will not do it.

    `kind` is the name of the exception in Odoo.
    """

    def __init__(self, path, kind, message):
        super().__init__(f"{path}: {message}")
        self.kind = kind
        self.message = message


class Unanswered(Exception):
    """Nobody knows whether the server has done it."""


class Client:
    """Somebody who is logged in. Several threads may use one together."""

    def __init__(self, server, login="admin", password="admin"):
        self._server = server
        self._session = requests.Session()
        # A worker that has answered is free for the next one.
        self._session.headers["Connection"] = "close"
        self._user = {"db": server.database, "login": login, "password": password}
        self.log_in()

    def log_in(self):
        self.ask("/web/session/authenticate", self._user)

    def call(self, model, method, args, kwargs=None, **options):
        """Call a method of a model. Who reads that somebody else is using the wallet
        tries again, as a person does.

        :param options: `seconds`, after which the client waits no longer
        :return: what it returns
        """
        params = {"model": model, "method": method, "args": args}
        params["kwargs"] = kwargs or {}
        path = f"/web/dataset/call_kw/{model}/{method}"
        for _try in range(BUSY_TRIES):
            try:
                return self.ask(path, params, **options)
            except Refused as error:
                if error.kind != BUSY_KIND or BUSY_WORDS not in error.message:
                    raise
                time.sleep(random.uniform(0, 1))
        return self.ask(path, params, **options)

    def page(self, path, form=None, **options):
        """Open a page, or send a form.

        :return: str, the page on which the visitor ends
        """
        return self._open("POST" if form else "GET", path, data=form, **options).text

    def ask(self, path, params, **options):
        """Send what a page's script sends.

        :return: what the route returns
        :raises Refused: the server refuses
        """
        body = {"jsonrpc": "2.0", "method": "call", "params": params}
        answer = self._open("POST", path, json=body, **options).json()
        if error := answer.get("error"):
            raise Refused(path, error["data"]["name"], error["data"]["message"])
        return answer.get("result")

    def _open(self, method, path, seconds=CALL_SECONDS, **content):
        """
        :raises Unanswered: there was no answer
        """
        url = self._server.url + path
        try:
            response = self._session.request(method, url, timeout=seconds, **content)
            response.raise_for_status()
            # A server that is killed may have sent a part of its answer: requests
            # takes it for one.
            if response.headers.get("Content-Length") != str(response.raw.tell()):
                raise requests.ConnectionError("It is a part of an answer.")
        except requests.RequestException as error:
            self._server.unanswered += 1
            raise Unanswered(f"{path}: {error}") from error
        return response


def at_once(clients, act, *jobs):
    """Let so many clients do these jobs.

    :return: list of what each returns
    """
    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(act, *jobs))
