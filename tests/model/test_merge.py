"""Mail merge."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstob.model.merge import Template, Variables

from .strategies import QUICK

JEAN = Variables(name="Jean", v1="lundi", v2="14h", v3="")


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("", ""),
        ("Bonjour", "Bonjour"),
        ("[nom]", "Jean"),
        ("Bonjour [nom], [v1] à [v2][v3].", "Bonjour Jean, lundi à 14h."),
        ("[NOM] [Nom] [nOm] [V1] [v1]", "Jean Jean Jean lundi lundi"),
        ("[v2][v1][v2]", "14hlundi14h"),
        ("[v4] [v0] [v] [v10] [ v1] [v1 ] [name] [] [[", "[v4] [v0] [v] [v10] [ v1] [v1 ] [name] [] [["),
        ("[[v1]] [v[v2]]", "[lundi] [v14h]"),
        ("100 % de [v1], %s %(v1)s %% {v1} {} \\1 \\g<1>", "100 % de lundi, %s %(v1)s %% {v1} {} \\1 \\g<1>"),
        ("100 % %s %d", "100 % %s %d"),
        ("[v\u0661] [ｖ1] [v¹]", "[v\u0661] [ｖ1] [v¹]"),
        ("a\n[v1]\nb", "a\nlundi\nb"),
    ],
)  # fmt: skip
def test_variables_are_replaced_and_nothing_else(text: str, rendered: str) -> None:
    """The four names in any case, an absent one by nothing; what looks like a format stays literal."""
    assert Template.parse(text).render(JEAN) == rendered


def test_a_variable_is_never_expanded_again() -> None:
    """What a contact holds is text, even if it looks like a variable or a format."""
    tricky = Variables(name="[v1]", v1="[v2] %s {0} \\1", v2="%(name)s[nom]", v3="%%")
    assert Template.parse("[nom]|[v1]|[v2]|[v3]").render(tricky) == "[v1]|[v2] %s {0} \\1|%(name)s[nom]|%%"
    assert Template.parse("[v3]").render(tricky) == "%%"


@pytest.mark.parametrize(
    ("text", "personal"),
    [("Bonjour", False), ("", False), ("[v4] %s", False), ("[v1]", True), ("a [NOM]", True), ("[v3][v3]", True)],
)
def test_personal_tells_whether_recipients_get_unlike_texts(text: str, personal: bool) -> None:
    """A text without variable can be measured once for a whole group."""
    template = Template.parse(text)
    assert template.personal is personal
    if not personal:
        assert template.render(JEAN) == text


def test_templates_are_values() -> None:
    """Two templates of one text are equal, those of different texts are not, and the text can be read."""
    assert Template.parse("[v1]") == Template.parse("[v1]")
    assert hash(Template.parse("[v1]")) == hash(Template.parse("[v1]"))
    assert Template.parse("[v1]") != Template.parse("[v2]")
    assert Template.parse("a [v1]").text == "a [v1]"


pieces = st.one_of(
    st.sampled_from(["[v1]", "[V2]", "[v3]", "[Nom]", "%", "%s", "{}", "[", "]", "\\"]), st.text(max_size=5)
)


@QUICK
@given(st.lists(pieces, max_size=12).map("".join), st.builds(Variables, st.text(), st.text(), st.text(), st.text()))
def test_rendering_is_one_simple_substitution(text: str, variables: Variables) -> None:
    """The fast way gives what the plain definition gives, for any text and any variables."""
    values = {"nom": variables.name, "v1": variables.v1, "v2": variables.v2, "v3": variables.v3}
    plain = re.sub(r"(?i)\[(nom|v1|v2|v3)\]", lambda found: values[found[1].lower()], text)
    assert Template.parse(text).render(variables) == plain


def test_hostile_texts_end() -> None:
    """Megabytes of brackets or of variables are parsed and rendered once and through."""
    assert Template.parse("[" * 3_000_000).render(JEAN) == "[" * 3_000_000
    assert Template.parse("[v1" * 1_000_000).render(JEAN) == "[v1" * 1_000_000
    assert Template.parse("[v1]" * 300_000).render(JEAN) == "lundi" * 300_000
    assert Template.parse("%\x00" * 1_000_000 + "[v2]").render(JEAN) == "%\x00" * 1_000_000 + "14h"
