"""What is owed to senders and holders of accounts: letters that say what became of what they asked for."""

from enum import StrEnum
from typing import Final

import attrs

from .invoice import Invoice
from .order import Instructions, Order
from .refusal import Code


class Verdict(StrEnum):
    """Whether a mail is from whom its From names, by SPF, DKIM and DMARC (RFC 7489)."""

    PASS = "pass"  # noqa: S105 (no password)
    FAIL = "fail"
    NONE = "none"
    """The domain publishes nothing by which it could be told."""
    TEMPORARY = "temporary"
    """The DNS did not answer."""


class Kind(StrEnum):
    """What a notice tells."""

    ACCEPTED = "accepted"
    ENDED = "ended"
    OPENED = "opened"
    """An account, whose holder is owed a password."""
    RECOVERY = "recovery"
    """A way back into an account is owed to its holder, who asked for it."""
    KNOWN = "known"
    """Likewise, to one who would open an account and has one already."""
    ORDERED = "ordered"
    """Credits that are to be paid by cheque or transfer: how, and what for. About the order's reference."""
    REMINDED = "reminded"
    """Likewise, of one that waits."""
    LAPSED = "lapsed"
    """An order that nobody paid and nobody expects any longer. About its reference."""
    INVOICED = "invoiced"
    """An invoice or a credit note, which is attached. About its number."""
    GIVEN = "given"
    """Credits that came from another account. About the transfer's id."""
    ALERT = "alert"
    """The balance fell to the account's threshold. About what it was then."""


PRIVATE: Final = frozenset({Kind.OPENED, Kind.RECOVERY, Kind.KNOWN})
"""What these tell is drawn when it is told, and is nobody else's: each is a letter of its own."""

MONEY: Final = frozenset({Kind.ORDERED, Kind.REMINDED, Kind.LAPSED, Kind.INVOICED, Kind.GIVEN, Kind.ALERT})
"""These are told whatever the account's options say, each in a letter of its own."""


@attrs.frozen(kw_only=True)
class Line:
    """What became of one recipient of a mail when it was handed in."""

    destination: str
    """A number or a group, as typed."""
    code: Code
    submission: int | None = None
    """Where it was accepted."""


@attrs.frozen(kw_only=True)
class Decided:
    """A mail that was decided: what its sender is owed depends on his account's options."""

    key: str
    """The same for the same mail, however often it comes."""
    email: str
    """The account's."""
    recipient: str
    """Whom to tell."""
    thread: str | None
    """The Message-ID that is answered."""
    lines: tuple[Line, ...]
    verdict: Verdict | None = None
    """Where it was asked for."""


@attrs.frozen(kw_only=True)
class Accepted:
    """A line of an acknowledgement, as told."""

    destination: str
    code: Code
    messages: int = 0
    segments: int = 0
    """SMS."""
    credits: int = 0
    due: int | None = None
    """Unix seconds, where it is deferred."""
    duplicates: int = 0
    empty: int = 0
    """Left out."""


@attrs.frozen
class Failure:
    """A message that did not arrive."""

    number: str
    """As typed."""
    reason: str


@attrs.frozen(kw_only=True)
class Acknowledgement:
    """Section of a letter: what was accepted of a mail, and what was not."""

    lines: tuple[Accepted, ...]
    balance: int
    """Credits left when this is told."""
    verdict: Verdict | None = None


@attrs.frozen(kw_only=True)
class Outcome:
    """Section of a letter: how a submission ended."""

    submission: int
    destination: str
    created: int
    """Unix seconds."""
    delivered: int
    """Messages."""
    failed: int
    """Failed, rejected, expired."""
    unknown: int
    refunded: int
    """Credits given back."""
    failures: tuple[Failure, ...]
    """The first of the failed and unknown ones."""


@attrs.frozen(kw_only=True)
class Ordered:
    """Section: credits that were ordered are to be paid."""

    order: Order
    instructions: Instructions | None
    """How; None where that is said on the order's page."""
    reminder: bool


@attrs.frozen(kw_only=True)
class Lapsed:
    """Section: an order that nobody paid is expected no longer."""

    order: Order


@attrs.frozen(kw_only=True)
class Invoiced:
    """Section: an order was paid, or paid back; the invoice or the credit note is attached."""

    invoice: Invoice
    credits: int
    """That came, or were taken back."""
    balance: int
    """Credits when this is told."""


@attrs.frozen(kw_only=True)
class Given:
    """Section: credits came from another account."""

    giver: str
    """Its e-mail."""
    credits: int
    balance: int
    """When this is told."""


@attrs.frozen(kw_only=True)
class Shortage:
    """Section, or SMS: the balance fell to the threshold."""

    email: str
    """The account's."""
    balance: int
    """When this is told."""
    threshold: int
    phone: str
    code: Code | None = None
    """Why no SMS could say it, in a letter."""


@attrs.frozen(kw_only=True)
class Opening:
    """Section: an account was opened, and this is its password, which nobody keeps."""

    email: str
    password: str = attrs.field(repr=False)
    given: Given | None = None
    """The credits that it was opened for."""


@attrs.frozen(kw_only=True)
class Recovery:
    """Section: a link to a new password, which is good once, for ``LINK_LASTS``."""

    email: str
    token: str = attrs.field(repr=False)
    known: bool
    """Whether its holder asked for another account, and not for this."""


Told = Acknowledgement | Outcome | Opening | Recovery | Ordered | Lapsed | Invoiced | Given | Shortage


@attrs.frozen
class Attachment:
    """A file that comes with a letter."""

    name: str
    """In ASCII."""
    type: str
    """Of the content, as MIME has it: ``application/pdf``."""
    content: bytes = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Letter:
    """What one mail to a sender tells: one section, or several that waited together."""

    id: int
    """The same when it is carried again."""
    recipient: str
    thread: str | None
    at: int
    """Unix seconds."""
    sections: tuple[Told, ...]
    """Only acknowledgements and outcomes are told together.

    An ``Opening`` or a ``Recovery`` that is carried again tells another password, or another link.
    """
    attachments: tuple[Attachment, ...] = ()


class NotCarried(Exception):
    """A letter was not delivered; the text says why, in the words of who refused it."""

    def __init__(self, reason: str, lasting: bool = False) -> None:
        super().__init__(reason)
        self.lasting = lasting
        """Whether it will never be."""
