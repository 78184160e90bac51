"""Imports from the file to the book: looked at, confirmed, updated, forgotten."""


import pytest
from twisted.internet.defer import Deferred

from smstob.contacts import importer as importers
from smstob.contacts.importer import LOOKED, Importer
from smstob.contacts.sheet import MOST_BYTES
from smstob.model.contact import Fault
from smstob.model.contact_import import Columns, ImportState, Plan, Unreadable
from smstob.model.merge import Variables
from tests.house import House, outcome_of

from .files import MESSAGES, PLATES, as_csv, as_workbook
from .importing import AMIS, TEN, Threads, confirmed, members, preview, report, size, staged, started


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_brochure(house: House, importer: Importer, account: int, kind: str) -> None:
    """Both of its tables, one after the other: three persons are in both, and each group says its own of them."""
    for name, table in (("Plats", PLATES), ("Messages", MESSAGES)):
        id_ = staged(importer, account, as_csv(table) if kind == "csv" else as_workbook(table), f"{name}.{kind}")
        shown = preview(importer, account, id_)
        assert (shown.total, shown.good, shown.faulty, shown.known) == (len(table) - 1, len(table) - 1, 0, 0)
        done = confirmed(importer, account, id_, Plan(group=name))
        assert (done.state, done.added, done.updated) == (ImportState.DONE, len(table) - 1, 0)
    assert members(house, account, "Plats")[0] == ("+33660919010", Variables("", "Jean", "Hédé", "la Pizza"))
    assert members(house, account, "Messages")[2] == (
        *("+33660901010", Variables("Jacques", "Votre véhicule est prêt. Prenez contact avec :", "M. Dupont")),
    )
    assert size(house, account) == 7


def test_preview(importer: Importer, account: int, threads: Threads) -> None:
    """What each row would become, and why some would not; nothing is in the book."""
    content = (
        "Nom;Numéro;v1\nJean;660919010;a\nLuc;0123456789;b\nZoé;+41791234567;c\nMax;6,6E+08;\n"
        "Léo;06 60 91 90 10;d\nÈve;+262692123456;e\n"
    )
    id_ = staged(importer, account, content, r"C:\Mes documents\carnet d'été.csv")
    shown = preview(importer, account, id_, group="Amis")
    assert (shown.id, shown.file, shown.sheets) == (id_, "carnet d'été.csv", ())
    assert shown.plan == Plan(
        columns=Columns(number=1, name=0, v1=2), delimiter=";", header=True, sheet=0, group="Amis"
    )
    assert shown.titles == ("Nom", "Numéro", "v1")
    counts = (shown.total, shown.good, shown.repaired, shown.repeated, shown.known, shown.faulty)
    assert counts == (6, 3, 1, 1, 0, 3)
    assert [(one.line, one.reason.split(" :")[0]) for one in shown.faults] == [
        (3, "« 0123456789 » n'est pas un numéro de mobile"),
        (4, "« +41791234567 »"),
        (5, "Excel a perdu des chiffres"),
    ]
    assert [(row.line, row.repaired, row.contact is None, row.fault is None) for row in shown.rows] == [
        *((2, True, False, True), (3, False, True, False), (4, False, True, False)),
        *((5, False, True, False), (6, False, False, True), (7, False, False, True)),
    ]
    assert report(importer, account, id_).state is ImportState.STAGED
    assert threads.runs == 1, "it was read when it was staged"
    other = preview(importer, account, id_, columns=Columns(number=1, v2=2), header=True, delimiter=";")
    assert other.rows[0].contact is not None
    assert other.rows[0].contact.variables == Variables(v2="a")
    assert threads.runs == 2


def test_known(house: House, importer: Importer, account: int) -> None:
    """How many of the group's cards would be updated: of that group only, by any writing of its name."""
    confirmed(importer, account, staged(importer, account, TEN))
    id_ = staged(importer, account, "Nom;Numéro\na;0600000003\nb;0600000099\n")
    known = [preview(importer, account, id_, group=name).known for name in ("amis ", "Autre", "")]
    assert known == [1, 0, 0]
    done = confirmed(importer, account, id_)
    assert (done.added, done.updated, done.total) == (1, 1, 2)
    assert ("+33600000003", Variables("a")) in members(house, account)
    assert len(members(house, account)) == 11


