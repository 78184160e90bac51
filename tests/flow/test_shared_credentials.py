"""The password of a shared domain: what it opens, what it does not, and how its guesses are counted."""

from pathlib import Path

import attrs
import pytest
from twisted.internet.defer import Deferred

from smstob.flow import authenticate
from smstob.flow.authenticate import Authenticator, new_key, secret_digest
from smstob.flow.guessing import Allowances, Guessing
from smstob.model.access import Hindrance
from smstob.model.account import Account
from smstob.model.draft import Channel, Credentials
from smstob.model.refusal import Code, Refusal
from smstob.storage import accounts
from tests.fakes import Thread
from tests.house import ADDRESS, EMAIL, PASSWORD, House, outcome_of

WRONG = Refusal(Code.BAD_CREDENTIALS)
LATER = Refusal(Code.TOO_MANY)
DOMAIN = "exemple.fr"
COMMON = "Bureau-2026"
JEAN, MARIE = f"jean@{DOMAIN}", f"marie@{DOMAIN}"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house with an account that shares its domain, and one of Marie's own."""
    made = House(tmp_path / "a.db")
    account = made.account()
    made.account(MARIE)
    assert outcome_of(made.sharing.share(account.id, DOMAIN, COMMON, None)) == COMMON
    return made


def shown(email: str = JEAN, secret: str = COMMON, address: str = ADDRESS, shared: bool = True) -> Credentials:
    """What a mail shows."""
    return Credentials(email=email, secret=secret, address=address, shared=shared)


def who(house: House, credentials: Credentials) -> str | Refusal:
    """Whose account it is."""
    found = outcome_of(house.authenticator.authenticate(credentials))
    return found.email if isinstance(found, Account) else found


@pytest.mark.parametrize(
    ("email", "secret", "whose"),
    [
        *((JEAN, COMMON, EMAIL), (" Jean@EXEMPLE.fr ", COMMON, EMAIL), (f"x+y@{DOMAIN}", COMMON, EMAIL)),
        *((JEAN, COMMON.lower(), EMAIL), (JEAN, COMMON.upper(), EMAIL), (EMAIL, COMMON, EMAIL)),
        *((MARIE, COMMON, EMAIL), (MARIE, PASSWORD, MARIE), (EMAIL, PASSWORD, EMAIL)),
        *((JEAN, PASSWORD, WRONG), (JEAN, "faux", WRONG), (MARIE, "faux", WRONG), (JEAN, "", WRONG)),
        *((MARIE, PASSWORD.lower(), WRONG), (f"jean@x.{DOMAIN}", COMMON, WRONG), ("jean@autre.fr", COMMON, WRONG)),
        *(("jean@fr", COMMON, WRONG), (DOMAIN, COMMON, WRONG), ("", COMMON, WRONG), ("jean@gmail.com", COMMON, WRONG)),
        *((f"jean@{DOMAIN}.", COMMON, WRONG), (f"{DOMAIN}@autre.fr", COMMON, WRONG), (DOMAIN, COMMON, WRONG)),
        *((f"@{DOMAIN}", COMMON, WRONG), (f"{DOMAIN}@", COMMON, WRONG), (f"a@{DOMAIN}@b.fr", COMMON, WRONG)),
        *(("x" * 100_000, COMMON, WRONG), (JEAN, COMMON * 10_000, WRONG), (JEAN, "\ud800\0", WRONG)),
    ],
)
def test_whose(house: House, email: str, secret: str, whose: str | Refusal) -> None:
    """An account of the address itself goes first; then the domain, and none above or below it."""
    assert who(house, shown(email, secret)) == whose


@pytest.mark.parametrize("email", [JEAN, MARIE, EMAIL])
def test_by_mail_only(house: House, email: str) -> None:
    """Neither by HTTP nor for the pages, be it remembered from a mail or not."""
    for _ in range(2):
        plain = shown(email, shared=False)
        assert house.authenticator.recall(plain) is None
        assert who(house, plain) == WRONG
        assert house.code(sender=plain) is Code.BAD_CREDENTIALS
        assert outcome_of(house.entrance.log_in(plain, "browser")) is Hindrance.BAD_CREDENTIALS
        assert who(house, shown(email)) == EMAIL
        assert house.authenticator.recall(shown(email)) is not None


