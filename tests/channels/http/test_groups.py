"""Groups and mail merge through ``http.php``."""

import unicodedata
from typing import Final

import pytest

from tests.channels.http.cases import Case, check_from
from tests.daemon import PASSWORD, RunningDaemon

Book = list[tuple[str, ...]]

CLIENTS: Final[Book] = [
    ("0651000001", "Anne", "10 h", "lundi", "A1"),
    ("06 51 00 00 02", "Béa", "11 h", "", "B2"),
    ("+33651000003", "", "", "", ""),
    ("0651000001", "Doublon", "faux", "faux", "faux"),
]
NFC: Final = "Été à Besançon"
NFD: Final = unicodedata.normalize("NFD", NFC)


def call(daemon: RunningDaemon, groups: dict[str, Book], numero: str, message: str, case: Case) -> None:
    """Send to ``numero`` from an account with those groups and 10 credits."""
    email = daemon.provision(10, groups=groups)
    check_from(daemon, email, {"email": email, "pass": PASSWORD, "numero": numero, "message": message}, case)


def arrived(*pairs: tuple[int, str]) -> Case:
    """Accepted: the number's last digit and the text, for each."""
    return Case({}, "80", tuple((f"+3365100000{digit}", text, "gsm7") for digit, text in pairs))


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Clients", "Clients"),
        ("Clients", "CLIENTS"),
        ("CLIENTS", "clients"),
        ("Clients", "  clients\r\n"),
        ("  Clients ", "Clients"),
        (NFC, NFD),
        (NFD, NFC),
        (NFC, NFC.upper()),
        (NFD, NFD.upper()),
        (NFC, f"\u00a0{NFC.lower()} "),
        ("Straße", "STRASSE"),
        ("Dupont, Jean; fils", "dupont, jean; fils"),
        ("0651", "0651"),
        ("12345678", " 12345678"),
        ("0123456789", "0123456789"),
        ("100 % & co = +1", "100 % & co = +1"),
        ("😀", "😀"),
        ("a" * 200, "A" * 200),
        ("[v1]", "[V1]"),
    ],
)
def test_found(daemon: RunningDaemon, name: str, typed: str) -> None:
    """A group is found whatever the case, the Unicode form of its accents and the spaces around its name."""
    call(daemon, {name: CLIENTS[:1]}, typed, "trouvé", arrived((1, "trouvé")))


@pytest.mark.parametrize(
    "typed", ["Client", "Clients2", "Cliénts", "Cli ents", "Clients,Amis", "Clients;", "%", "*", "C_ients"]
)
def test_unknown(daemon: RunningDaemon, typed: str) -> None:
    """A name that is no group's is 84; so are several groups."""
    call(daemon, {"Clients": CLIENTS, "Amis": []}, typed, "perdu", Case({}, "84"))


def test_of_another_account(daemon: RunningDaemon) -> None:
    """Groups are their account's own."""
    daemon.provision(groups={"Privé": CLIENTS})
    call(daemon, {}, "Privé", "perdu", Case({}, "84"))


def test_empty(daemon: RunningDaemon) -> None:
    """A group without contacts is 86."""
    call(daemon, {"Vide": []}, "vide", "perdu", Case({}, "86"))


def test_number_wins(daemon: RunningDaemon) -> None:
    """A valid number is written to, even where a group has that name."""
    call(daemon, {"0651000009": CLIENTS}, "0651000009", "au numéro", arrived((9, "au numéro")))


