"""Mistakes in the configuration: each names its key, all come together, and none tells a secret."""

import re
from pathlib import Path
from typing import Final

import pytest

from smstob.configuration import load
from smstob.settings import SettingsError
from smstob.table import Table
from tests.configurations import MAKERS, MINIMAL, keys, mistakes, read

SMPP_KEYS: Final = ["source", "endpoint", "system_id", "bind", "window", "verbose", "sours"]
LISTEN: Final = "[web]\nlisten = "
ROUTE: Final = '[[routes]]\nprefix = "+"\ngateways = ["sink"]\n'


@pytest.mark.parametrize(
    ("addition", "named"),
    [
        ('[service]\ntimezone = "Europe/Pari"', ["service.timezone"]),
        ('[service]\ntimezone = "Europe"', ["service.timezone"]),
        ('[service]\ntimezone = "/etc/passwd"', ["service.timezone"]),
        ('[service]\ntimezone = ""', ["service.timezone"]),
        ('[service]\ntimezone = "\\u0000"', ["service.timezone"]),
        ("[service]\ntimezone = 1", ["service.timezone"]),
        ('[service]\ndomain = "sms to b"', ["service.domain"]),
        ('[service]\ndomain = "smstob.com\\n"', ["service.domain"]),
        ('[service]\nbase_url = "smstob.com"', ["service.base_url"]),
        ('[service]\nbase_url = "http://[::1"', ["service.base_url"]),
        ('[service]\nbase_url = "http://a:70000/"', ["service.base_url"]),
        ('[service]\nbase_url = "https://u:p@a/"', ["service.base_url"]),
        ('[service]\nhost = "a"', ["service.host"]),
        ("service = 1", ["service"]),
        ('[servise]\ndomain = "a"', ["servise"]),
        ('["a\\n.b"]', ['"a\\n.b"']),
        ('["clé"]', ['"clé"']),
        ('[database]\nurl = "mysql://a/b"', ["database.url"]),
        ('[database]\nurl = "sqlite:///"', ["database.url"]),
        ('[database]\nurl = "sqlite:///:memory:"', ["database.url"]),
        ('[database]\nurl = "sqlite://var/a.db"', ["database.url"]),
        ('[database]\nurl = "sqlite:///:memory:?x=1"', ["database.url"]),
        ('[database]\nurl = "sqlite:///file:x?mode=memory&uri=true"', ["database.url"]),
        ('[database]\nurl = "sqlite:///a.db?timeout=1"', ["database.url"]),
        ('[database]\nurl = "sqlite:///."', ["database.url"]),
        ('[database]\nurl = "sqlite:////"', ["database.url"]),
        ('[database]\nurl = "postgresql://u:p@h:65536/b"', ["database.url"]),
        ('[database]\nurl = "postgresql://u:p@h:0/b"', ["database.url"]),
        ('[database]\nurl = "postgresql://u:p@h:port/b"', ["database.url"]),
        ('[database]\nurl_file = "absent"', ["database.url_file"]),
        ('[database]\nurl = "sqlite:///a"\nurl_file = "absent"', ["database.url_file"] * 2),
        ("[database]\nbatch = 0", ["database.batch"]),
        ("[database]\nbatch = 1.5", ["database.batch"]),
        ("[database]\nbacklog = true", ["database.backlog"]),
        (LISTEN + '"tcp:8080"', ["web.listen"]),
        (LISTEN + "[8080]", ["web.listen"]),
        (LISTEN + '["8080"]', ["web.listen"]),
        (LISTEN + '["tcp:http"]', ["web.listen"]),
        (LISTEN + '["tcp:65536"]', ["web.listen"]),
        (LISTEN + '["tcp:80:iface=lo"]', ["web.listen"]),
        (LISTEN + '["tcp:127.0.0.1:80"]', ["web.listen"]),
        (LISTEN + '["udp:53"]', ["web.listen"]),
        (LISTEN + '["unix:"]', ["web.listen"]),
        (LISTEN + '["haproxy:tcp:a"]', ["web.listen"]),
        (LISTEN + '["tcp:a", "tcp:b", "tcp:80"]', ["web.listen"] * 2),
        (LISTEN + "[]", ["web.listen"]),
        ('[web]\ntrusted_proxies = ["nginx"]', ["web.trusted_proxies"]),
        ('[web]\ntrusted_proxies = ["10.0.0.1/8"]', ["web.trusted_proxies"]),
        ('[smtp]\nlisten = [""]', ["smtp.listen"]),
        ('[metrics]\nport = "9090"', ["metrics.port"]),
        ('[smtp]\ncertificate = "/nowhere/a.pem"', ["smtp.certificate"]),
        ('[smtp]\nkey = "/"', ["smtp.key", "smtp.key"]),
        ('[smtp]\ntrusted_relays = ["relais"]', ["smtp.trusted_relays"]),
        ('[smtp]\nauthserv_id = "a b"', ["smtp.authserv_id"]),
        ('[smtp]\nsender_checks = "some"', ["smtp.sender_checks"]),
        *((f'[smtp]\nnameservers = ["{one}"]', ["smtp.nameservers"]) for one in ("a", "1.2.3.4:0", "[a]:53", "")),
        ("[smtp]\nrecipients = 99\nmessage_bytes = 1", ["smtp.message_bytes", "smtp.recipients"]),
        ('[mail]\nusername = "u"', ["mail.username"]),
        ('[mail]\noutbox = "a"\nusername = "u"\npassword = "p"', ["mail.username"]),
        ('[mail]\nsmarthost = "ssl:a:465"', ["mail.smarthost"]),
        ('[mail]\noutbox = "a"\nsmarthost = "tls:a:465"', ["mail.outbox"]),
        ('[mail]\noutbox = " "', ["mail.outbox"]),
        ('[mail]\nsmarthost = "smtp.example.fr"', ["mail.smarthost"]),
        ('[mail]\nsender = "nobody"', ["mail.sender"]),
        ("[limits]\nconnections = 0", ["limits.connections"]),
        ("[limits]\nbody_bytes = 100000000", ["limits.body_bytes"]),
        ('[limits]\nconnections = "many"', ["limits.connections"]),
        ("[limits]\nheader_seconds = nan", ["limits.header_seconds"]),
        ("[limits]\nbody_seconds = inf", ["limits.body_seconds"]),
        ("[limits]\nrequests_per_second = -1", ["limits.requests_per_second"]),
        ("[limits]\nrecipients = 1" + "0" * 400, ["limits.recipients"]),
        ("[limits]\nrecipients = 2026-01-01", ["limits.recipients"]),
        ("[countries]\nfr = 1", ["countries.fr"]),
        ("[countries]\nGB = -1", ["countries.GB"]),
        ("[countries]\nGB = 0.5", ["countries.GB"]),
        ("[gateways.x]", ["gateways.x.type"]),
        ('[gateways.x]\ntype = ""', ["gateways.x.type"]),
        ('[gateways.x]\ntype = "smtp"', ["gateways.x.type"]),
        ('[gateways.x]\ntype = "gsm"\nspeed = 1', ["gateways.x.speed", "gateways.x.settings.port"]),
        ('[gateways.x]\ntype = "gsm"\nsettings = 1', ["gateways.x.settings", "gateways.x.settings.port"]),
        ('[gateways.x]\ntype = "gsm"\nthroughput = -1\nsettings = {port = "p"}', ["gateways.x.throughput"]),
        ('[gateways."a b"]\ntype = "gsm"\nsettings = {port = "p"}', ['gateways."a b"']),
        ('[gateways.x]\ntype = "gsm"\nsettings = {port = "p", pin = 1}', ["gateways.x.settings.pin"]),
        ('[gateways.x]\ntype = "gsm"\nsettings = {port = "p", pin_file = 1}', ["gateways.x.settings.pin_file"]),
        ('[gateways.x]\ntype = "gsm"\nsettings = {port = "p", pin_file = "a"}', ["gateways.x.settings.pin_file"]),
        ('[gateways.x]\ntype = "gsm"\nsettings = {port = "p", pin_file = "."}', ["gateways.x.settings.pin_file"]),
        ('[gateways.x]\ntype = "clumsy"\nsettings = {password = "k"}', ["gateways.x.settings"]),
        (
            '[gateways.x]\ntype = "smpp"\n[gateways.x.settings]\nendpoint = 1\npassword = ""\nbind = "both"\n'
            'window = 0\nverbose = "yes"\nsource = "ABCDEFGHIJKL"\nsours = "A"',
            [f"gateways.x.settings.{key}" for key in SMPP_KEYS],
        ),
        ('[[routes]]\nprefix = "+33"\ngateways = ["modem"]', ["routes[2].gateways"]),
        ('[[routes]]\nprefix = "+33"\ngateways = []', ["routes[2].gateways"]),
        ('[[routes]]\nprefix = "+33"\ngateways = "sink"', ["routes[2].gateways"]),
        ('[[routes]]\nprefix = "+33"\ngateways = ["sink", "sink"]', ["routes[2].gateways"]),
        ('[[routes]]\nprefix = "33"\ngateways = ["sink"]', ["routes[2].prefix"]),
        ('[[routes]]\ngateways = ["sink"]', ["routes[2].prefix"]),
        ("[[routes]]", ["routes[2].prefix", "routes[2].gateways"]),
        (ROUTE, ["routes[2].prefix"]),
        (ROUTE + "cost = 1", ["routes[2].cost", "routes[2].prefix"]),
    ],
)
def test_mistake_names_its_key(addition: str, named: list[str]) -> None:
    """A good file with one bad thing added is refused for that, by its whole key, and for nothing else."""
    before = addition.startswith("service = ")
    assert keys(f"{addition}\n{MINIMAL}" if before else f"{MINIMAL}{addition}\n") == named


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("", ["gateways", "routes"]),
        ("gateways = 1\nroutes = 1", ["gateways", "routes"]),
        ("[gateways]\n" + ROUTE, ["gateways", "routes[1].gateways"]),
        ("routes = [1]\n[gateways.sink]\ntype = 'sink'\nsettings = {journal = 'a'}", ["routes[1]", "routes"]),
        ("gateways = {sink = 1}\n" + ROUTE, ["gateways.sink", "gateways.sink.type"]),
    ],
)
def test_gateways_and_routes_are_needed(content: str, named: list[str]) -> None:
    """They alone have no default."""
    assert keys(content) == named


