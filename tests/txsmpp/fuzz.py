"""Damaged PDUs by the million: ``.venv/bin/python -m tests.txsmpp.fuzz [--count 1000000] [--seed N]``.

Every input is a stream of valid PDUs of any kind with something broken in it. It goes to ``decode``, to a Framer, to
``receipt.parse``, and to a session of either side. Nothing but the typed errors may come out, what a session writes
must itself be readable, and no more may be kept than its limits say.
"""

import argparse
import resource
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from time import process_time
from typing import Any, Final

import attrs

from txsmpp import receipt
from txsmpp.binding import BindTransceiver
from txsmpp.constants import Command, Status, status_name
from txsmpp.events import Answered, Asked, Closed, Late
from txsmpp.fields import (
    Address,
    Byte,
    Destinations,
    DistributionList,
    Form,
    Octets,
    Parameters,
    Text,
    Time,
    Unsuccessful,
    Unsuccessfuls,
)
from txsmpp.frame import HEADER, Frame, Framer, pack
from txsmpp.pdu import BODIES, SubmitSm, decode
from txsmpp.session import Limits, NotNow, Role, Session
from txsmpp.tlv import DecodeError, EncodeError, Tag, find, number

from .vectors import VECTORS

LIMITS: Final = Limits(asked=3, window=5)
OF_A_RESPONSE: Final = 0x80000000
TEXTS: Final = (
    b"id:1001 sub:001 dlvrd:001 submit date:2611220747 done date:2611220747 stat:DELIVRD err:000 text:x",
    b"ID:0A1b stat:UNDELIV err:x done date:26112207475",
    "id:7 stat:REJECTD".encode("utf-16-be"),
    b"\5\0\3\xaa\2\1hello",
)
"""Receipts as they are and are not, and a part of a message."""
OCTETS: Final = (0, 1, 2, 4, 0x0F, 0x10, 0x7F, 0x80, 0xFE, 0xFF)


def valid(random: Random, form: Form) -> Any:
    """Something that the form has a place for."""
    if isinstance(form, Time):
        return random.choice((b"", b"000001000000000R", b"261124120000000+"))
    if isinstance(form, Text):
        return random.randbytes(random.choice((0, 1, 5, form.size - 1)) % form.size).replace(b"\0", b"0")
    if isinstance(form, Byte):
        return random.choice((0, 1, random.randrange(256)))
    if isinstance(form, Octets):
        return random.choice((b"", *TEXTS, random.randbytes(random.randrange(255))))
    some, least = _SEVERAL[type(form)]
    return tuple(random.choices(some, k=least + random.randrange(4)))


_TLVS: Final = (
    *((Tag.RECEIPTED_MESSAGE_ID, b"1001\0"), (Tag.MESSAGE_STATE, b"\2"), (Tag.NETWORK_ERROR_CODE, b"\3\0\1")),
    *((Tag.MESSAGE_PAYLOAD, TEXTS[0]), (Tag.MESSAGE_PAYLOAD, b""), (Tag.SAR_MSG_REF_NUM, b"\0\7")),
    *((0x1403, b"\xff" * 30), (Tag.ALERT_ON_MESSAGE_DELIVERY, b"")),
)
_SEVERAL: Final[dict[type[Any], tuple[Sequence[Any], int]]] = {
    Destinations: ((Address(b"33", 1, 1), DistributionList(b"l")), 1),
    Unsuccessfuls: ((Unsuccessful(b"33", 1, 1, 0x0B), Unsuccessful(b"", 0, 0, 0xFFFFFFFF)), 0),
    Parameters: (_TLVS, 0),
}


def corpus(random: Random) -> list[bytes]:
    """Valid PDUs of all kinds: those written by hand, and 40 more of each, but few unbinds, for sessions to last."""
    found = [vector.octets for vector in VECTORS]
    for kind in BODIES.values():
        for _ in range(2 if kind.command == Command.UNBIND else 40):
            body = kind(**{name: valid(random, form) for name, form in kind.forms()})
            status = random.choice((0, 0, 0x58, 0x450)) if kind.command & OF_A_RESPONSE else 0
            found.append(pack(kind.command, status, 1 + random.randrange(20), body.encode()))
    return found


def _flip(random: Random, data: bytearray) -> None:
    data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def _overwrite(random: Random, data: bytearray) -> None:
    data[random.randrange(len(data))] = random.choice(OCTETS)


def _cut(random: Random, data: bytearray) -> None:
    del data[random.randrange(len(data)) :]


