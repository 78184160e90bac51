"""Codes, debits and what reaches the network: texts, charsets, dates, options, credit, ways to hand parameters in."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

import pytest

from smstob.model.account import Characters, Format
from smstob.storage import settlement
from tests.channels.http.cases import A160, Case, check, check_from, text
from tests.daemon import PASSWORD, RunningDaemon, Sent, e164, fresh_number, wait_until

PARIS: Final = ZoneInfo("Europe/Paris")
AS_IS: Final = Characters.AS_IS

TEXTS: Final = [
    # GSM-7: 160 alone, 153 joined, up to five segments
    text("a", "a"),
    text(A160, A160),
    text("b" * 161, "b" * 153, "b" * 8),
    text("c" * 306, "c" * 153, "c" * 153),
    text("d" * 307, "d" * 153, "d" * 153, "d"),
    text("e" * 765, *["e" * 153] * 5),
    text("f" * 766),
    text("g" * 100_000),
    text("h" * 766, *["h" * 153] * 5, "h", max_segments=6),
    text("i" * 161, max_segments=1),
    text("j" * 160, "j" * 160, max_segments=1),
    text("@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà", "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà"),
    # the extension table: two septets each, never parted
    text("^{}\\[~]|€", "^{}\\[~]|€"),
    text("€" * 80, "€" * 80),
    text("€" * 81, "€" * 76, "€" * 5),
    text("k" * 159 + "€", "k" * 153, "k" * 6 + "€"),
    text("l" * 152 + "€" + "l" * 10, "l" * 152, "€" + "l" * 10),
    text("€" * 380, *["€" * 76] * 5),
    text("€" * 381),
    # adapted where that makes it GSM-7 as a whole
    text("forêt, garçon, œuf, Noël, naïf", "foret, garcon, oeuf, Noel, naif"),
    text("l’été… « oui »", "l'été... \" oui \""),
    text("À BIENTÔT ÇA VA ŒUVRE", "A BIENTOT ÇA VA OEUVRE"),
    text("e\u0301te\u0302", "éte"),
    text("un\u00a0deux\u202ftrois\u200bquatre", "un deux troisquatre"),
    text("…" * 54, "." * 153, "." * 9),
    text("ê" * 160, "e" * 160),
    text("ê", "ê", coding="ucs2", characters=AS_IS),
    text("ê" * 71, "ê" * 67, "ê" * 4, coding="ucs2", characters=AS_IS),
    text("é" * 160, "é" * 160, characters=AS_IS),
    # UCS-2: 70 alone, 67 joined, surrogate pairs never parted
    text("forêt 😀", "forêt 😀", coding="ucs2"),
    text("ж" * 70, "ж" * 70, coding="ucs2"),
    text("ж" * 71, "ж" * 67, "ж" * 4, coding="ucs2"),
    text("ж" * 335, *["ж" * 67] * 5, coding="ucs2"),
    text("ж" * 336),
    text("😀" * 35, "😀" * 35, coding="ucs2"),
    text("😀" * 36, "😀" * 33, "😀" * 3, coding="ucs2"),
    text("x" + "😀" * 35, "x" + "😀" * 33, "😀" * 2, coding="ucs2"),
    text("漢字", "漢字", coding="ucs2"),
    # line ends, white space, control characters
    text("a\r\nb\rc\nd", "a\nb\nc\nd"),
    text(" \r\n\t a  b \n\n", "a  b"),
    text("a\x00b\x07c\x1bd\x7fe", "abcde"),
    text("\x1b\x1b€", "€"),
    text("100 % + 1 & 2 = [v4] [V1 ] %41 %% &amp; <b>", "100 % + 1 & 2 = [v4] [V1 ] %41 %% &amp; <b>"),
    text("sans [v1]nom[NOM]", "sans nom"),
    *(Case({"numero": "0612345678", "message": blank}, "90") for blank in ("", " ", "\r\n\t ", "\x00\x01", "\u00a0")),
    Case({"numero": "0612345678", "message": "[v1][V2]\n[nom]"}, "90"),
    Case({"numero": "0612345678", "message": "\u200b\ufeff"}, "90"),
]

CHARSETS: Final = [
    (b"\xc3\xa9t\xc3\xa9 \xe2\x82\xac", None, "été €"),
    (b"\xe9t\xe9 \x80", None, "été €"),
    (b"l\x92\xe9t\xe9\x85 \xab\xa0oui\xa0\xbb \x9cuf", None, "l'été... \" oui \" oeuf"),
    (b"\xc3\xa9 ou \xe9", None, "A(c) ou é"),
    (b"coup\xc3", None, "coupA"),
    (b"\xf0\x9f", None, "dY"),
    (b"caf\xe9\x81\x8d\x8f\x90\x9d", None, "café"),
    (b"\xed\xa0\x80", None, "i €"),
    (b"\xa4 \xa6\xbd", "iso-8859-15", "€ Soe"),
    (b"\xa4 \xe9", "ISO-8859-15", "€ é"),
    (b"\xa4", "latin9", "€"),
    (b"\xc3\xa9", "iso-8859-15", "A(c)"),
    (b"\x80 \xe9", "iso-8859-1", "€ é"),
    (b"\x80 \xe9", "latin1", "€ é"),
    (b"\xc3\xa9", "windows-1252", "A(c)"),
    (b"\x80", "CP1252", "€"),
    (b"\xc3\xa9", "utf-8", "é"),
    (b"\xc3\xa9", " UTF8 ", "é"),
    (b"\xe9", "utf-8", "é"),
    (b"\xc3\xa9", "nonsense", "é"),
    (b"\xe9", "nonsense", "é"),
    (b"\xc3\xa9", "utf-16", "é"),
    (b"\xc3\xa9", "\x00\xff", "é"),
    (b"\xc3\xa9", "", "é"),
]


@pytest.mark.parametrize("case", TEXTS, ids=str)
def test_text(daemon: RunningDaemon, case: Case) -> None:
    """What is sent of a text, in how many segments and in which alphabet."""
    check(daemon, case, "GET" if len(case.fields["message"]) < 10_000 else "POST")


@pytest.mark.parametrize(("message", "charset", "arrived"), CHARSETS)
def test_charset(daemon: RunningDaemon, message: bytes, charset: str | None, arrived: str) -> None:
    """Bytes are UTF-8, or else Windows-1252, or what ``charset`` says; a label that nobody knows says nothing."""
    number = fresh_number()
    told = {} if charset is None else {"charset": charset}
    arrivals = ((e164(number), arrived, "gsm7"),)
    for method in ("GET", "POST"):
        check(daemon, Case({"numero": number, "message": message, **told}, "80", arrivals), method)


def _typed(moment: datetime) -> str:
    return f"{moment.astimezone(PARIS):%H%M%d%m%Y}"


def _now() -> datetime:
    # not in the last seconds of a minute, where it would be another one when the daemon looks
    wait_until(lambda: time.time() % 60 < 57, "the next minute")
    return datetime.now(UTC)


def _sunday(month: int) -> datetime:
    """The last Sunday of that month that is ahead, at midnight in Paris."""
    today = datetime.now(PARIS).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    sundays = [day for days in range(1, 366) if (day := today + timedelta(days)).weekday() == 6]
    return next(day for day in sundays if day.month == month and (day + timedelta(7)).month != month)


def _digits(zero: str) -> dict[int, int]:
    return {ord("0") + digit: ord(zero) + digit for digit in range(10)}


DATES: Final[dict[str, tuple[str, Callable[[], str]]]] = {
    "running minute": ("80", lambda: _typed(_now())),
    "blank": ("80", lambda: "  "),
    "next minute": ("81", lambda: _typed(_now() + timedelta(minutes=1))),
    "tomorrow": ("81", lambda: _typed(_now() + timedelta(days=1))),
    "almost 366 days": ("81", lambda: _typed(_now() + timedelta(days=366, hours=-2))),
    "autumn overlap": ("81", lambda: f"0230{_sunday(10):%d%m%Y}"),
    "before the spring change": ("81", lambda: f"0159{_sunday(3):%d%m%Y}"),
    "after the spring change": ("81", lambda: f"0300{_sunday(3):%d%m%Y}"),
    "last minute": ("85", lambda: _typed(_now() - timedelta(minutes=1))),
    "yesterday": ("85", lambda: _typed(_now() - timedelta(days=1))),
    "beyond 366 days": ("85", lambda: _typed(_now() + timedelta(days=366, hours=2))),
    "spring gap": ("85", lambda: f"0230{_sunday(3):%d%m%Y}"),
    "31 February": ("85", lambda: f"12003102{_now().year + 1}"),
    "29 February": ("85", lambda: "120029022027"),
    "month 13": ("85", lambda: f"12000113{_now().year + 1}"),
    "day 0": ("85", lambda: f"12000001{_now().year + 1}"),
    "hour 24": ("85", lambda: f"2400{_now() + timedelta(2):%d%m%Y}"),
    "minute 60": ("85", lambda: f"1260{_now() + timedelta(2):%d%m%Y}"),
    "year 0": ("85", lambda: "120001010000"),
    "year 9999": ("85", lambda: "235931129999"),
    "11 digits": ("85", lambda: _typed(_now() + timedelta(1))[:11]),
    "13 digits": ("85", lambda: _typed(_now() + timedelta(1)) + "0"),
    "a letter": ("85", lambda: "12h004122026"),
    "a space before": ("85", lambda: " " + _typed(_now() + timedelta(1))),
    "spaces within": ("85", lambda: "1200 0412 2026"),
    "ISO": ("85", lambda: "2026-12-04T12:00"),
    "arabic digits": ("85", lambda: _typed(_now() + timedelta(1)).translate(_digits("٠"))),
    "full-width digits": ("85", lambda: _typed(_now() + timedelta(1)).translate(_digits("０"))),
    "NUL": ("85", lambda: "\x00"),
    "a sign": ("85", lambda: "+12000412202"),
}


@pytest.mark.parametrize("name", DATES)
def test_date(daemon: RunningDaemon, name: str) -> None:
    """Twelve digits that Paris's clocks show, from the running minute to 366 days ahead; else 85."""
    code, typed = DATES[name]
    number = fresh_number()
    sent = ((e164(number), "daté", "gsm7"),) if code == "80" else ()
    email = daemon.provision()
    fields = {"email": email, "pass": PASSWORD, "numero": number, "message": "daté", "diff": typed()}
    check_from(daemon, email, fields, Case({}, code, sent, int(code < "82")))
    if code == "81":
        # or it would leave in the middle of another case
        (told,) = daemon.messages(email)
        now = int(time.time())
        assert daemon.transact(lambda connection: settlement.cancel(connection, told.submission, now)) == (1, 1)
        assert daemon.balance(email) == 100


