"""One modem from the opening of its port to its loss: bytes in, events out, no port and no clock.

What is done with it is written in scripts, one at a time: the start, looks at its health, its memory, messages.
After a reset, whoever caused it, it is set up anew before anything else.
"""

from collections import deque
from collections.abc import Sequence
from typing import Any, Final

import attrs

from smstob.model.modem import ModemState

from . import answers
from .at import Dialogue, Limits
from .at_events import Answered, Late, Ready, Silent, TimedOut, Unknown, Unsolicited
from .at_events import Event as Told
from .at_lines import Kind
from .errors import Blame, Verdict, judge
from .inbox import Inbox
from .modem_events import CardOpened, Changed, Doubt, Event, Fallen, NotSent, PinWanted, Sent, SentLate
from .script import Ask, AskPin, Given, Ill, Locked, Named, Rest, Restarted, Script, Step, ask, lines
from .start import Facts, Wanted, begin
from .tpdu.pdu import Line

SEND_SECONDS: Final = 60.0
"""For the network to take a message; what is answered later is heard all the same."""
LOOK: Final = 30.0
"""Seconds between two looks at a modem's health."""
SEARCH: Final = 5.0
"""The same while it has no network."""
UNLOCK: Final = 30.0
"""Seconds after which a modem that waits for a person is asked again."""

_REGISTRATIONS: Final = ("AT+CREG?", "AT+CEREG?", "AT+CGREG?")
_NO_PROMPT: Final = Verdict(Blame.LATER, "Le modem n'a pas demandé le message.")
GONE: Final = Verdict(Blame.MODEM, "Le modem a été débranché ou a redémarré.")
"""Of a message that a modem had no time to send."""
_STARTING: Final = "Le modem est mis en route."
_SEARCHING: Final = "Le modem cherche son réseau : vérifiez l'antenne et la carte SIM si cela dure."
_DENIED: Final = "Le réseau refuse la carte SIM : vérifiez son contrat."
_SILENT: Final = "Le modem ne répond pas."


@attrs.frozen
class _Job:
    key: Any
    pdu: Line


