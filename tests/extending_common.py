"""The page docs/extending.md: its examples run here, its table is what is tested."""

import re
from functools import wraps
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from odoo.models import MetaModel
from odoo.orm.model_classes import add_to_registry
from odoo.tools import OrderedSet

from .common import WalletCommon

PAGE = Path(__file__).parents[1] / "docs" / "extending.md"
EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)
ROW = re.compile(r"^\| `([\w.]+)` \| `(\w+)` \|", re.MULTILINE)
MIXIN = "customer.wallet.spender.mixin"
# The module that the page writes.
MODULE = "concert"


def read_rows():
    """The table of the page.

    :return: list of (model, method)
    """
    return ROW.findall(PAGE.read_text())


def load_examples():
    """The classes of the page, as if they were a module's.

    :return: list of model definitions
    """
    text = "\n\n".join(EXAMPLE.findall(PAGE.read_text()))
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{MODULE}.py"
        path.write_text(text)
        spec = spec_from_file_location(f"odoo.addons.{MODULE}", path)
        spec.loader.exec_module(module_from_spec(spec))
    # No other registry gets them.
    return MetaModel._module_to_models__.pop(MODULE)


def extends(model, method, change, on=None):
    """The test runs while another module extends this method.

    :param str model: as the table of the page has it
    :param str method: of that model
    :param change: what the other module makes of what the method returns: a function of
        the test and that
    :param str on: a model that inherits the first one, when that is extended
    """

    def decorate(test):
        @wraps(test)
        def run(self):
            extended = self.registry[on or model]
            original = getattr(extended, method)

            def extension(records, *args, **kwargs):
                return change(self, original(records, *args, **kwargs))

            extension._api_model = getattr(original, "_api_model", False)
            with patch.object(extended, method, extension):
                test(self)

        run.extended = [*getattr(test, "extended", []), (model, method)]
        return run

    return decorate


def adds(**vals):
    """Values that the other module adds."""
    return lambda _test, its: {**its, **vals}


def adds_to_each(**vals):
    """The same, to each of a list of items, see `customer.wallet._book`."""
    return lambda _test, items: [({**its, **vals}, matched) for its, matched in items]


class ExtendingCommon(WalletCommon):
    """The module of the page is installed: tickets for concerts can be paid, and cards
    that were given as a present be redeemed.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._register(load_examples())
        cls.env.user.group_ids |= cls.env.ref("base.group_system")
        cls.income = cls.company_data["default_account_revenue"]
        cls.ticket = cls._make_ticket("Row 7", 40)

    @classmethod
    def _register(cls, definitions):
        """As Odoo does it for a module; it is taken back with the class."""
        registry = cls.registry
        names = [definition._name for definition in definitions]
        extended = {
            name: registry[name]._base_classes__ for name in names if name in registry
        }
        children = {
            name: OrderedSet(model._inherit_children)
            for name, model in registry.models.items()
        }
        new = [name for name in names if name not in extended]

        def forget():
            for name in new:
                del registry.models[name]
            for name, inherited in children.items():
                registry[name]._inherit_children.clear()
                registry[name]._inherit_children.update(inherited)
            for name, bases in extended.items():
                registry[name]._base_classes__ = bases
                registry[name]._setup_done__ = False
            registry._setup_models__(cls.env.cr, [])

        cls.addClassCleanup(forget)
        for definition in definitions:
            add_to_registry(registry, definition)
        registry._setup_models__(cls.env.cr, [])
        cls.env["ir.module.module"].sudo().create({"name": MODULE})
        registry.init_models(cls.env.cr, new, {"module": MODULE})

    @classmethod
    def _make_ticket(cls, name, price, **vals):
        return (
            cls.env["concert.ticket"]
            .sudo()
            .create(
                {
                    "name": name,
                    "partner_id": cls.customer.id,
                    "company_id": cls.company.id,
                    "account_id": cls.income.id,
                    "price": price,
                    **vals,
                }
            )
        )
