"""A fault for each linter, planted into copies of our files to see it found.

A linter that is content may as well be one that looks at nothing: at the wrong folder,
at no file of that kind, without its plugin. So each of our files gets a fault that the
linter has to find, and there is no file that it may overlook.
"""

from .addon import module_of

UNDEFINED_NAME = "\nplanted_fault\n"
BAD_FORMAT = "\nplanted  =  {  'fault':1 }\n"
ABSOLUTE_IMPORT = "\nimport odoo.addons.{module}\n"
SILENCED_ERROR = "\ntry:\n    planted()\nexcept Exception:\n    pass\n"
UNDEFINED_FUNCTION = "\nfunction planted() {\n    plantedFault();\n}\n"
BLANK_LINES = "\n\n\n\n"
WRONG_PLACEHOLDER = """
#. module: customer_wallet
#: code:addons/customer_wallet/models/planted.py:0
#, python-format
msgid "planted %s fault"
msgstr "planted %d %d"
"""


def _append(fault):
    return lambda path, text: text + fault


def _break_odoo_python(path, text):
    if path.name == "__manifest__.py":  # must stay a manifest
        return text.replace("{", '{"active": True,', 1)
    # A test may import the addon by its full name.
    module, inside = module_of(path)
    is_test = inside.parts[0] == "tests"
    return text + (SILENCED_ERROR if is_test else ABSOLUTE_IMPORT.format(module=module))


def _break_odoo_data(path, text):
    if path.suffix == ".csv":  # the same record twice
        return text.rstrip("\n") + "\n" + text.rstrip("\n").splitlines()[-1] + "\n"
    return text[text.index("?>") + 2 :].lstrip() if "?>" in text else text


FAULTS = {
    "ruff check": _append(UNDEFINED_NAME),
    "ruff format": _append(BAD_FORMAT),
    "pylint-odoo": _break_odoo_python,
    "oca-checks-odoo-module": _break_odoo_data,
    "oca-checks-po": _append(WRONG_PLACEHOLDER),
    "eslint": _append(UNDEFINED_FUNCTION),
    "prettier": _append(BLANK_LINES),
}


def plant(linter, copy):
    """Spoil each file of the copy that the linter reads; return their paths."""
    paths = linter.files()
    for path in paths:
        file = copy / path
        file.write_text(FAULTS[linter.name](path, file.read_text()))
    return paths


def unseen(paths, output):
    """The spoilt files that the linter does not complain about."""
    lines = output.splitlines()
    return [path for path in paths if not any(str(path) in line for line in lines)]
