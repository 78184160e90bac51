"""The outbox: every mail from the moment at which its sender says «envoyer», and what is being typed before that."""

import sqlite3
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import attrs

from ..model.text import storable
from .composing import Mailing
from .database import transaction

RETRIES: Final = (10, 30, 60, 120, 300)
"""Seconds before a mail is offered again, by how often it was; then always the last."""


class LetterState(StrEnum):
    """Where a mail stands."""

    WAITING = "waiting"
    HANDED = "handed"
    """The mail server has it: what becomes of the SMS is told by e-mail."""
    FAILED = "failed"
    """The mail server refused it for good, or its sender gave it up."""


@attrs.frozen
class Draft:
    """What is being typed."""

    recipients: str = ""
    text: str = attrs.field(default="", repr=False)
    moment: str = ""
    """As typed; empty for now."""


@attrs.frozen(kw_only=True)
class Letter:
    """A mail that waits."""

    id: int
    message_id: str
    """The same at every try: what a server gets twice is sent once."""
    destination: tuple[str, ...]
    text: str = attrs.field(repr=False)
    moment: str
    """``hhmmjjmmaaaa``, or empty for now."""
    attempts: int


@attrs.frozen(kw_only=True)
class Sending:
    """What was sent at once, as the outbox shows it."""

    id: int
    created: int
    """Unix seconds."""
    label: str
    """Whom it is for, as typed."""
    text: str = attrs.field(repr=False)
    moment: str
    segments: int
    """SMS; 0 where that is not known here."""
    waiting: int
    """Mails by state."""
    handed: int
    failed: int
    reason: str
    """What the server said last, of one that was not handed."""
    due: int | None
    """When the next one that waits is offered again: Unix seconds."""

    @property
    def state(self) -> LetterState:
        """That of the whole: one that waits counts before one that failed."""
        if self.waiting:
            return LetterState.WAITING
        return LetterState.FAILED if self.failed else LetterState.HANDED


