"""Delivery receipts (SMPP 3.4 §5.2.12, §5.3.2.12, §5.3.2.35, Appendix B), as operators in fact write them.

A receipt is a ``deliver_sm`` or ``data_sm`` that says what became of a message. The standard has TLVs for it, and in
Appendix B a text that it calls vendor specific: every operator writes its own. ``parse`` reads both, and never raises:
a receipt that a gateway refuses comes back for ever. ``format`` writes the text of Appendix B.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum
from functools import lru_cache
from typing import Final, NamedTuple

from .constants import ESM_INTERMEDIATE, ESM_RECEIPT, ESM_TYPE
from .tlv import Tag

_UNMARKED: Final = 0x00
_RECEIPTED_MESSAGE_ID: Final = int(Tag.RECEIPTED_MESSAGE_ID)
_NETWORK_ERROR_CODE: Final = int(Tag.NETWORK_ERROR_CODE)
_MESSAGE_STATE: Final = int(Tag.MESSAGE_STATE)
# Both bits at once are sent too: that is a receipt, and its state says whether it is the last.
_TYPES: Final = frozenset({_UNMARKED, ESM_RECEIPT, ESM_INTERMEDIATE, ESM_RECEIPT | ESM_INTERMEDIATE})


class MessageState(IntEnum):
    """What became of a message (§5.2.28), with the two states that SMPP 5.0 added."""

    SCHEDULED = 0
    ENROUTE = 1
    DELIVERED = 2
    EXPIRED = 3
    DELETED = 4
    UNDELIVERABLE = 5
    ACCEPTED = 6
    UNKNOWN = 7
    REJECTED = 8
    SKIPPED = 9


_WRITTEN: Final = {
    MessageState.SCHEDULED: "SCHEDLD",
    MessageState.ENROUTE: "ENROUTE",
    MessageState.DELIVERED: "DELIVRD",
    MessageState.EXPIRED: "EXPIRED",
    MessageState.DELETED: "DELETED",
    MessageState.UNDELIVERABLE: "UNDELIV",
    MessageState.ACCEPTED: "ACCEPTD",
    MessageState.UNKNOWN: "UNKNOWN",
    MessageState.REJECTED: "REJECTD",
    MessageState.SKIPPED: "SKIPPED",
}

# Beyond the words of Appendix B, those that operators document or were seen to send.
_OTHER_WORDS: Final = {
    MessageState.SCHEDULED: "SCHEDULED",
    MessageState.ENROUTE: "BUFFRED BUFFERD BUFFERED QUEUED PENDING SUBMITD SUBMITTED SENT",
    MessageState.DELIVERED: "DELIVERED DELIVERD DELIVRED DLVRD",
    MessageState.EXPIRED: "EXPIRD",
    MessageState.DELETED: "CANCELED CANCELLED",
    MessageState.UNDELIVERABLE: (
        "UNDELIVERABLE UNDELIVERED UNDELIVRD UNDELIVR UNDELVD UNDLVRD FAILED FAILURE FAIL SYSERR NOCRED"
    ),
    MessageState.ACCEPTED: "ACCEPTED ACKED",
    MessageState.REJECTED: "REJECTED REJECT",
    MessageState.SKIPPED: "SKIPPD",
}

_STATES: Final[dict[str, MessageState]] = {
    **{str(state.value): state for state in MessageState},
    **{word: state for state, word in _WRITTEN.items()},
    **{word: state for state, words in _OTHER_WORDS.items() for word in words.split()},
}
_STATED: Final = {bytes((state.value,)): state for state in MessageState if state}
_NUMBERED: Final[dict[int, MessageState]] = {state.value: state for state in MessageState}

# ACCEPTED is a last state to the letter of §5.2.28 (a person read the message for the subscriber), but operators send
# it for "we have taken it". UNKNOWN is what they say when they cannot say, and what we say of words that we cannot
# read: a message is not given up for either, its validity ends the wait.
_PASSING: Final = frozenset({MessageState.SCHEDULED, MessageState.ENROUTE, MessageState.ACCEPTED, MessageState.UNKNOWN})


class Receipt(NamedTuple):
    """What a receipt says of a message.

    ``id`` is the message's, as the operator wrote it: hexadecimal here may be decimal in the ``submit_sm_resp``; ``""``
    where it wrote none. ``error`` is the operator's own code, ``""`` where it gave none. ``done`` is when the message
    came to its state, naive: operators do not say of which zone their clock is. ``intermediate`` says that it came as
    an intermediate notification.
    """

    id: str
    state: MessageState
    error: str = ""
    done: datetime | None = None
    intermediate: bool = False

    @property
    def is_final(self) -> bool:
        """Whether no other receipt is to be waited for."""
        return not self.intermediate and self.state not in _PASSING


# The usual shape, in one stroke: what it reads, _KEY would read alike, three times as slowly.
_USUAL: Final = re.compile(
    r"id:([^\x00-\x20,;|&\"']+) (?:sub:\d+ dlvrd:\d+ )?submit date:\d+ done date:(\d+) stat:(\w+) err:(\w+)"
    r"(?: [Tt]ext:|\s*\Z)",
    re.ASCII,
)

_KEY: Final = re.compile(
    r"""(?<![^\x00-\x20,;|&"'])
    (?: (?P<id>(?:(?:message|msg)[\s_]?)?id)
      | (?P<done>done[\s_]{0,2}date)
      | (?P<stat>stat(?:us|e)?)
      | (?P<err>err(?:or)?(?:[\s_]?code)?)
      | (?P<text>text)
      | (?P<other>sub|dlvrd|submit[\s_]{0,2}date)
    )\s*[:=]""",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
_WORD: Final = re.compile(r"""[\s,;|&"']*([^\s,;]*)""", re.ASCII)

_BLANKS: Final = " \t\r\n\0"
_BYTE_ORDER_MARKS: Final = "\xfe\xff"


def parse(esm_class: int, text: bytes, tlvs: Sequence[tuple[int, bytes]]) -> Receipt | None:
    """The receipt in the message of these fields, or None where it is no receipt but somebody's message.

    ``text`` is the short_message or the message_payload, ``tlvs`` the optional parameters as tag and value. It is a
    receipt where esm_class says so (§5.2.12), whatever it holds. SMSCs leave esm_class 0 too: then it takes an id and a
    state, either as TLVs 0x001E and 0x0427, or as a text that begins with a field of Appendix B and has ``id:`` and
    ``stat:``, the latter with a word that is known or beside a ``done date:``.

    TLVs are believed before the text, but for the state UNKNOWN, which says less than any text; the error code is the
    text's before the TLV 0x0423's. Nothing is read of what follows ``text:``: the sender of the message wrote it. Never
    raises, and takes time in proportion to the length.
    """
    kind = esm_class & ESM_TYPE
    if kind not in _TYPES:
        return None
    identity, state, network_error = _of_tlvs(tlvs)
    bare = kind == _UNMARKED and not (identity and state is not None)
    plain = _plain(text)
    if bare and not _KEY.match(plain.lstrip(_BLANKS)):
        return None
    said, done, word, error = _fields(plain)
    stated = _STATES.get(word) or _STATES.get(word.upper())
    if bare and not (said and word and (stated is not None or done)):
        return None
    if state is None or state is MessageState.UNKNOWN:
        state = MessageState.UNKNOWN if stated is None else stated
    # a NamedTuple's own constructor takes thrice as long
    return tuple.__new__(
        Receipt, (identity or said, state, error or network_error, receipt_date(done), kind == ESM_INTERMEDIATE)
    )


def _of_tlvs(tlvs: Sequence[tuple[int, bytes]]) -> tuple[str, MessageState | None, str]:
    """The id, state and network error that TLVs say; ``""``, None and ``""`` where they do not."""
    identity, state, error = "", None, ""
    given = dict(tlvs)
    if (value := given.get(_RECEIPTED_MESSAGE_ID)) is not None:
        identity = _identity(value)
    if value := given.get(_MESSAGE_STATE):
        state = _STATED.get(value) or _NUMBERED.get(int.from_bytes(value, "big"), MessageState.UNKNOWN)
    if (value := given.get(_NETWORK_ERROR_CODE)) is not None and len(value) == 3:
        # kind of network, then the code (§5.3.2.31)
        error = str(int.from_bytes(value[1:], "big"))
    return identity, state, error


def _identity(value: bytes) -> str:
    text = value.decode("latin-1")
    if text[-1:] == "\0" and (bare := text[:-1]).isalnum():
        return bare
    # a buffer sent whole has its garbage behind the NUL of the C string
    return text.strip(_BLANKS).partition("\0")[0].rstrip(_BLANKS)


def _plain(text: bytes) -> str:
    """The text as characters: those of UCS-2 below U+0100 as they are, all others as their bytes in latin-1."""
    if b"\0" in text:
        # A third and more of NULs is UCS-2, of either byte order; fewer stand for blanks, or end the text.
        wide = 3 * text.count(b"\0") >= len(text)
        return text.replace(b"\0", b"" if wide else b" ").decode("latin-1").lstrip(_BYTE_ORDER_MARKS)
    return text.decode("latin-1")


def _fields(text: str) -> tuple[str, str, str, str]:
    """What the text says for id, done date, stat and err, ``""`` for what it lacks; the first of each counts."""
    if usual := _USUAL.match(text):
        return usual[1], usual[2], usual[3], usual[4]
    values: dict[str | None, str] = {}
    name, start = None, 0
    for key in _KEY.finditer(text):
        values.setdefault(name, text[start : key.start()])
        name, start = key.lastgroup, key.end()
        if name == "text":
            break
    values.setdefault(name, text[start:])
    return _word(values, "id"), _word(values, "done"), _word(values, "stat"), _word(values, "err")


def _word(values: dict[str | None, str], name: str) -> str:
    """The first word of that value, without quotation marks around it."""
    word = _WORD.match(values.get(name, ""))
    return word[1].rstrip("\"'|&") if word else ""


def receipt_date(text: str) -> datetime | None:
    """The date of a receipt: YYMMDDhhmm (Appendix B), and with seconds, with a century, or with both.

    So 10, 12 or 14 digits. 12 are YYMMDDhhmmss, and only where that is no date YYYYMMDDhhmm, which leaves no doubt from
    2013 on. The 16 characters of §7.1.1.1 are read too, as the clock stood there. Naive, of this century where it
    is not written; None for anything else.
    """
    if len(text) == 16 and text[-1] in "+-" and text[:-1].isdecimal():
        text = text[:12]
    if not (text.isdecimal() and text.isascii()):
        return None
    match len(text):
        case 10:
            return _date("20" + text)
        case 12:
            return _date("20" + text) or _date(text)
        case 14:
            return _date(text)
    return None


@lru_cache(maxsize=1024)
def _date(digits: str) -> datetime | None:
    """The date of YYYYMMDDhhmm or YYYYMMDDhhmmss; None where the calendar has none."""
    try:
        return datetime.fromisoformat(f"{digits[:8]}T{digits[8:]}")
    except ValueError:
        return None


_ID: Final = re.compile(r"[^\x00-\x20,;|&\"'\x7f-\xa0\u0100-\U0010ffff]{1,64}")
_ERROR: Final = re.compile(r"\w{1,16}", re.ASCII)


def format(
    *, id: str, state: MessageState, submitted: datetime, done: datetime, error: str = "000", text: bytes = b""
) -> bytes:
    """The text of a receipt as Appendix B has it, for the short_message of a ``deliver_sm``: at most 200 octets.

    ``id`` is the message's: 1 to 64 characters of latin-1 without blanks, quotation marks, or any of ``,;|&``.
    ``submitted`` and ``done`` are written as their clocks stand, to the minute, whatever their zones. ``error`` is 1 to
    16 letters and digits. Of ``text``, the message as it was submitted, the first 20 octets are kept.

    ``ValueError`` for an id or an error that would not be read back, and for years other than 2000 to 2099.
    """
    if not _ID.fullmatch(id):
        raise ValueError(f"no id of a receipt: {id[:80]!r}")
    if not _ERROR.fullmatch(error):
        raise ValueError(f"no error code of a receipt: {error[:80]!r}")
    for moment in (submitted, done):
        if not 2000 <= moment.year <= 2099:
            raise ValueError(f"{moment} is not of the years 2000 to 2099")
    delivered = 1 if state is MessageState.DELIVERED else 0
    head = (
        f"id:{id} sub:001 dlvrd:{delivered:03} submit date:{submitted:%y%m%d%H%M} done date:{done:%y%m%d%H%M}"
        f" stat:{_WRITTEN[state]} err:{error} text:"
    )
    return head.encode("latin-1") + text[:20]
