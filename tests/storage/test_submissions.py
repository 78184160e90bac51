"""``accept``: every decision, in its order, alone and among others of its batch."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from smstob.model.account import Account, Format
from smstob.model.ledger import Reason
from smstob.model.refusal import ACCOUNT_CHANGED, Code, Refusal
from smstob.model.submission import Acceptance, Priority, Submission
from smstob.storage import accounts, ledger, submissions
from smstob.storage.engine import Engines
from smstob.storage.schema import duplicate, ledger_entry, message, purse, submission

from .scenes import DAY, NOW, accept_one, ask, composed, credits_of, message_ids, open_account, row, send, undone


def decide(connection: Connection, *acceptances: Acceptance) -> list[Any]:
    """What becomes of them, as one batch: submissions and codes."""
    decisions = submissions.accept(connection, acceptances)
    return [decision.code if isinstance(decision, Refusal) else decision for decision in decisions]


def codes(connection: Connection, *acceptances: Acceptance) -> list[Any]:
    """The same with the codes of submissions."""
    return [one.code if isinstance(one, Submission) else one for one in decide(connection, *acceptances)]


def rows_of(connection: Connection) -> int:
    """How many rows there are of all that an acceptance writes."""
    tables = (submission, message, ledger_entry, duplicate)
    return sum(len(connection.execute(select(table)).all()) for table in tables)


def test_acceptance_is_recorded_whole(connection: Connection) -> None:
    """Submission, messages, debit and balance are what was asked for, to the letter."""
    account = open_account(connection, 10)
    odd = "L'été à 5 € \\ {«😀»} %s ? :x \"NULL\" {}\n,fin"
    first = composed(account, odd, segments=2)
    second = composed(account, "{a,b}", "+33700000000", credits_=3, gateway="autre")
    made = accept_one(
        connection,
        ask(
            account,
            first,
            second,
            due=NOW + 60,
            reference="ré'f",
            destination="clients 😀",
            text=odd,
            format=Format.NORMAL_THEN_FLASH,
            validity=2,
            empty=4,
            priority=Priority.GROUP,
        ),
    )
    gateways = frozenset({"sink", "autre"})
    assert made == Submission(
        id=made.id, code=Code.DEFERRED, messages=2, credits=5, duplicates=0, empty=4, due=NOW + 60, gateways=gateways
    )
    kept = connection.execute(select(submission).where(submission.c.id == made.id)).one()
    assert kept[1:] == (
        *(account.id, "http", "ré'f", "clients 😀", odd, NOW, NOW + 60, 81),
        *("normal+flash", 2, 2, 5, 0, 4, 3, (NOW + 60) // DAY, None),
    )
    one, other = (row(connection, id_) for id_ in message_ids(connection, made.id))
    assert one[1:] == (
        *(made.id, first.number, first.number, odd, "gsm7", 2, 2, "normal+flash", 1, "sink", "queued"),
        *(NOW + 60, NOW + 60 + 7200, None, 0, 0, None, None, None, account.id),
    )
    assert (other.text, other.gateway, other.credits) == ("{a,b}", "autre", 3)
    entry = ledger.movements(connection, account.id, 1)[0]
    assert (entry.reason, entry.reference, entry.amount, entry.at) == ("debit", str(made.id), -5, NOW)
    assert credits_of(connection, account) == 5


def test_changed_or_disabled_account_comes_before_all(connection: Connection) -> None:
    """Whatever else holds, an account that is not as it was decided by is to be read again."""
    account = open_account(connection)
    accept_one(connection, ask(account, composed(account), reference="r"))
    written = rows_of(connection)
    refusal = Refusal(Code.BAD_NUMBER)
    accounts.set_password(connection, account.id, "other")
    assert decide(connection, ask(account, composed(account), reference="r", refusal=refusal)) == [ACCOUNT_CHANGED]
    current = accounts.by_id(connection, account.id)
    assert current is not None
    assert codes(connection, ask(current, composed(current, "autre"))) == [Code.SENT]
    accounts.set_disabled(connection, account.id, disabled=True)
    disabled = attrs.evolve(current, version=current.version + 1)
    nobody = attrs.evolve(current, id=current.id + 999)
    assert decide(connection, ask(disabled), ask(nobody, composed(nobody))) == [ACCOUNT_CHANGED] * 2
    assert rows_of(connection) == written + 4


def test_repeated_reference_comes_before_every_refusal(connection: Connection) -> None:
    """The first submission is told again, whatever the repeat holds, and nothing is written."""
    account = open_account(connection, 1)
    first = accept_one(connection, ask(account, composed(account), reference="r", due=NOW + 60))
    written = rows_of(connection)
    told = attrs.evolve(first, gateways=frozenset())
    repeats = [
        ask(account, composed(account), reference="r"),
        ask(account, refusal=Refusal(Code.BAD_NUMBER), reference="r"),
        ask(account, composed(account, "autre"), reference="r", at=NOW + 10 * DAY),
    ]
    assert decide(connection, *repeats) == [told] * 3
    assert rows_of(connection) == written
    other = open_account(connection)
    assert codes(connection, ask(other, composed(other), reference="r")) == [Code.SENT]


def test_refused_reference_may_be_used_again(connection: Connection) -> None:
    """Only what was accepted has a name; in one batch too."""
    account = open_account(connection, 1)
    bad = ask(account, refusal=Refusal(Code.BAD_DATE), reference="r")
    good = ask(account, composed(account), reference="r")
    assert codes(connection, bad, good, bad) == [Code.BAD_DATE, Code.SENT, Code.SENT]


def test_same_reference_twice_in_one_batch(connection: Connection) -> None:
    """The second gets the first's submission, and one debit stands for both."""
    account = open_account(connection, 5)
    one, two = decide(
        connection,
        ask(account, composed(account), reference="r"),
        ask(account, composed(account, "autre"), reference="r"),
    )
    assert two == attrs.evolve(one, gateways=frozenset())
    assert credits_of(connection, account) == 4


