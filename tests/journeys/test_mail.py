"""From a mail to an SMS and back: the three syntaxes, refusals in the dialogue, confirmations, robots."""

from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from smstob.flow.sections import UNSAID
from tests.daemon import PASSWORD, e164, fresh_email, fresh_number
from tests.journeys.mail import DOMAIN, NO_REPLY, SERVICE, MailDaemon, body, mailbox, running, tomorrow

REFUSED_BY_TELEPHONE = "Le téléphone du destinataire a refusé le message."
UNASSIGNED = "Le numéro n'est pas attribué."


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailDaemon]:
    """A daemon that the stories of this file share; at its end the sink had all that history tells."""
    with running(MailDaemon(tmp_path_factory.mktemp("mail"))) as daemon:
        yield daemon
        daemon.check_sent()


def check_headers(letter: EmailMessage, email: str, answered: str) -> None:
    """A letter answers the mail, is ours, and asks robots not to answer."""
    assert (letter["From"], letter["To"]) == (f"SMStoB <{NO_REPLY}>", email)
    assert (letter["In-Reply-To"], letter["References"]) == (answered, answered)
    assert (letter["Auto-Submitted"], letter["Precedence"]) == ("auto-replied", "bulk")
    assert letter["Message-ID"].endswith(f"@{DOMAIN}>")


def await_witness(daemon: MailDaemon) -> None:
    """Wait until somebody else's mail, written now, has both its letters: what was owed before is told by then."""
    witness = daemon.provision(1)
    assert daemon.write(witness, mailbox(fresh_number()), f"témoin {witness}").code == 250
    daemon.told(witness, 2)


def test_syntaxes(door: MailDaemon) -> None:
    """Each syntax, by swaks: the SMS, its price, the door in the history; «envoyé», then «remis», answer the mail."""
    syntaxes = [(f"{PASSWORD}.{{}}@{DOMAIN}", ""), (f"sms.{PASSWORD}@{DOMAIN}", "{}"), (SERVICE, f"{PASSWORD}:{{}}")]
    numbers = {door.provision(5): fresh_number() for _ in syntaxes}
    for (email, number), (to, subject) in zip(numbers.items(), syntaxes, strict=True):
        transcript = door.swaks(
            email, to.format(number), "Bonjour, où êtes-vous ?", subject.format(number), Message_Id=f"<{email}>"
        )
        assert "250 2.0.0 80 accepte : 1 message" in transcript
    for email, number in numbers.items():
        (sent,) = door.sent_to(e164(number))
        assert (sent.text, sent.coding, sent.flash) == ("Bonjour, où etes-vous ?", "gsm7", False)
        accepted, delivered = door.told(email, 2)
        for letter in (accepted, delivered):
            check_headers(letter, email, f"<{email}>")
        spaced = " ".join(number[at : at + 2] for at in range(0, 10, 2))
        assert (accepted["Subject"], delivered["Subject"]) == (f"SMS envoyé au {spaced}", f"SMS remis au {spaced}")
        assert "1 destinataire, 1 SMS, 1 crédit. Crédits restants : 4." in body(accepted)
        assert "1 SMS remis, 0 non remis" in body(delivered)
        (told,) = door.messages(email)
        assert (told.channel, told.state, told.credits, door.balance(email)) == ("mail", "delivered", 1, 4)


def test_group(door: MailDaemon) -> None:
    """A group with its variables, its name in another case: each telephone has its own text, one pair of letters."""
    book = [(fresh_number(), name, hour) for name, hour in (("Anne", "12 h"), ("Bob", "13 h"), ("Zoé", "14 h"))]
    email = door.provision(5, groups={"Clients fidèles": book})
    answer = door.write(email, f"sms.{PASSWORD}@{DOMAIN}", "Rendez-vous [nom] à [v1]", "CLIENTS FIDÈLES")
    assert (answer.code, answer.text) == (250, "2.0.0 80 accepte : 3 messages")
    sent = door.sent_to(*(e164(number) for number, _, _ in book))
    assert {one.to: one.text for one in sent} == {e164(to): f"Rendez-vous {name} à {hour}" for to, name, hour in book}
    accepted, delivered = door.told(email, 2)
    assert "3 destinataires, 3 SMS, 3 crédits" in body(accepted)
    assert delivered["Subject"] == "3 SMS remis au groupe «\xa0CLIENTS FIDÈLES\xa0»".replace("\xa0", " ")
    assert door.balance(email) == 2


