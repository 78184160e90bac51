"""The AT dialogue as a state machine: bytes in, events out, bytes to write kept until ``output`` takes them.

It knows no port and no clock: ``receive`` is given what came, ``tick`` the time. One command at a time; what a modem
says by itself may come anywhere. After a silence it finds its way back by itself, and a late answer is nobody's.
"""

import re
from collections.abc import Iterable
from enum import Enum
from typing import Final

import attrs

from . import at_lines
from .at_events import Answered, Event, Late, Noise, Ready, Silent, TimedOut, Unknown, Unsolicited
from .at_lines import OK, Expectation, Kind, Result

ESCAPE: Final = b"\x1b\r"
"""Ends a prompt that was left open; without one it is an empty command."""
_PROBE: Final = b"AT\r"
_END_OF_MESSAGE: Final = b"\x1a"
_HEAD: Final = 20
_PROMPT: Final = ord(">")
_DROPPED: Final = b"\x00\xff\x11\x13\x1a\x1b"
"""Noise of a line that wakes up, flow control, and the echo of our own control characters."""
_BLANK: Final = re.compile(rb"[\r\n \t\x00\xff\x11\x13\x1a\x1b]+")
_LINE_END: Final = re.compile(rb"[\r\n]")
_COMMAND: Final = re.compile(r"[Aa][Tt][ -~]{0,500}")


@attrs.frozen(kw_only=True)
class Limits:
    """Bounds of a dialogue; times in seconds."""

    line: int = 4096
    """Bytes of a line; a longer one is noise up to its end."""
    lines: int = 2000
    """Of one answer; more are noise."""
    prompt_seconds: float = 10
    pause_seconds: float = 0.1
    """Between the prompt and the PDU, for old modems."""
    rest_seconds: float = 0.05
    """Between an answer and the next command, for old modems."""
    finish_seconds: float = 5
    """From the reference of a sent PDU to its OK."""
    body_seconds: float = 2
    """From a +CMT or +CDS to its PDU."""
    drain_seconds: float = 0.2
    """Before a silent modem is asked whether it listens."""
    abort_seconds: float = 2
    """The same where a prompt was given up."""
    probe_seconds: float = 1
    probes: int = 5
    quiet_seconds: float = 0.5
    """After a modem's sign of life: what was late has come by then."""
    synchronise_seconds: float = 30
    """In all."""


class NotNow(Exception):
    """The dialogue cannot send: a command is under way, or it is not known whether the modem listens."""


class _Stage(Enum):
    HELD = "the command is not written yet"
    PROMPT = "the prompt is awaited"
    PAUSE = "the PDU is not written yet"
    ANSWER = "the result is awaited"


@attrs.define
class _Pending:
    command: str
    payload: str
    expects: Expectation
    timeout: float
    deadline: float
    echo: str
    """What the modem may still echo."""
    stage: _Stage = _Stage.HELD
    lines: list[str] = attrs.field(factory=list)

    @property
    def is_handed_over(self) -> bool:
        return bool(self.payload) and self.stage is _Stage.ANSWER

    def may_end_with(self, result: Result) -> bool:
        """Whether it can be the answer: to what was written, and no OK where a PDU is still to be given."""
        if self.stage is _Stage.HELD:
            return False
        return self.stage is _Stage.ANSWER or result.kind is not Kind.OK

    def takes_echo(self, line: str) -> bool:
        """Whether it is our own words, whole or in pieces, be it without the first that the modem missed."""
        if not self.echo:
            return False
        if self.echo.startswith(line):
            self.echo = self.echo[len(line) :].lstrip()
            return True
        if len(line) > 2 and self.echo.endswith(line):
            self.echo = ""
            return True
        return False


class _Step(Enum):
    DRAIN = "what was under way runs dry"
    PROBE = "it was asked whether it listens"
    QUIET = "it does; what is late may still come"


@attrs.define
class _Synchronising:
    step: _Step
    deadline: float
    until: float
    probes: int = 0


