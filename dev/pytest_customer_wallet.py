"""pytest plugin: what pytest-odoo lacks to run this addon's suite.

`./dev/test` loads it. It is no conftest.py, because pytest would import that one
through the addon, before Odoo is configured.
"""

from pathlib import Path

import _pytest.pathlib
import pytest
from _pytest import fixtures
from _pytest.unittest import UnitTestCase
from workshop.addon import bridges, folder_with_link, module_of
from workshop.class_setups import ClassSetups
from workshop.locations import ADDON, BRIDGES, CHECKOUT
from workshop.one_chromium import share_chromium
from workshop.problems import Problem
from workshop.suite import BROWSER_TAG, MODULE_TAG, make_database
from workshop.system_packages import find_browser

JS_UNITS_FILE = "test_js_units"
TILL_FILES = "test_till"
# A tour gives up when a page takes more than ten seconds, as it may on a busy machine:
# such a test runs once more. Whatever else fails has failed.
TOO_SLOW = "TIMEOUT step failed to complete|tour did not succeed in time"
_original_resolve = _pytest.pathlib.resolve_pkg_root_and_module_name


def _resolve_pkg_root_and_module_name(path, **options):
    """Name the addon's modules `odoo.addons.customer_wallet…` in any checkout; those of
    the addons for other apps have their own names.

    pytest-odoo takes the name of the folder, which may be anything.
    """
    path = Path(path)
    if not path.is_relative_to(CHECKOUT):
        return _original_resolve(path, **options)
    module, inside = module_of(path.relative_to(CHECKOUT).with_suffix(""))
    parts = [part for part in inside.parts if part != "__init__"]
    root = folder_with_link() if module == ADDON else BRIDGES
    return root, ".".join(("odoo", "addons", module, *parts))


_pytest.pathlib.resolve_pkg_root_and_module_name = _resolve_pkg_root_and_module_name

_setups = ClassSetups()


def _register_setup_of_class(collector, test_class):
    """In place of what pytest does for a class: its set-up may stand already."""
    fixtures.register_fixture(
        name=f"_setup_of_{test_class.__qualname__}",
        func=lambda: _setups.enter(test_class),
        node=collector,
        scope="class",
        autouse=True,
    )


UnitTestCase._register_unittest_setup_class_fixture = _register_setup_of_class
share_chromium()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    yield
    if nextitem:
        _setups.leave_for(nextitem.cls)


@pytest.fixture(scope="session", autouse=True)
def close_last_setup(load_http):
    """While there is a database still."""
    yield
    _setups.leave_for(None)


def pytest_addoption(parser):
    parser.addoption(
        "--part",
        choices=("web", "rest"),
        help="only the tests with a web server or of tills, or only the others",
    )
    parser.addoption(
        "--with",
        dest="modules",
        default="",
        metavar="MODULE,…",
        help="install these modules as well, and run the tests that need them",
    )


def pytest_ignore_collect(collection_path, config):
    """An addon for other apps is only looked at beside the apps that it needs."""
    if collection_path.parent != BRIDGES or collection_path.name not in bridges():
        return None
    from odoo.modules.module import Manifest

    beside = {ADDON, *_get_modules(config)}
    for name in list(beside):
        beside |= _get_all_needed(Manifest, name)
    return None if _get_all_needed(Manifest, collection_path.name) <= beside else True


def _get_all_needed(manifests, module):
    needed = set(manifests.for_addon(module)["depends"])
    return needed.union(*(_get_all_needed(manifests, name) for name in needed))


def pytest_collection_modifyitems(config, items):
    for item in items:
        if BROWSER_TAG in _get_tags(item):
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=TOO_SLOW))
    kept = [item for item in items if _is_wanted(config, item)]
    config.hook.pytest_deselected(items=[it for it in items if it not in set(kept)])
    items[:] = _setups.sort(kept)


def _get_tags(item):
    return getattr(item.cls, "test_tags", ())


def _is_wanted(config, item):
    """Tests that need other modules are run with these, and only they are then, unless
    others are asked for by name.
    """
    part, modules = config.getoption("--part"), _get_modules(config)
    needed = {
        tag.removeprefix(MODULE_TAG)
        for tag in _get_tags(item)
        if tag.startswith(MODULE_TAG)
    }
    if part and _is_in_web_part(item) != (part == "web"):
        return False
    if modules and not needed:
        return config.args_source is config.ArgsSource.ARGS
    return needed <= modules


def _get_modules(config):
    return set(filter(None, config.getoption("modules").split(",")))


def _is_in_web_part(item):
    """With those of the tills, both parts take as long."""
    return _needs_server(item) or item.path.stem.startswith(TILL_FILES)


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
                config.getoption("--odoo-database"),
                _template_for(session.items),
                _get_modules(config),
            )
        except Problem as problem:
            pytest.exit(f"\n{problem}", returncode=1)


def _template_for(items):
    """The smallest template that saves these tests from making asset bundles."""
    web_tests = [item for item in items if _needs_server(item)]
    if not web_tests:
        return "addon"
    if not find_browser():
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
