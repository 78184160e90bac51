"""``smstob invoice …``: listed, written as files, exported for the accountant; nothing is overwritten."""

import csv
import hashlib
import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from tests.admin.console import EMAIL, Console
from tests.admin.shop import CUSTOMER, open_shop, ordered

NOW: Final = datetime.now(ZoneInfo("Europe/Paris"))
TODAY: Final = f"{NOW:%d/%m/%Y}"
YEAR: Final = NOW.year
PERIOD: Final = ("--from", f"01/01/{YEAR - 1}", "--to", f"31/12/{YEAR + 1}")


@pytest.fixture
def shop(console: Console) -> Console:
    """A service with two invoices, of two customers, and a credit note for the first."""
    open_shop(console)
    console.open_account("b@exemple.fr")
    console.text("customer", "set", "b@exemple.fr", *CUSTOMER, "name=Mairie d'Été")
    first = ordered(console)
    second = console.json("order", "create", "b@exemple.fr", "1000", "--method", "virement")["reference"]
    for reference in (first, second):
        console.text("order", "confirm", reference)
    console.text("order", "refund", first)
    return console


def test_list(shop: Console) -> None:
    """Newest first, with whole amounts, by period and by account."""
    listed = shop.json("invoice", "list")
    assert [one["number"] for one in listed] == [f"A{YEAR}-000001", f"F{YEAR}-000002", f"F{YEAR}-000001"]
    note, second, first = listed
    assert note == first | {"number": note["number"], "kind": "credit-note", "corrects": first["number"]}
    assert (second["net"], second["vat"], second["gross"]) == ("155.00", "31.00", "186.00")
    assert (second["account"], second["customer"]) == ("b@exemple.fr", "Mairie d'Été")
    assert first["issued"] == NOW.date().isoformat()
    assert first["corrects"] is None
    assert [one["number"] for one in shop.json("invoice", "list", "--account", "b@exemple.fr")] == [second["number"]]
    assert shop.json("invoice", "list", "--limit", "1") == [note]
    assert shop.json("invoice", "list", *PERIOD) == listed
    assert shop.json("invoice", "list", "--from", TODAY, "--to", TODAY) == listed
    assert shop.json("invoice", "list", "--to", f"31/12/{YEAR - 1}") == []
    told = shop.text("invoice", "list")
    assert "186,00 €" in told
    assert "avoir" in told
    assert shop.text("invoice", "list", "--from", "01/01/9999") == "Il n'y a pas de facture.\n"


def test_show(shop: Console, tmp_path: Path) -> None:
    """The file is the invoice, the same each time, for its operator's eyes only."""
    first, again = tmp_path / "f.pdf", tmp_path / "g.pdf"
    told = shop.json("invoice", "show", f" f{YEAR}-000001 ", str(first))
    content = first.read_bytes()
    assert content.startswith(b"%PDF-")
    assert told["sha256"] == hashlib.sha256(content).hexdigest()
    assert (told["number"], told["bytes"]) == (f"F{YEAR}-000001", len(content))
    assert first.stat().st_mode & 0o077 == 0
    shop.text("invoice", "show", f"F{YEAR}-000001", str(again))
    assert again.read_bytes() == content


def test_show_mistakes(shop: Console, tmp_path: Path) -> None:
    """No such invoice, a file that is there, a place that is not."""
    taken = tmp_path / "taken.pdf"
    taken.write_text("mine")
    number = f"F{YEAR}-000001"
    assert "existe déjà" in shop.mistake("invoice", "show", number, str(taken))
    assert taken.read_text() == "mine"
    for other in (f"F{YEAR}-000009", "F1", "é" * 3000, "' OR 1=1"):
        assert "il n'y a pas de facture" in shop.mistake("invoice", "show", other, str(tmp_path / "f.pdf"))
    shop.text("invoice", "show", number, str(tmp_path / "made.pdf"))
    for place in (tmp_path / "nowhere" / "f.pdf", tmp_path / ("f" * 300)):
        assert "n'a pas pu être écrit" in shop.mistake("invoice", "show", number, str(place))
    assert "existe déjà" in shop.mistake("invoice", "show", number, str(tmp_path))


