"""A service after 90 days: one account with a million messages, others beside, and a book of 100,000 contacts.

The same rows each time, but for when they begin. For SQLite or PostgreSQL; a minute.
"""

import random
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

import argon2
import attrs
from sqlalchemy import Connection

from smstob.model.contact import Recipient
from smstob.model.ledger import SPENT, Reason
from smstob.model.merge import Variables
from smstob.storage import accounts, bulk, contacts, ledger, migrate, phrases
from smstob.storage.engine import Engines, open_engines
from smstob.storage.schema import ledger_entry, message, segment, submission

DAY: Final = 86_400
PASSWORD: Final = "XV65JU7K2P"
LARGE: Final = "grand@example.fr"
EMPTY: Final = "vide@example.fr"
LITTLE: Final = "petit@example.fr"
GATEWAY: Final = "measured"
SLICE: Final = 20_000
ENDS: Final = ("delivered", "failed", "expired", "unknown", "rejected", "cancelled")
WEIGHTS: Final = (950, 20, 10, 15, 3, 2)
TEXTS: Final = (
    "Votre colis est arrivé, il vous attend jusqu'à samedi au 12 rue de la Gare.",
    "Rappel : rendez-vous demain à 9 h 30. En cas d'empêchement, appelez le 01 23 45 67 89.",
    "Soldes d'été : moins 30 % sur tout le magasin ce week-end !",
    "Réunion du conseil reportée à jeudi, 20 h, salle des fêtes. La mairie",
)


@attrs.frozen(kw_only=True)
class Size:
    """How much there is."""

    campaigns: int = 40
    campaign: int = 18_000
    """Messages of a campaign; the largest has 100,000 less what that makes of 800,000."""
    largest: int = 100_000
    single: int = 200_000
    """Submissions of one message."""
    others: int = 10
    """Accounts beside."""
    other: int = 20_000
    """Messages of each."""
    contacts: int = 100_000
    groups: int = 40
    """Of which one has a tenth, and the others share the rest; besides one of all and one of 500."""


SMALL: Final = Size(
    campaigns=4, campaign=300, largest=1000, single=2000, others=2, other=500, contacts=1000, groups=4
)
"""For a look at pages, in a second."""


@attrs.frozen(kw_only=True)
class Scene:
    """What reads begin with."""

    now: int
    """Unix seconds when it ends: what is underway began ten minutes before."""
    large: int
    """The account with everything."""
    empty: int
    """One with nothing."""
    little: int
    """One with a book of 30 and its 50 messages."""
    largest: int
    """The submission of 100,000 messages, which is underway."""
    campaign: int
    """One that has ended."""
    waits: int
    """One that is deferred."""
    ended: int
    """The little account's last."""
    group: int
    """Of 10,000 contacts."""
    everyone: int
    """A group of 100,000 contacts."""
    few: int
    """One of 500."""
    club: int
    """The little account's, of 30."""


