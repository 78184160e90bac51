"""Shared domains on disk: one account's each, and what their addresses used, to the credit."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from smstob.model.account import Account
from smstob.model.refusal import ACCOUNT_CHANGED, Code, DailyLimit, Refusal
from smstob.model.sharing import MOST_DOMAINS, DomainFault, SenderUse, SharedDomain
from smstob.model.submission import Acceptance, Sender, Submission
from smstob.storage import accounts, ledger, sharing, submissions
from smstob.storage.billing_schema import sender_tally
from smstob.storage.engine import Engines
from smstob.storage.schema import submission

from .scenes import DAY, NOW, accept_one, ask, composed, credits_of, open_account, undone
from .test_two_daemons import blocked

TODAY = NOW // DAY
DOMAIN = "mairie.fr"
JEAN, MARIE = f"jean@{DOMAIN}", f"marie@{DOMAIN}"


def wanted(account: Account, domain: str = DOMAIN, limit: int | None = None, **rest: Any) -> sharing.Wanted:
    """A domain that the operator knows to be the account's."""
    values = {"password_hash": "hash", "at": NOW, "proven": True, **rest}
    return sharing.Wanted(account=account.id, domain=domain, daily_limit=limit, **values)


def share(connection: Connection, account: Account, domain: str = DOMAIN, limit: int | None = None) -> Account:
    """Share it without fail; gives the account as it is from then on."""
    assert sharing.share(connection, wanted(account, domain, limit)) is None
    return now(connection, account)


def now(connection: Connection, account: Account) -> Account:
    """The account as it is now."""
    found = accounts.by_id(connection, account.id)
    assert found is not None
    return found


def by(account: Account, sender: str, text: str, credits_: int = 1, day: int = TODAY, **rest: Any) -> Acceptance:
    """What one address of a shared domain would send."""
    return ask(account, composed(account, text, credits_=credits_), sender=Sender(sender, day), **rest)


def decide(connection: Connection, *acceptances: Acceptance) -> list[Any]:
    """What becomes of them, as one batch: codes, or refusals that have a reason."""
    decisions = submissions.accept(connection, acceptances)
    return [one.code if isinstance(one, Submission) else one for one in decisions]


def used(connection: Connection) -> dict[tuple[int, int, str], tuple[int, int]]:
    """Messages and credits, by account, day and sender."""
    rows = connection.execute(select(sender_tally)).all()
    return {(row.account_id, row.day, row.sender): (row.messages, row.credits) for row in rows}


def test_shared(connection: Connection) -> None:
    """What was shared is told, and what its addresses are authenticated by, whatever account they have themselves."""
    account = open_account(connection)
    assert sharing.domains(connection, account.id, TODAY) == []
    assert sharing.secrets_of(connection, DOMAIN) is None
    changed = share(connection, account, limit=5)
    share(connection, account, "autre.fr")
    assert changed.version == account.version + 1
    assert sharing.domains(connection, account.id, TODAY) == [
        SharedDomain(domain="autre.fr", daily_limit=None, created=NOW),
        SharedDomain(domain=DOMAIN, daily_limit=5, created=NOW),
    ]
    found = sharing.secrets_of(connection, DOMAIN)
    assert found == sharing.Shared(now(connection, account), False, "hash")
    assert "hash" not in repr(found)
    assert sharing.secrets_of(connection, f"x.{DOMAIN}") is None
    accounts.set_disabled(connection, account.id, True)
    found = sharing.secrets_of(connection, DOMAIN)
    assert found is not None
    assert found.disabled


@pytest.mark.parametrize(("proven", "domain", "fault"), [
    (False, "exemple.fr", None), (True, "exemple.fr", None), (True, DOMAIN, None),
    (False, DOMAIN, DomainFault.NOT_YOURS), (False, "x.exemple.fr", DomainFault.NOT_YOURS),
    (False, "fr", DomainFault.NOT_YOURS), (False, "", DomainFault.NOT_YOURS),
])  # fmt: skip
def test_whose_it_is(connection: Connection, proven: bool, domain: str, fault: DomainFault | None) -> None:
    """The domain of the account's own address, and no part of it; any that the operator has proven."""
    account = open_account(connection)
    assert sharing.share(connection, wanted(account, domain, proven=proven)) is fault
    assert (now(connection, account) == account) is (fault is not None)


def test_nobody_shares(connection: Connection) -> None:
    """Of an account that there is not nothing is kept."""
    nobody = attrs.evolve(open_account(connection), id=10**9)
    assert sharing.share(connection, wanted(nobody)) is DomainFault.NOT_YOURS
    assert sharing.secrets_of(connection, DOMAIN) is None


