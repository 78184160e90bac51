"""What a modem says: answers, news of its own, and what faults make of them."""

from collections.abc import Iterable
from typing import Final

from .state import State

NEWS: Final = ("RING", "+CREG: 1", "^RSSI:19", '+CMTI: "SM",3', "+CIEV: 2,4")
GARBAGE: Final = (b"\x00\x00", b"\xff\xff\xff", b"\xf8\x80~\x00\r\n", b"\r\n\x01#k\r\n", b"\r\n\r\n")


class Speech:
    """Bytes on their way to the host, and news that wait."""

    def __init__(self, state: State) -> None:
        self.is_in_prompt = False
        """News wait, lest they become part of what the host writes."""
        self._state = state
        self._faults = state.faults
        self._output = bytearray()
        self._held: list[tuple[str, ...]] = []

    def clear(self) -> None:
        """Nothing more comes of what was said, as a restart has it."""
        self._output.clear()
        self.forget()

    def forget(self) -> None:
        """No news wait any more."""
        self._held.clear()
        self.is_in_prompt = False

    def output(self) -> bytes:
        """Some of it, once; empty where that was all."""
        size = len(self._output)
        if size > 1 and self._faults.strikes("pieces"):
            size = self._faults.random.randint(1, min(size, 8))
        said = bytes(self._output[:size])
        del self._output[:size]
        return said

    def echo(self, raw: bytes) -> None:
        """What the host wrote, where echo is on."""
        if self._state.session.echo:
            self._output += raw

    def answer(self, lines: Iterable[str]) -> None:
        """To a command."""
        faults = self._faults
        for line in lines:
            if faults.strikes("garbage"):
                self._output += faults.random.choice(GARBAGE)
            if faults.strikes("interrupt"):
                self._interrupt()
            framed = f"\r\n{line}\r\n".encode("latin-1")
            if faults.strikes("truncate"):
                framed = framed[: faults.random.randrange(2, len(framed) - 2)]
            self._output += framed

    def prompt(self) -> None:
        """Ask for a PDU."""
        faults = self._faults
        interrupts = faults.strikes("interrupt_prompt") is not None
        is_after = faults.random.random() < 0.5
        if interrupts and not is_after:
            self._interrupt()
        if not faults.strikes("prompt_lost"):
            self._output += b"\r\n>" if faults.strikes("bare_prompt") else b"\r\n> "
        if interrupts and is_after:
            self._interrupt()
        self.is_in_prompt = True

    def tell(self, *lines: str) -> None:
        """News: held back during a prompt, those of messages also as CNMI's mode 0 wants it."""
        if not lines:
            return
        session = self._state.session
        if lines[0].startswith(("+CMT", "+CDS")) and session.cnmi[0] == 0:
            session.buffered.append(lines)
        elif self.is_in_prompt:
            self._held.append(lines)
        else:
            self._output += b"\r\n" + "".join(f"{line}\r\n" for line in lines).encode("ascii")

    def release(self) -> None:
        """What was held back, if it may be said now."""
        session = self._state.session
        held = [*self._held]
        self._held.clear()
        if session.cnmi[0] != 0:
            held += session.buffered
            session.buffered.clear()
        for lines in held:
            self.tell(*lines)

    def _interrupt(self) -> None:
        self._output += f"\r\n{self._faults.random.choice(NEWS)}\r\n".encode()
