"""From a draft to priced messages: what comes first when several things are wrong, and what each costs."""

import tracemalloc
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstob.flow import compose as compose_module
from smstob.flow.compose import LONGEST_TEXT, Rules, _Length, compose
from smstob.flow.recipients import typed_recipients
from smstob.model.account import Account, Characters, Format, Options
from smstob.model.contact import Recipient
from smstob.model.draft import Channel, Draft
from smstob.model.merge import Template, Variables
from smstob.model.refusal import Code, Refusal
from smstob.model.route import Route, Routes
from smstob.model.segment import Coding
from smstob.model.submission import Acceptance, Priority
from smstob.model.tariff import Tariff
from tests.house import NOW, PARIS, House, numbers

ACCOUNT = Account(id=1, email="a@b.fr", version=1)
RULES = Rules(
    zone=PARIS,
    tariff=Tariff({"FR": 1, "RE": 1, "BE": 2}),
    routes=Routes([Route("+33", ("A", "B")), Route("+3370", ("B",)), Route("+32", ("A",))]),
    most_recipients=5,
)
PAST, LATER = "120001032026", "120003032026"


def draft(text: str, when: str = "", **rest: Any) -> Draft:
    """A draft of the account's."""
    return Draft(sender=ACCOUNT, channel=Channel.HTTP, destination="x", text=text, when=when, **rest)


def people(*numbers_: str, country: str = "FR", **variables: str) -> list[Recipient]:
    """Recipients with those numbers, who share their variables."""
    return [Recipient(number, number, country, Variables(**variables)) for number in numbers_]


def composed(text: str, recipients: list[Recipient] | Refusal, when: str = "", **options: Any) -> Acceptance:
    """What is composed at ``NOW`` by ``RULES``."""
    account = attrs.evolve(ACCOUNT, options=Options(**options))
    return compose(RULES, account, draft(text, when), recipients, NOW, frozenset())


def code(acceptance: Acceptance) -> Code | None:
    """The code of its refusal."""
    return None if acceptance.refusal is None else acceptance.refusal.code


ONE = people("+33612345678")
BELGIAN = people("+32470123456", country="BE")
CLOSED = people("+4915112345678", country="DE")
UNROUTED = people("+262692123456", country="RE")


@pytest.mark.parametrize(
    ("text", "recipients", "when", "expected"),
    [
        ("[v1]", ONE, PAST, Code.NO_TEXT),
        ("x", people(*numbers(6)), PAST, Code.TOO_MANY),
        ("x", [*people(*numbers(6)), *CLOSED], "", Code.TOO_MANY),
        ("x", Refusal(Code.BAD_NUMBER), PAST, Code.BAD_NUMBER),
        ("x", Refusal(Code.EMPTY_GROUP), PAST, Code.EMPTY_GROUP),
        ("x" * 9999, CLOSED, PAST, Code.BAD_NUMBER),
        ("x" * 9999, people(*numbers(6)), PAST, Code.TOO_MANY),
        ("x" * 9999, Refusal(Code.BAD_NUMBER), PAST, Code.BAD_NUMBER),
        ("\r\0" * 9999, ONE, PAST, Code.NO_TEXT),
        ("\r\0" * 9999, CLOSED, PAST, Code.NO_TEXT),
        ("x", [*ONE, *CLOSED], "", Code.BAD_NUMBER),
        ("x" * 9999, ONE, PAST, Code.BAD_DATE),
        ("x", UNROUTED, PAST, Code.BAD_DATE),
        ("x", ONE, "not a date", Code.BAD_DATE),
        ("x" * 9999, ONE, LATER, Code.TOO_LONG),
        ("x", UNROUTED, LATER, Code.UNAVAILABLE),
        ("x", ONE, LATER, None),
    ],
)
def test_order_of_refusals(text: str, recipients: Any, when: str, expected: Code | None) -> None:
    """When several things are wrong the first of product's order is answered."""
    assert code(composed(text, recipients, when)) == expected


