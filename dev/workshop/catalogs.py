"""Compare and merge catalogs of texts: python -m workshop.catalogs TASK POT FOLDER

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
    template = _read_template(exported)
    _write(template, folder / exported.name)
    for language in LANGUAGES.glob("*.po"):
        _begin(folder / language.name, language)
    for path in sorted(folder.glob("*.po")):
        catalog = _read(path)
        catalog.merge(template)
        for entry in catalog.obsolete_entries():
            catalog.remove(entry)
        _write(catalog, path)
        print(f"{path.name}: {len(catalog.untranslated_entries())} texts to translate")
    print(f"{exported.name}: {len(template)} texts")
    return 0


def check(exported, folder):
    """Return 1, with the reasons, unless all is current, complete and well formed."""
    template = _read_template(exported)
    faults = list(_faults_of_template(template, folder / exported.name))
    faults += [
        f"{language.name} is missing"
        for language in sorted(LANGUAGES.glob("*.po"))
        if not (folder / language.name).exists()
    ]
    for path in sorted(folder.glob("*.po")):
        faults += [f"{path.name}: {fault}" for fault in _faults(_read(path), template)]
    print("\n".join(faults) or f"{len(template)} texts, all translated")
    return 1 if faults else 0


def _begin(path, model):
    """An empty catalog, with the head of another one of the language."""
    if not path.exists():
        catalog = polib.POFile()
        catalog.metadata = _read(model).metadata
        _write(catalog, path)


def _faults_of_template(template, path):
    if not path.exists():
        yield f"{path.name} is missing"
    elif _texts(_read(path)) != _texts(template):
        yield f"{path.name} is not current"


def _faults(catalog, template):
    entries = {_key(entry): entry for entry in catalog if not entry.obsolete}
    wanted = {_key(entry): entry for entry in template}
    missing = [
        key for key in wanted if key not in entries or not entries[key].translated()
    ]
    if missing:
        yield f"{len(missing)} texts are not translated: {_show(missing)}"
    if gone := [key for key in entries if key not in wanted]:
        yield f"{len(gone)} texts are no longer there: {_show(gone)}"
    for entry in entries.values():
        if entry.translated() and _placeholders(entry.msgid) != _placeholders(
            entry.msgstr
        ):
            yield f"placeholders or tags differ: {entry.msgid!r} → {entry.msgstr!r}"


def _show(keys):
    shown = [repr(text) for _context, text in keys[:SHOWN]]
    return ", ".join(shown) + (" …" if len(keys) > SHOWN else "")


def _key(entry):
    return entry.msgctxt, entry.msgid


def _texts(catalog):
    """Texts with the places where they are shown; lines may move."""
    return sorted(
        (
            *_key(entry),
            sorted(place for place, _line in entry.occurrences),
            entry.comment,
        )
        for entry in catalog
    )


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


def _write(catalog, path):
    catalog.metadata.pop("POT-Creation-Date", None)
    catalog.metadata.pop("PO-Revision-Date", None)
    catalog.sort(key=lambda entry: entry.msgid)
    catalog.save(str(path))


if __name__ == "__main__":
    task, exported, folder = sys.argv[1:]
    tasks = {"update": update, "check": check}
    sys.exit(tasks[task](Path(exported), Path(folder)))
