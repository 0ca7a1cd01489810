"""A fault for each linter, planted into copies of our files to see it found.

A linter that is content may as well be one that looks at nothing: at the wrong folder,
at no file of that kind, without its plugin. So each of our files gets a fault that the
linter has to find, and there is no file that it may overlook.
"""

from .addon import module_of


def use_undefined_name(_path, text):
    return text + "\nplanted_fault\n"


def format_badly(_path, text):
    return text + "\nplanted  =  {  'fault':1 }\n"


def break_odoo_python(path, text):
    if path.name == "__manifest__.py":  # must stay a manifest
        return text.replace("{", '{"active": True,', 1)
    module, inside = module_of(path)
    # A test may import the addon by its full name.
    if inside.parts[0] == "tests":
        return text + "\ntry:\n    planted()\nexcept Exception:\n    pass\n"
    return text + f"\nimport odoo.addons.{module}\n"


def break_odoo_data(path, text):
    if path.suffix == ".csv":  # the same record twice
        return text.rstrip("\n") + "\n" + text.rstrip("\n").splitlines()[-1] + "\n"
    return text[text.index("?>") + 2 :].lstrip() if "?>" in text else text


def mistranslate(_path, text):
    return text + (
        "\n#. module: customer_wallet\n"
        "#: code:addons/customer_wallet/models/planted.py:0\n#, python-format\n"
        'msgid "planted %s fault"\nmsgstr "planted %d %d"\n'
    )


def use_undefined_function(_path, text):
    return text + "\nfunction planted() {\n    plantedFault();\n}\n"


def leave_blank_lines(_path, text):
    return text + "\n\n\n\n"
