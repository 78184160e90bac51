"""Texts and numbers that the properties of this folder are tried on."""

import string

from gsm0338.charset import BASIC_CHARACTER_SET, BASIC_CHARACTER_SET_EXTENSION
from gsm0338.codec import Codec
from hypothesis import settings
from hypothesis import strategies as st

QUICK = settings(deadline=None, max_examples=150)

DEFAULT: dict[int, str] = {
    septet: Codec().decode(bytes([septet]))[0] for septet in BASIC_CHARACTER_SET if septet != 0x1B
}
EXTENSION: dict[int, str] = {
    septet: Codec().decode(bytes([0x1B, septet]))[0] for septet in BASIC_CHARACTER_SET_EXTENSION
}
"""Both tables of 3GPP TS 23.038 as another library has them."""

GSM7 = "".join([*DEFAULT.values(), *EXTENSION.values()])

gsm7_texts = st.text(st.sampled_from(GSM7), max_size=700)
dense_texts = st.text(st.sampled_from("ae€[\n"), min_size=140, max_size=700)
"""GSM-7 texts of several segments in which pairs often straddle a boundary."""
scalars = st.characters(exclude_categories=["Cs"])
wide_texts = st.text(st.one_of(st.sampled_from("aé漢😀🇫🇷\u200d"), scalars), max_size=300)
"""Texts of Unicode, often of several UCS-2 segments with surrogate pairs."""
any_texts = st.text(st.one_of(scalars, st.characters(categories=["Cs", "Cc", "Cf", "Mn", "Zs"])), max_size=200)
"""All that a Python string can hold, lone surrogates included."""

SEPARATORS = [
    "", "", " ", "\t", "\n", "\u00a0", "\u202f", "\u3000", ".", "/", "-", "\u2010", "\u2011", "\u2012", "\u2013",
    "\u2014", "\u2015", "\u2212", "(", ")", "\u200b", "\u202a", "\u202c", "\u2066", "\ufeff", "\u00ad",
]  # fmt: skip
FULL_WIDTH = str.maketrans(string.digits + "+()", "０１２３４５６７８９＋（）")


@st.composite
def decorated(draw: st.DrawFn, digits: str) -> str:
    """``digits`` with things between them that people, programs and clipboards put there."""
    pieces = [draw(st.sampled_from(SEPARATORS)) + digit for digit in digits]
    # A zero alone between parentheses would be ignored, by the rule.
    typed = "".join(pieces).replace("(0)", "(0")
    return typed.translate(FULL_WIDTH) if draw(st.booleans()) else typed
