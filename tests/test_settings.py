"""The configuration: the example is the manual, the contract's text loads, and mistakes name their keys."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import UTC
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from smstob.assembly import gateway_makers
from smstob.billing_interfaces import IPaymentProviderMaker
from smstob.configuration import load
from smstob.interfaces import IGatewayMaker
from smstob.model.account import SenderChecks
from smstob.model.company import Company
from smstob.model.price import PRICES
from smstob.model.route import Route
from smstob.model.tariff import FRANCE_AND_OVERSEAS
from smstob.settings import GatewaySettings, Limits, PaymentSettings, Settings, SettingsError
from smstob.table import Table
from smstob.till import payment_makers
from tests.configurations import COMPANY, CONTRACT, MAKERS, MINIMAL, PAYMENT_MAKERS, read, toml

EXAMPLE: Final = Path(__file__).resolve().parent.parent / "config" / "smstob.toml"
SECTIONS: Final = {
    field.name: {key.name for key in attrs.fields(field.type)}
    for field in attrs.fields(Settings)
    if field.type is not None and attrs.has(field.type)
}
"""The keys that are read in each section whose keys are always the same."""


def lit(example: str) -> dict[str, Any]:
    """The example with every setting in it that is commented out."""
    return tomllib.loads(re.sub(r"^#(?=\S)", "", example, flags=re.MULTILINE))


def test_example_loads() -> None:
    """The file that ``make run`` uses: a sink, and a route to it."""
    settings = load(EXAMPLE, MAKERS, PAYMENT_MAKERS)
    (sink,) = settings.gateways
    assert (sink.name, sink.type, sink.throughput, sink.maker) == ("sink", "sink", 0, MAKERS["sink"])
    assert sink.settings == {
        "journal": "var/sink.jsonl",
        "receipts": "delivered",
        "receipt_delay": 0.5,
        "late_delay": 60,
    }
    assert settings.routes == (Route("+", ("sink",)),)
    assert [(one.name, one.type) for one in settings.payments] == [
        ("essai", "test"),
        ("cheque", "cheque"),
        ("virement", "transfer"),
    ]


def test_makers_are_plugins() -> None:
    """The makers here are what the daemon will find: the test is worth what they are."""
    for maker in MAKERS.values():
        assert verifyObject(IGatewayMaker, maker)
    for payment in PAYMENT_MAKERS.values():
        assert verifyObject(IPaymentProviderMaker, payment)


def test_example_gives_the_defaults() -> None:
    """A key of the example may be left out: a file without it means the same, but for who sells and how he is paid."""
    example, minimal = load(EXAMPLE, MAKERS, PAYMENT_MAKERS), read(MINIMAL)
    assert minimal.company == Company()
    assert attrs.evolve(example, company=Company(), payments=()) == minimal


def test_example_has_every_key() -> None:
    """The example is the manual: no key that is read is missing from it, and none is in it that is not."""
    example = lit(EXAMPLE.read_text("utf-8"))
    assert set(example) == {field.name for field in attrs.fields(Settings)}
    for section, known in SECTIONS.items():
        secrets = {"mail": "password", "audiotel": "secret"}.get(section, "")
        files = {f"{secrets}_file"} if secrets else {"url_file"} if section == "database" else set()
        assert set(example[section]) == known - {secrets} | files
    names = {field.name for field in attrs.fields(GatewaySettings)} - {"name", "maker"}
    assert set(example["gateways"]["sink"]) == names
    assert set(example["countries"]) >= set(FRANCE_AND_OVERSEAS)
    for payment in example["payments"].values():
        assert {"type"} <= set(payment) <= {field.name for field in attrs.fields(PaymentSettings)} - {"name", "maker"}
    assert example["billing"]["prices"] == {str(tier.credits): tier.tenths / 1000 for tier in PRICES.tiers}
    for route in example["routes"]:
        assert set(route) == {field.name for field in attrs.fields(Route)}


def test_example_explains_every_key() -> None:
    """Above each setting there is an explanation, or another setting that shares it."""
    explained = False
    for line in EXAMPLE.read_text("utf-8").splitlines():
        if re.match(r"# |#?\[|[A-Z]{2} = ", line):
            explained = True
        elif re.match(r"#?[a-z_]+ = ", line):
            assert explained or line.startswith("#"), line
            explained = False


def test_examples_of_gateways_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commented sections have only to be lit; all that they read is there, at its default."""
    example = lit(EXAMPLE.read_text("utf-8"))
    del example["mail"], example["database"]
    for key in ("certificate", "key"):
        example["smtp"][key] = "secret.txt"
    assert "secret_file" in example["audiotel"]
    example["audiotel"]["secret_file"] = "long.txt"
    for name, key in ("main", "password_file"), ("modem", "pin_file"):
        example["gateways"][name]["settings"][key] = "secret.txt"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.txt").write_text("0000\n")
    (tmp_path / "long.txt").write_text("0123456789abcdef\n")
    for key, prefix in ("key_file", "sk_test_"), ("webhook_secret_file", "whsec_"):
        assert key in example["payments"]["carte"]["settings"]
        example["payments"]["carte"]["settings"][key] = f"{prefix}.txt"
        (tmp_path / f"{prefix}.txt").write_text(f"{prefix}0000\n")
    real = gateway_makers()
    settings = read(toml(example), {**MAKERS, "smpp": real["smpp"], "gsm": real["gsm"]}, payment_makers())
    assert [gateway.type for gateway in settings.gateways] == ["sink", "smpp", "gsm"]
    kinds = (
        ("main", real["smpp"], ("endpoint", "system_id", "password_file", "source"), "password"),
        ("modem", real["gsm"], ("port", "pin_file"), "pin"),
    )
    for (name, maker, needed, secret), read_ in zip(kinds, settings.gateways[1:], strict=True):
        told = example["gateways"][name]["settings"]
        mistakes: list[str] = []
        with Table({key: told[key] for key in needed}, "", mistakes) as table:
            assert maker.parse_settings(table) == read_.settings
            assert table._asked - {secret} == set(told)
        assert not mistakes
    assert settings.countries["BE"] == 2
    assert [payment.type for payment in settings.payments] == ["test", "cheque", "transfer", "stripe"]
    assert settings.audiotel.number == "0 899 00 00 00"
    for payment in settings.payments:
        told = example["payments"][payment.name].get("settings", {})
        with Table(told, "", mistakes) as table:
            assert payment.maker.parse_settings(table) == payment.settings
        # the secrets themselves, and another address for tests
        assert table._asked - {"key", "webhook_secret", "api"} == set(told)
    assert not mistakes


