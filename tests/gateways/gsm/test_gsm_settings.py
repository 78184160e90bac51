"""What the configuration says of a pool of modems: every key, every mistake, and no code shown."""

from pathlib import Path
from typing import Any, Final

import pytest

from gateways.gsm.settings import ANY, GsmSettings, parse_settings
from smstob.model.modem import SimLimits
from smstob.table import Table

CARD: Final = "8933012345678901234"
IMEI: Final = "490154203237518"
CODES: Final = ("4711", "97531", "86420864")
PORT: Final = "/dev/serial/by-id/usb-HUAWEI_Mobile-if00-port0"


def read_settings(**given: Any) -> tuple[GsmSettings, list[str]]:
    """What such a table becomes, and the mistakes that are told; None leaves a key out."""
    mistakes: list[str] = []
    values = {key: value for key, value in ({"port": PORT} | given).items() if value is not None}
    with Table(values, "s", mistakes) as table:
        settings = parse_settings(table)
    return settings, mistakes


def settings(**given: Any) -> GsmSettings:
    """The same, where there are none."""
    read, mistakes = read_settings(**given)
    assert not mistakes, mistakes
    return read


def mistakes(**given: Any) -> list[str]:
    """What is told of such a table."""
    return read_settings(**given)[1]


def test_port_is_enough() -> None:
    """What is not said has its default."""
    assert settings() == GsmSettings(
        ports=(PORT,),
        baudrate=115_200,
        pins={},
        smsc="",
        limits=SimLimits(per_minute=15, per_day=0, per_month=0, recipients_per_month=0),
        again=None,
        reports=True,
    )


def test_every_key() -> None:
    """All of them are read, and asked for."""
    read = settings(
        port="/dev/ttyUSB0",
        baudrate=9600,
        pin=CODES[0],
        smsc="+33609001390",
        per_minute=6,
        per_day=200,
        per_month=3000,
        recipients_per_month=199,
        unknown="retry",
        unknown_minutes=30,
        reports=False,
    )
    assert read == GsmSettings(
        ports=("/dev/ttyUSB0",),
        baudrate=9600,
        pins={ANY: CODES[0]},
        smsc="+33609001390",
        limits=SimLimits(per_minute=6, per_day=200, per_month=3000, recipients_per_month=199),
        again=1800.0,
        reports=False,
    )


def test_unknown_key() -> None:
    """A key that there is not is told, with the one that was meant."""
    assert mistakes(boudrate=9600) == ["s.boudrate : clé inconnue (peut-être baudrate ?)"]


@pytest.mark.parametrize(
    ("given", "ports"),
    [
        ("/dev/ttyUSB0 /dev/ttyUSB2", ("/dev/ttyUSB0", "/dev/ttyUSB2")),
        ("  /dev/ttyUSB2\n\t/dev/ttyUSB0\n", ("/dev/ttyUSB2", "/dev/ttyUSB0")),
        ("/dev/ttyUSB0 /dev/ttyUSB0", ("/dev/ttyUSB0",)),
        ("/dev/ttyUSB* /dev/serial/by-path/*-port?", ("/dev/ttyUSB*", "/dev/serial/by-path/*-port?")),
        ("socket://127.0.0.1:4000", ("socket://127.0.0.1:4000",)),
        ("socket://modems.example:1 /dev/ttyS0", ("socket://modems.example:1", "/dev/ttyS0")),
        ("socket://[::1]:65535", ("socket://[::1]:65535",)),
        ("socket://[fe80::1]:4000", ("socket://[fe80::1]:4000",)),
    ],
)
def test_ports(given: str, ports: tuple[str, ...]) -> None:
    """Several, in the order in which they are given, each once; patterns as they are, and servers of ports."""
    assert settings(port=given).ports == ports


BAD_PORT: Final = "s.port : un port (/dev/…) ou socket://HÔTE:PORT ; plusieurs, avec une espace entre eux"