class Outbox:
    """That of one connection. Every method raises ``sqlite3.Error``; nothing was changed then."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def draft(self) -> Draft:
        """What was being typed last."""
        found = self._connection.execute("SELECT recipients, text, moment FROM draft").fetchone()
        return Draft() if found is None else Draft(*found)

    def keep_draft(self, draft: Draft) -> None:
        """Keep what is being typed."""
        with transaction(self._connection) as connection:
            values = tuple(map(storable, attrs.astuple(draft)))
            connection.execute("INSERT OR REPLACE INTO draft VALUES (1, ?, ?, ?)", values)

    def send(self, mailing: Mailing, label: str, text: str, moment: str, message_ids: Sequence[str], now: int) -> int:
        """Put the mails of a mailing into it, each with one of ``message_ids``, and empty the draft; gives the id."""
        with transaction(self._connection) as connection:
            made = connection.execute(
                "INSERT INTO sending (created, label, text, moment, segments) VALUES (?, ?, ?, ?, ?)",
                (now, storable(label), storable(text), storable(moment), mailing.segments),
            )
            assert made.lastrowid is not None
            connection.executemany(
                "INSERT INTO letter (sending_id, destination, text, message_id, state, due) "
                "VALUES (?, ?, ?, ?, 'waiting', ?)",
                [
                    (made.lastrowid, storable("\n".join(share.destination)), storable(share.text), message_id, now)
                    for share, message_id in zip(mailing.shares, message_ids, strict=True)
                ],
            )
            connection.execute("DELETE FROM draft")
        return made.lastrowid

    def sendings(self, most: int = 200) -> list[Sending]:
        """The newest first."""
        rows = self._connection.execute(
            "SELECT sending.id, created, label, sending.text, moment, segments, sum(state = 'waiting'), "
            "sum(state = 'handed'), sum(state = 'failed'), max(CASE WHEN state <> 'handed' THEN reason ELSE '' END), "
            "min(CASE WHEN state = 'waiting' THEN due END) "
            "FROM sending JOIN letter ON letter.sending_id = sending.id "
            "GROUP BY sending.id ORDER BY sending.id DESC LIMIT ?",
            (most,),
        )
        names = [one.name for one in attrs.fields(Sending)]
        return [Sending(**dict(zip(names, row, strict=True))) for row in rows]

    def due(self, now: int, most: int = 50) -> list[Letter]:
        """Mails that are to be offered to the server now: those that it has seen least, and the oldest of them, first.

        What is put off by more than ever is, was by a clock that went wrong.
        """
        rows = self._connection.execute(
            "SELECT letter.id, message_id, destination, letter.text, moment, attempts FROM letter "
            "JOIN sending ON sending.id = letter.sending_id "
            "WHERE state = 'waiting' AND (letter.due <= ? OR letter.due > ?) "
            "ORDER BY attempts, letter.due, letter.id LIMIT ?",
            (now, now + RETRIES[-1], most),
        )
        return [
            Letter(
                id=row[0],
                message_id=row[1],
                destination=tuple(row[2].split("\n")),
                text=row[3],
                moment=row[4],
                attempts=row[5],
            )
            for row in rows
        ]

    def next_due(self) -> int | None:
        """When the next one is to be offered: Unix seconds; None where none waits."""
        found: int | None = self._connection.execute(
            "SELECT min(due) FROM letter WHERE state = 'waiting'"
        ).fetchone()[0]
        return found

    def handed(self, letter: int, now: int) -> None:
        """The server has it."""
        self._end(letter, LetterState.HANDED, "", now)

    def failed(self, letter: int, reason: str, now: int) -> None:
        """The server refused it for good."""
        self._end(letter, LetterState.FAILED, reason, now)

    def put_off(self, letter: int, reason: str, now: int) -> None:
        """It is offered again later."""
        self._put_off("id = ?1", letter, reason, now)

    def put_off_due(self, reason: str, now: int) -> None:
        """Whatever is due is offered again later: nobody could offer it now."""
        self._put_off(f"(due <= ?1 OR due > ?1 + {RETRIES[-1]})", now, reason, now)

    def put_off_rest(self, reason: str, now: int, wait: int) -> None:
        """Whatever is due waits so many seconds, without having been offered."""
        with transaction(self._connection) as connection:
            connection.execute(
                "UPDATE letter SET reason = ?, due = ? WHERE state = 'waiting' AND (due <= ? OR due > ?)",
                (reason, now + wait, now, now + RETRIES[-1]),
            )

    def _put_off(self, which: str, value: int, reason: str, now: int) -> None:
        waits = " ".join(f"WHEN {attempts} THEN {wait}" for attempts, wait in enumerate(RETRIES[:-1]))
        with transaction(self._connection) as connection:
            connection.execute(
                "UPDATE letter SET reason = ?2, attempts = attempts + 1, "
                f"due = ?3 + CASE attempts {waits} ELSE {RETRIES[-1]} END WHERE state = 'waiting' AND {which}",
                (value, reason, now),
            )

    def retry(self, now: int, sending: int | None = None) -> None:
        """Offer at once what waits; of ``sending``, what failed too."""
        with transaction(self._connection) as connection:
            if sending is None:
                connection.execute("UPDATE letter SET due = ? WHERE state = 'waiting'", (now,))
            else:
                connection.execute(
                    "UPDATE letter SET state = 'waiting', due = ?, attempts = 0, ended = NULL "
                    "WHERE state <> 'handed' AND sending_id = ?",
                    (now, sending),
                )

    def give_up(self, sending: int, reason: str, now: int) -> None:
        """End what of it still waits."""
        with transaction(self._connection) as connection:
            connection.execute(
                "UPDATE letter SET state = 'failed', reason = ?, ended = ? WHERE state = 'waiting' AND sending_id = ?",
                (reason, now, sending),
            )

    def forget(self, sending: int) -> None:
        """Remove what ended from the list."""
        with transaction(self._connection) as connection:
            connection.execute(
                "DELETE FROM sending WHERE id = ? AND NOT EXISTS "
                "(SELECT 1 FROM letter WHERE sending_id = sending.id AND state = 'waiting')",
                (sending,),
            )

    def _end(self, letter: int, state: LetterState, reason: str, now: int) -> None:
        with transaction(self._connection) as connection:
            connection.execute(
                "UPDATE letter SET state = ?, reason = ?, ended = ?, attempts = attempts + 1 WHERE id = ?",
                (state.value, reason, now, letter),
            )
