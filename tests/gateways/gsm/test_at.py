"""A dialogue with a modem that behaves: commands, echo, prompts, news in between, and time."""

import pytest

from gateways.gsm.at import Dialogue, Limits, NotNow
from gateways.gsm.at_events import Answered, Ready, Silent, TimedOut, Unknown, Unsolicited
from gateways.gsm.at_lines import OK, Kind, Result

from .dialogues import BODY, PDU, SEND, Port, handed_over, ready

ERROR = Result(Kind.ERROR)
SENT = Answered(SEND, ("+CMGS: 12",), OK)


@pytest.mark.parametrize(
    ("said", "result"),
    [
        (b"\r\nOK\r\n", OK),
        (b"OK\r", OK),
        (b"\n\nOK\n", OK),
        (b"\r\r\nOK\r\r\n", OK),
        (b"\0\xff\r\n\xffOK \0\r\n", OK),
        (b"\r\nERROR\r\n", ERROR),
        (b"\r\n+CME ERROR: 14\r\n", Result(Kind.CME, 14)),
        (b"\r\n+CME ERROR:14\r\n", Result(Kind.CME, 14)),
        (b"\r\n+CME ERROR: SIM busy\r\n", Result(Kind.CME, None, "SIM busy")),
        (b"\r\n+CME ERROR: \r\n", Result(Kind.CME)),
        (b"\r\n+CMS ERROR: 38\r\n", Result(Kind.CMS, 38)),
        (b"\r\n+CMS ERROR: 9999999999\r\n", Result(Kind.CMS, None, "9999999999")),
        (b"\r\nCOMMAND NOT SUPPORT\r\n", Result(Kind.ERROR, text="COMMAND NOT SUPPORT")),
        (b"\r\nTOO MANY PARAMETERS\r\n", Result(Kind.ERROR, text="TOO MANY PARAMETERS")),
    ],
)
@pytest.mark.parametrize("echo", [b"", b"AT+CMGD=1\r", b"AT+CMGD=1\r\r\n", b"T+CMGD=1\r"])
def test_results(echo: bytes, said: bytes, result: Result) -> None:
    """Every final result, however its line is framed, with and without echo."""
    port = ready()
    port.send("AT+CMGD=1")
    assert port.take() == b"AT+CMGD=1\r"
    assert not port.dialogue.is_ready
    assert port.hear(echo + said) == [Answered("AT+CMGD=1", (), result)]
    assert port.dialogue.is_ready


@pytest.mark.parametrize(
    ("command", "said", "lines"),
    [
        ("AT+CGMI", "HUAWEI", ("HUAWEI",)),
        ("ATI", "SIM800 R14.18|Revision: 4", ("SIM800 R14.18", "Revision: 4")),
        ("AT+CGSN", "+CGSN: 356938035643809", ("+CGSN: 356938035643809",)),
        ("AT+CSQ", "+CSQ: 20,99", ("+CSQ: 20,99",)),
        ("at+csq", "+CSQ: 20,99", ("+CSQ: 20,99",)),
        (
            "AT+CSQ;+CREG?;+CNMI?",
            "+CSQ: 9,0|+CREG: 0,1|+CNMI: 2,1,0,1,0",
            ("+CSQ: 9,0", "+CREG: 0,1", "+CNMI: 2,1,0,1,0"),
        ),
        ('AT+CPMS="SM","SM","SM"', "+CPMS: 1,20,1,20,1,20", ("+CPMS: 1,20,1,20,1,20",)),
        ('AT+CPBF="a;b?"', "+CPBF: 1", ("+CPBF: 1",)),
        ("AT+CREG=?", "+CREG: (0-2)", ("+CREG: (0-2)",)),
        ("AT+CREG?", '+CREG: 2,1,"00A1","B2C3"', ('+CREG: 2,1,"00A1","B2C3"',)),
        ("AT+CPIN?", "+CPIN: READY", ("+CPIN: READY",)),
        ("AT^CURC?", "^CURC: 0", ("^CURC: 0",)),
        ("AT+CMGR=1", f"+CMGR: 0,,24|{BODY}", ("+CMGR: 0,,24", BODY)),
        (
            "AT+CMGL=4",
            f"+CMGL: 1,0,,24|{BODY}|+CMGL: 2,0,,24|{BODY}",
            (*("+CMGL: 1,0,,24", BODY), "+CMGL: 2,0,,24", BODY),
        ),
        ("AT+CCID", "8933010000000000001F", ("8933010000000000001F",)),
    ],
)
def test_answers(command: str, said: str, lines: tuple[str, ...]) -> None:
    """An answer's lines are those that the command awaits: with its names, or without one where it has none."""
    port = ready()
    port.send(command)
    data = "".join(f"\r\n{line}\r\n" for line in said.split("|"))
    assert port.hear(data.encode() + b"\r\nOK\r\n") == [Answered(command, lines, OK)]


