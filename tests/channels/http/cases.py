"""One call of ``http.php`` and all that it must bring about: the code, the debit, what reached the network."""

from collections.abc import Mapping
from typing import Any, Final

import attrs

from tests.daemon import PASSWORD, RunningDaemon, e164, fresh_number

Field = str | bytes
Segment = tuple[str, str, str]
"""Number in E.164, text, coding."""


@attrs.frozen
class Case:
    """A row of a table."""

    fields: Mapping[str, Field]
    """Beside e-mail and password."""
    code: str
    sent: tuple[Segment, ...] = ()
    credits: int | None = None
    """One a segment unless told."""
    options: Mapping[str, Any] = attrs.field(factory=dict)
    """Of the account."""

    @property
    def cost(self) -> int:
        """Credits that it takes."""
        return len(self.sent) if self.credits is None else self.credits

    def __str__(self) -> str:
        told = " ".join(f"{name}={value[:24]!r}" for name, value in self.fields.items())
        return f"{self.code} {told}".encode("ascii", "backslashreplace").decode()


def text(message: Field, *parts: str, coding: str = "gsm7", **options: Any) -> Case:
    """A text to a number of its own, and the parts that arrive; none for a text too long."""
    number = fresh_number()
    sent = tuple((e164(number), part, coding) for part in parts)
    return Case({"numero": number, "message": message}, "80" if parts else "92", sent, options=options)



def check(daemon: RunningDaemon, case: Case, method: str = "GET") -> None:
    """Make the call on an account of its own and compare."""
    email = daemon.provision(50, options=case.options)
    check_from(daemon, email, {"email": email, "pass": PASSWORD, **case.fields}, case, method)


def check_from(
    daemon: RunningDaemon, email: str, call: Mapping[str, Field] | bytes, case: Case, method: str = "GET"
) -> None:
    """Make ``call`` on the account ``email`` and compare what it brought about with ``case``."""
    balance, before, known = daemon.balance(email), len(daemon.journal()), len(daemon.messages(email))
    assert daemon.call(call, method) == case.code
    assert daemon.balance(email) == balance - case.cost
    recipients = {number for number, _, _ in case.sent}
    if case.code != "81":
        assert len(daemon.messages(email)) - known == len(recipients)
    wait_for(daemon, before, case.sent)


def wait_for(daemon: RunningDaemon, before: int, sent: tuple[Segment, ...]) -> None:
    """Wait until ``sent``, and nothing else, is in the journal behind its first ``before`` lines."""
    daemon.wait(lambda: len(daemon.journal()) >= before + len(sent), f"{len(sent)} segments arrive", 5)
    arrived = sorted((one.to, one.text, one.coding) for one in daemon.journal()[before:])
    assert arrived == sorted(sent)


A160: Final = "a" * 160
