"""Dialogues as makers' modems hold them: what each says at its start, in its answers, and between them."""

from typing import Final

import pytest

from gateways.gsm.at_events import Answered, Event, Noise, Ready, TimedOut, Unknown, Unsolicited
from gateways.gsm.at_lines import OK, Kind, Result
from gateways.gsm.errors import Blame, judge

from .dialogues import BODY, PDU, SEND, ready

Turn = tuple[str, str, bytes, list[Event]]
"""Command, PDU, what is said to it (a PDU's after its prompt), and what that comes to."""


def answered(command: str, *lines: str, result: Result = OK) -> Answered:
    """A command's end."""
    return Answered(command, lines, result)


def failed(command: str, kind: Kind, code: int | None = None, text: str = "") -> Answered:
    """A command's end, a bad one."""
    return Answered(command, (), Result(kind, code, text))


CNMI: Final = "AT+CNMI=2,1,0,1,0"
SENT: Final = answered(SEND, "+CMGS: 12")

DIALOGUES: Final[dict[str, list[Turn]]] = {
    "Huawei: news every three seconds on the command port": [
        ("ATE0", "", b"ATE0\r\r\nOK\r\n", [answered("ATE0")]),
        (
            *("AT^CURC=0", ""),
            b"\r\n^RSSI:19\r\n\r\n^BOOT:20452112,0,0,0,72\r\n\r\nOK\r\n",
            [Unsolicited("^RSSI:19"), Unsolicited("^BOOT:20452112,0,0,0,72"), answered("AT^CURC=0")],
        ),
        (CNMI, "", b"\r\n+CMS ERROR: 303\r\n", [failed(CNMI, Kind.CMS, 303)]),
        ("AT+CNMI=1,1,0,1,0", "", b"\r\nOK\r\n", [answered("AT+CNMI=1,1,0,1,0")]),
        (
            *("AT^CPIN?", ""),
            b"\r\n^CPIN: SIM PIN,3,10,3,10,3\r\n\r\nOK\r\n",
            [answered("AT^CPIN?", "^CPIN: SIM PIN,3,10,3,10,3")],
        ),
        ("AT+CMMS=2", "", b"\r\n+CMS ERROR: 500\r\n", [failed("AT+CMMS=2", Kind.CMS, 500)]),
        (
            *(SEND, PDU),
            f"\r\n^MODE:3,3\r\n\r\n+CMGS: 12\r\n\r\nOK\r\n\r\n+CDS: 25\r\n{BODY}\r\n".encode(),
            [Unsolicited("^MODE:3,3"), SENT, Unsolicited("+CDS: 25", BODY)],
        ),
        ("AT", "", b'\r\n+CDSI: "SR",4\r\nOK\r\n', [Unsolicited('+CDSI: "SR",4'), answered("AT")]),
    ],
    "Huawei E220: its own word for what it does not know": [
        (
            *("AT+CEREG?", ""),
            b"\r\nCOMMAND NOT SUPPORT\r\n",
            [failed("AT+CEREG?", Kind.ERROR, None, "COMMAND NOT SUPPORT")],
        ),
        ("AT+CREG?", "", b"\r\n+CREG: 0,1\r\n\r\nOK\r\n", [answered("AT+CREG?", "+CREG: 0,1")]),
    ],
    "Quectel: busy SIM, news of readiness, a report that overtakes the answer": [
        ("AT+CPIN?", "", b"\r\n+CME ERROR: 14\r\n", [failed("AT+CPIN?", Kind.CME, 14)]),
        (
            *("AT+CPIN?", ""),
            b"\r\n+QIND: SMS DONE\r\n\r\n+CPIN: READY\r\n\r\nOK\r\n",
            [Unsolicited("+QIND: SMS DONE"), answered("AT+CPIN?", "+CPIN: READY")],
        ),
        (
            *('AT+QURCCFG="urcport"', ""),
            b'\r\n+QURCCFG: "urcport","usbat"\r\n\r\nOK\r\n',
            [answered('AT+QURCCFG="urcport"', '+QURCCFG: "urcport","usbat"')],
        ),
        (
            *(SEND, PDU),
            f"\r\n+CDS: 25\r\n{BODY}\r\n\r\n+CMGS: 12\r\n\r\nOK\r\n".encode(),
            [Unsolicited("+CDS: 25", BODY), SENT],
        ),
        ("AT+CNMA=0", "", b"\r\n+CMS ERROR: 340\r\n", [failed("AT+CNMA=0", Kind.CMS, 340)]),
        ("AT+QCCID", "", b"\r\n+QCCID: 8933\r\n\r\nOK\r\n", [answered("AT+QCCID", "+QCCID: 8933")]),
    ],
    "SIMCom: echo, banners after the PIN, a bare ICCID": [
        (
            *('AT+CPIN="1234"', ""),
            b'AT+CPIN="1234"\r\r\nOK\r\n\r\n+CPIN: READY\r\n\r\nCall Ready\r\n\r\nSMS Ready\r\n',
            [answered('AT+CPIN="1234"'), *map(Unsolicited, ("+CPIN: READY", "Call Ready", "SMS Ready"))],
        ),
        ("AT+CCID", "", b"AT+CCID\r\r\n89330100f\r\n\r\nOK\r\n", [answered("AT+CCID", "89330100f")]),
        (
            *("AT+CFUN=1", ""),
            b"AT+CFUN=1\r\r\n+CFUN: 1\r\n\r\nOK\r\n",
            [Unsolicited("+CFUN: 1"), answered("AT+CFUN=1")],
        ),
        (
            *(SEND, PDU),
            PDU.encode() + b"\x1a\r\n+CMGS: 12\r\n\r\nOK\r\n",
            [SENT],
        ),
    ],
    "Sierra and Wavecom: plain errors, +WIND, hashed signs": [
        ("AT+CMEE=1", "", b"\r\n+WIND: 4\r\n\r\nOK\r\n", [Unsolicited("+WIND: 4"), answered("AT+CMEE=1")]),
        ("AT+CSCA?", "", b"\r\nERROR\r\n", [failed("AT+CSCA?", Kind.ERROR)]),
        (
            *("AT!GSTATUS?", ""),
            b"\r\n!GSTATUS: \r\nCurrent Time: 1\r\n\r\nOK\r\n",
            [Noise("Current Time: 1", 15), answered("AT!GSTATUS?", "!GSTATUS:")],
        ),
    ],
    "ZTE: noise of its own, old data": [
        (
            *("AT+ZOPRT=5", ""),
            b'0" \r\n+ZUSIMR:2\r\n\r\n+ZPASR: "UMTS"\r\n\r\nOK\r\n+ZEND\r\n',
            [
                *(Noise('0"', 2), Unsolicited("+ZUSIMR:2"), Unsolicited('+ZPASR: "UMTS"')),
                *(answered("AT+ZOPRT=5"), Unsolicited("+ZEND")),
            ],
        ),
        ("AT", "", b"\r\n+ZSMMEMFULL: \r\n\r\nOK\r\n", [Unsolicited("+ZSMMEMFULL:"), answered("AT")]),
    ],
    "Telit: its signs": [
        ("AT#CCID", "", b"\r\n#CCID: 8939\r\n\r\nOK\r\n", [answered("AT#CCID", "#CCID: 8939")]),
        ("AT", "", b"\r\n#QSS: 1\r\n\r\nOK\r\n", [Unsolicited("#QSS: 1"), answered("AT")]),
    ],
    "in words: CMEE=2 left by another program": [
        (
            *(SEND, PDU),
            b"\r\n+CMS ERROR: Network timeout\r\n",
            [failed(SEND, Kind.CMS, None, "Network timeout")],
        ),
        ("AT+CPIN?", "", b"\r\n+CME ERROR: SIM busy\r\n", [failed("AT+CPIN?", Kind.CME, None, "SIM busy")]),
    ],
}