def test_duplicate_comes_before_credit(connection: Connection) -> None:
    """91, then 83: who has no credit left and sends the same again is told 91."""
    account = open_account(connection, 1)
    twice = ask(account, composed(account))
    assert codes(connection, twice, twice, ask(account, composed(account, "autre"))) == [
        *(Code.SENT, Code.DUPLICATE, Code.NO_CREDIT),
    ]
    assert codes(connection, twice, ask(account, refusal=Refusal(Code.TOO_LONG))) == [Code.DUPLICATE, Code.TOO_LONG]


@pytest.mark.parametrize(("later", "code"), [(0, 91), (1, 91), (DAY - 1, 91), (DAY, 80), (DAY + 1, 80), (-60, 91)])
def test_duplicate_for_exactly_a_day(connection: Connection, later: int, code: int) -> None:
    """86,400 seconds after the first it may be sent again, and that one counts from then on."""
    account = open_account(connection)
    send(connection, account)
    assert codes(connection, ask(account, composed(account), at=NOW + later)) == [code]
    if code == Code.SENT:
        assert codes(connection, ask(account, composed(account), at=NOW + later + DAY - 1)) == [Code.DUPLICATE]


def test_duplicate_is_of_account_number_and_text(connection: Connection) -> None:
    """Another of the three is another message."""
    account, other = open_account(connection), open_account(connection)
    asked = [
        ask(account, composed(account)),
        ask(other, composed(other)),
        ask(account, composed(account, number="+33698765432")),
        ask(account, composed(account, "Bonjour.")),
    ]
    assert codes(connection, *asked) == [Code.SENT] * 4


