"""What the configuration says of an operator: every key, every mistake, and no secret shown."""

from pathlib import Path
from typing import Any, Final

import pytest
from twisted.internet.task import Clock

from gateways.smpp.gateway import SmppGateway, make_gateway
from gateways.smpp.settings import BINDS, GSM7, TONS
from smstob.assembly import gateway_makers
from smstob.interfaces import IGateway
from tests.fakes import Hearing
from txsmpp.binding import BindReceiver, BindTransceiver, BindTransmitter
from txsmpp.constants import Npi, Ton

from .scene import read_settings, settings

EXAMPLE: Final = {
    "endpoint": "tcp:127.0.0.1:2775",
    "system_id": "smstob",
    "password": "secret",
    "bind": "transceiver",
    "window": 50,
    "source": "SMStoB",
}
"""As the example file has it."""
EVERY: Final = {
    "endpoint": "tls:smsc.example:3550",
    "system_id": "fifteen-letters",
    "password": "8letters",
    "system_type": "twelve-type!",
    "address_range": "^336.*",
    "bind": "transmitter+receiver",
    "binds": 3,
    "window": 10,
    "response_seconds": 20,
    "enquire_seconds": 10,
    "link_seconds": 5,
    "source": "0700000000",
    "source_ton": "national",
    "service_type": "CMT",
    "receipts": False,
    "receipt_ids": "decimal",
    "concatenation": "sar",
    "gsm7": "latin-1",
    "gsm7_data_coding": 1,
    "ucs2_data_coding": 24,
    "flash": "f0",
    "validity": "absolute",
    "retry_statuses": "0x0450, 451 0X4fF",
}


def mistakes(**given: Any) -> list[str]:
    """What is told of such a table."""
    return read_settings(**given)[1]


def test_example() -> None:
    """The example is complete; what it does not say has its default."""
    read = settings(**EXAMPLE)
    assert read.endpoints == ("tcp:127.0.0.1:2775",)
    assert read.binds == (BindTransceiver(system_id=b"smstob", password=b"secret"),)
    limits = read.limits
    assert (limits.window, limits.answer_seconds, limits.enquire_seconds, limits.link_seconds) == (50, 60, 30, 20)
    writing = read.writing
    assert (writing.concatenation, writing.gsm7) == ("udh", "unpacked")
    assert (writing.flash, writing.validity) == ("class", "relative")
    assert (writing.gsm7_data_coding, writing.ucs2_data_coding) == (0, 8)
    assert (writing.route.registered_delivery, writing.route.service_type) == (1, b"")
    assert (read.receipt_ids, read.retry_statuses) == ("auto", frozenset())


def test_every_key() -> None:
    """All of them are read, and asked for."""
    read = settings(**EVERY)
    given: dict[str, Any] = {"system_id": b"fifteen-letters", "password": b"8letters", "system_type": b"twelve-type!"}
    pair = (BindTransmitter(**given, address_range=b"^336.*"), BindReceiver(**given, address_range=b"^336.*"))
    assert read.binds == pair * 3
    limits = read.limits
    assert (limits.window, limits.answer_seconds, limits.enquire_seconds, limits.link_seconds) == (10, 20, 10, 5)
    writing = read.writing
    assert (writing.concatenation, writing.gsm7) == ("sar", "latin-1")
    assert (writing.flash, writing.validity) == ("f0", "absolute")
    assert (writing.gsm7_data_coding, writing.ucs2_data_coding) == (1, 24)
    assert (writing.route.registered_delivery, writing.route.service_type) == (0, b"CMT")
    assert (read.receipt_ids, set(read.retry_statuses)) == ("decimal", {0x450, 0x451, 0x4FF})


@pytest.mark.parametrize("bind", BINDS)
def test_binds(bind: str) -> None:
    """Each kind, as many times as asked."""
    assert [type(one) for one in settings(bind=bind, binds=2).binds] == [*BINDS[bind], *BINDS[bind]]


@pytest.mark.parametrize(("gsm7", "data_coding"), GSM7.items())
def test_data_coding_of_each_way(gsm7: str, data_coding: int) -> None:
    """The one that says how GSM-7 is written, unless another is given."""
    assert settings(gsm7=gsm7).writing.gsm7_data_coding == data_coding
    assert settings(gsm7=gsm7, gsm7_data_coding=0xF1).writing.gsm7_data_coding == 0xF1