class _Sender:
    """Makes the submissions of one account, in the order of time."""

    def __init__(self, connection: Connection, account: int, purse: int) -> None:
        self._connection = connection
        self._account = account
        self._purse = purse
        self._random = random.Random(account)

    def send(self, plan: list[tuple[int, int, str, str]]) -> list[int]:
        """Submissions of ``plan``: when, how many messages, by what channel, and how far it is; their ids."""
        ids = bulk.next_ids(self._connection, submission, len(plan))
        rows = [(id_, self._account, *self._submission(*planned)) for id_, planned in zip(ids, plan, strict=True)]
        columns = ("id", "account_id", "channel", "destination", "text", "created", "due", "code", "format")
        counts = ("validity", "messages", "credits", "duplicates", "empty", "segments", "day")
        bulk.insert(self._connection, submission, (*columns, *counts), rows)
        debits = [
            (at, Reason.DEBIT.value, str(id_), self._purse, SPENT, many)
            for id_, (at, many, _, _) in zip(ids, plan, strict=True)
        ]
        entry = ("at", "reason", "reference", "source_id", "target_id", "amount")
        bulk.insert(self._connection, ledger_entry, entry, debits)
        self._fill(self._messages(ids, plan))
        return ids

    def _submission(self, at: int, many: int, channel: str, state: str) -> tuple[Any, ...]:
        due = at + 5 * DAY if state == "queued" else at
        destination = f"Clients {many}" if many > 1 else self._number()
        text = self._random.choice(TEXTS)
        code = 81 if state == "queued" else 80
        return channel, destination, text, at, due, code, "normal", 72, many, many, 0, 0, many, due // DAY

    def _number(self) -> str:
        return f"+336{self._random.randrange(40_000_000, 40_100_000)}"

    def _messages(self, ids: list[int], plan: list[tuple[int, int, str, str]]) -> Iterator[tuple[Any, ...]]:
        for id_, (at, many, _, state) in zip(ids, plan, strict=True):
            text, priority = self._random.choice(TEXTS), int(many > 1)
            for nth in range(many):
                number = f"+336{40_000_000 + nth}" if many > 1 else self._number()
                now = self._state(state, nth / many)
                handed = None if now in ("queued", "rejected", "cancelled") else at + 1 + nth // 50
                ended = None if now in ("queued", "handed") else at + 5 + nth // 50
                error = "Le téléphone est éteint." if now in ("failed", "rejected", "expired", "unknown") else None
                due = at + 5 * DAY if state == "queued" else at
                yield (
                    *(id_, number, number, text, "gsm7", 1, 1, "normal", priority, GATEWAY, now, due, due + 3 * DAY),
                    *(1, 0, handed, ended, error, self._account),
                )

    def _state(self, state: str, place: float) -> str:
        if state == "underway":
            state = "queued" if place > 0.8 else "handed" if place > 0.5 else "ended"
        return self._random.choices(ENDS, WEIGHTS)[0] if state == "ended" else state

    def _fill(self, rows: Iterator[tuple[Any, ...]]) -> None:
        columns = (
            *("id", "submission_id", "number", "typed", "text", "coding", "segments", "credits", "format", "priority"),
            *("gateway", "state", "due", "deadline", "attempts", "repeats", "handed_at", "ended_at", "error"),
            "account_id",
        )
        while lot := list(islice(rows, SLICE)):
            ids = bulk.next_ids(self._connection, message, len(lot))
            bulk.insert(self._connection, message, columns, [(id_, *row) for id_, row in zip(ids, lot, strict=True)])
            parts = [
                (id_, 1, GATEWAY, f"{id_:x}", "delivered" if row[10] == "delivered" else "handed", row[15])
                for id_, row in zip(ids, lot, strict=True)
                if row[10] in ("delivered", "handed")
            ]
            bulk.insert(self._connection, segment, ("message_id", "part", "gateway", "reference", "state", "at"), parts)


def build(url: str, now: int, size: Size = Size()) -> tuple[Engines, Scene]:
    """A migrated database with all of it; empty until ``now``, where the 90 days end."""
    engines = open_engines(url)
    migrate.upgrade(engines.writer)
    with engines.writer.begin() as connection:
        scene = _fill(connection, now, size)
        connection.exec_driver_sql(_TALLY)
        _settle_purses(connection)
    with engines.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE" if connection.dialect.name == "postgresql" else "SELECT 1")
    return engines, scene


