"""CSV files as people have them: encodings, delimiters, columns, what Excel does to numbers, and hostile ones."""

import csv
import io
import random
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstob.contacts import reading as readings
from smstob.contacts.columns import repaired
from smstob.contacts.delimited import decode
from smstob.contacts.naming import one_line
from smstob.contacts.reading import Reading
from smstob.contacts.sheet import MOST_BYTES, MOST_ROWS
from smstob.contacts.spreadsheet import read
from smstob.model.contact_import import Columns, Plan, Unreadable
from smstob.model.merge import Variables
from smstob.model.tariff import Tariff
from smstob.model.text import clean

NAMES = ("name", "number", "v1", "v2", "v3")

BROCHURE_PLATES = """\
Variable1{0}Numéro{0}Variable2{0}Variable3
Jean{0}0660919010{0}Hédé{0}la Pizza
Jérôme{0}0660545465{0}Rennes{0}la Choucroute
Jacques{0}0660901010{0}Paris{0}le petit-salé
"""
BROCHURE_MESSAGES = """\
Prénom{0}Numéro{0}Variable1{0}Variable2
Jean{0}0660919010{0}Merci de joindre M. Poirier au 08 21 000 350{0}
Jérôme{0}0660545465{0}Pouvez-vous penser à apporter des fleurs ?{0}
Jacques{0}0660901010{0}Votre véhicule est prêt. Prenez contact avec :{0}M. Dupont
Jules{0}0665454514{0}Votre véhicule est prêt. Prenez contact avec :{0}M. Durand
"""
TABLE = "Nom;Numéro;v1\nHélène;0660919010;Hédé\nŒdipe;0660545465;à bientôt\n"


def reading(content: str | bytes, **plan: Any) -> Reading:
    """What a file holds."""
    return readings.read(content.encode() if isinstance(content, str) else content, Plan(**plan), Tariff())


def rows(content: str | bytes) -> list[tuple[str, ...]]:
    """Its contacts: number, name and variables; the file has no fault."""
    found = reading(content)
    assert found.faults == ()
    return [
        (one.number, one.variables.name, one.variables.v1, one.variables.v2, one.variables.v3)
        for one in found.recipients
    ]


def faults(content: str | bytes) -> list[tuple[int, str]]:
    """Its faulty lines and why."""
    return [(fault.line, fault.reason) for fault in reading(content).faults]