def test_contract_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The contract's text, to the letter."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "…").write_text("1234\n")
    settings = read(CONTRACT)
    assert settings.service.timezone.key == "Europe/Paris"
    assert (settings.service.domain, settings.service.base_url) == ("smstob.com", "http://127.0.0.1:8080")
    assert (settings.database.url, settings.database.batch) == ("sqlite:///var/smstob.db", 256)
    assert settings.web.listen == ("tcp:8080:interface=127.0.0.1",)
    assert settings.smtp.listen == ("tcp:2525:interface=127.0.0.1",)
    assert settings.metrics.listen == ("tcp:9090:interface=127.0.0.1",)
    assert (settings.mail.outbox, settings.mail.smarthost) == ("var/outbox", None)
    assert settings.limits == Limits()
    main, sink, modem = settings.gateways
    assert (main.name, main.throughput, main.settings["window"]) == ("main", 100, 50)
    assert main.settings["password"] == "secret"
    assert (sink.throughput, sink.settings["receipt_delay"]) == (0, 0.5)
    assert {key: modem.settings[key] for key in ("port", "pin")} == {"port": "/dev/ttyUSB0", "pin": "1234"}
    assert settings.routes == (Route("+", ("main", "sink")),)


def test_windows_file() -> None:
    """An editor of Windows puts a mark before the text and carriage returns in it: read all the same."""
    assert read(b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode()) == read(MINIMAL)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("postgresql://u:p@h/b", "postgresql+psycopg://u:p@h/b"),
        ("postgresql+psycopg://u:p%40q@[::1]:5432/b?sslmode=require", None),
        ("postgresql+psycopg:///b?host=/run/postgresql", None),
        ("sqlite:////var/lib/smstob/a b.db", None),
        ("postgresql+psycopg://u@h:65535/b", None),
    ],
)
def test_database_urls(url: str, kept: str | None) -> None:
    """SQLite, and PostgreSQL by the one driver that is installed."""
    assert read(f'[database]\nurl = "{url}"\n{MINIMAL}').database.url == (kept or url)


