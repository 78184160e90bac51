"""A file of contacts, read as a plan says: what it would become, row by row. Pure."""

from typing import Final

import attrs

from ..model.contact import Recipient
from ..model.contact_import import Columns, LineFault, Plan, PreviewRow
from ..model.tariff import Tariff
from . import spreadsheet
from .columns import cell_of, contact_of, is_repaired, names_columns, recognise
from .sheet import Row

SHOWN: Final = 20
"""Rows that are shown of a file."""


@attrs.frozen(kw_only=True)
class Reading:
    """What a file holds."""

    plan: Plan
    """With all that was recognised."""
    sheets: tuple[str, ...]
    titles: tuple[str, ...]
    """One for each column, empty where there is none."""
    rows: tuple[PreviewRow, ...]
    """The first ones."""
    recipients: tuple[Recipient, ...] = attrs.field(repr=False)
    """Each number once: its last row counts."""
    faults: tuple[LineFault, ...] = attrs.field(repr=False)
    """Rows left out, by line."""
    good: int
    repaired: int

    @property
    def repeated(self) -> int:
        """Good rows that a later one takes the place of."""
        return self.good - len(self.recipients)


def read(content: bytes, plan: Plan, tariff: Tariff) -> Reading:
    """What ``content`` holds. Raises ``Unreadable``."""
    number = max(0, plan.sheet)
    sheet = spreadsheet.read(content, plan.delimiter, number)
    header = plan.header
    if header is None:
        header = bool(sheet.rows) and names_columns(sheet.rows[0])
    titles = sheet.rows[0].cells if header and sheet.rows else ()
    rows = sheet.rows[1:] if header else sheet.rows
    columns = plan.columns or recognise(titles, rows)
    told = _Told(columns, tariff)
    for row in rows:
        told.add(row)
    unclear = [PreviewRow(line=one.line, cells=(), contact=None, fault=one.reason, repaired=False)
               for one in sheet.faults[:SHOWN]]  # fmt: skip
    width = max((len(row.cells) for row in sheet.rows), default=0)
    return Reading(
        plan=attrs.evolve(
            plan,
            columns=columns,
            delimiter=sheet.delimiter,
            header=header,
            sheet=number if number < len(sheet.names) else 0,
        ),
        sheets=sheet.names,
        titles=(*titles, *[""] * (width - len(titles))),
        rows=tuple(sorted([*told.first, *unclear], key=lambda row: row.line)[:SHOWN]),
        recipients=tuple(told.recipients.values()),
        faults=tuple(sorted([*sheet.faults, *told.faults], key=lambda fault: fault.line)),
        good=told.good,
        repaired=told.repaired,
    )


class _Told:
    """What rows say, one after the other."""

    def __init__(self, columns: Columns, tariff: Tariff) -> None:
        self._columns = columns
        self._tariff = tariff
        self.first: list[PreviewRow] = []
        self.recipients: dict[str, Recipient] = {}
        self.faults: list[LineFault] = []
        self.good = 0
        self.repaired = 0

    def add(self, row: Row) -> None:
        """Another row."""
        found = contact_of(row, self._columns, self._tariff)
        repaired = isinstance(found, Recipient) and is_repaired(cell_of(row, self._columns.number))
        if isinstance(found, Recipient):
            self.good += 1
            self.repaired += repaired
            # at the place of its last row
            self.recipients.pop(found.number, None)
            self.recipients[found.number] = found
        else:
            self.faults.append(LineFault(row.line, found))
        if len(self.first) < SHOWN:
            contact, fault = (found, None) if isinstance(found, Recipient) else (None, found)
            shown = PreviewRow(line=row.line, cells=row.cells, contact=contact, fault=fault, repaired=repaired)
            self.first.append(shown)