@pytest.mark.parametrize(
    ("source", "ton", "npi", "written"),
    [
        ("SMStoB", Ton.ALPHANUMERIC, Npi.UNKNOWN, b"SMStoB"),
        ("+33612345678", Ton.INTERNATIONAL, Npi.ISDN, b"33612345678"),
        ("33612345678", Ton.INTERNATIONAL, Npi.ISDN, b"33612345678"),
        ("38200", Ton.NETWORK_SPECIFIC, Npi.UNKNOWN, b"38200"),
        ("0033612345678", Ton.INTERNATIONAL, Npi.ISDN, b"33612345678"),
        ("0612345678", Ton.NATIONAL, Npi.ISDN, b"0612345678"),
        ("", Ton.UNKNOWN, Npi.UNKNOWN, b""),
        ("3M", Ton.ALPHANUMERIC, Npi.UNKNOWN, b"3M"),
        ("Ville 75", Ton.ALPHANUMERIC, Npi.UNKNOWN, b"Ville 75"),
    ],
)
def test_sources(source: str, ton: Ton, npi: Npi, written: bytes) -> None:
    """A sender is what it looks like."""
    route = settings(source=source).writing.route
    assert (route.source_ton, route.source_npi, route.source) == (ton, npi, written)


@pytest.mark.parametrize(("name", "ton"), TONS.items())
def test_types_of_number(name: str, ton: Ton) -> None:
    """Or what the configuration says that it is, its plan too."""
    route = settings(source="38200", source_ton=name).writing.route
    assert (route.source_ton, route.source) == (ton, b"38200")
    numbers = (Ton.INTERNATIONAL, Ton.NATIONAL, Ton.SUBSCRIBER_NUMBER)
    assert route.source_npi == (Npi.ISDN if ton in numbers else Npi.UNKNOWN)
    assert settings(source="38200", source_ton=name, source_npi="national").writing.route.source_npi == Npi.NATIONAL


def test_international_by_name() -> None:
    """The plus sign is part of no address."""
    assert settings(source="+33612345678", source_ton="international").writing.route.source == b"33612345678"


@pytest.mark.parametrize("ton", ["international", "national"])
def test_a_name_is_no_number(ton: str) -> None:
    """What is said to be a number has digits."""
    assert mistakes(source="SMStoB", source_ton=ton) == ["s.source : un numéro de ce type n'a que des chiffres"]


LONG: Final = "trop long pour SMPP"
ASCII: Final = "SMPP n'a que des caractères ASCII"
ADDRESS: Final = "ce n'est pas l'adresse d'un opérateur"
CODES: Final = "des codes propres à l'opérateur, en hexadécimal"
WHOLE: Final = "un nombre entier"
NOT_ENDPOINTS: Final = (
    *("", "smsc.example:2775", "tcp:smsc.example", "tcp:h:deux", "pigeon:h:1"),
    *("tcp:h:0", "tcp:h:65536", "tls:h:99999", "tcp:h:-1", "tcp:host=h:port=0"),
    *("tcp:h:1 tcp:h", "tcp:h:1, tcp:h:2", "   "),
)
NOT_CODES: Final = ("ESME_RTHROTTLED", "0x", "0x1 G", "123456789", "-1", "0x0450;0x1", "0x58", "0x0450 0x0")


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        *(("system_id", "s" * 16, LONG), ("password", "p" * 9, LONG), ("system_type", "t" * 13, LONG)),
        *(("address_range", "a" * 41, LONG), ("service_type", "s" * 6, LONG), ("source", "3" * 21, LONG)),
        *(("system_id", "mairié", ASCII), ("password", "été", ASCII), ("source", "Évry", ASCII)),
        *(("system_id", "a\0b", ASCII), ("password", "a\nb", ASCII), ("source", "a\tb", ASCII)),
        *(("system_type", "€", ASCII), ("address_range", "é", ASCII), ("service_type", "é", ASCII)),
        *(("source", "douze lettre", "11 caractères au plus"), ("source", "+", "11 caractères au plus")),
        *(("window", 2.5, WHOLE), ("binds", 1.5, WHOLE), ("gsm7_data_coding", 0.5, WHOLE)),
        *(("endpoint", one, ADDRESS) for one in NOT_ENDPOINTS),
        *(("endpoint", None, "cette clé manque"), ("system_id", None, "cette clé manque")),
        *(("window", 0, "hors des bornes"), ("window", 10_001, "hors des bornes"), ("window", "50", "un nombre")),
        *(("binds", 0, "hors des bornes"), ("binds", 65, "hors des bornes")),
        ("response_seconds", 0, "hors des bornes"),
        *(("enquire_seconds", 0.5, "hors des bornes"), ("link_seconds", 601, "hors des bornes")),
        *(("gsm7_data_coding", 256, "hors des bornes"), ("ucs2_data_coding", -1, "hors des bornes")),
        *(("bind", "transponder", "n'existe pas"), ("concatenation", "UDH", "n'existe pas")),
        *(("gsm7", "utf-8", "n'existe pas"), ("flash", "yes", "n'existe pas"), ("validity", "5", "n'existe pas")),
        *(("receipt_ids", "octal", "n'existe pas"), ("source_ton", "letters", "n'existe pas")),
        *(("receipts", "yes", "true ou false"), ("retry_statuses", [0x450], "un texte")),
        *(("retry_statuses", one, CODES) for one in NOT_CODES),
        *(("passwort", "p", "peut-être password"), ("throughput", 5, "clé inconnue")),
        ("password_file", "/nowhere/secret", "l'un ou l'autre"),
    ],
)
def test_mistakes(key: str, value: Any, told: str) -> None:
    """Each is told under its key, in French; a daemon does not start with it."""
    given = {"password": None} if key == "passwort" else {}
    assert any(one.startswith(f"s.{key} : ") and told in one for one in mistakes(**{key: value}, **given))