@pytest.mark.parametrize(
    "endpoint",
    [
        "tcp:0",
        "tcp:port=80:interface=127.0.0.1:backlog=100",
        "tcp6:80:interface=\\:\\:1",
        "ssl:443:privateKey=a.pem",
        "unix:/run/a.sock",
        "systemd:domain=INET:index=0",
        "haproxy:tcp:80",
    ],
)
def test_endpoints(endpoint: str) -> None:
    """What Twisted listens on is let through as it is."""
    assert read(f"[web]\nlisten = ['{endpoint}']\n{MINIMAL}").web.listen == (endpoint,)


def test_countries_are_added() -> None:
    """Those given join France and overseas; 0 closes one."""
    settings = read(f"[countries]\nBE = 3\nPM = 0\nRE = 2\n{MINIMAL}")
    assert settings.countries == {"FR": 1, "GP": 1, "GF": 1, "MQ": 1, "RE": 2, "YT": 1, "BE": 3}


@pytest.mark.parametrize("prefixes", [["+33", "+5", "+2"], ["+336", "+590690", "+594", "+596", "+262", "+508"]])
def test_routes_for_the_open_countries(prefixes: list[str]) -> None:
    """A route to a country, to a part of it or to more than it will do."""
    content = MINIMAL.replace('["sink"]', '["sink"]\n').replace('prefix = "+"', f'prefix = "{prefixes[0]}"')
    content += "".join(f'[[routes]]\nprefix = "{prefix}"\ngateways = ["sink"]\n' for prefix in prefixes[1:])
    assert len(read(content).routes) == len(prefixes)


def test_smtp_and_mail(tmp_path: Path) -> None:
    """All that the e-mail channel may be told."""
    pem = tmp_path / "a.pem"
    pem.write_text("x")
    told = f"""[smtp]
listen = []
certificate = "{pem}"
trusted_relays = ["127.0.0.1", "10.0.0.0/8", "::1"]
authserv_id = "mx.example.fr"
sender_checks = "required"
nameservers = ["192.0.2.1", "192.0.2.2:5353", "[2001:db8::1]:53", "[::1]"]
connections = 7
[mail]
smarthost = "tcp:smtp.example.fr:587"
username = "u"
password = "secret"
"""
    settings = read(told + MINIMAL)
    smtp = settings.smtp
    assert (smtp.certificate, smtp.key, smtp.listen, smtp.connections) == (str(pem), None, (), 7)
    assert (smtp.trusted_relays, smtp.authserv_id) == (("127.0.0.1", "10.0.0.0/8", "::1"), "mx.example.fr")
    assert smtp.sender_checks is SenderChecks.REQUIRED
    assert smtp.nameservers == (("192.0.2.1", 53), ("192.0.2.2", 5353), ("2001:db8::1", 53), ("::1", 53))
    assert (settings.mail.username, settings.mail.password) == ("u", "secret")
    assert "secret" not in repr(settings)


def test_smarthost_instead_of_outbox() -> None:
    """With a server to send by, no file is written unless asked for."""
    mail = read(f'[mail]\nsmarthost = "tls:smtp.example.fr:465"\nsender = "SMS@Example.fr"\n{MINIMAL}').mail
    assert (mail.outbox, mail.smarthost, mail.sender) == (None, "tls:smtp.example.fr:465", "SMS@Example.fr")


