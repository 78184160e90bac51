"""The network behind the simulated modems: refusals, reports, replies, what waits, and where a modem puts it."""

import re
from datetime import UTC, datetime
from io import StringIO
from itertools import pairwise
from typing import Any, Final

import pytest
from smspdudecoder.fields import SMSDeliver  # type: ignore[import-untyped]

from tests.peers.modem.network import BUSY, DELIVERED, EARLY, EXPIRED, FAILED, TRYING, Refusal, Report
from tests.peers.modem_host import EPOCH, IMSI, Host, card, host

OK: Final = ["OK"]
REPORT: Final = "07913386094000F0" + "06{mr:02X}0B913316325476F8"


def listening(profile: str = "generic", cnmi: str = "1,1,0,1,0", **settings: Any) -> Host:
    """At a modem that tells of messages and reports."""
    modem = host(profile, **settings)
    modem.say("AT+CSMS=0")
    assert modem.say(f"AT+CNMI={cnmi}") == OK
    modem.hear()
    return modem


def reports(lines: list[str]) -> list[tuple[int, int]]:
    """TP-MR and status of the reports among the lines."""
    found = []
    for header, line in pairwise(lines):
        if re.fullmatch(r"\+CDS: [0-9]+", header):
            octets = bytes.fromhex(line)[8:]
            assert header == f"+CDS: {len(octets)}"
            found.append((octets[1], octets[-1]))
    return found


@pytest.mark.parametrize(
    ("plan", "heard"),
    [
        ((), []),
        ((Report(DELIVERED),), [(0, 0)]),
        ((Report(FAILED),), [(0, 0x45)]),
        ((Report(EXPIRED, 3600.0),), [(0, 0x46)]),
        ((Report(BUSY),), [(0, 0x61)]),
        ((Report(TRYING), Report(DELIVERED, 60.0)), [(0, 0x20), (0, 0)]),
        ((Report(), Report()), [(0, 0), (0, 0)]),
    ],
)
def test_reports_by_number(plan: tuple[Report, ...], heard: list[tuple[int, int]]) -> None:
    """The number's last digits choose what is reported, in order and in time; the longest ending counts."""
    modem = listening()
    modem.network.plans = {"678": plan, "8": (Report(0x44),), "1": ()}
    assert modem.send() == ["+CMGS: 0", "OK"]
    assert modem.wait(0.9) == []
    assert reports(modem.wait(4000)) == heard


def test_report_to_the_octet() -> None:
    """The whole report: number, both moments with their zone, status."""
    modem = listening()
    modem.network.zone = -14
    modem.wait(10)
    modem.send()
    (_, line) = modem.wait(2)
    assert line.startswith(REPORT.format(mr=0))
    moment = "".join(octet[1] + octet[0] for octet in re.findall("..", line[36:48]))
    sent = datetime.fromtimestamp(EPOCH + 10 - 3.5 * 3600, UTC)
    assert moment == sent.strftime("%y%m%d%H%M%S")
    assert line[48:50] == "49"
    assert line[-2:] == "00"


def test_early_report() -> None:
    """Before +CMGS, be it that the modem has not been given an answer for three seconds."""
    modem = listening(send_seconds=3.0)
    modem.network.default = (Report(after=EARLY),)
    modem.send()
    heard = modem.wait(4)
    assert reports(heard) == [(0, 0)]
    assert heard[2:] == ["+CMGS: 0", "OK"]


def test_no_report_unasked() -> None:
    """Bit 5 of the first octet asks for one."""
    modem = listening()
    modem.send("00110" + "00B913316325476F80000AA04D4F29C0E", 18)
    assert len(modem.network.taken) == 1
    assert modem.wait(60) == []


@pytest.mark.parametrize(
    ("fault", "details", "heard"),
    [
        ("report_missing", {}, []),
        ("report_doubled", {}, [(5, 0), (5, 0)]),
        ("report_early", {}, [(5, 0)]),
        ("report_empty", {}, [(0, 0)]),
        ("report_zone", {"quarters": -8}, [(5, 0)]),
    ],
)
def test_faults(fault: str, details: dict[str, Any], heard: list[tuple[int, int]]) -> None:
    """Each of the network's faults, once."""
    modem = listening(sim=card(mr=5))
    modem.network.faults.set(fault, **details)
    told = modem.send()
    assert reports(told + modem.wait(10)) == heard
    modem.send()
    assert reports(modem.wait(10)) == [(6, 0)]