def _delete(random: Random, data: bytearray) -> None:
    start = random.randrange(len(data))
    del data[start : start + 1 + random.randrange(8)]


def _insert(random: Random, data: bytearray) -> None:
    at = random.randrange(len(data) + 1)
    data[at:at] = random.randbytes(1 + random.randrange(8))


def _repeat(random: Random, data: bytearray) -> None:
    start = random.randrange(len(data))
    piece = data[start : start + 1 + random.randrange(40)]
    at = random.randrange(len(data) + 1)
    data[at:at] = piece * random.choice((1, 1, 2, 50))


def _number(random: Random, data: bytearray) -> None:
    at = random.randrange(len(data))
    data[at : at + 2] = random.choice((b"\0\0", b"\0\1", b"\xff\xff", b"\x7f\xff", random.randbytes(2)))


def _tail(random: Random, data: bytearray) -> None:
    data += random.choice((b"\4\x24\xff\xff", b"\4\x27\0", b"\0" * 5, b"\x14\3\0\0" * 30, random.randbytes(9)))


_DAMAGES: Final[tuple[Callable[[Random, bytearray], None], ...]] = (
    *(_flip, _overwrite, _cut, _delete, _insert, _repeat, _number, _tail),
)


def damaged(random: Random, octets: bytes, sequence: int) -> bytes:
    """A PDU with its body broken in up to three places, and now and then its header; its length is mostly right."""
    _, command, status, written = HEADER.unpack_from(octets)
    body = bytearray(octets[16:])
    for _ in range(random.randrange(4)):
        if body:
            random.choice(_DAMAGES)(random, body)
    chance = random.random()
    if chance < 0.02:
        command ^= random.choice((OF_A_RESPONSE, 1 << random.randrange(8), random.randrange(1 << 32)))
    elif chance < 0.5:
        written = sequence
    whole = bytearray(pack(command, status, written, bytes(body)))
    if chance > 0.99:
        whole[:4] = random.choice((b"\0\0\0\x0f", b"\xff\xff\xff\xff", b"\0\1\x38\x81", (len(whole) + 1).to_bytes(4)))
    elif chance > 0.98:
        random.choice(_DAMAGES)(random, whole)
    return bytes(whole)


@attrs.define
class Tally:
    """What was put in and what came out."""

    inputs: int = 0
    seconds: float = 0
    read: Counter[str] = attrs.field(factory=Counter)
    refused: Counter[str] = attrs.field(factory=Counter)
    events: Counter[str] = attrs.field(factory=Counter)
    written: Counter[str] = attrs.field(factory=Counter)
    megabytes: float = 0
    """By which the process grew after the first tenth."""

    def __str__(self) -> str:
        parts = [f"{self.inputs} inputs in {self.seconds:.1f} s of CPU, {self.megabytes:.1f} MB more at the end"]
        for name in ("read", "refused", "events", "written"):
            counter: Counter[str] = getattr(self, name)
            parts.append(f"{name} {counter.total()}: " + ", ".join(f"{key} {n}" for key, n in counter.most_common(30)))
        return "\n".join(parts)