def test_deferred(daemon: RunningDaemon) -> None:
    """A deferred message is paid and waits for its instant; of the two in the autumn the first is meant."""
    email = daemon.provision()
    overlap = _sunday(10).replace(hour=2, minute=30)
    assert daemon.sms(email, fresh_number(), "plus tard", diff=f"{overlap:%H%M%d%m%Y}") == "81"
    (told,) = daemon.messages(email)
    assert (told.state, told.due) == ("queued", int(overlap.replace(tzinfo=PARIS, fold=0).timestamp()))
    assert datetime.fromtimestamp(told.due, UTC).hour == 0
    assert daemon.balance(email) == 99


def test_duplicates(daemon: RunningDaemon) -> None:
    """The same text to the same number within 24 hours: 91, of a list only the others, unless the option is off."""
    email = daemon.provision(10)
    first, second, third = numbers = [fresh_number() for _ in range(3)]
    assert daemon.sms(email, first, "pareil") == "80"
    assert daemon.sms(email, f"{first[:4]} {first[4:]}", " pareil\r\n") == "91"
    assert daemon.sms(email, first, "pareil", diff=_typed(_now() + timedelta(1))) == "91"
    assert daemon.sms(email, first, "Pareil") == "80"
    assert daemon.balance(email) == 8
    assert daemon.sms(email, f"{first},{second}", "pareil") == "80"
    assert daemon.balance(email) == 7
    assert daemon.sms(email, f"{first},{second}", "pareil") == "91"
    assert daemon.sms(email, second, "pareil") == "91"
    assert daemon.sms(daemon.provision(), first, "pareil") == "80"
    free = daemon.provision(10, options={"duplicates": False})
    assert [daemon.sms(free, third, "pareil") for _ in range(3)] == ["80"] * 3
    assert daemon.balance(free) == 7
    assert len(daemon.sent_to(*map(e164, numbers), segments=7)) == 7


