"""A modem as a state machine: bytes in, bytes out; ``tick`` gives it the time, and what wants it has a ``deadline``."""

import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from math import inf
from typing import Any, Final

from . import commands, sms_commands
from .card import Sim
from .faults import OF_MODEM, REOPEN, RESTART, UNPLUG, Fault, Faults
from .incoming import route
from .life import Life
from .network import EARLY, SimulatedNetwork
from .profiles import GENERIC, Profile
from .sending import transmit
from .speech import Speech
from .state import CNMI, Refused, State

CTRL_Z, ESCAPE = 0x1A, 0x1B
ACKNOWLEDGE_SECONDS: Final = 15.0
"""In which CNMA is wanted where CSMS is 1."""
RESTART_SECONDS: Final = 5.0
RESTART_COMMAND: Final = b"AT+CFUN=1,1\r"
"""What one that hangs until its restart hears nevertheless."""
_MOST_INPUT: Final = 4096


class SimulatedModem:
    """A modem with a SIM card, or without one. A driver has it ``start`` and ``stop``, and carries its bytes.

    ``settings`` are fields of ``State``: ``imei``, ``register_seconds`` …
    """

    def __init__(
        self,
        network: SimulatedNetwork,
        sim: Sim | None,
        profile: Profile = GENERIC,
        *,
        send_seconds: float = 0.0,
        restart_seconds: float = RESTART_SECONDS,
        seed: int = 0,
        **settings: Any,
    ) -> None:
        self.faults = Faults(OF_MODEM, seed)
        self.state = State(network=network, sim=sim, faults=self.faults, profile=profile, **settings)
        self.network = network
        self.send_seconds = send_seconds
        """From Ctrl-Z to the answer: 3 on a real network."""
        self.restart_seconds = restart_seconds
        self.is_present = False
        """Whether its port is there."""
        self.path = ""
        """Under which its port comes back; empty for the one it had."""
        self.wake: Callable[[], None] = lambda: None
        """Called where something came for it: it wants a tick."""
        self.commands: list[str] = []
        """All that it heard, PINs as ``…``."""
        self._is_on, self._now = False, 0.0
        self._speech = Speech(self.state)
        self._forget()

    @property
    def sim(self) -> Sim | None:
        """The card that is in it; ``insert`` puts another in."""
        return self.state.sim

    @property
    def is_out(self) -> bool:
        """Whether nothing that anybody does brings it back now: its port is gone, or it is deaf for a while."""
        return not self.is_present or (self._life.deaf_until is not None and not self._life.deaf_ends)

    @property
    def deadline(self) -> float | None:
        """When ``tick`` is wanted next; None while nothing depends on time."""
        if not self._is_on:
            return None
        if self._life.back_at is not None:
            return self._life.back_at
        if self._life.deaf_until is not None:
            return self._life.deaf_until if self._life.deaf_until < inf else None
        times = [self._life.busy_until, self._life.acknowledge_by, self._life.noise_at, *self.faults.ends(self._now)]
        times += [at for at in (self.state.usable_at, self.state.registers_at) if at > self._now]
        if self.sim is not None and self._life.acknowledge_by is None and self.state.is_registered(self._now):
            times.append(self.network.next_for(self.sim.imsi))
        return min((at for at in times if at is not None), default=None)

    def start(self, now: float) -> None:
        """It has power; its port is there at once."""
        self.faults.end(UNPLUG)
        self._is_on, self.path = True, ""
        self._begin(now)

    def stop(self) -> None:
        """It has none any more."""
        self._is_on = self.is_present = False
        self._forget()
        self._speech.clear()

    def insert(self, sim: Sim | None, now: float) -> None:
        """Another card, or none; it starts anew."""
        self.state.sim = sim
        if self._is_on:
            self._restart(now, 0.0, goes=False)
            self.wake()

    def opened(self, now: float) -> None:
        """The host opened its port."""
        self.faults.end(REOPEN)
        if self._life.deaf_ends == REOPEN:
            self._life.deaf_until, self._life.deaf_ends = None, ""
        self.tick(now)

    def output(self) -> bytes:
        """Some of what it says, once; empty where that was all."""
        return self._speech.output()

    def receive(self, data: bytes, now: float) -> None:
        """What the host writes. What comes while nobody listens is lost."""
        self.tick(now)
        if self._hears:
            self._life.input += data
            del self._life.input[:-_MOST_INPUT]
            self._work(now)
        elif self._life.deaf_ends == RESTART and RESTART_COMMAND in data:
            self._restart(now, self.restart_seconds, goes=self.state.profile.port_goes)

    def tick(self, now: float) -> None:
        """What time alone brings about. Too early a call does nothing."""
        self._now = now
        if not self._is_on:
            return
        if self._life.back_at is not None and now >= self._life.back_at:
            self._begin(now)
        if self._life.deaf_until is not None and now >= self._life.deaf_until:
            self._life.deaf_until, self._life.deaf_ends = None, ""
        if not self._hears:
            return
        if self._life.busy_until is not None and now >= self._life.busy_until:
            self._life.busy_until = None
            self._life.then(now)
        self._go_on(now)

    def _wake_driver(self) -> None:
        self.wake()

    @property
    def _hears(self) -> bool:
        return self._is_on and self._life.back_at is None and self._life.deaf_until is None

    def _forget(self) -> None:
        self._life = Life()
        self._speech.forget()

    def _begin(self, now: float) -> None:
        """It has started."""
        self._forget()
        self._speech.clear()
        state = self.state
        state.restart(now)
        if self.sim is not None:
            self.network.wakers[self.sim.imsi] = self._wake_driver
        self.is_present, self._life.misses = True, state.profile.misses_first
        self._life.noise_at = now + state.profile.noise_seconds if state.profile.noise else None
        for banner in state.profile.banners:
            self._speech.tell(banner)
        self._go_on(now)

    def _restart(self, now: float, seconds: float, *, goes: bool, path: str | None = None) -> None:
        self.faults.end(RESTART)
        self._forget()
        self._now = now
        self._life.back_at, self.is_present, self.path = now + seconds, not goes, path or ""

    def _deafen(self, fault: Fault, now: float) -> None:
        self._life.deaf_until = now + (inf if fault.seconds is None else fault.seconds)
        self._life.deaf_ends = fault.until
        self._life.input.clear()
        self._life.prompt, self._speech.is_in_prompt = None, False

    def _go_on(self, now: float) -> None:
        """All that may be done now."""
        self._now = now
        self._tell_changes(now)
        self._fetch(now, now)
        self._work(now)

    def _work(self, now: float) -> None:
        while self._life.input and self._life.busy_until is None and self._hears:
            if not (self._take_line(now) if self._life.prompt is None else self._take_pdu(now)):
                return

    def _take_line(self, now: float) -> bool:
        end = self._life.input.find(b"\r")
        if end < 0:
            return False
        raw = bytes(self._life.input[:end])
        del self._life.input[: end + 1]
        if self._life.misses and raw.strip(b"\x1b\n"):
            self._life.misses = False
            return True
        self._speech.echo(raw + b"\r")
        written = raw.decode("latin-1")
        begin = written.upper().find("AT")
        if begin >= 0:
            self._take_command(written[begin:].strip(), now)
        return True

    def _take_command(self, command: str, now: float) -> None:
        self.commands.append(re.sub(r"(CPIN=).*", r"\1…", command, flags=re.IGNORECASE))
        faults = self.faults
        if faults.strikes("cnmi_forgotten", command):
            self.state.session.cnmi = CNMI
        if fault := faults.strikes("port_loss", command):
            self._restart(now, _seconds(fault), goes=True, path=fault.path)
        elif fault := faults.strikes("hang", command):
            self._deafen(fault, now)
        elif faults.strikes("ignore", command):
            return
        elif fault := faults.strikes("error", command):
            self._speech.answer([self.state.told(_refused(fault))])
        elif fault := faults.strikes("slow", command):
            self._be_busy(now + _seconds(fault), partial(self._run, command))
        else:
            self._run(command, now)

    def _run(self, command: str, now: float) -> None:
        lines: list[str] = []
        session = self.state.session
        try:
            for name, form, value in commands.parts(command[2:]):
                if (name, form) == ("+CMGS", commands.SET):
                    self._speech.answer(lines)
                    self._ask_for_pdu(value, now)
                    return
                lines += self._do(name, form, value, now)
        except Refused as refused:
            lines.append(self.state.told(refused))
        else:
            lines.append("OK")
        self._speech.answer(lines)
        if session.must_restart:
            self._restart(now, self.restart_seconds, goes=self.state.profile.port_goes)
            return
        if session.acknowledged:
            session.acknowledged = self.state.awaits_acknowledgement = False
            self._life.acknowledge_by = None
        self._go_on(now)

    def _do(self, name: str, form: str, value: str, now: float) -> list[str]:
        """One command. Raises Refused."""
        state, profile = self.state, self.state.profile
        if name == profile.quiet:
            state.session.quiet = True
        if commands.is_basic(name):
            return commands.basic(state, name, now)
        if name in profile.refused:
            raise Refused("CMS", profile.refused[name])
        handler = sms_commands.COMMANDS.get(name) or commands.COMMANDS.get(name) or commands.of_profile(state, name)
        if handler is None or name in profile.lacks:
            raise Refused(profile.unknown)
        return handler(state, form, value, now)

    def _ask_for_pdu(self, value: str, now: float) -> None:
        """Raises Refused."""
        self.state.needs_sim(now, sms=True)
        if not value.isdecimal() or not 1 <= int(value) <= 176:
            raise Refused("CMS", 304)
        self._life.prompt = int(value)
        self._speech.prompt()

    def _take_pdu(self, now: float) -> bool:
        end = next((at for at, byte in enumerate(self._life.input) if byte in (CTRL_Z, ESCAPE)), -1)
        if end < 0:
            return False
        raw, ended_by = bytes(self._life.input[:end]), self._life.input[end]
        del self._life.input[: end + 1]
        length, self._life.prompt = self._life.prompt or 0, None
        self._speech.is_in_prompt = False
        self._speech.echo(raw + bytes((ended_by,)))
        if ended_by == ESCAPE:
            self._speech.answer([self.state.profile.escaped] if self.state.profile.escaped else [])
            self._go_on(now)
        else:
            self._take_message(raw.decode("latin-1").strip(), length, now)
        return True

    def _take_message(self, digits: str, length: int, now: float) -> None:
        faults = self.faults
        send = partial(transmit, self.state, digits, length)
        self._speech.release()
        if fault := faults.strikes("hang_after_pdu"):
            _send_nevertheless(fault, send, now)
            self._deafen(fault, now)
        elif fault := faults.strikes("port_loss_after_pdu"):
            _send_nevertheless(fault, send, now)
            self._restart(now, _seconds(fault), goes=True, path=fault.path)
        elif fault := faults.strikes("reset_in_send"):
            _send_nevertheless(fault, send, now)
            self._restart(now, _seconds(fault), goes=False)
        else:
            fault = faults.strikes("slow_after_pdu")
            seconds = _seconds(fault) if fault else self.send_seconds
            if seconds > 0:
                self._be_busy(now + seconds, partial(self._finish, send))
            else:
                self._finish(send, now)

    def _finish(self, send: Callable[[float], int], now: float) -> None:
        """The network's answer to a message."""
        faults = self.faults
        if fault := faults.strikes("refuse_pdu"):
            _send_nevertheless(fault, send, now)
            self._speech.answer([self.state.told(_refused(fault))])
            self._go_on(now)
            return
        try:
            mr = send(now)
        except Refused as refused:
            self._speech.answer([self.state.told(refused)])
        else:
            self._fetch(now + EARLY, now)
            self._speech.answer(self._taken(f"+CMGS: {mr}"))
        self._go_on(now)

    def _taken(self, reference: str) -> list[str]:
        # one fault at a time: ERROR without a reference would say that it was not taken
        if self.faults.strikes("reference_lost"):
            return ["OK"]
        if self.faults.strikes("error_after_reference"):
            return [reference, "ERROR"]
        return [reference] if self.faults.strikes("ok_lost") else [reference, "OK"]

    def _be_busy(self, until: float, then: Callable[[float], None]) -> None:
        self._life.busy_until, self._life.then = until, then

    def _fetch(self, due: float, now: float) -> None:
        """What the network has for the card until ``due``."""
        state, sim = self.state, self.sim
        if self._life.acknowledge_by is not None and now >= self._life.acknowledge_by:
            self._life.acknowledge_by, state.awaits_acknowledgement = None, False
            mode, _, bm, _, bfr = state.session.cnmi
            state.session.cnmi = (mode, 0, bm, 0, bfr)
            if sim is not None:
                self.network.undelivered(sim.imsi, self._life.unacknowledged, now)
        while sim is not None and not state.awaits_acknowledgement and state.is_registered(now):
            tpdu = self.network.take_for(sim.imsi, due)
            if tpdu is None:
                return
            routed = route(state, tpdu)
            self._speech.tell(*routed.told)
            if not routed.taken:
                self.network.undelivered(sim.imsi, tpdu, now)
            if routed.direct and state.session.csms == 1:
                state.awaits_acknowledgement = True
                self._life.acknowledge_by, self._life.unacknowledged = now + ACKNOWLEDGE_SECONDS, tpdu

    def _tell_changes(self, now: float) -> None:
        """Readiness, the network, noise, and what was kept back."""
        state, profile, session = self.state, self.state.profile, self.state.session
        if not self._life.is_ready and state.sim_trouble(now) is None:
            self._life.is_ready = True
            for line in profile.ready:
                self._speech.tell(line)
        for name, told in session.registration.items():
            stat = state.registration(name, now)
            if self._life.registration.setdefault(name, stat) != stat and told:
                self._speech.tell(f'{name}: {stat},"00A1","B2C3"' if told == 2 else f"{name}: {stat}")
            self._life.registration[name] = stat
        if self._life.noise_at is not None and now >= self._life.noise_at:
            self._life.noise_at = now + profile.noise_seconds
            self._life.noises += 1
            self._speech.tell(profile.noise[self._life.noises % len(profile.noise)])
        if session.quiet:
            self._life.noise_at = None
        if self._life.prompt is None:
            self._speech.release()


def _refused(fault: Fault) -> Refused:
    return Refused("CME" if fault.cme else "CMS", fault.code) if fault.code is not None else Refused()


def _seconds(fault: Fault) -> float:
    return RESTART_SECONDS if fault.seconds is None else fault.seconds


def _send_nevertheless(fault: Fault, send: Callable[[float], int], now: float) -> None:
    if fault.taken:
        with suppress(Refused):
            send(now)
