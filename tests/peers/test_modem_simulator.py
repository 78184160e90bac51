"""The simulated modem speaks as a modem does: commands, and the answers of the makers' manuals."""

from typing import Any, Final

import pytest

from tests.peers.modem.card import Sim
from tests.peers.modem.modem import SimulatedModem
from tests.peers.modem.network import SimulatedNetwork
from tests.peers.modem.profiles import PROFILES
from tests.peers.modem_host import LENGTH, PDU, Host, card, host

OK: Final = ["OK"]
Table = list[tuple[str, list[str]]]

DIALOGUES: Final[dict[str, Table]] = {
    "generic": [
        ("AT", OK),
        ("at", OK),
        ("AT+CGMI", ["Simulator", "OK"]),
        ("AT+CGSN", ["490154203237518", "OK"]),
        ("AT+CIMI", ["208011234567890", "OK"]),
        ("AT+CCID", ["+CCID: 8933012345678901234", "OK"]),
        ("ATI", ["Simulator", "SIM-1", "1.0", "OK"]),
        ("AT+CPIN?", ["+CPIN: READY", "OK"]),
        ("AT+CFUN?", ["+CFUN: 1", "OK"]),
        ("AT+CREG?", ["+CREG: 0,1", "OK"]),
        ("AT+CREG=2;+CREG?;+CSQ", ['+CREG: 2,1,"00A1","B2C3"', "+CSQ: 19,99", "OK"]),
        ("AT+COPS?", ['+COPS: 0,0,"Simu Telecom",2', "OK"]),
        ("AT+COPS=3,2;+COPS?", ['+COPS: 0,2,"20801",2', "OK"]),
        ("AT+CSMS=0", ["+CSMS: 1,1,1", "OK"]),
        ("AT+CPMS=?", ['+CPMS: ("SM","ME","SR"),("SM","ME"),("SM","ME")', "OK"]),
        ('AT+CPMS="SM","SM","ME"', ["+CPMS: 0,20,0,20,0,50", "OK"]),
        ("AT+CPMS?", ['+CPMS: "SM",0,20,"SM",0,20,"ME",0,50', "OK"]),
        ("AT+CNMI=2,1,0,1,0", OK),
        ("AT+CNMI=,2", OK),
        ("AT+CNMI?", ["+CNMI: 2,2,0,1,0", "OK"]),
        ("AT+CSCA?", ['+CSCA: "+33689004000",145', "OK"]),
        ('AT+CSCS="UCS2"', OK),
        ("AT+CSCA?", ['+CSCA: "002B00330033003600380039003000300034003000300030",145', "OK"]),
        ('AT+CSCS="GSM";+CSCA="+33609001390",145', OK),
        ("AT+CSCA?", ['+CSCA: "+33609001390",145', "OK"]),
        ("ATZ;+CNMI?", ["ATZ;+CNMI?", "+CNMI: 0,0,0,0,0", "OK"][1:]),
        ("ATE0V1;+CMEE=1", ["ATE0V1;+CMEE=1", "OK"]),
        ("AT+CMGL=4", OK),
        ("AT+CMGF=0", OK),
        ("AT+CPAS", ["+CPAS: 0", "OK"]),
    ],
    "huawei": [
        ("AT+CGMI", ["huawei", "OK"]),
        ("AT^CURC=0", OK),
        ("AT^ICCID?", ["^ICCID: 8933012345678901234", "OK"]),
        ("AT+CCID", ["COMMAND NOT SUPPORT"]),
        ("AT+CEREG?", ["COMMAND NOT SUPPORT"]),
        ("AT+CNMI=2,1,0,1,0", ["+CMS ERROR: 303"]),
        ("AT+CNMI=1,1,0,1,0", OK),
        ("AT+CMMS=2", ["+CMS ERROR: 500"]),
        ("AT^CPIN?", ["^CPIN: READY,3,10,3,10,3", "OK"]),
        ('AT+CPMS="SR"', ["+CMS ERROR: 302"]),
        ("AT+CMGR=0", ["+CMS ERROR: 321"]),
    ],
    "simcom": [
        ("AT+CCID", ["8933012345678901234", "OK"]),
        ("AT+SPIC", ["+SPIC: 3,3,10,10", "OK"]),
        ("AT+CNMI=2,1,0,2,0", ["+CMS ERROR: 303"]),
        ("AT+CMGR=1", OK),
    ],
    "quectel": [
        ("AT+QCCID", ["+QCCID: 8933012345678901234", "OK"]),
        ('AT+QURCCFG="urcport","usbat"', OK),
        ("AT+QPINC?", ['+QPINC: "SC",3,10', '+QPINC: "P2",3,10', "OK"]),
    ],
    "wavecom": [
        ("AT+CSMS?", ["+CSMS: 1,1,1,1", "OK"]),
        ("AT+CCID", ['+CCID: "8933012345678901234"', "OK"]),
        ("AT+CMGR=99", ["ERROR"]),
        ("AT+CMEE=1;+CMGR=99", ["+CMS ERROR: 321"]),
    ],
    "zte": [("AT+ZOPRT=5", OK), ("AT+CNMI=2,1,0,1,0", ["+CMS ERROR: 303"]), ("AT+CNMI=2,1,0,2,0", OK)],
}

