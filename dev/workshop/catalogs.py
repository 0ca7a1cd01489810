"""Merge catalogs of texts, or say what is missing. It runs inside of Odoo."""

import io
import re

import polib

from odoo.tools.translate import trans_export

from .locations import ADDON, BRIDGES, CHECKOUT

# Each addon is in all languages that this folder has.
LANGUAGES = CHECKOUT / "i18n"
# What a translation must keep: %s, %(name)s, {{ object.name }}, ${amount}, tags.
KEPT = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\{.*?\}\}|\$\{.*?\}|</?\w+")
# As Odoo itself wraps its catalogs.
WIDTH = 78


def update(env, addons):
    """Write the templates; each language gets the new texts and loses the old."""
    for path, catalog in _merge(env, addons):
        path.parent.mkdir(exist_ok=True)
        catalog.save(str(path))
        print(f"{path.name}: {catalog.percent_translated()} % translated")


def check(env, addons):
    """End with the reasons unless all is current, complete and well formed."""
    faults = [
        f"{path.relative_to(CHECKOUT)} {fault}"
        for path, catalog in _merge(env, addons)
        for fault in _find_faults(path, catalog)
    ]
    if faults:
        raise SystemExit("\n".join(faults))
    print(f"{', '.join(addons)}: all is translated")


def _merge(env, addons):
    """What should be there.

    :return: iterator of (path, catalog), the template of each addon first
    """
    for addon in addons:
        folder = (CHECKOUT if addon == ADDON else BRIDGES / addon) / "i18n"
        template = _export(env, addon)
        yield folder / f"{addon}.pot", template
        for language in sorted(LANGUAGES.glob("*.po")):
            path = folder / language.name
            # A new one begins with the head of that of the language.
            catalog = _read(path if path.exists() else language)
            catalog.merge(template)
            for entry in catalog.obsolete_entries():
                catalog.remove(entry)
            yield path, _tidied(catalog)


def _find_faults(path, catalog):
    entries = map(str, _read(path)) if path.exists() else ()
    if [*entries] != [*map(str, catalog)]:
        yield "is not current"
    for entry in catalog if path.suffix == ".po" else ():
        if not entry.translated():
            yield f"lacks {entry.msgid!r}"
        elif sorted(KEPT.findall(entry.msgid)) != sorted(KEPT.findall(entry.msgstr)):
            yield f"placeholders or tags differ: {entry.msgid!r} → {entry.msgstr!r}"


def _export(env, addon):
    """The texts of an addon. Odoo takes the code below bridges/ for our own."""
    output = io.BytesIO()
    trans_export(None, [addon], output, "po", env)
    template = _read(output.getvalue().decode())
    for entry in list(template):
        entry.occurrences = [it for it in entry.occurrences if "/bridges/" not in it[0]]
        if not entry.occurrences:
            template.remove(entry)
    return _tidied(template)


def _read(path):
    """
    :param path: of a file, or the text in it
    """
    return polib.pofile(str(path), wrapwidth=WIDTH)


def _tidied(catalog):
    catalog.metadata.pop("POT-Creation-Date", None)
    catalog.metadata.pop("PO-Revision-Date", None)
    catalog.sort(key=lambda entry: entry.msgid)
    return catalog
