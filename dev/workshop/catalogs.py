"""Merge catalogs of texts, or say what is missing: python -m workshop.catalogs TASK POT
FOLDER

It runs in Odoo's own environment, which has polib.
"""

import re
import sys
from pathlib import Path

import polib

from .locations import CHECKOUT

# Each addon is in all languages that this folder has.
LANGUAGES = CHECKOUT / "i18n"
# What a translation must keep: %s, %(name)s, {{ object.name }}, ${amount}, tags.
KEPT = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\{.*?\}\}|\$\{.*?\}|</?\w+")
# As Odoo itself wraps its catalogs.
WIDTH = 78
SHOWN = 10


def update(exported, folder):
    """Write the template; each language gets the new texts and loses the old."""
    for path, catalog in _merge(exported, folder):
        catalog.save(str(path))
        if path.suffix == ".po":
            print(f"{path.name}: {len(_find_untranslated(catalog))} texts to translate")
        else:
            print(f"{path.name}: {len(catalog)} texts")
    return 0


def check(exported, folder):
    """Return 1, with the reasons, unless all is current, complete and well formed."""
    faults = [
        f"{path.name}: {fault}"
        for path, catalog in _merge(exported, folder)
        for fault in _find_faults(path, catalog)
    ]
    print("\n".join(faults) or f"{exported.stem}: all is translated")
    return 1 if faults else 0


def _merge(exported, folder):
    """What should be there.

    :return: iterator of (path, catalog), the template first
    """
    template = _read_template(exported)
    yield folder / exported.name, _tidied(template)
    for language in sorted(LANGUAGES.glob("*.po")):
        path = folder / language.name
        catalog = _read(path) if path.exists() else polib.POFile(wrapwidth=WIDTH)
        # A new one gets the head of another one of the language.
        catalog.metadata = catalog.metadata or _read(language).metadata
        catalog.merge(template)
        for entry in catalog.obsolete_entries():
            catalog.remove(entry)
        yield path, _tidied(catalog)


def _find_faults(path, catalog):
    entries = map(str, _read(path)) if path.exists() else ()
    if [*entries] != [*map(str, catalog)]:
        yield "is not current"
    if path.suffix == ".pot":
        return
    if missing := _find_untranslated(catalog):
        texts = ", ".join(repr(entry.msgid) for entry in missing[:SHOWN])
        yield f"{len(missing)} texts are not translated: {texts}"
    for entry in catalog.translated_entries():
        if _placeholders(entry.msgid) != _placeholders(entry.msgstr):
            yield f"placeholders or tags differ: {entry.msgid!r} → {entry.msgstr!r}"


def _find_untranslated(catalog):
    return [entry for entry in catalog if not entry.translated()]


def _placeholders(text):
    return sorted(KEPT.findall(text))


def _read_template(path):
    """Odoo takes the code below bridges/ for the addon's own."""
    template = _read(path)
    for entry in list(template):
        places = [place for place in entry.occurrences if "/bridges/" not in place[0]]
        if places:
            entry.occurrences = places
        else:
            template.remove(entry)
    return template


def _read(path):
    return polib.pofile(str(path), wrapwidth=WIDTH)


def _tidied(catalog):
    catalog.metadata.pop("POT-Creation-Date", None)
    catalog.metadata.pop("PO-Revision-Date", None)
    catalog.sort(key=lambda entry: entry.msgid)
    return catalog


if __name__ == "__main__":
    task, exported, folder = sys.argv[1:]
    tasks = {"update": update, "check": check}
    sys.exit(tasks[task](Path(exported), Path(folder)))
