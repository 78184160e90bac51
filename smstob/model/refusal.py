"""Why a draft is not accepted: the codes that all channels answer."""

from enum import Enum, IntEnum

import attrs


class Code(IntEnum):
    """The two digits that the HTTP channel answers, the same in history, mails and logs."""

    SENT = 80
    DEFERRED = 81
    BAD_CREDENTIALS = 82
    NO_CREDIT = 83
    BAD_NUMBER = 84
    BAD_DATE = 85
    EMPTY_GROUP = 86
    NO_EMAIL = 87
    NO_PASSWORD = 88
    NO_DESTINATION = 89
    NO_TEXT = 90
    DUPLICATE = 91
    TOO_LONG = 92
    TOO_MANY = 93
    OPTED_OUT = 94
    UNAVAILABLE = 99


@attrs.frozen
class DailyLimit:
    """An address of a shared domain may use no more today, though the account could pay it."""

    credits: int
    """What it may use in a day."""


@attrs.frozen
class Refusal:
    """Nothing was recorded, nothing debited; ``code`` says why."""

    code: Code
    reason: DailyLimit | None = None
    """More of it, for channels that speak in sentences."""


class Unavailable(Exception):
    """The database cannot take this now: nothing of it was recorded. Try again later."""


class AccountChanged(Enum):
    """The account is no longer what the caller decided by: read it again and decide again."""

    CHANGED = "changed"


ACCOUNT_CHANGED = AccountChanged.CHANGED
