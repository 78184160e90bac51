"""The use case: every code, and what must not happen on the way to it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from twisted.internet.defer import Deferred
from twisted.logger import ILogObserver, LogEvent, eventAsText, globalLogPublisher
from zope.interface import implementer

from smstob.flow.submit import ATTEMPTS, INLINE
from smstob.model.account import Account
from smstob.model.draft import Credentials
from smstob.model.message import State
from smstob.model.refusal import Code, Refusal
from smstob.model.route import Route
from smstob.model.submission import Submission
from smstob.storage import accounts, submissions
from tests.fakes import DownGateway, PromptGateway, TakingGateway
from tests.house import ADDRESS, EMAIL, NOW, NUMBER, PASSWORD, House, numbers, outcome_of, password_hash

TOMORROW = "120003032026"
SECRET_TEXT = "le texte que personne ne doit lire"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house with one rich account and a gateway that is not open yet."""
    made = House(tmp_path / "a.db", recipients=500)
    made.gateway()
    made.account()
    return made


@pytest.fixture
def account(house: House) -> Account:
    """The house's account."""
    found = house.read(lambda connection: accounts.by_email(connection, EMAIL))
    assert found is not None
    return found


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """What is logged, as text."""
    lines: list[str] = []

    @implementer(ILogObserver)
    def note(event: LogEvent) -> None:
        lines.append(eventAsText(event))

    observer = cast("ILogObserver", note)
    globalLogPublisher.addObserver(observer)
    yield lines
    globalLogPublisher.removeObserver(observer)


def credentials(**instead: Any) -> Credentials:
    """The account's, with something else instead."""
    return Credentials(**({"email": EMAIL, "secret": PASSWORD, "address": ADDRESS} | instead))


def test_accepted_now(house: House, account: Account) -> None:
    """80: one message, debited, on disk, due now."""
    made = house.accepted(text="a" * 161)
    assert (made.code, made.messages, made.credits, made.due) == (Code.SENT, 1, 2, NOW)
    (row,) = house.messages()
    assert (row.number, row.typed, row.state, row.due, row.credits) == ("+33612345678", NUMBER, "queued", NOW, 2)
    assert house.balance(account) == 999_998


def test_accepted_for_later(house: House) -> None:
    """81: debited now, due then, and valid from then on."""
    made = house.accepted(when=TOMORROW, validity=2)
    assert (made.code, made.due) == (Code.DEFERRED, NOW + 86_400)
    assert house.messages()[0].deadline == NOW + 86_400 + 7200


@pytest.mark.parametrize(
    ("code", "draft"),
    [
        (Code.NO_EMAIL, {"sender": credentials(email=" ", secret="")}),
        (Code.NO_PASSWORD, {"sender": credentials(secret=""), "destination": ""}),
        (Code.NO_DESTINATION, {"destination": " ", "text": ""}),
        (Code.NO_TEXT, {"text": " \n", "sender": credentials(secret="wrong")}),
        (Code.BAD_CREDENTIALS, {"sender": credentials(secret="wrong"), "destination": "x"}),
        (Code.BAD_CREDENTIALS, {"sender": credentials(email="nobody@b.fr")}),
        (Code.BAD_NUMBER, {"destination": "0112345678", "when": "x"}),
        (Code.BAD_NUMBER, {"destination": "no such group"}),
        (Code.BAD_NUMBER, {"destination": f"{NUMBER},x"}),
        (Code.EMPTY_GROUP, {"destination": "vide", "when": "x"}),
        (Code.BAD_DATE, {"when": "321303022026", "text": "x" * 9999}),
        (Code.TOO_LONG, {"text": "x" * 9999}),
        (Code.DUPLICATE, {"text": "deux fois"}),
        (Code.NO_CREDIT, {"destination": "grand", "text": "x" * 160, "sender": credentials(email="pauvre@b.fr")}),
        (Code.TOO_MANY, {"destination": ",".join(numbers(501))}),
    ],
)
def test_every_refusal(house: House, account: Account, code: Code, draft: dict[str, Any]) -> None:
    """Each code, with what comes later in the order wrong too; a refusal changes nothing."""
    house.group(account, "Vide", [])
    house.group(house.account("pauvre@b.fr", 9), "Grand", numbers(10))
    house.submit(text="deux fois")
    before = house.balance(account), len(house.messages())
    assert house.code(**draft) == code
    assert (house.balance(account), len(house.messages())) == before
    assert house.verification().sound


def test_all_or_nothing(house: House) -> None:
    """Ten credits pay ten messages exactly, and not eleven."""
    poor = house.account("pauvre@b.fr", 10)
    sender = credentials(email="pauvre@b.fr")
    assert house.code(",".join(numbers(11)), sender=sender) == Code.NO_CREDIT
    assert house.balance(poor) == 10
    assert house.code(",".join(numbers(10)), sender=sender) == Code.SENT
    assert house.balance(poor) == 0
    assert house.code(sender=sender) == Code.NO_CREDIT


