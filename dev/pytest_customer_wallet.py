"""pytest plugin: what pytest-odoo lacks to run this addon's suite.

`./dev/test` loads it. It is no conftest.py, because pytest would import that one
through the addon, before Odoo is configured.
"""

import shutil
from pathlib import Path

import _pytest.pathlib
import pytest
from workshop.addon import folder_with_link
from workshop.locations import ADDON, CHECKOUT
from workshop.problems import Problem
from workshop.suite import BROWSER_TAG, make_database
from workshop.system_packages import BROWSERS

JS_UNITS_FILE = "test_js_units"
# A tour gives up when a page takes more than ten seconds, as it may on a busy machine:
# such a test runs once more. Whatever else fails has failed.
TOO_SLOW = "TIMEOUT step failed to complete|tour did not succeed in time"
_original_resolve = _pytest.pathlib.resolve_pkg_root_and_module_name


def _resolve_pkg_root_and_module_name(path, **options):
    """Name the addon's modules `odoo.addons.customer_wallet…` in any checkout.

    pytest-odoo takes the name of the folder, which may be anything.
    """
    path = Path(path)
    if not path.is_relative_to(CHECKOUT):
        return _original_resolve(path, **options)
    parts = path.relative_to(CHECKOUT).with_suffix("").parts
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return folder_with_link(), ".".join(("odoo", "addons", ADDON, *parts))


_pytest.pathlib.resolve_pkg_root_and_module_name = _resolve_pkg_root_and_module_name


def pytest_addoption(parser):
    parser.addoption(
        "--part",
        choices=("web", "rest"),
        help="only the tests that need a web server, or only the others",
    )


def pytest_collection_modifyitems(config, items):
    for item in items:
        if BROWSER_TAG in getattr(item.cls, "test_tags", ()):
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=TOO_SLOW))
    part = config.getoption("--part")
    if not part:
        return
    left_out = [item for item in items if _needs_server(item) != (part == "web")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


def _needs_server(item):
    from odoo.tests import HttpCase

    return issubclass(item.cls or object, HttpCase)


def pytest_collection_finish(session):
    """Make the database, now that it is known what the tests need of it."""
    config = session.config
    if config.option.collectonly or not session.items:
        return
    capture = config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        try:
            make_database(
                config.getoption("--odoo-database"), _template_for(session.items)
            )
        except Problem as problem:
            pytest.exit(f"\n{problem}", returncode=1)


def _template_for(items):
    """The smallest template that saves these tests from making asset bundles."""
    web_tests = [item for item in items if _needs_server(item)]
    if not web_tests:
        return "addon"
    if not any(shutil.which(name) for name in BROWSERS):
        raise Problem(
            "There is no Chromium: the browser tests cannot run.", "install it."
        )
    is_unit = any(item.path.stem.startswith(JS_UNITS_FILE) for item in web_tests)
    return "units" if is_unit else "tours"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    return _without_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return _without_skip((yield))


def _without_skip(report):
    """A skipped test tells nothing: it fails, with the reason for the skip.

    Odoo skips its browser tests when Chromium is missing or does not start.
    """
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr
        if isinstance(reason, tuple):
            reason = reason[-1]
        report.outcome = "failed"
        report.longrepr = f"No test may be skipped here. {reason}"
    return report
