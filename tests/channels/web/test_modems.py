"""Modems: the operator reads where each stands, why, and what to do; nobody else does."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from smstob.channels.web.modem_labels import MODEM_MEANINGS, MODEM_STATES, SIGNALS
from smstob.channels.web.modems import Meter, bars, mark_of, meters
from smstob.flow.report import Reporter
from smstob.model.modem import ModemReport, ModemState, SimLimits
from smstob.storage import accounts
from tests.accounts.scene import guard
from tests.house import NOW, PASSWORD, House

from .browser import Answer, Browser, site_of
from .modems import ABSENT, HEALING, HUAWEI, LIMITED, LOCKED, PAUSED, POOL, REASON, tell
from .shopping import HOSTILE, said
from .test_following import Stream, watched
from .test_pages import faults

HERE: Final = "/exploitation/modems"
BOSS: Final = "patron@exemple.fr"
TYPES: Final = {"sink": "sink", "cles": "gsm"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house with an operator's account."""
    house = House(tmp_path / "smstob.db").open()
    house.account(BOSS)
    yield house
    house.close()


def operator(house: House, known: tuple[ModemReport, ...], types: dict[str, str] = TYPES) -> Browser:
    """The operator's browser, where the daemon has these modems."""
    house.reporter = Reporter(house.database, house.clock, types)
    tell(house, *known)
    return Browser(site_of(house, operators=(BOSS,))).log_in(BOSS)


def page_of(house: House, *known: ModemReport, types: dict[str, str] = TYPES) -> Answer:
    """The page, which is well made."""
    answer = operator(house, known, types).get(HERE)
    assert answer.status == 200
    assert list(faults(answer)) == []
    return answer


def words(element: Any) -> str:
    """What it says, a space between its parts."""
    return said(" ".join(element.itertext()))


def cards(answer: Answer) -> list[str]:
    """What each modem's card says."""
    return [words(card) for card in answer.page.xpath("//ul[@class='modems']/li")]


def figures(answer: Answer) -> list[str]:
    """The summary."""
    return [words(one) for one in answer.page.xpath("//div[starts-with(@class, 'figure ')]")]


def alerts(answer: Answer) -> list[str]:
    """What is wrong with whole gateways."""
    return [words(one) for one in answer.page.xpath("//main//div[@class='warning']")]


def test_for_operators_alone(house: House) -> None:
    """For other customers there is no such page, nor a way to it; visitors are sent to log in."""
    boss = operator(house, POOL)
    house.account()
    customer, visitor = Browser(boss.site).log_in(), Browser(boss.site)
    for path in (HERE, f"{HERE}/suivi"):
        assert customer.get(path).status == 404
    assert visitor.request("GET", HERE).headers["location"] == f"/connexion?suite={HERE}"
    assert Stream(visitor, f"{HERE}/suivi").status == 401
    assert "/exploitation" not in customer.get("/credits").text
    menus = boss.get("/credits").page.xpath(f"//nav[@class='side']//a[@href='{HERE}']")
    assert [said(one.text_content()) for one in menus] == ["Modems", "Modems"]
    assert boss.get(HERE).page.xpath(f"//nav//a[@href='{HERE}'][@aria-current='page']")


def test_second_factor_comes_first(house: House) -> None:
    """A session that still owes its second factor opens nothing here either."""
    boss = operator(house, POOL)
    found = house.read(lambda connection: accounts.by_email(connection, BOSS))
    assert found is not None
    guard(house, found)
    late = Browser(boss.site)
    late.post("/connexion", {"email": BOSS, "mot-de-passe": PASSWORD}, followed=False)
    for path in (HERE, f"{HERE}/suivi"):
        assert late.request("GET", path).status in (303, 401)


