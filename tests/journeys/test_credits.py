"""Credits from the socket to the network: an alert through the sink, a domain whose addresses send by mail."""

import json
import re
import subprocess
from collections.abc import Iterator
from typing import Final

import pytest

from tests.daemon import BIN, RunningDaemon, e164, fresh_number, running

from .mail import DOMAIN, MailDaemon
from .mail import running as mailing

COMMON: Final = "COMMUN42XY"


@pytest.fixture
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    """A daemon of this test's own."""
    yield from running(tmp_path_factory.mktemp("credits"))


def smstob(daemon: RunningDaemon, *arguments: str) -> object:
    """What the operator's command tells."""
    command = [str(BIN / "smstob"), "--config", str(daemon.config), "--json", *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)


def test_alert(daemon: RunningDaemon) -> None:
    """The balance comes to the threshold: one SMS, which is paid; none more before a top-up, and one after it."""
    email, phone = daemon.provision(7), fresh_number()
    daemon.set_options(email, {"alert_threshold": 5, "alert_phone": e164(phone)})
    assert daemon.sms(email, fresh_number(), "un") == "80"
    daemon.settled()
    assert daemon.balance(email) == 6
    assert daemon.sms(email, fresh_number(), "deux") == "80"
    (alert,) = daemon.sent_to(e164(phone))
    assert re.fullmatch(rf"SMStoB : plus que 5 crédits sur le compte {re.escape(email[:10])}.*", alert.text)
    daemon.wait(lambda: daemon.balance(email) == 4, "the alert is paid")
    assert daemon.sms(email, fresh_number(), "trois") == "80"
    daemon.settled()
    assert len(daemon.sent_to(e164(phone))) == 1
    assert smstob(daemon, "account", "credit", email, "4") == {"email": email, "credits": 7}
    # the same words within a minute would be a duplicate, and be mailed: this time it falls below
    assert daemon.sms(email, ",".join(fresh_number() for _ in range(3)), "quatre") == "80"
    daemon.wait(lambda: len([one for one in daemon.journal() if one.to == e164(phone)]) == 2, "a second alert")
    assert {one.channel for one in daemon.messages(email)} == {"http", "alert"}


def test_alert_that_cannot_be_paid(daemon: RunningDaemon) -> None:
    """Nothing is left for an SMS: a mail says so, after a crash too."""
    email, phone = daemon.provision(1), fresh_number()
    daemon.set_options(email, {"alert_threshold": 0, "alert_phone": e164(phone)})
    assert daemon.sms(email, fresh_number(), "dernier") == "80"
    daemon.kill()
    daemon.start()
    outbox = daemon.directory / "outbox"
    daemon.wait(lambda: [one for one in outbox.glob("*.eml") if email.encode() in one.read_bytes()], "a mail tells")
    assert daemon.balance(email) == 0
    assert not [one for one in daemon.journal() if one.to == e164(phone)]


def test_shared_domain(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The operator shares a domain: its addresses send by mail with its password, within their limit, and are told."""
    with mailing(MailDaemon(tmp_path_factory.mktemp("shared"))) as door:
        payer, jean = door.provision(10), "jean@partage.example"
        shared = smstob(door, "domain", "share", payer, "partage.example", "--password", COMMON, "--limit", "2")
        assert isinstance(shared, dict)
        assert shared["password"] == COMMON
        number = fresh_number()
        answer = door.write(jean, f"{COMMON}.{number}@{DOMAIN}", "De la part de Jean")
        assert (answer.code, answer.text) == (250, "2.0.0 80 accepte : 1 message")
        assert [one.text for one in door.sent_to(e164(number))] == ["De la part de Jean"]
        door.told(jean, 2)
        assert (door.balance(payer), door.letters(payer)) == (9, [])
        assert door.write(jean, f"FAUX.{number}@{DOMAIN}", "Mot de passe faux").text.startswith("5.7.1 82")
        stranger = "jean@ailleurs.example"
        assert door.write(stranger, f"{COMMON}.{number}@{DOMAIN}", "D'ailleurs").text.startswith("5.7.1 82")
        assert door.write(jean, f"{COMMON}.{number}@{DOMAIN}", "Le deuxième").code == 250
        refused = door.write(jean, f"{COMMON}.{number}@{DOMAIN}", "Un de trop")
        assert (refused.code, "limite de votre adresse" in refused.text) == (550, True), refused
        assert door.sms(payer, number, "Le titulaire, lui, envoie encore") == "80"
        door.check_sent()