def test_refusals_by_number() -> None:
    """Once or always, by last digits; a refused message is not taken."""
    modem = listening()
    modem.network.answers = {"78": Refusal(38, 2)}
    assert [modem.send()[0] for _ in range(3)] == ["+CMS ERROR: 38", "+CMS ERROR: 38", "+CMGS: 2"]
    modem.network.answers = {"5678": Refusal(28), "78": Refusal(38, 2)}
    assert [modem.send()[0] for _ in range(3)] == ["+CMS ERROR: 28"] * 3
    assert len(modem.network.taken) == 1


def test_copies_are_counted() -> None:
    """The same part twice is two copies."""
    modem = host()
    modem.send()
    modem.send()
    assert modem.network.copies() == {("+33612345678", "Test", None, 1): 2}
    assert modem.network.taken[0].validity == 4 * 86_400
    assert "Test" not in repr(modem.network.taken)


def read(line: str) -> dict[str, Any]:
    """An SMS-DELIVER as ``smspdudecoder`` reads it."""
    decoded: dict[str, Any] = SMSDeliver.decode(StringIO(line))
    return decoded


# smspdudecoder sees an @ after 8n + 7 septets that have one of the extension: there is none such here
TEXTS: Final = {
    "Où êtes-vous ? €": 1,
    "Oui, [d'accord] {€}": 1,
    "x" * 160: 1,
    "x" * 161: 2,
    "€" * 80: 1,
    "€" * 75 + "a" * 4 + "€" * 5: 2,
    "é" * 152 + "€" + "a" * 20: 2,
    "漢" * 70: 1,
    "漢" * 66 + "😀" + "漢" * 10: 2,
}


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("sender", ["+33698765432", "36105", "Mairie", "ELEVENCHARS"])
def test_messages(text: str, sender: str) -> None:
    """What a telephone wrote is stored, told, read and deleted; another's decoder reads the same text."""
    modem = listening()
    assert modem.network.send_message(IMSI, sender, text, modem.now) == TEXTS[text]
    told = modem.wait(1)
    assert told == [f'+CMTI: "SM",{index}' for index in range(1, TEXTS[text] + 1)]
    whole = ""
    for index in range(1, TEXTS[text] + 1):
        header, line, ok = modem.say(f"AT+CMGR={index}")
        assert header == f"+CMGR: 0,,{len(line) // 2 - 8}"
        assert ok == "OK"
        decoded = read(line)
        assert decoded["sender"]["number"] == sender.removeprefix("+")
        whole += decoded["user_data"]["data"]
        assert modem.say(f"AT+CMGR={index}")[0].startswith("+CMGR: 1,")
        assert modem.say(f"AT+CMGD={index}") == OK
        assert modem.say(f"AT+CMGR={index}") == ["ERROR"] or modem.say(f"AT+CMGR={index}")[0].startswith("+CMS")
    assert whole == text


def test_listing() -> None:
    """CMGL shows what is there, from index 0 where the maker counts so; unread ones once."""
    modem = listening("huawei", "1,0,0,1,0")
    modem.say("AT^CURC=0")
    for text in ("un", "deux"):
        modem.network.send_message(IMSI, "36105", text, modem.now)
    assert modem.wait(1) == []
    heard = modem.say("AT+CMGL=4")
    assert [line for line in heard if line.startswith("+CMGL")] == ["+CMGL: 0,0,,18", "+CMGL: 1,0,,20"]
    assert modem.say("AT+CMGL=0") == OK
    assert modem.say("AT+CMGD=0,4") == OK
    assert modem.say("AT+CMGL=4") == OK


def test_store_and_forward() -> None:
    """What comes while the card has no network waits, and comes after it, to whatever modem has the card."""
    modem = listening()
    modem.say("AT+CFUN=0")
    modem.network.send_message(IMSI, "36105", "un", modem.now)
    assert modem.wait(3600) == []
    assert modem.network.waiting(IMSI) == 1
    assert modem.say("AT+CFUN=1") == ["OK", '+CMTI: "SM",1']
    modem.modem.stop()
    modem.network.send_message(IMSI, "36105", "deux", modem.now)
    modem.modem.start(modem.now)
    modem.hear()
    modem.wait(1)
    modem.say("ATE0")
    assert len([line for line in modem.say("AT+CMGL=4") if line.startswith("+CMGL")]) == 2