@pytest.mark.parametrize(
    "given",
    [
        "",
        "   \n",
        "ttyUSB0",
        "dev/ttyUSB0",
        "./ttyUSB0",
        "COM3",
        "/dev/ttyUSB0 ttyUSB1",
        "/dev/ttyUSB0, /dev/ttyUSB1 ;",
        "socket://127.0.0.1",
        "socket://127.0.0.1:",
        "socket://127.0.0.1:0",
        "socket://127.0.0.1:65536",
        "socket://127.0.0.1:99999",
        "socket://127.0.0.1:123456",
        "socket://127.0.0.1:+80",
        "socket://127.0.0.1:٤٤٤",
        "socket://:4000",
        "socket://::1:4000",
        "socket://[::1:4000",
        "socket://[]:4000",
        "socket://host/path:4000",
        "socket://user@host:4000",
        "socket://host:4000/",
        "SOCKET://host:4000",
        "rfc2217://host:4000",
        "tcp:host:4000",
    ],
)
def test_no_ports(given: str) -> None:
    """None at all, a path that depends on where the service runs, and addresses that lead nowhere are mistakes."""
    assert mistakes(port=given) == [BAD_PORT]


def test_ports_are_a_text() -> None:
    """Without the key, or with a list, there is one mistake that says what is wanted."""
    assert mistakes(port=None)[0] == "s.port : cette clé manque ; attendu : un texte"
    assert mistakes(port=["/dev/ttyUSB0"])[0] == "s.port : attendu : un texte ; reçu : une liste"
    assert len(mistakes(port=None)) == len(mistakes(port=["/dev/ttyUSB0"])) == 1


@pytest.mark.parametrize(
    ("given", "pins"),
    [
        ("", {}),
        ("\n  \n", {}),
        ("4711", {ANY: "4711"}),
        (" 97531 \n", {ANY: "97531"}),
        (f"{CARD} 4711", {CARD: "4711"}),
        (f"{CARD} 4711\n\n  {IMEI}\t86420864\r\n", {CARD: "4711", IMEI: "86420864"}),
        ("89330123456789 0000", {"89330123456789": "0000"}),
        ("8933012345678901234567 0000", {"8933012345678901234567": "0000"}),
    ],
)
def test_pins(given: str, pins: dict[str, str]) -> None:
    """One for all cards, or a line for each, by its ICCID or by the IMEI of its modem."""
    assert settings(pin=given).pins == pins


def test_pins_of_a_file(tmp_path: Path) -> None:
    """They may be in a file, as every secret."""
    path = tmp_path / "pins"
    path.write_text(f"{CARD} 4711\n{IMEI} 97531\n")
    assert settings(pin_file=str(path)).pins == {CARD: "4711", IMEI: "97531"}
    assert len(mistakes(pin_file=str(tmp_path / "none"))) == 1


BAD_PIN: Final = "s.pin : un code de 4 à 8 chiffres, ou une ligne « ICCID CODE » ou « IMEI CODE » par carte"


@pytest.mark.parametrize(
    "given",
    [
        "471",
        "471147114",
        "47l1",
        "+4711",
        "٤٧١١",
        "4711\n97531",
        f"4711\n{CARD} 97531",
        f"{CARD} 97531\n4711",
        f"{CARD} 4711\n{CARD} 97531",
        f"{CARD} 4711 97531",
        f"{CARD} 471",
        f"{CARD} 471147114",
        f"4711 {CARD}",
        "8933012345678 4711",
        "89330123456789012345678 4711",
        f"{CARD}F 4711",
        f"{CARD}=4711",
        f"{CARD}:4711",
        "4711 97531",
        f"{CARD} 4711\n# the second\n{IMEI} 97531",
    ],
)
def test_no_pins(given: str) -> None:
    """Whatever is not of that form is one mistake, which shows none of it; and no code is given to any card then."""
    read, told = read_settings(pin=given)
    assert told == [BAD_PIN]
    assert read.pins == {}


def test_pin_is_a_text() -> None:
    """A code without quotation marks would lose its zeros: it is a mistake, and is not shown."""
    assert mistakes(pin=4711) == ["s.pin : attendu : un texte ; reçu : un nombre entier"]


def test_pins_are_not_shown() -> None:
    """Neither the codes nor whose they are stand in what a log may show."""
    shown = repr(settings(pin=f"{CARD} {CODES[0]}\n{IMEI} {CODES[1]}")) + str(settings(pin=CODES[2]))
    assert not any(one in shown for one in (*CODES, CARD, IMEI))


