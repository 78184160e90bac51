"""What the rooms promise each other. Here the docstring is the contract; implementations do not repeat it."""

from collections.abc import Sequence
from typing import Any, Protocol

from twisted.application.service import IService
from twisted.internet.defer import Deferred
from twisted.plugin import IPlugin
from zope.interface import Attribute, Interface

from .model.account import Account
from .model.draft import Credentials, Draft
from .model.message import Answer, Receipt, Reply, Segment, State
from .model.notice import Decided, Letter
from .model.refusal import Refusal
from .model.report import GatewayReport, MessageReport, Movement, QueueReport, ReplyReport
from .model.submission import Submission


class IAuthenticator(Interface):
    """Knows senders by what they show."""

    def recall(credentials: Credentials) -> Account | None:
        """The account, if these very credentials were verified of late; else ``authenticate`` knows."""

    async def authenticate(credentials: Credentials) -> Account | Refusal:
        """The account, or a refusal: not valid (82), or too many failures (93).

        Takes the same time for an unknown e-mail as for a wrong password. Raises what storage
        raises when the database is away; the caller answers 99 then.
        """

    def forget(credentials: Credentials) -> None:
        """Verify these anew the next time: the account was found changed."""


class ISubmitter(Interface):
    """The one use case: what every channel calls."""

    async def submit(draft: Draft) -> Submission | Refusal:
        """Check, split, price, debit and store ``draft`` in one transaction, or refuse it.

        A submission is on disk when it is given back. A refusal has changed nothing. The same
        account and client reference get the first submission again. Never raises: what goes wrong
        inside is logged and refused with 99.
        """


class IReporter(Interface):
    """Tells what happened. Reads only; every method raises what storage raises when the database is away."""

    def messages(account: int | None, state: State | None, limit: int) -> Deferred[list[MessageReport]]:
        """The last ``limit`` messages, newest first; of one account or in one state where given."""

    def replies(limit: int) -> Deferred[list[ReplyReport]]:
        """The last ``limit`` replies, newest first; a long one is one as soon as all its pieces are here."""

    def movements(account: int, limit: int) -> Deferred[list[Movement]]:
        """The last ``limit`` movements of the account's purse, oldest first."""

    def queue() -> Deferred[QueueReport]:
        """How many messages are on their way."""

    def gateways() -> Deferred[list[GatewayReport]]:
        """Every configured gateway, in the configuration's order."""


class INotifier(Interface):
    """Owes senders what is to be told them, and tells it."""

    async def owe(decided: Decided) -> None:
        """Keep what the sender of a mail is owed, as his account's options say: once for each ``key``.

        It is on disk when this returns. Raises what storage raises when the database is away.
        """


class ICourier(Interface):
    """A way to tell senders."""

    async def carry(letter: Letter) -> None:
        """Deliver ``letter``, or raise ``NotCarried``: it is given again unless that is lasting.

        After a crash one that was delivered may be given once more, with the same ``id``.
        """


class IGateway(IService):
    """A way out. It never retries by itself and keeps nothing on disk."""

    name: str = Attribute("As in the configuration.")
    state: str = Attribute("'up', 'down' or another short word that the operator reads.")
    capacity: int = Attribute("Segments that ``submit`` takes now; 0 when down or full.")

    def submit(segments: Sequence[Segment]) -> None:
        """Try to hand ``segments`` over. Called in the reactor's thread.

        All segments of a message that no gateway has taken yet come in one call, in order, next to each
        other, so that they may be joined. Beyond ``capacity`` comes at most the rest of one message.
        Every one is answered exactly once by ``INetworkReceiver.answered``, in bounded time; from
        within this very call, if the answer is known.
        """


class INetworkReceiver(Interface):
    """What a gateway tells. All calls in the reactor's thread."""

    def answered(gateway: str, answers: Sequence[Answer]) -> None:
        """What became of segments submitted; in batches where they come in batches."""

    def answered_late(gateway: str, answers: Sequence[Answer]) -> None:
        """What the network says of segments after it was asked in vain: only ``Handed`` counts.

        Told at most once for each copy, and after ``answered`` had its ``Unknown``. A message that waits
        for its next try does not go out again once every part of it was taken.
        """

    def receipts_received(gateway: str, receipts: Sequence[Receipt]) -> Deferred[None]:
        """Keep delivery receipts. Fires when they are on disk: only then acknowledge to the network.

        Unknown references are kept too (a receipt may overtake its answer). A receipt that comes
        twice does no harm. Fails when the database is away: do not acknowledge, the network repeats.
        """

    def replies_received(gateway: str, replies: Sequence[Reply]) -> Deferred[None]:
        """Keep what telephones sent back. Fires when it is on disk: only then acknowledge to the network.

        Fails when the database is away: do not acknowledge, the network repeats.
        """

    def capacity_changed(gateway: str) -> None:
        """``capacity`` rose from 0, or ``state`` changed."""


class SettingsTable(Protocol):
    """A gateway's own table of the configuration, read key by key.

    A mistake is noted under its key and the default given, so that all are reported together; keys
    that nobody asked for are mistakes too.
    """

    def text(self, key: str, default: str | None = None) -> str:
        """A string; a mistake where it is missing and has no default."""

    def number(self, key: str, default: float | None = None, *, least: float = 0, most: float = 1e9) -> float:
        """A number in bounds."""

    def choice(self, key: str, choices: Sequence[str], default: str | None = None) -> str:
        """One of ``choices``."""

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""

    def secret(self, key: str, default: str | None = None) -> str:
        """A string that is never shown: ``key`` itself, or the content of the file that ``key``_file names.

        The file is UTF-8; one line end at its end is not part of the secret. A mistake where both
        are given, where neither is and there is no default, or where the file cannot be read.
        """

    def mistake(self, key: str, reason: str) -> None:
        """Note a mistake that only the caller can see; ``reason`` in French, without any secret."""


class IGatewayMaker(IPlugin):
    """Makes gateways of one type; found by ``twisted.plugin`` in the package ``twisted.plugins``."""

    name: str = Attribute("The ``type`` of the configuration.")
    description: str = Attribute("One line in French for the operator.")

    def parse_settings(table: SettingsTable) -> Any:
        """Read all keys of ``table``; what is given back is handed to ``make_gateway``."""

    def make_gateway(name: str, settings: Any, reactor: Any, receiver: INetworkReceiver) -> IGateway:
        """A gateway, not started. ``reactor`` gives time (IReactorTime) and connections."""
