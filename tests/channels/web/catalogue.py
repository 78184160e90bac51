"""The English catalogue, brought up to the pages' French: ``python -m tests.channels.web.catalogue``.

What is new comes in untranslated, what nobody says any more goes, and ``test_catalogue`` asks for the rest.
"""

from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

import smstob.channels.web

WEB: Final = Path(smstob.channels.web.__file__).parent
ENGLISH: Final = WEB / "locales" / "en.po"

_METHODS: Final = [("**.py", "python"), ("templates/**.html", "jinja2")]
_OPTIONS: Final = {"templates/**.html": {"extensions": "jinja2.ext.i18n,jinja2.ext.do", "silent": "false"}}
_KEYWORDS: Final = {"_": None, "N_": None, "say": None, "NN_": (1, 2), "count": (1, 2)}
_HEADER: Final = b"""\
# What the pages say in English; the French is the message's name. After a change: make messages
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: en\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


def extracted() -> Catalog:
    """Every message of the pages, in French alone."""
    found = Catalog()
    for _, _, message, _, _ in extract_from_dir(WEB, _METHODS, _OPTIONS, _KEYWORDS):
        found.add(message)
    return found


def translated() -> Catalog:
    """What is known in English."""
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en", abort_invalid=True)


def main() -> None:
    """Bring the file up to the pages; one line a message, sorted, and no place of it, so that a change is seen."""
    catalogue = translated()
    catalogue.update(extracted(), no_fuzzy_matching=True)
    with ENGLISH.open("wb") as file:
        file.write(_HEADER)
        write_po(file, catalogue, width=0, omit_header=True, sort_output=True, ignore_obsolete=True)


if __name__ == "__main__":
    main()
