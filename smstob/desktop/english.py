"""The English of what the program says, by the French. ``tests/desktop/test_wording.py`` holds the two together."""

from types import MappingProxyType
from typing import Final

from . import english_book, english_main

ENGLISH: Final = MappingProxyType({**english_main.SENTENCES, **english_book.SENTENCES})