def test_sending_keys(house: House) -> None:
    """An account's keys are its own address's: nobody of its domain sends by them."""
    key = new_key()
    account = outcome_of(house.authenticator.authenticate(shown(EMAIL, PASSWORD)))
    assert isinstance(account, Account)
    house.write(lambda connection: accounts.add_key(connection, account.id, "a", secret_digest(key), house.now))
    verified = house.verified
    assert who(house, shown(EMAIL, key)) == EMAIL
    assert who(house, shown(JEAN, key)) == WRONG
    assert house.verified == verified


def test_disabled(house: House) -> None:
    """A closed account pays for nobody; one's own that is closed keeps nobody from the domain's."""

    def close(email: str) -> None:
        found = house.read(lambda connection: accounts.by_email(connection, email))
        assert found is not None
        house.write(lambda connection: accounts.set_disabled(connection, found.id, True))

    for email, whose in ((MARIE, EMAIL), (EMAIL, WRONG)):
        close(email)
        assert who(house, shown(MARIE)) == whose
        assert who(house, shown(JEAN)) == whose
    assert who(house, shown(MARIE, PASSWORD)) == WRONG


def test_unshared_and_changed(house: House) -> None:
    """From then on the old password is worth nothing."""
    account = outcome_of(house.authenticator.authenticate(shown()))
    assert isinstance(account, Account)
    assert outcome_of(house.sharing.set_password(account.id, DOMAIN, "Bureau-2027")) == "Bureau-2027"
    assert (who(house, shown()), who(house, shown(secret="Bureau-2027"))) == (WRONG, EMAIL)
    outcome_of(house.sharing.unshare(account.id, DOMAIN))
    assert who(house, shown(secret="Bureau-2027")) == WRONG


@pytest.mark.parametrize("email", [JEAN, MARIE, EMAIL, "x@autre.fr", "x@x.exemple.fr"])
@pytest.mark.parametrize("secret", ["faux", COMMON, PASSWORD])
def test_as_many_verifications(house: House, email: str, secret: str) -> None:
    """Two by mail, one elsewhere, whoever is there and whatever is right: nothing is told by the time."""
    verified = house.verified
    who(house, shown(email, secret))
    assert house.verified == verified + 2
    who(house, shown(email, secret, shared=False))
    assert house.verified == verified + 3


def test_verifications_cost_the_same(house: House) -> None:
    """Where there is no account, no domain, or neither, a hash of the same cost stands in."""
    thread = Thread()
    busy = Authenticator(house.database, house.clock, Guessing(Allowances()), thread)
    for email in (JEAN, "x@autre.fr"):
        waited = Deferred.fromCoroutine(busy.authenticate(shown(email, "faux")))
        costs = {tuple(stored.split("$")[:4]) for _, _, (stored, _) in thread.jobs}
        assert (len(thread.jobs), costs) == (2, {tuple(authenticate.HASHER.hash("x").split("$")[:4])})
        thread.go()
        assert outcome_of(waited) == WRONG


def test_other_addresses_gain_nothing(house: House) -> None:
    """Guesses are the domain's, whichever address they name; own passwords go on working from the same place."""
    for index in range(10):
        assert who(house, shown(f"x{index}@{DOMAIN}", f"faux{index}")) == WRONG
    assert who(house, shown("new@exemple.fr")) == LATER
    assert who(house, shown(MARIE)) == LATER
    assert who(house, shown(MARIE, PASSWORD)) == MARIE
    assert who(house, shown(MARIE, PASSWORD, shared=False)) == MARIE
    assert who(house, shown(JEAN, address="198.51.100.1")) == EMAIL
    house.clock.advance(900)
    assert who(house, shown("new@exemple.fr")) == EMAIL


def test_what_worked_goes_on(house: House) -> None:
    """A sender that was let in is not shut out by guesses, his own place's neither."""
    assert who(house, shown()) == EMAIL
    for index in range(12):
        who(house, shown(f"x{index}@{DOMAIN}", "faux"))
    house.authenticator.forget(shown())
    assert house.authenticator.recall(shown()) is None
    assert who(house, shown()) == EMAIL