class Side:
    """A session of one side that is fed for as long as it lives, then another, and an application that is slow."""

    def __init__(self, random: Random, role: Role, tally: Tally) -> None:
        self._random, self._role, self._tally = random, role, tally
        self._asked: list[Asked] = []
        self._requests = 0
        self._now = 0.0
        self.sequence = 1
        """Of a request of ours, so that something answers it."""
        self._begin()

    def _begin(self) -> None:
        self._session = Session(self._role, LIMITS, self._now)
        self._asked.clear()
        if self._role is Role.ESME:
            self._session.bind(BindTransceiver(system_id=b"u"))
            answer = pack(Command.BIND_TRANSCEIVER_RESP, 0, 1, b"S\0")
        else:
            answer = pack(Command.BIND_TRANSCEIVER, 0, 1, BindTransceiver().encode())
        if self._random.random() < 0.9:
            self._receive(answer)

    def feed(self, data: bytes) -> None:
        """Octets from the network, cut somewhere; then the application does a little."""
        if self._session.is_closed:
            self._begin()
        at = self._random.randrange(len(data) + 1)
        self._receive(data[:at])
        self._receive(data[at:])
        chance = self._random.random()
        if chance < 0.3:
            try:
                self._session.request(Command.SUBMIT_SM if self._role is Role.ESME else Command.DELIVER_SM, _BODY, self)
            except NotNow:
                self._answer(len(self._asked))
        elif chance < 0.6:
            self._answer(1)
        elif chance < 0.65:
            self._now += self._random.choice((0.1, 1, 10, 40))
            self._take(self._session.tick(self._now))
        elif chance < 0.651:
            self._take(self._session.unbind())

    def _receive(self, data: bytes) -> None:
        self._take(self._session.receive(data))

    def _answer(self, count: int) -> None:
        for _ in range(min(count, len(self._asked))):
            asked = self._asked.pop(self._random.randrange(len(self._asked)))
            body = BODIES[asked.body.command | OF_A_RESPONSE]().encode()
            self._take(self._session.respond(asked, self._random.choice((0, 0, Status.ESME_RSYSERR)), body))

    def _take(self, events: list[Any]) -> None:
        for event in events:
            self._tally.events[type(event).__name__] += 1
            if isinstance(event, Asked):
                self._asked.append(event)
                if event.body.command == Command.BIND_TRANSCEIVER:
                    self._answer(len(self._asked))
            elif isinstance(event, Answered | Late):
                assert event.context is self
        if any(isinstance(event, Closed) for event in events):
            assert isinstance(events[-1], Closed)
            assert self._session.is_closed
        assert len(self._asked) <= LIMITS.asked
        assert 0 <= self._session.room <= LIMITS.window
        framer = Framer()
        output = self._session.output()
        for frame in framer.feed(output):
            self._check(frame)
            output = output[16 + len(frame.body) :]
        assert not output

    def _check(self, frame: Frame) -> None:
        """What is written is of the standard, complete, and tells what it must."""
        name = Command(frame.command).name.lower()
        self._tally.written[f"{name} {status_name(frame.status)}" if frame.status else name] += 1
        assert decode(frame.command, frame.body).encode() == frame.body or frame.status
        if not frame.command & OF_A_RESPONSE:
            assert frame.status == 0
            assert 1 <= frame.sequence <= 0x7FFFFFFF
            self.sequence = frame.sequence


_BODY: Final = SubmitSm(destination=b"33", short_message=b"hi").encode()


def read(frame: Frame, tally: Tally) -> None:
    """A body, by all that reads bodies."""
    try:
        body = decode(frame.command, frame.body)
    except DecodeError as error:
        assert not frame.command & OF_A_RESPONSE
        tally.refused[Status(error.status).name] += 1
        return
    tally.read[type(body).__name__] += 1
    repr(body)
    try:
        again = body.encode()
    except EncodeError:
        tally.refused["too odd to be written"] += 1
    else:
        assert decode(frame.command, again) == body
    tlvs = getattr(body, "tlvs", ())
    for tag in (Tag.MESSAGE_STATE, Tag.SAR_MSG_REF_NUM):
        str(number(tlvs, tag))
    text = getattr(body, "short_message", b"") or find(tlvs, Tag.MESSAGE_PAYLOAD) or b""
    found = receipt.parse(getattr(body, "esm_class", 0), text, tlvs)
    tally.events["a receipt"] += found is not None


def _megabytes() -> float:
    """Of Python's objects where they are traced, else of the whole process at its largest."""
    if tracemalloc.is_tracing():
        return tracemalloc.get_traced_memory()[0] / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(count: int, seed: int) -> Tally:
    """So many inputs. Raises AssertionError with the input where something came out that must not."""
    random, tally = Random(seed), Tally()
    valid_ones = corpus(random)
    sides = [Side(random, role, tally) for role in Role]
    framer = Framer()
    begun, before = process_time(), 0.0
    for turn in range(count):
        side = sides[turn % 2]
        some = random.choices(valid_ones, k=random.choice((1, 1, 3)))
        data = b"".join(damaged(random, one, side.sequence) for one in some)
        if random.random() < 0.005:
            data = random.randbytes(random.randrange(200))
        try:
            if len(data) >= 16:
                _, command, status, sequence = HEADER.unpack_from(data)
                read(Frame(command, status, sequence, data[16:]), tally)
            for frame in framer.feed(data):
                read(frame, tally)
            if framer.error is not None:
                tally.refused[f"no frame, {status_name(framer.error.status)}"] += 1
                framer = Framer()
            side.feed(data)
        except Exception as error:
            raise AssertionError(f"input {turn} of seed {seed}: {data.hex()}") from error
        if turn == count // 10:
            before = _megabytes()
    tally.inputs, tally.seconds, tally.megabytes = count, process_time() - begun, _megabytes() - before
    return tally


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    sys.stdout.write(f"{run(given.count, given.seed)}\n")


if __name__ == "__main__":
    main()