def test_countries_without_a_route() -> None:
    """Every open country that no route takes is told, with the prefix that lacks; closing it will do."""
    content = f"{MINIMAL}[countries]\nGP = 0\nYT = 0\nBE = 2\nXX = 1\n".replace('"+"', '"+33"')
    content += '[[routes]]\nprefix = "+59"\ngateways = ["sink"]\n'
    told = {"RE": 262, "PM": 508, "BE": 32}
    assert mistakes(content) == [
        *(
            f"countries.{country} : aucune route ne prend +{code} ; ajoutez-en une, ou fermez ce pays : {country} = 0"
            for country, code in told.items()
        ),
        "countries.XX : ce n'est pas un pays qui a un indicatif téléphonique",
    ]


def test_all_mistakes_at_once() -> None:
    """The operator reads everything that is wrong the first time, in his language."""
    told = mistakes(
        'colour = "blue"\n[service]\ntimezone = "Paris"\n[database]\nurl = 3\n[limits]\nrecipient = 10\n'
        '[gateways.main]\ntype = "smp"\n[gateways.sink]\ntype = "sink"\nsettings = {receipts = "all"}\n'
        '[[routes]]\nprefix = "+"\ngateways = ["mane"]'
    )
    assert told == [
        "service.timezone : « Paris » n'est pas un fuseau horaire connu",
        "database.url : attendu : un texte ; reçu : un nombre entier",
        "limits.recipient : clé inconnue (peut-être recipients ?)",
        "gateways.main.type : « smp » n'est pas un type connu ; types connus : clumsy, gsm, sink, smpp",
        "gateways.sink.settings.journal : cette clé manque ; attendu : un texte",
        "gateways.sink.settings.receipts : « all » n'existe pas ; valeurs possibles : delivered, failed, none",
        "routes[1].gateways : « mane » n'est pas une passerelle de ce fichier",
        "colour : clé inconnue",
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[service]\ndomain = ", "ligne 2, colonne 9 :"),
        ("[service]\n[service]\n", "ligne 2, colonne 9 :"),
        ("a = 1\na = 2", "ligne 2, colonne 6 :"),
        ("a = 1979-13-01\n", "ligne 1, colonne 9 :"),
        ("a = " + "[" * 100_000, "trop de niveaux"),
        ("a = " + "9" * 5000, "un nombre est trop long"),
        ('[service]\ndomain = "caf\xe9"\n'.encode("latin-1"), "UTF-8"),
        (b"\xff\xfe[\x00s\x00]\x00", "UTF-8"),
        (b"\x00", "ligne 1, colonne 1 :"),
    ],
)
def test_unreadable_content(content: str | bytes, told: str) -> None:
    """What is not TOML is told with the file's name and the place."""
    (line,) = mistakes(content)
    assert "smstob.toml » : " in line
    assert told in line


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("absent.toml", "« absent.toml » : ce fichier n'existe pas"),
        (".", "« . » : c'est un répertoire, pas un fichier"),
        ("a\0b", "« a\\u0000b » : ce n'est pas un nom de fichier"),
        ("a" * 300, f"« {'a' * 300} » : ce fichier est illisible (File name too long)"),
    ],
)
def test_unreadable_file(path: str, told: str) -> None:
    """What cannot be read at all is told by its name."""
    with pytest.raises(SettingsError) as refused:
        load(path, MAKERS)
    assert refused.value.mistakes == (told,)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff"])
