"""Letters that tell a password or a link: large, to be copied whole, and another mail each time."""

import re
from typing import Final

import attrs
import pytest
from lxml import html

from smstob.couriers.mail.letter import AUTOMATIC, FOOTER
from smstob.model.notice import Opening, Recovery, Told

from .letters import AT, LETTERS, RECIPIENT, ReadMail, letter, read
from .test_letter import ALLOWED

TOKEN: Final = "bTQz0lW3hXo6_pJ-3nqg7kYw1cR8vUeS5aD2fG4hJ9M"
URL: Final = f"https://smstob.example/nouveau-mot-de-passe?jeton={TOKEN}"
OPENING: Final = Opening(email=RECIPIENT, password="K7P2W9X4QZ")
RECOVERY: Final = Recovery(email=RECIPIENT, token=TOKEN, known=False)
KNOWN: Final = Recovery(email=RECIPIENT, token=TOKEN, known=True)
ALL: Final = (OPENING, RECOVERY, KNOWN)


def told(section: Told) -> ReadMail:
    """The letter of that section, as read."""
    return read(LETTERS.compose(letter(section, thread=None)))


def test_golden_opening() -> None:
    """To the letter."""
    mail = told(OPENING)
    assert mail.subject == "Votre compte SMStoB est ouvert : voici votre mot de passe"
    assert mail.body == (
        """\
Votre compte SMStoB est ouvert : voici votre mot de passe
------------------------------------------------------------------------
Un compte SMStoB vient d'être ouvert à l'adresse mairie@exemple.fr. Il
permet d'envoyer des SMS depuis un ordinateur : par les pages du
service, par courriel ou par programme.
Votre mot de passe, en majuscules et en chiffres, sans O, 0, I ni 1 :

K7P2W9X4QZ

Pour commencer, connectez-vous sur https://smstob.example avec votre
adresse et ce mot de passe. Vous pourrez ensuite en choisir un autre
dans votre compte, et créditer celui-ci.
Si vous recevez plusieurs de ces courriels, seul le mot de passe du
dernier est bon.
Si vous n'avez pas demandé de compte, quelqu'un s'est trompé d'adresse :
ignorez ce courriel. Sans le mot de passe, que vous êtes seul à
recevoir, personne ne peut se servir de ce compte."""
    )


def test_golden_recovery() -> None:
    """To the letter."""
    mail = told(RECOVERY)
    assert mail.subject == "Choisissez un nouveau mot de passe"
    assert mail.body == (
        f"""\
Choisissez un nouveau mot de passe
------------------------------------------------------------------------
Un nouveau mot de passe a été demandé pour le compte SMStoB
mairie@exemple.fr.
Pour le choisir, suivez le lien. Ce lien ne sert qu'une fois, et pendant
60 minutes :

{URL}

Si le lien ne s'ouvre pas, copiez-le en entier dans la barre d'adresse
de votre navigateur.
Si vous n'avez rien demandé, ignorez ce courriel : votre mot de passe
reste le même, et vous êtes seul à recevoir ce lien. Ne le transmettez à
personne."""
    )


def test_golden_known() -> None:
    """Who has an account reads so, and gets in all the same."""
    mail = told(KNOWN)
    assert mail.subject == "Vous avez déjà un compte SMStoB"
    assert "Un compte SMStoB a été demandé pour l'adresse mairie@exemple.fr, qui en a déjà un." in mail.flat
    assert URL in mail.text


@pytest.mark.parametrize("section", ALL)
def test_what_both_parts_tell(section: Told) -> None:
    """The same; no options are spoken of, since none keeps these letters away."""
    mail = told(section)
    for seen in (mail.flat, mail.seen()):
        assert RECIPIENT in seen
        assert "ignorez ce courriel" in seen
        assert AUTOMATIC in seen
        assert "options" not in seen
    assert AUTOMATIC in FOOTER


def test_password_can_be_copied() -> None:
    """It stands alone in its line, and in the page in a paragraph of large letters, without spaces around it."""
    mail = told(OPENING)
    assert "\nK7P2W9X4QZ\n" in mail.text
    (shown,) = [one for one in html.fromstring(mail.html).iter("p") if one.text == "K7P2W9X4QZ"]
    assert "font-size:26px" in shown.get("style", "")


@pytest.mark.parametrize("section", [RECOVERY, KNOWN])
def test_link_can_be_followed_and_copied(section: Told) -> None:
    """It stands alone in its line, however long; in the page there is a button, and the address in full."""
    mail = told(section)
    assert f"\n{URL}\n" in mail.text
    links = [one for one in html.fromstring(mail.html).iter("a") if one.get("href") == URL]
    assert [one.text for one in links] == ["Choisir un nouveau mot de passe", URL]


@pytest.mark.parametrize("section", ALL)
def test_another_mail_each_time(section: Told) -> None:
    """A program that knows mails by their Message-ID must not keep the first, whose password is worth nothing."""
    first = letter(section, thread=None)
    later = attrs.evolve(first, at=AT + 60)
    names = [read(LETTERS.compose(one)).mail["Message-ID"] for one in (first, later, first)]
    assert names[0] == f"<notice-7-{AT}@smstob.example>"
    assert names[0] == names[2] != names[1]
    assert LETTERS.compose(first) == LETTERS.compose(first)


@pytest.mark.parametrize("section", ALL)
def test_as_other_letters(section: Told) -> None:
    """No program answers it, nothing is loaded from elsewhere, no line is too long or has eight bits."""
    raw = LETTERS.compose(letter(section, thread=None))
    mail = read(raw)
    assert mail.mail["Auto-Submitted"] == "auto-generated"
    assert {one.tag for one in html.fromstring(mail.html).iter()} <= ALLOWED
    assert not re.search(r"(?i)\bsrc=|url\(|@import", mail.html)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\n"))) <= 998


@pytest.mark.parametrize(
    "email",
    ["<b>x</b>@exemple.fr", "a@b.fr\r\nBcc: c@d.fr", "\0\x1b[31m@x.fr", "\u202ea@x.fr", "x" * 10_000, "{{7*7}}@x.fr"],
)
def test_hostile_addresses(email: str) -> None:
    """What somebody else typed is shown as text, in one line, and cut."""
    for section in (attrs.evolve(one, email=email) for one in ALL):
        mail = told(section)
        assert {one.tag for one in html.fromstring(mail.html).iter()} <= ALLOWED
        assert not re.search("[\0\x1b\u202e]", mail.text + mail.html)
        assert "Bcc" not in mail.mail
        assert len(mail.text) < 2000
        assert "49" not in mail.text.partition("\n-- \n")[0].replace(TOKEN, "")


def test_secrets_are_in_no_representation() -> None:
    """Neither of the letter nor of its sections."""
    for section, secret in ((OPENING, OPENING.password), (RECOVERY, TOKEN), (KNOWN, TOKEN)):
        assert secret not in repr(letter(section))