def test_duplicates_in_a_list_are_left_out(house: House) -> None:
    """What went to a number within 24 hours is left out and told; 91 where nothing is left; then it may go again."""
    house.accepted(numbers(1)[0])
    made = house.accepted(",".join(numbers(3)))
    assert (made.messages, made.duplicates) == (2, 1)
    assert house.code(",".join(numbers(3))) == Code.DUPLICATE
    house.clock.advance(86_399)
    assert house.code(numbers(1)[0]) == Code.DUPLICATE
    house.clock.advance(1)
    assert house.code(numbers(1)[0]) == Code.SENT


def test_number_wins_over_group(house: House, account: Account) -> None:
    """A valid number is a number though a group is called so; a group's name ignores case and outer spaces."""
    house.group(account, NUMBER, numbers(3))
    house.group(account, "Élus", numbers(2))
    assert house.accepted().messages == 1
    assert house.accepted("  éLUS ").messages == 2


def test_new_options_count_at_once(house: House, account: Account) -> None:
    """An option changed under remembered credentials is obeyed: the draft is decided anew."""
    house.accepted()
    house.write(lambda connection: accounts.set_options(connection, account.id, {"max_segments": 1}))
    assert house.code(text="x" * 161) == Code.TOO_LONG
    assert house.verified == 2


def test_old_password_is_worth_nothing(house: House, account: Account) -> None:
    """A password changed under remembered credentials closes them, and so does a disabled account."""
    house.accepted()
    house.write(lambda connection: accounts.set_password(connection, account.id, password_hash("new")))
    assert house.code(text="2") == Code.BAD_CREDENTIALS
    assert house.code(text="3", sender=credentials(secret="new")) == Code.SENT
    house.write(lambda connection: accounts.set_disabled(connection, account.id, True))
    assert house.code(text="4", sender=credentials(secret="new")) == Code.BAD_CREDENTIALS
    assert house.code(text="5", sender=account) == Code.BAD_CREDENTIALS