def test_other_names() -> None:
    """Some answer under another name; it is news where nobody said so."""
    for names, lines in ((("+ICCID",), ("+ICCID: 89",)), ((), ())):
        port = ready()
        port.send("AT+CICCID", names=names)
        events = port.hear(b"\r\n+ICCID: 89\r\n\r\nOK\r\n")
        assert events == [*([] if names else [Unsolicited("+ICCID: 89")]), Answered("AT+CICCID", lines, OK)]


NEWS = [
    (b'+CMTI: "SM",1', '+CMTI: "SM",1', ""),
    (f"+CDS: 25\r\n{BODY}".encode(), "+CDS: 25", BODY),
    (f"+CMT: ,24\r\n\r\n{BODY}".encode(), "+CMT: ,24", BODY),
    (f"+CBM: 88\r\n{BODY}".encode(), "+CBM: 88", BODY),
    (b'+CDS: 6,12,"+33613",145', '+CDS: 6,12,"+33613",145', ""),
    (b'+CDSI: "SR",3', '+CDSI: "SR",3', ""),
    (b"+CREG: 1", "+CREG: 1", ""),
    (b'+CREG: 1,"00A1","B2C3"', '+CREG: 1,"00A1","B2C3"', ""),
    (b"+CEREG: 5", "+CEREG: 5", ""),
    (b"+CPIN: NOT READY", "+CPIN: NOT READY", ""),
    (b"RING", "RING", ""),
    (b"NO CARRIER", "NO CARRIER", ""),
    (b"^RSSI:19", "^RSSI:19", ""),
    (b"^BOOT:1,0,0,0,7", "^BOOT:1,0,0,0,7", ""),
    (b"^SMMEMFULL: SM", "^SMMEMFULL: SM", ""),
    (b"RDY", "RDY", ""),
    (b"Call Ready", "Call Ready", ""),
    (b"+QIND: SMS DONE", "+QIND: SMS DONE", ""),
    (b"+ZUSIMR:2", "+ZUSIMR:2", ""),
    (b"*PSUTTZ: 1", "*PSUTTZ: 1", ""),
    (b"UNDER-VOLTAGE WARNNING", "UNDER-VOLTAGE WARNNING", ""),
]


@pytest.mark.parametrize(("said", "line", "body"), NEWS)
def test_news(said: bytes, line: str, body: str) -> None:
    """A modem says them while it is idle, within an answer, before a prompt, after it, and while it starts."""
    told = Unsolicited(line, body)
    data = b"\r\n" + said + b"\r\n"
    port = ready()
    assert port.hear(data) == [told]
    port.send("AT+CMGL=4")
    events = port.hear(
        b"AT+CM" + data + b"GL=4\r\r\n+CMGL: 1,1,,9\r\n" + BODY.encode() + b"\r\n" + data + b"\r\nOK\r\n"
    )
    assert events == [told, told, Answered("AT+CMGL=4", ("+CMGL: 1,1,,9", BODY), OK)]
    port.send(SEND, PDU)
    assert port.hear(data + b"\r\n> " + data) == [told, told]
    assert port.wait(0.1) == []
    assert port.take().endswith(PDU.encode() + b"\x1a")
    assert port.hear(data + b"\r\n+CMGS: 12\r\n" + data + b"\r\nOK\r\n") == [told, told, SENT]
    port.dialogue.synchronise(port.now)
    assert port.hear(data) == [told]


