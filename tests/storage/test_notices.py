"""What is owed to senders: once, by their account's options, and until it is told."""

from typing import Any

import pytest
from sqlalchemy import Connection, select

from smstob.model.account import Account, Confirmations, Format
from smstob.model.draft import Channel
from smstob.model.message import State
from smstob.model.notice import Accepted, Decided, Failure, Kind, Line, Verdict
from smstob.model.refusal import Code
from smstob.storage import notices, queue, receipts, sections, settlement
from smstob.storage.schema import notice

from .scenes import (
    NOW,
    accept_one,
    ask,
    claim,
    composed,
    message_ids,
    open_account,
    receipt,
    row,
    send,
    settled,
)

LATER = NOW + 3600
REFUSED = Line(destination="0123456789", code=Code.BAD_NUMBER)


def mail(account: Account, *lines: Line, key: str = "k", **changes: Any) -> tuple[Decided, int]:
    """A mail of the account's that became those lines."""
    told = {"email": account.email, "recipient": account.email, "thread": "<a@b.fr>", **changes}
    return Decided(key=key, lines=lines, **told), NOW


def line(submission: int, destination: str = "0612345678", code: Code = Code.SENT) -> Line:
    """A recipient that was accepted."""
    return Line(destination=destination, code=code, submission=submission)


def submitted(connection: Connection, account: Account, *texts: str, **changes: Any) -> int:
    """A submission by mail with a message for each text; gives its id."""
    messages = [composed(account, text, number=f"+3361234560{place}") for place, text in enumerate(texts or ("a",))]
    return accept_one(connection, ask(account, *messages, channel=Channel.MAIL, **changes)).id


def owed(connection: Connection, now: int = LATER) -> list[notices.Owed]:
    """All that is due."""
    return notices.claim(connection, now, now + 600, 100)


def rows(connection: Connection) -> list[Any]:
    """Every notice."""
    return list(connection.execute(select(notice).order_by(notice.c.id)))


@pytest.mark.parametrize(
    ("wanted", "refusals", "kinds"),
    [
        (Confirmations.ALL, 0, [Kind.ACCEPTED, Kind.ENDED]),
        (Confirmations.ALL, 1, [Kind.ACCEPTED, Kind.ENDED]),
        (Confirmations.ERRORS, 0, [Kind.ENDED]),
        (Confirmations.ERRORS, 1, [Kind.ACCEPTED, Kind.ENDED]),
        (Confirmations.NONE, 1, []),
    ],
)
def test_what_is_owed_by_the_options(
    connection: Connection, wanted: Confirmations, refusals: int, kinds: list[Kind]
) -> None:
    """An acknowledgement where all is wanted or something was refused; the end where anything is wanted."""
    account = open_account(connection, 10, confirmations=wanted)
    given = mail(account, line(submitted(connection, account)), *[REFUSED] * refusals, verdict=Verdict.FAIL)
    notices.owe(connection, [given])
    found = owed(connection)
    assert [one.kind for one in found] == kinds
    for one in found:
        assert (one.account, one.recipient, one.thread) == (account.id, account.email, "<a@b.fr>")
        assert one.verdict is (Verdict.FAIL if one.kind is Kind.ACCEPTED else None)
    assert [one.lines for one in found if one.kind is Kind.ACCEPTED] == [given[0].lines] * kinds.count(Kind.ACCEPTED)


def test_owed_once(connection: Connection) -> None:
    """A mail that a relay brings again, in the same batch or after it was told, is owed nothing more."""
    account = open_account(connection, 10)
    given = mail(account, line(submitted(connection, account)))
    notices.owe(connection, [given, given])
    assert len(rows(connection)) == 2
    notices.told(connection, [one.id for one in rows(connection)], NOW)
    notices.owe(connection, [given])
    assert len(rows(connection)) == 2
    assert owed(connection) == []


def test_owed_to_nobody(connection: Connection) -> None:
    """An account that is gone is owed nothing, and the others of the batch what they are."""
    account = open_account(connection, 10)
    given = mail(account, line(submitted(connection, account)))
    stranger = mail(account, REFUSED, key="other", email="nobody@b.fr")
    assert notices.owe(connection, [stranger, given]) == [None, None]
    assert {one.recipient for one in rows(connection)} == {account.email}
    assert notices.owe(connection, []) == []


def test_claims(connection: Connection) -> None:
    """The earliest due first, each to one claimant until its lease ends; never what was told."""
    account = open_account(connection, 10)
    deferred = submitted(connection, account, "later", due=LATER)
    notices.owe(connection, [mail(account, line(deferred, code=Code.DEFERRED), line(submitted(connection, account)))])
    first = notices.claim(connection, NOW + 2, NOW + 600, 100)
    assert [(one.kind, one.since) for one in first] == [(Kind.ACCEPTED, NOW), (Kind.ENDED, NOW)]
    assert notices.claim(connection, NOW + 599, NOW + 1200, 100) == []
    notices.told(connection, [first[0].id], NOW + 3)
    assert [one.id for one in notices.claim(connection, NOW + 600, NOW + 1200, 100)] == [first[1].id]
    late = notices.claim(connection, LATER + 2, LATER + 9, 1)
    assert len(late) == 1
    assert [one.since for one in notices.claim(connection, LATER + 2, LATER + 9, 100)] == [LATER]


