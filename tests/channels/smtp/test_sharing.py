"""Mails of a shared domain's addresses, from the envelope to the confirmation, over the real flow on a Clock."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from smstob.channels.smtp.mail import Client, Reply
from smstob.model.account import Account, Confirmations, SenderChecks
from smstob.model.draft import Credentials
from smstob.model.moment import day_of
from smstob.model.notice import Acknowledgement, Outcome, Verdict
from smstob.model.refusal import Code
from smstob.model.report import SubmissionQuery
from smstob.model.sharing import SenderUse
from smstob.storage import accounts
from smstob.storage.schema import submission
from tests.house import ADDRESS, EMAIL, PARIS, PASSWORD, numbers, outcome_of

from .test_delivery import Scene

DOMAIN = "mairie.fr"
COMMON = "K7P2W9X4QH"
JEAN, MARIE = f"jean@{DOMAIN}", f"marie@{DOMAIN}"
ONE = f"{COMMON}.0612345678"
SENT = Reply(250, "2.0.0", ("80 accepte : 1 message",))
WRONG = "82 L'adresse de l'expediteur ou le mot de passe n'est pas valide."


class Town(Scene):
    """An account with 100 credits, which shares ``DOMAIN``; Marie has an account of her own, with 10."""

    def __init__(self, path: Path, **rest: Any) -> None:
        super().__init__(path, **rest)
        self.own = self.house.account(MARIE, 10)
        shared = self.house.sharing.share(self.account.id, DOMAIN, COMMON, None, proven=True)
        assert outcome_of(shared) == COMMON

    def mail(self, text: str = "Bonjour", sender: str = JEAN, local: str = ONE, **rest: Any) -> Reply:
        """The reply to a new mail of that sender's."""
        rest.setdefault("message_id", f"<{text}{local}{sender}@b.fr>")
        return self.give(local, sender=sender, text=text, reverse=sender, **rest)

    def limit(self, credits_: int | None) -> None:
        """What each sender may use in a day."""
        assert outcome_of(self.house.sharing.set_limit(self.account.id, DOMAIN, credits_)) is None

    def senders(self) -> list[tuple[int, str | None]]:
        """Account and sender of each submission, oldest first."""
        wanted = select(submission.c.account_id, submission.c.sender).order_by(submission.c.id)
        return self.house.read(lambda connection: [tuple(row) for row in connection.execute(wanted)])

    def balances(self) -> tuple[int, int]:
        """Of the account that shares, and of Marie's."""
        return self.house.balance(self.account), self.house.balance(self.own)

    def letters(self) -> list[tuple[str, Any]]:
        """Recipient and section of all letters so far."""
        return [(letter.recipient, one) for letter in self.house.courier.letters for one in letter.sections]


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Without checks of senders."""
    return Town(tmp_path / "a.db")


@pytest.mark.parametrize(
    ("local", "subject"),
    [
        *((ONE, ""), (f"sms.{COMMON}", "06 12 34 56 78"), ("sms", f"{COMMON}:0612345678")),
        *((ONE.lower(), "Bonjour"), (f"sms.{COMMON.lower()}", "0612345678")),
        ("sms", f"re: {COMMON.lower()}:0612345678"),
    ],
)
def test_three_syntaxes(town: Town, local: str, subject: str) -> None:
    """Each sends on the account that shares, in any case; the sender is kept, and told what became of it."""
    assert town.mail(local=local, subject=subject) == SENT
    assert town.sent() == [("+33612345678", "Bonjour")]
    assert town.balances() == (99, 10)
    assert town.senders() == [(town.account.id, JEAN)]
    town.house.receipt("A", "A-1")
    town.house.advance(60)
    told = town.letters()
    assert {recipient for recipient, _ in told} == {JEAN}
    assert [type(one) for _, one in told] == [Acknowledgement, Outcome]


def test_what_the_holder_sees(town: Town) -> None:
    """In the history who sent each, by sender too; on the domain's page who used how much."""
    town.mail("a")
    town.mail("b", f"x@{DOMAIN}")
    town.mail("c")
    town.mail("d", EMAIL, f"{PASSWORD}.0612345678")

    def listed(**query: Any) -> list[tuple[str, str | None]]:
        found = outcome_of(town.house.reporter.submissions(town.account.id, SubmissionQuery(**query)))
        return [(one.text, one.sender) for one in found]

    assert listed() == [("d", None), ("c", JEAN), ("b", f"x@{DOMAIN}"), ("a", JEAN)]
    assert listed(sender=f" {JEAN.upper()} ") == [("c", JEAN), ("a", JEAN)]
    today = day_of(town.house.now, PARIS)
    assert outcome_of(town.house.sharing.senders(town.account.id, DOMAIN, today, today)) == [
        SenderUse(sender=JEAN, messages=2, credits=2, last=today),
        SenderUse(sender=f"x@{DOMAIN}", messages=1, credits=1, last=today),
    ]
    (shared,) = outcome_of(town.house.sharing.domains(town.account.id))
    assert (shared.senders, shared.credits) == (2, 3)