@pytest.mark.parametrize("name", ["CREG", "CEREG", "CGREG"])
def test_registration_in_its_query(name: str) -> None:
    """News of the registration are no answer to the question for it, and with a setting they follow at once."""
    port = ready()
    port.send(f"AT+{name}?")
    said = f'\r\n+{name}: 1\r\n+{name}: 0,2\r\n+{name}: 5,"00A1","B2C3"\r\n+{name}: 5,00A1,B2C3\r\nOK\r\n'
    *news, answer = port.hear(said.encode())
    assert [type(event) for event in news] == [Unsolicited] * 3
    assert answer == Answered(f"AT+{name}?", (f"+{name}: 0,2",), OK)
    port.send(f"AT+{name}=1")
    assert port.hear(f"+{name}: 1\r\nOK\r\n".encode()) == [
        Unsolicited(f"+{name}: 1"),
        Answered(f"AT+{name}=1", (), OK),
    ]


def test_call_results() -> None:
    """They end calls, and nothing else: a caller who hangs up must not end a message."""
    port = handed_over()
    assert port.hear(b"\r\nNO CARRIER\r\n") == [Unsolicited("NO CARRIER")]
    assert port.hear(b"\r\n+CMGS: 12\r\nOK\r\n") == [SENT]
    port.send("ATD123;")
    assert port.hear(b"\r\nBUSY\r\n") == [Answered("ATD123;", (), Result(Kind.ERROR, text="BUSY"))]


@pytest.mark.parametrize("prompt", [b"\r\n> ", b"\r\n>", b">", b"AT+CMGS=18\r\r\n> ", b"AT+CMGS=18\r\n>", b"\0\xff> "])
@pytest.mark.parametrize("echo", [b"", PDU.encode(), PDU.encode() + b"\x1a", PDU.encode() + b"\x1a\r\n", b"> "])
def test_prompt(prompt: bytes, echo: bytes) -> None:
    """It has no line end; the PDU follows after the pause, and its echo is nothing."""
    port = ready()
    port.send(SEND, PDU)
    assert port.take() == b"AT+CMGS=18\r"
    assert port.hear(prompt) == []
    assert port.wait(0.09) == []
    assert port.take() == b""
    assert port.wait(0.02) == []
    assert port.take() == PDU.encode() + b"\x1a"
    assert port.hear(echo + b"\r\n+CMGS: 12\r\n") == []
    assert port.hear(b"\r\nOK\r\n") == [SENT]
    assert port.take() == b""


def test_no_pause() -> None:
    """Where none is wanted, the PDU is written as the prompt comes."""
    port = ready(pause_seconds=0)
    port.send(SEND, PDU)
    port.take()
    assert port.hear(b"> ") == []
    assert port.take() == PDU.encode() + b"\x1a"


@pytest.mark.parametrize("said", [b"ERROR", b"+CMS ERROR: 500", b"+CME ERROR: 14"])
@pytest.mark.parametrize("before", [b"", b"> "])
def test_refused_before_the_pdu(before: bytes, said: bytes) -> None:
    """An error instead of the prompt, or in the pause: the PDU is never written."""
    port = ready()
    port.send(SEND, PDU)
    port.take()
    (event,) = port.hear(before + b"\r\n" + said + b"\r\n")
    assert isinstance(event, Answered)
    assert event.result.kind is not Kind.OK
    assert port.wait(300) == []
    assert port.take() == b""


@pytest.mark.parametrize("said", [b"\r\nOK\r\n", b"\r\nERROR\r\n", b"\r\n+CMS ERROR: 500\r\n"])
def test_reference_is_sent(said: bytes) -> None:
    """Whoever was given a reference was sent, whatever comes then."""
    assert handed_over().hear(b"\r\n+CMGS: 12\r\n" + said) == [SENT]


def test_reference_alone_is_sent() -> None:
    """Be it nothing: the OK is not waited for as long as the network is."""
    port = handed_over()
    assert port.hear(b"\r\n+CMGS: 12\r\n") == []
    assert port.wait(6) == [SENT]
    port.hear(b"\r\nOK\r\n")
    assert port.wait(1) == [Ready()]


def test_rest() -> None:
    """An old modem has a moment between its answer and the next command."""
    port = ready(rest_seconds=0.1)
    port.send("AT")
    port.wait(0.1)
    port.hear(b"OK\r\n")
    port.take()
    port.dialogue.send("AT+CSQ", port.now, 5)
    assert port.dialogue.output() == b""
    assert port.wait(0.09) == []
    assert port.take() == b""
    assert port.wait(0.02) == []
    assert port.take() == b"AT+CSQ\r"