def test_harmless_spellings() -> None:
    """A slash at the end of the site and capitals in the domain are no mistakes."""
    service = read(f'[service]\nbase_url = "https://a.fr/sms/"\ndomain = "SMS.fr"\n{MINIMAL}').service
    assert (service.base_url, service.domain) == ("https://a.fr/sms", "sms.fr")


@pytest.mark.parametrize("content", [b"hunter2", b"hunter2\n", b"hunter2\r\n"])
def test_secret_file(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret is the file's content less the line end that editors put."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_bytes(content)
    noted: list[str] = []
    with Table({"password_file": "secret"}, "x", noted) as table:
        assert table.secret("password") == "hunter2"
    assert not noted


texts: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values: Final = st.recursive(
    st.one_of(
        *(st.booleans(), st.integers(), st.floats(), texts, st.dates(), st.times()),
        *(st.datetimes(), st.datetimes(timezones=st.just(UTC))),
        st.sampled_from(["+", "sink", "tcp:80", "sqlite:///a", ".", "", "UTC", "\0", "haproxy:" * 2000]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
WORDS: Final = [
    *(name for field in attrs.fields(Settings) for name in (field.name, f"{field.name}s")),
    *(key for section in SECTIONS.values() for key in section),
    *("type", "throughput", "settings", "prefix", "password", "password_file", "url_file", "main", "FR", "100"),
]
words: Final = st.sampled_from(WORDS) | texts


def paths(value: object) -> Iterator[tuple[Any, ...]]:
    """The way to every item in nested dicts and lists."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (key,)
        yield from ((key, *rest) for rest in paths(item))


def outcome(content: dict[str, Any]) -> tuple[str, ...]:
    """The mistakes in ``content``; none if it loads. Anything but a SettingsError gets through."""
    try:
        read(toml(content))
    except SettingsError as error:
        refused = error
    else:
        return ()
    assert refused.mistakes
    assert str(refused).splitlines() == list(refused.mistakes)
    return refused.mistakes


@given(content=st.dictionaries(words, values | st.dictionaries(words, values, max_size=4), max_size=5))
def test_any_file_is_read_or_refused(content: dict[str, Any]) -> None:
    """Whatever TOML says, the answer is settings or a list of mistakes, one line each."""
    outcome(content)


@given(data=st.data(), value=values)
def test_any_value_anywhere_is_read_or_refused(data: st.DataObject, value: object) -> None:
    """One value of a good file replaced: read, or refused with its section named, never anything else."""
    content = deepcopy(GOOD)
    path = data.draw(st.sampled_from([*paths(content)]))
    inner: Any = content
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    told = outcome(content)
    about = ALSO.get(path[0], (path[0],))
    assert all(line.startswith(about) for line in told)


GOOD: Final[dict[str, Any]] = tomllib.loads(CONTRACT.replace('pin_file = "…"', 'pin = "1234"')) | {
    "limits": attrs.asdict(Limits()),
    "countries": {"BE": 2},
    "company": dict(COMPANY),
    "billing": {"vat_rate": 5.5, "franchise": False, "vat_on_debits": True, "prices": {"10": 0.2, "100": 0.155}},
    "payments": {"carte": {"type": "stripe", "settings": {"key": "k", "webhook_secret": "s"}}},
    "audiotel": {"number": "3000", "price": "1 €", "secret": "0123456789abcdef", "addresses": ["192.0.2.0/24"]},
}
"""The contract's file with every limit and all about money in it, and no other file needed."""

ALSO: Final[Mapping[str, tuple[str, ...]]] = {
    "gateways": ("gateways", "routes"),
    "routes": ("routes", "countries"),
    "payments": ("payments", "company"),
    "billing": ("billing", "company"),
    "service": ("service", "payments"),
}
"""Where else one wrong value of a section may be told."""


def test_good_file_is_good() -> None:
    """The file that the test above spoils, and its writer, work."""
    assert tomllib.loads(toml(GOOD)) == GOOD
    assert outcome(GOOD) == ()