def columns(content: str) -> dict[str, int | None]:
    """Where its columns were recognised."""
    found = reading(content).plan.columns
    return {name: getattr(found, name) for name in NAMES if getattr(found, name) is not None}


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_the_brochure(delimiter: str) -> None:
    """Both of its examples: a plate for each, and a message for each; «Prénom» is the name."""
    assert rows(BROCHURE_PLATES.format(delimiter)) == [
        ("+33660919010", "", "Jean", "Hédé", "la Pizza"),
        ("+33660545465", "", "Jérôme", "Rennes", "la Choucroute"),
        ("+33660901010", "", "Jacques", "Paris", "le petit-salé"),
    ]
    assert rows(BROCHURE_MESSAGES.format(delimiter)) == [
        ("+33660919010", "Jean", "Merci de joindre M. Poirier au 08 21 000 350", "", ""),
        ("+33660545465", "Jérôme", "Pouvez-vous penser à apporter des fleurs ?", "", ""),
        ("+33660901010", "Jacques", "Votre véhicule est prêt. Prenez contact avec :", "M. Dupont", ""),
        ("+33665454514", "Jules", "Votre véhicule est prêt. Prenez contact avec :", "M. Durand", ""),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(encoding: str, line_end: str) -> None:
    """What Excel, LibreOffice, Notepad and old Macintoshes write."""
    assert rows(TABLE.replace("\n", line_end).encode(encoding)) == [
        ("+33660919010", "Hélène", "Hédé", "", ""),
        ("+33660545465", "Œdipe", "à bientôt", "", ""),
    ]


def test_euro() -> None:
    """The euro of cp1252 and the one of iso-8859-15."""
    for encoding in ("cp1252", "iso-8859-15"):
        assert decode("5 € prêt".encode(encoding)) == "5 € prêt"
    assert decode("5 ¤".encode()) == "5 ¤"


@pytest.mark.parametrize(
    ("content", "delimiter"),
    [
        ("Jean;0660919010;Bonjour, ça va ?\nLuc;0660545465;Bien, merci\n", ";"),
        ("Jean,0660919010,a;b\nLuc,0660545465,c\n", ","),
        ("Jean\t0660919010\tun, deux; trois\n", "\t"),
        ("0660919010\n0660545465\n", ";"),
        ("660919010,00\n660545465,00\n", ";"),
        ("6,61E+08\n6,61E+08\n", ";"),
        ('"a,b";0660919010\n"c,d";0660545465\n', ";"),
        ('"Durand;Luc",0660919010\n"Petit;Léo",0660545465\n', ","),
        ("sep=|\nJean;x|0660919010\n", "|"),
    ],
)
def test_delimiter(content: str, delimiter: str) -> None:
    """The one that splits most rows; a comma within a number does not count."""
    assert read(content.encode()).delimiter == delimiter


def test_delimiter_given() -> None:
    """The user's choice wins."""
    (row,) = read(b"a;b,c", ",").rows
    assert row.cells == ("a;b", "c")


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("Nom;Numéro", {"name": 0, "number": 1}),
        ("NUMERO ; NAME", {"number": 0, "name": 1}),
        ("Prénom;Nom;Portable", {"v1": 0, "name": 1, "number": 2}),
        ("Nom;Tél.;Mobile", {"name": 0, "v1": 1, "number": 2}),
        ("N° de téléphone;Nom complet;Ville", {"number": 0, "name": 1, "v1": 2}),
        ("gsm;v3;V1;variable 2", {"number": 0, "v3": 1, "v1": 2, "v2": 3}),
        ("nom;number;Variable_1;Ville", {"name": 0, "number": 1, "v1": 2}),
        ("Téléphone portable;Nom;a;b;c;d", {"number": 0, "name": 1, "v1": 2, "v2": 3, "v3": 4}),
    ],
)
def test_header(header: str, found: dict[str, int]) -> None:
    """Columns are known by their names, whatever their case, accents and order."""
    # a landline where the header has two telephones
    cells = {"number": "0660919010"}
    width = header.count(";") + 1
    names = {position: name for name, position in found.items()}
    row = ";".join(cells.get(names.get(position, ""), "0123456789") for position in range(width))
    assert columns(f"{header}\n{row}\n") == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Jean;0660919010", {"name": 0, "number": 1}),
        ("Jean;0660919010;a;b;c;d", {"name": 0, "number": 1, "v1": 2, "v2": 3, "v3": 4}),
        ("660919010", {"number": 0}),
        ("0660919010;Jean;a", {"number": 0, "name": 1, "v1": 2}),
        ("Jean;Petit;a;0660919010", {"name": 0, "v1": 1, "v2": 2, "number": 3}),
        ("Mobile;0660919010", {"name": 0, "number": 1}),
        ("Jean;0123456789;a", {"name": 0, "number": 1, "v1": 2}),
        ("Jean", {"number": 0}),
    ],
)
def test_no_header(line: str, found: dict[str, int]) -> None:
    """Without names the numbers are where numbers are; the others keep their order."""
    assert not reading(line).plan.header
    assert columns(line) == found


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("0612345678", "0612345678"),
        ("612345678", "0612345678"),
        ("612345678,00", "0612345678"),
        ("612345678.0", "0612345678"),
        ("712 345 678", "0712345678"),
        ('="0612345678"', "0612345678"),
        ('="612345678"', "0612345678"),
        ("'0612345678", "0612345678"),
        ("\u00a006 12 34 56 78\u00a0", "06 12 34 56 78"),
        ("06.12.34.56.00", "06.12.34.56.00"),
        ("+33 (0)6 12 34 56 78", "+33 (0)6 12 34 56 78"),
        ("0033612345678", "0033612345678"),
        ("33612345678,00", "33612345678"),
        ("", ""),
        ("123456789", "123456789"),
    ],
)
def test_repaired(cell: str, number: str) -> None:
    """What a spreadsheet made of a number is undone; what it did not touch stays as it was typed."""
    assert repaired(cell) == number


