"""A mail from an address of a shared domain: the account pays, the address is told, and stays within its limit."""

from pathlib import Path
from typing import Any

import pytest

from smstob.model.access import Hindrance
from smstob.model.account import SenderChecks
from smstob.model.draft import Credentials
from smstob.model.notice import Acknowledgement, Verdict
from smstob.model.refusal import Code
from smstob.model.report import SubmissionQuery
from smstob.storage import accounts
from tests.house import ADDRESS, PASSWORD, outcome_of

from .test_delivery import Scene

DOMAIN = "exemple.fr"
COMMON = "COMMUN42XY"
JEAN = f"jean@{DOMAIN}"
ONE = f"{COMMON}.0612345678"


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """The town hall shares ``exemple.fr``."""
    made = Scene(tmp_path / "a.db")
    assert outcome_of(made.house.sharing.share(made.account.id, DOMAIN, COMMON, None)) == COMMON
    return made


def _refused(scene: Scene, code: int, local: str = ONE, **mail: Any) -> str:
    """Refused for good with that code, nothing sent; gives the words."""
    before = scene.house.messages()
    reply = scene.give(local, **mail)
    assert reply.code in (550, 554), reply
    assert reply.lines[0].startswith(f"{code} "), reply
    assert scene.house.messages() == before
    return reply.lines[0]


@pytest.mark.parametrize(
    ("local", "subject"),
    [
        *((ONE, ""), (ONE.lower(), ""), (f"sms.{COMMON}", "06 12 34 56 78"), ("sms", f"{COMMON}:0612345678")),
        ("sms", f"{COMMON.lower()}:0612345678"),
    ],
)
@pytest.mark.parametrize("sender", [JEAN, "Jean@EXEMPLE.fr"])
def test_three_syntaxes(scene: Scene, local: str, subject: str, sender: str) -> None:
    """Each sends, on the account's purse; the history says who, and who sent gets the letter."""
    assert scene.give(local, subject=subject, sender=sender).code == 250
    assert scene.sent() == [("+33612345678", "Bonjour")]
    assert scene.house.balance(scene.account) == 99
    (told,) = outcome_of(scene.house.reporter.submissions(scene.account.id, SubmissionQuery()))
    assert told.sender == JEAN
    scene.house.advance(2)
    letter = scene.house.courier.letters[0]
    assert letter.recipient.lower() == JEAN
    assert isinstance(letter.sections[0], Acknowledgement)
    assert letter.sections[0].balance == 99


def test_groups_are_the_accounts(scene: Scene) -> None:
    """Whoever shares the credits shares the book's groups, by their names."""
    scene.house.group(scene.account, "Conseil", ["+33612345678", "+33612345679"])
    assert scene.give("sms", subject=f"{COMMON}:conseil", sender=JEAN).code == 250
    assert scene.house.balance(scene.account) == 98


@pytest.mark.parametrize(
    ("local", "sender"),
    [
        *((f"{COMMON}X.0612345678", JEAN), (ONE, "jean@autre.fr"), (ONE, f"jean@sous.{DOMAIN}")),
        *((ONE, f"jean@{DOMAIN}.com"), (f"{PASSWORD}.0612345678", JEAN)),
    ],
)
def test_refused(scene: Scene, local: str, sender: str) -> None:
    """A wrong password, another domain, one below it, one that looks like it, the account's own password: all alike."""
    assert "82" in _refused(scene, 82, local, sender=sender)
    assert scene.house.balance(scene.account) == 100


def test_own_account_first(scene: Scene) -> None:
    """Who has an account pays by its password from its own purse, and by the domain's from the shared one."""
    jean = scene.house.account(JEAN, 10)
    assert scene.give(f"{PASSWORD}.0612345678", sender=JEAN).code == 250
    assert (scene.house.balance(jean), scene.house.balance(scene.account)) == (9, 100)
    assert scene.give(ONE, sender=JEAN, message_id="<2@b.fr>").code == 250
    assert (scene.house.balance(jean), scene.house.balance(scene.account)) == (9, 99)


def test_the_account_itself(scene: Scene) -> None:
    """Its own address uses either password, and is no sender of a domain when it uses its own."""
    assert scene.give(f"{PASSWORD}.0612345678").code == 250
    (told,) = outcome_of(scene.house.reporter.submissions(scene.account.id, SubmissionQuery()))
    assert told.sender is None


