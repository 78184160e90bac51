"""Many callers at once on one purse."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.daemon import RunningDaemon, texts

CALLERS = 200


def test_one_purse(daemon: RunningDaemon) -> None:
    """Two hundred at once on a hundred credits: a hundred are served and paid, each once, and a hundred refused."""
    email = daemon.provision(CALLERS // 2)
    together = threading.Barrier(CALLERS)

    def call(number: int) -> tuple[str, str]:
        text = f"appel {number}"
        together.wait(20)
        return daemon.sms(email, f"06530{number:05}", text), text

    with ThreadPoolExecutor(CALLERS) as pool:
        answers = list(pool.map(call, range(CALLERS)))
    assert Counter(code for code, _ in answers) == {"80": CALLERS // 2, "83": CALLERS // 2}
    assert daemon.balance(email) == 0
    daemon.check_sent()
    assert texts(daemon.journal()) == Counter(text for code, text in answers if code == "80")


def test_same_text(daemon: RunningDaemon) -> None:
    """Two hundred at once with the same text to the same number, and with the same reference: one is sent."""
    email = daemon.provision(CALLERS)
    together = threading.Barrier(CALLERS)

    def call(number: int) -> str:
        together.wait(20)
        if number % 2:
            return daemon.sms(email, "0654000001", "le même")
        return daemon.sms(email, "0654000002", f"essai {number}", ref="une fois")

    with ThreadPoolExecutor(CALLERS) as pool:
        codes = list(pool.map(call, range(CALLERS)))
    assert Counter(codes[1::2]) == {"80": 1, "91": CALLERS // 2 - 1}
    assert Counter(codes[::2]) == {"80": CALLERS // 2}
    assert daemon.balance(email) == CALLERS - 2
    daemon.check_sent()
    assert Counter(one.to for one in daemon.journal()) == {"+33654000001": 1, "+33654000002": 1}
