"""Log-in and sessions: by the password alone, each time by a new token, and only while the account is open."""

from collections.abc import Callable

import pytest
from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs

from smstob.accounts.entrance import AGENT as MOST_OF_AN_AGENT
from smstob.accounts.entrance import SEEN_EVERY
from smstob.model.access import SESSION_IDLE, SESSION_LASTS, Hindrance, Opened
from smstob.model.account import Account
from smstob.storage import accounts
from smstob.storage.database import Unavailable
from tests.house import ADDRESS, EMAIL, NOW, PASSWORD, House, outcome_of, password_hash

from .scene import AGENT, ELSEWHERE, close_account, log_in, session, shown, try_to_log_in


def test_session(house: House, account: Account) -> None:
    """By its token: who, from where, with what; the token is in no representation."""
    opened = log_in(house, email=f" {EMAIL.upper()}")
    found = session(house, opened.token)
    assert found == opened.session
    assert (found.account.id, found.network, found.agent, found.pending) == (account.id, ADDRESS, AGENT, False)
    assert (found.created, found.seen) == (NOW, NOW)
    assert opened.token not in repr(opened)
    assert len(opened.token) >= 43


def test_token_is_not_kept(house: House, account: Account) -> None:
    """Who reads the database can show nothing of what he finds there."""
    opened = log_in(house)
    house.engines.dispose()
    content = b"".join(path.read_bytes() for path in house.path.parent.iterdir() if path.is_file())
    assert AGENT.encode() in content
    assert opened.token.encode() not in content


def test_every_log_in_is_another_token(house: House, account: Account) -> None:
    """Whatever the browser had before is not taken up (fixation)."""
    tokens = {log_in(house).token for _ in range(5)}
    assert len(tokens) == 5
    assert len(outcome_of(house.profile.sessions(account.id))) == 5


@pytest.mark.parametrize("token", ["", "x", "\0", "é", "\ud800", "x" * 1_000_000, "' OR 1=1 --", "%", "None"])
def test_tokens_that_never_were(house: House, account: Account, token: str) -> None:
    """Are nobody's, and end nothing."""
    opened = log_in(house)
    assert session(house, token) is None
    assert outcome_of(house.entrance.log_out(token)) is None
    assert outcome_of(house.entrance.confirm(token, "000000", ADDRESS, AGENT)) is Hindrance.BAD_CREDENTIALS
    assert session(house, opened.token) is not None


def test_log_out(house: House, account: Account) -> None:
    """That session ends and no other; its token is worth nothing, however often it is shown again."""
    one, two = log_in(house), log_in(house)
    assert outcome_of(house.entrance.log_out(one.token)) is None
    assert outcome_of(house.entrance.log_out(one.token)) is None
    assert session(house, one.token) is None
    assert session(house, two.token) is not None


@pytest.mark.parametrize(
    ("secret", "email"),
    [
        ("wrong", EMAIL),
        ("", EMAIL),
        (PASSWORD, "personne@exemple.fr"),
        (PASSWORD, ""),
        (PASSWORD.lower(), EMAIL),
        (f"{PASSWORD} ", EMAIL),
        ("\ud800\0", EMAIL),
        (PASSWORD, "\ud800' OR 1=1 --"),
        ("x" * 1_000_000, EMAIL),
        (PASSWORD, "x" * 1_000_000),
    ],
)
def test_refused(house: House, account: Account, secret: str, email: str) -> None:
    """One answer for all that is wrong, and no session."""
    assert try_to_log_in(house, secret, email) is Hindrance.BAD_CREDENTIALS
    assert outcome_of(house.profile.sessions(account.id)) == []


def test_closed_account(house: House, account: Account) -> None:
    """Nobody is told that it is closed; in the middle of a session it ends at once, and for good."""
    opened = log_in(house)
    close_account(house, account)
    assert try_to_log_in(house) is Hindrance.BAD_CREDENTIALS
    assert session(house, opened.token) is None
    assert outcome_of(house.profile.profile(account.id)) is None
    house.write(lambda connection: accounts.set_disabled(connection, account.id, disabled=False))
    assert session(house, opened.token) is None


def test_sending_keys_open_nothing(house: House, account: Account) -> None:
    """A right one is refused as a wrong one is; programs go on sending by it."""
    key = outcome_of(house.profile.add_key(account.id, "boutique"))
    assert not isinstance(key, Hindrance)
    assert isinstance(outcome_of(house.authenticator.authenticate(shown(key))), Account)
    for secret in (key, "cle-" + "0" * 32, "cle-"):
        assert try_to_log_in(house, secret) is Hindrance.BAD_CREDENTIALS
    assert outcome_of(house.profile.sessions(account.id)) == []


def test_guesses_are_counted(house: House, account: Account) -> None:
    """With those of the other doors; then even the right password is not looked at, but where it worked before."""
    log_in(house, address=ELSEWHERE)
    answers = [try_to_log_in(house, f"wrong {nth}") for nth in range(15)]
    assert answers == [Hindrance.BAD_CREDENTIALS] * 10 + [Hindrance.TOO_MANY] * 5
    assert try_to_log_in(house) is Hindrance.TOO_MANY
    log_in(house, address=ELSEWHERE)
    house.advance(900, 10)
    log_in(house)