def test_one_that_sends(house: House) -> None:
    """All that is known of it, as people read it."""
    (card,) = cards(page_of(house, HUAWEI))
    for part in (
        *("Huawei E3131", "En service", "Depuis le 2 mars 2026, 10:00", "Réseau Free Mobile", "-71 dBm , excellent"),
        *("Envois 1 234 SMS partis, 7 échecs, 2 remises en marche", "Dernier signe 11:59:55"),
        *("Port /dev/serial/by-id/usb-HUAWEI_HUAWEI_Mobile-if00-port0", "IMEI 867710010000019"),
        *("Carte (ICCID) 8933150119000000017", "Abonné (IMSI) 208150123456789"),
        *("SMS en 24 heures 180 sur 200 · reste 20", "SMS en 31 jours 1 900 sur 3 000 · reste 1 100"),
        *("Destinataires en 31 jours 200 sur 200 · reste 0", "Cadence 15 SMS par minute au plus"),
    ):
        assert part in card
    for absent in ("itinérance", "Reprend", "None"):
        assert absent not in card


def test_every_state(house: House) -> None:
    """Each has its word, its picture and its colour; all but one that sends say why, in the gateway's words if any."""
    assert {modem.state for modem in POOL} == set(ModemState) == set(MODEM_STATES) == set(MODEM_MEANINGS)
    answer = page_of(house, *POOL)
    badges = answer.page.xpath("//ul[@class='modems']//span[starts-with(@class, 'badge')][@title]")
    shown = answer.page.xpath("//ul[@class='modems']/li")
    whys = ["".join(one.xpath("./p[@class='why']//text()")) for one in shown]
    for modem, badge, why in zip(POOL, badges, whys, strict=True):
        name, look, _ = MODEM_STATES[modem.state]
        assert (said(badge.text_content()), badge.get("class").strip()) == (name, f"badge {look}".strip())
        assert badge.xpath("./svg")
        assert badge.get("title").replace("\u00a0", " ") == MODEM_MEANINGS[modem.state]
        assert not re.search(" [:»]", why), "a line may end before a sign"
        assert why.replace("\u00a0", " ") == (
            modem.reason or ("" if modem.state is ModemState.UP else MODEM_MEANINGS[modem.state])
        )
    pictures = [badge.xpath("string(./svg/path/@d)") for badge in badges]
    assert len(set(pictures)) == len(ModemState)


def test_what_is_not_known_is_left_out(house: House) -> None:
    """A port where nothing was found has no network, signal, SIM card or limits."""
    (card,) = cards(page_of(house, ABSENT))
    assert card.startswith("/dev/ttyACM0 Absent")
    for name in ("Réseau", "Signal", "IMEI", "ICCID", "IMSI", "24 heures", "Cadence", "Dernier signe", "None"):
        assert name not in card


def test_last_heard(house: House) -> None:
    """Of today the time of day, of another day the day."""
    recent, old = attrs.evolve(HUAWEI, heard=NOW - 43_199), attrs.evolve(ABSENT, heard=NOW - 43_200)
    first, second = cards(page_of(house, recent, old))
    assert "Dernier signe 2 mars 2026, 00:00" in first + second
    assert "Dernier signe 00:00:01" in first + second


def test_limited(house: House) -> None:
    """It says until when; a card without limits says so, with what it sent."""
    limited, free = cards(page_of(house, LIMITED, HEALING))
    assert "Limite atteinte" in limited
    assert "Reprend le 2 mars 2026, 13:00" in limited
    assert "200 sur 200 · reste 0" in limited
    assert "itinérance" in limited
    assert "SMS en 24 heures 180, sans limite" not in limited
    assert "SMS en 24 heures 180, sans limite" in free
    assert "Cadence sans limite" in free


def test_summary(house: House) -> None:
    """How many of them send, and what they did together."""
    answer = page_of(house, HUAWEI, ABSENT, PAUSED, attrs.evolve(HUAWEI, gateway="sink"))
    assert figures(answer) == [
        "2 sur 4 en service",
        "3 702 SMS partis depuis le lancement",
        "21 refusés ou sans réponse",
        "6 remises en marche",
        "0 message en attente",
    ]
    assert alerts(answer) == []
    heads = [words(one) for one in answer.page.xpath("//section/div[@class='head']")]
    assert heads == ["Passerelle sink 1 sur 1 en service", "Passerelle cles 1 sur 3 en service"]


