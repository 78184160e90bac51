"""Octets read one field after another or written, and what goes wrong with them."""

from smstob.model import septets


class BadTpdu(ValueError):
    """What was read is no TPDU; the reason, in English, is for the log and never repeats what was read."""


class Unwritable(ValueError):
    """A value has no room or no form in a TPDU; the reason, in English, is for the log."""


class Octets:
    """Octets that are taken field by field."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    def take(self, count: int, field: str) -> bytes:
        """The next ``count`` octets, which are ``field``. Raises BadTpdu where there are fewer."""
        taken = self._octets[self._at : self._at + count]
        if len(taken) < count:
            raise BadTpdu(f"ends within {field}")
        self._at += count
        return taken

    def octet(self, field: str) -> int:
        """The next octet, which is ``field``. Raises BadTpdu where there is none."""
        return self.take(1, field)[0]


def octet(value: int, field: str) -> int:
    """``value``, which is ``field``. Raises Unwritable unless it fits an octet."""
    if not 0 <= value <= 0xFF:
        raise Unwritable(f"{field} is no octet")
    return value


def packed(content: bytes, fill: int = 0) -> bytes:
    """The septets of ``content`` packed after ``fill`` bits; spare bits of the last octet are zeros.

    All seven of them too (3GPP TS 23.038 §6.1.2.1.1): a TPDU tells how many septets it has, so nothing need hide them.
    """
    return septets.pack(content + b"\0", fill)[: (fill + 7 * len(content) + 7) // 8]
