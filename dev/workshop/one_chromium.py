"""The tours of a class share a Chromium, where Odoo starts one for each tour.

A tour gets a new tab, and finds nothing of the one before: no cookies, no storage, no
service worker. What stays, for the classes that follow as well, is the cache of files:
assets, and what the browser made of their code. Their addresses tell what is in them.
"""

import atexit
import shutil
import subprocess
import tempfile
from functools import partial
from pathlib import Path

from odoo.tests import common


class OneChromium:
    """Takes the place of the process in Odoo's `ChromeBrowser`, which stops it after
    each tour: it stays, unless the tour has left it as nobody knows.
    """

    def __init__(self):
        self._process = self._port = self._options = None
        self._is_clean = False
        self._profile = None

    # What ChromeBrowser does with its process

    @property
    def pid(self):
        return self._process.pid

    def poll(self):
        return self._process.poll()

    def terminate(self):
        """Not after each tour."""

    def wait(self, timeout=None):
        """Nor is its end awaited."""

    # What the patched ChromeBrowser does

    def start(self, browser, start, options):
        """:return: this, and the port of the running Chromium"""
        if not self._is_clean or self._options != options or self.poll() is not None:
            self.stop()
            type(browser.test_case).addClassCleanup(self.stop)
            self._options = options
            self._process, self._port = self._start_in_profile(browser, start, options)
        self._is_clean = False
        return self, self._port

    def _start_in_profile(self, browser, start, options):
        if not self._profile:
            self._profile = tempfile.mkdtemp(suffix="_chromium_of_tours")
            atexit.register(shutil.rmtree, self._profile, ignore_errors=True)
        Path(self._profile, "DevToolsActivePort").unlink(missing_ok=True)
        own, browser.user_data_dir = browser.user_data_dir, self._profile
        try:
            return start(browser, user_data_dir=self._profile, **options)
        finally:
            browser.user_data_dir = own

    def clean(self, browser, request):
        """Leave an empty tab, and nothing of the tour."""
        request("Page.navigate", params={"url": "about:blank"})
        everything = {"origin": browser.test_case.base_url(), "storageTypes": "all"}
        request("Storage.clearDataForOrigin", params=everything)
        request("Network.clearBrowserCookies")
        request("Target.createTarget", params={"url": "about:blank"})
        self._is_clean = True
        # Whose connection ends with it: there may be no answer.
        browser._websocket_send("Page.close")

    def stop(self):
        process, self._process, self._is_clean = self._process, None, False
        if not process:
            return
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def share_chromium():
    """From now on, the tours of this process share a Chromium."""
    chromium = OneChromium()
    start = common.ChromeBrowser._chrome_start
    request = common.ChromeBrowser._websocket_request

    def _chrome_start(browser, user_data_dir, **options):
        return chromium.start(browser, start, options)

    def _websocket_request(browser, method, **options):
        if method == "Browser.close":
            return chromium.clean(browser, partial(request, browser))
        return request(browser, method, **options)

    common.ChromeBrowser._chrome_start = _chrome_start
    common.ChromeBrowser._websocket_request = _websocket_request