def test_alert(house: House) -> None:
    """A gateway none of whose modems is up is told of on top, with the moment when a limit lets one send again."""
    other = attrs.evolve(LOCKED, gateway="sink")
    soon = attrs.evolve(LIMITED, port="/dev/ttyUSB5", until=NOW + 600)
    first, second = alerts(page_of(house, other, LIMITED, soon))
    assert first.startswith("Aucun modem de « sink » n'est en service. Ses messages attendent")
    assert "se lève" not in first
    assert "« cles »" in second
    assert second.endswith("Une limite se lève le 2 mars 2026, 12:10 .")


def test_none_found(house: House) -> None:
    """A gateway of modems whose ports are all empty is there, with an alert and what to do."""
    answer = page_of(house)
    assert "Aucun modem n'a été trouvé à ses ports" in answer.seen
    assert alerts(answer)
    assert figures(answer)[0] == "0 sur 0 en service"
    assert watched(answer)


def test_none_configured(house: House) -> None:
    """It says how to get one; nothing is followed, and nothing is wrong."""
    answer = page_of(house, types={"sink": "sink"})
    assert "Aucun modem n'est configuré" in answer.seen
    assert "docs/modems.md" in answer.seen
    assert 'type = "gsm"' in answer.text.replace("&#34;", '"')
    assert (alerts(answer), figures(answer), watched(answer)) == ([], [], "")


def test_what_waits(house: House) -> None:
    """Messages in the gateway's queue are counted."""
    house.account()
    house.accepted()
    answer = page_of(house, attrs.evolve(HUAWEI, gateway="A"), types={"A": "gsm"})
    assert figures(answer)[-1] == "1 message en attente"
    assert "1 message attend" in answer.seen


def test_hostile_words(house: House) -> None:
    """What a modem, its network or its port says stays words."""
    names = ("gateway", "port", "reason", "model", "imei", "card", "sim", "network")
    texts: dict[str, Any] = dict.fromkeys(names, HOSTILE)
    answer = page_of(house, attrs.evolve(HUAWEI, state=ModemState.HEALING, **texts), types={HOSTILE: "gsm"})
    assert answer.text.count("&lt;script&gt;") >= 8
    (card,) = cards(answer)
    assert HOSTILE in card


@pytest.mark.parametrize(
    "changes",
    [
        {"signal": 0, "day": 10**15, "recipients": 3_000, "sent": 10**15, "failed": -1, "until": 0, "heard": 0},
        {"signal": -10_000, "limits": SimLimits(per_minute=1, per_day=1, per_month=10**15, recipients_per_month=1)},
        {"model": "x" * 5_000, "port": "y" * 5_000, "reason": "z" * 5_000, "network": "\u202ewe\x00b"},
        {"since": 0, "until": 2**33, "month": 0},
    ],
)
def test_odd_values(house: House, changes: dict[str, Any]) -> None:
    """Whatever a modem makes up, its page is there, and no bar is longer than whole."""
    answer = page_of(house, attrs.evolve(HUAWEI, **changes))
    widths = [float(width) for width in answer.page.xpath("//ul[@class='modems']//svg[@class='bar']/rect/@width")]
    assert all(0 <= width <= 100 for width in widths)


def test_in_english(house: House) -> None:
    """All but the gateway's own sentence, which says that it is French."""
    browser = operator(house, POOL)
    browser.get("/langue/en")
    answer = browser.get(HERE)
    (reason,) = answer.page.xpath("//p[@class='why'][@lang='fr'][contains(., 'PIN')]")
    assert said(reason.text_content()) == said(REASON)
    assert "Looking for a network" in answer.seen
    for french in ("En service", "Depuis", "Dernier", "reste"):
        assert french not in answer.seen


def test_followed(house: House) -> None:
    """From the page on: nothing while nothing happens, an event when a modem's state changes; it goes on."""
    boss = operator(house, (HUAWEI,))
    stream = Stream(boss, watched(boss.get(HERE)))
    house.advance(20)
    assert (stream.status, stream.events, stream.ended) == (200, 0, False)
    tell(house, attrs.evolve(HUAWEI, state=ModemState.HEALING))
    house.advance(7)
    assert (stream.events, stream.ended) == (1, False)
    assert "Se remet en marche" in cards(boss.get(HERE))[0]


