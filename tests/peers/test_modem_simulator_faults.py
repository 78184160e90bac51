"""Every fault of the simulated modem does what its name says, as often and as long as it was asked to."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from tests.peers.modem.faults import OF_MODEM, OF_NETWORK, Faults
from tests.peers.modem.modem import CTRL_Z
from tests.peers.modem.profiles import PROFILES
from tests.peers.modem_host import PDU, Host, card, host

OK: Final = ["OK"]
SENT: Final = ["+CMGS: 0", "OK"]


def struck(name: str, **details: Any) -> Host:
    """At a modem with that fault."""
    modem = host()
    modem.say("AT+CMEE=1")
    modem.modem.faults.set(name, **details)
    return modem


def taken(modem: Host) -> int:
    """How many messages the network has."""
    return len(modem.network.taken)


ONCE: Final[list[tuple[str, dict[str, Any], Callable[[Host], list[str]], list[str], int]]] = [
    ("error", {"match": "AT+CSQ"}, lambda modem: modem.say("AT+CSQ"), ["ERROR"], 0),
    ("error", {"code": 515}, lambda modem: modem.say("AT+CSCA?"), ["+CMS ERROR: 515"], 0),
    ("error", {"code": 100, "cme": True}, lambda modem: modem.say("AT"), ["+CME ERROR: 100"], 0),
    ("error", {"match": "AT+CMGS", "code": 500}, Host.send, ["+CMS ERROR: 500"], 0),
    ("ignore", {"match": "AT+CSQ"}, lambda modem: modem.say("AT+CSQ"), [], 0),
    ("refuse_pdu", {}, Host.send, ["ERROR"], 0),
    ("refuse_pdu", {"code": 38}, Host.send, ["+CMS ERROR: 38"], 0),
    ("refuse_pdu", {"code": 332, "taken": True}, Host.send, ["+CMS ERROR: 332"], 1),
    ("reference_lost", {}, Host.send, OK, 1),
    ("ok_lost", {}, Host.send, ["+CMGS: 0"], 1),
    ("error_after_reference", {}, Host.send, ["+CMGS: 0", "ERROR"], 1),
]


@pytest.mark.parametrize(("name", "details", "action", "heard", "count"), ONCE)
def test_once(
    name: str, details: dict[str, Any], action: Callable[[Host], list[str]], heard: list[str], count: int
) -> None:
    """It happens once, as it was set; then the same goes well."""
    modem = struck(name, **details)
    assert action(modem) == heard
    assert taken(modem) == count
    assert modem.modem.faults.struck[name] == 1
    assert modem.say("AT") == OK
    assert modem.send()[-1:] == OK
    assert taken(modem) == count + 1


def test_other_commands_are_spared() -> None:
    """A fault of one command leaves the others alone."""
    modem = struck("error", match="AT+CSQ", count=None)
    assert modem.say("AT+CREG?") == ["+CREG: 0,1", "OK"]
    assert [modem.say("at+csq") for _ in range(3)] == [["ERROR"]] * 3
    modem.modem.faults.clear("error")
    assert modem.say("AT+CSQ")[-1:] == OK


def test_deaf_for_a_while() -> None:
    """A modem that hangs hears nothing, the way out of a prompt neither; what was said meanwhile is lost."""
    modem = struck("hang", match="AT+CSQ", seconds=30.0)
    assert modem.say("AT+CSQ") == []
    assert modem.wait(29) == []
    assert modem.say("AT") == []
    assert modem.wait(2) == []
    assert modem.say("AT") == OK


@pytest.mark.parametrize(
    ("until", "heals"),
    [("reopen", ["reopen", "unplug"]), ("restart", ["unplug"]), ("unplug", ["unplug"]), ("", ["unplug"])],
)
def test_deaf_until(until: str, heals: list[str]) -> None:
    """For ever, but for what ends it: opening the port anew, or only power."""
    for remedy in ("reopen", "unplug"):
        modem = struck("hang", until=until)
        assert modem.say("AT") == []
        assert modem.wait(3600) == []
        if remedy == "reopen":
            modem.modem.opened(modem.now)
        else:
            modem.modem.stop()
            modem.modem.start(modem.now)
        assert (modem.say("AT")[-1:] == OK) is (remedy in heals)


def test_wedged_until_restart() -> None:
    """A modem that answers AT and sends nothing more, until it is restarted."""
    modem = struck("refuse_pdu", code=500, count=None, until="restart")
    assert [modem.send() for _ in range(3)] == [["+CMS ERROR: 500"]] * 3
    modem.modem.opened(modem.now)
    assert modem.send() == ["+CMS ERROR: 500"]
    modem.say("AT+CFUN=1,1")
    modem.wait(10)
    modem.say("ATE0")
    assert modem.send() == SENT


@pytest.mark.parametrize("is_taken", [False, True])
def test_hang_after_the_pdu(is_taken: bool) -> None:
    """No answer at all, and the network has the message or not."""
    modem = struck("hang_after_pdu", taken=is_taken, seconds=200.0)
    assert modem.send() == []
    assert modem.wait(199) == []
    assert taken(modem) == is_taken
    modem.wait(2)
    assert modem.say("AT") == OK


def test_slow() -> None:
    """The answer comes late, and what was said meanwhile is answered after it."""
    modem = struck("slow", match="AT+CSQ", seconds=12.0)
    assert modem.say("AT+CSQ") == []
    assert modem.say("AT+CREG?") == []
    assert modem.wait(11.9) == []
    assert modem.wait(0.2) == ["+CSQ: 19,99", "OK", "+CREG: 0,1", "OK"]


def test_slow_after_the_pdu() -> None:
    """The network takes it when the answer comes."""
    modem = struck("slow_after_pdu", seconds=90.0)
    assert modem.send() == []
    modem.wait(89)
    assert taken(modem) == 0
    assert modem.wait(2) == SENT


def test_garbage() -> None:
    """Bytes that mean nothing before each line, and the lines whole behind them."""
    modem = struck("garbage", count=None)
    said = b""
    for _ in range(20):
        modem.modem.receive(b"AT+CSQ\r", modem.now)
        said += modem.raw()
    assert said.count(b"\r\n+CSQ: 19,99\r\n") == said.count(b"\r\nOK\r\n") == 20
    assert all(piece in said for piece in (b"\x00\x00", b"\xff\xff\xff", b"\xf8\x80"))


def test_interruptions() -> None:
    """Lines that nobody asked for, before the lines of the answer."""
    modem = struck("interrupt", count=None)
    heard = [modem.say("AT+CSQ") for _ in range(30)]
    assert {len(lines) for lines in heard} == {4}
    assert {(lines[1], lines[3]) for lines in heard} == {("+CSQ: 19,99", "OK")}
    assert {"RING", "+CREG: 1", "^RSSI:19", '+CMTI: "SM",3'} <= {lines[at] for lines in heard for at in (0, 2)}


def test_interrupted_prompts() -> None:
    """Before the prompt or after it; the PDU is taken all the same."""
    modem = struck("interrupt_prompt", count=None)
    places = set()
    for mr in range(20):
        modem.modem.receive(b"AT+CMGS=18\r", modem.now)
        said = modem.raw()
        places.add(said.startswith(b"\r\n> "))
        assert said.count(b"\r\n> ") == 1
        assert len(said) > 8
        assert modem.write(PDU.encode() + bytes((CTRL_Z,))) == [f"+CMGS: {mr}", "OK"]
    assert places == {True, False}


def test_pieces() -> None:
    """What it says comes a few bytes at a time, and is the same in all."""
    modem = struck("pieces", count=None)
    modem.modem.receive(b"AT+CGSN\r", modem.now)
    said = list(iter(modem.modem.output, b""))
    assert len(said) > 3
    assert max(map(len, said)) <= 8
    assert b"".join(said) == b"\r\n490154203237518\r\n\r\nOK\r\n"


def test_truncated() -> None:
    """A line without its end; the next one is whole."""
    modem = struck("truncate", match="AT")
    modem.modem.receive(b"AT+CGSN\r", modem.now)
    said = modem.raw()
    assert said.endswith(b"\r\nOK\r\n")
    assert b"490154203237518\r\n\r\n" not in said


def test_echo_stays() -> None:
    """ATE0 is answered OK, and changes nothing."""
    modem = struck("echo_stays", count=None)
    assert modem.say("ATE0") == OK
    assert modem.say("ATE0") == ["ATE0", "OK"]


def test_bare_prompt() -> None:
    """A prompt without its space, as some have it."""
    modem = struck("bare_prompt")
    modem.modem.receive(b"AT+CMGS=18\r", modem.now)
    assert modem.raw() == b"\r\n>"
    assert modem.write(PDU.encode() + b"\x1a") == SENT


def test_lost_prompt() -> None:
    """It waits for the PDU without saying so; ESC leads out, and a PDU would be taken."""
    modem = struck("prompt_lost", count=2)
    assert modem.say("AT+CMGS=18") == []
    assert modem.say("AT") == []
    assert modem.write(b"\x1b") == OK
    assert modem.say("AT+CMGS=18") == []
    assert modem.write(PDU.encode() + b"\x1a") == SENT


@pytest.mark.parametrize("is_taken", [False, True])
def test_port_loss_in_a_send(is_taken: bool) -> None:
    """The port goes at Ctrl-Z without a word, and comes back under another path, where it was told to."""
    modem = struck("port_loss_after_pdu", taken=is_taken, seconds=20.0, path="/dev/ttyUSB7")
    assert modem.send() == []
    assert not modem.modem.is_present
    modem.wait(19)
    assert not modem.modem.is_present
    modem.wait(2)
    assert modem.modem.is_present
    assert modem.modem.path == "/dev/ttyUSB7"
    assert taken(modem) == is_taken
    assert modem.say("AT") == ["AT", "OK"]


def test_port_loss_at_a_command() -> None:
    """The port goes when the command comes."""
    modem = struck("port_loss", match="AT+CSQ", seconds=3.0)
    modem.say("AT")
    assert modem.modem.is_present
    modem.say("AT+CSQ")
    assert not modem.modem.is_present
    modem.wait(3.1)
    assert modem.modem.is_present


@pytest.mark.parametrize("is_taken", [False, True])
def test_reset_in_a_send(is_taken: bool) -> None:
    """The under-voltage of a burst: banners in the place of an answer, the port stays."""
    modem = host("simcom")
    modem.modem.faults.set("reset_in_send", seconds=2.0, taken=is_taken)
    modem.hear()
    assert modem.send() == []
    assert modem.modem.is_present
    assert modem.wait(3)[:2] == ["RDY", "+CFUN: 1"]
    assert taken(modem) == is_taken


def test_right_pin_refused() -> None:
    """It counts as a try; the card is not opened."""
    modem = host(sim=card(pin="8642"))
    modem.say("AT+CMEE=1")
    modem.modem.faults.set("pin_refused")
    assert modem.say('AT+CPIN="8642"') == ["+CME ERROR: 16"]
    assert modem.modem.sim
    assert modem.modem.sim.tries == 2
    assert modem.say('AT+CPIN="8642"') == OK


def test_cnmi_forgotten() -> None:
    """Where reports go is gone without a word."""
    modem = host()
    modem.say("AT+CNMI=2,1,0,1,0")
    modem.modem.faults.set("cnmi_forgotten", match="AT+CSQ")
    assert modem.say("AT+CNMI?")[0] == "+CNMI: 2,1,0,1,0"
    modem.say("AT+CSQ")
    assert modem.say("AT+CNMI?")[0] == "+CNMI: 0,0,0,0,0"


@pytest.mark.parametrize(
    ("name", "command", "during", "after"),
    [
        ("sim_busy", "AT+CPIN?", ["+CME ERROR: 14"], ["+CPIN: READY", "OK"]),
        ("sim_busy", "AT+CSCA?", ["+CMS ERROR: 314"], ['+CSCA: "+33689004000",145', "OK"]),
        ("no_sim", "AT+CPIN?", ["+CME ERROR: 10"], ["+CPIN: READY", "OK"]),
        ("no_network", "AT+CREG?", ["+CREG: 0,2", "OK"], ["+CREG: 0,1", "OK"]),
    ],
)
def test_for_a_while(name: str, command: str, during: list[str], after: list[str]) -> None:
    """It lasts so many seconds from when the modem comes upon it; nothing is sent meanwhile."""
    modem = struck(name, seconds=10.0)
    modem.wait(100)
    modem.modem.faults.clear()
    modem.modem.faults.set(name, seconds=10.0)
    assert modem.say(command) == during
    modem.wait(9.5)
    assert modem.say(command) == during
    assert modem.send()[-1].startswith("+CMS ERROR")
    modem.wait(1)
    assert modem.say(command) == after
    assert modem.send()[-1:] == OK


def test_every_fault_is_tried_here() -> None:
    """The list of faults and these tests go together."""
    with open(__file__, encoding="utf-8") as file:
        source = file.read()
    assert [name for name in OF_MODEM if f'"{name}"' not in source] == []


def test_unknown_fault() -> None:
    """A name or a detail that there is not is refused."""
    with pytest.raises(ValueError, match="no such fault"):
        Faults(OF_MODEM).set("hiccup")
    with pytest.raises(ValueError, match="no such fault"):
        Faults(OF_NETWORK).set("hang")
    with pytest.raises(TypeError):
        Faults(OF_MODEM).set("hang", colour="red")


def test_chance_is_drawn_by_its_seed() -> None:
    """A probability strikes about as often as it says, and the same seed strikes at the same times."""
    runs = []
    for seed in (1, 1, 2):
        faults = Faults(OF_MODEM, seed)
        faults.set("error", count=None, probability=0.3)
        runs.append([faults.strikes("error") is not None for _ in range(1000)])
    assert runs[0] == runs[1] != runs[2]
    assert 250 < sum(runs[0]) < 350


@pytest.mark.parametrize("profile", PROFILES)
def test_all_at_once(profile: str) -> None:
    """With every fault likely, the modem never raises, and comes round when they end."""
    modem = host(profile, sim=card(pin="8642"))
    for name in OF_MODEM:
        modem.modem.faults.set(name, count=None, probability=0.2, seconds=3.0, until="unplug")
    for turn in range(300):
        modem.say(("AT", "AT+CSQ", "AT+CPIN?", "AT+CNMI=1,1,0,1,0", "ATE0")[turn % 5])
        modem.send()
        modem.wait(1.7)
    modem.modem.stop()
    assert modem.modem.sim
    modem.modem.sim.tries = 3
    modem.modem.start(modem.now)
    modem.write(b"AT\rATE0\r")
    assert modem.say('AT+CPIN="8642"')[0] == "OK"
    modem.hear()
    assert modem.send()[-1:] == OK
