"""Files that spreadsheets open: what a cell may hold, and what is taken off again."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstob.model.cells import guarded, rows, unguarded


@pytest.mark.parametrize(
    "cell", ["=1+1", "+33612345678", "-2", "@SUM(A1)", "＝1", "\t=1", " =1", "\n", "'=1", "''@x", "\r+", "' -1"]
)
def test_formulas(cell: str) -> None:
    """What a spreadsheet would take for one is a text, and the very same text is read again."""
    assert guarded(cell) == f"'{cell}"
    assert unguarded(guarded(cell)) == cell


@pytest.mark.parametrize("cell", ["", "Été", "0612345678", "'", "l'été", "a=b", "' l'été"])
def test_others_stay(cell: str) -> None:
    """And have nothing to be taken off."""
    assert guarded(cell) == cell
    assert unguarded(cell) is None


@given(st.lists(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1)))
def test_read_again(table: list[list[str]]) -> None:
    """Every cell of every table."""
    read = csv.reader(StringIO(rows(table).decode(), newline=""), delimiter=";")
    found = [[cell if unguarded(cell) is None else unguarded(cell) for cell in row] for row in read]
    assert found == table
