"""Answers that do not come, come late, or are nobody's: nothing is taken for what it is not."""

import pytest

from gateways.gsm.at_events import Answered, Event, Late, Noise, Ready, Silent, TimedOut, Unknown, Unsolicited
from gateways.gsm.at_lines import OK, Kind, Result

from .dialogues import BODY, PDU, SEND, Port, handed_over, ready, sound

CSQ = Answered("AT+CSQ", ("+CSQ: 20,99",), OK)


def silent() -> Port:
    """A modem that has a PDU and did not answer in time."""
    port = handed_over()
    assert port.wait(119.7) == []
    assert port.wait(0.2) == [Unknown(SEND)]
    return port


def back(port: Port) -> list[Event]:
    """It listens again; what is told until then."""
    events = port.wait(0.25)
    events += port.hear(b"\r\nOK\r\n")
    return events + port.wait(1)


def signal(port: Port) -> list[Event]:
    """Another command and its answer."""
    port.send("AT+CSQ")
    return port.hear(b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n")


def test_no_answer() -> None:
    """It is told once, at its time; then the modem is asked whether it listens."""
    port = ready()
    port.send("AT+CSQ")
    assert port.wait(4.8) == []
    assert port.wait(0.2) == [TimedOut("AT+CSQ")]
    assert not port.dialogue.is_ready
    assert back(port) == [Ready()]
    assert port.take() == b"AT+CSQ\r\x1b\rAT\r"
    assert signal(port) == [CSQ]


def test_no_prompt() -> None:
    """Nothing was sent; ESC, and two seconds for what follows."""
    port = ready()
    port.send(SEND, PDU)
    assert port.wait(10) == [TimedOut(SEND)]
    port.take()
    assert port.hear(b"\r\n> ") == []  # too late; ESC is under way
    assert port.hear(b"\r\nOK\r\n") == []
    assert port.wait(1.9) == []
    assert port.take() == b""
    assert back(port) == [Ready()]
    assert PDU.encode() not in port.take()


def test_prompt_after_the_question() -> None:
    """A prompt that comes when AT was written gets another ESC: AT is in it now."""
    port = ready()
    port.send(SEND, PDU)
    assert port.wait(12.5) == [TimedOut(SEND)]
    port.take()
    assert port.hear(b"\r\n> AT\r\n> ") == []
    assert port.take() == b"\x1b\r"
    assert port.wait(2.1) == []
    assert port.take() == b"AT\r"
    assert port.hear(b"OK\r\n") == []
    assert port.wait(1) == [Ready()]


def test_unknown_stays_silent() -> None:
    """Whether it was sent and whether the modem lives are two questions."""
    port = silent()
    assert port.wait(60) == [Silent()]


@pytest.mark.parametrize("line", ["+CMGS: 12", '+CMGS: 12,"26/11/02,14:02:33+04"', "+CMS ERROR: 38"])
def test_late_answer(line: str) -> None:
    """It comes while the modem is asked: it is told as late, and its OK is nobody's."""
    port = silent()
    assert port.hear(f"\r\n{line}\r\n\r\nOK\r\n".encode()) == [Late(SEND, line)]
    assert back(port) == [Ready()]
    assert port.hear(f"\r\n{line}\r\n".encode()) != [Late(SEND, line)]
    port.wait(5)
    assert signal(port) == [CSQ]


@pytest.mark.parametrize("line", ["+CMGS: 12", "+CMS ERROR: 38"])
def test_very_late_answer(line: str) -> None:
    """It comes within the answer to the next command, which gets its own."""
    port = silent()
    assert back(port) == [Ready()]
    port.send("AT+CSQ")
    end = "" if "ERROR" in line else "OK\r\n"
    assert port.hear(f"{line}\r\n{end}".encode()) == [Late(SEND, line)]
    assert port.hear(b"\r\n+CSQ: 20,99\r\nOK\r\n") == [CSQ]
    assert signal(port) == [CSQ]


def test_late_answer_before_the_next_prompt() -> None:
    """The next message has no reference before its PDU is written: that one is the last one's."""
    port = silent()
    assert back(port) == [Ready()]
    port.send("AT+CMGS=20", PDU)
    assert port.hear(b"+CMGS: 12\r\nOK\r\n") == [Late(SEND, "+CMGS: 12")]
    assert port.hear(b"> ") == []
    port.wait(0.2)
    assert port.hear(b"+CMGS: 13\r\nOK\r\n") == [Answered("AT+CMGS=20", ("+CMGS: 13",), OK)]


def test_late_ok() -> None:
    """The OK of one that timed out answers the question whether it listens; the true one comes into the quiet."""
    port = ready()
    port.send("AT+CMGD=1")
    assert port.wait(5.3) == [TimedOut("AT+CMGD=1")]
    for _ in range(6):
        assert port.hear(b"\r\nOK\r\n") == []
        assert port.wait(0.4) == []
    assert port.wait(0.2) == [Ready()]
    assert signal(port) == [CSQ]


def test_endless_ok_is_no_modem() -> None:
    """Whoever says OK for ever is never ready, and that is told in time."""
    port = ready()
    port.send("AT")
    assert port.wait(5) == [TimedOut("AT")]
    told: list[Event] = []
    while not told:
        assert port.hear(b"OK\r\n") == []
        told = port.wait(0.4)
    assert told == [Silent()]
    assert port.now < 40


def test_other_results_are_no_sign() -> None:
    """ERROR may be an answer to the ESC: AT again."""
    port = ready()
    port.dialogue.synchronise(port.now)
    port.wait(0.3)
    assert port.hear(b"ERROR\r\n+CME ERROR: 14\r\n") == []
    assert port.wait(0.9) == []
    assert port.take().count(b"AT\r") == 2
    port.hear(b"OK\r\n")
    assert port.wait(1) == [Ready()]


@pytest.mark.parametrize("said", ["OK", "ERROR", "+CMS ERROR: 38", "+CME ERROR: 14", "COMMAND NOT SUPPORT"])
def test_answers_to_nobody(said: str) -> None:
    """They are noise, and no answer to what is written afterwards."""
    port = ready()
    assert port.hear(f"\r\n{said}\r\n".encode()) == [Noise(said[:20], len(said))]
    assert signal(port) == [CSQ]
    port.dialogue.send("AT+CSQ", port.now, 5)  # not written yet: it rests
    assert port.hear(f"\r\n{said}\r\n".encode()) == [Noise(said[:20], len(said))]
    port.wait(0.1)
    assert port.hear(b"+CSQ: 20,99\r\nOK\r\n") == [CSQ]


def test_ok_is_no_prompt() -> None:
    """Where a PDU is to be given, OK is another's: the prompt is still awaited."""
    port = ready()
    port.send(SEND, PDU)
    assert port.hear(b"\r\nOK\r\n") == [Noise("OK", 2)]
    assert port.hear(b"\r\n> ") == []
    port.wait(0.2)
    assert port.hear(b"\r\n+CMGS: 1\r\nOK\r\n") == [Answered(SEND, ("+CMGS: 1",), OK)]


def test_prompt_for_nobody() -> None:
    """A modem that waits for a message would swallow commands: it is brought back first, by one ESC."""
    port = ready()
    assert port.hear(b"\r\n> \r\n> \r\n> ") == [Noise(">", 1)]
    assert port.take() == b"\x1b\r"
    assert not port.dialogue.is_ready
    assert port.wait(2.1) == []
    port.hear(b"OK\r\n")
    assert port.wait(1) == [Ready()]
    assert signal(port) == [CSQ]


@pytest.mark.parametrize("text", ["a > b", "a> ", ">", "> b", ">> "])
def test_prompt_within_a_text(text: str) -> None:
    """``>`` is a prompt at the beginning of a line only, and only where one is awaited."""
    port = ready()
    port.send("ATI")
    assert port.hear(f"\r\n{text}\r\nOK\r\n".encode()) == [Answered("ATI", (text.strip(),), OK)]
    port.send(SEND, PDU)
    port.take()
    assert sound(port.hear(b"\r\nText > text\r\n+CMT: ,9\r\n> hello")) == []
    assert port.wait(1) == []
    assert port.take() == b""


def test_text_mode() -> None:
    """A modem that fell back to text mode has its texts taken for neither prompts nor PDUs."""
    port = ready()
    port.send(SEND, PDU)
    port.take()
    events = port.hear(b'\r\n+CMT: "+33613",,"26/11/02"\r\n> OK?\r\nOK then\r\n')
    assert sound(events) == [Unsolicited('+CMT: "+33613",,"26/11/02"')]
    assert port.take() == b""


def test_prompt_after_a_lost_pdu() -> None:
    """A +CMT without its PDU does not hide the prompt for long."""
    port = ready()
    port.send(SEND, PDU)
    assert port.hear(b"\r\n+CMT: ,24\r\n> ") == []
    assert port.wait(2.2) == [Unsolicited("+CMT: ,24")]
    assert port.take().endswith(b"\x1a")


@pytest.mark.parametrize("after", [b"", b"OK\r\n", b"+CDS: 26\r\n", b"nothing\r\n", b"0\r\n"])
def test_lost_pdu(after: bytes) -> None:
    """The header is told without it, and what came instead is what it is."""
    port = ready()
    port.send("AT")
    events = port.hear(b"+CDS: 25\r\n" + after) + port.wait(3)
    assert events[0] == Unsolicited("+CDS: 25")
    assert (Answered("AT", (), OK) in events) is (after == b"OK\r\n")


def test_echo_is_no_body() -> None:
    """A +CDS that lost its PDU does not take the echo of ours."""
    port = handed_over()
    assert port.hear(f"+CDS: 25\r\n{PDU}\x1a\r\n".encode()) == [Unsolicited("+CDS: 25")]
    assert port.hear(f"+CDS: 25\r\n{BODY}\r\n".encode()) == [Unsolicited("+CDS: 25", BODY)]


def test_hex_of_nobody() -> None:
    """It belongs to nothing, and not to an answer either; of a message only the beginning is told."""
    port = handed_over()
    noise = Noise(BODY[:20], len(BODY))
    assert port.hear(f"\r\n{BODY}\r\n".encode()) == [noise]
    assert port.hear(b"+CMGS: 1\r\nOK\r\n") == [Answered(SEND, ("+CMGS: 1",), OK)]
    port.send("AT+CSQ;+CREG?")
    assert port.hear(b"caf\xe9\r\n+CREG: 0,1\r\nOK\r\n")[-1] == Answered("AT+CSQ;+CREG?", ("+CREG: 0,1",), OK)


@pytest.mark.parametrize(
    "garbage",
    [b"xOK", b"OKOK", b"O K", b"ok", b"\x8aOK", b"OK.", b"+CMS ERROR", b"CMS ERROR: 3", b"ERROR!", b"0", b"\x01OK"],
)
def test_garbage_is_no_result(garbage: bytes) -> None:
    """Only the very words end a command."""
    port = ready()
    port.send("AT+CMGD=1")
    assert not any(isinstance(event, Answered) for event in port.hear(b"\r\n" + garbage + b"\r\n"))
    assert port.hear(b"\r\nERROR\r\n") == [Answered("AT+CMGD=1", (), Result(Kind.ERROR))]