def test_duplicate_as_rendered(daemon: RunningDaemon) -> None:
    """What counts is the text that is sent: adapted, it may be the same."""
    email, number = daemon.provision(), fresh_number()
    assert daemon.sms(email, number, "forêt") == "80"
    assert daemon.sms(email, number, "foret") == "91"


@pytest.mark.parametrize(
    ("credits_", "numbers", "message", "code"),
    [
        (1, 1, "a", "80"),
        (0, 1, "a", "83"),
        (2, 1, "a" * 161, "80"),
        (1, 1, "a" * 161, "83"),
        (4, 2, "a" * 161, "80"),
        (3, 2, "a" * 161, "83"),
        (9, 10, "a", "83"),
    ],
)
def test_credit(daemon: RunningDaemon, credits_: int, numbers: int, message: str, code: str) -> None:
    """Exactly enough is enough; where one credit lacks nobody is written to."""
    email, typed = daemon.provision(credits_), [fresh_number() for _ in range(numbers)]
    assert daemon.sms(email, ",".join(typed), message) == code
    assert daemon.balance(email) == (0 if code == "80" else credits_)
    assert len(daemon.messages(email)) == (numbers if code == "80" else 0)


def test_price_of_country(daemon: RunningDaemon) -> None:
    """Segments times the country's price, summed over a list."""
    email = daemon.provision(7)
    assert daemon.sms(email, "+32470000001,0612340001,+32470000002", "a" * 161) == "83"
    assert daemon.sms(email, "+32470000001,0612340001", "a" * 161) == "80"
    assert daemon.balance(email) == 1


