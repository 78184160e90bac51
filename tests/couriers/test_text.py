"""Alerts as SMS: one segment in GSM-7, whatever they are about."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock
from zope.interface import implementer
from zope.interface.verify import verifyObject

from smstob.couriers.text import LONGEST, AlertTexts, words_of
from smstob.interfaces import ISubmitter
from smstob.model.account import Account, Format
from smstob.model.alphabet import is_gsm7, septets
from smstob.model.draft import Channel, Draft, Selection
from smstob.model.notice import Shortage
from smstob.model.refusal import Code, Refusal
from smstob.model.submission import Submission
from tests.house import PARIS, outcome_of

NOON = datetime(2026, 9, 15, 12, 30)  # noqa: DTZ001 (as the clocks show it)
PAGES = "https://smstob.example"
ACCOUNT = Account(id=3, email="mairie@exemple.fr", version=1)


def shortage(email: str = "mairie@exemple.fr", balance: int = 98) -> Shortage:
    """Of a threshold of a hundred."""
    return Shortage(email=email, balance=balance, threshold=100, phone="+33612345678")


@implementer(ISubmitter)
class Taking:
    """Answers what it is told, and keeps the drafts."""

    def __init__(self, answer: Submission | Refusal) -> None:
        self.answer = answer
        self.drafts: list[Draft] = []

    async def submit(self, draft: Draft) -> Submission | Refusal:
        """See ``ISubmitter``."""
        self.drafts.append(draft)
        return self.answer


def test_words() -> None:
    """What is left, whose it is, when, and where there is more."""
    assert words_of(shortage(), NOON, PAGES) == (
        "SMStoB : plus que 98 crédits sur le compte mairie@exemple.fr le 15/09 à 12:30. "
        "Rechargez : https://smstob.example/credits"
    )


@pytest.mark.parametrize(
    ("email", "balance", "pages", "words"),
    [
        ("a@b.fr", 1, "https://" + "x" * 200, "plus que 1 crédit sur le compte a@b.fr le 15/09 à 12:30. Rechargez sur"),
        ("a" * 64 + "@" + "b" * 180 + ".fr", 10_000, PAGES, "plus que 10 000 crédits sur le compte " + "a" * 40),
        ("日本@exemple.fr", 5, PAGES, "sur le compte ??@exemple.fr le"),
        ("œuvre@exemple.fr", 5, PAGES, "sur le compte oeuvre@exemple.fr le"),
    ],
)
def test_what_does_not_fit(email: str, balance: int, pages: str, words: str) -> None:
    """Is cut, or written otherwise; the date, which makes each alert another, stays."""
    text = words_of(shortage(email, balance), NOON, pages)
    assert words in text
    assert "le 15/09 à 12:30. Rechargez" in text


@given(st.text(st.characters(codec="utf-8"), max_size=260), st.integers(0, 2**40), st.text("ab/:.{}é日", max_size=200))
def test_always_one_segment(email: str, balance: int, pages: str) -> None:
    """Of 160 septets at most, and with the balance."""
    text = words_of(shortage(email, balance), NOON, pages)
    assert is_gsm7(text)
    assert septets(text) <= LONGEST
    assert f"plus que {balance:,} crédit".replace(",", " ") in text


SENT = Submission(id=1, code=Code.SENT, messages=1, credits=1, duplicates=0, empty=0, due=0)


@pytest.mark.parametrize("answer", [Refusal(Code.NO_CREDIT), SENT])
def test_draft(answer: Any) -> None:
    """To that telephone and no group, as an ordinary message, and known by its notice."""
    submitter, clock = Taking(answer), Clock()
    clock.advance(1_789_468_200)
    assert verifyObject(ISubmitter, submitter)
    texts = AlertTexts(submitter, clock, PARIS, PAGES)
    assert outcome_of(texts.send(ACCOUNT, shortage(), 12)) is answer
    (draft,) = submitter.drafts
    assert draft == Draft(
        sender=ACCOUNT,
        channel=Channel.ALERT,
        destination="+33612345678",
        selection=Selection(numbers=("+33612345678",)),
        text=words_of(shortage(), NOON, PAGES),
        format=Format.NORMAL,
        reference="alert:12",
    )
