"""The one transaction of the product: drafts become submissions, debited and queued, or refusals."""

from collections.abc import Sequence

import attrs
from sqlalchemy import Connection

from ..model.ledger import SPENT, LedgerEntry, Reason
from ..model.message import State
from ..model.refusal import ACCOUNT_CHANGED, AccountChanged, Code, DailyLimit, Refusal
from ..model.submission import Acceptance, Composed, Submission
from . import bulk, duplicates, ledger, sharing, tally
from .schema import account, message, submission

Decision = Submission | Refusal | AccountChanged


@attrs.define
class _Standing:
    """What an account has while a batch is decided."""

    version: int
    purse: int
    balance: int


@attrs.define
class _Accepted:
    acceptance: Acceptance
    messages: list[Composed]
    segments: int
    credits: int
    purse: int

    @property
    def duplicates(self) -> int:
        return len(self.acceptance.messages) - len(self.messages)


def accept(connection: Connection, acceptances: Sequence[Acceptance]) -> list[Decision]:
    """Decide each of ``acceptances`` in turn, and record those that pass: a batch function.

    The result is in their order. All or nothing for each: a refusal leaves no trace.
    """
    batch = _Batch(connection, acceptances)
    decisions = [batch.decide(acceptance) for acceptance in acceptances]
    accepted = [decision for decision in decisions if isinstance(decision, _Accepted)]
    submissions = iter(_record(connection, accepted))
    repeats = batch.repeats
    found: list[Decision] = []
    for decision in decisions:
        if isinstance(decision, _Accepted):
            made = next(submissions)
            if decision.acceptance.reference is not None:
                repeats[decision.acceptance.account.id, decision.acceptance.reference] = made
            found.append(made)
        elif isinstance(decision, tuple):
            found.append(attrs.evolve(repeats[decision], gateways=frozenset()))
        else:
            found.append(decision)
    return found


class _Batch:
    """What a batch is decided by: read once, then kept in step as its members are decided."""

    def __init__(self, connection: Connection, acceptances: Sequence[Acceptance]) -> None:
        self._standing = _standing(connection, {acceptance.account.id for acceptance in acceptances})
        self.repeats = repeated(connection, acceptances)
        self._named = set(self.repeats)
        keys = {composed.key for acceptance in acceptances for composed in acceptance.messages}
        self._seen = duplicates.seen(connection, keys)
        # after the accounts, which are held by now: so nobody else counts for these senders
        self._allowances = sharing.allowances(connection, {use for one in acceptances if (use := _use(one))})

    def decide(self, acceptance: Acceptance) -> "_Accepted | Refusal | AccountChanged | tuple[int, str]":
        """The decision for the next one; a tuple names the submission that it repeats."""
        standing = self._standing.get(acceptance.account.id)
        if standing is None or standing.version != acceptance.account.version:
            return ACCOUNT_CHANGED
        if acceptance.reference is not None:
            named = (acceptance.account.id, acceptance.reference)
            if named in self._named:
                return named
        if acceptance.refusal is not None:
            return acceptance.refusal
        messages = self._without_duplicates(acceptance)
        if not messages:
            return Refusal(Code.DUPLICATE)
        credits_ = sum(composed.credits for composed in messages)
        hindrance = self._spend(acceptance, credits_, standing)
        if hindrance is not None:
            return hindrance
        self._seen.update((composed.key, acceptance.created) for composed in messages)
        if acceptance.reference is not None:
            self._named.add((acceptance.account.id, acceptance.reference))
        segments = sum(composed.segments for composed in messages)
        return _Accepted(acceptance, messages, segments, credits_, standing.purse)

    def _spend(self, acceptance: Acceptance, credits_: int, standing: _Standing) -> Refusal | AccountChanged | None:
        """Take credits off what may be used of the purse; or why not."""
        use = _use(acceptance)
        if use is not None and use not in self._allowances:
            # its domain is shared no longer: whoever decided by it asks again
            return ACCOUNT_CHANGED
        allowance = None if use is None else self._allowances[use]
        if allowance is not None and credits_ > allowance.left:
            return Refusal(Code.NO_CREDIT, DailyLimit(allowance.limit))
        if credits_ > standing.balance:
            return Refusal(Code.NO_CREDIT)
        standing.balance -= credits_
        if allowance is not None:
            allowance.left -= credits_
        return None

    def _without_duplicates(self, acceptance: Acceptance) -> list[Composed]:
        if not acceptance.account.options.duplicates:
            return list(acceptance.messages)
        seen, at = self._seen, acceptance.created
        return [composed for composed in acceptance.messages if not duplicates.repeats(seen, composed.key, at)]


def _use(acceptance: Acceptance) -> sharing.Use | None:
    sender = acceptance.sender
    return None if sender is None else (acceptance.account.id, sender.day, sender.address)


def _standing(connection: Connection, accounts: set[int]) -> dict[int, _Standing]:
    statement = (
        "SELECT account.id, account.version, purse.id, purse.balance "
        "FROM account JOIN purse ON purse.account_id = account.id "
        "WHERE account.id {among} AND NOT account.disabled ORDER BY purse.id "
    )
    rows = bulk.select(connection, statement + bulk.locking(connection), accounts, account.c.id)
    return {row[0]: _Standing(row[1], row[2], row[3]) for row in rows}


