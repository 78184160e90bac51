"""What the rooms promise each other. Here the docstring is the contract; implementations do not repeat it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from twisted.application.service import IService
from twisted.internet.defer import Deferred
from twisted.plugin import IPlugin
from zope.interface import Attribute, Interface

from .model.access import Hindrance, KeyReport, Opened, Profile, SecondFactorOffer, Session
from .model.account import Account
from .model.contact import Card, Choice, Contact, ContactPage, ContactQuery, Fault, Group, Phrase
from .model.contact_import import ImportReport, Plan, Preview
from .model.draft import Credentials, Draft
from .model.estimate import Estimate
from .model.message import Answer, Receipt, Reply, Segment, State
from .model.modem import ModemReport
from .model.notice import Decided, Letter
from .model.refusal import Refusal
from .model.report import (
    DayReport,
    GatewayReport,
    MessageQuery,
    MessageReport,
    Movement,
    QueueReport,
    ReplyReport,
    SubmissionQuery,
    SubmissionReport,
)
from .model.submission import Submission
from .sim_interfaces import ISims


class IAuthenticator(Interface):
    """Knows senders by what they show."""

    def recall(credentials: Credentials) -> Account | None:
        """The account, if these very credentials were verified of late; else ``authenticate`` knows."""

    async def authenticate(credentials: Credentials) -> Account | Refusal:
        """The account, or a refusal: not valid (82), or too many failures (93).

        Takes the same time for an unknown e-mail as for a wrong password. Raises what storage raises when the database
        is away; the caller answers 99 then.
        """

    def forget(credentials: Credentials) -> None:
        """Verify these anew the next time: the account was found changed."""


class ISubmitter(Interface):
    """The one use case: what every channel calls."""

    async def submit(draft: Draft) -> Submission | Refusal:
        """Check, split, price, debit and store ``draft`` in one transaction, or refuse it.

        A submission is on disk when it is given back. A refusal has changed nothing. The same account and client
        reference get the first submission again. Never raises: what goes wrong inside is logged and refused with 99.
        """


class IEstimator(Interface):
    """Tells what a draft would become."""

    async def estimate(draft: Draft) -> Estimate | Refusal:
        """What ``submit`` would do with ``draft`` now, for an account that the channel has authenticated.

        Changes nothing. A refusal is what keeps it from being looked at closely: an empty value (87 to 90), an
        account that is closed or not authenticated (82), too many recipients (93), 99. Any other is in the estimate,
        with all that can be told besides. The draft's reference is taken to be new. Never raises.
        """


class IDeferrals(Interface):
    """Deferred submissions, changed or taken back before they leave. Of other accounts' nothing is said or done."""

    async def postpone(account: int, submission: int, when: str) -> int | Refusal | None:
        """Let a submission leave at ``when`` (``hhmmjjmmaaaa``) instead; gives it in Unix seconds.

        A refusal (85, 99) has changed nothing. None where any of it has left, or nothing is left to postpone.
        Never raises.
        """

    async def cancel(account: int, submission: int) -> tuple[int, int] | None:
        """Take back what is still queued, refunded: how many messages, and credits. None where nothing is left.

        Raises what storage raises when the database is away.
        """

    async def replace(submission: int, draft: Draft) -> Submission | Refusal | None:
        """Cancel ``submission`` and accept ``draft`` for it, both or neither, for an account that was authenticated.

        The refund pays for the new one, whose texts are no duplicates of the old. None where any of it has left, or
        nothing is left to replace. A reference that was accepted before gives its submission again. Never raises.
        """


class IReporter(Interface):
    """Tells what happened. Reads only; every method raises what storage raises when the database is away."""

    def balance(account: int) -> Deferred[int]:
        """Credits in the account's purse."""

    def submissions(account: int, query: SubmissionQuery) -> Deferred[list[SubmissionReport]]:
        """Submissions of the account, newest first. A search looks at the newest 10,000 that the rest of it leaves."""

    def submission(account: int, submission: int) -> Deferred[SubmissionReport | None]:
        """One of them; None where there is no such one of this account."""

    def scheduled(account: int) -> Deferred[list[SubmissionReport]]:
        """Deferred submissions of which something is still queued for a time to come: the earliest 1,000, in order."""

    def history(account: int, query: MessageQuery) -> Deferred[list[MessageReport]]:
        """Messages of the account, newest first.

        Of a number, those among the newest 20,000 to it from whoever; queued, handed or delivered ones, where no
        submission or number is given, from the newest 20,000 submissions of the period.
        """

    def days(account: int, first: int, last: int) -> Deferred[list[DayReport]]:
        """What was sent on each of these days (since 1970-01-01, both included); days without anything are left out."""

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

    def modems() -> Deferred[list[ModemReport]]:
        """Modems as living daemons told of them last, in the configuration's order of gateways, then by port."""