@pytest.mark.parametrize(
    ("profile", "news"), [("generic", []), ("huawei", ['^SMMEMFULL: "SM"']), ("zte", ['+ZSMMEMFULL: "SM"'])]
)
def test_full_card(profile: str, news: list[str]) -> None:
    """A card without a slot takes nothing, which some say; the network brings it again once there is room."""
    sim = card()
    sim.memory.fill(b"\x04\x05\x81\x63\x01\xf5\x00\x00" + bytes(7) + b"\x00")
    modem = listening(profile, "1,1,0,2,0", sim=sim)
    modem.modem.state.session.quiet = True
    modem.wait(1)
    modem.network.send_message(IMSI, "36105", "un", modem.now)
    assert modem.wait(1) == news
    assert modem.say("AT+CPMS?")[0].startswith('+CPMS: "SM",20,20')
    assert modem.say("AT+CMGD=3") == OK
    assert modem.wait(30) == ['+CMTI: "SM",3']
    assert modem.network.brought["message"] == 1


def test_direct_messages() -> None:
    """With mt=2 a message comes whole, and is kept nowhere."""
    modem = listening(cnmi="1,2,0,1,0")
    modem.network.send_message(IMSI, "36105", "Oui", modem.now)
    header, line = modem.wait(1)
    assert header == f"+CMT: ,{len(line) // 2 - 8}"
    assert read(line)["user_data"]["data"] == "Oui"
    assert modem.say("AT+CMGL=4") == OK


def test_acknowledgements() -> None:
    """With CSMS=1 each wants its CNMA; without one both routes close, and it is brought again."""
    modem = listening(cnmi="1,2,0,1,0")
    modem.say("AT+CSMS=1")
    for text in ("un", "deux"):
        modem.network.send_message(IMSI, "36105", text, modem.now)
    assert len(modem.wait(1)) == 2
    assert len(modem.say("AT+CNMA=0")) == 3
    modem.wait(16)
    assert modem.say("AT+CNMI?") == ["+CNMI: 1,0,0,0,0", "OK"]
    assert modem.say("AT+CNMA") == ["+CMS ERROR: 340"]
    modem.say("AT+CNMI=1,2,0,1,0")
    assert len(modem.wait(60)) == 2


def test_mode_0_keeps_back() -> None:
    """CNMI's mode 0 keeps news until another mode."""
    modem = listening(cnmi="0,1,0,1,0")
    modem.network.send_message(IMSI, "36105", "un", modem.now)
    modem.send()
    assert modem.wait(5) == []
    heard = modem.say("AT+CNMI=1,1,0,1,0")
    assert heard[:2] == ["OK", '+CMTI: "SM",1']
    assert reports(heard) == [(0, 0)]


@pytest.mark.parametrize(
    ("profile", "told"), [("generic", ['+CDSI: "SR",1']), ("zte", ['+CDSI: "SR",0']), ("quectel", ['+CDSI: "SR",0'])]
)
def test_stored_reports(profile: str, told: list[str]) -> None:
    """ds=2 stores reports where AT+CPMS="SR" reads them, or where nobody can."""
    modem = listening(profile, "1,1,0,2,0")
    modem.modem.state.session.quiet = True
    modem.send()
    assert modem.wait(2) == told
    if profile == "zte":
        assert modem.say('AT+CPMS="SR"') == ["+CMS ERROR: 302"]
        modem.send()
        assert modem.wait(2) == told
    else:
        assert modem.say('AT+CPMS="SR"')[-1:] == OK
        assert modem.say("AT+CMGL=4")[0].endswith(",0,,25")


def test_numbers_as_dialled() -> None:
    """A report may tell the number as it is dialled in France, whatever it was sent to."""
    modem = listening()
    modem.network.national = True
    modem.send()
    (_, line) = modem.wait(2)
    assert line[20:34] == "0A816021436587"
    modem.network.national = False
    modem.send("0031000A816021436587" + "0000AA04D4F29C0E", 17)
    (_, line) = modem.wait(2)
    assert modem.network.taken[1].number == "0612345678"
    assert line[20:36] == "0B913316325476F8"
