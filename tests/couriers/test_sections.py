"""What letters say, in both parts: every code, and what is counted."""

from typing import Any

import attrs
import pytest

from smstob.couriers.mail.sections import ACCEPTED, ANSWERS, VERDICTS
from smstob.model.notice import Accepted, Failure, Outcome, Verdict
from smstob.model.refusal import Code

from .letters import AT, ENDED, LETTERS, ONE, ReadMail, acknowledgement, letter, read

GROUP = Accepted(destination="Clients", code=Code.SENT, messages=120, segments=240, credits=240)
REFUSED = Accepted(destination="0660919010", code=Code.NO_CREDIT)


def told(*lines: Accepted, balance: int = 118) -> ReadMail:
    """An acknowledgement of those lines, as read."""
    return read(LETTERS.compose(letter(acknowledgement(*lines, balance=balance))))


def ended(**counts: Any) -> ReadMail:
    """An outcome that differs from a group of 120 that all arrived, as read."""
    return read(LETTERS.compose(letter(attrs.evolve(ENDED, **counts))))


@pytest.mark.parametrize("code", list(Code))
def test_every_code_is_told(code: Code) -> None:
    """Two digits and a French sentence, in both parts; a refusal says in the subject what it is."""
    assert isinstance(ANSWERS[code], tuple)
    mail = told(attrs.evolve(ONE, code=code))
    word, sentence = ANSWERS[code]
    assert sentence.endswith(".")
    assert f"(code {code:02})" in mail.flat
    assert f"(code {code:02})" in mail.seen()
    assert sentence in mail.flat
    assert sentence in mail.seen()
    assert word in mail.subject
    assert (f"({code:02})" in mail.subject) is (code not in ACCEPTED)


def test_refusals_count_nothing() -> None:
    """No recipients, SMS or credits where nothing was accepted."""
    assert "crédits." not in told(REFUSED, balance=0).body.replace("Crédits restants", "")


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_is_told(verdict: Verdict) -> None:
    """Where it was asked for, and only there."""
    marked = attrs.evolve(acknowledgement(), verdict=verdict)
    mail = read(LETTERS.compose(letter(marked)))
    assert VERDICTS[verdict] in mail.flat
    assert VERDICTS[verdict] in mail.seen()
    assert "SPF" not in told(ONE).flat


@pytest.mark.parametrize(
    ("lines", "subject"),
    [
        ((ONE,), "SMS envoyé au 06 60 91 90 10"),
        ((attrs.evolve(ONE, destination="+33 6 60 91 90 10"),), "SMS envoyé au +33 6 60 91 90 10"),
        ((GROUP,), "SMS envoyés au groupe « Clients »"),
        ((attrs.evolve(GROUP, destination="0660919010,0660919011", messages=2),), "SMS envoyés à 2 numéros"),
        ((attrs.evolve(ONE, code=Code.DEFERRED, due=AT),), "SMS programmé pour le 15/09/2026 à 12:30"),
        ((attrs.evolve(GROUP, code=Code.DEFERRED, due=AT),), "SMS programmés pour le 15/09/2026 à 12:30"),
        ((attrs.evolve(ONE, code=Code.DEFERRED),), "SMS programmé au 06 60 91 90 10"),
        ((REFUSED,), "Échec : SMS non envoyé, crédit insuffisant (83)"),
        ((Accepted(destination="", code=Code.NO_DESTINATION),), "Échec : SMS non envoyé, destinataire manquant (89)"),
        ((ONE, GROUP), "2 envois acceptés"),
        ((ONE, REFUSED), "1 envoi accepté et 1 refusé"),
        ((ONE, ONE, REFUSED, REFUSED), "2 envois acceptés et 2 refusés"),
        ((REFUSED, REFUSED), "Échec : 2 envois refusés"),
        ((attrs.evolve(ONE, destination="\u202e\x00"),), "SMS envoyé à un destinataire inconnu"),
    ],
)
def test_subjects_of_acknowledgements(lines: tuple[Accepted, ...], subject: str) -> None:
    """What was accepted or not can be read without opening the mail."""
    assert told(*lines).subject == subject


@pytest.mark.parametrize(
    ("counts", "subject"),
    [
        ({"destination": "0660919010", "delivered": 1}, "SMS remis au 06 60 91 90 10"),
        ({"destination": "0660919010", "delivered": 0, "failed": 1}, "Échec : SMS non remis au 06 60 91 90 10"),
        (
            {"destination": "0660919010", "delivered": 0, "unknown": 1},
            "SMS envoyé au 06 60 91 90 10 : le réseau n'a pas dit s'il est remis",
        ),
        ({}, "120 SMS remis au groupe « Clients »"),
        ({"delivered": 1_200}, "1 200 SMS remis au groupe « Clients »"),
        ({"delivered": 117, "failed": 3}, "3 SMS sur 120 n'ont pas été remis au groupe « Clients »"),
        ({"delivered": 119, "failed": 1}, "1 SMS sur 120 n'a pas été remis au groupe « Clients »"),
        ({"delivered": 0, "failed": 120}, "Échec : 120 SMS non remis au groupe « Clients »"),
        (
            {"delivered": 118, "unknown": 2},
            "2 SMS sur 120 sans nouvelles du réseau, envoi au groupe « Clients »",
        ),
        (
            {"delivered": 0, "failed": 1, "unknown": 119},
            "1 SMS sur 120 n'a pas été remis au groupe « Clients »",
        ),
        ({"delivered": 0}, "SMS remis au groupe « Clients »"),
    ],
)
def test_subjects_of_outcomes(counts: dict[str, Any], subject: str) -> None:
    """How it ended, in one line."""
    assert ended(**counts).subject == subject


