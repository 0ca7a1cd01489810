import contextlib
import logging
import re

from odoo.tests import HttpCase, no_retry, tagged

SUITE = "@customer_wallet"
SUCCESS_SIGNAL = "[HOOT] Test suite succeeded"
PASSED = re.compile(rf'"{re.escape(SUITE)}" ended \(passed: (\d+)')


def hoot_id(name):
    """The id that Hoot gives to a suite.

    :param str name: full name of the suite
    :returns: a 32-bit hash of the name, in hexadecimal
    :rtype: str
    """
    value = 0
    for char in name:
        value = (value * 31 + ord(char)) & 0xFFFFFFFF
    return f"{value:08x}"


def is_final_error(message):
    """Hoot reports each failing test, and all of them once more at the end: only the
    end stops the run.

    :param str message: an error on the browser's console
    :rtype: bool
    """
    return "[HOOT]" not in message


class PassedTests(logging.Handler):
    """Reads from the browser's console how many tests of the suite passed."""

    def __init__(self):
        super().__init__(logging.INFO)
        self.count = 0

    def emit(self, record):
        if match := PASSED.search(record.getMessage()):
            self.count += int(match[1])


@tagged("wallet_browser")
class JsUnitsCommon(HttpCase):
    @contextlib.contextmanager
    def _passed_tests(self):
        passed = PassedTests()
        logger = self._logger.getChild("browser")
        level = logger.level
        logger.setLevel(logging.INFO)
        logger.addHandler(passed)
        try:
            yield passed
        finally:
            logger.removeHandler(passed)
            logger.setLevel(level)

    def _run_units(self, preset):
        """Run the JS unit tests of this addon in the browser.

        A suite that it does not find makes Hoot run those of all addons: see that
        ours were among them.

        :param str preset: ``desktop`` or ``mobile``
        """
        with self._passed_tests() as passed:
            self.browser_js(
                f"/web/tests?headless&loglevel=2&preset={preset}&timeout=15000"
                f"&id={hoot_id(SUITE)}",
                code="",
                login="admin",
                timeout=180,
                success_signal=SUCCESS_SIGNAL,
                error_checker=is_final_error,
            )
        self.assertGreater(passed.count, 0, f"no test of {SUITE} ran")


@tagged("post_install", "-at_install")
class TestJsUnits(JsUnitsCommon):
    @no_retry
    def test_units_on_a_desktop(self):
        self._run_units("desktop")

    def test_suite_is_found_by_the_hash_that_hoot_computes(self):
        # The example of Odoo's own test, see web/tests/test_js.py.
        self.assertEqual(hoot_id("@web/core"), "e39ce9ba")


@tagged("post_install", "-at_install")
class TestJsUnitsOnPhone(JsUnitsCommon):
    browser_size = "390x844"
    touch_enabled = True

    @no_retry
    def test_units_on_a_phone(self):
        self._run_units("mobile")