REFUSED: Final[Table] = [
    ("AT+NONSENSE", ["ERROR"]),
    ("AT+CNMI=4", ["+CMS ERROR: 303"]),
    ("AT+CNMI=1,1,1,1,1,1", ["+CMS ERROR: 303"]),
    ("AT+CNMI=x", ["+CMS ERROR: 303"]),
    ('AT+CPMS="XX"', ["+CMS ERROR: 302"]),
    ("AT+CMGF=1", ["+CMS ERROR: 303"]),
    ("AT+CMGR=0", ["+CMS ERROR: 321"]),
    ("AT+CMGR=", ["+CMS ERROR: 321"]),
    ("AT+CMGD=21", ["+CMS ERROR: 321"]),
    ("AT+CMGL=5", ["+CME ERROR: 4"]),
    ("AT+CNMA", ["+CMS ERROR: 340"]),
    ("AT+CFUN=9", ["+CME ERROR: 4"]),
    ("AT+CREG=3", ["+CME ERROR: 4"]),
    ('AT+CPIN="1234"', ["+CME ERROR: 3"]),
    ("AT+CMGS=x", ["+CMS ERROR: 304"]),
    ("AT+CMGS=0", ["+CMS ERROR: 304"]),
    ('AT+CSCA="33a"', ["+CMS ERROR: 304"]),
    ('AT+CSCS="KLINGON"', ["+CME ERROR: 4"]),
    ("AT+CSQ;+NONSENSE;+CSQ", ["+CSQ: 19,99", "ERROR"]),
    ("AT?", ["ERROR"]),
    ("AT+", ["ERROR"]),
    ("ATV0", ["ERROR"]),
    ("hello", []),
    ("", []),
]


@pytest.mark.parametrize("profile", DIALOGUES)
def test_dialogues(profile: str) -> None:
    """Each command is answered as written beside it, in turn."""
    modem = host(profile)
    modem.say("AT+CMEE=1" if profile != "wavecom" else "AT")
    assert [(command, modem.say(command)) for command, _ in DIALOGUES[profile]] == DIALOGUES[profile]


@pytest.mark.parametrize(("command", "answer"), REFUSED)
def test_what_is_refused(command: str, answer: list[str]) -> None:
    """What no modem takes is refused in its own words, and the next command is heard."""
    modem = host()
    modem.say("AT+CMEE=1")
    assert modem.say(command) == answer
    assert modem.say("AT") == OK


@pytest.mark.parametrize(("errors", "told"), [(0, "ERROR"), (1, "+CME ERROR: 10"), (2, "+CME ERROR: SIM not inserted")])
def test_errors_as_told(errors: int, told: str) -> None:
    """CMEE chooses between no word, a number and words."""
    modem = host(without_sim=True)
    modem.say(f"AT+CMEE={errors}")
    assert modem.say("AT+CPIN?") == [told]


@pytest.mark.parametrize("profile", PROFILES)
def test_bytes_of_a_send(profile: str) -> None:
    """Echo, prompt, reference and OK, byte for byte; the echo of the PDU too."""
    modem = host(profile)
    modem.raw()
    modem.say("ATE1")
    modem.modem.receive(b"AT+CMGS=18\r", modem.now)
    assert modem.raw() == b"AT+CMGS=18\r\r\n> "
    modem.modem.receive(PDU[:11].encode(), modem.now)
    assert modem.raw() == b""
    modem.modem.receive(PDU[11:].encode() + b"\x1a", modem.now)
    assert modem.raw() == PDU.encode() + b"\x1a\r\n+CMGS: 0\r\n\r\nOK\r\n"
    assert [taken.text for taken in modem.network.taken] == ["Test"]


@pytest.mark.parametrize(("profile", "said"), [("generic", OK), ("wavecom", ["ERROR"]), ("zte", [])])
def test_escape(profile: str, said: list[str]) -> None:
    """ESC ends the prompt, and nothing is sent."""
    modem = host(profile)
    modem.say(f"AT+CMGS={LENGTH}")
    assert modem.write(PDU.encode() + b"\x1b") == said
    assert modem.write(b"\x1b\rAT\r") == OK
    assert modem.network.taken == []


