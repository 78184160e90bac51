"""Which domains may be shared, by which passwords and limits; and that all of it is there afterwards."""

from typing import Any

import pytest
from zope.interface.verify import verifyObject

from smstob.billing.sharing import MOST_DAILY, canonical_domain
from smstob.billing_interfaces import ISharing
from smstob.channels.smtp.mailbox import Mailbox, parse_mailbox, request_of
from smstob.flow.authenticate import folded, password_matches
from smstob.model.account import Account
from smstob.model.sharing import DomainFault, SharedDomain
from smstob.storage import sharing
from smstob.storage.database import Unavailable
from tests.house import House, outcome_of

DOMAIN = "exemple.fr"
OTHER = "mairie.fr"
PASSWORD = "Bureau-2026"


@pytest.fixture
def account(house: House) -> Account:
    """mairie@exemple.fr."""
    return house.account(credits=0)


def share(house: House, account: Account, domain: str = DOMAIN, password: str = "", **rest: Any) -> str | DomainFault:
    """What comes of it."""
    limit = rest.pop("limit", None)
    return outcome_of(house.sharing.share(account.id, domain, password, limit, **rest))


def domains(house: House, account: Account) -> list[SharedDomain]:
    """Those of the account."""
    return outcome_of(house.sharing.domains(account.id))


def opens(house: House, domain: str, password: str) -> bool:
    """Whether that is the domain's password, whatever its case."""
    found = house.read(lambda connection: sharing.secrets_of(connection, domain))
    return found is not None and password_matches(found.password_hash, folded(password))


def test_interface(house: House) -> None:
    """All that the pages and the operator's command call."""
    assert verifyObject(ISharing, house.sharing)


def test_drawn_password(house: House, account: Account) -> None:
    """Where none is given one is drawn, told, and kept as its hash only."""
    password = share(house, account, limit=5)
    assert isinstance(password, str)
    assert not isinstance(password, DomainFault)
    assert domains(house, account) == [SharedDomain(domain=DOMAIN, daily_limit=5, created=house.now)]
    assert opens(house, DOMAIN, password)
    assert opens(house, DOMAIN, password.lower())
    assert not opens(house, DOMAIN, password[1:])
    assert password.encode() not in house.path.read_bytes()


@pytest.mark.parametrize("password", [
    PASSWORD, "12345678", "a" * 61 + "bcd", "!#$%&'*+-/=?^_`{|}~", "K7P2W9X4QH",
])  # fmt: skip
def test_chosen_password(house: House, account: Account, password: str) -> None:
    """It is the one; and it can be said in each of the three syntaxes."""
    assert share(house, account, password=password) == password
    assert opens(house, DOMAIN, password)
    first = parse_mailbox(f"{password}.0612345678")
    assert first == Mailbox(f"{password}.0612345678".lower(), password, "0612345678")
    second = parse_mailbox(f"sms.{password}")
    assert isinstance(second, Mailbox)
    assert second.secret == password
    third = request_of(Mailbox("sms"), f"{password}:0612345678", "Bonjour")
    assert (third.secret, third.destination) == (password, "0612345678")


@pytest.mark.parametrize("password", [
    "a", "1234567", "abcd" * 16 + "e", "abcde" * 999, "aaaaaaaa", "AaAaAaAa", "abcabcabc", "mot de passe",
    " motdepasse", "motdepasse ", "mot:de:passe", "mot@de@passe", 'mot"de"passe', "mot.de.passe", "motdepassé",
    "motdepasse\n", "motdepasse\0", "\ud800" * 9,
    "mot(de)passe", "mot<de>passe", "mot;de;passe", "mot,de,passe", "mot[de]passe", "mot\\de\\passe", "motdepasse\x7f",
    "cle-0123456789", "CLE-0123456789", "١٢٣٤٥٦٧٨", " ", "        ",
])  # fmt: skip
def test_bad_password(house: House, account: Account, password: str) -> None:
    """Too short, too long, too plain, or nothing that the address of a mail can hold: nothing is shared or changed."""
    assert share(house, account, password=password) is DomainFault.BAD_PASSWORD
    assert domains(house, account) == []
    assert share(house, account, password=PASSWORD) == PASSWORD
    assert outcome_of(house.sharing.set_password(account.id, DOMAIN, password)) is DomainFault.BAD_PASSWORD
    assert opens(house, DOMAIN, PASSWORD)


@pytest.mark.parametrize(("typed", "domain"), [
    *((one, DOMAIN) for one in ("exemple.fr", " Exemple.FR ", "EXEMPLE.fr.", "exemple.fr\n")),
    ("exemple\u3002fr", DOMAIN), ("ｅxemple.fr", DOMAIN), ("a-b.co.uk", "a-b.co.uk"), ("1and1.fr", "1and1.fr"),
    ("x.y.z.exemple.fr", "x.y.z.exemple.fr"), ("4.3.2.fr", "4.3.2.fr"),
    ("Mairie-Évry.fr", "xn--mairie-vry-h7a.fr"), ("mairie-e\u0301vry.fr", "xn--mairie-vry-h7a.fr"),
    ("xn--mairie-vry-h7a.fr", "xn--mairie-vry-h7a.fr"), ("straße.de", "xn--strae-oqa.de"), ("r3--x.fr", "r3--x.fr"),
    (f"{'a' * 63}.fr", f"{'a' * 63}.fr"), ("exemple.inconnu", "exemple.inconnu"),
])  # fmt: skip
def test_canonical(typed: str, domain: str) -> None:
    """As the DNS has it, in lower case, without the last dot: two ways to write one domain are one."""
    assert canonical_domain(typed) == domain
    assert canonical_domain(domain) == domain


