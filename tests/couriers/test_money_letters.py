"""Letters about money: what is paid and how, what came, and the file that is with it."""

from typing import Final

import attrs
import pytest
from hypothesis import given, settings
from lxml import html

from smstob.couriers.mail.letter import AUTOMATIC, FOOTER
from smstob.couriers.mail.money import UNTEXTED
from smstob.model.customer import Customer
from smstob.model.invoice import Invoice, InvoiceKind, Seller
from smstob.model.notice import Attachment, Given, Invoiced, Lapsed, Opening, Ordered, Shortage, Told
from smstob.model.order import Instructions, Order, OrderState
from smstob.model.refusal import Code
from smstob.model.vat import Taxation, taxed

from .letters import AT, LETTERS, RECIPIENT, ReadMail, letter, read
from .test_letter import ALLOWED, HOSTILE

AMOUNTS: Final = taxed(15_500, 2000, Taxation.STANDARD)
ORDER: Final = Order(
    id=12,
    reference="RF18SMS000012",
    account=1,
    email=RECIPIENT,
    method="cheque",
    by_hand=True,
    state=OrderState.OPEN,
    credits=1000,
    amounts=AMOUNTS,
    customer=Customer(name="Mairie"),
    created=AT,
)
POST: Final = Instructions(payee="SMStoB SARL", address="1 rue de la Poste\n35000 Rennes")
BANK: Final = Instructions(payee="SMStoB SARL", iban="FR7630006000011234567890189", bic="AGRIFRPP882")
INVOICE: Final = Invoice(
    kind=InvoiceKind.INVOICE,
    number="F2026-000042",
    issued=AT // 86_400,
    seller=Seller(name="SMStoB SARL"),
    customer=Customer(name="Mairie"),
    email=RECIPIENT,
    order=ORDER.reference,
    method="cheque",
    paid=AT // 86_400,
    credits=1000,
    amounts=AMOUNTS,
)
CREDIT_NOTE: Final = attrs.evolve(
    INVOICE, kind=InvoiceKind.CREDIT_NOTE, number="A2026-000003", corrects="F2026-000042"
)
ORDERED: Final = Ordered(order=ORDER, instructions=BANK, reminder=False)
INVOICED: Final = Invoiced(invoice=INVOICE, credits=1000, balance=1234)
CREDITED: Final = Invoiced(invoice=CREDIT_NOTE, credits=1000, balance=234)
GIVEN: Final = Given(giver="siege@exemple.fr", credits=50, balance=150)
OPENED: Final = Opening(email=RECIPIENT, password="K7P2W9X4QZ", given=attrs.evolve(GIVEN, balance=50))
SHORTAGE: Final = Shortage(
    email=RECIPIENT, balance=0, threshold=100, phone="+33612345678", code=Code.NO_CREDIT
)
ALL: Final[tuple[Told, ...]] = (
    ORDERED,
    attrs.evolve(ORDERED, instructions=POST, reminder=True),
    attrs.evolve(ORDERED, instructions=None),
    Lapsed(order=ORDER),
    INVOICED,
    CREDITED,
    GIVEN,
    SHORTAGE,
)
PDF: Final = Attachment("Facture F2026-000042.pdf", "application/pdf", bytes(range(256)) * 400)


def told(section: Told, *files: Attachment) -> ReadMail:
    """The letter of that section, as read."""
    return read(LETTERS.compose(letter(section, thread=None, files=files)))


def test_golden_order() -> None:
    """To the letter: how a transfer is made."""
    mail = told(ORDERED)
    assert mail.subject == "Commande RF18SMS000012 : 186,00 € TTC à régler"
    assert (
        mail.body
        == """\
Commande RF18SMS000012 : 186,00 € TTC à régler
------------------------------------------------------------------------
Votre commande de 1 000 crédits est enregistrée. Dès que votre règlement
arrive, les crédits sont ajoutés à votre compte, et la facture vous est
envoyée.

  Montant
    186,00 € TTC

  Référence à indiquer
    RF18SMS000012

  Virement à
    SMStoB SARL

  IBAN
    FR76 3000 6000 0112 3456 7890 189

  BIC
    AGRIFRPP882

Voir la commande :
https://smstob.example/credits/commandes/RF18SMS000012

La commande est valable 60 jours, jusqu'au 14 novembre 2026. Sans
règlement d'ici là, elle est annulée et rien n'est dû."""
    )


def test_golden_reminder() -> None:
    """To the letter: where a cheque is sent."""
    mail = told(attrs.evolve(ORDERED, instructions=POST, reminder=True))
    assert mail.subject == "Rappel : commande RF18SMS000012, 186,00 € TTC à régler"
    assert (
        """\
Le règlement de votre commande de 1 000 crédits, du 15 septembre 2026,
n'est pas encore arrivé. S'il est déjà parti, ne tenez pas compte de ce
rappel.

  Montant
    186,00 € TTC

  Référence à indiquer
    RF18SMS000012

  Chèque à l'ordre de
    SMStoB SARL
    La référence s'écrit au dos du chèque.

  À envoyer à
    1 rue de la Poste
    35000 Rennes
"""
        in mail.body
    )
    assert "IBAN" not in mail.body