def test_deferred(door: MailDaemon) -> None:
    """A date in the subject: 81, paid, not sent, and one letter that says when."""
    email, number, when = door.provision(1), fresh_number(), tomorrow()
    answer = door.write(email, SERVICE, "Demain, même heure", f"{PASSWORD}:{number} {when}")
    assert (answer.code, answer.text) == (250, "2.0.0 81 enregistre pour plus tard : 1 message")
    (letter,) = door.told(email)
    hour, minute, day, month, year = when[:2], when[2:4], when[4:6], when[6:8], when[8:]
    assert letter["Subject"] == f"SMS programmé pour le {day}/{month}/{year} à {hour}:{minute}"
    (told,) = door.messages(email)
    assert (told.state, door.balance(email)) == ("queued", 0)
    assert not [one for one in door.journal() if one.to == e164(number)]


@pytest.mark.parametrize(
    ("credits_", "to", "subject", "text", "step", "code", "words"),
    [
        (5, mailbox("0612345678", "pas-le-bon"), "", "mot de passe faux", "DATA", 550, "5.7.1 82 L'adresse de l'exped"),
        (5, mailbox("0123456789"), "", "poste fixe appelé", "RCPT", 550, "5.1.1 84 Ce n'est ni un numero"),
        (5, f"facture@{DOMAIN}", "", "boîte inconnue", "RCPT", 550, "5.1.1 Pas de telle adresse"),
        (5, "sms@ailleurs.fr", "", "domaine des autres", "RCPT", 550, "5.7.1 Relais refuse"),
        (5, SERVICE, f"{PASSWORD}:0123", "numéro faux, dans l'objet", "DATA", 550, "5.1.1 84 Ce n'est ni un numero"),
        (5, SERVICE, f"{PASSWORD}:Vide", "à un groupe vide", "DATA", 550, "5.1.1 86 Le groupe de contacts est vide"),
        (5, SERVICE, f"{PASSWORD}:", "à personne du tout", "DATA", 554, "5.1.3 89 Le numero ou le groupe"),
        (5, SERVICE, "", "sans mot de passe", "DATA", 554, "5.7.1 88 Le mot de passe est vide"),
        (0, mailbox("0612345678"), "", "sans un seul crédit", "DATA", 550, "5.7.1 83 Le compte doit etre credite"),
        (5, mailbox("0612345678"), "123002132026", "au treizième mois", "DATA", 554, "5.6.0 85 La date d'envoi"),
        (5, mailbox("0612345678"), "123004122004", "il y a vingt ans", "DATA", 554, "5.6.0 85 La date d'envoi"),
        (5, mailbox("0612345678"), "", "-- \nSignature seule", "DATA", 554, "5.6.0 90 Le message est vide"),
        (9, mailbox("0612345678"), "", "trop long " * 100, "DATA", 552, "5.3.4 92 Le message est plus long"),
    ],
)
def test_refusals(
    door: MailDaemon, credits_: int, to: str, subject: str, text: str, step: str, code: int, words: str
) -> None:
    """What is refused is refused in the dialogue, at RCPT where the address tells; no debit, no SMS, no letter."""
    email = door.provision(credits_, groups={"Vide": []})
    answer = door.write(email, to, text, subject)
    assert (answer.step, answer.code) == (step, code), answer
    assert answer.text.startswith(words)
    assert (door.messages(email), door.balance(email), door.letters(email)) == ([], credits_, [])


def test_unknown_sender(door: MailDaemon) -> None:
    """Who has no account is told the same as who has the wrong password."""
    answer = door.write(fresh_email(), mailbox("0612345678"), "sans compte ici")
    refused = "5.7.1 82 L'adresse de l'expediteur ou le mot de passe n'est pas valide."
    assert (answer.code, answer.text) == (550, refused)


def test_repeated(door: MailDaemon) -> None:
    """The same text in another mail is refused with 91; the same mail again is answered as it was, and sent once."""
    email, number = door.provision(5), fresh_number()
    first = door.mail(email, mailbox(number), "Une seule fois")
    assert door.post(first).text == "2.0.0 80 accepte : 1 message"
    # as a relay brings it that did not hear the answer: with a trace of its own
    first["Received"] = "from poste.exemple.fr by relais.exemple.fr; Tue, 24 Nov 2026 08:00:00 +0100"
    assert door.post(first).text == "2.0.0 80 accepte : 1 message"
    answer = door.write(email, mailbox(number), "Une seule fois")
    assert (answer.code, answer.text[:8]) == (554, "5.7.1 91")
    door.told(email, 2)
    assert (len(door.messages(email)), door.balance(email), len(door.letters(email))) == (1, 4, 2)


