"""``smstob.pyz``: it holds what the program needs and nothing else, and a Python runs it that has nothing installed."""

import hashlib
import os
import pkgutil
import random
import subprocess
import sys
import zoneinfo
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

import attrs
import pytest

from smstob.desktop import archive
from smstob.desktop.site import Site
from smstob.model.number import NotANumber, parse_number
from smstob.model.segment import measure
from tests.desktop import bare

SITE: Final = Site(version="1.2.3", base_url="https://sms.exemple.fr", domain="sms.exemple.fr", email="a@exemple.fr")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that a customer has."""
    return written(tmp_path_factory.mktemp("program") / "smstob.pyz", SITE)


def written(path: Path, site: Site) -> Path:
    """The program for a site, as a file."""
    path.write_bytes(archive.filled(archive.build(), site))
    return path


def contents(file: bytes) -> dict[str, bytes]:
    """What is in an archive."""
    with ZipFile(BytesIO(file)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def test_what_it_holds() -> None:
    """Sources of the program, of pure rooms, and of three packages, with the licences; nothing of the daemon."""
    files = contents(archive.build())
    tops = {name.split("/")[0] for name in files}
    assert tops == {"__main__.py", "attr", "attrs", "licences", "phonenumbers", "smstob"}
    ours = {name.split("/")[1] for name in files if name.startswith("smstob/")}
    assert ours == {"__init__.py", "contacts", "desktop", "model"}
    assert {Path(name).suffix for name in files} == {".py", ".txt"}
    assert {name for name in files if name.endswith(".txt")} == {"licences/attrs.txt", "licences/phonenumberslite.txt"}
    assert b"MIT" in files["licences/attrs.txt"]
    assert b"Apache License" in files["licences/phonenumberslite.txt"]
    heavy = ("phonenumbers/geocoder.py", "phonenumbers/carrier.py", "phonenumbers/shortdata/region_FR.py")
    for name in ("smstob/desktop/archive.py", "smstob/model/invoice.py", *heavy):
        assert name not in files
    root = Path(archive.__file__).parents[2]
    for name, content in files.items():
        if name.startswith("smstob/"):
            assert (root / name).read_bytes() == content, name


def test_every_window_is_in_it() -> None:
    """Whatever the program's folder holds is reached from where it begins, but for what makes the archive."""
    folder = Path(archive.__file__).parent
    there = {f"smstob/desktop/{path.relative_to(folder).as_posix()}" for path in folder.rglob("*.py")}
    assert there - set(contents(archive.build())) == {"smstob/desktop/archive.py"}


IMPORT_ALL: Final = """
import importlib, sysconfig, zipfile
names = sorted(name[:-3].replace("/", ".").removesuffix(".__init__")
               for name in zipfile.ZipFile(ARCHIVE).namelist() if name.endswith(".py") and name != "__main__.py")
for name in names:
    importlib.import_module(name)
files = {name: getattr(module, "__file__", None) for name, module in sys.modules.items() if name not in names}
own = sysconfig.get_path("stdlib")
foreign = sorted(name for name, file in files.items() if file and (not file.startswith(own) or "-packages" in file))
outside = sorted(name for name in names if not sys.modules[name].__file__.startswith(ARCHIVE))
print(json.dumps([len(names), foreign, outside]))
"""


def test_imports_nothing_else(program: Path) -> None:
    """Every module in it can be imported where nothing is installed, from it, and brings in Python's own alone."""
    count, foreign, outside = bare.told(IMPORT_ALL, program)
    assert count > 300
    assert (foreign, outside) == ([], [])


def test_deterministic(tmp_path: Path) -> None:
    """Another process makes the same bytes, whatever its hashes, clock zone and folder; so does another moment."""
    command = [sys.executable, "-m", "smstob.desktop.archive", "--domain", "sms.exemple.fr", "dist/other.pyz"]
    variables = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "PYTHONPATH": os.getcwd()}
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=True)
    made = (tmp_path / "dist" / "other.pyz").read_bytes()
    assert made == archive.filled(archive.build(), Site(version=archive.release(), domain="sms.exemple.fr"))
    assert done.stdout == f"dist/other.pyz: {len(made)} bytes, SHA-256 {hashlib.sha256(made).hexdigest()}\n"
    assert os.access(tmp_path / "dist" / "other.pyz", os.X_OK)