class IEntrance(Interface):
    """The way into the pages, for anyone, at ``address``. Raises what storage raises when the database is away."""

    async def sign_up(email: str, address: str) -> Hindrance | None:
        """Open an account whose password is mailed; where there is one already, its holder is mailed a way back in.

        Who asks is not told which, not even by the time that it takes.
        """

    async def recover(email: str, address: str) -> Hindrance | None:
        """Mail a link to a new password, if there is such an account: who asks is not told whether."""

    async def link_is_good(token: str) -> bool:
        """Whether the link of a mail still leads to a new password."""

    async def reset(token: str, password: str, address: str) -> Hindrance | None:
        """Set the password that a mail's link leads to. Links and sessions end; a second factor stays."""

    async def log_in(credentials: Credentials, agent: str) -> Opened | Hindrance:
        """Open a session by the password, under a new token; keys open none. With a second factor it is pending."""

    async def confirm(token: str, code: str, address: str, agent: str) -> Opened | Hindrance:
        """Show the second factor, or a recovery code: the pending session gives way to one with another token.

        BAD_CODE leaves it pending. BAD_CREDENTIALS: there is none any more, and the password has to be shown anew.
        """

    async def session(token: str) -> Session | None:
        """The session that a browser shows, pending or not; None where it has ended."""

    async def log_out(token: str) -> None:
        """End it."""


class IProfile(Interface):
    """What an account's holder sees and changes of it. Raises what storage raises when the database is away."""

    async def profile(account: int) -> Profile | None:
        """The account; None where it is closed."""

    async def set_options(account: int, changes: Mapping[str, Any]) -> Fault | None:
        """Change options by the names of ``Options``' fields; values are those of its types.

        The telephone of alerts is given as typed, and kept in E.164: a fault is that one's, and nothing was changed.
        Raises ValueError for another name.
        """

    async def change_password(account: int, current: str, new: str, keep: int, address: str) -> Hindrance | None:
        """Another password; every session but ``keep`` ends, and mailed links are good no more."""

    def keys(account: int) -> Deferred[list[KeyReport]]:
        """Its sending keys, by name."""

    async def add_key(account: int, name: str) -> str | Hindrance:
        """A new sending key: it cannot be told again."""

    async def revoke_key(account: int, name: str) -> bool:
        """Make a sending key worthless; whether there was one."""

    def sessions(account: int) -> Deferred[list[Session]]:
        """Those that are open and not pending, the last seen first."""

    async def end_session(account: int, session: int) -> bool:
        """End one; whether there was one."""

    async def offer_second_factor(account: int, secret: str = "") -> SecondFactorOffer | None:
        """A secret to be shown to an application; nothing is turned on by it. None where the account is closed.

        It is ``secret`` where that can have been offered, else a new one: who mistyped a code does not begin anew.
        """

    async def turn_on_second_factor(account: int, secret: str, code: str, keep: int) -> tuple[str, ...] | Hindrance:
        """Ask for it, and end sessions but ``keep``; gives recovery codes, told once. BAD_CODE too if one is on."""

    async def turn_off_second_factor(account: int, password: str, address: str) -> Hindrance | None:
        """Ask for it no longer."""


