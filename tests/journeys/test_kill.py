"""Nothing accepted is lost: the daemon killed, stopped, started twice, and gateways that play every part."""

import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from smstob.flow.dispatch import BATCH
from smstob.storage import settlement
from tests.daemon import EXIT, PASSWORD, RunningDaemon, fresh_number, texts
from tests.ports import START

CALLS: Final = 2000
CONNECTIONS: Final = 8


class Load:
    """``CALLS`` calls by several callers; notes which text got which answer, and which got none."""

    def __init__(self, daemon: RunningDaemon, email: str) -> None:
        self.daemon, self.email = daemon, email
        self.answers: dict[str, str] = {}
        self.unanswered: list[str] = []
        self._numbers = iter(range(CALLS))
        self._lock = threading.Lock()

    def run(self, after: int, disturb: Callable[[], object]) -> None:
        """Call, and ``disturb`` once ``after`` calls are answered."""
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            callers = [pool.submit(self._call) for _ in range(CONNECTIONS)]
            self.daemon.wait(lambda: len(self.answers) >= after, f"{after} answers", 60)
            disturb()
            for caller in callers:
                caller.result()

    def _call(self) -> None:
        while True:
            with self._lock:
                number = next(self._numbers, None)
            if number is None:
                return
            text = f"charge {number}"
            try:
                self.answers[text] = self.daemon.sms(self.email, f"06550{number:05}", text)
            except (OSError, HTTPException):
                self.unanswered.append(text)

    @property
    def accepted(self) -> set[str]:
        """Texts that got 80."""
        return {text for text, code in self.answers.items() if code == "80"}

    def judge(self) -> Counter[str]:
        """Compare with the books and the journal, once all has left; gives how often each text left."""
        assert set(self.answers.values()) <= {"80", "99"}
        self.daemon.settled()
        messages = self.daemon.messages(self.email)
        queued = {told.text for told in messages}
        # what was accepted is there; what was not answered may be; and each is debited once
        assert len(messages) == len(queued)
        assert self.accepted <= queued <= self.accepted | set(self.unanswered)
        assert self.daemon.balance(self.email) == CALLS - len(messages)
        self.daemon.verify()
        sent = texts(self.daemon.journal())
        assert set(sent) == queued
        # what left more than once is counted
        again = {told.text: told.repeats for told in messages}
        assert all(times <= 1 + again[text] for text, times in sent.items())
        return sent


@pytest.mark.parametrize("after", [1, 400, 1200])
def test_killed(daemon: RunningDaemon, after: int) -> None:
    """kill -9 under load: every 80 reaches the network, twice only what was in flight."""
    load = Load(daemon, daemon.provision(CALLS))
    load.run(after, daemon.kill)
    assert load.unanswered
    daemon.start()
    sent = load.judge()
    assert sum(times - 1 for times in sent.values()) <= BATCH
    assert sum(told.repeats for told in daemon.messages(load.email)) <= BATCH
    # and it goes on as before
    assert daemon.sms(load.email, "0656000001", "de retour") == "80"
    assert len(daemon.sent_to("+33656000001")) == 1


def test_killed_with_claims(daemon: RunningDaemon) -> None:
    """What a killed daemon had taken from the queue is sent by the next one, and counted as a possible repeat."""
    daemon.terminate()
    daemon.configure({"gateways": {"sink": daemon.sink() | {"throughput": 10}}})
    daemon.start()
    email = daemon.provision(30)
    for number in range(30):
        assert daemon.sms(email, f"06580{number:05}", f"pris {number}") == "80"
    daemon.wait(lambda: len(daemon.journal()) >= 3, "the first leave")
    daemon.kill()
    daemon.configure({})
    daemon.start()
    daemon.settled()
    repeats = {told.text: told.repeats for told in daemon.messages(email)}
    sent = texts(daemon.journal())
    assert set(sent) == {f"pris {number}" for number in range(30)}
    assert all(times <= 1 + repeats[text] for text, times in sent.items())
    assert 0 < sum(repeats.values()) <= 10
    assert "messages were in flight" in daemon.logged()


def test_terminated(daemon: RunningDaemon) -> None:
    """SIGTERM under load: it ends in time, nothing is lost and nothing leaves twice."""
    load = Load(daemon, daemon.provision(CALLS))
    took: list[float] = []
    load.run(600, lambda: took.append(daemon.terminate()))
    assert took[0] <= EXIT
    assert load.unanswered
    daemon.start()
    assert set(load.judge().values()) == {1}
    # who was accepted was told so
    assert {told.text for told in daemon.messages(load.email)} == load.accepted
    assert not any(told.repeats for told in daemon.messages(load.email))


def test_second_daemon(daemon: RunningDaemon) -> None:
    """A second daemon on the same file says why it does not start; the first does not notice."""
    directory = daemon.directory / "second"
    directory.mkdir()
    second = RunningDaemon(directory)
    second.configure({"database": {"url": f"sqlite:///{daemon.directory / 'smstob.db'}"}})
    process = second.spawn()
    assert process.wait(START) == 1
    assert "un autre démon utilise déjà cette base" in second.logged()
    assert "Traceback" not in second.logged()
    assert daemon.sms(daemon.provision(), fresh_number(), "toujours là") == "80"
    daemon.terminate()
    second.start()
    second.terminate()
    second.close()