@pytest.mark.parametrize(
    ("pdu", "length"),
    [
        (PDU, LENGTH + 1),
        (PDU, LENGTH - 1),
        (PDU[:-2], LENGTH - 1),
        (PDU + "00", LENGTH + 1),
        (PDU[:-1], LENGTH),
        ("zz" + PDU[2:], LENGTH),
        ("", LENGTH),
        ("00", LENGTH),
        (PDU.replace("0031", "0030", 1), LENGTH),
        (PDU.replace("0031", "0071", 1), LENGTH),
        (PDU.replace("0B91", "0BD0", 1), LENGTH),
        (PDU.replace("0B91", "0A91", 1), LENGTH),
        (PDU.replace("0000AA", "000CAA", 1), LENGTH),
        (PDU.replace("F80000", "F80008", 1).replace("AA04", "AA03"), LENGTH),
    ],
)
def test_bad_pdus(pdu: str, length: int) -> None:
    """A PDU that is not whole, not hexadecimal, not as long as told or no SMS-SUBMIT is 304, and nothing is sent."""
    modem = host()
    assert modem.send(pdu, length) == ["+CMS ERROR: 304"]
    assert modem.network.taken == []
    assert modem.send() == ["+CMGS: 0", "OK"]


def test_real_speed() -> None:
    """A message takes three seconds; what is said meanwhile waits for its turn."""
    modem = host(send_seconds=3.0)
    assert modem.send() == []
    assert modem.say("AT+CSQ") == []
    assert modem.wait(2.9) == []
    assert modem.wait(0.2) == ["+CMGS: 0", "OK", "+CSQ: 19,99", "OK"]
    assert modem.network.taken[0].at == pytest.approx(3.0)


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_any_cut(size: int) -> None:
    """However the host's bytes come, the answers are the same."""
    modem, heard = host(), list[str]()
    written = b"AT+CSQ\rAT+CMGS=18\r" + PDU.encode() + b"\x1aAT+CMGS=18\r\x1bAT\r\n"
    for at in range(0, len(written), size):
        heard += modem.write(written[at : at + size])
    assert heard == ["+CSQ: 19,99", "OK", "> ", "+CMGS: 0", "OK", "> ", "OK", "OK"]


def locked(**fields: Any) -> Host:
    """At a modem whose card wants its PIN."""
    modem = host(sim=card(pin="8642", **fields), sim_seconds=5.0, register_seconds=3.0)
    modem.say("AT+CMEE=1")
    modem.wait(6)
    return modem


def test_pin() -> None:
    """Before it, nothing of the SIM; after it the SIM is busy, then there is a network."""
    modem = locked()
    assert modem.say("AT+CPIN?") == ["+CPIN: SIM PIN", "OK"]
    assert modem.say("AT+CIMI") == ["+CME ERROR: 11"]
    assert modem.say("AT+CSCA?") == ["+CMS ERROR: 311"]
    assert modem.send() == ["+CMS ERROR: 311"]
    assert modem.say("AT+CCID") == ["+CCID: 8933012345678901234", "OK"]
    assert modem.say('AT+CPIN="8642"') == OK
    assert modem.say("AT+CPIN?") == ["+CME ERROR: 14"]
    assert modem.say("AT+CSCA?") == ["+CMS ERROR: 314"]
    modem.wait(5.1)
    assert modem.say("AT+CPIN?;+CREG?") == ["+CPIN: READY", "+CREG: 0,2", "OK"]
    assert modem.send() == ["+CMS ERROR: 331"]
    modem.wait(3)
    assert modem.say("AT+CREG?") == ["+CREG: 0,1", "OK"]
    assert modem.send() == ["+CMGS: 0", "OK"]


def test_wrong_pins() -> None:
    """Three of them block the card, a restart does not help, its PUK does; a right one in time makes three again."""
    modem = locked()
    sim = modem.modem.sim
    assert sim
    assert modem.say('AT+CPIN="9999"') == ["+CME ERROR: 16"]
    assert modem.say('AT+CPIN="8642"') == OK
    assert sim.tries == 3
    modem.modem.stop()
    modem.modem.start(modem.now)
    modem.wait(6)
    modem.say("ATE0+CMEE=1")
    answers = [modem.say('AT+CPIN="9999"') for _ in range(3)]
    assert answers == [["+CME ERROR: 16"], ["+CME ERROR: 16"], ["+CME ERROR: 12"]]
    assert modem.say('AT+CPIN="8642"') == ["+CME ERROR: 12"]
    assert modem.say("AT+CPIN?") == ["+CPIN: SIM PUK", "OK"]
    assert modem.say('AT+CPIN="12345678","4321"') == OK
    modem.wait(6)
    assert modem.say("AT+CPIN?") == ["+CPIN: READY", "OK"]
    assert "8642" not in repr(sim)
    assert not any("8642" in command for command in modem.modem.commands)


