"""Whom a draft is for: what is typed, or picked from the account's book."""

from collections.abc import Iterator

import attrs

from ..model.contact import Recipient
from ..model.draft import Draft, Selection
from ..model.merge import Variables
from ..model.number import NotANumber, Number, parse_number, parse_numbers, pieces
from ..model.refusal import Code, Refusal
from ..storage import contacts
from ..storage.database import Connection


def typed_recipients(destination: str) -> list[Recipient] | None:
    """The recipients of a destination that is a number or a list of numbers, or None where it is neither."""
    try:
        numbers = parse_numbers(destination)
    except NotANumber:
        return None
    return [_unknown(number) for number in numbers]


def find(connection: Connection, account: int, draft: Draft) -> list[Recipient] | Refusal:
    """The recipients of ``draft``, a number perhaps several times; or the refusal of a destination that has none."""
    if draft.selection is not None:
        return _selected(connection, account, draft.selection)
    return typed_recipients(draft.destination) or _members(connection, account, draft.destination)


def not_numbers(draft: Draft) -> Iterator[str]:
    """What is typed in ``draft`` as a number and is none."""
    for typed in pieces(draft.destination) if draft.selection is None else draft.selection.numbers:
        try:
            parse_number(typed)
        except NotANumber:
            yield typed


def _members(connection: Connection, account: int, name: str) -> list[Recipient] | Refusal:
    group = contacts.find_group(connection, account, name)
    if group is None:
        return Refusal(Code.BAD_NUMBER)
    return contacts.members(connection, group) or Refusal(Code.EMPTY_GROUP)


def _selected(connection: Connection, account: int, selection: Selection) -> list[Recipient] | Refusal:
    try:
        typed = [parse_number(number) for number in selection.numbers]
    except NotANumber:
        return Refusal(Code.BAD_NUMBER)
    picked = contacts.selected(connection, account, selection.contacts, selection.groups)
    known: dict[str, Recipient] = {}
    for contact in picked:
        known.setdefault(contact.number, contact)
    first = [
        attrs.evolve(known[number.e164], typed=number.typed) if number.e164 in known else _unknown(number)
        for number in typed
    ]
    if first or picked:
        return first + picked
    empty = contacts.own_groups(connection, account, selection.groups)
    return Refusal(Code.EMPTY_GROUP if empty else Code.BAD_NUMBER)


def _unknown(number: Number) -> Recipient:
    return Recipient(number.e164, number.typed, number.country, Variables())