def test_postponed_retried_and_told(connection: Connection) -> None:
    """A look counts no attempt, a try does; what was told keeps why it was not carried, until it is pruned."""
    account = open_account(connection, 10)
    notices.owe(connection, [mail(account, line(submitted(connection, account)))])
    acknowledged, ended = owed(connection)
    notices.postpone(connection, [(ended.id, LATER + 5)])
    notices.retry(connection, [acknowledged.id], LATER + 5, 70_000, "muet")
    again = owed(connection, LATER + 5)
    assert {one.id: one.attempts for one in again} == {acknowledged.id: 32_767, ended.id: 0}
    notices.told(connection, [acknowledged.id], LATER + 6, "non")
    notices.postpone(connection, [(acknowledged.id, LATER)])
    notices.retry(connection, [acknowledged.id], LATER, 1, "x")
    kept = rows(connection)[0]
    assert (kept.told_at, kept.error, kept.attempts) == (LATER + 6, "non", 32_767)
    assert notices.prune(connection, LATER + 6) == 0
    assert notices.prune(connection, LATER + 7) == 1
    assert [one.id for one in rows(connection)] == [ended.id]


def test_no_id_comes_again(connection: Connection) -> None:
    """Not even where all was told long ago: a mail program that keeps old letters would take the new one for one."""
    account = open_account(connection)
    for key in ("a", "b"):
        notices.owe_private(connection, Kind.RECOVERY, account.id, account.email, key, NOW)
    last = max(one.id for one in rows(connection))
    notices.told(connection, [one.id for one in rows(connection)], NOW)
    assert notices.prune(connection, LATER) == 1
    notices.owe_private(connection, Kind.RECOVERY, account.id, account.email, "c", NOW)
    assert max(one.id for one in rows(connection)) > last
    assert notices.prune(connection, LATER) == 1


@pytest.mark.parametrize("wanted", list(Confirmations))
def test_owed_about_something(connection: Connection, wanted: Confirmations) -> None:
    """Whatever the options say; once for its key, told or not, and with what it is about."""
    account = open_account(connection, confirmations=wanted)
    for about in ("F2026-000001", "F2026-000002"):
        notices.owe_about(connection, Kind.INVOICED, account.id, "a@b.fr", about, "k", NOW)
    (one,) = owed(connection)
    assert (one.kind, one.account, one.recipient, one.about) == (Kind.INVOICED, account.id, "a@b.fr", "F2026-000001")
    assert (one.thread, one.submission, one.lines, one.since) == (None, None, (), NOW)
    notices.told(connection, [one.id], NOW)
    notices.owe_about(connection, Kind.INVOICED, account.id, "a@b.fr", "F2026-000001", "k", LATER)
    assert len(rows(connection)) == 1
    assert owed(connection, LATER) == []


def test_about_nothing(connection: Connection) -> None:
    """What needs no more than the account is about nothing."""
    account = open_account(connection)
    notices.owe_private(connection, Kind.RECOVERY, account.id, account.email, "a", NOW)
    assert [one.about for one in owed(connection)] == [""]


def test_held_by_its_claimant_only(connection: Connection) -> None:
    """Until it was told, or another claimed it."""
    account = open_account(connection)
    notices.owe_private(connection, Kind.RECOVERY, account.id, account.email, "a", NOW)
    notices.owe_private(connection, Kind.RECOVERY, account.id, account.email, "a", NOW)
    (mine,) = notices.claim(connection, NOW, NOW + 60, 10)
    assert mine.until == NOW + 60
    assert notices.hold(connection, mine, NOW + 90)
    assert not notices.hold(connection, mine, NOW + 90)
    (theirs,) = notices.claim(connection, NOW + 90, NOW + 150, 10)
    assert not notices.hold(connection, mine, NOW + 200)
    notices.told(connection, [theirs.id], NOW + 91)
    assert not notices.hold(connection, theirs, NOW + 200)


def test_acknowledgement(connection: Connection) -> None:
    """Each recipient as it was answered, what it cost, and what is left now."""
    account = open_account(connection, 10)
    group = submitted(connection, account, "a", "b", due=LATER, destination="Clients")
    lines = (line(group, "Clients", Code.DEFERRED), line(submitted(connection, account, "c")), REFUSED)
    notices.owe(connection, [mail(account, *lines, verdict=Verdict.PASS)])
    told = sections.acknowledgement(connection, owed(connection)[0])
    assert told.lines == (
        Accepted(destination="Clients", code=Code.DEFERRED, messages=2, segments=2, credits=2, due=LATER),
        Accepted(destination="0612345678", code=Code.SENT, messages=1, segments=1, credits=1),
        Accepted(destination="0123456789", code=Code.BAD_NUMBER),
    )
    assert (told.balance, told.verdict) == (7, Verdict.PASS)