def test_one_account_s(connection: Connection) -> None:
    """Another account may neither share nor change it, and is left as it is; until the first shares it no longer."""
    account, other = open_account(connection), open_account(connection)
    share(connection, account)
    assert sharing.share(connection, wanted(other)) is DomainFault.TAKEN
    assert not sharing.change(connection, other.id, DOMAIN, daily_limit=1)
    assert not sharing.unshare(connection, other.id, DOMAIN)
    assert now(connection, other) == other
    assert sharing.unshare(connection, account.id, DOMAIN)
    assert not sharing.unshare(connection, account.id, DOMAIN)
    share(connection, other)


def test_shared_again(connection: Connection) -> None:
    """Whoever sends the form twice has the second password, and the day of the first."""
    account = open_account(connection)
    share(connection, account, limit=5)
    again = wanted(account, password_hash="second", at=NOW + 9)
    assert sharing.share(connection, again) is None
    found = sharing.secrets_of(connection, DOMAIN)
    assert found is not None
    assert found.password_hash == "second"
    (told,) = sharing.domains(connection, account.id, TODAY)
    assert (told.daily_limit, told.created) == (None, NOW)


def test_too_many(connection: Connection) -> None:
    """No more than so many; one of them may be shared again, and where one goes another comes."""
    account = open_account(connection)
    for number in range(MOST_DOMAINS):
        share(connection, account, f"x{number}.fr")
    assert sharing.share(connection, wanted(account)) is DomainFault.TOO_MANY
    share(connection, account, "x0.fr", 7)
    sharing.unshare(connection, account.id, "x1.fr")
    share(connection, account)


@pytest.mark.parametrize("change", [
    lambda connection, account: sharing.change(connection, account.id, DOMAIN, daily_limit=9),
    lambda connection, account: sharing.change(connection, account.id, DOMAIN, password_hash="new"),
    lambda connection, account: sharing.unshare(connection, account.id, DOMAIN),
    lambda connection, account: sharing.share(connection, wanted(account)) is None,
])  # fmt: skip
def test_changes_are_noticed(connection: Connection, change: Callable[[Connection, Account], bool]) -> None:
    """Each makes another version of the account: whoever decided by the old one is told to look again."""
    account = share(connection, open_account(connection))
    assert change(connection, account)
    assert decide(connection, by(account, JEAN, "a")) == [ACCOUNT_CHANGED]
    assert used(connection) == {}


def test_who_sent_is_kept(connection: Connection) -> None:
    """The submission names its sender, whose use is counted; of the account's own mails nothing is."""
    account = share(connection, open_account(connection, 50))
    own = accept_one(connection, ask(account, composed(account, "own")))
    lot = [composed(account, "b", f"+3361234567{digit}") for digit in range(3)]
    made = accept_one(connection, ask(account, *lot, sender=Sender(JEAN, TODAY)))
    rows = connection.execute(select(submission.c.id, submission.c.sender).order_by(submission.c.id)).all()
    assert [tuple(one) for one in rows] == [(own.id, None), (made.id, JEAN)]
    assert used(connection) == {(account.id, TODAY, JEAN): (3, 3)}
    decide(connection, by(account, JEAN, "c", 2), by(account, MARIE, "d"), by(account, JEAN, "e", day=TODAY + 1))
    assert used(connection) == {
        (account.id, TODAY, JEAN): (4, 5),
        (account.id, TODAY, MARIE): (1, 1),
        (account.id, TODAY + 1, JEAN): (1, 1),
    }
    assert credits_of(connection, account) == 50 - 8


def test_limit(connection: Connection) -> None:
    """To the credit, in one batch and over several; each address and day has its own, and the refusal says why."""
    account = share(connection, open_account(connection, 50), limit=3)
    over = Refusal(Code.NO_CREDIT, DailyLimit(3))
    assert decide(
        connection,
        *(by(account, JEAN, "a", 2), by(account, JEAN, "b", 2), by(account, JEAN, "c"), by(account, JEAN, "d")),
        *(by(account, MARIE, "e", 3), by(account, MARIE, "f"), by(account, JEAN, "g", day=TODAY + 1)),
    ) == [Code.SENT, over, Code.SENT, over, Code.SENT, over, Code.SENT]
    assert decide(connection, by(account, JEAN, "h"), by(account, JEAN, "i", 2, TODAY + 1)) == [over, Code.SENT]
    assert decide(connection, by(account, JEAN, "j", 4, TODAY + 2)) == [over]
    assert credits_of(connection, account) == 50 - 9
    assert sum(credits_ for _, credits_ in used(connection).values()) == 9