def test_repaired_in_a_file() -> None:
    """All of them in quotes and out, among the rows of one file."""
    content = (
        'Nom;Mobile\na;612345678\nb;612345678,00\nc;="0612345678"\nd;"=""0612345678"""\ne;\'0612345678\n'
        "f;+33 6 12 34 56 78\n"
    )
    found = reading(content)
    assert [(row.contact and row.contact.number, row.cells[0], row.repaired) for row in found.rows] == [
        ("+33612345678", name, name in "ab") for name in "abcdef"
    ]
    assert (found.good, found.repaired, found.repeated) == (6, 2, 5)
    assert [one.variables.name for one in found.recipients] == ["f"]


@pytest.mark.parametrize("cell", ["6,61E+08", "6.6091901E+8", "3,36E+10", "6E8"])
def test_excel_lost_digits(cell: str) -> None:
    """What cannot be undone is refused by its line."""
    ((line, reason),) = faults(f"Nom;Numéro\nJean;0660919010\nLuc;{cell}\n")
    assert line == 3
    assert reason.startswith("Excel a perdu des chiffres")
    assert cell in reason


def test_faults_by_physical_line() -> None:
    """Lines are those that an editor shows, blank ones and those within quotes counted."""
    content = (
        "\ufeffNom;Numéro;v1\n"  # 1
        "\n"
        '"Jean\nPetit";0660919010;"sur\r\ndeux lignes"\n'  # 3 to 5
        "Luc;0123456789\n"  # 6
        ";;\n"
        "Max;\n"  # 8
        "Zoé;+32470123456;x\n"  # 9
    )
    found = reading(content)
    assert [one.variables for one in found.recipients] == [Variables("Jean Petit", "sur\ndeux lignes", "", "")]
    assert [(fault.line, fault.reason) for fault in found.faults] == [
        (6, "« 0123456789 » n'est pas un numéro de mobile"),
        (8, "il n'y a pas de numéro"),
        (9, "« +32470123456 » : les envois vers ce pays (BE) ne sont pas ouverts"),
    ]


def test_open_country() -> None:
    """The tariff decides."""
    (zoe,) = readings.read(b"Zoe;+32470123456", Plan(), Tariff({"BE": 2})).recipients
    assert (zoe.number, zoe.country, zoe.typed) == ("+32470123456", "BE", "+32470123456")


def test_columns_chosen() -> None:
    """The user may know better."""
    (found,) = reading(b"0660919010;0660545465;x", columns=Columns(number=1, v2=2)).recipients
    assert (found.number, found.variables) == ("+33660545465", Variables("", "", "x", ""))


def test_unclosed_quote() -> None:
    """It costs its own line and no other."""
    content = 'Nom;Numéro\n"Jean;0660919010\nLuc;0660545465\nLéo;0660901010\n'
    assert faults(content) == [(2, "un guillemet ouvert sur cette ligne n'est pas refermé")]
    assert [one.variables.name for one in reading(content).recipients] == ["Luc", "Léo"]


def test_long_cells() -> None:
    """Beyond csv's own limit, which stays as it was, or beyond ours: a fault of that line."""
    limit = csv.field_size_limit()
    long = f"a;0660919010;{'x' * (limit + 1)}\nb;0660545465;y\nc;0660901010;{'z' * 2001}\n"
    found = faults(long)
    assert [line for line, _ in found] == [1, 3]
    assert "trop longue" in found[0][1]
    assert "2001 caractères" in found[1][1]
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "vide"),
        (b"\n\r\n;;;\n", "vide"),
        (b"\xef\xbb\xbf", "vide"),
        (b"PK\x03\x04" + b"x" * 100, "classeur n'est pas lisible"),
        (b"\xd0\xcf\x11\xe0", "classeur n'est pas lisible"),
        (b"a" * (MOST_BYTES + 1), "trop gros"),
        (b"0660919010\n" * (MOST_ROWS + 2), "plus de 100000 lignes"),
        (b"0660919010\n0660919010" + b";x" * 50, "la ligne 2 a plus de 50 colonnes"),
    ],
)
def test_unreadable(content: bytes, reason: str) -> None:
    """What is no list of contacts as a whole."""
    with pytest.raises(Unreadable, match=reason):
        read(content)