def test_duplicates_may_be_allowed(connection: Connection) -> None:
    """With the option off the same goes out as often as asked, in one batch too, and is still remembered."""
    account = open_account(connection, duplicates=False)
    same = ask(account, composed(account))
    assert codes(connection, same, same) == [Code.SENT] * 2
    accounts.set_options(connection, account.id, {"duplicates": True})
    strict = accounts.by_id(connection, account.id)
    assert strict is not None
    assert codes(connection, ask(strict, composed(strict))) == [Code.DUPLICATE]


def test_group_leaves_out_duplicates(connection: Connection) -> None:
    """They are not sent, not paid, and counted; if all are, it is 91."""
    account = open_account(connection, 4)
    group = [composed(account, number=f"+3361234567{digit}") for digit in range(4)]
    assert codes(connection, ask(account, group[1])) == [Code.SENT]
    made = accept_one(connection, ask(account, *group))
    assert (made.messages, made.credits, made.duplicates) == (3, 3, 1)
    assert credits_of(connection, account) == 0
    assert codes(connection, ask(account, *group), ask(account, *group[:2])) == [Code.DUPLICATE] * 2


def test_price_is_paid_whole_or_not_at_all(connection: Connection) -> None:
    """A group that costs a credit more than there is leaves no trace; one that costs all of it passes."""
    account = open_account(connection, 5)
    group = [composed(account, number=f"+3361234567{digit}", segments=2) for digit in range(3)]
    written = rows_of(connection)
    assert codes(connection, ask(account, *group)) == [Code.NO_CREDIT]
    assert rows_of(connection) == written
    assert codes(connection, ask(account, *group[:2]), ask(account, composed(account))) == [Code.SENT] * 2
    assert credits_of(connection, account) == 0


def test_last_credit_goes_to_the_first(connection: Connection) -> None:
    """Two of one batch want it; the refused one's text may then be sent when there is credit."""
    account = open_account(connection, 1)
    later = ask(account, composed(account, "b"))
    assert codes(connection, ask(account, composed(account, "a")), later) == [Code.SENT, Code.NO_CREDIT]
    ledger.issue(connection, account.id, 1, Reason.TOP_UP, "encore", NOW, "")
    assert codes(connection, later) == [Code.SENT]


def test_ids_grow(connection: Connection) -> None:
    """Ids of submissions and messages are unique and in the order of acceptance, over batches."""
    account = open_account(connection, 1000)
    made = []
    for batch in range(3):
        asked = [
            ask(account, composed(account, f"{batch} {nth}"), composed(account, f"{batch} {nth}", "+33700000000"))
            for nth in range(4)
        ]
        made += [one.id for one in decide(connection, *asked)]
    assert made == sorted(set(made))
    assert len(made) == 12
    ids = [id_ for one in made for id_ in message_ids(connection, one)]
    assert ids == sorted(set(ids))
    assert len(ids) == 24


def test_one_daemon_spends_what_another_sees(postgresql_engines: Engines) -> None:
    """Four writers at once, the same 30 references from each, 20 credits: each reference that passes is paid once."""
    with postgresql_engines.writer.begin() as connection:
        account = open_account(connection, 20)

    def work(_nth: int) -> list[Any]:
        found = []
        for reference in range(30):
            acceptance = ask(account, composed(account, f"{reference}"), reference=f"{reference}")
            with postgresql_engines.writer.begin() as connection:
                found += codes(connection, acceptance)
        return found

    with ThreadPoolExecutor(4) as threads:
        told = [code for codes_ in threads.map(work, range(4)) for code in codes_]
    assert told.count(Code.SENT) == 80
    assert told.count(Code.NO_CREDIT) == 40
    with postgresql_engines.reader.begin() as connection:
        assert credits_of(connection, account) == 0
        assert len(connection.execute(select(submission)).all()) == 20


# a batch is its members one by one


Wish = tuple[int, int, int, int, int, int, int]
"""Account, first number, how many numbers, text, segments, reference, seconds after; all small."""

wishes = st.tuples(
    *(st.integers(0, 3), st.integers(0, 2), st.integers(1, 3), st.integers(0, 1), st.integers(1, 2)),
    *(st.integers(-6, 2), st.sampled_from([0, 1, DAY - 1, DAY])),
)