@pytest.mark.parametrize("given", ["", "+33609001390", "33609001390", "0609001390", "123", "+12345678901234567890"])
def test_service_centre(given: str) -> None:
    """A number as it is dialled, or with its plus; empty is the card's own."""
    assert settings(smsc=given).smsc == given


@pytest.mark.parametrize(
    "given", ["12", "+33 609001390", "+", "++33609001390", "123456789012345678901", '+336"', "SFR", "+33609001390\n"]
)
def test_no_service_centre(given: str) -> None:
    """What is no number is a mistake: it would stand between the quotation marks of a command."""
    assert mistakes(smsc=given) == ["s.smsc : un numéro de téléphone, par exemple +33609001390"]


BOUNDS: Final = {
    "baudrate": (300, 4_000_000),
    "per_minute": (0, 600),
    "per_day": (0, 1_000_000),
    "per_month": (0, 1_000_000),
    "recipients_per_month": (0, 1_000_000),
}


@pytest.mark.parametrize("key", BOUNDS)
def test_bounds(key: str) -> None:
    """Each number has its bounds, is whole, and is no text; after a mistake the default stands."""
    least, most = BOUNDS[key]
    for number in (least, most, float(most)):
        read = settings(**{key: number})
        found = read.baudrate if key == "baudrate" else getattr(read.limits, key)
        assert (found, type(found)) == (number, int)
    for number in (least - 1, most + 1, -1, 1e12):
        assert mistakes(**{key: number}) == [f"s.{key} : hors des bornes ; attendu : un nombre de {least} à {most}"]
    assert mistakes(**{key: least + 0.5}) == [f"s.{key} : il faut un nombre entier"]
    wanted = f"s.{key} : attendu : un nombre de {least} à {most} ; reçu : "
    assert mistakes(**{key: str(most)}) == [wanted + "un texte"]
    assert mistakes(**{key: True}) == [wanted + "true ou false"]
    assert read_settings(**{key: most + 1})[0] == settings()


@pytest.mark.parametrize(
    ("given", "again"),
    [
        ({}, None),
        ({"unknown": "fail"}, None),
        ({"unknown": "fail", "unknown_minutes": 5}, None),
        ({"unknown": "retry"}, 600.0),
        ({"unknown": "retry", "unknown_minutes": 1}, 60.0),
        ({"unknown": "retry", "unknown_minutes": 2.5}, 150.0),
        ({"unknown": "retry", "unknown_minutes": 4320}, 259_200.0),
    ],
)
def test_messages_of_which_nobody_knows(given: dict[str, Any], again: float | None) -> None:
    """They go out again where that is wanted, and after as many minutes as are told."""
    assert settings(**given).again == again


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"unknown": "again"}, "s.unknown : « again » n'existe pas ; valeurs possibles : fail, retry"),
        ({"unknown": True}, "s.unknown : attendu : un texte ; reçu : true ou false"),
        (
            {"unknown_minutes": 0},
            "s.unknown_minutes : hors des bornes ; attendu : un nombre de 1 à 4320",
        ),
        (
            {"unknown": "retry", "unknown_minutes": 4321},
            "s.unknown_minutes : hors des bornes ; attendu : un nombre de 1 à 4320",
        ),
        ({"reports": 1}, "s.reports : attendu : true ou false ; reçu : un nombre entier"),
        ({"reports": "non"}, "s.reports : attendu : true ou false ; reçu : un texte"),
    ],
)
def test_other_mistakes(given: dict[str, Any], told: str) -> None:
    """A choice that there is not, a time out of its bounds and a flag that is none are told, each once."""
    assert mistakes(**given) == [told]


def test_all_mistakes_at_once() -> None:
    """Whoever mends one is not told of the next after it."""
    told = mistakes(port="COM3", baudrate=1, pin="1", smsc="?", per_minute=0.5, unknown="?", reports="?", other=1)
    keys = {one.split(" : ")[0].removeprefix("s.") for one in told}
    assert keys == {"port", "baudrate", "pin", "smsc", "per_minute", "unknown", "reports", "other"}
    assert len(told) == 8
