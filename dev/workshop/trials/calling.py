"""Clients of a server, as the web client, a till and a browser are."""

import http.client
import json
import random
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

from ..problems import Problem

CALL_SECONDS = 300
# What somebody reads who was not quick enough, and how often such a person tries.
BUSY_KIND = "odoo.exceptions.ConcurrencyError"
BUSY_WORDS = "in use by somebody else right now"
BUSY_TRIES = 20


class Refused(Problem):
    """The server has answered that it will not do it.

    `kind` is the name of the exception in Odoo.
    """

    def __init__(self, path, error):
        data = error["data"]
        super().__init__(f"{path}: {data['message']}", details=data.get("debug", ""))
        self.kind = data["name"]
        self.message = data["message"]

    @property
    def is_busy(self):
        return self.kind == BUSY_KIND and BUSY_WORDS in self.message


class Unanswered(Problem):
    """Nobody knows whether the server has done it."""


class Client:
    """Somebody who is logged in. Several threads may use one together."""

    def __init__(self, url, database, login="admin", password="admin"):
        self.url = url
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(cookies)
        self._user = {"db": database, "login": login, "password": password}
        self.log_in_again()

    def log_in_again(self):
        """Have a session, whatever happened to the one before."""
        self._post_json("/web/session/authenticate", self._user)

    def call(self, model, method, args, kwargs=None, **options):
        """Call a method of a model. Who reads that somebody else is using the wallet
        tries again, as a person does.

        :param options: `seconds`, after which the client waits no longer
        :return: what it returns
        :raises Refused: the server refuses
        :raises Unanswered: there was no answer
        """
        params = {
            "model": model,
            "method": method,
            "args": args,
            "kwargs": kwargs or {},
        }
        path = f"/web/dataset/call_kw/{model}/{method}"
        for _try in range(BUSY_TRIES):
            try:
                return self._post_json(path, params, **options)
            except Refused as error:
                if not error.is_busy:
                    raise
                time.sleep(random.uniform(0, 1))
        return self._post_json(path, params, **options)

    def page(self, path, form=None, seconds=CALL_SECONDS):
        """Open a page, or send a form.

        :return: str, the page on which the visitor ends
        :raises Unanswered: there was no answer
        """
        data = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(self.url + path, data)
        return self._open(request, seconds).decode()

    def ask(self, path, params):
        """Ask a route of type `jsonrpc`.

        :return: what it answers
        :raises Refused: the server refuses
        :raises Unanswered: there was no answer
        """
        return self._post_json(path, params)

    def _post_json(self, path, params, seconds=CALL_SECONDS):
        body = {"jsonrpc": "2.0", "method": "call", "params": params}
        request = urllib.request.Request(
            self.url + path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        answer = json.loads(self._open(request, seconds))
        if error := answer.get("error"):
            raise Refused(path, error)
        return answer.get("result")

    def _open(self, request, seconds):
        try:
            with self._opener.open(request, timeout=seconds) as response:
                return response.read()
        except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
            raise Unanswered(f"{request.selector}: {error}") from error