def test_prices_by_country() -> None:
    """Each segment costs what its country costs; a country without a price is closed."""
    acceptance = composed("x" * 161, [*ONE, *BELGIAN])
    assert [(one.segments, one.credits) for one in acceptance.messages] == [(2, 2), (2, 4)]
    assert code(composed("x", CLOSED)) == Code.BAD_NUMBER


@pytest.mark.parametrize(
    ("text", "options", "coding", "segments"),
    [
        ("a" * 160, {}, Coding.GSM7, 1),
        ("€" * 80, {}, Coding.GSM7, 1),
        ("€" * 81, {}, Coding.GSM7, 2),
        ("ê" * 160, {}, Coding.GSM7, 1),
        ("ê" * 70, {"characters": Characters.AS_IS}, Coding.UCS2, 1),
        ("ê" * 71, {"characters": Characters.AS_IS}, Coding.UCS2, 2),
        ("漢" * 134, {}, Coding.UCS2, 2),
        ("a" * 765, {}, Coding.GSM7, 5),
        ("a" * 766, {}, None, None),
        ("a" * 161, {"max_segments": 1}, None, None),
    ],
)
def test_segments(text: str, options: Any, coding: Coding | None, segments: int | None) -> None:
    """A text is adapted or not, measured, and refused where it takes more segments than the account allows."""
    acceptance = composed(text, ONE, **options)
    found = [(one.coding, one.segments, one.credits) for one in acceptance.messages]
    assert found == ([(coding, segments, segments)] if coding else [])
    assert code(acceptance) == (None if coding else Code.TOO_LONG)


def test_mail_merge() -> None:
    """Each gets a text, a coding and a price of his own; a variable is never expanded again; the empty are left out."""
    recipients = [
        *people("+33600000001", name="Zoé", v1="[v2]", v2="x"),
        *people("+33600000002", v1="漢" * 71),
        *people("+33600000003", v1="%s %d", name="\x07"),
    ]
    acceptance = composed(" [NOM] [v1]", recipients)
    assert [(one.text, one.credits) for one in acceptance.messages] == [
        ("Zoé [v2]", 1),
        ("漢" * 71, 2),
        ("%s %d", 1),
    ]
    nothing = composed("[v3]", [*people("+33600000001", v3="x"), *people("+33600000002"), *people("+33600000003")])
    assert (len(nothing.messages), nothing.empty) == (1, 2)


def test_first_contact_wins() -> None:
    """A number that two contacts share is written to once, with the variables of the first."""
    shared = [*people("+33600000001", v1="first"), *people("+33600000001", v1="second"), *people("+33600000002")]
    acceptance = composed("à [v1]", shared)
    assert [one.text for one in acceptance.messages] == ["à first", "à"]
    assert acceptance.empty == 0


def test_most_recipients() -> None:
    """As many different numbers as the operator allows."""
    assert code(composed("x", people(*numbers(5), *numbers(5)))) is None
    assert code(composed("x", people(*numbers(6)))) == Code.TOO_MANY


def test_what_is_kept_of_the_draft() -> None:
    """Due date, priority, format and validity: the draft's own, else the account's."""
    acceptance = composed(" x\r\ny ", ONE, format=Format.FLASH, validity=5)
    assert (acceptance.text, acceptance.format, acceptance.validity) == ("x\ny", Format.FLASH, 5)
    assert (acceptance.due, acceptance.deferred, acceptance.priority) == (NOW, False, Priority.SINGLE)
    own = draft("x", LATER, format=Format.NORMAL, validity=1, reference="r")
    acceptance = compose(RULES, ACCOUNT, own, people(*numbers(2)), NOW, frozenset())
    assert (acceptance.format, acceptance.validity, acceptance.reference) == (Format.NORMAL, 1, "r")
    assert (acceptance.due, acceptance.deferred, acceptance.priority) == (NOW + 86_400, True, Priority.GROUP)
    assert not composed("x", ONE, "120002032026").deferred


