"""From a mail to submissions and to its reply, over the real flow on a Clock."""

from pathlib import Path
from typing import Any

import attrs
import pytest
from twisted.internet.defer import Deferred, execute

from smstob.channels.smtp.delivery import MailDelivery
from smstob.channels.smtp.mail import Client, Envelope, Mail, Reply
from smstob.channels.smtp.mailbox import Mailbox
from smstob.flow.authenticate import new_key, secret_digest
from smstob.model.account import Confirmations, SenderChecks
from smstob.model.merge import Variables
from smstob.model.notice import Acknowledgement, Verdict
from smstob.model.refusal import Code
from smstob.storage import accounts
from smstob.storage.database import Unavailable
from tests.fakes import PromptGateway
from tests.house import ADDRESS, EMAIL, PASSWORD, House, numbers, outcome_of

DOMAIN = "sms.example.fr"
ONE = f"{PASSWORD}.0612345678"


@attrs.define
class SettledVerifier:
    """Gives the verdict that it was told, and counts how often it was asked."""

    verdict: Verdict = Verdict.PASS
    asked: int = 0

    async def verify(self, data: bytes, mail: Mail, envelope: Envelope) -> Verdict:
        """See ``Verifier``."""
        self.asked += 1
        return self.verdict


class Scene:
    """A delivery into a house with an account."""

    def __init__(self, path: Path, checks: SenderChecks = SenderChecks.OFF, credits: int = 100) -> None:
        self.house = House(path)
        self.account = self.house.account(credits=credits)
        self.house.gateway(PromptGateway)
        self.house.open()
        self.verifier = SettledVerifier()
        self.delivery = MailDelivery(
            DOMAIN,
            self.house.authenticator,
            self.house.submitter,
            self.house.notifier,
            self.verifier,
            checks,
            self._inline,
        )

    def _inline(self, work: Any, *arguments: Any) -> "Deferred[Any]":
        return execute(work, *arguments)

    def mailboxes(self, *locals_: str) -> tuple[Mailbox, ...]:
        """Those mailboxes, which must be there."""
        found = [self.delivery.recipient(f"{one}@{DOMAIN}") for one in locals_]
        return tuple(one for one in found if isinstance(one, Mailbox))

    def give(self, *locals_: str, sender: str = EMAIL, client: Client | None = None, **mail: str) -> Reply:
        """The reply to a mail to those mailboxes."""
        envelope = Envelope(
            client=client or Client(address=ADDRESS, helo="pc"),
            sender=mail.pop("reverse", EMAIL),
            mailboxes=self.mailboxes(*locals_),
        )
        return outcome_of(self.delivery.deliver(envelope, written(sender, **mail)))

    def sent(self) -> list[tuple[str, str]]:
        """Number and text of every message."""
        return [(row.number, row.text) for row in self.house.messages()]


def written(
    sender: str = EMAIL, subject: str = "", text: str = "Bonjour", message_id: str = "<1@b.fr>", more: str = ""
) -> bytes:
    """A plain mail."""
    head = f"From: Mairie <{sender}>\r\nTo: x\r\nSubject: {subject}\r\nMessage-ID: {message_id}\r\n{more}"
    kind = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
    return f"{head}{kind}\r\n{text}\r\n".encode()


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """An account with 100 credits, and no checks."""
    return Scene(tmp_path / "a.db")


@pytest.mark.parametrize(
    ("address", "code", "status"),
    [
        *((f"{ONE}@{DOMAIN}", 0, ""), (f"sms@{DOMAIN.upper()}", 0, ""), (f"sms@{DOMAIN}.", 0, "")),
        *(("sms@elsewhere.fr", 550, "5.7.1"), (f"sms@x.{DOMAIN}", 550, "5.7.1"), (DOMAIN, 550, "5.7.1")),
        *((f"@{DOMAIN}", 550, "5.7.1"), ("", 550, "5.7.1"), (f"a@b@{DOMAIN}", 550, "5.1.1")),
        *((f"info@{DOMAIN}", 550, "5.1.1"), (f"x.0123456789@{DOMAIN}", 550, "5.1.1")),
    ],
)
def test_recipients(scene: Scene, address: str, code: int, status: str) -> None:
    """Ours or not, there or not: at once, and nothing is asked or written for it."""
    scene.house.database.away = True
    found = scene.delivery.recipient(address)
    assert (found.code, found.status) == (code, status) if isinstance(found, Reply) else code == 0


