"""Drafts: what is missing of them, seen before anything else is looked at."""

from typing import Any

import pytest

from smstob.model import alphabet
from smstob.model.draft import Channel, Credentials, Draft
from smstob.model.refusal import Code

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


def test_hostile_text_is_only_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that takes long is done for a stranger, whatever he sends."""

    def never(*_: Any) -> Any:
        raise AssertionError("cleaned before the sender is known")

    monkeypatch.setattr(alphabet, "compose", never)
    assert draft(text="e" + "\u0301\u0327" * 500_000).missing() is None
    blank = draft(text="\r\0" * 500_000).missing()
    assert blank is not None
    assert blank.code == Code.NO_TEXT