def test_outcome(connection: Connection) -> None:
    """None until every message has ended; then counts, reasons by number as typed, and what was given back."""
    account = open_account(connection, 10)
    submission = submitted(connection, account, *"abcde", destination="Clients")
    ids = message_ids(connection, submission)
    assert sections.outcome(connection, submission) is None
    claim(connection)
    ends = (State.HANDED, State.HANDED, State.REJECTED, State.EXPIRED, State.UNKNOWN)
    for id_, end in zip(ids, ends, strict=True):
        parts = [f"r{id_}"] if end is State.HANDED else []
        settlement.settle(connection, [settled(id_, end, parts, error=f"e{end}")])
    assert sections.outcome(connection, submission) is None
    receipts.receive(connection, [receipt(f"r{ids[0]}"), receipt(f"r{ids[1]}", State.EXPIRED)])
    told = sections.outcome(connection, submission)
    assert told is not None
    assert (told.destination, told.created) == ("Clients", NOW)
    assert (told.delivered, told.failed, told.unknown, told.refunded) == (1, 3, 1, 2)
    reasons = ["Numéro non attribué.", "erejected", "eexpired", "eunknown"]
    numbers = [row(connection, id_).typed for id_ in ids[1:]]
    assert told.failures == tuple(map(Failure, numbers, reasons))


def test_outcome_of_many(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first failures are listed, all are counted."""
    monkeypatch.setattr(sections, "MOST_FAILURES", 3)
    account = open_account(connection, 10)
    submission = submitted(connection, account, *"abcde")
    claim(connection)
    settlement.settle(connection, [settled(id_, State.FAILED) for id_ in message_ids(connection, submission)])
    told = sections.outcome(connection, submission)
    assert told is not None
    assert (told.failed, len(told.failures), told.failures[0].reason) == (5, 3, "")


@pytest.mark.parametrize("channel", list(Channel))
def test_failures_of_other_channels(connection: Connection, channel: Channel) -> None:
    """Who sent by program or page hears of failures, once a submission; a mail's sender is told by what he is owed."""
    account = open_account(connection, 10)
    messages = [composed(account, text, number=f"+3361234560{place}") for place, text in enumerate("abc")]
    made = accept_one(connection, ask(account, *messages, channel=channel))
    ids = message_ids(connection, made.id)
    claim(connection)
    for id_, state in zip(ids, (State.HANDED, State.REJECTED, State.FAILED), strict=True):
        settlement.settle(connection, [settled(id_, state, ["r"] if state is State.HANDED else [])])
    receipts.receive(connection, [receipt("r", State.FAILED)])
    found = owed(connection)
    expected = [] if channel is Channel.MAIL else [(Kind.ENDED, made.id, account.email, None)]
    assert [(one.kind, one.submission, one.recipient, one.thread) for one in found] == expected


def test_every_way_to_fail_is_owed(connection: Connection) -> None:
    """By a gateway's refusal, by the queue's validity, by a receipt, by silence; not by what was delivered."""
    account = open_account(connection, 10)
    refused, expired, failed, silent, delivered = (send(connection, account, text, validity=1) for text in "abcde")
    claim(connection, count_=1)
    settlement.settle(connection, [settled(refused, State.REJECTED)])
    queue.release(connection, [expired], "daemon", NOW)
    assert settlement.expire(connection, [expired], "trop tard", "muet", LATER) == 1
    for id_ in (failed, silent, delivered):
        settlement.settle(connection, [settled(id_, parts=[f"r{id_}"])])
    receipts.receive(connection, [receipt(f"r{failed}", State.FAILED), receipt(f"r{delivered}")])
    receipts.give_up(connection, LATER, "muet", LATER, 100)
    told = {one.submission for one in owed(connection, LATER + 2)}
    assert told == {row(connection, id_).submission_id for id_ in (refused, expired, failed, silent)}


def test_no_failure_is_owed_to_who_wants_none(connection: Connection) -> None:
    """The account's option holds for every channel."""
    account = open_account(connection, 10, confirmations=Confirmations.NONE)
    id_ = send(connection, account)
    claim(connection)
    settlement.settle(connection, [settled(id_, State.REJECTED)])
    assert rows(connection) == []


def test_flash_after_normal_is_no_failure_yet(connection: Connection) -> None:
    """What goes out once more as flash has not ended."""
    account = open_account(connection, 10)
    id_ = send(connection, account, format=Format.NORMAL_THEN_FLASH)
    claim(connection)
    settlement.settle(connection, [settled(id_, parts=["r"])])
    receipts.receive(connection, [receipt("r", State.FAILED)])
    assert row(connection, id_).state == "queued"
    assert rows(connection) == []