def test_golden_lapse() -> None:
    """To the letter."""
    mail = told(Lapsed(order=ORDER))
    assert mail.subject == "Commande RF18SMS000012 annulée : le règlement n'est pas arrivé"
    assert "n'a pas été réglée en 60 jours : elle est annulée, et rien n'est dû." in mail.flat
    assert "Si votre règlement est déjà parti, ne faites rien" in mail.flat


def test_golden_invoice() -> None:
    """To the letter."""
    mail = told(INVOICED, PDF)
    assert mail.subject == "Merci : 1 000 crédits de plus, facture F2026-000042"
    assert (
        mail.body
        == """\
Merci : 1 000 crédits de plus, facture F2026-000042
------------------------------------------------------------------------
Votre règlement est arrivé : 1 000 crédits sont ajoutés à votre compte.

  Nouveau solde
    1 234 crédits

  Facture
    F2026-000042, 186,00 € TTC

  Commande
    RF18SMS000012

Voir la commande :
https://smstob.example/credits/commandes/RF18SMS000012

La facture est jointe à ce courriel, en PDF. Elle reste aussi dans votre
compte."""
    )


@pytest.mark.parametrize(
    ("taken", "words"),
    [
        (1000, "1 000 crédits sont retirés de votre compte."),
        (1, "1 crédit est retiré de votre compte."),
        (0, "Aucun crédit n'est retiré de votre compte."),
    ],
)
def test_credit_notes(taken: int, words: str) -> None:
    """What goes back, what it corrects, and the credits that were still there."""
    mail = told(attrs.evolve(CREDITED, credits=taken))
    assert mail.subject == "Remboursement de 186,00 € TTC, avoir A2026-000003"
    assert words in mail.flat.replace("\u00a0", " ")
    assert "Facture corrigée F2026-000042" in mail.flat


def test_golden_gift() -> None:
    """To the letter: who gave, and what he sees."""
    mail = told(GIVEN)
    assert mail.subject == "siege@exemple.fr vous donne 50 crédits"
    assert (
        mail.body
        == """\
siege@exemple.fr vous donne 50 crédits
------------------------------------------------------------------------
50 crédits sont ajoutés à votre compte.
Nouveau solde : 150 crédits.

Voir qui suit mes crédits :
https://smstob.example/credits/transferts

siege@exemple.fr peut suivre vos crédits : votre solde, et combien de
SMS vous envoyez ; jamais vos messages, ni à qui ils vont. Vous pouvez y
mettre fin sur cette page."""
    )


def test_opened_for_a_gift() -> None:
    """The password as always, who gave, and that he follows."""
    mail = told(OPENED)
    assert mail.subject == "Votre compte SMStoB est ouvert, avec 50 crédits : voici votre mot de passe"
    assert "\nK7P2W9X4QZ\n" in mail.text
    for seen in (mail.flat.replace("\u00a0", " "), mail.seen().replace("\u00a0", " ")):
        assert "siege@exemple.fr vous donne 50 crédits, sur un compte SMStoB à l'adresse mairie@exemple.fr." in seen
        assert "siege@exemple.fr peut suivre vos crédits" in seen
        assert "https://smstob.example/credits/transferts" in seen
        assert "Si vous ne connaissez pas cette personne, ignorez ce courriel." in seen
        assert "Si vous n'avez pas demandé" not in seen


@pytest.mark.parametrize("code", [*UNTEXTED, Code.UNAVAILABLE, Code.TOO_LONG])
def test_alerts(code: Code) -> None:
    """What is left, the threshold, why there was no SMS, and where credits are bought."""
    mail = told(attrs.evolve(SHORTAGE, balance=37, code=code))
    assert mail.subject == "Alerte : plus que 37 crédits sur votre compte SMStoB"
    flat = mail.flat.replace("\u00a0", " ")
    assert "Il n'y a plus que 37 crédits sur le compte mairie@exemple.fr : votre seuil d'alerte est de 100" in flat
    why = UNTEXTED.get(code, f"il a été refusé (code {code:02})")
    assert f"Le SMS d'alerte n'a pas pu être envoyé au 06 12 34 56 78 : {why}." in flat
    assert "\nhttps://smstob.example/credits\n" in mail.text


def test_alert_without_credits() -> None:
    """Nothing left is said in words."""
    mail = told(SHORTAGE)
    assert mail.subject == "Alerte : plus aucun crédit sur votre compte SMStoB"
    assert "0 crédit" not in mail.body.replace("100 crédits", "")


