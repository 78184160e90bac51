"""From what is typed to the mails that go out: whom they are for, what each says, and how many SMS that is. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Protocol

import attrs

from ..contacts.naming import group_name
from ..model.account import Characters
from ..model.contact import Fault, Recipient
from ..model.merge import Template, Variables
from ..model.number import NotANumber, parse_number
from ..model.segment import Coding, Measure, measure
from ..model.text import clean, for_sending, storable

MOST_NUMBERS: Final = 100
"""Numbers of one mail: its subject has them, and servers read so much of one."""

_SEPARATORS: Final = re.compile(r"[,;\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")

MOST_JOINED: Final = 4
"""Pieces of a name that has separators itself: «Dupont, Jean»."""


class Book(Protocol):
    """Where names stand for people."""

    def group(self, name: str) -> Sequence[Recipient] | None:
        """The contacts of a group; None where there is no such group."""

    def named(self, name: str) -> Sequence[Recipient]:
        """The contacts of exactly that name, case and accents apart."""

    def numbered(self, numbers: Sequence[str]) -> Mapping[str, Recipient]:
        """The contacts of those numbers (E.164) that are in the book, by number."""


@attrs.frozen(kw_only=True)
class Addressees:
    """Whom a text is for, each number once."""

    recipients: tuple[Recipient, ...] = ()
    unknown: tuple[str, ...] = ()
    """Pieces that are no number and nobody's name."""
    ambiguous: tuple[str, ...] = ()
    """Names that several contacts have."""
    empty: tuple[str, ...] = ()
    """Groups that nobody is in."""

    @property
    def site_group(self) -> str | None:
        """What may be the name of a group of the book that the customer has on the site: a single unknown piece."""
        if len(self.unknown) == 1 and not self.recipients and not self.ambiguous and not self.empty:
            name = group_name(self.unknown[0])
            return None if isinstance(name, Fault) else name
        return None


def addressees(typed: str, book: Book) -> Addressees:
    """Whom ``typed`` names: numbers, groups and contacts between commas, semicolons or line ends.

    A number wins over a group, a group over a contact. Where a number is in the book, the text speaks to its contact.
    """
    found: dict[str, Recipient] = {}
    unknown: list[str] = []
    ambiguous: list[str] = []
    empty: list[str] = []
    typed_numbers: list[Recipient] = []
    for piece in _pieces(storable(typed), book):
        number = _number(piece)
        if number is not None:
            typed_numbers.append(number)
            found.setdefault(number.number, number)
        elif (members := book.group(piece)) is not None:
            _add(found, members)
            if not members:
                empty.append(piece)
        elif len(named := book.named(piece)) == 1:
            _add(found, named)
        else:
            (ambiguous if named else unknown).append(piece)
    known = book.numbered([one.number for one in typed_numbers])
    for one in typed_numbers:
        if found[one.number] is one and one.number in known:
            found[one.number] = known[one.number]
    return Addressees(
        recipients=tuple(found.values()), unknown=tuple(unknown), ambiguous=tuple(ambiguous), empty=tuple(empty)
    )


def _pieces(typed: str, book: Book) -> Iterator[str]:
    """What is between separators, each once; several together where that is the name of a group or a contact."""
    seen: set[str] = set()
    between = [*_SEPARATORS.finditer(typed)]
    starts = [0, *(one.end() for one in between)]
    ends = [*(one.start() for one in between), len(typed)]
    place = 0
    while place < len(starts):
        joined = [ends[place]]
        for one, end in zip(between[place : place + MOST_JOINED - 1], ends[place + 1 :], strict=False):
            # a name has one line
            if one[0] not in ",;":
                break
            joined.append(end)
        pieces = [typed[starts[place] : end].strip() for end in joined]
        taken = 1
        if pieces[0] and _number(pieces[0]) is None:
            longest = range(len(pieces), 1, -1)
            taken = next((count for count in longest if _is_name(pieces[count - 1], book)), 1)
        piece = pieces[taken - 1]
        if piece and piece not in seen:
            seen.add(piece)
            yield piece
        place += taken


def _is_name(piece: str, book: Book) -> bool:
    # what ends with a separator is a name and nothing after it
    if not piece or _SEPARATORS.match(piece[-1]):
        return False
    return book.group(piece) is not None or bool(book.named(piece))


def _number(piece: str) -> Recipient | None:
    try:
        number = parse_number(piece)
    except NotANumber:
        return None
    return Recipient(number.e164, number.typed, number.country, Variables())


def _add(found: dict[str, Recipient], members: Iterable[Recipient]) -> None:
    for one in members:
        found.setdefault(one.number, one)


@attrs.frozen
class Share:
    """One mail: a text, and who gets it."""

    destination: tuple[str, ...]
    """Numbers in E.164; or the name of one group of the site."""
    text: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Mailing:
    """What a text to some people comes to."""

    shares: tuple[Share, ...]
    messages: int
    segments: int
    """SMS in all; 0 for a group of the site, whose contacts are not known here."""
    longest: Measure
    """Of the longest message."""
    unicode: int
    """Messages that go as UCS-2, and so hold less."""
    empty: int
    """Recipients of whom nothing is left of the text."""


def count(text: str, characters: Characters) -> Measure:
    """What a text takes as it is typed, variables unrendered: the counter, as the site's."""
    return measure(for_sending(clean(text), characters))


def mailing(text: str, recipients: Sequence[Recipient], characters: Characters) -> Mailing:
    """The mails of a text to those people: one for each rendered text and ``MOST_NUMBERS`` of them."""
    template = Template.parse(clean(text))
    texts: dict[str, list[str]] = {}
    for one in recipients:
        texts.setdefault(clean(template.render(one.variables)), []).append(one.number)
    empty = 0
    longest, segments, unicode, shares = Measure(Coding.GSM7, 0, 1), 0, 0, []
    for rendered, numbers in texts.items():
        sent = for_sending(rendered, characters)
        if not sent:
            empty += len(numbers)
            continue
        measured = measure(sent)
        longest = max(longest, measured, key=_size)
        segments += measured.segments * len(numbers)
        unicode += len(numbers) if measured.coding is Coding.UCS2 else 0
        parts = range(0, len(numbers), MOST_NUMBERS)
        shares += [Share(tuple(numbers[start : start + MOST_NUMBERS]), rendered) for start in parts]
    return Mailing(
        shares=tuple(shares),
        messages=len(recipients) - empty,
        segments=segments,
        longest=longest,
        unicode=unicode,
        empty=empty,
    )


def site_mailing(text: str, group: str, characters: Characters) -> Mailing:
    """The one mail of a text to a group of the site, where variables are rendered."""
    kept = clean(text)
    return Mailing(
        shares=(Share((group,), kept),) if kept else (),
        messages=0,
        segments=0,
        longest=count(text, characters),
        unicode=0,
        empty=0,
    )


def _size(measured: Measure) -> tuple[int, int]:
    return measured.segments, measured.length
