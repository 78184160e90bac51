"""Whatever comes and however it is cut: the same events, bounded memory, and a modem that is found again."""

import tracemalloc
from itertools import pairwise
from random import Random
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.gsm.at_events import Answered, Event, Noise, Ready, TimedOut, Unknown
from gateways.gsm.at_lines import OK

from .dialogues import BODY, PDU, SEND, Port, handed_over, ready, sound

QUICK: Final = settings(deadline=None, max_examples=150)
MEGABYTE: Final = 1_000_000

WORDS: Final = [
    *(b"OK", b"ERROR", b"+CMS ERROR: 38", b"+CME ERROR: SIM busy", b"+CMGS: 12", b"> ", b">", b'+CMTI: "SM",1'),
    *(b"+CDS: 25", BODY.encode(), PDU.encode(), PDU.encode() + b"\x1a", b"+CREG: 1", b"+CREG: 0,1", b"RING", b"RDY"),
    *(b"AT+CMGS=18", b"AT+CM", b"GS=18", b"AT+CREG?", b"HUAWEI", b"+CMGL: 1,1,,24", b"\0", b"\xff", b"\x1b", b" "),
    *(b"x" * 70, b"> " + PDU.encode(), b"caf\xe9", b"NO CARRIER"),
]
ENDS: Final = [b"\r\n", b"\r\n", b"\r", b"\n", b"\r\r\n", b""]
streams = st.lists(
    st.one_of(
        st.builds(lambda word, end: word + end, st.sampled_from(WORDS), st.sampled_from(ENDS)),
        st.binary(max_size=6),
    ),
    max_size=25,
).map(b"".join)
COMMANDS: Final = [("", ""), ("AT", ""), ("AT+CREG?", ""), ("AT+CGMI", ""), ("AT+CMGL=4", ""), (SEND, PDU)]


def begun(command: str, payload: str, pause: float) -> Port:
    """A modem with a short patience for long lines, and a command under way."""
    port = ready(line=64, lines=3, pause_seconds=pause)
    if command:
        port.send(command, payload)
    return port


@QUICK
@given(
    data=streams,
    cuts=st.lists(st.integers(0, 600), max_size=20),
    command=st.sampled_from(COMMANDS),
    pause=st.sampled_from([0.0, 0.1]),
)
def test_cuts(data: bytes, cuts: list[int], command: tuple[str, str], pause: float) -> None:
    """Whole, cut anywhere, and byte for byte: the same events, the same written, the same end."""
    seen = []
    for at in (set[int](), set(cuts), set(range(len(data)))):
        port = begun(*command, pause)
        edges = sorted({0, len(data)} | {cut for cut in at if cut < len(data)})
        events: list[Event] = []
        for begin, end in pairwise(edges):
            events += port.hear(data[begin:end])
        seen.append((events, port.take(), port.dialogue.deadline, port.dialogue.is_ready, port.wait(300), port.take()))
    assert seen[0] == seen[1] == seen[2]


@QUICK
@given(data=streams, command=st.sampled_from(COMMANDS[1:]))
def test_one_end(data: bytes, command: tuple[str, str]) -> None:
    """Every command has exactly one end, and after a handed-over PDU without result it is Unknown."""
    port = begun(*command, 0.1)
    events = port.hear(data)
    events += port.wait(1)
    is_handed_over = b"\x1a" in port.take()
    events += port.wait(300)
    ends = [event for event in events if isinstance(event, Answered | TimedOut | Unknown)]
    assert len(ends) == 1
    assert ends[0].command == command[0]
    if isinstance(ends[0], Unknown):
        assert command[1]
    if isinstance(ends[0], TimedOut) and command[1]:
        assert not is_handed_over


@QUICK
@given(data=streams, command=st.sampled_from(COMMANDS))
def test_found_again(data: bytes, command: tuple[str, str]) -> None:
    """After whatever was said, a modem that then behaves is ready, and answers what it is asked."""
    port = begun(*command, 0.1)
    port.hear(data)
    port.wait(300)
    port.dialogue.synchronise(port.now)
    port.wait(0.3)
    port.hear(b"\r\nOK\r\n")
    assert port.wait(1)[-1] == Ready()
    port.send("AT+CSQ")
    assert port.hear(b"\r\n+CSQ: 20,99\r\nOK\r\n") == [Answered("AT+CSQ", ("+CSQ: 20,99",), OK)]


@QUICK
@given(data=st.binary(max_size=300))
def test_pdu_only_after_a_prompt(data: bytes) -> None:
    """Random bytes get the PDU only where a line began with ``>``."""
    port = begun(SEND, PDU, 0)
    port.take()
    port.hear(data)
    if b"\x1a" in port.take():
        assert b">" in data


@pytest.mark.parametrize(
    "filler", [b"x", b"\0", b"\xff", b" ", b"> ", b">", b"\r", b"\r\n", b">\r\n", b"OK ", b"0", b"x\r\n"]
)
@pytest.mark.parametrize("step", [1000, 65536])
def test_megabytes(filler: bytes, step: int) -> None:
    """Without an end, or ends without lines: memory stays small, little is written, and the answer is heard."""
    port = ready()
    port.send("AT+CSQ")
    port.take()
    data = (filler * step)[:step]
    tracemalloc.start()
    for _ in range(MEGABYTE // step):
        events = port.hear(data)
        assert len(events) <= step
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held < 500_000 + 300 * step
    assert len(port.take()) < 100
    assert sound(port.hear(b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n")) == [Answered("AT+CSQ", ("+CSQ: 20,99",), OK)]


def test_long_line_is_told_once() -> None:
    """A line of the bound is a line; one byte more is noise to its end, told as the bound is passed."""
    port = ready(line=64)
    port.send("ATI")
    assert port.hear(b"x" * 64 + b"\r\n") == []
    assert port.hear(b"y" * 65) == [Noise("y" * 20, 64)]
    assert port.hear(b"OK y" * 1000) == []
    assert port.hear(b"\r\nOK\r\n") == [Answered("ATI", ("x" * 64,), OK)]


def test_prompts_for_nobody_by_the_thousand() -> None:
    """They bring about one way back, not thousands."""
    port = ready()
    assert port.hear(b"\r\n> " * 50_000) == [Noise(">", 1)]
    assert port.take() == b"\x1b\r"


@pytest.mark.parametrize("seed", range(5))
def test_random_bytes(seed: int) -> None:
    """A broken cable for a while: no answer to anything, no PDU out of turn, and time goes on."""
    random = Random(seed)
    port = handed_over()
    port.take()
    for _ in range(200):
        port.hear(random.randbytes(random.randrange(500)))
        port.wait(random.random())
        assert len(port.take()) < 100
    assert port.wait(300)
