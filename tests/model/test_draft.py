"""Drafts: what is missing of them, seen before anything else is looked at."""

from typing import Any

import attrs
import pytest

from smstob.model import alphabet
from smstob.model.account import Account
from smstob.model.draft import Channel, Credentials, Draft, Selection
from smstob.model.identity import LARGEST
from smstob.model.refusal import Code, DailyLimit, Refusal

WHOLE = {"email": "a@b.fr", "secret": "s", "destination": "0612345678", "text": "x"}


def draft(**instead: str) -> Draft:
    """A draft with something else instead."""
    told = WHOLE | instead
    sender = Credentials(email=told["email"], secret=told["secret"], address="192.0.2.1")
    return Draft(sender=sender, channel=Channel.HTTP, destination=told["destination"], text=told["text"])


@pytest.mark.parametrize(
    ("instead", "code"),
    [
        ({"email": " \0", "secret": "", "destination": "", "text": ""}, Code.NO_EMAIL),
        ({"secret": "", "destination": "", "text": ""}, Code.NO_PASSWORD),
        ({"destination": "\ud800 ", "text": ""}, Code.NO_DESTINATION),
        ({"text": " \r\n\x85\x00\ud800"}, Code.NO_TEXT),
        ({}, None),
    ],
)
def test_first_empty_value(instead: dict[str, str], code: Code | None) -> None:
    """The first in the order of the codes; what no database could keep is nothing."""
    missing = draft(**instead).missing()
    assert (missing and missing.code) == code


def test_a_selection_of_nobody_is_empty() -> None:
    """89, however it is told; one that has anything is looked at later."""
    whole = draft()
    for selection in (Selection(), Selection(numbers=(), contacts=(), groups=())):
        missing = attrs.evolve(whole, selection=selection).missing()
        assert missing is not None
        assert missing.code == Code.NO_DESTINATION
    for selection in (Selection(numbers=("",)), Selection(contacts=(0,)), Selection(groups=(-1,))):
        assert attrs.evolve(whole, selection=selection).missing() is None


def test_ids_are_those_that_can_be_kept() -> None:
    """Whatever a form says: 64 bits."""
    chosen = Selection(contacts=(3, 10**40, -(10**40)), groups=(2**63, 2**63 - 1))
    assert chosen == Selection(contacts=(3, LARGEST, -LARGEST), groups=(LARGEST, LARGEST))


@pytest.mark.parametrize(
    ("email", "shared", "sender"),
    [
        *(("jean@b.fr", True, "jean@b.fr"), (" Jean@B.FR\t", True, "jean@b.fr"), ("", True, "")),
        *(("a@b.fr", True, None), (" A@b.FR ", True, None), ("jean@b.fr", False, None), ("a@b.fr", False, None)),
    ],
)
def test_whom_a_mail_is_sent_by(email: str, shared: bool, sender: str | None) -> None:
    """Another address than the account's is one of a shared domain, where that is allowed at all."""
    account = Account(id=1, email="a@b.fr", version=1)
    credentials = Credentials(email=email, secret="s", address="192.0.2.1", shared=shared)
    assert credentials.sends_for(account) == sender
    assert "secret" not in repr(credentials)


def test_reasons_of_refusals() -> None:
    """A refusal is the same as another of its code and reason."""
    plain, limit = Refusal(Code.NO_CREDIT), Refusal(Code.NO_CREDIT, DailyLimit(5))
    assert plain == Refusal(Code.NO_CREDIT)
    assert limit == Refusal(Code.NO_CREDIT, DailyLimit(5))
    assert len({plain, limit, Refusal(Code.NO_CREDIT, DailyLimit(6)), Refusal(Code.NO_CREDIT)}) == 3


def test_hostile_text_is_only_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that takes long is done for a stranger, whatever he sends."""

    def never(*_: Any) -> Any:
        raise AssertionError("cleaned before the sender is known")

    monkeypatch.setattr(alphabet, "compose", never)
    assert draft(text="e" + "\u0301\u0327" * 500_000).missing() is None
    blank = draft(text="\r\0" * 500_000).missing()
    assert blank is not None
    assert blank.code == Code.NO_TEXT
