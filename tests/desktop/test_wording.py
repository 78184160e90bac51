"""What the program says is there in both languages, with the same values in it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from smstob import desktop
from smstob.desktop.english import ENGLISH
from smstob.desktop.wording import Wording

PROGRAM = Path(desktop.__path__[0])
SAYING = {"say": (0,), "N_": (0,), "plural": (1, 2)}
"""Calls that take sentences, and at which places."""


def sentences() -> Iterator[str]:
    """Every French sentence of the sources."""
    for path in PROGRAM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                places = [node.args[place] for place in SAYING.get(name, ()) if place < len(node.args)]
                for one in places:
                    if isinstance(one, ast.Constant) and isinstance(one.value, str):
                        yield one.value


def fields(sentence: str) -> set[str]:
    """The names of the values that it takes."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_every_sentence_has_its_english() -> None:
    """None is left in French in an English window."""
    told = set(sentences())
    assert len(told) > 200
    assert sorted(told - ENGLISH.keys()) == []


@pytest.mark.parametrize("french", sorted(ENGLISH))
def test_the_same_values(french: str) -> None:
    """A translation takes no other values than its sentence."""
    assert fields(ENGLISH[french]) == fields(french)


def test_languages() -> None:
    """French where there is no other; plurals as each language has them, thousands too."""
    french, english = Wording("fr"), Wording("en")
    assert Wording("xx").language == "fr"
    assert french.number(12_345) == "12\u202f345"
    assert english.number(12_345) == "12,345"
    assert [french.plural(count, "{count} a", "{count} b") for count in (0, 1, 2)] == ["0 a", "1 a", "2 b"]
    assert [english.plural(count, "{count} a", "{count} b") for count in (0, 1, 2)] == ["0 b", "1 a", "2 b"]