@pytest.mark.parametrize("maker", DIALOGUES)
@pytest.mark.parametrize("prompt", [b"\r\n> ", b"\r\n>", b"AT+CMGS=18\r\r\n> "])
@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_dialogues(maker: str, prompt: bytes, step: int) -> None:
    """Each turn comes to what is written beside it, however its bytes arrive."""
    port = ready()
    for command, payload, said, told in DIALOGUES[maker]:
        port.send(command, payload)
        if payload:
            assert port.hear(prompt) == []
            assert port.wait(0.2) == []
            assert port.take().endswith(payload.encode() + b"\x1a")
        events: list[Event] = []
        for at in range(0, len(said), step):
            events += port.hear(said[at : at + step])
        assert events == told


def test_simcom_resets_in_a_burst() -> None:
    """Under-voltage in the middle of a message: it is unknown at once, and the modem is found again."""
    port = ready()
    port.send(SEND, PDU)
    port.hear(b"\r\n> ")
    port.wait(0.2)
    (news,) = port.hear(b"\r\nRDY\r\n")
    assert isinstance(news, Unsolicited)
    assert news.is_restart
    assert port.dialogue.synchronise(port.now) == [Unknown(SEND)]
    port.wait(0.3)
    assert port.hear(b"\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\nOK\r\n") == [
        *(Unsolicited("+CFUN: 1"), Unsolicited("+CPIN: READY")),
    ]
    assert port.wait(1) == [Ready()]


@pytest.mark.parametrize("said", [b"\r\nOK\r\n", b"\r\nERROR\r\n", b"", b"\r\n+CMS ERROR: 500\r\n"])
def test_what_makers_say_to_escape(said: bytes) -> None:
    """OK (Quectel and most), ERROR, or nothing: it is no answer to what follows."""
    port = ready()
    port.send(SEND, PDU)
    assert port.wait(10) == [TimedOut(SEND)]
    assert port.hear(said) == []
    port.wait(2.1)
    port.hear(b"\r\nOK\r\n")
    assert port.wait(1) == [Ready()]
    port.send("AT+CSQ")
    assert port.hear(b"\r\n+CSQ: 99,99\r\nOK\r\n") == [answered("AT+CSQ", "+CSQ: 99,99")]


def test_words_reach_the_judge() -> None:
    """A verbose time-out of the network is as unknown as a numbered one."""
    port = ready()
    port.send(SEND, PDU)
    port.hear(b"> ")
    port.wait(0.2)
    (event,) = port.hear(b"+CMS ERROR: Network timeout\r\n")
    assert isinstance(event, Answered)
    assert judge(event.result).blame is Blame.UNKNOWN