def test_last_row_counts(house: House, importer: Importer, account: int) -> None:
    """Of a number that comes several times."""
    done = confirmed(importer, account, staged(importer, account, "a;0600000001\nb;0600000002\nc;+33600000001\n"))
    assert (done.total, done.added) == (2, 2)
    assert members(house, account) == [("+33600000002", Variables("b")), ("+33600000001", Variables("c"))]


def test_columns_that_are_not_there(house: House, importer: Importer, account: int) -> None:
    """What a file does not speak of stays as it is."""
    confirmed(importer, account, staged(importer, account, "Nom;Numéro;v1;v2\nJean;0600000001;a;b\n"))
    confirmed(importer, account, staged(importer, account, "Numéro;v1\n0600000001;\n0600000002;z\n"))
    assert members(house, account) == [
        *(("+33600000001", Variables("Jean", "", "b")), ("+33600000002", Variables("", "z"))),
    ]


def test_faulty_rows_are_left_out(house: House, importer: Importer, account: int) -> None:
    """The report counts them; a file of nothing else is refused and stays."""
    done = confirmed(importer, account, staged(importer, account, "a;0600000001\nb;x\nc;\n"))
    assert (done.total, done.done, done.faulty, done.state) == (1, 1, 2, ImportState.DONE)
    id_ = staged(importer, account, "b;x\nc;y\n")
    with pytest.raises(Unreadable, match="aucune ligne"):
        outcome_of(importer.confirm(account, id_, Plan(group="Autre")))
    assert report(importer, account, id_).state is ImportState.STAGED
    assert members(house, account, "Autre") == []


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("", Fault.EMPTY),
        (" \u00a0", Fault.EMPTY),
        ("a" * 101, Fault.TOO_LONG),
        ("a\nb", Fault.SEVERAL_LINES),
        ("0612345678", Fault.IS_A_NUMBER),
    ],
)
def test_group_names(importer: Importer, account: int, name: str, fault: Fault) -> None:
    """As everywhere in the book; the file stays staged."""
    id_ = staged(importer, account, TEN)
    assert outcome_of(importer.confirm(account, id_, Plan(group=name))) == fault
    assert report(importer, account, id_).state is ImportState.STAGED


