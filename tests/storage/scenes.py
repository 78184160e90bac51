"""What the tests of this folder begin with: accounts with credits, acceptances, messages on their way."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any, Final

from sqlalchemy import Connection, select

from smstob.model.account import Account, Format
from smstob.model.draft import Channel
from smstob.model.ledger import Reason
from smstob.model.message import Receipt, State
from smstob.model.segment import Coding
from smstob.model.submission import Acceptance, Composed, Priority, Submission, duplicate_key
from smstob.storage import accounts, ledger, queue, settlement, submissions
from smstob.storage.queue import Claimed
from smstob.storage.schema import message, segment
from smstob.storage.settlement import Settlement

NOW: Final = 1_800_000_000
DAY: Final = 86_400
GATEWAY: Final = "sink"
NUMBER: Final = "+33612345678"
_NUMBERS: Final = count(1)


def open_account(connection: Connection, credits_: int = 100, **options: Any) -> Account:
    """A new account with that many credits."""
    name = f"compte{next(_NUMBERS)}"
    made = accounts.create(connection, f"{name}@exemple.fr", "hash", NOW)
    if options:
        accounts.set_options(connection, made.id, options)
    if credits_:
        ledger.issue(connection, made.id, credits_, Reason.TOP_UP, name, NOW, "virement")
    found = accounts.by_id(connection, made.id)
    assert found is not None
    return found


def composed(
    account: Account,
    text: str = "Bonjour",
    number: str = NUMBER,
    segments: int = 1,
    credits_: int | None = None,
    gateway: str = GATEWAY,
) -> Composed:
    """A message as it is handed to ``submissions.accept``."""
    key = duplicate_key(account.id, number, text)
    price = segments if credits_ is None else credits_
    return Composed(number, number, text, Coding.GSM7, segments, price, gateway, key)


def ask(account: Account, *messages: Composed, at: int = NOW, due: int | None = None, **changes: Any) -> Acceptance:
    """A request to send ``messages``; one of several is a group's."""
    values = {
        "channel": Channel.HTTP,
        "destination": messages[0].number if messages else NUMBER,
        "text": messages[0].text if messages else "",
        "reference": None,
        "due": at if due is None else due,
        "deferred": due is not None,
        "day": (at if due is None else due) // DAY,
        "format": Format.NORMAL,
        "validity": 72,
        "priority": Priority.GROUP if len(messages) > 1 else Priority.SINGLE,
        **changes,
    }
    return Acceptance(account=account, created=at, messages=messages, **values)


def accept_one(connection: Connection, acceptance: Acceptance) -> Submission:
    """The submission that it becomes."""
    (decision,) = submissions.accept(connection, [acceptance])
    assert isinstance(decision, Submission)
    return decision


def send(connection: Connection, account: Account, text: str = "Bonjour", segments: int = 1, **changes: Any) -> int:
    """Accept one message; gives its id."""
    made = accept_one(connection, ask(account, composed(account, text, segments=segments), **changes))
    return message_ids(connection, made.id)[0]


def message_ids(connection: Connection, submission_id: int) -> list[int]:
    """The ids of its messages, in order."""
    wanted = select(message.c.id).where(message.c.submission_id == submission_id).order_by(message.c.id)
    return list(connection.execute(wanted).scalars())


def claim(connection: Connection, now: int = NOW, count_: int = 100, lease: str = "daemon") -> list[Claimed]:
    """What the daemon ``lease`` gets to send at ``now``, for a minute."""
    return queue.claim(connection, GATEWAY, lease, now, now + 60, count_)


def settled(
    id_: int, state: State = State.HANDED, parts: Sequence[str] = (), at: int = NOW, **changes: Any
) -> Settlement:
    """What became of a message; ``parts`` are the references of its parts from the first."""
    values = {"lease": "daemon", "gateway": GATEWAY, "due": at, "attempts": 1, **changes}
    return Settlement(id=id_, state=state, at=at, parts=tuple(enumerate(parts, 1)), **values)


def hand(connection: Connection, account: Account, *references: str, **changes: Any) -> int:
    """Accept a message and have the gateway take its parts under ``references``; gives its id."""
    text = changes.pop("text", f"Texte {references}")
    id_ = send(connection, account, text, segments=len(references), **changes)
    assert id_ in [one.id for one in claim(connection)]
    assert settlement.settle(connection, [settled(id_, parts=references)]) == [True]
    return id_


def receipt(
    reference: str,
    state: State = State.DELIVERED,
    at: int = NOW + 5,
    gateway: str = GATEWAY,
    number: str | None = None,
) -> Receipt:
    """What the network says of a segment."""
    error = None if state is State.DELIVERED else "Numéro non attribué."
    return Receipt(gateway=gateway, reference=reference, state=state, error=error, at=at, number=number)


def row(connection: Connection, id_: int) -> Any:
    """The message's row."""
    return connection.execute(select(message).where(message.c.id == id_)).one()


def parts_of(connection: Connection, id_: int) -> dict[int, tuple[str, str]]:
    """Reference and state of each of its parts that was handed."""
    rows = connection.execute(select(segment).where(segment.c.message_id == id_))
    return {one.part: (one.reference, one.state) for one in rows}


def credits_of(connection: Connection, account: Account) -> int:
    """Its balance, in a ledger that is sound."""
    assert ledger.verify(connection).sound
    return ledger.balance_of(connection, account.id)


@contextmanager
def undone(connection: Connection) -> Iterator[None]:
    """What happens inside leaves no trace."""
    nested = connection.begin_nested()
    try:
        yield
    finally:
        nested.rollback()
