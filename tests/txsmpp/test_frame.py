"""Frames: streams are cut alike however they arrive, in linear time, and end at the first length that cannot be."""

from itertools import pairwise
from time import process_time
from tracemalloc import get_traced_memory, start, stop

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txsmpp.constants import Status
from txsmpp.fields import Address
from txsmpp.frame import HEADER, LARGEST, Frame, Framer, pack
from txsmpp.pdu import SubmitMulti
from txsmpp.tlv import EncodeError, Tag

from .strategies import frames

BAD_LENGTHS = (0, 1, 4, 15, LARGEST + 1, 0x01800000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The pieces of ``data`` between those places."""
    ends = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[first:last] for first, last in pairwise(ends)]


@given(st.lists(frames, max_size=8), st.lists(st.integers(0, 10_000), max_size=20), st.integers(0, 31))
def test_any_split(them: list[tuple[int, int, int, bytes]], places: list[int], rest: int) -> None:
    """However a stream is cut, empty pieces among them, the frames are those that were written, and no others."""
    stream = b"".join(pack(*one) for one in them) + pack(4, 0, 1, bytes(16))[:rest]
    framer = Framer()
    found = [frame for piece in cut(stream, places) for frame in framer.feed(piece)]
    assert found == [Frame(*one) for one in them]
    assert framer.error is None


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=10))
def test_any_octets(stream: bytes, places: list[int]) -> None:
    """Whatever octets come, the frames and the end are the same in one piece and in many."""
    whole, parts = Framer(100), Framer(100)
    frames = whole.feed(stream)
    assert [frame for piece in cut(stream, places) for frame in parts.feed(piece)] == frames
    assert (whole.error is None) == (parts.error is None)
    assert sum(16 + len(frame.body) for frame in frames) <= len(stream)


def test_one_octet_at_a_time() -> None:
    """Each frame comes with its last octet, not before and not after."""
    stream, framer, ends = b"", Framer(), {}
    for sequence, body in enumerate((b"", b"a", b"", bytes(300))):
        frame = Frame(4, 0, sequence, body)
        stream += pack(*frame)
        ends[len(stream)] = frame
    for at in range(len(stream)):
        expected = [ends[at + 1]] if at + 1 in ends else []
        assert framer.feed(stream[at : at + 1]) == expected


@pytest.mark.parametrize("length", BAD_LENGTHS)
def test_impossible_lengths(length: int) -> None:
    """A length that no PDU has is refused as soon as its four octets are there, and frames before it are given."""
    good = pack(0x15, 0, 7)
    bad = length.to_bytes(4, "big")
    for tail in (b"", b"\0", bytes(11), bytes(12), bytes(100)):
        framer = Framer()
        assert framer.feed(good + good + bad + tail) == [Frame(0x15, 0, 7, b"")] * 2
        assert framer.error is not None
        assert framer.error.status == Status.ESME_RINVCMDLEN
    framer = Framer()
    for at in range(3):
        assert framer.feed(bad[at : at + 1]) == []
        assert framer.error is None
    assert framer.feed(bad[3:]) == []
    assert framer.error is not None


@pytest.mark.parametrize("length", [16, 17, LARGEST - 1, LARGEST])
def test_possible_lengths(length: int) -> None:
    """The smallest and the largest PDU pass, and the limit can be moved."""
    data = pack(4, 0, 1, bytes(length - 16))
    framer = Framer()
    assert framer.feed(data) == [Frame(4, 0, 1, bytes(length - 16))]
    assert framer.error is None
    small = Framer(length)
    assert len(small.feed(data)) == 1
    smaller = Framer(length - 1)
    assert smaller.feed(data) == []
    assert smaller.error is not None


def test_the_fullest_pdu_fits() -> None:
    """What the standard allows is never too large: a submit_multi to 254 with every parameter at its longest."""
    body = SubmitMulti(
        service_type=b"12345",
        source=b"1" * 20,
        destinations=(Address(b"1" * 20),) * 254,
        schedule_delivery_time=b"0" * 16,
        validity_period=b"0" * 16,
        short_message=bytes(254),
        tlvs=((Tag.MESSAGE_PAYLOAD, bytes(65_535)), (Tag.CALLBACK_NUM, bytes(19)), (0x1400, bytes(500))),
    )
    framer = Framer()
    (frame,) = framer.feed(pack(body.command, 0, 1, body.encode()))
    assert SubmitMulti.decode(frame.body) == body


def test_nothing_after_an_error() -> None:
    """What follows an impossible length is neither looked at nor kept, however much of it comes."""
    framer = Framer()
    framer.feed(pack(0x15, 0, 1)[:10])
    flood = pack(0x15, 0, 1)[10:] + b"\xff" * 1_000_000
    start()
    try:
        before, _ = get_traced_memory()
        assert len(framer.feed(flood)) == 1
        error = framer.error
        assert error is not None
        for _ in range(2000):
            assert framer.feed(pack(0x15, 0, 1) * 100) == []
        after, _ = get_traced_memory()
    finally:
        stop()
    assert framer.error is error
    assert after - before < 10_000


def test_memory_is_that_of_one_frame() -> None:
    """A frame that never ends holds what came of it, which its limit bounds; empty pieces hold nothing."""
    framer = Framer()
    framer.feed(HEADER.pack(LARGEST, 4, 0, 1))
    start()
    try:
        before, _ = get_traced_memory()
        for _ in range(50_000):
            framer.feed(b"")
        after, _ = get_traced_memory()
    finally:
        stop()
    assert after - before < 1000


def seconds(pieces: list[bytes], expected: int) -> float:
    """What it takes to feed them; the least of three, for others use this machine too."""
    taken = []
    for _ in range(3):
        framer = Framer(1_000_000)
        begun = process_time()
        count = sum(len(framer.feed(piece)) for piece in pieces)
        taken.append(process_time() - begun)
        assert count == expected
    return min(taken)


def test_linear_time() -> None:
    """16 times the octets take 16 times the time or so, however cut: quadratic work would take up to 256 times."""

    def large_in_octets(size: int) -> float:
        data = pack(4, 0, 1, bytes(size - 16))
        return seconds([data[at : at + 1] for at in range(size)], 1)

    def many_in_one(count: int) -> float:
        return seconds([pack(0x15, 0, 1) * count], count)

    def unfinished_between(count: int) -> float:
        stream = pack(4, 0, 1, bytes(50)) * count
        return seconds([stream[at : at + 65] for at in range(0, len(stream), 65)], count)

    for work, size in ((large_in_octets, 20_000), (many_in_one, 6_250), (unfinished_between, 5_000)):
        assert work(16 * size) < 100 * work(size) + 0.02


@pytest.mark.parametrize("header", [(4, -1, 1), (4, 1 << 32, 1), (4, 0, -1), (4, 0, 1 << 32), (1 << 32, 0, 1)])
def test_numbers_that_no_header_has(header: tuple[int, int, int]) -> None:
    """A status or a sequence number beyond 32 bits is refused by type, not by ``struct``."""
    with pytest.raises(EncodeError, match="command_status"):
        pack(*header, b"body")