def test_singular_and_untaxed() -> None:
    """One credit, and no «TTC» where there is no tax."""
    amounts = taxed(1_050, 2000, Taxation.FRANCHISE)
    mail = told(attrs.evolve(INVOICED, credits=1, balance=1, invoice=attrs.evolve(INVOICE, amounts=amounts)))
    assert "1 crédit est ajouté à votre compte." in mail.body
    assert "F2026-000042, 10,50 €\n" in mail.body
    assert "1 crédit est ajouté" in told(attrs.evolve(GIVEN, credits=1)).body
    assert "TTC" not in mail.body


@pytest.mark.parametrize("section", ALL)
def test_both_parts(section: Told) -> None:
    """Say the same; the options, which do not keep these letters away, are not spoken of."""
    mail = told(section)
    page = " ".join(mail.seen().split())
    for line in mail.body.splitlines():
        if line.strip("-") and not line.endswith(" :"):
            assert line.strip() in page.replace("\u00a0", " "), line
    assert AUTOMATIC in mail.flat
    assert FOOTER not in mail.flat
    tree = html.fromstring(mail.html)
    assert {one.tag for one in tree.iter()} <= ALLOWED
    button, link, _ = tree.iter("a")
    assert button.get("href") == link.get("href") == link.text
    assert button.text


@pytest.mark.parametrize("section", ALL)
def test_same_mail_again(section: Told) -> None:
    """Carried again it is known for what it is, unlike one with a password."""
    first = letter(section, thread=None, files=(PDF,))
    again = attrs.evolve(first, at=AT + 60)
    assert LETTERS.compose(first) == LETTERS.compose(first)
    names = {read(LETTERS.compose(one)).mail["Message-ID"] for one in (first, again)}
    assert names == {"<notice-7@smstob.example>"}


def test_file() -> None:
    """It comes as it is, in lines that every server takes, behind the text and the page."""
    raw = LETTERS.compose(letter(INVOICED, thread=None, files=(PDF, attrs.evolve(PDF, name="b.xml", type="text/xml"))))
    mail = read(raw)
    assert mail.mail.get_content_type() == "multipart/mixed"
    assert [one.name for one in mail.files] == [PDF.name, "b.xml"]
    assert mail.files[0] == PDF
    assert mail.body
    assert raw.isascii()
    assert b"\r" not in raw
    assert max(map(len, raw.split(b"\n"))) <= 78
    assert b'Content-Disposition: attachment; filename="Facture F2026-000042.pdf"' in raw


@pytest.mark.parametrize("content", [b"", b"\n", b"--=_smstob-7-files--\n", b"\r\n.\r\n", bytes(1), b"From x\n" * 99])
def test_any_content(content: bytes) -> None:
    """Whatever it holds, no byte is changed, and none of it is taken for the mail's own."""
    (file,) = told(INVOICED, attrs.evolve(PDF, content=content)).files
    assert file.content == content


@pytest.mark.parametrize(
    "name", ['a"b.pdf', "a\r\nBcc: x@y.fr\r\n.pdf", "été.pdf", "a\\b.pdf", "../../etc/passwd", "", "x" * 300, "\0"]
)
def test_names_of_files(name: str) -> None:
    """Whoever gave them: one header, in ASCII, and nothing that a file system takes for a path."""
    raw = LETTERS.compose(letter(INVOICED, thread=None, files=(attrs.evolve(PDF, name=name),)))
    (file,) = read(raw).files
    assert raw.isascii()
    assert "Bcc" not in read(raw).mail
    assert not set(file.name) & set('/\\"\r\n\0:')
    assert max(map(len, raw.split(b"\n"))) <= 998


@settings(max_examples=60, deadline=None)
@given(HOSTILE, HOSTILE)
def test_hostile_words(words: str, others: str) -> None:
    """Addresses and names may hold anything; the letter stays ours."""
    instructions = Instructions(payee=words, address=others, iban=words, bic=others)
    for section in (
        attrs.evolve(ORDERED, instructions=instructions),
        attrs.evolve(GIVEN, giver=words),
        attrs.evolve(OPENED, email=others, given=attrs.evolve(GIVEN, giver=words)),
        attrs.evolve(SHORTAGE, email=words, phone=others),
    ):
        raw = LETTERS.compose(letter(section, thread=None))
        mail = read(raw)
        assert raw.isascii()
        assert max(map(len, raw.split(b"\n"))) <= 998
        assert {one.tag for one in html.fromstring(mail.html).iter()} <= ALLOWED
        assert "Bcc" not in mail.mail


def test_nothing_secret_is_told_of_files() -> None:
    """What an invoice says is in no representation of its letter."""
    assert "x00" not in repr(letter(INVOICED, files=(PDF,)))