def test_account_that_never_stands_still(house: House, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account that changes under each try is answered 99 in the end."""
    tries = []
    accept = submissions.accept

    def restless(connection: Any, acceptances: Any) -> Any:
        tries.append(1)
        accounts.set_options(connection, account.id, {"validity": 1 + len(tries)})
        return accept(connection, acceptances)

    monkeypatch.setattr(submissions, "accept", restless)
    assert house.code() == Code.UNAVAILABLE
    assert len(tries) == ATTEMPTS
    assert house.messages() == []


def test_web_sender(house: House, account: Account) -> None:
    """A session's account needs no password; its options are read anew."""
    house.write(lambda connection: accounts.set_options(connection, account.id, {"max_segments": 1}))
    assert house.code(sender=account) == Code.SENT
    assert house.code(sender=account, text="x" * 161) == Code.TOO_LONG
    assert house.verified == 0


@pytest.mark.parametrize("destination", [NUMBER, "a group"])
def test_database_away(house: House, logged: list[str], destination: str) -> None:
    """99, nothing recorded; the log says why but neither the text nor a secret. Then all is well again."""
    house.database.away = True
    assert house.code(destination, SECRET_TEXT) == Code.UNAVAILABLE
    assert any("away" in line for line in logged)
    assert not any(SECRET_TEXT in line or PASSWORD in line for line in logged)
    house.database.away = False
    assert house.messages() == []
    assert house.code(text=SECRET_TEXT) == Code.SENT


def test_bugs_are_99(house: House, logged: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong unforeseen is logged with its traceback and answered 99, without the text or a secret."""
    monkeypatch.setattr(submissions, "accept", lambda *_: 1 / 0)
    assert house.code(text=SECRET_TEXT) == Code.UNAVAILABLE
    assert any("ZeroDivisionError" in line for line in logged)
    assert not any(SECRET_TEXT in line or PASSWORD in line for line in logged)


def test_many_recipients_are_read_beside_the_reactor(house: House, account: Account, monkeypatch: Any) -> None:
    """Groups and long lists are composed by a reader, short lists at once."""
    house.group(account, "Tous", numbers(3))
    house.accepted()
    reads = []
    read = house.workers.read

    def count(work: Any, long: bool) -> "Deferred[Any]":
        reads.append(work)
        return read(work, long)

    monkeypatch.setattr(house.workers, "read", count)
    house.accepted(text="2")
    assert reads == []
    house.accepted("tous")
    long = ",".join(numbers(40))
    assert len(long) > INLINE
    assert house.accepted(long, "3").messages == 40
    assert len(reads) == 2


def test_right_gateways_are_woken(tmp_path: Path) -> None:
    """Those at which something was queued, and none for a refusal or a repeat; a down one is avoided."""
    routes = (Route("+33", ("A",)), Route("+3373", ("B",)), Route("+262", ("C", "A")))
    house = House(tmp_path / "a.db", routes)
    for kind, name in ((TakingGateway, "A"), (PromptGateway, "B"), (DownGateway, "C")):
        house.gateway(kind, name)
    house.account()
    house.open()
    house.accepted(reference="one")
    house.accepted(f"{NUMBER},0730000001", "2")
    house.accepted("0692123456", "3")
    house.submit(reference="one")
    house.submit("0112345678")
    assert house.woken == [frozenset("A"), frozenset("AB"), frozenset("A")]


def test_reference_repeated(house: House, account: Account) -> None:
    """The same client reference gets the first submission again, debited once; another account's is its own."""
    first = house.accepted(reference="r1")
    again = house.accepted("0698765432", "autre texte", reference="r1")
    assert (again.id, again.code, again.credits) == (first.id, Code.SENT, 1)
    assert house.code("not a number", reference="r1") == Code.SENT
    assert house.balance(account) == 999_999
    house.account("autre@b.fr")
    assert house.accepted(reference="r1", sender=credentials(email="autre@b.fr")).id != first.id
    assert house.code(reference="r1", sender=credentials(secret="wrong")) == Code.BAD_CREDENTIALS


def test_repeat_of_what_is_being_written(house: House, account: Account) -> None:
    """Two requests with one reference, both waiting for the disk, are one submission."""
    house.accepted(text="warm")
    house.workers.held = True
    waited = [Deferred.fromCoroutine(house.submitter.submit(house.draft(reference="r"))) for _ in range(2)]
    house.workers.go()
    first, second = map(outcome_of, waited)
    assert isinstance(first, Submission)
    assert isinstance(second, Submission)
    assert first.id == second.id
    assert house.balance(account) == 999_998


@pytest.mark.parametrize(("rate", "at_once", "every"), [(3, 3, 1 / 3), (1, 1, 1), (0.5, 1, 2), (1.5, 1, 1)])
def test_rate_of_an_address(tmp_path: Path, rate: float, at_once: int, every: float) -> None:
    """So many a second from one address, be the password right or not; then 93. Other addresses and sessions go on."""
    house = House(tmp_path / "a.db", requests_per_second=rate)
    account = house.account()
    for index in range(at_once):
        assert house.code(text=f"{index}") == Code.SENT
    assert house.code(text="more") == Code.TOO_MANY
    assert house.code(text="more", sender=credentials(secret="wrong")) == Code.TOO_MANY
    assert house.code(text="elsewhere", sender=credentials(address="192.0.2.99")) == Code.SENT
    assert house.code(text="session", sender=account) == Code.SENT
    house.clock.advance(every + 0.001)
    assert house.code(text="more") == Code.SENT


def test_request_is_counted_once(tmp_path: Path) -> None:
    """An account that changed under the draft costs its sender no second request."""
    house = House(tmp_path / "a.db", requests_per_second=2)
    account = house.account()
    house.accepted()
    house.write(lambda connection: accounts.set_options(connection, account.id, {"validity": 1}))
    assert house.code(text="2") == Code.SENT


def test_empty_recipients_are_told(house: House, account: Account) -> None:
    """Recipients whose text would be empty are left out and told; 90 where all are."""
    house.group(account, "Sans", numbers(2))
    assert house.submit("sans", "[v1]") == Refusal(Code.NO_TEXT)
    assert house.states() == {}
    assert State.QUEUED not in house.states()


def test_large_submission_shuts_nobody_out(tmp_path: Path) -> None:
    """While thousands of messages of one sender wait to be written, others are taken."""
    house = House(tmp_path / "a.db")
    house.gateway()
    house.account()
    house.accepted()
    house.workers.held = True
    drafts = [house.draft(",".join(numbers(12_000)), "2"), house.draft(text="3")]
    waited = [Deferred.fromCoroutine(house.submitter.submit(draft)) for draft in drafts]
    house.workers.go()
    assert [outcome_of(one).code for one in waited] == [Code.SENT, Code.SENT]


def test_full_backlog_is_told_as_such(house: House, logged: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """99, and the log does not blame the database."""
    house.accepted()
    monkeypatch.setattr(house.database, "_backlog", 0)
    assert house.code(text="2") == Code.UNAVAILABLE
    assert any("too much waits" in line for line in logged)
    assert not any("away" in line for line in logged)


def test_rate_of_an_ipv6_network(tmp_path: Path) -> None:
    """All addresses of a /64 are one customer's, and share one rate."""
    house = House(tmp_path / "a.db", requests_per_second=1)
    house.account()
    assert house.code(text="1", sender=credentials(address="2001:db8::1")) == Code.SENT
    assert house.code(text="2", sender=credentials(address="2001:db8::2")) == Code.TOO_MANY
    assert house.code(text="3", sender=credentials(address="2001:db8:0:1::1")) == Code.SENT