@pytest.mark.parametrize(
    ("sender", "secret"),
    [
        *((JEAN, "faux"), (JEAN, PASSWORD), (EMAIL, COMMON), ("jean@autre.fr", COMMON), (f"jean@x.{DOMAIN}", COMMON)),
        *(("jean@airie.fr", COMMON), (f"jean@{DOMAIN}.fr", COMMON), ("jean@gmail.com", COMMON), (MARIE, "faux")),
    ],
)
def test_refused(town: Town, sender: str, secret: str) -> None:
    """A wrong password, or another domain, be it above or below: nothing is sent, debited, counted or mailed."""
    reply = town.mail(sender=sender, local=f"{secret}.0612345678")
    assert reply == Reply(550, "5.7.1", (WRONG,))
    assert COMMON not in str(reply)
    assert town.sent() == []
    assert town.balances() == (100, 10)
    town.house.advance(10)
    assert town.house.courier.tries == []


def test_own_account(town: Town) -> None:
    """Its own password pays from its own purse; the domain's from the other; in one mail, each for its recipient."""
    assert town.mail("a", MARIE, f"{PASSWORD}.0612345678") == SENT
    assert town.mail("b", MARIE) == SENT
    assert town.balances() == (99, 9)
    reply = town.give(f"{PASSWORD}.0612345678", f"{COMMON}.0612345679", "faux.0612345670", sender=MARIE, text="c")
    assert [line[:2] for line in reply.lines] == ["80", "80", "82"]
    assert town.balances() == (98, 8)
    own, shared = (town.own.id, None), (town.account.id, MARIE)
    assert town.senders() == [own, shared, own, shared]
    town.house.advance(5)
    told = [one for recipient, one in town.letters() if recipient == MARIE and isinstance(one, Acknowledgement)]
    lines = [[(line.destination[-1], int(line.code)) for line in one.lines] for one in told]
    assert lines == [[("8", 80)], [("8", 80)], [("8", 80), ("0", 82)], [("9", 80)]]


def test_options_are_the_account_s(town: Town) -> None:
    """Its confirmations, its book, and its longest text: whoever sends on it."""
    town.house.group(town.account, "Élus", ["+33612345678"])
    town.house.group(town.own, "Agents", ["+33612345678"])
    options = {"confirmations": Confirmations.NONE, "max_segments": 1}
    town.house.write(lambda connection: accounts.set_options(connection, town.account.id, options))
    assert town.mail("a", local=f"sms.{COMMON}", subject="=?utf-8?q?=C3=89lus?=") == SENT
    assert town.mail("b", MARIE, f"sms.{COMMON}", subject="Agents").lines[0][:2] == "84"
    assert town.mail("x" * 200).lines[0][:2] == "92"
    town.house.advance(60)
    assert town.house.courier.tries == []


def test_a_relay_brings_it_again(town: Town) -> None:
    """One SMS, one debit, one use, one confirmation; though the limit is reached by the first."""
    town.limit(1)
    assert [town.mail() for _ in range(5)] == [SENT] * 5
    town.house.advance(5)
    assert len(town.sent()) == 1
    assert town.balances() == (99, 10)
    assert len(town.house.courier.letters) == 1
    (used,) = outcome_of(town.house.sharing.senders(town.account.id, DOMAIN, 0, 10**6))
    assert (used.messages, used.credits) == (1, 1)


def test_limit(town: Town) -> None:
    """Reached, it is told in a sentence and nothing is sent; others go on, and so does he when the day is over."""
    town.limit(2)
    assert [town.mail(text) for text in "ab"] == [SENT] * 2
    told = "83 Cet envoi depasse la limite de votre adresse, 2 credits par jour, fixee par le titulaire du compte."
    assert town.mail("c") == Reply(550, "5.7.1", (told,))
    assert town.mail("x", f"x@{DOMAIN}") == SENT
    assert town.mail("d", EMAIL, f"{PASSWORD}.0612345678") == SENT
    # noon in Paris: a minute before midnight, and a minute after
    town.house.clock.advance(12 * 3600 - 60)
    assert town.mail("c").lines == (told,)
    town.house.clock.advance(120)
    assert town.mail("e") == SENT
    assert town.balances() == (95, 10)


def test_limit_of_a_group_and_of_several_recipients(town: Town) -> None:
    """A submission passes whole or not at all; of a mail's recipients as many as there is room for."""
    town.limit(3)
    town.house.group(town.account, "Quatre", numbers(4))
    assert town.mail("a", local=f"sms.{COMMON}", subject="Quatre").lines[0][:2] == "83"
    reply = town.give(*(f"{COMMON}.061234567{digit}" for digit in range(5)), sender=JEAN, text="b")
    assert [line[:2] for line in reply.lines] == ["80"] * 3 + ["83"] * 2
    assert "3 credits par jour" in reply.lines[-1]
    assert len(town.sent()) == 3
    town.limit(1)
    assert "1 credit par jour" in town.mail("c").lines[0]
    town.limit(None)
    assert town.mail("c") == SENT


