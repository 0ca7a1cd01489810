"""Test classes that share the set-ups of their common classes.

Odoo makes the company and its chart of accounts anew for each test class: some seconds,
two hundred times. Here, what a common class of ours sets up stands as long as classes
below it follow. Each of them is set up in a savepoint inside, as Odoo does it for each
test inside its class.
"""

from contextlib import ExitStack
from functools import cache
from inspect import isfunction
from unittest.mock import patch

from odoo.tests import TransactionCase

from .locations import ADDON

# What a subclass may say for itself: no set-up asks for it.
OF_EACH_CLASS = {
    *("setUpClass", "_classSetupFailed", "_class_cleanups", "tearDown_exceptions"),
    *("browser_size", "test_module", "test_tags", "touch_enabled"),
}


@cache
def path_of(test_class):
    """The classes inside of whose set-ups one is set up, outermost first, with itself.

    To be asked before any is set up, since that adds to the class.
    """
    mro = test_class.__mro__
    for index, base in enumerate(mro[1:], 1):
        if (
            base.__module__.startswith(f"odoo.addons.{ADDON}")
            and issubclass(base, TransactionCase)
            and mro[index:] == base.__mro__
            and not any(_changes_setup(cls, base) for cls in mro[:index])
        ):
            return (*path_of(base), test_class)
    return (test_class,)


def _changes_setup(cls, base):
    """Whether the set-up of the base would find something else in a subclass."""
    return any(
        hasattr(base, name) and not isfunction(value)
        for name, value in vars(cls).items()
        if not name.startswith("__") and name not in OF_EACH_CLASS
    )


def sort(items):
    """The tests, with those together that share a set-up."""
    first = {}
    return sorted(
        items,
        key=lambda it: [first.setdefault(cls, len(first)) for cls in path_of(it.cls)],
    )


class ClassSetups:
    """The classes that are set up now, each inside the one before."""

    def __init__(self):
        self._open = []

    def enter(self, test_class):
        """Set up a class inside of what stands of it already."""
        path = path_of(test_class)
        self.leave(kept=path)
        for cls in path[len(self._open) :]:
            self._open.append((cls, self._set_up(cls)))

    def leave(self, kept=()):
        """Undo the set-ups of all classes but these.

        Where the models were changed nothing is kept: Odoo sets them up anew when the
        outermost class is closed.
        """
        while self._open and self._open[-1][0] not in kept:
            cls, setup = self._open.pop()
            setup.close()
            if self._open and _has_changed_models(cls):
                kept = ()

    def _set_up(self, cls):
        with ExitStack() as stack:
            if self._open:
                # What Odoo does for each test of a class.
                test = self._open[-1][0]("runTest")
                test.addCleanup = stack.callback
                TransactionCase.setUp(test)
            stack.callback(_clean_up, cls)
            cls.setUpClass()
            # What stands is left out when a subclass asks for it.
            stack.enter_context(patch.object(cls, "setUpClass"))
            return stack.pop_all()


def _clean_up(cls):
    cls.doClassCleanups()
    for _kind, error, _traceback in cls.tearDown_exceptions:
        raise error


def _has_changed_models(cls):
    is_other = cls.registry.registry_sequence != cls.registry_start_sequence
    return is_other or cls.registry.registry_invalidated
