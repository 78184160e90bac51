"""Files that spreadsheets open: what a cell may hold, and what is taken off again."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstob.model.cells import guarded, rows, unguarded


@pytest.mark.parametrize("cell", ["=1+1", "+33612345678", "-2", "@SUM(A1)", "＝1", "'=1", "''@x"])
def test_formulas(cell: str) -> None:
    """What a spreadsheet would take for one is a text, and the very same text is read again."""
    assert guarded(cell) == f"'{cell}"
    assert unguarded(guarded(cell)) == cell


@pytest.mark.parametrize("cell", ["\t=1", " =1", "\n", "\r+", " \t -1", "\u00a0=1"])
def test_behind_white_space(cell: str) -> None:
    """Spreadsheets pass over that."""
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["'\n", "' =1", "'\t=1"])
def test_apostrophes_of_others(cell: str) -> None:
    """Are no guards of ours."""
    assert unguarded(cell) is None


@pytest.mark.parametrize("cell", ["", "Été", "0612345678", "'", "l'été", "a=b", "' l'été"])
def test_others_stay(cell: str) -> None:
    """And have nothing to be taken off."""
    assert guarded(cell) == cell
    assert unguarded(cell) is None


CELL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])).map(str.lstrip)


@given(st.lists(st.lists(CELL, min_size=1)))
def test_read_again(table: list[list[str]]) -> None:
    """Every cell of every table, if it does not begin with white space."""
    read = csv.reader(StringIO(rows(table).decode(), newline=""), delimiter=";")
    found = [[cell if unguarded(cell) is None else unguarded(cell) for cell in row] for row in read]
    assert found == table