def test_deferred_counts_today(town: Town) -> None:
    """What is put off counts for the day on which it was accepted, not for the one that it is for."""
    town.limit(1)
    assert town.mail("a", subject="130003032026").lines[0][:2] == "81"
    assert town.mail("b").lines[0][:2] == "83"
    town.house.clock.advance(86_400)
    assert town.mail("c") == SENT


def test_purse_is_empty(tmp_path: Path) -> None:
    """83 as ever where there is no limit: it is the account that has to be filled up."""
    town = Town(tmp_path / "a.db", credits=1)
    assert town.mail("a") == SENT
    assert town.mail("b").lines[0].startswith("83 Le compte doit")


def change_password(town: Town) -> None:
    """Another for the domain."""
    outcome_of(town.house.sharing.set_password(town.account.id, DOMAIN, ""))


def unshare(town: Town) -> None:
    """Share it no longer."""
    assert outcome_of(town.house.sharing.unshare(town.account.id, DOMAIN))


def close(town: Town) -> None:
    """Close the account that pays."""
    town.house.write(lambda connection: accounts.set_disabled(connection, town.account.id, True))


@pytest.mark.parametrize("end", [change_password, unshare, close])
def test_ends_at_once(town: Town, end: Any) -> None:
    """Though the password was verified a second ago; who has an account of his own goes on."""
    assert town.mail("a") == SENT
    shown = Credentials(email=JEAN, secret=COMMON, address=ADDRESS, shared=True)
    assert isinstance(town.house.authenticator.recall(shown), Account)
    end(town)
    assert town.mail("b") == Reply(550, "5.7.1", (WRONG,))
    assert town.mail("c") == Reply(550, "5.7.1", (WRONG,))
    assert town.mail("d", MARIE, f"{PASSWORD}.0612345678") == SENT
    assert len(town.sent()) == 2


def test_ends_between_the_two_looks(town: Town) -> None:
    """The door had found the account when it ended: the counter looks again, and refuses."""
    assert town.mail("a") == SENT
    submit = town.house.submitter.submit

    async def later(draft: Any) -> Any:
        unshare(town)
        return await submit(draft)

    town.house.submitter.submit = later  # type: ignore[method-assign]
    assert town.mail("b") == Reply(550, "5.7.1", (WRONG,))
    assert town.senders() == [(town.account.id, JEAN)]


def test_moved_to_another_account(town: Town) -> None:
    """From then on that one pays, and what was used before is not its use."""
    town.limit(1)
    assert town.mail("a") == SENT
    unshare(town)
    assert outcome_of(town.house.sharing.share(town.own.id, DOMAIN, COMMON, 1)) == COMMON
    assert town.mail("b") == SENT
    assert town.balances() == (99, 9)
    # Marie's own password and the domain's open the same account: what she sends by it is hers
    assert town.mail("c", MARIE) == SENT
    assert town.mail("d", MARIE) == SENT
    assert town.senders()[1:] == [(town.own.id, JEAN), (town.own.id, None), (town.own.id, None)]


@pytest.mark.parametrize(("verdict", "code"), [(Verdict.PASS, 250), (Verdict.FAIL, 550), (Verdict.TEMPORARY, 451)])
def test_sender_checks(town: Town, verdict: Verdict, code: int) -> None:
    """What the account asks of its own mails it asks of those that are sent on it."""
    options = {"sender_checks": SenderChecks.REQUIRED}
    town.house.write(lambda connection: accounts.set_options(connection, town.account.id, options))
    town.verifier.verdict = verdict
    assert town.mail().code == code
    assert town.verifier.asked == 1
    assert len(town.sent()) == (code == 250)


def test_guesses_are_put_off(town: Town) -> None:
    """Under ever other names from one place: 4xx, even for the right password; own accounts go on."""
    for place in range(12):
        reply = town.mail("a", f"x{place}@{DOMAIN}", "faux.0612345678")
    assert (reply.code, reply.lines[0][:2]) == (451, "93")
    assert town.mail("b").code == 451
    assert town.mail("c", client=Client(address="198.51.100.1")) == SENT
    assert town.mail("d", MARIE, f"{PASSWORD}.0612345678") == SENT
    town.house.clock.advance(900)
    assert town.mail("b") == SENT


def test_everybody_writes_small(town: Town) -> None:
    """Thirty people behind one address, whose mail programs change the case: none is taken for who guesses."""
    for number in range(30):
        assert town.mail(f"{number}", f"x{number}@{DOMAIN}", ONE.lower()) == SENT


@pytest.mark.parametrize("domain", [f"x{'y' * 180}.fr", "1.2.3.4", "fr", "-", "a..b"])
def test_odd_senders(town: Town, domain: str) -> None:
    """Whatever stands in From: a refusal."""
    reply = town.mail(sender=f"jean@{domain}")
    assert reply.code // 100 == 5
    assert town.sent() == []


def test_code_by_http(town: Town) -> None:
    """The same credentials are worth nothing at the other door."""
    town.mail("a")
    shown = Credentials(email=JEAN, secret=COMMON, address=ADDRESS)
    assert town.house.code(sender=shown) is Code.BAD_CREDENTIALS