def test_filling() -> None:
    """Two files more, and nothing else is another; each site's bytes are its own, always the same."""
    plain = archive.build()
    before = bytes(plain)
    first, again = archive.filled(plain, SITE), archive.filled(plain, SITE)
    assert first == again
    assert plain == before
    assert first != archive.filled(plain, attrs.evolve(SITE, email="b@exemple.fr"))
    more = contents(first)
    assert {name: more.pop(name) for name in contents(plain)} == contents(plain)
    assert set(more) == {"smstob/desktop/site.json", "smstob/desktop/zone.tzif"}
    with ZipFile(BytesIO(first)) as opened:
        assert {(one.date_time, one.compress_type) for one in opened.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), ZIP_DEFLATED)
        }
    assert first.startswith(b"#!/usr/bin/env python3\n")


READ: Final = """
import attrs
from smstob.desktop.program import bundled_site
print(json.dumps(attrs.asdict(bundled_site())))
"""

HOSTILE: Final = (
    "o'br\"ien@exemple.fr",
    "</script><script>alert(1)</script>@x",
    "é€😀\u2028\u202e@exämple.fr",
    "{{7*7}}%s\\n\r\n\t\x00$HOME`id`@x",
    "\ud800@x",
    "x" * 100_000,
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_site(tmp_path: Path, text: str) -> None:
    """Whatever a customer's address or the service's name is, the program reads that and nothing else."""
    site = Site(version=text, service=text, base_url=text, domain=text, email=text)
    assert bare.told(READ, written(tmp_path / "smstob.pyz", site)) == attrs.asdict(site)


ZONES: Final = """
import datetime, zoneinfo
zoneinfo.reset_tzpath(to=[])  # as on Windows
from smstob.desktop.program import bundled_site, bundled_zone
zone = bundled_zone(bundled_site())
days = [datetime.datetime(2026, month, 1, tzinfo=zone) for month in (1, 7)]
print(json.dumps([day.utcoffset().total_seconds() / 3600 for day in days]))
"""


@pytest.mark.parametrize(
    ("zone", "hours"), [("Europe/Paris", [1, 2]), ("America/Cayenne", [-3, -3]), ("Pacific/Noumea", [11, 11])]
)
def test_zone(tmp_path: Path, zone: str, hours: list[float]) -> None:
    """The clocks of the service are known where the system knows none."""
    assert bare.told(ZONES, written(tmp_path / "smstob.pyz", attrs.evolve(SITE, zone=zone))) == hours


def test_zone_of_the_system(tmp_path: Path) -> None:
    """One that the server's system alone knows goes with the program too."""
    (tmp_path / "Here").mkdir()
    (tmp_path / "Here" / "Only").write_bytes(pkgutil.get_data("tzdata", "zoneinfo/Asia/Tokyo") or b"")
    zoneinfo.reset_tzpath(to=[str(tmp_path)])
    try:
        path = written(tmp_path / "smstob.pyz", attrs.evolve(SITE, zone="Here/Only"))
    finally:
        zoneinfo.reset_tzpath()
    assert bare.told(ZONES, path) == [9, 9]


@pytest.mark.parametrize("zone", ["Europe/Pari", "../zoneinfo/Europe/Paris", "/etc/passwd", "", "Europe"])
def test_no_such_zone(zone: str) -> None:
    """A program whose clocks would be wrong is not made; no other file goes with it."""
    with pytest.raises((zoneinfo.ZoneInfoNotFoundError, ValueError, OSError)):
        archive.filled(archive.build(), attrs.evolve(SITE, zone=zone))


def texts() -> list[str]:
    """Texts around every boundary: of both alphabets, with escapes and surrogate pairs where segments are cut."""
    made = [head + sign * count for head in ("", "a", "ab") for sign in "aé€[ç😀ê\n" for count in (1, 66, 67, 70, 153)]
    chance = random.Random(20261126)
    for alphabet in ("ab é\n", "ab€[]{}|^~\\", "aç’«œ", "a😀ñ", "日本ê\u0301\u200b"):
        made += ["".join(chance.choices(alphabet, k=chance.randrange(500))) for _ in range(200)]
    return made


def test_same_counter(program: Path) -> None:
    """The program counts as the server does: coding, length and SMS of every text."""
    script = """
from smstob.model.segment import measure
print(json.dumps([[one.coding, one.length, one.segments] for one in map(measure, GIVEN)]))
"""
    given = texts()
    here = [*map(measure, given)]
    assert {one.coding for one in here} == {"gsm7", "ucs2"}
    assert max(one.segments for one in here) > 5
    assert bare.told(script, program, given) == [[one.coding, one.length, one.segments] for one in here]


def test_same_numbers(program: Path) -> None:
    """And it knows the same numbers, of every country."""
    typed = ["06 12 34 56 78", "0690 12 34 56", "+447911123456", "+4915112345678", "+8613812345678", "+1 202 555 0143"]
    typed += ["+33123456789", "112", "0612", "+999123", "", "pas un numéro", "٠٦١٢٣٤٥٦٧٨"]
    script = """
from smstob.model.number import NotANumber, parse_number
def read(typed):
    try:
        return parse_number(typed).e164
    except NotANumber:
        return None
print(json.dumps([read(one) for one in GIVEN]))
"""
    assert bare.told(script, program, typed) == [e164(one) for one in typed]


def e164(typed: str) -> str | None:
    """The number that the server reads."""
    try:
        return parse_number(typed).e164
    except NotANumber:
        return None


def planted(folder: Path, files: dict[str, str]) -> dict[str, Any]:
    """What the archive of another program would hold of it, with the exit code and the complaint if there is any."""
    real = Path(archive.__file__).parent
    copied = {f"desktop/{name}": (real / name).read_text("utf-8") for name in ("archive.py", "site.py", archive.START)}
    packages = {"__init__.py": '"""."""\n', "desktop/__init__.py": '"""."""\n', "model/__init__.py": '"""."""\n'}
    for name, text in {**packages, **copied, **files}.items():
        path = folder / "smstob" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    command = [sys.executable, "-m", "smstob.desktop.archive", "made.pyz"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    made = folder / "made.pyz"
    names = contents(made.read_bytes()) if made.exists() else {}
    return {
        "code": done.returncode,
        "complaint": done.stderr.splitlines()[-1:],
        "names": {name.removeprefix("smstob/") for name in names if name.startswith("smstob/")},
    }


def test_imports_are_followed(tmp_path: Path) -> None:
    """However they are written, wherever they stand, and only they."""
    found = planted(
        tmp_path,
        {
            "desktop/__main__.py": "from . import first\nfrom .first import value\nimport smstob.model.second\n",
            "desktop/first.py": "def f():\n    from ..model import third, value\nvalue = 1\n",
            "desktop/alone.py": "",
            "model/__init__.py": "from .deep.fourth import *\n",
            "model/second.py": "import keyring, attrs\nfrom keyring import errors\n",
            "model/third.py": "try:\n    import os.path\nexcept ImportError:\n    pass\n",
            "model/deep/__init__.py": "from . import fifth as other\n",
            "model/deep/fourth.py": "if False:\n    from .. import third\n",
            "model/deep/fifth.py": "from ...desktop.first import value\n",
        },
    )
    assert found["complaint"] == []
    assert found["names"] == {
        *("__init__.py", "desktop/__init__.py", "desktop/__main__.py", "desktop/first.py", "desktop/site.json"),
        *("desktop/zone.tzif", "model/__init__.py", "model/second.py", "model/third.py", "model/deep/__init__.py"),
        *("model/deep/fourth.py", "model/deep/fifth.py"),
    }


@pytest.mark.parametrize("text", ["from .hole import value", "from . import there, hole\nfrom .hole.deeper import x"])
def test_missing_module(tmp_path: Path, text: str) -> None:
    """A program with a hole in it is not made."""
    found = planted(tmp_path, {"desktop/__main__.py": f"{text}\n", "desktop/there.py": ""})
    assert found["code"] == 1
    assert "smstob.desktop.hole" in found["complaint"][0]
    assert not found["names"]