JUNK_DOMAINS = [
    *("", " ", ".", "..", "fr", "exemple", "co.uk", "com", "asso.fr", "github.io", "localhost", "exemple..fr"),
    *(".exemple.fr", "exem ple.fr", "exemple.fr..", "-.fr", "-a.fr", "a-.fr", "a_b.fr", "a@exemple.fr", "@exemple.fr"),
    *("*.fr", "a/b.fr", "192.0.2.1", "1.2.3.4.", "[192.0.2.1]", "2001:db8::1", "exemple.1", "exemple.fr:25"),
    *("http://exemple.fr", "é", "😀.fr", "\0.fr", "exemple\0.fr", "\ud800.fr", "a\u200db.fr", "xn--.é.fr"),
    *("ex\u202eemple.fr", "exemple.fr\0", f"{'a' * 64}.fr", f"{'a' * 300}.fr", f"{'a.' * 126}a.fr"),
    *(f"{'é' * 200}.fr", "é." * 60 + "fr", "a" * 1_000_000, "é" * 1_000_000, "'; DROP TABLE shared_domain; --", "%.fr"),
    *("__import__('os').fr", "exemple.fr\r\nx: y"),
]


@pytest.mark.parametrize("typed", JUNK_DOMAINS, ids=range(len(JUNK_DOMAINS)))
def test_no_domain(house: House, account: Account, typed: str) -> None:
    """Whatever is asked of it, by whomever: it is none, and nothing is written or raised."""
    house.database.away = True
    assert share(house, account, typed, proven=True) is DomainFault.NOT_A_DOMAIN
    assert outcome_of(house.sharing.set_limit(account.id, typed, 5)) is DomainFault.NOT_A_DOMAIN
    assert outcome_of(house.sharing.set_password(account.id, typed, PASSWORD)) is DomainFault.NOT_A_DOMAIN
    assert outcome_of(house.sharing.unshare(account.id, typed)) is False
    assert outcome_of(house.sharing.senders(account.id, typed, 0, 10**30)) == []


@pytest.mark.parametrize("domain", ["gmail.com", "x.gmail.com", "GMAIL.com.", "orange.fr", "hotmail.co.uk"])
def test_free_mail(house: House, domain: str) -> None:
    """Nobody shares one: neither who has an address there, nor for whom the operator vouches."""
    account = house.account(f"moi@{domain.lower().rstrip('.')}")
    for proven in (False, True):
        assert share(house, account, domain, proven=proven) is DomainFault.FREE_MAIL
    assert domains(house, account) == []


def test_whose(house: House, account: Account) -> None:
    """The account's own, and what the operator has proven; another account's is told only to who may have it."""
    assert share(house, account, OTHER) is DomainFault.NOT_YOURS
    assert share(house, account, f"x.{DOMAIN}") is DomainFault.NOT_YOURS
    assert isinstance(share(house, account, OTHER, proven=True), str)
    other = house.account("x@autre.fr")
    assert share(house, other, OTHER) is DomainFault.NOT_YOURS
    assert share(house, other, OTHER, proven=True) is DomainFault.TAKEN
    assert domains(house, other) == []


@pytest.mark.parametrize("limit", [0, -1, MOST_DAILY + 1, 10**30, -(10**30)])
def test_bad_limit(house: House, account: Account, limit: int) -> None:
    """No such limit, at first or later."""
    assert share(house, account, limit=limit) is DomainFault.BAD_LIMIT
    assert domains(house, account) == []
    share(house, account, limit=7)
    assert outcome_of(house.sharing.set_limit(account.id, DOMAIN, limit)) is DomainFault.BAD_LIMIT
    assert [one.daily_limit for one in domains(house, account)] == [7]


def test_changes(house: House, account: Account) -> None:
    """Limit and password are changed, however the domain is written; of another account's nothing is."""
    share(house, account, password=PASSWORD)
    for limit in (1, MOST_DAILY, None):
        assert outcome_of(house.sharing.set_limit(account.id, " EXEMPLE.fr.", limit)) is None
        assert [one.daily_limit for one in domains(house, account)] == [limit]
    drawn = outcome_of(house.sharing.set_password(account.id, "Exemple.fr", ""))
    assert isinstance(drawn, str)
    assert (opens(house, DOMAIN, PASSWORD), opens(house, DOMAIN, drawn)) == (False, True)
    other = house.account("x@exemple.fr")
    assert outcome_of(house.sharing.set_limit(other.id, DOMAIN, 5)) is DomainFault.NOT_A_DOMAIN
    assert outcome_of(house.sharing.set_password(other.id, DOMAIN, PASSWORD)) is DomainFault.NOT_A_DOMAIN
    assert outcome_of(house.sharing.unshare(other.id, DOMAIN)) is False
    assert opens(house, DOMAIN, drawn)
    assert outcome_of(house.sharing.unshare(account.id, "Exemple.FR")) is True
    assert domains(house, account) == []


def test_database_away(house: House, account: Account) -> None:
    """Whatever is asked, the caller is told; and nothing was changed."""
    share(house, account, password=PASSWORD)
    house.database.away = True
    for asked in (
        house.sharing.domains(account.id),
        house.sharing.share(account.id, DOMAIN, "", None),
        house.sharing.set_limit(account.id, DOMAIN, 5),
        house.sharing.set_password(account.id, DOMAIN, ""),
        house.sharing.unshare(account.id, DOMAIN),
        house.sharing.senders(account.id, DOMAIN, 0, 1),
    ):
        with pytest.raises(Unavailable):
            outcome_of(asked)
    house.database.away = False
    assert opens(house, DOMAIN, PASSWORD)
