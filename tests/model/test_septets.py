"""Packing: the vectors that everybody knows, an independent reading bit by bit, and nothing lost on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstob.model import alphabet
from smstob.model.septets import pack, unpack

from .strategies import QUICK

septets = st.binary(max_size=200).map(lambda octets: bytes(octet & 0x7F for octet in octets))
fills = st.integers(0, 6)


def bit_by_bit(octets: bytes, fill: int, count: int) -> bytes:
    """``unpack`` as 3GPP TS 23.038 draws it: the lowest bit of the first octet comes first."""
    bits = [octet >> place & 1 for octet in octets for place in range(8)][fill:]
    pieces = [bits[start : start + 7] for start in range(0, 7 * count, 7)]
    return bytes(sum(bit << place for place, bit in enumerate(piece)) for piece in pieces)


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        *(("", ""), ("a", "61"), ("@", "00"), ("hello", "E8329BFD06"), ("hellohello", "E8329BFD4697D9EC37")),
        *(("Test", "D4F29C0E"), ("1234567", "31D98C56B3DD1A"), ("12345678", "31D98C56B3DD70")),
        ("How are you?", "C8F71D14969741F977FD07"),
        ("€", "9B32"),
    ],
)
def test_known_vectors(text: str, octets: str) -> None:
    """The packed forms that handbooks and modems have, and back."""
    written = alphabet.encode(text)
    assert pack(written).hex().upper() == octets
    assert unpack(bytes.fromhex(octets), len(written)) == written


@pytest.mark.parametrize(
    ("fill", "octets"),
    [(0, "E8329BFD06"), (1, "D06536FB0D"), (2, "A0CB6CF61B"), (5, "005D66B3DF"), (6, "00BACC66BF1B")],
)
def test_fill(fill: int, octets: str) -> None:
    """After a header the text begins at the next multiple of seven bits."""
    assert pack(b"hello", fill).hex().upper() == octets
    assert unpack(bytes.fromhex(octets), 5, fill) == b"hello"


def test_a_part_of_a_message() -> None:
    """A header of six octets and one fill bit are seven septets: 153 more make 140 octets, as a phone counts them."""
    header = bytes((5, 0, 3, 0x2A, 2, 1))
    text = b"x" * 153
    whole = header + pack(text, 1)
    assert len(whole) == 140
    assert unpack(whole, 160)[7:] == text


@pytest.mark.parametrize(("count", "fill"), [(7, 0), (15, 0), (159, 0), (8, 1), (152, 1), (1, 2), (6, 0)])
def test_seven_bits_left_over(count: int, fill: int) -> None:
    """They are a carriage return, which shows as nothing, and not the @ that zeros would be."""
    packed = pack(b"x" * count, fill)
    spare = len(packed) * 8 - fill - 7 * count
    read = bit_by_bit(packed, fill, count + (spare >= 7))
    assert read == b"x" * count + b"\r" * (spare >= 7)
    assert (spare >= 7) == ((count, fill) != (6, 0))


@QUICK
@given(septets, fills)
def test_round_trip(written: bytes, fill: int) -> None:
    """Whatever was packed is unpacked, by us and bit by bit, in as few octets as hold it."""
    packed = pack(written, fill)
    assert unpack(packed, len(written), fill) == written == bit_by_bit(packed, fill, len(written))
    assert len(packed) == -(-(fill + 7 * len(written)) // 8)
    assert int.from_bytes(packed, "little") & (1 << fill) - 1 == 0


@QUICK
@given(st.binary(max_size=60), st.integers(0, 100), fills)
def test_unpack_takes_anything(octets: bytes, count: int, fill: int) -> None:
    """Septets are septets whatever the octets are, and no more are read than there are."""
    read = unpack(octets, count, fill)
    assert len(read) == min(count, max(0, (8 * len(octets) - fill) // 7))
    assert read == bit_by_bit(octets, fill, len(read))