def test_strangers_shut_out_nobody(house: House) -> None:
    """While guesses come from everywhere: who has an account of his own, and places where the password was right."""
    assert who(house, shown(JEAN)) == EMAIL
    seen = {who(house, shown(f"x{index}@{DOMAIN}", "faux", f"198.51.100.{index}")) for index in range(120)}
    assert seen == {WRONG, LATER}
    assert who(house, shown("new@exemple.fr", address="203.0.113.1")) == LATER
    assert who(house, shown("new@exemple.fr")) == EMAIL
    assert who(house, shown(MARIE, PASSWORD, "203.0.113.2")) == MARIE
    assert who(house, shown(EMAIL, PASSWORD, "203.0.113.3", shared=False)) == EMAIL


def test_guesses_of_an_account_leave_the_domain_alone(house: House) -> None:
    """By HTTP a customer's address may be guessed at for long: his colleagues send all the same, and so does he."""
    for index in range(15):
        who(house, shown(MARIE, f"faux{index}", shared=False))
    assert who(house, shown(MARIE, PASSWORD)) == LATER
    assert who(house, shown(MARIE)) == EMAIL
    assert who(house, shown(JEAN)) == EMAIL


@pytest.mark.parametrize("domain", [DOMAIN, "autre.fr"])
def test_nobody_learns_which_domains_are_shared(house: House, domain: str) -> None:
    """The answers to guesses are the same, be the domain shared or not."""
    seen = [who(house, shown(f"x{index}@{domain}", "faux")) for index in range(14)]
    assert seen == [WRONG] * 10 + [LATER] * 4


def test_free_mail_is_never_shared(house: House) -> None:
    """There is no domain to guess at: one customer's mistakes are not another's."""
    verified = house.verified
    for index in range(30):
        assert who(house, shown(f"x{index}@gmail.com", "faux")) == WRONG
    assert house.verified == verified + 30


def test_memory_is_bounded(house: House) -> None:
    """What counts guesses keeps no more of a domain than there can be."""
    assert who(house, shown(f"x@{'y' * 1_000_000}.fr", "faux")) == WRONG
    kept = house.authenticator._guessing_of_domains._accounts._levels
    assert max((len(str(name)) for name in kept), default=0) < authenticate.LONGEST_EMAIL


@pytest.mark.parametrize("right", [shown(), shown(MARIE, PASSWORD)])
def test_guesses_that_come_together(house: House, right: Credentials) -> None:
    """No more of them are answered than of those that come one by one, of the domain's password or an account's."""
    thread = Thread()
    busy = Authenticator(house.database, house.clock, Guessing(Allowances(pair=3)), thread)
    guesses = [attrs.evolve(right, secret=f"wrong{nth}") for nth in range(20)]
    waited = [Deferred.fromCoroutine(busy.authenticate(one)) for one in (*guesses, right)]
    while thread.jobs:
        thread.go()
    verdicts = [outcome_of(one) for one in waited]
    assert verdicts.count(WRONG) == 3
    assert verdicts[-1] == LATER


def test_password_of_a_domain_is_no_sign_of_its_holder(house: House) -> None:
    """Who shows the domain's is not taken to have got his own: the letter that tells it is still owed."""
    familiar = "SELECT count(*) FROM familiar_network"
    for secret, places in ((COMMON, 0), (PASSWORD, 1)):
        assert isinstance(who(house, shown(MARIE, secret)), str)
        assert house.read(lambda connection: connection.exec_driver_sql(familiar).scalar_one()) == places


def test_senders_notice_changes(house: House) -> None:
    """What is remembered of a sender ends with the password, and with the sharing: his next mail is refused."""
    account = outcome_of(house.authenticator.authenticate(shown()))
    assert isinstance(account, Account)
    house.gateway()

    def send(secret: str, text: str) -> Code:
        draft = attrs.evolve(house.draft(text=text), sender=shown(secret=secret), channel=Channel.MAIL)
        return outcome_of(house.submitter.submit(draft)).code

    assert send(COMMON, "a") is Code.SENT
    changed = outcome_of(house.sharing.set_password(account.id, DOMAIN, ""))
    assert (send(COMMON, "b"), send(changed, "c")) == (Code.BAD_CREDENTIALS, Code.SENT)
    outcome_of(house.sharing.unshare(account.id, DOMAIN))
    assert send(changed, "d") is Code.BAD_CREDENTIALS