def _fill(connection: Connection, now: int, size: Size) -> Scene:
    large, empty, little = (_account(connection, email, now) for email in (LARGE, EMPTY, LITTLE))
    beside = [_account(connection, f"autre{nth}@example.fr", now) for nth in range(size.others)]
    largest, campaign, waits = _send(connection, now, large, beside, size)
    sent = _Sender(connection, little, ledger.purse_of(connection, little)).send(
        [(now - (50 - nth) * DAY // 2, 1, "web", "ended") for nth in range(50)]
    )
    group, everyone, few = _book(connection, large, size)
    club = contacts.create_group(connection, little, "Club")
    contacts.add(connection, little, club, _people(range(30)))
    for account in (large, little):
        for name, text in enumerate(TEXTS):
            phrases.create(connection, account, f"Phrase {name}", text)
    return Scene(
        now=now,
        large=large,
        empty=empty,
        little=little,
        largest=largest,
        campaign=campaign,
        waits=waits,
        ended=sent[-1],
        group=group,
        everyone=everyone,
        few=few,
        club=club,
    )


def _account(connection: Connection, email: str, now: int) -> int:
    hashed = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    made = accounts.create(connection, email, hashed, now - 100 * DAY)
    ledger.issue(connection, made.id, 3_000_000, Reason.TOP_UP, email, now - 100 * DAY, "virement")
    return made.id


def _send(connection: Connection, now: int, large: int, beside: list[int], size: Size) -> tuple[int, int, int]:
    """Day after day, so that everybody's lie between everybody's.

    Gives the largest campaign, one that has ended and one that is deferred.
    """
    senders = {id_: _Sender(connection, id_, ledger.purse_of(connection, id_)) for id_ in (large, *beside)}
    days = range(now - 90 * DAY, now, DAY)
    campaigns: list[int] = []
    for nth, day in enumerate(days):
        for id_, sender in senders.items():
            total = size.single if id_ == large else size.other
            many = total * (nth + 1) // len(days) - total * nth // len(days)
            plan = [(day + DAY * place // max(1, many), 1, "http", "ended") for place in range(many)]
            sender.send(plan)
        if nth * (size.campaigns - 1) // len(days) != (nth + 1) * (size.campaigns - 1) // len(days):
            waits = len(campaigns) >= size.campaigns - 3
            planned = (day + DAY - 1, size.campaign, "web", "queued" if waits else "ended")
            campaigns += senders[large].send([planned])
    (largest,) = senders[large].send([(now - 600, size.largest, "web", "underway")])
    return largest, campaigns[0], campaigns[-1]


def _people(places: Iterable[int]) -> list[Recipient]:
    names = random.Random(1)
    first, last = ("Anne", "Élodie", "Jean", "Karim", "Zoé", "Marc"), ("Dupont", "Martin", "Lefèvre", "N'Guyen", "Roy")
    return [
        Recipient(
            f"+336{40_000_000 + place}",
            f"06{40_000_000 + place}",
            "FR",
            Variables(f"{names.choice(first)} {names.choice(last)} {place}", f"dossier {place}", "Lyon"),
        )
        for place in places
    ]


def _book(connection: Connection, account: int, size: Size) -> tuple[int, int, int]:
    """The groups of a tenth, of all, and of 500."""
    people = iter(_people(range(size.contacts)))
    groups = []
    for nth in range(size.groups):
        groups.append(contacts.create_group(connection, account, f"Groupe {nth:02}"))
        many = size.contacts // 10 if nth == 0 else (size.contacts - size.contacts // 10) // (size.groups - 1)
        contacts.add(connection, account, groups[-1], list(islice(people, many)))
    everyone, few = (contacts.create_group(connection, account, name) for name in ("Tous", "Club"))
    contacts.add(connection, account, everyone, list(people))
    joined = "INSERT INTO membership (group_id, contact_id) SELECT {}, id FROM contact WHERE account_id = {} {}"
    absent = f"AND NOT EXISTS (SELECT 1 FROM membership WHERE group_id = {everyone} AND contact_id = contact.id)"
    connection.exec_driver_sql(joined.format(everyone, account, absent))
    connection.exec_driver_sql(joined.format(few, account, "ORDER BY key LIMIT 500"))
    return groups[0], everyone, few


_TALLY: Final = (
    "INSERT INTO daily_tally (account_id, day, outcome, messages, segments, credits) "
    "SELECT submission.account_id, submission.day, outcome, count(*), sum(message.segments), sum(message.credits) "
    "FROM submission JOIN message ON message.submission_id = submission.id "
    "JOIN (SELECT 'accepted' AS outcome UNION ALL SELECT 'failed' UNION ALL SELECT 'cancelled') AS outcomes "
    "ON outcome = 'accepted' OR (outcome = 'cancelled' AND message.state = 'cancelled') "
    "OR (outcome = 'failed' AND message.state IN ('failed', 'rejected', 'expired')) "
    "GROUP BY submission.account_id, submission.day, outcome"
)


def _settle_purses(connection: Connection) -> None:
    """Balances follow the debits that were entered; nothing is refunded in this scene."""
    spent = "(SELECT coalesce(sum(amount), 0) FROM ledger_entry WHERE reason = 'debit' AND source_id = purse.id)"
    connection.exec_driver_sql(f"UPDATE purse SET balance = balance - {spent} WHERE kind = 'account'")
    total = "(SELECT coalesce(sum(amount), 0) FROM ledger_entry WHERE reason = 'debit')"
    connection.exec_driver_sql(f"UPDATE purse SET balance = {total} WHERE id = {SPENT}")
    assert ledger.verify(connection).sound