class IBook(Interface):
    """An account's contacts, groups and phrases: whatever is another account's is not there.

    Raises what storage raises when the database is away.
    """

    def contacts(account: int, query: ContactQuery) -> Deferred[ContactPage]:
        """Contacts by name, with their groups."""

    def contact(account: int, contact: int) -> Deferred[Contact | None]:
        """One, with its groups."""

    async def save(account: int, contact: int | None, card: Card) -> Contact | Mapping[str, Fault]:
        """Change a contact, or keep a new one where there is no id; or what is wrong with fields, or ``contact``."""

    async def delete(account: int, choice: Choice) -> int:
        """Delete contacts, from all groups too; how many. Many go in slices: a crash leaves the rest."""

    async def put_into(account: int, group: int, choice: Choice) -> int | Fault:
        """Put contacts into a group; how many were not in it."""

    async def take_out(account: int, group: int, choice: Choice) -> int | Fault:
        """Take contacts out of a group; they stay in the book. How many were in it."""

    def groups(account: int) -> Deferred[list[Group]]:
        """Groups by name, with the number of their contacts."""

    async def create_group(account: int, name: str) -> Group | Fault:
        """A new, empty group."""

    async def rename_group(account: int, group: int, name: str) -> Group | Fault:
        """Another name for it."""

    async def delete_group(account: int, group: int, contacts: bool) -> int | Fault:
        """Delete a group, and its ``contacts`` that are in no other group where that is asked; how many of these."""

    def export(account: int, group: int | None) -> Deferred[bytes]:
        """The contacts as CSV (UTF-8 with BOM, ``;``), safe against formulas; ``import`` reads it back."""

    def phrases(account: int) -> Deferred[list[Phrase]]:
        """Phrases by name."""

    async def save_phrase(account: int, phrase: int | None, name: str, text: str) -> Phrase | Mapping[str, Fault]:
        """Change a phrase, or keep a new one; or what is wrong with fields, or ``phrase``."""

    async def delete_phrase(account: int, phrase: int) -> bool:
        """Delete one; whether there was one."""


class IImporter(Interface):
    """Files of contacts on their way into an account's book. Raises what storage raises when the database is away."""

    async def stage(account: int, file: str, content: bytes) -> int:
        """Keep a file, of which nothing is in the book yet; its id. Raises ``Unreadable``."""

    async def preview(account: int, id: int, plan: Plan) -> Preview | None:
        """What the file would become; None where it is gone, or confirmed. Raises ``Unreadable``."""

    async def confirm(account: int, id: int, plan: Plan) -> ImportReport | Fault | None:
        """Begin to take it in, as ``plan`` says: in slices, going on after a crash. None where it is gone.

        A fault is the group's name's, or there is no room. Confirmed again, it tells how far it is. Raises
        ``Unreadable``.
        """

    async def report(account: int, id: int) -> ImportReport | None:
        """How far it is."""

    async def discard(account: int, id: int) -> None:
        """Forget a staged file."""


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

        After a crash one that was delivered may be given once more, with the same ``id``. A password or a link that
        it tells is another then, and only the last password is good.
        """


class IGateway(IService):
    """A way out. It never retries by itself and keeps nothing on disk."""

    name: str = Attribute("As in the configuration.")
    state: str = Attribute("'up', 'down' or another short word that the operator reads.")
    capacity: int = Attribute("Segments that ``submit`` takes now; 0 when down or full.")

    def submit(segments: Sequence[Segment]) -> None:
        """Try to hand ``segments`` over. Called in the reactor's thread.

        All segments of a message that are to be sent come in one call, in order, next to each other, so that they may
        be joined. Beyond ``capacity`` comes at most the rest of one message. Every one is answered exactly once by
        ``INetworkReceiver.answered``, in bounded time; from within this very call, if the answer is known.
        """


class INetworkReceiver(Interface):
    """What a gateway tells. All calls in the reactor's thread."""

    sims: ISims = Attribute("What is kept of SIM cards.")

    def answered(gateway: str, answers: Sequence[Answer]) -> None:
        """What became of segments submitted; in batches where they come in batches."""

    def answered_late(gateway: str, answers: Sequence[Answer]) -> None:
        """What the network says of segments after it was asked in vain: only ``Handed`` counts.

        Told at most once for each copy, and after ``answered`` had its ``Unknown`` or ``Doubtful``. A message that
        waits for its next try does not go out again once every part of it was taken.
        """

    def receipts_received(gateway: str, receipts: Sequence[Receipt]) -> Deferred[None]:
        """Keep delivery receipts. Fires when they are on disk: only then acknowledge to the network.

        Unknown references are kept too (a receipt may overtake its answer). A receipt that comes twice does no harm.
        Fails when the database is away: do not acknowledge, the network repeats.
        """

    def replies_received(gateway: str, replies: Sequence[Reply]) -> Deferred[None]:
        """Likewise keep what telephones sent back: only acknowledge it to the network when this fires."""

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

        The file is UTF-8; one line end at its end is not part of the secret. A mistake where both are given, where
        neither is and there is no default, or where the file cannot be read.
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