def test_what_the_limit_leaves_alone(connection: Connection) -> None:
    """The account's own submissions, addresses of its other domains, and what is repeated."""
    account = share(connection, share(connection, open_account(connection, 50), limit=1), "autre.fr")
    first = by(account, JEAN, "a", reference="r")
    assert decide(connection, first) == [Code.SENT]
    assert decide(connection, first, ask(account, composed(account, "b", credits_=9))) == [Code.SENT, Code.SENT]
    assert decide(connection, by(account, "jean@autre.fr", "c", 9)) == [Code.SENT]
    assert credits_of(connection, account) == 50 - 19


def test_limit_that_is_changed(connection: Connection) -> None:
    """What was used counts under the new one: lowered, it closes; raised, or gone, it opens."""
    account = share(connection, open_account(connection, 50), limit=3)
    assert decide(connection, by(account, JEAN, "a", 3)) == [Code.SENT]
    for limit, decision in ((1, Refusal(Code.NO_CREDIT, DailyLimit(1))), (4, Code.SENT), (None, Code.SENT)):
        sharing.change(connection, account.id, DOMAIN, daily_limit=limit)
        assert decide(connection, by(now(connection, account), JEAN, f"b{limit}")) == [decision]


def test_duplicate_and_empty_purse(connection: Connection) -> None:
    """91 comes before the limit; where both the limit and the purse are exceeded the limit is told."""
    account = share(connection, open_account(connection, 2), limit=1)
    assert decide(connection, by(account, JEAN, "a"), by(account, JEAN, "a")) == [Code.SENT, Refusal(Code.DUPLICATE)]
    assert decide(connection, by(account, JEAN, "b", 9)) == [Refusal(Code.NO_CREDIT, DailyLimit(1))]
    sharing.change(connection, account.id, DOMAIN, daily_limit=None)
    assert decide(connection, by(now(connection, account), JEAN, "c", 9)) == [Refusal(Code.NO_CREDIT)]


def test_not_of_a_shared_domain(connection: Connection) -> None:
    """Whoever decided that such a sender may send is told to look again; nothing is sent, whatever the version."""
    account = share(connection, open_account(connection))
    other = share(connection, open_account(connection), "autre.fr")
    strangers = ("jean@x.mairie.fr", "jean@airie.fr", "jean@autre.fr", "jean", "", "@", "%@mairie.fr.", "x" * 300)
    assert decide(connection, *(by(account, one, one) for one in strangers)) == [ACCOUNT_CHANGED] * len(strangers)
    assert decide(connection, by(other, JEAN, "a")) == [ACCOUNT_CHANGED]
    assert used(connection) == {}


def test_use_is_told(connection: Connection) -> None:
    """Of the last 30 days by domain, of any days by sender: who used most first; of this account and domain only."""
    account = share(connection, share(connection, open_account(connection, 500)), "autre.fr")
    other = share(connection, open_account(connection, 500), "x.mairie.fr")
    decide(
        connection,
        *(by(account, JEAN, f"a{ago}", 2, TODAY - ago) for ago in (0, 29, 30)),
        *(by(account, MARIE, "b", 5), by(account, "a@autre.fr", "c", 7), by(other, "a@x.mairie.fr", "d", 9)),
    )
    told = {one.domain: (one.senders, one.credits) for one in sharing.domains(connection, account.id, TODAY)}
    assert told == {"autre.fr": (1, 7), DOMAIN: (2, 9)}
    listed = partial(sharing.senders, connection, account.id)
    marie = SenderUse(sender=MARIE, messages=1, credits=5, last=TODAY)
    assert listed(DOMAIN, TODAY - 30, TODAY) == [SenderUse(sender=JEAN, messages=3, credits=6, last=TODAY), marie]
    assert listed(DOMAIN, TODAY, TODAY) == [marie, SenderUse(sender=JEAN, messages=1, credits=2, last=TODAY)]
    assert [one.sender for one in listed(DOMAIN, -(10**30), 10**30)] == [JEAN, MARIE]
    for nothing in (listed(DOMAIN, TODAY + 1, TODAY), listed("%", 0, TODAY), listed("", 0, TODAY), listed("fr", 0, 9)):
        assert nothing == []
    # what is shared no longer is told no more, but stays known
    sharing.unshare(connection, account.id, DOMAIN)
    assert [one.domain for one in sharing.domains(connection, account.id, TODAY)] == ["autre.fr"]
    assert len(listed(DOMAIN, 0, TODAY)) == 2


asked = st.tuples(st.sampled_from([JEAN, MARIE]), st.integers(1, 4), st.integers(0, 1))