def test_limits_are_allowed() -> None:
    """100,000 rows beside the header, 50 columns beside blank ones; in little time."""
    begun = time.monotonic()
    content = "Nom;Numéro;v1\n" + "".join(f"Jean {n};06{n:08};Hédé\n" for n in range(MOST_ROWS))
    assert len(rows(content.encode("cp1252"))) == MOST_ROWS
    assert time.monotonic() - begun < 20
    assert len(rows("0660919010" + ";x" * 49 + ";" * 1000)) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"\0" * 1000,
        b"\xff\xfe\0",
        b"\xff\xfe0",
        b"\xfe\xff\xd8\x00",
        b'"',
        b'"' * 9999,
        b'a"b;"\n' * 20_000,
        b'";"\n' * 20_000,
        b'"a\n' * 20_001,
        b"\n" * 1_000_000 + b"x",
        b";" * 1_000_000 + b"x",
        b"06\x0060919010;\x00Jean\0",
        b"sep=\n1;2",
        b'sep="\n1;2',
        b"sep=\r\n1;2",
        "０６１２３４５６７８;²³;٠٦".encode(),
        b"=cmd|' /C calc'!A0;0660919010",
        b"\x1b[2J;0660919010",
    ],
)
def test_hostile(content: bytes) -> None:
    """Nothing but ``Unreadable`` is raised, and not after long."""
    begun = time.monotonic()
    with suppress(Unreadable):
        reading(content)
    assert time.monotonic() - begun < 20


def test_nothing_unprintable_comes_out() -> None:
    """Control characters go, and reasons are fit for a terminal."""
    (jean,) = reading(b"Je\x00an\x1b[2J\x07;0660919010").recipients
    assert jean.variables.name == "Jean[2J"
    ((_, reason),) = faults(b"a;0660919010\nb;\x1b[2Jx\x9b" + b"y" * 100)
    assert reason.isprintable()
    assert len(reason) < 80


@given(st.binary(max_size=400) | st.text("0671;,\t|\"'=\n\r\0E+. é€nomvtel", max_size=200).map(str.encode))
@settings(deadline=None, max_examples=300)
def test_anything(content: bytes) -> None:
    """Any bytes: contacts and faults by line, or ``Unreadable``; each line is told once at most."""
    try:
        sheet = read(content)
        found = reading(content)
    except Unreadable:
        return
    lines = [fault.line for fault in found.faults]
    assert lines == sorted(set(lines))
    assert found.good + len(lines) + bool(found.plan.header) == len(sheet.rows) + len(sheet.faults)
    assert found.repeated >= 0
    assert all(one.number.startswith("+") for one in found.recipients)


@given(
    st.lists(
        st.tuples(
            st.text("éàœ'a b\"\n;,\t", max_size=12),
            st.integers(600_000_000, 638_999_999).map(lambda number: f"0{number}"),
            st.text("éÉxyz0 ;\"\n", max_size=12),
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(";,\t|"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
@settings(deadline=None, max_examples=150)
def test_what_programs_write_is_read(table: list[tuple[str, str, str]], delimiter: str, encoding: str) -> None:
    """A file of Python's own writer, whatever its cells hold, gives its contacts back."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("Nom", "Numéro", "v1"), *table])
    found = reading(file.getvalue().encode(encoding), delimiter=delimiter)
    assert found.faults == ()
    # the last row of a number counts
    last = {number: (f"+33{number[1:]}", one_line(clean(name)), clean(variable)) for name, number, variable in table}
    assert {(one.number, one.variables.name, one.variables.v1) for one in found.recipients} == set(last.values())


def test_delimiter_is_recognised_among_random_tables() -> None:
    """Whatever the cells are full of, as long as they are quoted where they must be."""
    chance = random.Random(5350)
    for _ in range(100):
        delimiter = chance.choice(";,\t|")
        lines = [
            f"Jean{chance.choice(' -')}{number}{delimiter}06{chance.randrange(38):02}{number:06}{delimiter}a b"
            for number in range(chance.randrange(1, 9))
        ]
        content = "\n".join(lines).encode() or b"x"
        assert not lines or read(content).delimiter == delimiter
