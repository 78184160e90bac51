"""What an operator answers: too fast, not now, never; none is lost, none is paid in vain."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

import pytest

from tests.journeys.operator import OperatorDaemon, number, running, smpp
from tests.peers.node_smsc import QUEUE_FULL, THROTTLED, NodeSmsc

SYSTEM_ERROR: Final = 0x08
Story = tuple[OperatorDaemon, NodeSmsc]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A daemon with an operator, under two names; the second's own 0x0451 is no refusal for good."""
    directory = tmp_path_factory.mktemp("pace")
    with NodeSmsc(directory / "smsc.log") as smsc:
        gateways = {
            "main": smpp(smsc, system_id="main"),
            "patient": smpp(smsc, system_id="patient", retry_statuses="0x0451"),
        }
        with running(OperatorDaemon(directory, gateways, {"+": ["main"], "+33653": ["patient"]})) as daemon:
            daemon.wait(lambda: smsc.counts().links == 2, "both are bound")
            yield daemon, smsc
        assert (smsc.faults(), smsc.complaints()) == ([], "")


@pytest.mark.alone
@pytest.mark.parametrize("status", [THROTTLED, QUEUE_FULL])
def test_too_fast(tmp_path_factory: pytest.TempPathFactory, status: int) -> None:
    """An operator that takes 100 a second gets about that: all 300 arrive, once; few tries are in vain, no repeats."""
    directory = tmp_path_factory.mktemp("fast")
    with NodeSmsc(directory / "smsc.log") as smsc, running(OperatorDaemon(directory, {"main": smpp(smsc)})) as daemon:
        smsc.set(rate=100, rate_status=status)
        email = daemon.crowd(300, "Doucement")
        daemon.ended(delivered=300, seconds=60)
        answers = Counter(one.status for one in smsc.journal())
        assert (answers[0], smsc.counts().duplicates, set(answers)) == (300, 0, {0, status})
        assert answers[status] < 0.3 * answers.total()
        assert not any(told.repeats for told in daemon.messages(email))
        assert daemon.balance(email) == 0


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (0x0B, "L'opérateur n'accepte pas ce numéro (code 0x0B)."),
        (0x0A, "L'opérateur n'accepte pas l'expéditeur (code 0x0A)."),
        (0x01, "L'opérateur n'accepte pas la longueur ou le codage du texte (code 0x01)."),
        (0x62, "L'opérateur n'accepte pas la durée de validité (code 0x62)."),
        (0x450, "L'opérateur a refusé le message (code 0x450)."),
        (0x451, "L'opérateur a refusé le message (code 0x451)."),
    ],
)
def test_refused(story: Story, status: int, reason: str) -> None:
    """A refusal for good: rejected with the reason in French, tried once, refunded, and free to be sent again."""
    daemon, smsc = story
    email, to = daemon.provision(1), number()
    smsc.set(statuses={to[-9:]: status})
    for _ in range(2):
        before = smsc.counts().submits
        assert daemon.sms(email, to, "Refusé") == "80"
        daemon.wait(lambda: daemon.messages(email)[-1].state == "rejected", "it is rejected")
        assert daemon.messages(email)[-1].error == reason
        assert (daemon.balance(email), smsc.counts().submits - before) == (1, 1)
    daemon.verify()


def test_refused_in_part(story: Story) -> None:
    """One part of three refused: failed, and spent, for two have left."""
    daemon, smsc = story
    email, to = daemon.provision(3), number()
    smsc.set(next_answers=[0, 0x0B, 0])
    assert daemon.sms(email, to, "En partie. " * 40) == "80"
    daemon.wait(lambda: daemon.messages(email)[0].state == "failed", "it has failed")
    (told,) = daemon.messages(email)
    assert (told.error, daemon.balance(email)) == ("L'opérateur n'accepte pas ce numéro (code 0x0B).", 0)


@pytest.mark.parametrize(
    ("prefix", "answers"),
    [
        ("0651", [SYSTEM_ERROR, 0]),
        ("0651", [0x45, 0x64, 0]),
        ("0651", [0, SYSTEM_ERROR, 0, 0]),
        ("0653", [0x451, 0]),
    ],
)
def test_not_now(story: Story, prefix: str, answers: list[int]) -> None:
    """A passing fault: what was not taken is tried again until it is, and only that; it is no repeat."""
    daemon, smsc = story
    email, to, before = daemon.provision(3), number(prefix=prefix), smsc.counts().submits
    smsc.set(next_answers=answers)
    parts = 3 if len(answers) > 3 else 1
    assert daemon.sms(email, to, "Plus tard. " * (40 if parts > 1 else 1)) == "80"
    daemon.wait(lambda: daemon.messages(email)[0].state == "delivered", "it is delivered")
    (told,) = daemon.messages(email)
    assert [one.status for one in smsc.journal(before)] == answers
    assert (told.repeats, told.error, daemon.balance(email)) == (0, None, 3 - parts)
