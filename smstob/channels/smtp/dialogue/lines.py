"""The bytes of an SMTP client cut into lines, and into the text of a mail.

Twisted's own LineOnlyReceiver takes what follows an overlong line for commands and lets bare CR and LF through: by
either a mail can carry a second one in its text (SMTP smuggling). Here both end the session. What comes out depends
on the bytes alone, not on how the network has split them.
"""

import re
from typing import Final

from .replies import BARE_LINE_END, LINE_TOO_LONG, Violation

LONGEST_LINE: Final = 2048
"""Bytes, without the CRLF; RFC 5321 §4.5.3.1.6 promises 998 in a text and 510 in a command."""

_LINE_END: Final = re.compile(rb"[\r\n]")
_LF: Final = 0x0A


class Lines:
    """What has come and is not used yet."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def __len__(self) -> int:
        return len(self._bytes)

    def add(self, data: bytes) -> None:
        """More has come."""
        self._bytes += data

    def clear(self) -> None:
        """Forget it all."""
        self._bytes = bytearray()

    def line(self) -> bytes | None:
        """Take the next line, without its CRLF; None where it is not whole yet. Raises Violation."""
        end = self._line_end(0)
        if end is None:
            return None
        line = bytes(self._bytes[:end])
        del self._bytes[: end + 2]
        return line

    def text(self) -> tuple[bytes, bool]:
        """Take the lines of a mail that are whole, and say whether it ends behind them (RFC 5321 §4.1.1.4).

        Each line has its CRLF, and the dot that protected it is gone (§4.5.2). Raises Violation.
        """
        here = self._bytes
        if here.startswith(b".\r\n"):
            end, behind, ended = 0, 3, True
        elif (last := here.find(b"\r\n.\r\n")) >= 0:
            end, behind, ended = last + 2, last + 5, True
        else:
            whole, crlf, _ = here.rpartition(b"\r\n")
            end = behind = len(whole) + len(crlf)
            ended = False
        text = bytes(here[:end])
        orderly = _orderly(text)
        if not (orderly and ended):
            # whatever is wrong, the first of it counts
            self._walk(end if orderly else 0)
        del here[:behind]
        return text[text.startswith(b".") :].replace(b"\r\n.", b"\r\n"), ended

    def _walk(self, start: int) -> None:
        while (end := self._line_end(start)) is not None:
            start = end + 2

    def _line_end(self, start: int) -> int | None:
        """Where the line that begins there ends; None where it is not whole yet."""
        here = self._bytes
        found = _LINE_END.search(here, start, start + LONGEST_LINE + 1)
        if found is None:
            if len(here) - start > LONGEST_LINE:
                raise Violation(LINE_TOO_LONG)
            return None
        end = found.start()
        follows = here[end + 1 : end + 2]
        if here[end] == _LF or (follows and follows != b"\n"):
            raise Violation(BARE_LINE_END)
        return end if follows else None


def _orderly(text: bytes) -> bool:
    """Whether whole lines are what they must be: at the speed of C, since a mail may be a million line ends."""
    ends = text.count(b"\r\n")
    return text.count(b"\r") == text.count(b"\n") == ends and max(map(len, text.split(b"\r\n"))) <= LONGEST_LINE