@pytest.mark.parametrize(
    ("local", "subject"),
    [(ONE, ""), (f"sms.{PASSWORD}", "06 12 34 56 78"), ("sms", f"{PASSWORD}:0612345678"), (ONE.lower(), "Bonjour")],
)
def test_three_syntaxes(scene: Scene, local: str, subject: str) -> None:
    """Each sends; the account's password is found though a mail program wrote it small."""
    assert scene.give(local, subject=subject) == Reply(250, "2.0.0", ("80 accepte : 1 message",))
    assert scene.sent() == [("+33612345678", "Bonjour")]
    assert scene.house.balance(scene.account) == 99


@pytest.mark.parametrize(
    ("local", "subject"),
    [
        *((ONE, "130002032026"), (f"sms.{PASSWORD}", "0612345678 130002032026")),
        ("sms", f"{PASSWORD}:0612345678:130002032026"),
    ],
)
def test_deferred(scene: Scene, local: str, subject: str) -> None:
    """A date in the subject defers."""
    reply = scene.give(local, subject=subject)
    assert reply == Reply(250, "2.0.0", ("81 enregistre pour plus tard : 1 message",))
    assert [row.due for row in scene.house.messages()] == [scene.house.now + 3600]


@pytest.mark.parametrize(
    ("local", "mail", "code", "ours"),
    [
        ("faux.0612345678", {}, 550, Code.BAD_CREDENTIALS),
        ("sms", {"subject": "0612345678"}, 554, Code.NO_DESTINATION),
        ("sms", {"subject": ""}, 554, Code.NO_PASSWORD),
        ("sms", {"subject": f"{PASSWORD}:0123456789"}, 550, Code.BAD_NUMBER),
        (f"sms.{PASSWORD}", {"subject": "Inconnus"}, 550, Code.BAD_NUMBER),
        (f"sms.{PASSWORD}", {"subject": "Vide"}, 550, Code.EMPTY_GROUP),
        (f"sms.{PASSWORD}", {"subject": ""}, 554, Code.NO_DESTINATION),
        (ONE, {"subject": "12301509"}, 554, Code.BAD_DATE),
        (ONE, {"subject": "120001012020"}, 554, Code.BAD_DATE),
        (ONE, {"text": ""}, 554, Code.NO_TEXT),
        (ONE, {"text": "x" * 900}, 552, Code.TOO_LONG),
        (f"sms.{PASSWORD}", {"subject": ",".join(numbers(101))}, 550, Code.NO_CREDIT),
        (ONE, {"sender": "nobody@b.fr"}, 550, Code.BAD_CREDENTIALS),
    ],
)
def test_refusals(scene: Scene, local: str, mail: dict[str, Any], code: int, ours: Code) -> None:
    """Spoken in the dialogue, with the code and a sentence; nothing is sent, debited or told by mail."""
    scene.house.group(scene.account, "Vide", [])
    reply = scene.give(local, **mail)
    assert reply.code == code
    assert reply.status[0] == "5"
    assert reply.lines[0].startswith(f"{int(ours)} ")
    assert reply.lines[0].isascii()
    assert PASSWORD not in str(reply)
    assert scene.sent() == []
    assert scene.house.balance(scene.account) == 100
    scene.house.advance(10)
    assert scene.house.courier.tries == []


def test_duplicate(scene: Scene) -> None:
    """Another mail with the same text to the same number is refused."""
    scene.give(ONE)
    reply = scene.give(ONE, message_id="<2@b.fr>")
    assert (reply.code, reply.lines[0][:2]) == (554, "91")


def test_a_relay_brings_it_again(scene: Scene) -> None:
    """Ten times, with other traces on top: the same answer, one SMS, one debit, one confirmation."""
    first = scene.give(ONE)
    for place in range(9):
        trace = f"Received: from relay{place} by mx; Mon, 2 Mar 2026 12:00:0{place} +0100\r\n"
        envelope = Envelope(client=Client(address=ADDRESS), sender=EMAIL, mailboxes=scene.mailboxes(ONE))
        again = outcome_of(scene.delivery.deliver(envelope, trace.encode() + written()))
        assert again == first
        scene.house.advance(1)
    assert len(scene.sent()) == 1
    assert scene.house.balance(scene.account) == 99
    scene.house.advance(5)
    told = [one for letter in scene.house.courier.letters for one in letter.sections]
    assert sum(isinstance(one, Acknowledgement) for one in told) == 1