def test_account_that_changes_meanwhile(house: House, account: Account) -> None:
    """Who shows the old password while a new one is set gets no session; who only changed an option does."""
    house.workers.held = True
    waiting = Deferred.fromCoroutine(house.entrance.log_in(shown(), AGENT))
    house.write(lambda connection: accounts.set_options(connection, account.id, {"validity": 3}))
    house.workers.go()
    assert isinstance(outcome_of(waiting), Opened)
    house.workers.held = True
    waiting = Deferred.fromCoroutine(house.entrance.log_in(shown(), AGENT))
    house.write(lambda connection: accounts.set_password(connection, account.id, password_hash("another")))
    house.workers.go()
    assert outcome_of(waiting) is Hindrance.BAD_CREDENTIALS
    assert outcome_of(house.profile.sessions(account.id)) == []


def test_account_that_never_stands_still(house: House, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is not tried for ever."""
    authenticate = house.authenticator.authenticate

    async def change_after(*arguments: object) -> object:
        known = await authenticate(*arguments)  # type: ignore[arg-type]
        house.write(lambda connection: accounts.set_options(connection, account.id, {}))
        return known

    monkeypatch.setattr(house.authenticator, "authenticate", change_after)
    assert try_to_log_in(house) is Hindrance.UNAVAILABLE


def test_idle_and_old(house: House, account: Account) -> None:
    """Half a day without a request ends it; requests keep it, a month at most."""
    idle, busy = log_in(house), log_in(house)
    house.clock.advance(SESSION_IDLE - 1)
    assert session(house, busy.token) is not None
    house.clock.advance(1)
    assert session(house, idle.token) is None
    while house.now < NOW + SESSION_LASTS - 3600:
        assert session(house, busy.token) is not None
        house.clock.advance(3600)
    assert session(house, busy.token) is not None
    house.clock.advance(3600)
    assert session(house, busy.token) is None


def test_requests_are_noted_now_and_then(house: House, account: Account) -> None:
    """Not each one: a page does not wait for the disk."""
    opened = log_in(house)
    house.clock.advance(SEEN_EVERY - 1)
    for _ in range(3):
        found = session(house, opened.token)
        assert found is not None
        assert found.seen == NOW
    house.clock.advance(1)
    assert session(house, opened.token) is not None
    found = session(house, opened.token)
    assert found is not None
    assert found.seen == NOW + SEEN_EVERY


def test_clock_set_back(house: House, account: Account) -> None:
    """Nobody is thrown out, and nobody stays longer for it."""
    house.clock.advance(365 * 86_400)
    opened = log_in(house)
    house.clock.rightNow = float(NOW)
    assert session(house, opened.token) is not None
    house.clock.advance(SESSION_IDLE)
    assert session(house, opened.token) is None


def test_pruned(house: House, account: Account) -> None:
    """What has ended is forgotten within the hour or so; what is open is not."""
    log_in(house)
    house.clock.advance(SESSION_IDLE)
    kept = log_in(house)
    house.advance(3700, 1)
    rows = house.read(lambda connection: connection.exec_driver_sql("SELECT id FROM session").scalars().all())
    assert rows == [kept.session.id]


def test_what_browsers_say_of_themselves(house: House, account: Account) -> None:
    """It is bounded, and of what a database can keep."""
    opened = outcome_of(house.entrance.log_in(shown(), "a\0\ud800é" + "x" * 10_000))
    assert isinstance(opened, Opened)
    assert opened.session.agent.startswith("aéx")
    assert len(opened.session.agent) <= MOST_OF_AN_AGENT
    assert session(house, opened.token) == opened.session


@pytest.mark.parametrize(
    "ask",
    [
        lambda house: house.entrance.log_in(shown(), AGENT),
        lambda house: house.entrance.session("token"),
        lambda house: house.entrance.confirm("token", "000000", ADDRESS, AGENT),
        lambda house: house.entrance.log_out("token"),
        lambda house: house.entrance.recover(EMAIL, ADDRESS),
        lambda house: house.entrance.link_is_good("token"),
        lambda house: house.entrance.reset("token", PASSWORD, ADDRESS),
    ],
)
def test_database_away(house: House, account: Account, ask: Callable[[House], "Deferred[object]"]) -> None:
    """Whoever asks hears it, and nothing happened: the session that was open is."""
    opened = log_in(house)
    house.database.away = True
    with pytest.raises(Unavailable):
        outcome_of(ask(house))
    house.database.away = False
    house.advance(5)
    assert house.courier.tries == []
    assert [one.id for one in outcome_of(house.profile.sessions(account.id))] == [opened.session.id]


def test_writer_away(house: House, account: Account) -> None:
    """Who can be read of goes on looking at his pages, though it cannot be noted that he did."""
    opened = log_in(house)
    house.clock.advance(SEEN_EVERY)
    house.workers.held = True
    found = session(house, opened.token)
    assert found is not None
    assert found.seen == NOW


def test_the_log(house: House, account: Account) -> None:
    """Who came from where; nothing that he showed, nothing that he got."""
    with capturedLogs() as events:
        opened = log_in(house, address="2001:db8::1")
        try_to_log_in(house, "a wrong one")
        house.advance(1)
    (noted,) = [one for one in events if "logged in" in one["log_format"]]
    assert (noted["account"], noted["network"]) == (account.id, "2001:db8::/64")
    assert not [secret for secret in (PASSWORD, "a wrong one", opened.token) if secret in str(events)]