def rows_of(content: bytes) -> list[dict[str, Any]]:
    """The table of an export."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_export_to_a_file(shop: Console, tmp_path: Path) -> None:
    """One archive: the table, and every document."""
    target = tmp_path / "export.zip"
    told = shop.json("invoice", "export", str(target), *PERIOD)
    assert told == {"file": str(target), "invoices": 3}
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        rows = rows_of(archive.read("factures.csv"))
    assert sorted(names) == sorted(
        ["factures.csv", f"A{YEAR}-000001.pdf", f"F{YEAR}-000001.pdf", f"F{YEAR}-000002.pdf"]
    )
    assert [row["TTC"] for row in rows] == ["22,80", "186,00", "-22,80"]
    assert target.stat().st_mode & 0o077 == 0
    assert "existe déjà" in shop.mistake("invoice", "export", str(target), *PERIOD)


def test_export_to_a_directory(shop: Console, tmp_path: Path) -> None:
    """The same as files, the directory made where it lacks; a second time nothing is written."""
    target = tmp_path / "a" / "b"
    told = shop.text("invoice", "export", str(target), *PERIOD)
    assert "3 factures, avoirs compris" in told
    written = {path.name: path.read_bytes() for path in target.iterdir()}
    assert len(written) == 4
    assert len(rows_of(written["factures.csv"])) == 3
    (target / "factures.csv").unlink()
    assert "existe déjà : rien n'est écrasé" in shop.mistake("invoice", "export", str(target), *PERIOD)
    assert not (target / "factures.csv").exists()


def test_export_where_nothing_can_be_written(shop: Console, tmp_path: Path) -> None:
    """What cannot be written whole is not there by half."""
    shop.text("invoice", "export", str(tmp_path / "first.ZIP"), *PERIOD)
    (tmp_path / "file").write_text("mine")
    assert "n'a pas pu être écrit" in shop.mistake("invoice", "export", str(tmp_path / "file" / "x"), *PERIOD)
    assert "n'a pas pu être écrit" in shop.mistake("invoice", "export", str(tmp_path / "no" / "x.zip"), *PERIOD)
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix in ("", ".zip")) == ["file"]
    assert zipfile.is_zipfile(tmp_path / "first.ZIP")


@pytest.mark.parametrize(
    ("period", "sentence"),
    [
        (("--from", TODAY), "il manque --to"),
        ((), "il manque --from, --to"),
        (("--from", f"02/01/{YEAR}", "--to", f"01/01/{YEAR}"), "la période finit avant de commencer"),
        (("--from", "31/02/2026", "--to", TODAY), "n'est pas un jour du calendrier"),
        (("--from", "hier", "--to", TODAY), "attendu : JJ/MM/AAAA"),
        (("--from", "01/01/1969", "--to", TODAY), "attendu : JJ/MM/AAAA"),
        (("--from", "01/01/2020", "--to", "31/12/2020"), "il n'y a pas de facture du 01/01/2020 au 31/12/2020"),
    ],
)
def test_periods(shop: Console, tmp_path: Path, period: tuple[str, ...], sentence: str) -> None:
    """Days that there are, in their order, with something to export."""
    target = tmp_path / "export.zip"
    assert sentence in shop.mistake("invoice", "export", str(target), *period)
    assert not target.exists()


def test_too_much_at_once(shop: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An export that would leave the oldest out is refused, and says what to do."""
    for room in ("admin", "billing"):
        monkeypatch.setattr(f"smstob.{room}.invoices.MOST_EXPORTED", 2)
    told = shop.mistake("invoice", "export", str(tmp_path / "export.zip"), *PERIOD)
    assert told == "cette période a plus de 2 factures : exportez-la en plusieurs fois"


def test_nobody(console: Console) -> None:
    """An account that there is not."""
    assert "il n'y a pas de compte" in console.mistake("invoice", "list", "--account", EMAIL)