def test_bad_secret_file(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file without a secret in it is a mistake, told once even if the maker misses the secret too."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_bytes(content)
    noted: list[str] = []
    with Table({"password_file": "secret"}, "x", noted) as table:
        assert table.secret("password") == ""
        table.mistake("password", "trop court")
    assert [line.partition(" : ")[0] for line in noted] == ["x.password_file"]


SECRET: Final = "hunter2hunter2"
SMPP: Final = (
    f"database = {{url = 'postgresql://u:{SECRET}@h/b'}}\n{MINIMAL}[gateways.main]\ntype = 'smpp'\n"
    f"[gateways.main.settings]\nendpoint = 'tcp:a:1'\nsystem_id = 'me'\npassword = '{SECRET}'\nbind = 'receiver'\n"
)


def test_secrets_are_not_shown() -> None:
    """Settings may be logged: neither their repr nor their str has a password."""
    settings = read(SMPP)
    assert SECRET in settings.database.url
    assert settings.gateways[1].settings["password"] == SECRET
    assert SECRET not in repr(settings) + str(settings) + repr(settings.gateways[1]) + repr(settings.database)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (f"password = '{SECRET}'", f"password = ['{SECRET}']"),
        (f"password = '{SECRET}'", f"password = {{value = '{SECRET}'}}"),
        (f"password = '{SECRET}'", f"password_file = '{SECRET}'"),
        (f"password = '{SECRET}'", f"pasword = '{SECRET}'"),
        (f"password = '{SECRET}'", f"password = '{SECRET}'\npassword = 'a'"),
        (f"password = '{SECRET}'", f"password = '{SECRET}"),
        (f"password = '{SECRET}'", f"password = {SECRET}"),
        (f"@{'h'}/b'", "@h:port/b'"),
        ("postgresql://", "mysql://"),
        ("'smpp'", "'clumsy'"),
    ],
)
def test_secrets_are_not_in_mistakes(right: str, wrong: str) -> None:
    """The mistakes end in logs and tickets: they say what is wrong without the value."""
    assert right in SMPP
    assert all(SECRET not in line for line in mistakes(SMPP.replace(right, wrong)))


def test_maker_failure_is_told() -> None:
    """A module that raises is named with the place, among the other mistakes."""
    told = mistakes(f'{MINIMAL}[gateways.x]\ntype = "clumsy"\nsettings = {{password = "k"}}\n[gateways.y]')
    assert re.fullmatch(r"gateways\.x\.settings : .* clumsy .*ValueError, configurations\.py, ligne \d+\)", told[0])
    assert [line.partition(" : ")[0] for line in told[1:]] == ["gateways.y.type"]
