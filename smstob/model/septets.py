"""Septets packed into octets (3GPP TS 23.038 §6.1.2.1)."""

from typing import Final

_RETURN: Final = 0x0D


def pack(septets: bytes, fill: int = 0) -> bytes:
    """``septets``, one in each octet, packed; the first stands after ``fill`` bits, 0 to 6.

    Where seven bits are left over, a carriage return fills them, lest telephones show an @ (§6.1.2.3.1).
    """
    bits = fill
    packed = 0
    for septet in septets:
        packed |= septet << bits
        bits += 7
    if bits % 8 == 1:
        packed |= _RETURN << bits
        bits += 7
    return packed.to_bytes(-(-bits // 8), "little")


def unpack(octets: bytes, count: int, fill: int = 0) -> bytes:
    """``count`` septets of ``octets``, one in each octet; fewer where there are no more."""
    packed = int.from_bytes(octets, "little") >> fill
    most = max(0, (len(octets) * 8 - fill) // 7)
    return bytes(packed >> 7 * index & 0x7F for index in range(min(count, most)))