class Modem:
    """See the module. ``now`` are seconds of any clock that only rises; call ``tick`` at ``deadline``."""

    def __init__(self, wanted: Wanted, limits: Limits | None = None) -> None:
        self.state = ModemState.STARTING
        self.reason = _STARTING
        self.facts: Facts | None = None
        """Since the last start."""
        self.imei = ""
        """Known before all the rest."""
        self.signal: int | None = None
        self.network = ""
        self.roaming = False
        self.resets = 0
        """Resets that nobody asked for."""
        self.heard: float | None = None
        """When it last said anything."""
        self._wanted = wanted
        self._dialogue = Dialogue(limits)
        self._inbox = Inbox()
        self._events: list[Event] = []
        self._script: Script[None] | None = None
        self._step: Step | None = None
        """What the script wants next, and is not begun."""
        self._rests_until: float | None = None
        self._wants_pin = False
        self._job: _Job | None = None
        self._in_doubt: Any = None
        self._next: deque[Script[None]] = deque()
        """Scripts that come before the job."""
        self._begins_at = 0.0
        self._looks_at = 0.0
        self._registration: int | None = None
        self._is_fallen = False

    @property
    def is_free(self) -> bool:
        """Whether ``send`` may be called: nothing else is under way, so that the message begins at once."""
        is_idle = self._job is None and self._script is None and self._dialogue.is_ready
        return self.state is ModemState.UP and is_idle and not self._is_fallen

    @property
    def deadline(self) -> float | None:
        """When ``tick`` is wanted next."""
        times = [one for one in (self._dialogue.deadline, self._rests_until) if one is not None]
        if self._script is None and self._dialogue.is_ready:
            times.append(self._begins_at if self.facts is None else self._looks_at)
        return min(times, default=None)

    def output(self) -> bytes:
        """What is to be written, once."""
        return self._dialogue.output()

    def events(self) -> list[Event]:
        """What happened since they were last taken."""
        events = self._events[:]
        self._events.clear()
        return events

    def opened(self, now: float) -> None:
        """The port is open."""
        self._take(self._dialogue.synchronise(now), now)

    def receive(self, data: bytes, now: float) -> None:
        """Bytes came."""
        self.heard = now
        self._take(self._dialogue.receive(data, now), now)

    def tick(self, now: float) -> None:
        """Time has passed."""
        if self._rests_until is not None and now >= self._rests_until:
            self._rests_until = None
            self._resume(None, now)
        self._take(self._dialogue.tick(now), now)

    def lost(self, now: float) -> None:
        """The port is gone, or is about to be closed."""
        self._is_fallen = True
        self._take(self._dialogue.lost(), now)
        self._drop_script()
        self._end_job(GONE)

    def send(self, key: Any, pdu: Line, now: float) -> None:
        """Have a message sent; ``key`` is in the event that tells its end. Only while ``is_free``."""
        if not self.is_free:
            raise RuntimeError("the modem is not free")
        self._job = _Job(key, pdu)
        self._go_on(now)

    def give_pin(self, code: str, now: float) -> bool:
        """The code that ``PinWanted`` asked for. False where the modem started anew meanwhile: it will ask again."""
        return self._answer_pin(code, now)

    def refuse_pin(self, reason: str, now: float) -> None:
        """There is none that may be given; ``reason`` in French."""
        self._answer_pin(Locked(reason), now)

    def set_up(self, now: float) -> None:
        """Do what is done after a restart: something is wrong that this may show, or mend. Only between messages."""
        if not self._is_fallen:
            self._start_anew(now)
            self._go_on(now)

    def settle(self, index: int, kept: bool, now: float) -> None:
        """A stored message was kept, and may be deleted; or it was not, and will be told again."""
        self._inbox.settle(index, kept)
        self._go_on(now)

    def _answer_pin(self, answer: str | Locked, now: float) -> bool:
        is_wanted, self._wants_pin = self._wants_pin, False
        if is_wanted:
            self._resume(answer, now)
            self._go_on(now)
        return is_wanted

    def _take(self, told: list[Told], now: float) -> None:
        for event in told:
            if isinstance(event, Answered | TimedOut | Unknown):
                self._resume(event, now)
            elif isinstance(event, Silent):
                self._fall(_SILENT)
            elif isinstance(event, Late):
                self._hear_late(event)
            elif isinstance(event, Unsolicited):
                self._hear(event, now)
            elif isinstance(event, Ready) and self.facts is not None:
                self._looks_at = now
        self._go_on(now)

    def _hear(self, event: Unsolicited, now: float) -> None:
        if event.is_restart:
            self.resets += self.facts is not None
            ended = self._dialogue.synchronise(now)
            self._take(ended, now)
            self._start_anew(now)
        elif event.line == "RING" or event.line.startswith("+CRING"):
            # a call keeps some modems from sending
            self._next.append(_quietly("ATH"))
        else:
            found, wants_acknowledgement = self._inbox.hear(event)
            self._events += found
            if wants_acknowledgement and self.facts is not None and self.facts.acknowledges:
                self._next.appendleft(_quietly("AT+CNMA=0"))

    def _hear_late(self, event: Late) -> None:
        key, self._in_doubt = self._in_doubt, None
        if key is not None and (reference := _reference([event.line])) is not None:
            self._events.append(SentLate(key, reference))

    def _go_on(self, now: float) -> None:
        while not self._is_fallen:
            if self._step is not None:
                if not self._begin_step(self._step, now):
                    return
            elif self._script is not None or not self._dialogue.is_ready:
                return
            elif (script := self._next_script(now)) is not None:
                self._script = script
                self._resume(None, now)
            else:
                return

    def _next_script(self, now: float) -> Script[None] | None:
        if self.facts is None:
            return self._start() if now >= self._begins_at else None
        if self._next:
            return self._next.popleft()
        if (script := self._inbox.script(self._events)) is not None:
            return script
        if self._job is not None:
            return self._hand_over(self._job)
        return self._look(now) if now >= self._looks_at else None

    def _begin_step(self, step: Step, now: float) -> bool:
        """Whether the step is begun; else it waits until the modem listens."""
        if isinstance(step, Ask):
            if not self._dialogue.is_ready:
                return False
            self._dialogue.send(step.command, now, step.timeout, step.payload, step.names)
        elif isinstance(step, Rest):
            self._rests_until = now + step.seconds
        elif isinstance(step, AskPin):
            self._wants_pin = True
            self._events.append(PinWanted(step.card, step.imei, step.tries))
        elif isinstance(step, Named):
            self.imei = step.imei
            self._resume(None, now)
            return True
        else:
            self._events.append(CardOpened(step.card, step.imei))
            self._resume(None, now)
            return True
        self._step = None
        return True

    def _resume(self, given: Given | Locked, now: float) -> None:
        """Go on with the script to its next step, or to its end."""
        if self._script is None:
            return
        try:
            if isinstance(given, Locked):
                self._step = self._script.throw(given)
            else:
                self._step = self._script.send(given)
        except StopIteration:
            self._script = self._step = None
        except Locked as why:
            self._script = self._step = None
            self.facts, self._begins_at = None, now + UNLOCK
            self._set_state(ModemState.LOCKED, why.reason)
        except Restarted:
            self._start_anew(now)
        except Ill as why:
            self._script = self._step = None
            self._fall(why.reason, is_ill=True)

    def _drop_script(self) -> None:
        if self._script is not None:
            self._script.close()
        self._script = self._step = self._rests_until = None
        self._wants_pin = False

    def _start_anew(self, now: float) -> None:
        self._drop_script()
        self._next.clear()
        self._end_job(GONE)
        self.facts, self._begins_at = None, now
        self._set_state(ModemState.STARTING, _STARTING)

    def _fall(self, reason: str, *, is_ill: bool = False) -> None:
        if not self._is_fallen:
            self._is_fallen = True
            self._drop_script()
            self._end_job(GONE)
            self._set_state(ModemState.HEALING, reason)
            self._events.append(Fallen(reason, is_ill))

    def _end_job(self, verdict: Verdict) -> None:
        job, self._job = self._job, None
        if job is not None:
            self._events.append(NotSent(job.key, verdict))

    def _set_state(self, state: ModemState, reason: str = "") -> None:
        if (state, reason) != (self.state, self.reason):
            self.state, self.reason = state, reason
            self._events.append(Changed())

    def _start(self) -> Script[None]:
        # a card that waits for a person is asked in silence
        if self.state is not ModemState.LOCKED:
            self._set_state(ModemState.STARTING, _STARTING)
        facts = yield from begin(self._wanted)
        self._inbox.forget()
        yield from self._find_network()
        self.facts = facts
        self._announce_network(self._registration)

    def _find_network(self) -> Script[None]:
        self._registration = None
        for command in _REGISTRATIONS:
            told = answers.registration((yield from lines(command)))
            if self._registration is None or told in answers.REGISTERED:
                self._registration = told
            if told in answers.REGISTERED:
                break
        self.signal = answers.signal((yield from lines("AT+CSQ")))
        if self._registration in answers.REGISTERED:
            self.network = answers.network((yield from lines("AT+COPS?"))) or self.network

    def _announce_network(self, registration: int | None) -> None:
        self.roaming = registration in answers.ROAMING
        if registration in answers.REGISTERED:
            self._set_state(ModemState.UP)
        else:
            self._set_state(ModemState.SEARCHING, _DENIED if registration == answers.DENIED else _SEARCHING)

    def _look(self, now: float) -> Script[None]:
        self._looks_at = now + LOOK
        yield from self._find_network()
        assert self.facts is not None
        news = self.facts.news
        told = next(iter((yield from lines("AT+CNMI?"))), "")
        if news and told and told != news:
            raise Restarted
        if self._registration not in answers.REGISTERED:
            sim = answers.identity((yield from lines("AT+CIMI")))
            if sim != self.facts.sim:
                raise Restarted
        self._inbox.look(answers.storage((yield from lines("AT+CPMS?"))))
        self._announce_network(self._registration)
        if self.state is not ModemState.UP:
            self._looks_at = now + SEARCH

    def _hand_over(self, job: _Job) -> Script[None]:
        given = yield Ask(f"AT+CMGS={job.pdu.length}", SEND_SECONDS, payload=job.pdu.digits)
        self._job = None
        self._in_doubt = None
        if isinstance(given, Unknown):
            self._in_doubt = job.key
            self._events.append(Doubt(job.key))
        elif not isinstance(given, Answered):
            self._events.append(NotSent(job.key, GONE if self._is_fallen else _NO_PROMPT))
        elif given.result.kind is Kind.OK:
            self._events.append(Sent(job.key, _reference(given.lines)))
        else:
            code = given.result.code if given.result.kind is Kind.CMS else None
            self._events.append(NotSent(job.key, judge(given.result), code))


def _reference(told: Sequence[str]) -> int | None:
    for line in told:
        if line.startswith("+CMGS") and (value := answers.values(line)):
            reference = answers.whole(value[0])
            return reference if reference is not None and reference <= 0xFF else None
    return None


def _quietly(command: str) -> Script[None]:
    yield from ask(command)