def test_longest_prefix_and_down_gateways() -> None:
    """The longest prefix rules, and a gateway that is down is avoided where the route has another."""
    recipients = people("+33600000001", "+33700000001")
    assert [one.gateway for one in compose(RULES, ACCOUNT, draft("x"), recipients, NOW, {"A"}).messages] == ["B", "B"]
    assert [one.gateway for one in compose(RULES, ACCOUNT, draft("x"), recipients, NOW, {"B"}).messages] == ["A", "B"]
    both = compose(RULES, ACCOUNT, draft("x"), recipients, NOW, {"A", "B"})
    assert [one.gateway for one in both.messages] == ["A", "B"]


def test_huge_texts_are_refused_before_they_are_made() -> None:
    """A template and a variable that would multiply to gigabytes cost neither memory nor a message."""
    rules = attrs.evolve(RULES, most_recipients=100_000)
    recipients = people(*numbers(2_000), v1="x" * 10_000)
    for text in ("[v1]" * 250_000, "x" * 1_000_000, "[v1]" + "x" * 1_000_000):
        tracemalloc.start()
        acceptance = compose(rules, ACCOUNT, draft(text), recipients, NOW, frozenset())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert code(acceptance) == Code.TOO_LONG
        assert peak < 60_000_000


def test_long_texts_are_not_even_cleaned(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text beyond the bound costs no more than its length; outer white space does not count."""
    texts = ["e" + "\u0301\u0327" * 500_000, "\u200b" * (LONGEST_TEXT + 1), "[v1]" * 625]
    assert code(composed(" " * 9999 + "x" + "\r\n" * 9999, ONE)) is None

    def never(*_: object) -> str:
        raise AssertionError("cleaned")

    assert code(composed("x" * LONGEST_TEXT, people("+33600000001"), max_segments=99)) is None
    monkeypatch.setattr(compose_module, "for_sending", never)
    monkeypatch.setattr(Template, "render", never)
    for text in texts:
        assert code(composed(text, people("+33600000001", v1="xxxxx"))) == Code.TOO_LONG


def test_empty_text_is_found_empty_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is the same for all is looked at once, however many recipients there are."""
    seen = []

    def note(text: str, _: Characters) -> str:
        seen.append(text)
        return ""

    monkeypatch.setattr(compose_module, "for_sending", note)
    assert code(composed("\u200b", people(*numbers(5)))) == Code.NO_TEXT
    assert seen == ["\u200b"]


VALUES = st.text("[]v1ß", max_size=4)
PIECES = st.sampled_from(["[v1]", "[V2]", "[v3]", "[NoM]", "[", "]", "é", "İ", "%", "[v4]", "\n"])


@given(st.lists(PIECES).map("".join), st.builds(Variables, name=VALUES, v1=VALUES, v2=VALUES, v3=VALUES))
def test_length_is_known_without_rendering(text: str, variables: Variables) -> None:
    """It is that of what is rendered, exactly."""
    assert _Length(text).of(variables) == len(Template.parse(text).render(variables))


def test_brackets_are_no_reason_to_refuse() -> None:
    """The bound on what is rendered stops nothing that could be sent."""
    text = "[v1]" * 9 + "[" * 100
    assert code(composed(text, people("+33600000001", v1="x" * 140, name="n" * 200), max_segments=10)) is None


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("0612345678", ["+33612345678"]),
        ("0612345678, 06 12 34 56 78;+33730000001", ["+33612345678", "+33730000001"]),
        ("0612345678,nobody", None),
        ("Adhérents", None),
        (",;", None),
    ],
)
def test_typed_recipients(typed: str, expected: list[str] | None) -> None:
    """Numbers are found, each once; one that is none makes the whole a name."""
    found = typed_recipients(typed)
    assert ([one.number for one in found] if found else None) == expected


def test_group_members_and_numbers_meet_the_same_rules(tmp_path: Path) -> None:
    """A group of one is urgent like a single number; its members' variables are merged."""
    house = House(tmp_path / "a.db")
    house.gateway()
    account = house.account()
    house.group(account, "Une", numbers(1), Variables(name="Zoé"))
    house.accepted("une", "Bonjour [nom]")
    (row,) = house.messages()
    assert (row.text, row.priority) == ("Bonjour Zoé", Priority.SINGLE)