def _told(daemon: RunningDaemon, fields: dict[str, str], options: dict[str, object] | None = None) -> Sent:
    number = fresh_number()
    sent = ((e164(number), "réglé", "gsm7"),)
    check(daemon, Case({"numero": number, "message": "réglé", **fields}, "80", sent, options=options or {}))
    return daemon.sent_to(e164(number))[0]


def test_format(daemon: RunningDaemon) -> None:
    """``format`` counts for this call; without one that is known the account's does."""
    flash: dict[str, object] = {"format": Format.FLASH}
    assert not _told(daemon, {}).flash
    assert _told(daemon, {}, flash).flash
    assert _told(daemon, {"format": "flash"}).flash
    assert _told(daemon, {"format": " FLASH "}).flash
    assert not _told(daemon, {"format": "normal"}, flash).flash
    assert not _told(daemon, {"format": "normal+flash"}, flash).flash
    assert not _told(daemon, {"format": "normal flash"}, flash).flash
    for typed in ("", "bogus", "0", "flash,normal", "\x00"):
        assert _told(daemon, {"format": typed}, flash).flash


def test_validity(daemon: RunningDaemon) -> None:
    """``validite`` is 1 to 72 hours; without one that can be read the account's counts."""
    day: dict[str, object] = {"validity": 24}
    for typed, hours in [("1", 1), ("72", 72), (" 05 ", 5), ("", 24), ("0", 24), ("73", 24), ("-1", 24), ("1.5", 24)]:
        assert hours * 3600 - 20 < _told(daemon, {"validite": typed}, day).validity <= hours * 3600
    assert 72 * 3600 - 20 < _told(daemon, {"validite": "١٢"}).validity <= 72 * 3600


def test_reference(daemon: RunningDaemon) -> None:
    """A repeated ``ref`` gets the first answer, whatever else is told or has become wrong, and sends nothing."""
    email, number, other = daemon.provision(2), fresh_number(), fresh_number()
    tomorrow = _typed(_now() + timedelta(1))
    assert daemon.sms(email, number, "un", ref="facture-1") == "80"
    assert daemon.sms(email, number, "un", ref="facture-1") == "80"
    assert daemon.sms(email, number, "deux", diff=tomorrow, ref="é" * 300) == "81"
    assert daemon.balance(email) == 0
    for _ in range(2):
        assert daemon.sms(email, number, "deux", ref="é" * 300) == "81"
    # refused on any other day: no credit, bad date, no such number, too long
    assert daemon.sms(email, "0123", "x" * 999, diff="1", ref=" facture-1 ") == "80"
    assert daemon.sms(email, number, "trois", ref="facture-2") == "83"
    assert daemon.sms(email, number, "un") == "91"
    assert daemon.balance(email) == 0
    # another account's reference is another one; a refused one is free
    assert daemon.sms(daemon.provision(), other, "un", ref="facture-1") == "80"
    assert len(daemon.messages(email)) == 2
    assert [one.text for one in daemon.sent_to(e164(number))] == ["un"]


