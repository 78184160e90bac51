"""A customer's account and the choices made on it."""

import re
from enum import StrEnum
from typing import Final

import attrs


class Format(StrEnum):
    """How the telephone shows a message (3GPP TS 23.038 §4: flash is class 0)."""

    NORMAL = "normal"
    FLASH = "flash"
    NORMAL_THEN_FLASH = "normal+flash"


class Confirmations(StrEnum):
    """Which mails the account wants about its submissions."""

    ALL = "all"
    ERRORS = "errors"
    NONE = "none"


class Characters(StrEnum):
    """What is done with characters that GSM-7 lacks."""

    ADAPT = "adapt"
    AS_IS = "as-is"


class SenderChecks(StrEnum):
    """What is asked of the sender of a mail besides the password: SPF, DKIM, DMARC."""

    OFF = "off"
    MARKED = "marked"
    """Looked at, and told with the answer."""
    REQUIRED = "required"
    """Refused without."""

    @property
    def strictness(self) -> int:
        """The higher, the more is asked."""
        return list(SenderChecks).index(self)


VALIDITY_HOURS: Final = range(1, 73)
SEGMENTS: Final = range(1, 11)


@attrs.frozen(kw_only=True)
class Options:
    """An account's choices; every one has the default of a new account."""

    duplicates: bool = True
    """Whether a text already sent to a number within 24 hours is refused."""
    format: Format = Format.NORMAL
    validity: int = 72
    """Hours during which the operator tries to deliver, 1 to 72."""
    confirmations: Confirmations = Confirmations.ALL
    characters: Characters = Characters.ADAPT
    max_segments: int = 5
    """The longest message accepted, 1 to 10 segments."""
    alert_threshold: int | None = None
    """Credits at which an alert is due, or none."""
    alert_phone: str | None = None
    sender_checks: SenderChecks = SenderChecks.OFF


@attrs.frozen(kw_only=True)
class Account:
    """An account as it stood at ``version``; any change of it or its secrets makes another version."""

    id: int
    email: str
    version: int
    options: Options = attrs.field(factory=Options)


_EMAIL = re.compile(r"[^\s@\"(),:;<>\[\]\\\x00-\x1f\x7f]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")


def canonical_email(typed: str) -> str:
    """The form under which an address is kept and looked up: outer spaces off, lower case."""
    return typed.strip().lower()


def is_email(address: str) -> bool:
    """Whether ``address``, in canonical form, can be an account's (RFC 5321 §4.1.2, without quoting)."""
    return len(address) <= 254 and ".." not in address and _EMAIL.fullmatch(address) is not None
