"""pytest plugin of `./dev/upstream`: core's modules have their names."""

from pathlib import Path

import _pytest.pathlib

_original_resolve = _pytest.pathlib.resolve_pkg_root_and_module_name


def _resolve_pkg_root_and_module_name(path, **options):
    """Name core's test modules as Odoo does, or a class would be imported twice."""
    parts = Path(path).with_suffix("").parts
    if "addons" not in parts:
        return _original_resolve(path, **options)
    root = len(parts) - 1 - parts[::-1].index("addons")
    names = parts[root + 1 :]
    if names[-1] == "__init__":
        names = names[:-1]
    return Path(*parts[: root + 1]), ".".join(("odoo", "addons", *names))


_pytest.pathlib.resolve_pkg_root_and_module_name = _resolve_pkg_root_and_module_name
