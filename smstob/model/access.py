"""Who comes in by the pages: sessions, sending keys, the second factor, and why somebody is kept out."""

from enum import StrEnum
from typing import Final

import attrs

from .account import Account

KEY_PREFIX: Final = "cle-"
"""What a sending key begins with. Its 128 random bits cannot be guessed, so guessing is not counted."""

SHORTEST_PASSWORD: Final = 10
LONGEST_PASSWORD: Final = 200
"""Characters of a password that somebody chooses."""

LONGEST_KEY_NAME: Final = 100
"""Characters of a sending key's name."""

MOST_KEYS: Final = 100
"""Sending keys of an account."""

SESSION_IDLE: Final = 12 * 3600
"""Seconds without a request after which a session ends."""

SESSION_LASTS: Final = 30 * 86_400
"""Seconds after which it ends all the same."""

PENDING_LASTS: Final = 900
"""Seconds in which the second factor has to be shown."""

LINK_LASTS: Final = 3600
"""Seconds for which a mailed link to a new password is good."""


class Hindrance(StrEnum):
    """Why an account's holder does not get what he asked for; nothing was changed."""

    NOT_AN_EMAIL = "not-an-email"
    BAD_CREDENTIALS = "bad-credentials"
    """E-mail or password, or the account is closed: nobody is told which."""
    BAD_CODE = "bad-code"
    """Of the second factor: wrong, too old, or used already."""
    BAD_LINK = "bad-link"
    """Of a mail: unknown, used already, or too old."""
    TOO_MANY = "too-many"
    """Too many tries: later."""
    UNAVAILABLE = "unavailable"
    """Nothing can be written now: later."""
    PASSWORD_TOO_SHORT = "password-too-short"  # noqa: S105 (no password)
    PASSWORD_TOO_LONG = "password-too-long"  # noqa: S105
    PASSWORD_UNTYPABLE = "password-untypable"  # noqa: S105
    """It has characters that cannot be typed, or begins as sending keys do."""
    PASSWORD_COMMON = "password-common"  # noqa: S105
    """Among those that are tried first, or the address itself."""
    BAD_NAME = "bad-name"
    """Empty, too long, or of more than one line."""
    NAME_TAKEN = "name-taken"
    TOO_MANY_KEYS = "too-many-keys"
    """Sending keys: one has to go first."""


@attrs.frozen(kw_only=True)
class Session:
    """Somebody who has logged in by the pages."""

    id: int
    account: Account
    created: int
    """Unix seconds."""
    seen: int
    """Unix seconds of a request, to some minutes."""
    network: str
    """Where it was opened from."""
    agent: str
    """What the browser says of itself."""
    pending: bool
    """Whether the second factor is still to be shown: until then it opens nothing."""


@attrs.frozen
class Opened:
    """A session that was just opened; the token is known to its browser only."""

    token: str = attrs.field(repr=False)
    session: Session


@attrs.frozen
class KeyReport:
    """A sending key, without what it is."""

    name: str
    created: int
    """Unix seconds."""


@attrs.frozen
class SecondFactorOffer:
    """What an authenticator application is shown to take part (RFC 6238, 30 s, 6 digits, SHA-1)."""

    secret: str = attrs.field(repr=False)
    """Base 32."""
    uri: str = attrs.field(repr=False)
    """``otpauth://…``, for a QR code."""


@attrs.frozen(kw_only=True)
class Profile:
    """An account as its holder sees it."""

    account: Account
    credits: int
    created: int
    """Unix seconds."""
    second_factor: bool
    recovery_codes: int
    """How many are unused."""