def test_deferred(daemon: RunningDaemon) -> None:
    """A deferred message outlives a kill and leaves at its minute, once; a cancelled one is refunded."""
    email, number, cancelled = daemon.provision(2), fresh_number(), fresh_number()
    due = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
    if (due - datetime.now(UTC)).total_seconds() < 12:
        due += timedelta(minutes=1)
    typed = f"{due.astimezone(ZoneInfo('Europe/Paris')):%H%M%d%m%Y}"
    assert daemon.sms(email, number, "à l'heure", diff=typed) == "81"
    assert daemon.sms(email, cancelled, "annulé", diff=typed) == "81"
    assert daemon.balance(email) == 0
    submission = daemon.messages(email)[1].submission
    for cancelled_now in ((1, 1), (0, 0)):
        assert daemon.transact(lambda one: settlement.cancel(one, submission, int(time.time()))) == cancelled_now
    assert daemon.balance(email) == 1
    daemon.kill()
    daemon.start()
    assert datetime.now(UTC) < due - timedelta(seconds=2)
    # what was cancelled may be sent again
    assert daemon.sms(email, cancelled, "annulé", diff=typed) == "81"
    daemon.wait(lambda: datetime.now(UTC) >= due - timedelta(seconds=0.5), "the minute", 75)
    assert not daemon.journal()
    assert len(daemon.sent_to("+33" + number[1:], "+33" + cancelled[1:])) == 2
    assert datetime.now(UTC) < due + timedelta(seconds=3)
    states = ["delivered", "cancelled", "delivered"]
    daemon.wait(lambda: [told.state for told in daemon.messages(email)] == states, "all has ended")
    assert daemon.balance(email) == 0
    assert len(daemon.journal()) == 2


SANDBOX: Final = {
    # the last digit of the number: the state, the credits that are spent, the segments that leave
    1: ("delivered", 1, 1),
    2: ("failed", 1, 1),
    3: ("expired", 1, 1),
    4: ("delivered", 1, 1),
    5: ("handed", 1, 1),
    6: ("rejected", 0, 0),
    7: ("delivered", 1, 1),
    8: ("delivered", 1, 1),
    9: ("delivered", 1, 1),
}


def test_sandbox(daemon: RunningDaemon) -> None:
    """Each sandbox number ends in the state that is documented, spent or refunded."""
    accounts = {digit: daemon.provision(1) for digit in SANDBOX}
    for digit, email in accounts.items():
        assert daemon.sms(email, f"06 39 98 00 0{digit}", f"essai {digit}") == "80"

    def ended() -> bool:
        return all(daemon.messages(email)[0].state == SANDBOX[digit][0] for digit, email in accounts.items())

    daemon.wait(ended, "every state", 15)
    for digit, email in accounts.items():
        state, spent, left = SANDBOX[digit]
        (told,) = daemon.messages(email)
        assert (told.state, daemon.balance(email)) == (state, 1 - spent)
        assert len([one for one in daemon.journal() if one.text == f"essai {digit}"]) == left
        assert bool(told.error) == (state in ("failed", "expired", "rejected"))
        assert told.repeats == 0
    # what was refunded may be sent again
    assert daemon.sms(accounts[6], "0639980006", "essai 6") == "80"


def test_removed_gateway(daemon: RunningDaemon) -> None:
    """Messages queued at a gateway that is gone from the configuration leave by the route's other one."""
    slow = daemon.sink() | {"throughput": 1}
    both = [{"prefix": "+", "gateways": ["slow", "sink"]}]
    daemon.terminate()
    daemon.configure({"gateways": {"slow": slow, "sink": daemon.sink()}, "routes": both})
    daemon.start()
    email = daemon.provision(30)
    for number in range(30):
        assert daemon.sms(email, f"06570{number:05}", f"détour {number}") == "80"
    daemon.terminate()
    waiting = [told for told in daemon.messages(email) if told.state == "queued"]
    assert len(waiting) > 20
    assert {told.gateway for told in waiting} == {"slow"}
    daemon.configure({"routes": [{"prefix": "+", "gateways": ["sink"]}]})
    daemon.start()
    daemon.check_sent()
    assert texts(daemon.journal()) == {f"détour {number}": 1 for number in range(30)}
    assert {told.gateway for told in daemon.messages(email) if told.id in {one.id for one in waiting}} == {"sink"}
    assert daemon.balance(email) == 0


def test_terminated_while_the_database_is_locked(daemon: RunningDaemon) -> None:
    """Another process holds the file: SIGTERM still ends the daemon within ten seconds, and nothing is lost."""
    email = daemon.provision(10)
    assert daemon.sms(email, "0612345678", "avant") == "80"
    daemon.settled()
    with closing(sqlite3.connect(daemon.directory / "smstob.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with ThreadPoolExecutor(4) as callers:
            calls = [callers.submit(daemon.sms, email, f"061234567{index}", "pendant") for index in range(4)]
            time.sleep(0.5)
            assert daemon.process is not None
            daemon.process.send_signal(signal.SIGTERM)
            daemon.process.wait(EXIT)
            for call in calls:
                assert call.exception() is not None or call.result() == "99"
        other.execute("ROLLBACK")
    daemon.start()
    daemon.settled()
    assert [one.text for one in daemon.journal()] == ["avant"]


def test_unavailable_while_the_database_is_locked(daemon: RunningDaemon) -> None:
    """What cannot be recorded is answered 99 by 503, debits and sends nothing, and is taken when tried again."""
    email = daemon.provision(10)
    assert daemon.sms(email, "0612345678", "avant") == "80"
    daemon.settled()
    query = urlencode({"email": email, "pass": PASSWORD, "numero": "0612345679", "message": "pendant"})
    with closing(sqlite3.connect(daemon.directory / "smstob.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        reply = daemon.request("GET", f"/http.php?{query}")
        other.execute("ROLLBACK")
    assert (reply.status, reply.body, reply.headers["content-type"]) == (503, b"99", "text/plain; charset=utf-8")
    assert (daemon.balance(email), texts(daemon.journal())) == (9, {"avant": 1})
    assert daemon.sms(email, "0612345679", "pendant") == "80"
    daemon.sent_to("+33612345679")
    assert daemon.balance(email) == 8