def test_radio_off() -> None:
    """CFUN=0 leaves the network, which the modem says where it was asked to, and nothing is sent."""
    modem = host(register_seconds=2.0)
    modem.wait(3)
    modem.say("AT+CREG=1")
    assert modem.say("AT+CFUN=0") == ["OK", "+CREG: 0"]
    assert modem.send() == ["+CMS ERROR: 331"]
    assert modem.say("AT+CFUN=1") == ["OK", "+CREG: 2"]
    assert modem.wait(2.1) == ["+CREG: 1"]
    assert modem.send() == ["+CMGS: 0", "OK"]


@pytest.mark.parametrize("registered_as", [1, 5, 6, 7])
def test_kinds_of_networks(registered_as: int) -> None:
    """Home, roaming, and SMS only; an LTE-only modem tells in CEREG."""
    modem = host(registered_as=registered_as)
    assert modem.say("AT+CREG?") == [f"+CREG: 0,{registered_as}", "OK"]
    modem = host(registered_as=registered_as, lte_only=True)
    assert modem.say("AT+CREG?;+CEREG?") == ["+CREG: 0,0", f"+CEREG: 0,{registered_as}", "OK"]
    assert modem.send() == ["+CMGS: 0", "OK"]


def test_restart_of_a_stick() -> None:
    """CFUN=1,1 takes the port away for a while; then echo is on, CNMI forgotten, and what the card has is there."""
    modem = host("huawei", card(mr=7))
    modem.say("AT+CNMI=1,1,0,1,0")
    assert modem.send() == ["+CMGS: 7", "OK"]
    assert modem.say("AT+CFUN=1,1") == OK
    assert not modem.modem.is_present
    assert modem.say("AT") == []
    assert modem.wait(6)[:3] == ["^SYSSTART", "^SIMST:1", "^SRVST:2"]
    assert modem.modem.is_present
    assert modem.say("AT+CNMI?") == ["AT+CNMI?", "+CNMI: 0,0,0,0,0", "OK"]
    modem.say("ATE0")
    assert modem.send() == ["+CMGS: 8", "OK"]


def test_restart_of_a_serial_modem() -> None:
    """Its port stays; it hears nothing until it says that it has started."""
    modem = host("simcom")
    assert modem.say("AT+CFUN=1,1") == OK
    assert modem.modem.is_present
    assert modem.say("AT") == []
    assert modem.wait(6) == ["RDY", "+CFUN: 1", "+CPIN: READY", "Call Ready", "SMS Ready"]
    assert modem.say("AT") == []
    assert modem.say("AT") == ["AT", "OK"]


def test_noise() -> None:
    """Huawei's sticks talk until they are asked not to; between a prompt and its PDU they hold their tongue."""
    modem = host("huawei")
    modem.hear()
    assert len(modem.wait(9.5)) == 3
    modem.say(f"AT+CMGS={LENGTH}")
    assert modem.wait(3.1) == []
    assert len(modem.write(b"\x1b")) == 2
    modem.say("AT^CURC=0")
    assert modem.wait(60) == []


def test_no_service_centre() -> None:
    """Without its number nothing goes out, unless the PDU has it."""
    modem = host(sim=card(smsc=""))
    assert modem.say("AT+CSCA?") == ['+CSCA: "",129', "OK"]
    assert modem.send() == ["+CMS ERROR: 330"]
    assert modem.send("07913386094000F0" + PDU[2:]) == ["+CMGS: 0", "OK"]


def test_card_moves() -> None:
    """Another card in the modem is another IMSI; the reference goes on with the card that left."""
    modem = host(sim=card(mr=254))
    assert [modem.send()[0] for _ in range(3)] == ["+CMGS: 254", "+CMGS: 255", "+CMGS: 0"]
    first = modem.modem.sim
    modem.modem.insert(Sim(imsi="208019999999999", iccid="89330199"), modem.now)
    modem.wait(1)
    modem.say("ATE0")
    assert modem.say("AT+CIMI") == ["208019999999999", "OK"]
    assert modem.send() == ["+CMGS: 0", "OK"]
    other = SimulatedModem(SimulatedNetwork(), first)
    other.start(0.0)
    Host(other).say("ATE0")
    assert Host(other).send() == ["+CMGS: 1", "OK"]
