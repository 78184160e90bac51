"""Modems in a process of their own, on one network.

    python -m tests.peers.modem [--profile huawei] [--count 4] [--tcp] … DIRECTORY PORT

Modem 1 is ``DIRECTORY/modem-1`` and so on; with ``--tcp`` there is one, on the TCP port, of which 0 is any free one.
It prints {"port": …, "paths": [...]} when they are there. Then each line on standard input, {"do": name, "with":
{...}}, is answered by one line, {"done": ...} or {"failed": why}, in order. ``Bench`` has the names, as ``do_…``. It
ends with its input.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
from twisted.internet.stdio import StandardIO
from twisted.protocols.basic import LineOnlyReceiver
from twisted.python.failure import Failure

from .card import Sim
from .modem import SimulatedModem
from .network import Plan, Refusal, Report, SimulatedNetwork
from .profiles import PROFILES
from .pty import PtyModem, TcpModem


class Bench:
    """The modems, their network, and what may be done with them. Modems are numbered from 1."""

    def __init__(self, reactor: Any, options: argparse.Namespace) -> None:
        self.reactor = reactor
        self.network = SimulatedNetwork(epoch=time.time() - reactor.seconds())
        self.modems: list[PtyModem | TcpModem] = []
        for number in range(1, options.count + 1):
            sim = Sim(imsi=f"20801{number:010}", iccid=f"893301{number:013}", pin=options.pin or None, mr=options.mr)
            modem = SimulatedModem(
                self.network,
                sim,
                PROFILES[options.profile],
                seed=options.seed + number,
                imei=f"{490154203237500 + number}",
                send_seconds=options.send_seconds,
                register_seconds=options.register_seconds,
            )
            if options.tcp:
                self.modems.append(TcpModem(reactor, modem, options.port))
            else:
                self.modems.append(PtyModem(reactor, modem, options.directory, f"modem-{number}"))
        for one in self.modems:
            one.driver.plug()

    def do(self, name: str, what: dict[str, Any]) -> Any:
        """One of the actions."""
        action: Callable[..., Any] | None = getattr(self, f"do_{name}", None)
        if action is None:
            raise ValueError(f"no such action: {name}")
        return action(**what)

    def do_fault(self, fault: str, modem: int = 1, **details: Any) -> None:
        """A fault of ``faults.OF_MODEM``."""
        self._modem(modem).faults.set(fault, **details)
        self._modem(modem).wake()

    def do_network_fault(self, fault: str, **details: Any) -> None:
        """A fault of ``faults.OF_NETWORK``."""
        self.network.faults.set(fault, **details)

    def do_clear(self, modem: int = 1) -> None:
        """No fault any more, of that modem and the network."""
        self._modem(modem).faults.clear()
        self.network.faults.clear()
        self._modem(modem).wake()

    def do_struck(self, modem: int = 1) -> dict[str, int]:
        """How often each fault happened."""
        return dict(self._modem(modem).faults.struck + self.network.faults.struck)

    def do_plug(self, modem: int = 1) -> None:
        """Give it power."""
        self.modems[modem - 1].driver.plug()

    def do_unplug(self, modem: int = 1) -> None:
        """Take its power."""
        self.modems[modem - 1].driver.unplug()

    def do_is_open(self, modem: int = 1) -> bool:
        """Whether a host has its port open."""
        return self.modems[modem - 1].is_open

    def do_taken(self, since: int = 0) -> list[dict[str, Any]]:
        """What the network has."""
        return [attrs.asdict(taken) for taken in self.network.taken[since:]]

    def do_counts(self) -> dict[str, int]:
        """How many messages it has, and how many reports and messages were brought."""
        return {"taken": len(self.network.taken), **self.network.brought}

    def do_send_message(self, sender: str, text: str, modem: int = 1, wait: float = 0.0) -> int:
        """Bring a message to the modem's card."""
        sim = self._modem(modem).sim
        if sim is None:
            raise ValueError("it has no card")
        return self.network.send_message(sim.imsi, sender, text, self.reactor.seconds(), wait=wait)

    def do_plans(self, plans: dict[str, list[list[float]]]) -> None:
        """What is reported, by last digits: status and seconds, in order. The empty ending is every other number's."""
        self.network.plans = {ending: _plan(plan) for ending, plan in plans.items()}

    def do_answers(self, answers: dict[str, list[int]]) -> None:
        """What is refused, by last digits: the code, and how often if not always."""
        self.network.answers = {ending: Refusal(*one) for ending, one in answers.items()}

    def do_sim(self, modem: int = 1, **changes: Any) -> None:
        """Change the card: ``tries``, ``pin``, ``smsc``, ``mr`` …"""
        sim = self._modem(modem).sim
        for name, value in changes.items():
            if not hasattr(sim, name):
                raise ValueError(f"a card has no {name}")
            setattr(sim, name, value)

    def do_commands(self, modem: int = 1) -> list[str]:
        """What it heard."""
        return self._modem(modem).commands

    def _modem(self, number: int) -> SimulatedModem:
        return self.modems[number - 1].driver.modem


def _plan(plan: list[list[float]]) -> Plan:
    return [Report(int(status), after) for status, after in plan]


class _Orders(LineOnlyReceiver):
    delimiter = b"\n"
    MAX_LENGTH = 1_000_000

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def lineReceived(self, line: bytes) -> None:
        try:
            order = json.loads(line)
            answer = {"done": self.bench.do(order["do"], order.get("with", {}))}
        except Exception as error:
            answer = {"failed": f"{type(error).__name__}: {error}"}
        _say(answer)

    def connectionLost(self, reason: Failure = Failure(Exception())) -> None:  # noqa: B008
        for one in self.bench.modems:
            one.driver.unplug()
        self.bench.reactor.stop()


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)  # noqa: T201


def main(arguments: list[str]) -> None:
    """See the module."""
    from twisted.internet import reactor

    parser = argparse.ArgumentParser()
    parser.add_argument("--profile", choices=PROFILES, default="generic")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--tcp", action="store_true")
    parser.add_argument("--pin", default="")
    parser.add_argument("--mr", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--send-seconds", type=float, default=0.0)
    parser.add_argument("--register-seconds", type=float, default=0.0)
    parser.add_argument("directory", type=Path)
    parser.add_argument("port", type=int)
    options = parser.parse_args(arguments)
    if options.tcp and options.count != 1:
        parser.error("on TCP there is one modem")
    bench = Bench(reactor, options)
    StandardIO(_Orders(bench))
    paths = [str(one.path) for one in bench.modems if isinstance(one, PtyModem)]
    _say({"port": next((one.port for one in bench.modems if isinstance(one, TcpModem)), 0), "paths": paths})
    reactor.run()


if __name__ == "__main__":
    main(sys.argv[1:])