def test_several_sections() -> None:
    """What waited together is one letter: its subject counts, its sections follow each other."""
    mail = read(LETTERS.compose(letter(acknowledgement(), *[ENDED] * 11)))
    assert mail.subject == "SMStoB : 12 nouvelles de vos envois"
    assert mail.flat.count("120 SMS remis au groupe « Clients »") == 11
    assert mail.flat.index("SMS envoyé au") < mail.flat.index("120 SMS remis")


def test_golden_acknowledgement() -> None:
    """The whole text of one that has everything."""
    deferred = attrs.evolve(GROUP, code=Code.DEFERRED, due=AT, duplicates=2, empty=1)
    mail = told(ONE, deferred, REFUSED, balance=1234)
    assert (
        mail.body
        == """\
2 envois acceptés et 1 refusé
------------------------------------------------------------------------

  06 60 91 90 10 (code 80)
    Le message est accepté et part tout de suite.
    1 destinataire, 1 SMS, 1 crédit.

  Clients (code 81)
    Le message est enregistré et partira le mardi 15 septembre 2026 à
    12 h 30.
    120 destinataires, 240 SMS, 240 crédits.
    Non envoyés : 2 doublons et 1 message vide.

  06 60 91 90 10 (code 83)
    Il n'y a plus assez de crédits pour cet envoi : rien n'est parti,
    même en partie. Créditez le compte, puis renvoyez le message.

Crédits restants : 1 234."""
    )


FAILED = Outcome(
    submission=12,
    destination="Clients",
    created=AT,
    delivered=116,
    failed=3,
    unknown=1,
    refunded=1,
    failures=(Failure("0612345678", "Numéro non attribué."), Failure("0612345679", "Le téléphone est éteint.")),
)


def test_golden_outcome() -> None:
    """The whole text of a group of which some failed."""
    assert (
        read(LETTERS.compose(letter(FAILED))).body
        == """\
3 SMS sur 120 n'ont pas été remis au groupe « Clients »
------------------------------------------------------------------------
Envoi n° 12 au groupe « Clients », du mardi 15 septembre 2026 à 12 h 30.
116 SMS remis, 3 non remis, 1 sans nouvelles.

  06 12 34 56 78
    Numéro non attribué.

  06 12 34 56 79
    Le téléphone est éteint.

Et 2 autres.
1 crédit vous a été rendu."""
    )


def test_golden_footer() -> None:
    """Who wrote this, where he is found, and that he does not read answers; behind a signature's mark."""
    footer = read(LETTERS.compose(letter())).text.partition("\n-- \n")[2].replace("\u00a0", " ")
    assert footer.splitlines()[:2] == ["SMStoB", "https://smstob.example"]
    assert "n'y répondez pas" in " ".join(footer.split())


@pytest.mark.parametrize(("failed", "others"), [(1, ""), (2, "Et 1 autre."), (3, "Et 2 autres.")])
def test_failures_that_are_not_listed(failed: int, others: str) -> None:
    """They are counted."""
    mail = ended(delivered=0, failed=failed, failures=(Failure("0612345678", "Numéro non attribué."),))
    assert ("autre" in mail.body) is bool(others)
    assert others in mail.body
    assert others in mail.seen()


@pytest.mark.parametrize(
    ("refunded", "words"),
    [(0, ""), (1, "1 crédit vous a été rendu."), (3, "3 crédits vous ont été rendus.")],
)
def test_refunds(refunded: int, words: str) -> None:
    """Credits given back are told, if there are any."""
    mail = ended(refunded=refunded)
    assert ("rendu" in mail.body) is bool(words)
    assert words in mail.body


@pytest.mark.parametrize(
    ("duplicates", "empty", "words"),
    [
        (0, 0, ""),
        (1, 0, "Non envoyé : 1 doublon."),
        (0, 2, "Non envoyés : 2 messages vides."),
        (2, 1, "Non envoyés : 2 doublons et 1 message vide."),
    ],
)
def test_what_was_left_out(duplicates: int, empty: int, words: str) -> None:
    """Duplicates and empty texts are told, if there are any."""
    mail = told(attrs.evolve(GROUP, duplicates=duplicates, empty=empty))
    assert ("Non envoyé" in mail.body) is bool(words)
    assert words in mail.body