def test_what_changed_meanwhile_is_told(house: House) -> None:
    """What happened between the page and the script is told at once."""
    boss = operator(house, (HUAWEI,))
    address = watched(boss.get(HERE))
    tell(house, HUAWEI, ABSENT)
    assert Stream(boss, address).events == 1
    for odd in ("", "?vu=", f"?vu={'9' * 2_000}"):
        assert Stream(Browser(boss.site).log_in(BOSS), f"{HERE}/suivi{odd}").status == 200


def test_so_many_follow(house: House) -> None:
    """Beyond that a script is told to ask later; who leaves makes room."""
    boss = operator(house, (HUAWEI,))
    streams = [Stream(boss, f"{HERE}/suivi") for _ in range(5)]
    assert [one.status for one in streams] == [200, 200, 200, 200, 503]
    streams[0].leave()
    assert Stream(boss, f"{HERE}/suivi").status == 200


def test_without_scripts(house: House) -> None:
    """There is a link that shows the page anew."""
    (link,) = page_of(house, HUAWEI).page.xpath("//main//a[contains(@class, 'unscripted')]")
    assert link.get("href") == HERE


def test_database_away(house: House) -> None:
    """The page says so, and who follows is told of changes once it is back."""
    boss = operator(house, (HUAWEI,))
    stream = Stream(boss, watched(boss.get(HERE)))
    house.database.away = True
    house.advance(7)
    assert boss.get(HERE).status == 503
    assert (stream.events, stream.ended) == (0, False)
    tell(house)
    house.database.away = False
    house.advance(7)
    assert stream.events == 1


@pytest.mark.parametrize(
    ("dbm", "count"), [(-113, 0), (-106, 0), (-105, 1), (-95, 2), (-85, 3), (-76, 3), (-75, 4), (-51, 4)]
)
def test_bars(dbm: int, count: int) -> None:
    """More signal is never fewer bars, and there is a word for each."""
    assert bars(dbm) == count
    assert all(low <= high for low, high in pairwise(bars(one) for one in range(-113, -50)))
    assert len(SIGNALS) == 5


@pytest.mark.parametrize(
    ("used", "most", "left", "share", "look"),
    [
        (0, 200, 200, 0.0, "good"),
        (159, 200, 41, 0.795, "good"),
        (160, 200, 40, 0.8, "doubtful"),
        (200, 200, 0, 1.0, "bad"),
        (250, 200, 0, 1.0, "bad"),
        (250, 0, 0, 0.0, "good"),
    ],
)
def test_meter(used: int, most: int, left: int, share: float, look: str) -> None:
    """Colours change before a limit is reached, and nothing is left below 0 where one was lowered."""
    meter = Meter(label="", used=used, most=most)
    assert (meter.left, meter.share, meter.look) == (left, share, look)


def test_meters_are_the_cards() -> None:
    """Each use stands beside its own limit."""
    limits = SimLimits(per_minute=1, per_day=2, per_month=3, recipients_per_month=4)
    modem = attrs.evolve(HUAWEI, day=12, month=13, recipients=14, limits=limits)
    assert [(one.used, one.most) for one in meters(modem)] == [(12, 2), (13, 3), (14, 4)]


CHANGES: Final[list[Callable[[ModemReport], ModemReport]]] = [
    lambda modem: attrs.evolve(modem, heard=NOW),
    lambda modem: attrs.evolve(modem, sent=1_235),
    lambda modem: attrs.evolve(modem, signal=-72),
    lambda modem: attrs.evolve(modem, reason="Autre"),
    lambda modem: attrs.evolve(modem, limits=SimLimits(per_minute=14)),
]


@pytest.mark.parametrize("change", CHANGES)
def test_mark(change: Callable[[ModemReport], ModemReport]) -> None:
    """Whatever is shown of a modem makes another mark; the same makes the same."""
    assert mark_of([HUAWEI]) == mark_of([attrs.evolve(HUAWEI)])
    assert mark_of([HUAWEI]) != mark_of([change(HUAWEI)])
    assert mark_of([]) != mark_of([HUAWEI]) != mark_of([HUAWEI, HUAWEI])
