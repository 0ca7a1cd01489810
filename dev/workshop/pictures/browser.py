"""A headless Chromium that does what a person would do, and takes pictures.

It is driven through its own DevTools protocol: one socket, requests and answers.
"""

import base64
import contextlib
import itertools
import json
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket

from ..problems import Problem
from ..system_packages import find_browser

PATIENCE = 60  # seconds
SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--lang=en-US",
    "--remote-debugging-port=0",
    # Of the socket that we open.
    "--remote-allow-origins=*",
)
# In the page: the elements that a person sees, with or without a text.
HELPERS = """
const all = (selector, text) => [...document.querySelectorAll(selector)].filter(
    (el) => el.checkVisibility() && (!text || el.innerText.includes(text)));
const find = (selector, text) => all(selector, text)[0];
"""
STILL_PAGE = """
    document.readyState === "complete" && document.fonts.status === "loaded" &&
    [...document.images].every((image) => image.complete) &&
    document.getAnimations().every((it) => it.playState !== "running") &&
    !all(".o_loading_indicator, .o_notification, .o_blockUI, .o_action_manager:empty,"
        + ".oe_status, .pos .loading-overlay").length
"""
# No blinking cursor, and nothing of the menu that changes by itself: how many messages
# wait for somebody, and who is there.
QUIET = """
document.activeElement?.blur();
document.head.append(Object.assign(document.createElement("style"), {
    textContent: ".o_menu_systray :is(.badge, .o-mail-ImStatus) {visibility: hidden}",
}));
"""
# What must not be in a picture, and is not waited for either.
FAULT = """
find(".o_error_dialog, .o_dialog_error, .oe_exception_title")?.innerText
"""


class Browser:
    """One page of a browser."""

    def __init__(self, socket):
        self._socket = socket
        self._numbers = itertools.count(1)
        self._send("Page.enable")
        transparent = {"r": 0, "g": 0, "b": 0, "a": 0}
        self._send("Emulation.setDefaultBackgroundColorOverride", color=transparent)

    def _send(self, method, **params):
        number = next(self._numbers)
        self._socket.send(
            json.dumps({"id": number, "method": method, "params": params})
        )
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("method") == "Page.javascriptDialogOpening":
                self._leave_page()
            if answer.get("id") != number:
                continue
            if "error" in answer:
                raise Problem(f"Chromium: {method}: {answer['error']['message']}")
            return answer["result"]

    def _leave_page(self):
        """Yes, also when there is something that nobody saved."""
        request = {"method": "Page.handleJavaScriptDialog", "params": {"accept": True}}
        self._socket.send(json.dumps({"id": next(self._numbers), **request}))

    def run(self, script):
        """Run a script in the page; return the value of its last expression."""
        answer = self._send(
            "Runtime.evaluate",
            expression=f"{{{HELPERS}{script}}}",
            awaitPromise=True,
            returnByValue=True,
        )
        if fault := answer.get("exceptionDetails"):
            raise Problem(f"The page: {fault['exception'].get('description', fault)}")
        return answer["result"].get("value")

    # What a person would do

    def resize(self, width, height, *, scale=1.0):
        self._send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=False,
        )

    def open(self, url):
        self._send("Page.navigate", url=url)

    def forget_login(self):
        self._send("Network.clearBrowserCookies")

    def wait_for(self, selector, text=""):
        self._wait_until(f"!!find({_js(selector)}, {_js(text)})", f"{selector} {text}")

    def click(self, selector, text=""):
        self.wait_for(selector, text)
        self.run(f"find({_js(selector)}, {_js(text)}).click()")

    def scroll_to(self, selector):
        self.wait_for(selector)
        self.run(f"find({_js(selector)}).scrollIntoView()")

    def type(self, selector, text):
        """Type over what is there."""
        self.wait_for(selector)
        self.run(f"find({_js(selector)}).focus(); find({_js(selector)}).select()")
        self._send("Input.insertText", text=text)

    # Pictures

    def picture(self, *, bottom=None, margin=0):
        """A PNG of the window, once nothing moves any more.

        :param bottom: selector of the element that the picture ends with
        :param margin: how much of the window is shown below of it
        """
        self._wait_until(STILL_PAGE, "a page that stands still")
        self.run(QUIET)
        self._wait_until(STILL_PAGE, "a page that stands still")
        options = {"clip": self._above(bottom, margin)} if bottom else {}
        answer = self._send("Page.captureScreenshot", format="png", **options)
        return base64.b64decode(answer["data"])

    def _above(self, selector, margin):
        self.wait_for(selector)
        bottom = self.run(f"find({_js(selector)}).getBoundingClientRect().bottom")
        width = self.run("window.innerWidth")
        return {"x": 0, "y": 0, "width": width, "height": bottom + margin, "scale": 1}

    def _wait_until(self, condition, what):
        deadline = time.monotonic() + PATIENCE
        fault = ""
        while time.monotonic() < deadline:
            try:
                if self.run(FAULT):
                    break
                if self.run(condition):
                    return
            except Problem as problem:
                # A page that is being left cannot answer.
                fault = problem.what
            time.sleep(0.1)
        text = self.run("document.body.innerText")
        raise Problem(f"Waited in vain for {what}.", f"look at the page. {fault}", text)


def _js(value):
    return json.dumps(value)


@contextlib.contextmanager
def browser():
    """A browser with nothing in its memory."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [find_browser(), *SWITCHES, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            socket = websocket.create_connection(
                _address(Path(profile)), timeout=PATIENCE
            )
            with contextlib.closing(socket):
                yield Browser(socket)
        finally:
            process.terminate()
            process.wait()


def _address(profile):
    """Where the page listens: Chromium writes its port down once it is up."""
    noted = profile / "DevToolsActivePort"
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if noted.exists() and (lines := noted.read_text().splitlines()):
            url = f"http://127.0.0.1:{lines[0]}/json/list"
            with urllib.request.urlopen(url) as answer:
                pages = json.load(answer)
            return next(it for it in pages if it["type"] == "page")[
                "webSocketDebuggerUrl"
            ]
        time.sleep(0.1)
    raise Problem("Chromium does not start.", "try `chromium --headless` by hand.")