def test_database_away_then_again(scene: Scene) -> None:
    """Put off, be it before or after the password was looked at; what the relay brings later is sent once."""
    scene.house.database.away = True
    with pytest.raises(Unavailable):
        scene.give(ONE)
    scene.house.database.away = False
    assert scene.give("faux.0612345678").code == 550
    assert scene.give(ONE, subject="120001012020").code == 554
    scene.house.database.away = True
    reply = scene.give(ONE)
    assert (reply.code, reply.status) == (451, "4.3.0")
    scene.house.database.away = False
    assert [scene.give(ONE).code for _ in range(3)] == [250] * 3
    assert len(scene.sent()) == 1


def test_database_goes_away_between_the_two_writings(scene: Scene) -> None:
    """The SMS is on disk, what is owed for it is not: put off, and the next time all of it is there."""
    owe = scene.house.notifier.owe

    async def away(decided: Any) -> None:
        scene.house.database.away = True
        await owe(decided)

    scene.house.notifier.owe = away  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        scene.give(ONE)
    scene.house.database.away = False
    scene.house.notifier.owe = owe  # type: ignore[method-assign]
    assert scene.give(ONE).code == 250
    scene.house.advance(3)
    assert len(scene.sent()) == 1
    assert len(scene.house.courier.letters) == 1


def test_several_recipients(scene: Scene) -> None:
    """Each a submission of its own, told in one mail."""
    reply = scene.give(ONE, f"{PASSWORD}.0612345679", f"{PASSWORD}.0612345680")
    assert (reply.code, len(reply.lines)) == (250, 3)
    assert len({row.submission_id for row in scene.house.messages()}) == 3
    scene.house.advance(1.5)
    (letter,) = scene.house.courier.letters
    (told,) = letter.sections
    assert isinstance(told, Acknowledgement)
    assert [one.destination for one in told.lines] == ["0612345678", "0612345679", "0612345680"]
    assert letter.thread == "<1@b.fr>"


def test_recipients_with_unlike_outcomes(scene: Scene) -> None:
    """Accepted, and one mail lists each, even where only errors are wanted."""
    scene.house.write(
        lambda one: accounts.set_options(one, scene.account.id, {"confirmations": Confirmations.ERRORS})
    )
    reply = scene.give(ONE, "faux.0612345679")
    assert reply.code == 250
    assert [line[:2] for line in reply.lines] == ["80", "82"]
    scene.house.advance(1.5)
    (letter,) = scene.house.courier.letters
    (told,) = letter.sections
    assert isinstance(told, Acknowledgement)
    assert [(one.destination, int(one.code)) for one in told.lines] == [("0612345678", 80), ("0612345679", 82)]


def test_recipients_that_are_all_refused(scene: Scene) -> None:
    """5xx, with each of them."""
    reply = scene.give("faux.0612345678", "faux.0612345679")
    assert (reply.code, len(reply.lines)) == (550, 2)
    assert "0612345679" in reply.lines[1]
    assert scene.sent() == []


def test_group_with_variables(scene: Scene) -> None:
    """Mail merge by e-mail."""
    scene.house.group(scene.account, "Élus", ["+33612345678"], Variables("Zoé", "jeudi", "18 h", ""))
    reply = scene.give(f"sms.{PASSWORD}", subject="=?utf-8?q?=C3=89lus?=", text="[nom] : [v1] à [V2][v3]")
    assert reply.code == 250
    assert scene.sent() == [("+33612345678", "Zoé : jeudi à 18 h")]


def test_sending_key(scene: Scene) -> None:
    """In the place of the password, in any case."""
    key = new_key()
    scene.house.write(lambda one: accounts.add_key(one, scene.account.id, "copieur", secret_digest(key), 1))
    assert scene.give(f"{key.upper()}.0612345678").code == 250


def test_guesses_are_put_off(scene: Scene) -> None:
    """After too many wrong passwords the door answers 4xx: who knows the password loses no mail."""
    for place in range(12):
        reply = scene.give(f"faux{place}.0612345678", message_id=f"<{place}@b.fr>")
    assert (reply.code, reply.lines[0][:2]) == (451, "93")
    scene.house.advance(2000, 10)
    assert scene.give(ONE).code == 250