def test_start() -> None:
    """ESC for a prompt that another left, then AT until it is heard, then quiet."""
    port = Port(Dialogue())
    assert port.dialogue.deadline is None
    with pytest.raises(NotNow):
        port.dialogue.send("AT", 0, 1)
    port.dialogue.synchronise(0)
    assert port.hear(b"") == []
    assert port.take() == b"\x1b\r"
    assert port.hear(b"\r\nOK\r\n^BOOT:7\r\n") == [Unsolicited("^BOOT:7")]
    assert port.wait(0.2) == []
    assert port.take() == b"AT\r"
    assert port.wait(1) == []
    assert port.take() == b"\x1b\rAT\r"
    assert port.hear(b"AT\r\r\nOK\r\n") == []
    assert not port.dialogue.is_ready
    assert port.wait(0.6) == [Ready()]
    assert port.dialogue.is_ready


def test_silent() -> None:
    """Nobody there: five times AT, and it is told once; another try begins anew."""
    port = Port(Dialogue())
    for _ in range(2):
        port.dialogue.synchronise(port.now)
        assert port.wait(60) == [Silent()]
        assert port.take().count(b"AT\r") == 5
        assert port.dialogue.deadline is None
        assert not port.dialogue.is_ready


def test_one_at_a_time() -> None:
    """A second command is refused, and the first is none the worse."""
    port = ready()
    port.send("AT+CSQ")
    with pytest.raises(NotNow):
        port.dialogue.send("AT", port.now, 1)
    assert port.hear(b"+CSQ: 1,1\r\nOK\r\n") == [Answered("AT+CSQ", ("+CSQ: 1,1",), OK)]


@pytest.mark.parametrize("command", ["", "AT\r", "AT+CMGS=1\x1a", "ATé", "+CSQ", "AT" + "x" * 501, "AT\n"])
def test_no_command(command: str) -> None:
    """What would be two commands, or none, is not written."""
    port = ready()
    with pytest.raises(ValueError, match="no AT command"):
        port.dialogue.send(command, port.now, 1)
    assert port.dialogue.is_ready


@pytest.mark.parametrize("payload", ["0", "zz", "00\x1a", "00 11", "é0"])
def test_no_pdu(payload: str) -> None:
    """A Ctrl-Z within would send half of it."""
    port = ready()
    with pytest.raises(ValueError, match="no PDU"):
        port.dialogue.send(SEND, port.now, 1, payload)


@pytest.mark.parametrize(
    ("line", "restarts"),
    [("RDY", True), ("^SYSSTART", True), ("+CFUN: 1", True), ("Call Ready", False), ("RING", False)],
)
def test_restarts(line: str, restarts: bool) -> None:
    """A modem that starts anew forgot everything: the owner gives up what is under way."""
    port = handed_over()
    (event,) = port.hear(f"\r\n{line}\r\n".encode())
    assert isinstance(event, Unsolicited)
    assert event.is_restart is restarts
    assert port.dialogue.synchronise(port.now) == [Unknown(SEND)]


def test_lost() -> None:
    """The port is gone: each command has its end, a header is told without its PDU, and nothing follows."""
    port = handed_over()
    port.hear(b"+CDS: 25\r\n")
    assert port.dialogue.lost() == [Unsolicited("+CDS: 25"), Unknown(SEND)]
    assert port.dialogue.lost() == []
    assert port.hear(b"\r\n+CMGS: 12\r\nOK\r\n") == []
    assert port.dialogue.synchronise(port.now) == []
    assert (port.dialogue.deadline, port.dialogue.output(), port.dialogue.is_ready) == (None, b"", False)
    port = ready()
    port.send(SEND, PDU)
    assert port.dialogue.lost() == [TimedOut(SEND)]
    assert ready().dialogue.lost() == []


def test_limits_are_bounds() -> None:
    """An answer has so many lines; the rest is noise and its end is heard."""
    port = Port(Dialogue(Limits(lines=3)))
    port.dialogue.synchronise(0)
    port.wait(0.3)
    port.hear(b"OK\r\n")
    port.wait(1)
    port.send("AT+CSQ")
    *noise, answer = port.hear(b"+CSQ: 1,1\r\n" * 10 + b"OK\r\n")
    assert answer == Answered("AT+CSQ", ("+CSQ: 1,1",) * 3, OK)
    assert len(noise) == 7
