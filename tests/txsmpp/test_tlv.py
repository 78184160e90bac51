"""Optional parameters: how they are made, read and refused (SMPP 3.4 §5.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txsmpp.constants import Status
from txsmpp.tlv import RULES, DecodeError, EncodeError, Tag, Tlv, decode_tlvs, encode_tlvs, find, number, tlv

from .strategies import tlvs

SIZES = {
    **dict.fromkeys((0x0008, 0x0204, 0x020A, 0x020B, 0x020C, 0x1203, 0x1383), (2, 2)),
    0x0017: (4, 4),
    0x001D: (1, 256),
    0x001E: (1, 65),
    0x0202: (2, 23),
    0x0203: (2, 23),
    0x0303: (1, 65),
    0x0381: (4, 19),
    0x0423: (3, 3),
    0x0424: (0, 65_535),
    0x130C: (0, 0),
}
"""§5.3.2, where it is not one octet."""
OF_ONE_OCTET = (
    "0005 0006 0007 000D 000E 000F 0010 0019 0030 0201 0205 020D 020E 020F 0210 0302 0304 0420 0421 0422 0425 0426"
    " 0427 0501 1201 1204 1380"
)


def outcome(data: bytes, start: int = 0) -> tuple[Tlv, ...] | int:
    """What is read, or the status of the refusal."""
    try:
        return decode_tlvs(data, start)
    except DecodeError as error:
        return error.status


@given(tlvs)
def test_round_trip(them: tuple[tuple[int, bytes], ...]) -> None:
    """Every list of them is read as it was written: order, repetitions and unknown tags included."""
    assert decode_tlvs(encode_tlvs(them)) == them
    assert decode_tlvs(b"\xffhead" + encode_tlvs(them), 5) == them


@given(tlvs, st.integers(0, 11))
def test_zeros_behind(them: tuple[tuple[int, bytes], ...], zeros: int) -> None:
    """Buffers sent whole, with zeros behind what was meant, are read."""
    assert decode_tlvs(encode_tlvs(them) + bytes(zeros)) == them


@given(tlvs.filter(bool))
def test_cut_anywhere(them: tuple[tuple[int, bytes], ...]) -> None:
    """Cut short, they are refused, or else they are those before the cut: never invented."""
    data = encode_tlvs(them)
    for end in range(len(data)):
        read = outcome(data[:end])
        if isinstance(read, tuple):
            assert read == them[: len(read)]
            assert not data[len(encode_tlvs(read)) : end].strip(b"\0")
        else:
            assert read == Status.ESME_RINVOPTPARSTREAM


@given(st.binary(max_size=60), st.integers(0, 8))
def test_any_octets(data: bytes, start: int) -> None:
    """Whatever comes is read or refused with ESME_RINVOPTPARSTREAM."""
    start = min(start, len(data))
    found = outcome(data, start)
    if isinstance(found, tuple):
        assert all(0 <= tag <= 0xFFFF for tag, _ in found)
        assert sum(4 + len(value) for _, value in found) <= len(data) - start
    else:
        assert found == Status.ESME_RINVOPTPARSTREAM


@pytest.mark.parametrize(
    ("data", "read"),
    [
        ("", ()),
        ("0427 0001 02", ((0x0427, b"\2"),)),
        ("0427 0001 02 0427 0001 03", ((0x0427, b"\2"), (0x0427, b"\3"))),
        ("1403 0000 3FFF 0002 FF00", ((0x1403, b""), (0x3FFF, b"\xff\0"))),
        ("0427 0000", ((0x0427, b""),)),
        ("0427 0004 00000002", ((0x0427, b"\0\0\0\2"),)),
        ("001E 0003 313233", ((0x001E, b"123"),)),
        ("0000 0000 0427 0001 02", ((0x0427, b"\2"),)),
        ("0000 0001 41", ((0, b"A"),)),
        ("FFFF 0001 41", ((0xFFFF, b"A"),)),
        ("130C 0000 00", ((0x130C, b""),)),
        ("0020 0003 000000", ((0x0020, b"\0\0\0"),)),
    ],
)
def test_reading_is_tolerant(data: str, read: tuple[tuple[int, bytes], ...]) -> None:
    """Wrong sizes, missing NULs, unknown and reserved tags and repetitions are kept as they came."""
    assert decode_tlvs(bytes.fromhex(data)) == read


@pytest.mark.parametrize(
    "data", ["04", "0427", "0427 00", "0427 0001", "0427 0002 02", "0424 FFFF 00", "0427 0001 02 01", "0000 0001"]
)
def test_overruns(data: str) -> None:
    """What says more than it has, and what is left at the end, is refused."""
    with pytest.raises(DecodeError) as caught:
        decode_tlvs(bytes.fromhex(data))
    assert caught.value.status == Status.ESME_RINVOPTPARSTREAM


def test_sizes_are_the_standards() -> None:
    """Every tag of §5.3.2 has its sizes, the longest and shortest fit, and one octet beside them does not."""
    sizes = {**SIZES, **dict.fromkeys((int(tag, 16) for tag in OF_ONE_OCTET.split()), (1, 1))}
    assert sizes == {tag: (rule.least, rule.most) for tag, rule in RULES.items()}
    assert set(sizes) == set(Tag)
    assert len(sizes) == 44
    for tag, (least, most) in sizes.items():
        text = RULES[tag].kind == "text"
        for size in {least - 1, least, most, most + 1} - {-1}:
            value = b"1" * (size - 1) + b"\0" if text and size else b"1" * size
            if least <= size <= most:
                assert len(encode_tlvs([(tag, value)])) == 4 + size
            else:
                with pytest.raises(EncodeError, match=f"0x{tag:04X}"):
                    encode_tlvs([(tag, value)])


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        (0x1403, bytes(65_536)),
        (0x0424, bytes(70_000)),
        (0x001E, b"123"),
        (0x001E, b"1\0002\0"),
        (0x001E, b""),
        (0x001D, b"\0\0"),
        (-1, b""),
        (0x10000, b""),
        (0, b""),
        (0, b"A"),
    ],
)
def test_writing_is_strict(tag: int, value: bytes) -> None:
    """A length that would wrap, a text without or with a second NUL, and tags that do not exist are refused."""
    with pytest.raises(EncodeError):
        encode_tlvs([(0x0427, b"\2"), (tag, value)])


@pytest.mark.parametrize(
    ("tag", "value", "made"),
    [
        (Tag.MESSAGE_STATE, 2, b"\2"),
        (Tag.USER_MESSAGE_REFERENCE, 0x1234, b"\x12\x34"),
        (Tag.QOS_TIME_TO_LIVE, 0xFFFFFFFF, b"\xff\xff\xff\xff"),
        (Tag.SAR_MSG_REF_NUM, 0, b"\0\0"),
        (Tag.RECEIPTED_MESSAGE_ID, b"1001", b"1001\0"),
        (Tag.RECEIPTED_MESSAGE_ID, b"1001\0", b"1001\0"),
        (Tag.RECEIPTED_MESSAGE_ID, b"", b"\0"),
        (Tag.MESSAGE_PAYLOAD, b"a\0b", b"a\0b"),
        (Tag.MESSAGE_STATE, b"\2", b"\2"),
        (0x1403, b"a", b"a"),
    ],
)
def test_making(tag: int, value: int | bytes, made: bytes) -> None:
    """A number gets the width that the standard gives it, a text its NUL, and no second one."""
    assert tlv(tag, value) == (tag, made)
    assert decode_tlvs(encode_tlvs([tlv(tag, value)])) == ((tag, made),)


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        (Tag.MESSAGE_STATE, 256),
        (Tag.MESSAGE_STATE, -1),
        (Tag.SAR_MSG_REF_NUM, 0x10000),
        (Tag.QOS_TIME_TO_LIVE, 1 << 32),
        (Tag.RECEIPTED_MESSAGE_ID, 1001),
        (Tag.MESSAGE_PAYLOAD, 1),
        (0x1403, 1),
        (Tag.RECEIPTED_MESSAGE_ID, b"1\0002"),
        (Tag.RECEIPTED_MESSAGE_ID, b"1\0\0"),
    ],
)
def test_not_making(tag: int, value: int | bytes) -> None:
    """A number that does not fit, one for what is no number, and a NUL inside a text are refused."""
    with pytest.raises(EncodeError, match=f"0x{tag:04X}"):
        tlv(tag, value)


def test_finding() -> None:
    """The first of a tag counts; numbers are read whatever their width, and are never larger than anyone can print."""
    found = ((0x0427, b"\2"), (0x0427, b"\3"), (0x020C, b"\0\0\1\0"), (0x0204, b""), (0x0304, b"\xff" * 60_000))
    assert find(found, Tag.MESSAGE_STATE) == b"\2"
    assert find(found, Tag.MESSAGE_PAYLOAD) is None
    assert find(found, 0x0204) == b""
    assert number(found, Tag.MESSAGE_STATE) == 2
    assert number(found, Tag.SAR_MSG_REF_NUM) == 256
    assert number(found, 0x0204) is None
    assert number(found, Tag.MESSAGE_PAYLOAD) is None
    assert number(found, Tag.NUMBER_OF_MESSAGES) is None