class Dialogue:
    """One modem's port, from its opening to its loss. ``now`` are seconds of any clock that only rises.

    Begin with ``synchronise``, and ``send`` after ``Ready``; call ``tick`` at ``deadline``. After ``TimedOut`` and
    ``Unknown`` comes ``Ready`` or ``Silent`` without being asked.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._buffer = bytearray()
        """The line that has no end yet."""
        self._is_skipping = False
        self._output: list[bytes] = []
        self._pending: _Pending | None = None
        self._synchronising: _Synchronising | None = None
        self._late: _Pending | None = None
        """The last command that was told in Unknown."""
        self._owes_result = False
        """The late one's reference came, its OK did not."""
        self._header, self._header_until = "", 0.0
        """An unsolicited line whose PDU comes next."""
        self._rests_until = 0.0
        self._listens = False
        self._is_lost = False

    @property
    def is_ready(self) -> bool:
        """Whether ``send`` may be called."""
        return self._listens and self._pending is None and self._synchronising is None

    @property
    def deadline(self) -> float | None:
        """When ``tick`` is wanted next; None while nothing depends on time."""
        times = [waiting.deadline for waiting in (self._pending, self._synchronising) if waiting is not None]
        if self._header:
            times.append(self._header_until)
        return min(times, default=None)

    def output(self) -> bytes:
        """What is to be written, once."""
        data = b"".join(self._output)
        self._output.clear()
        return data

    def send(self, command: str, now: float, timeout: float, payload: str = "", names: Iterable[str] = ()) -> None:
        """Write a command; ``payload`` is the PDU for its prompt, hexadecimal.

        ``timeout`` runs from the last that is written. ``names`` are those under which the answer may come besides
        the command's own. Raises NotNow, and ValueError for what is no single command.
        """
        if not _COMMAND.fullmatch(command) or (payload and not at_lines.is_hex(payload)):
            raise ValueError("no AT command, or no PDU")
        if not self.is_ready:
            raise NotNow
        expects = at_lines.expectation(command, names)
        begin = max(now, self._rests_until)
        self._pending = _Pending(command, payload, expects, timeout, begin, command)
        if now >= begin:
            self._write_pending(now)

    def synchronise(self, now: float) -> list[Event]:
        """Find out whether the modem listens: at the beginning, after ``Silent`` and after a restart of it.

        A command that is under way is given up, which is told as if it had run out of time.
        """
        if self._is_lost:
            return []
        events = self._give_up()
        self._begin_synchronising(now, self.limits.drain_seconds)
        return events

    def lost(self) -> list[Event]:
        """The port is gone. Nothing follows."""
        if self._is_lost:
            return []
        events = [*self._end_header(), *self._give_up()]
        self._is_lost, self._listens, self._synchronising = True, False, None
        self._buffer.clear()
        self._output.clear()
        return events

    def receive(self, data: bytes, now: float) -> list[Event]:
        """What the bytes that came mean; however they are cut, the events are the same."""
        events: list[Event] = []
        if not self._is_lost:
            self._buffer += data
            while self._take_next(events, now):
                pass
        return events

    def tick(self, now: float) -> list[Event]:
        """What time alone brings about. Too early a call does nothing."""
        events: list[Event] = []
        if self._header and now >= self._header_until:
            events += self._end_header()
            while self._take_next(events, now):
                pass  # a prompt that might have been its text
        pending, synchronising = self._pending, self._synchronising
        if pending is not None and now >= pending.deadline:
            if pending.stage in (_Stage.HELD, _Stage.PAUSE):
                self._write_pending(now)
            else:
                aborted = pending.stage is _Stage.PROMPT
                events += self._give_up()
                limits = self.limits
                self._begin_synchronising(now, limits.abort_seconds if aborted else limits.drain_seconds)
        elif synchronising is not None and now >= synchronising.deadline:
            events += self._go_on_synchronising(synchronising, now)
        return events

    def _write_pending(self, now: float) -> None:
        """The next of what is held back: the command, or its PDU."""
        pending = self._pending
        assert pending is not None
        if pending.stage is _Stage.HELD:
            self._output.append(pending.command.encode("ascii") + b"\r")
            if pending.payload:
                pending.stage, pending.deadline = _Stage.PROMPT, now + self.limits.prompt_seconds
                return
        else:
            self._output.append(pending.payload.encode("ascii") + _END_OF_MESSAGE)
            pending.echo = pending.payload
        pending.stage, pending.deadline = _Stage.ANSWER, now + pending.timeout

    def _give_up(self) -> list[Event]:
        """The end of a command without a result."""
        pending, self._pending = self._pending, None
        if self._buffer.startswith(b">"):
            self._buffer.clear()  # prompts for nobody; ESC follows
        if pending is None:
            return []
        if not pending.is_handed_over:
            return [TimedOut(pending.command)]
        if pending.lines:
            return [Answered(pending.command, tuple(pending.lines), OK)]
        self._late = pending
        return [Unknown(pending.command)]

    def _begin_synchronising(self, now: float, drain: float) -> None:
        self._listens, self._owes_result = False, False
        self._output.append(ESCAPE)
        until = now + self.limits.synchronise_seconds
        self._synchronising = _Synchronising(_Step.DRAIN, now + drain, until)

    def _go_on_synchronising(self, synchronising: _Synchronising, now: float) -> list[Event]:
        step, limits = synchronising.step, self.limits
        is_quiet = step is _Step.QUIET
        if now >= synchronising.until or (synchronising.probes >= limits.probes and not is_quiet):
            self._synchronising = None
            return [Silent()]
        if is_quiet:
            self._synchronising, self._listens = None, True
            return [Ready()]
        self._output.append(ESCAPE + _PROBE if step is _Step.PROBE else _PROBE)
        synchronising.probes += 1
        synchronising.step, synchronising.deadline = _Step.PROBE, now + limits.probe_seconds
        return []

    def _end_header(self) -> list[Event]:
        header, self._header = self._header, ""
        return [Unsolicited(header)] if header else []

    def _take_next(self, events: list[Event], now: float) -> bool:
        """Take a line or a prompt out of the buffer; False where it has none."""
        buffer, longest = self._buffer, self.limits.line
        if self._is_skipping:
            end = _LINE_END.search(buffer)
            self._is_skipping = end is None
            del buffer[: end.end() if end else len(buffer)]
            return end is not None
        if blank := _BLANK.match(buffer):
            del buffer[: blank.end()]
        if not buffer:
            return False
        if buffer[0] == _PROMPT and self._takes_prompt(events, now):
            del buffer[0]
            return True
        end = _LINE_END.search(buffer, 0, longest + 1)
        if end is None:
            self._is_skipping = len(buffer) > longest
            if self._is_skipping:
                events.append(_noise(_text(buffer[:longest]), longest))
            return self._is_skipping
        line = _text(buffer[: end.start()])
        del buffer[: end.end()]
        if line:
            self._take(line, events, now)
        return True

    def _takes_prompt(self, events: list[Event], now: float) -> bool:
        """Whether the ``>`` that begins a line is a prompt, which has no line end; what is done about it."""
        pending, synchronising = self._pending, self._synchronising
        if self._header:
            return False  # what comes is a text, should the modem have fallen back to text mode
        if pending is not None:
            if pending.stage is _Stage.PROMPT:
                pending.stage, pending.deadline = _Stage.PAUSE, now + self.limits.pause_seconds
                if self.limits.pause_seconds <= 0:
                    self._write_pending(now)
                return True
            # another's prompt must not be there still when ours is awaited
            return bool(pending.payload)
        if synchronising is None:
            if self._listens:
                events.append(Noise(">", 1))
                self._begin_synchronising(now, self.limits.abort_seconds)
            return self._synchronising is not None
        if synchronising.step is not _Step.DRAIN:
            self._output.append(ESCAPE)
            synchronising.step, synchronising.deadline = _Step.DRAIN, now + self.limits.abort_seconds
        return True

    def _take(self, line: str, events: list[Event], now: float) -> None:
        """A whole line: its body's header first, then results, then what the command awaits, then news."""
        pending = self._pending
        if header := self._header:
            self._header = ""
            is_body = at_lines.is_hex(line) and not (pending and pending.echo == line)
            events.append(Unsolicited(header, line if is_body else ""))
            if is_body:
                return
        if (result := at_lines.result(line)) is not None:
            self._take_result(line, result, events, now)
        elif pending is not None and pending.takes_echo(line):
            pass
        elif pending is not None and pending.stage is _Stage.ANSWER and pending.expects.accepts(line):
            self._take_answer(pending, line, events, now)
        elif self._late is not None and self._late.expects.accepts(line):
            events.append(Late(self._late.command, line))
            self._late, self._owes_result = None, self._synchronising is None
        elif pending is not None and pending.expects.calls and (ended := at_lines.call_result(line)):
            self._take_result(line, ended, events, now)
        elif at_lines.has_body(line):
            self._header, self._header_until = line, now + self.limits.body_seconds
        elif at_lines.is_unsolicited(line):
            events.append(Unsolicited(line))
        elif pending is not None and pending.stage is _Stage.ANSWER and pending.expects.accepts_bare(line):
            self._take_answer(pending, line, events, now)
        elif self._synchronising is None or line != "AT":
            events.append(_noise(line, len(line)))

    def _take_answer(self, pending: _Pending, line: str, events: list[Event], now: float) -> None:
        if len(pending.lines) >= self.limits.lines:
            events.append(_noise(line, len(line)))
            return
        pending.lines.append(line)
        if pending.payload:
            pending.deadline = min(pending.deadline, now + self.limits.finish_seconds)

    def _take_result(self, line: str, result: Result, events: list[Event], now: float) -> None:
        pending, late = self._pending, self._late
        of_late = late is not None and result.kind is Kind.CMS
        if of_late and not (pending is not None and pending.expects.may_fail_as_sms):
            assert late is not None
            events.append(Late(late.command, line))
            self._late = None
        elif self._synchronising is not None:
            self._take_sign_of_life(self._synchronising, result, now)
        elif self._owes_result:
            self._owes_result = False
        elif pending is None or not pending.may_end_with(result):
            events.append(_noise(line, len(line)))
        else:
            self._pending, self._rests_until = None, now + self.limits.rest_seconds
            is_sent = pending.is_handed_over and pending.lines
            events.append(Answered(pending.command, tuple(pending.lines), OK if is_sent else result))

    def _take_sign_of_life(self, synchronising: _Synchronising, result: Result, now: float) -> None:
        step = synchronising.step
        if step is _Step.QUIET or (step is _Step.PROBE and result.kind is Kind.OK):
            synchronising.step = _Step.QUIET
            synchronising.deadline = min(now + self.limits.quiet_seconds, synchronising.until)


def _text(data: bytearray) -> str:
    return data.translate(None, _DROPPED).decode("ascii", "replace").strip()


def _noise(line: str, length: int) -> Noise:
    return Noise(line[:_HEAD], length)
