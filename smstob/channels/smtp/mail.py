"""What the parts of this room hand each other: an envelope, a mail that was read, a reply."""

from collections.abc import Awaitable
from enum import Enum
from typing import NamedTuple, Protocol

import attrs

from ...model.notice import Verdict
from .mailbox import Mailbox


class Reply(NamedTuple):
    """An answer of the server's (RFC 5321 §4.2, RFC 2034): as many lines as ``lines``, all with both codes."""

    code: int
    status: str
    """The enhanced code (RFC 3463), as ``5.1.1``."""
    lines: tuple[str, ...]
    """French, in ASCII, without line ends, each of 400 characters at most."""


@attrs.frozen(kw_only=True)
class Client:
    """Who is at the other end of a connection; behind a relay that is trusted, who was before it."""

    address: str
    """Its IP address; empty where a trusted relay did not tell it (XFORWARD)."""
    helo: str = ""
    """What it calls itself."""
    relayed: bool = False
    """Whether it came by a trusted relay."""


@attrs.frozen(kw_only=True)
class Envelope:
    """What stands outside of a mail."""

    client: Client
    sender: str
    """The reverse-path; empty for the null sender."""
    mailboxes: tuple[Mailbox, ...]
    """The recipients, in order, none twice; at least one."""


class Origin(Enum):
    """Who wrote a mail."""

    PERSON = "person"
    PROGRAM = "program"
    """An alarm, a newsletter: it is sent, and never answered."""
    RESPONDER = "responder"
    """A bounce, an out-of-office note, a mail of our own that came back: nothing is sent, nothing answered."""


@attrs.frozen(kw_only=True)
class Mail:
    """A mail as far as it is needed."""

    sender: str
    """The one address of From, in canonical form."""
    message_id: str
    """With its angle brackets, as written, in ASCII without white space; empty where there is none to answer to."""
    subject: str
    """Decoded, unfolded, white space collapsed."""
    text: str = attrs.field(repr=False)
    """What is to be sent, cut as ``docs/mail.md`` says; empty where nothing is left."""
    origin: Origin
    digest: bytes
    """Stands for Message-ID, From and body: the same when a relay gives the same mail again, whatever trace it adds."""
    authentication_results: tuple[str, ...] = ()
    """The values of those headers, topmost first, unfolded."""


class Unreadable(Exception):
    """The mail is refused as it is; ``reply`` says why."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.lines[0])
        self.reply = reply


class Verifier(Protocol):
    """Says whether a mail is from whom its From names."""

    def verify(self, data: bytes, mail: Mail, envelope: Envelope) -> Awaitable[Verdict]:
        """The verdict on ``data``, the mail as it came. Never raises: trouble is ``Verdict.TEMPORARY``."""


class Delivery(Protocol):
    """What the server hands mails to."""

    def recipient(self, address: str) -> Mailbox | Reply:
        """Whether there is such a mailbox: at once, for any sender, without a trace. ``address`` has no brackets."""

    def deliver(self, envelope: Envelope, data: bytes) -> Awaitable[Reply]:
        """Take a mail, lines ending in CRLF. What is answered with 2xx is on disk. What it raises puts the mail off.

        The connection may be gone meanwhile: the mail is taken all the same, and when it comes again it is answered
        the same and sent once.
        """