MERGED: Final[list[tuple[str, Book, Case]]] = [
    ("à tous", CLIENTS, arrived((1, "à tous"), (2, "à tous"), (3, "à tous"))),
    ("[nom]: [v1]", CLIENTS, arrived((1, "Anne: 10 h"), (2, "Béa: 11 h"), (3, ":"))),
    ("[v3][V3][v2].", CLIENTS, arrived((1, "A1A1lundi."), (2, "B2B2."), (3, "."))),
    ("[NOM] [Nom] [nOm]", CLIENTS[:1], arrived((1, "Anne Anne Anne"))),
    ("[v4] [v0] [ v1] [v1 ] [[v1]] [v1", CLIENTS[:1], arrived((1, "[v4] [v0] [ v1] [v1 ] [10 h] [v1"))),
    # empty texts are skipped, and all empty is 90
    ("[v2]", CLIENTS, arrived((1, "lundi"))),
    (" [v1]\n", CLIENTS, arrived((1, "10 h"), (2, "11 h"))),
    ("[v2]", CLIENTS[1:3], Case({}, "90")),
    ("[v1] [v2] \n [v3]", [("0651000001",), ("0651000002", "Nom seul")], Case({}, "90")),
    ("[v1]", [("0651000001", "", "\u00a0"), ("0651000002", "", "\x00")], Case({}, "90")),
    # what a variable holds is text
    ("[v1]", [("0651000001", "N", "[v2][nom]", "secret")], arrived((1, "[v2][nom]"))),
    ("[[v1]]", [("0651000001", "N", "v2", "secret")], arrived((1, "[v2]"))),
    ("[v[v1]]", [("0651000001", "N", "2", "secret")], arrived((1, "[v2]"))),
    (
        "[v1] %s %(nom)s {0} \\1 $v1",
        [("0651000001", "N", "%s {v2} \\g<0>")],
        arrived((1, "%s {v2} \\g<0> %s %(nom)s {0} \\1 $v1")),
    ),
    ("[v1]", [("0651000001", "", " \r\n Zoë\x07 ")], arrived((1, "Zoe"))),
    # rendered, a text has its own alphabet, length and price
    (
        "[v1]",
        [("0651000001", "", "forêt"), ("0651000002", "", "x" * 161)],
        arrived((1, "foret"), (2, "x" * 153), (2, "x" * 8)),
    ),
    ("[v1]", [("0651000001", "", "x" * 766), ("0651000002", "", "court")], Case({}, "92")),
    (
        "[v1]",
        [("0651000001", "", "x" * 765), ("0651000002", "", "y" * 765)],
        arrived(*[(1, "x" * 153), (2, "y" * 153)] * 5),
    ),
    ("[v1]", [("0651000001", "", "x" * 765), ("0651000002", "", "y" * 765), ("0651000003", "", "z")], Case({}, "83")),
    # the first contact of a number counts
    (
        "[v1]",
        [("0651000001", "", ""), ("+33 6 51 00 00 01", "", "second"), ("0651000002", "", "autre")],
        arrived((2, "autre")),
    ),
]


@pytest.mark.parametrize(("message", "book", "case"), MERGED)
def test_merge(daemon: RunningDaemon, message: str, book: Book, case: Case) -> None:
    """Each contact gets the text with his own variables, once."""
    call(daemon, {"Fusion": book}, "fusion", message, case)


def test_variables_to_a_number(daemon: RunningDaemon) -> None:
    """Without a contact, variables are nothing."""
    call(daemon, {}, "0651000008", "Bonjour [nom]!", arrived((8, "Bonjour !")))


def test_closed_country(daemon: RunningDaemon) -> None:
    """One contact in a country that is not open makes the whole submission 84."""
    call(daemon, {"Mixte": [*CLIENTS, ("+41791234567", "Suisse")]}, "mixte", "perdu", Case({}, "84"))


def test_duplicates_left_out(daemon: RunningDaemon) -> None:
    """Contacts that had the text within 24 hours are left out and not paid; if all had it, 91."""
    email = daemon.provision(10, groups={"Tous": CLIENTS})
    fields = {"email": email, "pass": PASSWORD, "numero": "0651000002", "message": "déjà lu"}
    check_from(daemon, email, fields, arrived((2, "déjà lu")))
    fields["numero"] = "tous"
    check_from(daemon, email, fields, arrived((1, "déjà lu"), (3, "déjà lu")))
    check_from(daemon, email, fields, Case({}, "91"))
    assert daemon.balance(email) == 7


def test_large_group(daemon: RunningDaemon) -> None:
    """Three thousand contacts: each one message, in one debit."""
    book: Book = [(f"06520{number:05}", f"n{number}") for number in range(3000)]
    email = daemon.provision(3000, groups={"Foule": book})
    sent = tuple((f"+336520{number:05}", f"Cher n{number}", "gsm7") for number in range(3000))
    fields = {"email": email, "pass": PASSWORD, "numero": "Foule", "message": "Cher [nom]"}
    check_from(daemon, email, fields, Case({}, "80", sent))
    assert daemon.balance(email) == 0