def test_full_book(importer: Importer, account: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither more contacts nor more groups than a book takes."""
    id_ = staged(importer, account, TEN)
    monkeypatch.setattr(importers, "MOST_CONTACTS", 9)
    assert outcome_of(importer.confirm(account, id_, AMIS)) == Fault.TOO_MANY
    monkeypatch.setattr(importers, "MOST_CONTACTS", 10)
    monkeypatch.setattr(importers, "MOST_GROUPS", 0)
    assert outcome_of(importer.confirm(account, id_, AMIS)) == Fault.TOO_MANY
    monkeypatch.setattr(importers, "MOST_GROUPS", 1)
    assert confirmed(importer, account, id_).group == "Amis"


def test_confirmed_twice(house: House, importer: Importer, account: int) -> None:
    """Nothing more happens, whatever the plan says then; there is nothing to look at or to discard."""
    id_ = staged(importer, account, TEN)
    done = confirmed(importer, account, id_)
    assert confirmed(importer, account, id_, Plan(group="Autre")) == done
    assert confirmed(importer, account, id_, Plan()) == done
    assert outcome_of(importer.preview(account, id_, Plan())) is None
    outcome_of(importer.discard(account, id_))
    assert report(importer, account, id_) == done
    assert (done.done, done.added, done.group, size(house, account)) == (10, 10, "Amis", 10)


def test_confirmed_at_the_same_moment(house: House, importer: Importer, account: int, threads: Threads) -> None:
    """Two clicks, or two daemons: it is taken in once."""
    id_ = staged(importer, account, TEN)
    second = started(house, threads)
    threads.held = True
    asked = [
        Deferred.fromCoroutine(second.confirm(account, id_, AMIS)),
        Deferred.fromCoroutine(second.confirm(account, id_, Plan(group="Autre"))),
        Deferred.fromCoroutine(importer.confirm(account, id_, AMIS)),
    ]
    threads.go()
    told = [outcome_of(one) for one in asked]
    assert told[0] == told[1] == told[2]
    assert size(house, account) == 10


def test_others_are_not_there(house: House, importer: Importer, account: int) -> None:
    """Neither to be looked at, nor confirmed, nor discarded by another account."""
    other = house.account("autre@exemple.fr").id
    id_ = staged(importer, account, TEN)
    preview(importer, account, id_)
    for stranger, number in ((other, id_), (account, id_ + 1), (account, 0), (account, -1)):
        assert outcome_of(importer.preview(stranger, number, Plan())) is None
        assert outcome_of(importer.confirm(stranger, number, AMIS)) is None
        assert outcome_of(importer.report(stranger, number)) is None
        outcome_of(importer.discard(stranger, number))
    assert confirmed(importer, account, id_).added == 10
    assert outcome_of(importer.report(other, id_)) is None


def test_forgotten(house: House, importer: Importer, account: int) -> None:
    """Discarded, pushed out by five others, or after a day; a report after a week. Ids come again."""
    first = staged(importer, account, TEN)
    outcome_of(importer.discard(account, first))
    assert outcome_of(importer.preview(account, first, Plan())) is None
    again = staged(importer, account, "x;0600000001\n")
    assert (again, preview(importer, account, again).good) == (first, 1)
    for _ in range(5):
        last = staged(importer, account, TEN)
    assert outcome_of(importer.report(account, again)) is None
    done = confirmed(importer, account, last)
    waits = staged(importer, account, TEN)
    house.advance(86_400 - 3 * LOOKED, LOOKED)
    assert preview(importer, account, waits).good == 10
    house.advance(5 * LOOKED, LOOKED)
    assert outcome_of(importer.preview(account, waits, Plan())) is None
    assert outcome_of(importer.confirm(account, waits, AMIS)) is None
    assert report(importer, account, last) == done
    house.clock.advance(7 * 86_400)
    assert outcome_of(importer.report(account, last)) is None
    assert size(house, account) == 10


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"x" * (MOST_BYTES + 1), b"PK\x03\x04" + b"\0" * 99, b"a;" * 60, b"0600000001\n" * 100_002],
)
def test_unreadable(house: House, importer: Importer, account: int, content: bytes) -> None:
    """Nothing is kept of what cannot be read."""
    with pytest.raises(Unreadable):
        outcome_of(importer.stage(account, "x", content))
    assert outcome_of(importer.report(account, 1)) is None


@pytest.mark.parametrize(
    ("content", "good"),
    [
        (b"Nom;Num\xe9ro\r\n", 0),
        (b"\0\0Jean;\x000600000001\0", 1),
        (b'Nom;Numero\n"Jean;0600000001\nLuc;0600000002\n', 1),
        (b"a;0600000001;" + b"x" * (MOST_BYTES - 100) + b"\n", 0),
        (bytes(range(256)) * 100, 0),
        (b"=cmd|' /C calc'!A0;0600000001\n", 1),
        ("محمد علي;0600000001\n👨‍👩‍👧;0600000002\n".encode(), 2),
        ("Nom\tNuméro\nJérôme\t0600000001\n".encode("utf-16"), 1),
        ("Nom;Numéro\rJérôme;600000001\r".encode("mac_roman"), 1),
    ],
)
def test_strange_files(house: House, importer: Importer, account: int, content: bytes, good: int) -> None:
    """They are what they are: shown, and taken in as far as they go."""
    id_ = staged(importer, account, content)
    assert preview(importer, account, id_).good == good
    if good:
        assert confirmed(importer, account, id_).added == good


def test_file_names(importer: Importer, account: int) -> None:
    """Of the path the last part, without what no page could show."""
    names = {"../../etc/passwd": "passwd", "a\x00b\n.csv": "ab .csv", "": "contacts", "/": "contacts", "..": ".."}
    for file, name in names.items():
        assert preview(importer, account, staged(importer, account, TEN, file)).file == name
    long = preview(importer, account, staged(importer, account, TEN, "x" * 999 + ".csv")).file
    assert (len(long), long[-4:]) == (100, ".csv")


def test_few_are_remembered(importer: Importer, account: int, threads: Threads) -> None:
    """However many plans are tried, little is kept; what was tried last is not read again."""
    id_ = staged(importer, account, TEN)
    for position in range(8):
        preview(importer, account, id_, columns=Columns(number=1, v1=position), header=True, delimiter=";")
    runs = threads.runs
    preview(importer, account, id_, columns=Columns(number=1, v1=7), header=True, delimiter=";")
    assert threads.runs == runs
    assert len(importer._read) <= 2 * importers.REMEMBERED
