"""pytest plugin: what pytest-odoo lacks to run this addon's suite.

`./dev/test` loads it. It is no conftest.py, because pytest would import that one
through the addon, before Odoo is configured.
"""

from pathlib import Path

import _pytest.pathlib
import pytest
from _pytest import fixtures
from _pytest.unittest import UnitTestCase
from workshop.addon import folder_with_link, module_of
from workshop.class_setups import ClassSetups, sort
from workshop.locations import ADDON, BRIDGES, CHECKOUT
from workshop.odoo import Odoo
from workshop.postgres import Cluster
from workshop.problems import Problem
from workshop.templates import Templates

from odoo.tests import HttpCase
from odoo.tests.common import ChromeBrowser

# The tag of the tests that drive a browser, and that with the name of a module: of the
# tests that need it installed.
BROWSER_TAG = "wallet_browser"
MODULE_TAG = "with_"
# A tour gives up when a page takes more than ten seconds, as it may on a busy machine:
# such a test runs once more. Whatever else fails has failed.
TOO_SLOW = "TIMEOUT step failed to complete|tour did not succeed in time"


def _resolve_pkg_root_and_module_name(path, **options):
    """Name the addon's modules `odoo.addons.customer_wallet…` in any checkout; those of
    the addons for other apps have their own names.

    pytest-odoo takes the name of the folder, which may be anything.
    """
    module, inside = module_of(Path(path).relative_to(CHECKOUT).with_suffix(""))
    root = folder_with_link() if module == ADDON else BRIDGES
    name = ".".join(("odoo", "addons", module, *inside.parts))
    return root, name.removesuffix(".__init__")


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


@pytest.fixture(scope="session", autouse=True)
def keep_cached_files(tmp_path_factory):
    """Each tour has a Chromium of its own, with nothing of the one before but the cache
    of files: their addresses tell what is in them.
    """
    start = ChromeBrowser._chrome_start
    kept = tmp_path_factory.mktemp("chromium")

    def _chrome_start(browser, user_data_dir, **options):
        profile = Path(user_data_dir, "Default")
        profile.mkdir()
        for name in ("Cache", "Code Cache"):
            (kept / name).mkdir(exist_ok=True)
            (profile / name).symlink_to(kept / name)
        return start(browser, user_data_dir, **options)

    ChromeBrowser._chrome_start = _chrome_start


def pytest_addoption(parser):
    parser.addoption(
        "--with",
        dest="modules",
        type=lambda text: text.split(","),
        default=[],
        metavar="MODULE,…",
        help="install these modules as well, and run the tests that need them",
    )


def pytest_collection_modifyitems(config, items):
    for item in items:
        if BROWSER_TAG in item.cls.test_tags:
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=TOO_SLOW))
        # With those of the tills, both halves take as long.
        if issubclass(item.cls, HttpCase) or item.path.stem.startswith("test_till"):
            item.add_marker("web")
    kept = [item for item in items if _is_wanted(config, item)]
    config.hook.pytest_deselected(items=[it for it in items if it not in set(kept)])
    items[:] = sort(kept)


def _is_wanted(config, item):
    """Tests that need other modules are run with these, and only they are then, unless
    others are asked for by name.
    """
    modules = config.option.modules
    tags = [tag for tag in item.cls.test_tags if tag.startswith(MODULE_TAG)]
    if modules and not tags:
        return config.args_source is config.ArgsSource.ARGS
    return all(tag.removeprefix(MODULE_TAG) in modules for tag in tags)


def pytest_collection_finish(session):
    """Make the database, now that it is known what the tests need of it."""
    if session.config.option.collectonly or not session.items:
        return
    odoo, option = Odoo(Cluster("tests")), session.config.option
    with_bundles = any(issubclass(it.cls, HttpCase) for it in session.items)
    capture = session.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        try:
            template = Templates(odoo).beside(option.modules, with_bundles=with_bundles)
            odoo.databases.clone(template, option.odoo_database)
        except Problem as problem:
            pytest.exit(f"\n{problem}", returncode=1)


@pytest.fixture(scope="session", autouse=True)
def close_setups(load_http):
    """While there is a database still."""
    yield
    _setups.leave()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A skipped test tells nothing: it fails, with the reason for the skip.

    Odoo skips its browser tests when Chromium is missing or does not start.
    """
    report = yield
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"No test may be skipped here. {report.longrepr[-1]}"
    return report