def test_several_recipients(door: MailDaemon) -> None:
    """One mail to several, one of them a stranger's password: the others are sent, one letter tells each."""
    email, numbers = door.provision(5), [fresh_number(), fresh_number()]
    to = [mailbox(numbers[0]), mailbox(fresh_number(), "autre-mot"), mailbox(numbers[1])]
    answer = door.post(door.mail(email, ", ".join(to), "À vous trois"), recipients=to)
    assert (answer.code, [line[6:8] for line in answer.text.split("\n")]) == (250, ["80", "82", "80"])
    assert len(door.sent_to(*map(e164, numbers))) == 2
    letters = door.told(email, 3)
    assert "2 envois acceptés et 1 refusé" in letters[0]["Subject"]
    assert "(code 82)" in body(letters[0])
    assert door.balance(email) == 3


def test_failure(door: MailDaemon) -> None:
    """A number that fails: the second letter says so, and why."""
    email = door.provision(2)
    assert door.write(email, mailbox("0639980002"), "n'arrivera pas").code == 250
    _, failed = door.told(email, 2)
    assert failed["Subject"] == "Échec : SMS non remis au 06 39 98 00 02"
    assert REFUSED_BY_TELEPHONE in body(failed)
    assert door.messages(email)[0].state == "failed"


def test_group_with_failures(door: MailDaemon) -> None:
    """A group of which two fail and one gets no receipt's reason: one letter, a table of the failed, and the refund."""
    book = [(fresh_number(), "Anne"), ("0639980002", "Bob"), ("0639980006", "Zoé"), (fresh_number(), "Yves")]
    email = door.provision(4, groups={"Équipe": book})
    assert door.write(email, SERVICE, "à toute l'équipe", f"{PASSWORD}:Équipe").code == 250
    _, failed = door.told(email, 2)
    assert failed["Subject"] == "2 SMS sur 4 n'ont pas été remis au groupe « Équipe »"
    text = body(failed)
    assert "2 SMS remis, 2 non remis, 0 sans nouvelles." in text
    assert f"06 39 98 00 02 {REFUSED_BY_TELEPHONE} 06 39 98 00 06 {UNASSIGNED}" in text
    assert "1 crédit vous a été rendu." in text
    assert UNSAID not in text
    html = failed.get_body(("html",))
    assert html is not None
    assert UNASSIGNED in html.get_content().replace("&#39;", "'")
    assert door.balance(email) == 1


def test_only_errors(door: MailDaemon) -> None:
    """Accounts that want to hear of failures only, or of nothing: so it is."""
    some, none = (door.provision(2, options={"confirmations": wanted}) for wanted in ("errors", "none"))
    for email in (some, none):
        for number in (fresh_number(), "0639980003"):
            assert door.write(email, mailbox(number), f"vers {number}, par {email}").code == 250
    await_witness(door)
    (letter,) = door.told(some)
    assert letter["Subject"] == "Échec : SMS non remis au 06 39 98 00 03"
    assert door.letters(none) == []


def test_answers_of_robots(door: MailDaemon) -> None:
    """An out-of-office note and a bounce in answer to our letter end there: no SMS, no letter, nothing debited."""
    email, number = door.provision(5), fresh_number()
    door.write(email, mailbox(number), "Avant les congés")
    letter = door.told(email, 2)[1]
    threaded = {"In_Reply_To": letter["Message-ID"], "References": letter["Message-ID"]}
    absent = door.mail(
        email, NO_REPLY, "Je suis absente.", f"Absence : {letter['Subject']}", Auto_Submitted="auto-replied", **threaded
    )
    # the address of our letters takes no mail
    answer = door.post(absent, sender="")
    assert (answer.step, answer.code) == ("RCPT", 550)
    # were it one that does, with the right secret in it
    answer = door.post(absent, sender="", recipients=[mailbox(number)])
    assert (answer.code, answer.text) == (250, "2.0.0 Message automatique : rien n'est envoye")
    bounce = door.mail(email, SERVICE, "Undelivered mail.", f"{PASSWORD}:{number}", **threaded)
    bounce.add_attachment(letter)
    bounce.set_type("multipart/report")
    assert door.post(bounce, sender="").text == answer.text
    # nor does our own letter, sent back by a rule of redirection
    assert door.post(letter, sender=email, recipients=[mailbox(number)]).text == answer.text
    await_witness(door)
    assert (len(door.messages(email)), door.balance(email), len(door.letters(email))) == (1, 4, 2)


def test_alarm(door: MailDaemon) -> None:
    """What a program writes is sent as any other, and never answered."""
    email, number = door.provision(5), fresh_number()
    headers = {"Auto_Submitted": "auto-generated", "Precedence": "bulk"}
    assert door.write(email, mailbox(number), "CRITICAL: disque plein", **headers).code == 250
    (sent,) = door.sent_to(e164(number))
    assert sent.text == "CRITICAL: disque plein"
    await_witness(door)
    assert (door.letters(email), door.balance(email)) == ([], 4)
