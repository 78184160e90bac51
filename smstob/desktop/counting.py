"""What the counter tells of a text while it is typed. Pure; the figures are ``composing.count``'s."""

from typing import Final

import attrs

from ..model import alphabet
from ..model.account import Characters
from ..model.segment import (
    SEPTETS_ALONE,
    SEPTETS_JOINED,
    UNITS_ALONE,
    UNITS_JOINED,
    Coding,
    Measure,
    measure,
)
from ..model.text import clean, for_sending

LONGEST: Final = 20_000
"""Characters beyond which nothing is counted: ten SMS have 1530 of them."""

USUAL_SEGMENTS: Final = 5
"""SMS that an account's messages may have at most, unless its options say otherwise."""

MOST_NAMED: Final = 6
"""Characters that are named one by one."""


@attrs.frozen(kw_only=True)
class Counted:
    """Of one text."""

    measure: Measure
    room: int
    """Characters that so many SMS hold in all, in the measure's unit."""
    to_blame: tuple[str, ...]
    """Why it goes as Unicode: characters that GSM-7 lacks."""
    adapted: tuple[tuple[str, str], ...]
    """Characters that are replaced, and by what."""


def counted(text: str, characters: Characters) -> Counted:
    """What is told of ``text``, variables unrendered; it is at most ``LONGEST`` long."""
    kept = clean(text)
    sent = for_sending(kept, characters)
    measured = measure(sent)
    lacking = [] if alphabet.is_gsm7(kept) else [sign for sign in dict.fromkeys(kept) if not alphabet.is_gsm7(sign)]
    if measured.coding is Coding.UCS2:
        adapts = characters is Characters.ADAPT
        blamed = [sign for sign in lacking if not (adapts and alphabet.is_gsm7(alphabet.adapt(sign)))]
        return Counted(measure=measured, room=room(measured), to_blame=tuple(blamed[:MOST_NAMED]), adapted=())
    changes = [(sign, alphabet.adapt(sign)) for sign in lacking]
    shown = [(sign, to) for sign, to in changes if to and sign.isprintable()]
    return Counted(measure=measured, room=room(measured), to_blame=(), adapted=tuple(shown[:MOST_NAMED]))


def room(measured: Measure) -> int:
    """Characters that its SMS hold."""
    gsm = measured.coding is Coding.GSM7
    if measured.segments == 1:
        return SEPTETS_ALONE if gsm else UNITS_ALONE
    return measured.segments * (SEPTETS_JOINED if gsm else UNITS_JOINED)