@pytest.mark.parametrize(
    "more",
    ["Auto-Submitted: auto-generated\r\n", "Precedence: bulk\r\n", "List-Id: <a.b.fr>\r\n", "Precedence: list\r\n"],
)
def test_programs_are_heard_and_not_answered(scene: Scene, more: str) -> None:
    """An alarm is sent; nothing answers it, whatever becomes of it."""
    assert scene.give(ONE, more=more).code == 250
    scene.house.receipt("A", "A-1")
    scene.house.advance(60)
    assert len(scene.sent()) == 1
    assert scene.house.courier.tries == []


def test_null_sender(scene: Scene) -> None:
    """Likewise."""
    assert scene.give(ONE, reverse="").code == 250
    scene.house.advance(60)
    assert len(scene.sent()) == 1
    assert scene.house.courier.tries == []


@pytest.mark.parametrize(
    "more", ["Auto-Submitted: auto-replied\r\n", "X-Autoreply: yes\r\n", "X-SMStoB-Loop: 1\r\n"]
)
def test_responders_are_swallowed(scene: Scene, more: str) -> None:
    """Accepted, so that nothing bounces; nothing is sent, debited or answered."""
    assert scene.give(ONE, more=more).code == 250
    scene.house.advance(60)
    assert scene.sent() == []
    assert scene.house.courier.tries == []


@pytest.mark.parametrize(
    ("operator", "account", "verdict", "code", "asked"),
    [
        *(("off", "off", Verdict.FAIL, 250, 0), ("marked", "off", Verdict.FAIL, 250, 1)),
        *(("off", "marked", Verdict.NONE, 250, 1), ("required", "off", Verdict.PASS, 250, 1)),
        *(("required", "off", Verdict.FAIL, 550, 1), ("required", "marked", Verdict.NONE, 550, 1)),
        *(("off", "required", Verdict.FAIL, 550, 1), ("marked", "required", Verdict.TEMPORARY, 451, 1)),
        ("marked", "marked", Verdict.TEMPORARY, 250, 1),
    ],
)
def test_sender_checks(tmp_path: Path, operator: str, account: str, verdict: Verdict, code: int, asked: int) -> None:
    """The stricter of the operator and the account decides; looked at once a mail, and told with the confirmation."""
    scene = Scene(tmp_path / "a.db", SenderChecks(operator))
    change = {"sender_checks": SenderChecks(account)}
    scene.house.write(lambda one: accounts.set_options(one, scene.account.id, change))
    scene.verifier.verdict = verdict
    assert scene.give(ONE, f"{PASSWORD}.0612345679").code == code
    assert scene.verifier.asked == asked
    assert len(scene.sent()) == (2 if code == 250 else 0)
    scene.house.advance(1.5)
    told = [section for letter in scene.house.courier.letters for section in letter.sections]
    assert [one.verdict for one in told if isinstance(one, Acknowledgement)] == (
        [verdict if asked else None] if code == 250 else []
    )


def test_strangers_are_not_verified(tmp_path: Path) -> None:
    """A wrong password asks nothing of the DNS."""
    scene = Scene(tmp_path / "a.db", SenderChecks.REQUIRED)
    assert scene.give("faux.0612345678").lines[0][:2] == "82"
    assert scene.verifier.asked == 0


def test_behind_a_relay_that_tells_no_address(scene: Scene) -> None:
    """A relay's whole traffic is not shut out for the guesses of one sender."""
    relay = Client(address="", relayed=True)
    for place in range(80):
        scene.give("faux.0612345678", sender=f"a{place}@b.fr", client=relay)
    assert scene.give(ONE, client=relay).code == 250


@pytest.mark.parametrize(
    "data", [b"", b"\r\n", b"\0", b"From: a@b.fr\r\nFrom: c@d.fr\r\n\r\nx\r\n", b"Subject: x\r\n\r\nx"]
)
def test_unreadable(scene: Scene, data: bytes) -> None:
    """A mail from nobody, or from two: 5xx."""
    envelope = Envelope(client=Client(address=ADDRESS), sender=EMAIL, mailboxes=scene.mailboxes(ONE))
    reply = outcome_of(scene.delivery.deliver(envelope, data))
    assert reply.code == 554
    assert scene.sent() == []