@pytest.mark.parametrize("endpoint", ["tcp:127.0.0.1:2775", "tcp:host=h:port=65535", "tls:h:1", "tcp:h:5:timeout=9",
                                      r"tcp:\:\:1:2775", "unix:/run/smsc.sock", "ssl:h:3550"])  # fmt: skip
def test_endpoints(endpoint: str) -> None:
    """All that Twisted can connect to, several of them too."""
    assert mistakes(endpoint=endpoint) == []
    assert settings(endpoint=f" {endpoint}  tcp:autre:1 ").endpoints == (endpoint, "tcp:autre:1")


def test_all_mistakes_at_once() -> None:
    """None hides another, and what is read all the same is of the right types."""
    wrong = dict.fromkeys(EVERY, object)
    read, told = read_settings(
        **{key: [] for key in wrong if key not in ("password",)}, password=5, unknown=1, system_identity="x"
    )
    assert {one.partition(" : ")[0] for one in told} == {f"s.{key}" for key in (*EVERY, "unknown", "system_identity")}
    assert read.limits.window == 50
    assert read.retry_statuses == frozenset()


@pytest.mark.parametrize("password", ["K7P2-W9X-TOO-LONG", "passé-secret", "abc\0def", 12345678])
def test_secrets_are_not_shown(password: Any) -> None:
    """Neither a good password nor a wrong one is in a mistake, nor in what the settings say of themselves."""
    read, told = read_settings(password=password)
    assert told
    assert not any(str(password) in one for one in (*told, repr(read)))
    good = settings(password="K7P2-W9X")
    assert "K7P2" not in repr(good)
    assert good.binds[0].password == b"K7P2-W9X"


def test_password_file(tmp_path: Path) -> None:
    """From a file too, without the line end that editors leave."""
    file = tmp_path / "secret"
    file.write_text("s3cret\n")
    assert settings(password=None, password_file=str(file)).binds[0].password == b"s3cret"
    assert settings(password=None).binds[0].password == b""
    file.write_bytes(b"\xff\xfe")
    assert mistakes(password=None, password_file=str(file))


def test_the_plugin() -> None:
    """``type = "smpp"`` finds all this; what it makes is a gateway that is not started."""
    maker = gateway_makers()["smpp"]
    assert "SMPP" in maker.description
    gateway = maker.make_gateway("main", settings(**EXAMPLE), Clock(), Hearing())
    assert IGateway.providedBy(gateway)
    assert isinstance(gateway, SmppGateway)
    assert (gateway.name, gateway.state, gateway.capacity) == ("main", "down", 0)
    other = make_gateway("main", settings(**EVERY | {"endpoint": "tcp:h:1 tcp:i:1"}), Clock(), Hearing())
    assert (other.name, other.state) == ("main", "down")