def _multipart(fields: list[tuple[str, str, str]]) -> tuple[dict[str, str], bytes]:
    """Headers and body; a field is its name, what follows in its header, its value."""
    parts = "".join(
        f'--limite\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'
        for name, more, value in fields
    )
    return {"Content-Type": 'multipart/form-data; boundary="limite"'}, f"{parts}--limite--\r\n".encode()


def test_ways_to_hand_in(daemon: RunningDaemon) -> None:
    """GET, form, multipart, query of a POST, any order, repeated and unknown parameters: all the same."""
    email = daemon.provision()
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}

    def call(method: str, query: str, headers: dict[str, str], body: bytes | None) -> None:
        reply = daemon.request(method, f"/http.php?{query}", body, headers)
        assert reply.code == "80"
        assert "server" not in reply.headers

    def fields(message: str) -> list[tuple[str, str]]:
        return [("email", email), ("pass", PASSWORD), ("numero", "0645454545"), ("message", message)]

    call("GET", urlencode(fields("v1")[::-1]), {}, None)
    call("GET", f"message=faux&pass=faux&inconnu=1&&=&{urlencode(fields('v2'))}&v", {}, None)
    call("GET", urlencode([("Message", "faux"), *fields("v3")]), {}, None)
    call("POST", "", form, urlencode(fields("v4")).encode())
    call("POST", "", {}, urlencode(fields("v5")).encode())
    call("POST", urlencode(fields("v6")), form, b"")
    call("POST", urlencode(fields("v7")), {}, None)
    call("POST", urlencode(fields("faux")), form, b"message=v8")
    call("POST", urlencode(fields("faux")), *_multipart([("message", "", "v9")]))
    call("POST", "", *_multipart([(name, "", value) for name, value in fields("v10 é&=\r\n+ %41")]))
    parts = [(name, "", value) for name, value in fields("v11")]
    call("POST", "", *_multipart([*parts, ("message", '; filename="m"', "faux")]))
    parts = [(name, "", value) for name, value in fields("v12")]
    call("POST", "", *_multipart([("message", "", "faux"), *parts]))
    call("GET", quote(urlencode(fields("v13")), safe="=&%").replace("email", "%65mail"), {}, None)
    arrived = [one.text for one in daemon.sent_to("+33645454545", segments=13)]
    assert arrived == [f"v{number}" if number != 10 else "v10 é&=\n+ %41" for number in range(1, 14)]
    assert daemon.balance(email) == 87


def test_percent(daemon: RunningDaemon) -> None:
    """+ is a space, a broken escape is what it looks like."""
    email = daemon.provision()
    query = f"email={email}&pass={PASSWORD}&numero=0646464646&message=un+deux%20trois%2Bquatre%C3%a9%zz%4%"
    case = Case({}, "80", (("+33646464646", "un deux trois+quatreé%zz%4%", "gsm7"),))
    check_from(daemon, email, query.encode(), case)


def test_empty(daemon: RunningDaemon) -> None:
    """A call without parameters is 87, as it always was; then each that is empty, in order."""
    full = {"email": "a@b.fr", "pass": "x", "numero": "0612345678", "message": "a"}
    assert daemon.call(b"") == daemon.call(b"", "POST") == "87"
    assert daemon.request("GET", "/http.php").code == "87"
    for code, name in zip(("87", "88", "89", "90"), full, strict=True):
        assert daemon.call(full | {name: ""}) == code
        assert daemon.call({key: value for key, value in full.items() if key != name}, "POST") == code
    assert daemon.call(full | {"email": " \t"}) == "87"
    assert daemon.call(full | {"numero": "\u00a0 "}) == "89"
    assert daemon.call(full) == "82"