def repeated(connection: Connection, acceptances: Sequence[Acceptance]) -> dict[tuple[int, str], Submission]:
    """The submissions that the client references of ``acceptances`` name, by account and reference."""
    named = {
        (acceptance.account.id, acceptance.reference)
        for acceptance in acceptances
        if acceptance.reference is not None
    }
    statement = (
        "SELECT account_id, reference, id, code, messages, credits, duplicates, empty, due "
        "FROM submission WHERE reference {among}"
    )
    rows = bulk.select(connection, statement, {reference for _, reference in named}, submission.c.reference)
    return {
        (row[0], row[1]): Submission(
            id=row[2], code=Code(row[3]), messages=row[4], credits=row[5], duplicates=row[6], empty=row[7], due=row[8]
        )
        for row in rows
        if (row[0], row[1]) in named
    }


_SUBMISSION = (
    *("id", "account_id", "channel", "reference", "destination", "text", "created", "due", "code"),
    *("format", "validity", "messages", "segments", "credits", "duplicates", "empty", "day", "sender"),
)
_MESSAGE = (
    *("id", "submission_id", "number", "typed", "text", "coding", "segments", "credits", "format", "priority"),
    *("gateway", "state", "due", "deadline", "account_id"),
)


def _record(connection: Connection, accepted: Sequence[_Accepted]) -> list[Submission]:
    if not accepted:
        return []
    ids = bulk.next_ids(connection, submission, len(accepted))
    message_ids = iter(bulk.next_ids(connection, message, sum(len(one.messages) for one in accepted)))
    made = [_submission(id_, one) for id_, one in zip(ids, accepted, strict=True)]
    pairs = list(zip(made, accepted, strict=True))
    bulk.insert(connection, submission, _SUBMISSION, [_submission_row(*pair) for pair in pairs])
    rows = [
        _message_row(next(message_ids), id_, one.acceptance, composed)
        for id_, one in zip(ids, accepted, strict=True)
        for composed in one.messages
    ]
    bulk.insert(connection, message, _MESSAGE, rows)
    # two of one batch may share a key where the account does not mind duplicates
    keys = {composed.key: one.acceptance.created for one in accepted for composed in one.messages}
    duplicates.remember(connection, keys.items())
    debits = [
        LedgerEntry(one.acceptance.created, Reason.DEBIT, str(made_.id), one.purse, SPENT, made_.credits)
        for made_, one in pairs
    ]
    ledger.record(connection, debits)
    tally.add(connection, _counts(accepted))
    sharing.note(connection, _uses(accepted))
    return made


def _uses(accepted: Sequence[_Accepted]) -> dict[sharing.Use, tuple[int, int]]:
    uses: dict[sharing.Use, tuple[int, int]] = {}
    for one in accepted:
        if (use := _use(one.acceptance)) is not None:
            messages, credits_ = uses.get(use, (0, 0))
            uses[use] = messages + len(one.messages), credits_ + one.credits
    return uses


def _counts(accepted: Sequence[_Accepted]) -> dict[tally.Key, tally.Count]:
    counts: dict[tally.Key, tally.Count] = {}
    for one in accepted:
        key = one.acceptance.account.id, one.acceptance.day, tally.Outcome.ACCEPTED
        messages, segments, credits_ = counts.get(key, (0, 0, 0))
        counts[key] = messages + len(one.messages), segments + one.segments, credits_ + one.credits
    return counts


def _submission(id_: int, one: _Accepted) -> Submission:
    return Submission(
        id=id_,
        code=Code.DEFERRED if one.acceptance.deferred else Code.SENT,
        messages=len(one.messages),
        credits=one.credits,
        duplicates=one.duplicates,
        empty=one.acceptance.empty,
        due=one.acceptance.due,
        gateways=frozenset(composed.gateway for composed in one.messages),
    )


def _submission_row(made: Submission, one: _Accepted) -> tuple[object, ...]:
    acceptance = one.acceptance
    return (
        made.id,
        acceptance.account.id,
        acceptance.channel.value,
        acceptance.reference,
        acceptance.destination,
        acceptance.text,
        acceptance.created,
        acceptance.due,
        int(made.code),
        acceptance.format.value,
        acceptance.validity,
        made.messages,
        one.segments,
        made.credits,
        made.duplicates,
        made.empty,
        acceptance.day,
        None if acceptance.sender is None else acceptance.sender.address,
    )


def _message_row(id_: int, submission_id: int, acceptance: Acceptance, composed: Composed) -> tuple[object, ...]:
    return (
        id_,
        submission_id,
        composed.number,
        composed.typed,
        composed.text,
        composed.coding.value,
        composed.segments,
        composed.credits,
        acceptance.format.value,
        int(acceptance.priority),
        composed.gateway,
        State.QUEUED.value,
        acceptance.due,
        acceptance.due + acceptance.validity * 3600,
        acceptance.account.id,
    )


def account_of(connection: Connection, submission_id: int) -> int | None:
    """The account of a submission, or None where there is no such one."""
    rows = bulk.query(connection, "SELECT account_id FROM submission WHERE id = ?", submission_id)
    return rows[0][0] if rows else None