def asked_for(people: Sequence[Account], wish: Wish) -> Acceptance:
    """The request of a wish; a reference below -3 is a refusal's or a stale account's."""
    who, first, count, text, segments, reference, later = wish
    account = people[who]
    messages = [
        composed(account, f"Texte {text}", f"+336000000{(first + nth) % 3:02}", segments) for nth in range(count)
    ]
    return ask(
        attrs.evolve(account, version=account.version + (reference == -5)),
        *messages,
        at=NOW + later,
        reference=f"réf {reference}" if reference > 0 else None,
        refusal=Refusal(Code.BAD_NUMBER) if reference == -6 else None,
    )


def outcome(connection: Connection, people: Sequence[Account], acceptances: Sequence[Acceptance], lot: int) -> Any:
    """All that is told and written when they are accepted ``lot`` at a time; ids by their rank."""
    with undone(connection):
        told: list[Any] = []
        for start in range(0, len(acceptances), lot):
            told += submissions.accept(connection, acceptances[start : start + lot])
        ids = sorted({one.id for one in told if isinstance(one, Submission)})
        rank = {id_: nth for nth, id_ in enumerate(ids)}
        decisions = [attrs.evolve(one, id=rank[one.id]) if isinstance(one, Submission) else one for one in told]
        messages = connection.execute(select(message).order_by(message.c.id)).all()
        entries = connection.execute(select(ledger_entry).where(ledger_entry.c.reason == "debit")).all()
        return (
            decisions,
            [credits_of(connection, account) for account in people],
            [(rank[one.submission_id], *one[2:]) for one in messages],
            sorted((rank[int(one.reference)], one.at, one.source_id, one.target_id, one.amount) for one in entries),
            sorted(tuple(one) for one in connection.execute(select(duplicate))),
            sorted(tuple(one) for one in connection.execute(select(purse))),
            [one[1:] for one in connection.execute(select(submission).order_by(submission.c.id))],
        )


def test_batch_is_its_members_one_by_one(connection: Connection) -> None:
    """Decisions, balances and every row are the same, however many share a call."""

    # inside, since pytest-twisted breaks a property that is also parametrized
    @settings(deadline=None, max_examples=30)
    @given(drawn=st.lists(wishes, max_size=25), lot=st.integers(2, 25))
    def holds(drawn: list[Wish], lot: int) -> None:
        with undone(connection):
            people = [open_account(connection, credits_, duplicates=on) for credits_, on in _PURSES]
            acceptances = [asked_for(people, wish) for wish in drawn]
            assert outcome(connection, people, acceptances, lot) == outcome(connection, people, acceptances, 1)

    holds()


_PURSES = ((0, True), (3, True), (9, True), (5, False))


def test_three_hundred_of_twenty_accounts(connection: Connection) -> None:
    """A full batch of all kinds, against the same one by one."""
    random = Random(4711)
    pick: Callable[[int, int], int] = random.randint
    people = [open_account(connection, pick(0, 40), duplicates=bool(pick(0, 3))) for _ in range(20)]
    drawn = [
        (pick(0, 19), pick(0, 2), pick(1, 3), pick(0, 3), pick(1, 2), pick(-6, 9), random.choice([0, 1, DAY]))
        for _ in range(300)
    ]
    acceptances = [asked_for(people, wish) for wish in drawn]
    together = outcome(connection, people, acceptances, 300)
    assert together == outcome(connection, people, acceptances, 1)
    assert {type(one) for one in together[0]} == {Submission, Refusal, type(ACCOUNT_CHANGED)}


def test_account_of(connection: Connection) -> None:
    """Whose a submission is."""
    account = open_account(connection)
    made = accept_one(connection, ask(account, composed(account)))
    assert submissions.account_of(connection, made.id) == account.id
    assert submissions.account_of(connection, made.id + 1) is None
