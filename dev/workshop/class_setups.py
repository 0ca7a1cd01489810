"""Test classes that share a set-up: it is made once, and kept for those that need it.

A class is set up inside what its base class has set up, in a savepoint of its own, as
Odoo does it for each test inside its class. Odoo itself makes the company and its chart
of accounts anew for each class.
"""

from contextlib import contextmanager, nullcontext

from odoo.tests import common

# A subclass may say these for itself: no set-up asks for them.
OF_EACH_CLASS = {
    *("_classSetupFailed", "_class_cleanups", "tearDown_exceptions"),
    *("browser_size", "test_module", "test_tags", "touch_enabled"),
}


class ClassSetups:
    """The set-ups that stand now, each inside the one before."""

    def __init__(self):
        self._bases = {}
        self._open = []

    def path(self, test_class):
        """The classes that are set up for one, outermost first. To be asked before any
        is set up, since that adds to the class.
        """
        base = self._base(test_class)
        return (*(self.path(base) if base else ()), test_class)

    def sort(self, items):
        """:return: the tests, with those together that share a set-up"""
        first = {}
        for index, item in enumerate(items):
            for test_class in self.path(item.cls):
                first.setdefault(test_class, index)
        return sorted(items, key=lambda it: [first[cls] for cls in self.path(it.cls)])

    def enter(self, test_class):
        """Set up a class inside what stands of it already."""
        self.leave_for(test_class)
        for needed in self.path(test_class)[len(self._open) :]:
            outer = [setup.test_class for setup in self._open]
            self._open.append(_Setup(needed, self._base(needed), outer))
            try:
                self._open[-1].open()
            except BaseException:
                self._close_last()
                raise

    def leave_for(self, test_class):
        """Close what another class does not need."""
        path = self.path(test_class) if test_class else ()
        while self._open and self._open[-1].test_class not in path:
            self._close_last()

    def _close_last(self):
        """Where the models were changed nothing is kept: Odoo sets them up anew when
        the outermost class is closed.
        """
        setup = self._open.pop()
        setup.close()
        if setup.base and _has_changed_models(setup.base):
            self.leave_for(None)

    def _base(self, test_class):
        if test_class not in self._bases:
            self._bases[test_class] = _find_base(test_class)
        return self._bases[test_class]


class _Setup:
    def __init__(self, test_class, base, outer):
        self.test_class = test_class
        self.base = base
        # A set-up adds to its class, and may change what the outer ones have.
        self._kept = {cls: _copy(vars(cls)) for cls in (test_class, *outer)}
        self._savepoint = None

    def open(self):
        if not self.base:
            self.test_class.setUpClass()
            return
        self._savepoint = self.base("runTest")
        common.TransactionCase.setUp(self._savepoint)
        with _skipped(self.base, "setUpClass"):
            self.test_class.setUpClass()

    def close(self):
        try:
            self._tear_down()
        finally:
            self._roll_back()
            for cls, kept in self._kept.items():
                _restore(cls, kept)

    def _roll_back(self):
        while self._savepoint and self._savepoint._cleanups:
            function, args, kwargs = self._savepoint._cleanups.pop()
            function(*args, **kwargs)

    def _tear_down(self):
        try:
            with _skipped(self.base, "tearDownClass") if self.base else nullcontext():
                self.test_class.tearDownClass()
        finally:
            self.test_class.doClassCleanups()
        if self.test_class.tearDown_exceptions:
            raise self.test_class.tearDown_exceptions[0][1]


@contextmanager
def _skipped(base, name):
    """What the base has done already is left out when its subclass asks for it."""
    own = vars(base).get(name)
    setattr(base, name, classmethod(lambda cls: None))
    try:
        yield
    finally:
        setattr(base, name, own) if own else delattr(base, name)


def _find_base(test_class):
    """The nearest class whose set-up is the same for this one."""
    mro = (test_class or object).__mro__
    for index, base in enumerate(mro[1:], 1):
        if base.__module__ == common.__name__:
            break
        if (
            issubclass(base, common.TransactionCase)
            and mro[index:] == base.__mro__
            and not any(_changes_setup(cls, base) for cls in mro[:index])
        ):
            return base
    return None


def _changes_setup(cls, base):
    """Whether the set-up of the base would find something else in a subclass."""
    return any(
        hasattr(getattr(value, "__func__", None), "__wrapped__")
        if name in ("setUpClass", "tearDownClass")
        else isinstance(value, classmethod | staticmethod) or not callable(value)
        for name, value in vars(cls).items()
        if not name.startswith("__") and name not in OF_EACH_CLASS
        if hasattr(base, name)
    )


def _has_changed_models(cls):
    registry = cls.registry
    return (
        registry.registry_invalidated
        or registry.registry_sequence != cls.registry_start_sequence
    )


def _copy(attributes):
    return {
        name: dict(value) if type(value) is dict else value
        for name, value in attributes.items()
        if not name.startswith("__") and name != "_class_cleanups"
    }


def _restore(cls, kept):
    for name in set(_copy(vars(cls))) - set(kept):
        delattr(cls, name)
    for name, value in kept.items():
        if vars(cls).get(name) is not value:
            setattr(cls, name, value)