def test_any_order(connection: Connection) -> None:
    """However submissions come together: nobody passes the limit, nobody is refused below it, every credit is told."""

    @settings(max_examples=40, deadline=None)
    @given(batches=st.lists(st.lists(asked, max_size=8), max_size=4), limit=st.one_of(st.none(), st.integers(1, 8)))
    def holds(batches: list[list[tuple[str, int, int]]], limit: int | None) -> None:
        with undone(connection):
            account = share(connection, open_account(connection, 10_000, duplicates=False), limit=limit)
            spent: Counter[tuple[str, int]] = Counter()
            for batch in batches:
                lot = [by(account, sender, "x", credits_, TODAY + day) for sender, credits_, day in batch]
                for (sender, credits_, day), decision in zip(batch, decide(connection, *lot), strict=True):
                    fits = limit is None or spent[sender, day] + credits_ <= limit
                    assert (decision is Code.SENT) is fits
                    spent[sender, day] += credits_ * fits
            told = {(sender, day - TODAY): credits_ for (_, day, sender), (_, credits_) in used(connection).items()}
            assert told == {key: credits_ for key, credits_ in spent.items() if credits_}
            assert credits_of(connection, account) == 10_000 - sum(spent.values())

    holds()


def test_two_accounts_at_once(postgresql_engines: Engines) -> None:
    """Two daemons share one domain for two accounts: the second waits, and is told that it is taken."""
    writer = postgresql_engines.writer
    with writer.begin() as connection:
        first, second = open_account(connection), open_account(connection)
    with writer.begin() as connection:
        assert sharing.share(connection, wanted(first)) is None
        with blocked(postgresql_engines, lambda other: sharing.share(other, wanted(second))) as outcome:
            connection.commit()
            assert outcome.result(10) is DomainFault.TAKEN
    with writer.begin() as connection:
        found = sharing.secrets_of(connection, DOMAIN)
        assert found is not None
        assert found.account.id == first.id
        assert now(connection, second) == second


def test_many_at_once(engines: Engines) -> None:
    """Eight writers share one domain for eight accounts: one has it, the others are told; nothing fails."""
    with engines.writer.begin() as connection:
        opened = [open_account(connection) for _ in range(8)]

    def work(account: Account) -> DomainFault | None:
        with engines.writer.begin() as connection:
            return sharing.share(connection, wanted(account))

    with ThreadPoolExecutor(4) as threads:
        decided = list(threads.map(work, opened))
    assert sorted(map(str, decided)) == ["None", *["taken"] * 7]


def test_last_domain_at_once(engines: Engines) -> None:
    """Four writers share four more domains of an account that has room for one: one is shared."""
    with engines.writer.begin() as connection:
        account = open_account(connection)
        for number in range(MOST_DOMAINS - 1):
            share(connection, account, f"x{number}.fr")

    def work(domain: str) -> DomainFault | None:
        with engines.writer.begin() as connection:
            return sharing.share(connection, wanted(account, domain))

    with ThreadPoolExecutor(4) as threads:
        decided = list(threads.map(work, ["a.fr", "b.fr", "c.fr", "d.fr"]))
    assert sorted(map(str, decided)) == ["None", *["too-many"] * 3]


def test_last_domain_of_two_daemons(postgresql_engines: Engines) -> None:
    """Likewise, where the other daemon has not committed: the second waits for it."""
    writer = postgresql_engines.writer
    with writer.begin() as connection:
        account = open_account(connection)
        for number in range(MOST_DOMAINS - 1):
            share(connection, account, f"x{number}.fr")
    with writer.begin() as connection:
        share(connection, account, "a.fr")
        with blocked(postgresql_engines, lambda other: sharing.share(other, wanted(account, "b.fr"))) as outcome:
            connection.commit()
            assert outcome.result(10) is DomainFault.TOO_MANY


def test_limit_at_once(engines: Engines) -> None:
    """Forty submissions of one address by four writers: as many pass as the limit allows."""
    with engines.writer.begin() as connection:
        account = share(connection, open_account(connection, 1_000), limit=15)

    def work(number: int) -> int:
        with engines.writer.begin() as connection:
            asked = [by(account, JEAN, f"{number}.{nth}") for nth in range(4)]
            return decide(connection, *asked).count(Code.SENT)

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(work, range(10))) == 15
    with engines.reader.begin() as connection:
        assert used(connection) == {(account.id, TODAY, JEAN): (15, 15)}
        assert ledger.balance_of(connection, account.id) == 985


def test_unshared_meanwhile(postgresql_engines: Engines) -> None:
    """A mail that another daemon decides while the domain is being unshared waits, and is to be looked at again."""
    writer = postgresql_engines.writer
    with writer.begin() as connection:
        account = share(connection, open_account(connection))
    with writer.begin() as connection:
        assert sharing.unshare(connection, account.id, DOMAIN)
        with blocked(postgresql_engines, lambda other: decide(other, by(account, JEAN, "a"))) as outcome:
            connection.commit()
            assert outcome.result(10) == [ACCOUNT_CHANGED]