def test_daily_limit(scene: Scene) -> None:
    """Exact to the credit, in words that say whose limit it is; others have their own, and there is a tomorrow."""
    house = scene.house
    assert outcome_of(house.sharing.set_limit(scene.account.id, DOMAIN, 3)) is None
    for number in range(3):
        sender = JEAN if number else JEAN.upper()
        assert scene.give(ONE, sender=sender, message_id=f"<{number}@b.fr>", text=str(number)).code == 250
    words = _refused(scene, 83, sender=JEAN, message_id="<4@b.fr>", text="4")
    assert "limite de votre adresse, 3 credits par jour" in words
    assert scene.give(ONE, sender=f"anne@{DOMAIN}", message_id="<5@b.fr>", text="5").code == 250
    house.advance(86_400, step=3600)
    assert scene.give(ONE, sender=JEAN, message_id="<6@b.fr>", text="6").code == 250


def test_two_in_one_mail(scene: Scene) -> None:
    """Decided together they do not pass the limit together."""
    outcome_of(scene.house.sharing.set_limit(scene.account.id, DOMAIN, 1))
    reply = scene.give(ONE, f"{COMMON}.0612345679", sender=JEAN)
    assert reply.code == 250
    assert len(scene.sent()) == 1
    assert any("83" in line for line in reply.lines)


def test_shared_no_longer(scene: Scene) -> None:
    """The password is worth nothing from then on, though it was right a moment before; nor is an old one."""
    assert scene.give(ONE, sender=JEAN).code == 250
    new = outcome_of(scene.house.sharing.set_password(scene.account.id, DOMAIN, ""))
    assert isinstance(new, str)
    _refused(scene, 82, sender=JEAN, message_id="<2@b.fr>")
    assert scene.give(f"{new}.0612345678", sender=JEAN, message_id="<3@b.fr>", text="autre").code == 250
    assert outcome_of(scene.house.sharing.unshare(scene.account.id, DOMAIN))
    _refused(scene, 82, f"{new}.0612345678", sender=JEAN, message_id="<4@b.fr>")


def test_closed_account(scene: Scene) -> None:
    """It pays for nobody any more."""
    assert scene.give(ONE, sender=JEAN).code == 250
    scene.house.write(lambda connection: accounts.set_disabled(connection, scene.account.id, True))
    _refused(scene, 82, sender=JEAN, message_id="<2@b.fr>")


def test_no_credit(scene: Scene) -> None:
    """The account's, not the address's: 83 as ever."""
    scene.house.submit(text="x" * 160 + "y", destination=",".join(f"06123400{n:02}" for n in range(50)))
    assert scene.house.balance(scene.account) == 0
    assert "compte doit etre credite" in _refused(scene, 83, sender=JEAN)


def test_checks_of_the_account_that_pays(tmp_path: Path) -> None:
    """Who pays says what is asked of who sends."""
    scene = Scene(tmp_path / "a.db")
    outcome_of(scene.house.sharing.share(scene.account.id, DOMAIN, COMMON, None))
    changes = {"sender_checks": SenderChecks.REQUIRED}
    scene.house.write(lambda connection: accounts.set_options(connection, scene.account.id, changes))
    scene.verifier.verdict = Verdict.FAIL
    assert scene.give(ONE, sender=JEAN).code == 550
    assert scene.sent() == []
    scene.verifier.verdict = Verdict.PASS
    assert scene.give(ONE, sender=JEAN).code == 250


def test_by_mail_only(scene: Scene) -> None:
    """``http.php`` and the pages take accounts' passwords alone."""
    house = scene.house
    shown, own = (Credentials(email=one, secret=COMMON, address=ADDRESS) for one in (JEAN, scene.account.email))
    for credentials in (shown, own):
        assert house.code(sender=credentials) is Code.BAD_CREDENTIALS
        assert outcome_of(house.entrance.log_in(credentials, "Firefox")) is Hindrance.BAD_CREDENTIALS
    # remembered for the mail, it opens nothing else either
    assert scene.give(ONE, sender=JEAN).code == 250
    assert house.code(sender=shown) is Code.BAD_CREDENTIALS
