"""Keeps i18n/ of our addons in step with what Odoo exports; see dev/pot."""

import argparse
from pathlib import Path

import polib

ROOT = Path(__file__).parents[1]
# What would differ from one export to the next.
VOLATILE = ("POT-Creation-Date", "PO-Revision-Date", "Project-Id-Version")


def template(exported):
    """Return the terms of an exported file, as text that only changes with them."""
    pot = polib.pofile(str(exported))
    addon = exported.stem
    pot.header = f"Translation of the addon {addon}."
    for name in VOLATILE:
        pot.metadata.pop(name, None)
    pot.metadata = {"Project-Id-Version": addon, **pot.metadata}
    return pot


def translation(path, pot):
    """Return the translation in a file, with exactly the terms of the template."""
    old = polib.pofile(str(path))
    known = {entry.msgid: entry for entry in old if not entry.obsolete}
    new = polib.POFile()
    new.header = old.header
    new.metadata = old.metadata
    for entry in pot:
        mine = known.get(entry.msgid)
        new.append(
            polib.POEntry(
                msgid=entry.msgid,
                msgstr=mine.msgstr if mine else "",
                flags=mine.flags if mine else [],
                tcomment=mine.tcomment if mine else "",
                comment=entry.comment,
                occurrences=entry.occurrences,
            )
        )
    return new


def missing(po):
    """Return the terms of a translation that are not translated for certain."""
    return [entry.msgid for entry in po if entry.fuzzy or not entry.msgstr]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    parser.add_argument("exported", nargs="+", type=Path)
    arguments = parser.parse_args()
    problems = []

    def update(path, content):
        if path.exists() and path.read_text() == str(content):
            return
        if arguments.check:
            problems.append(f"{path.relative_to(ROOT)} is out of date: run `make pot`.")
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(str(content))

    for exported in arguments.exported:
        pot = template(exported)
        folder = ROOT / exported.stem / "i18n"
        update(folder / exported.name, pot)
        print(f"{exported.stem}: {len(pot)} terms")
        for path in sorted(folder.glob("*.po")):
            po = translation(path, pot)
            update(path, po)
            terms = missing(po)
            print(f"  {path.stem}: {len(po) - len(terms)} translated")
            if terms and arguments.check:
                named = "".join(f"\n  {term!r}" for term in terms[:10])
                problems.append(
                    f"{path.relative_to(ROOT)} leaves {len(terms)} terms untranslated"
                    f" or fuzzy, among them:{named}"
                )
    if problems:
        raise SystemExit("\n".join(problems))


if __name__ == "__main__":
    main()
