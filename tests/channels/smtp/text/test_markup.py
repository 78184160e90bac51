"""HTML as mail programs write it, and as nobody should."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstob.channels.smtp.text.markup import MOST_TAGS, plain_text

TEXTS = (
    ("plain, without a tag", "plain, without a tag"),
    ("a &amp; b &lt; c &eacute;&euro;&#233;&#x1F600; d < e & f", "a & b < c é€é😀 d < e & f"),
    ("9&nbsp;h", "9\xa0h"),
    ("a<br>b<br/>c<BR >d", "a\nb\nc\nd"),
    ("a<br><br>b", "a\n\nb"),
    ("a<br><br><br><br><br>b", "a\n\nb"),
    ("<p>a<p>b", "a\nb"),
    ("<p>a</p>\n\n   <p>b\n  c</p>", "a\nb c"),
    ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
    ("<div>a<div>b</div>c</div>", "a\nb\nc"),
    ("<p class=MsoNormal>a</p><p class=MsoNormal>&nbsp;</p><p>b</p>", "a\n\nb"),
    ("un <b>mot</b> <i>gras</i>, <a href=x>lien</a>.", "un mot gras, lien."),
    ("in<b>sé</b>parable", "inséparable"),
    ("a<span> </span>b", "a b"),
    ("<h1>Titre</h1>texte", "Titre\ntexte"),
    ("<table><tr><td>a</td><td>b</td></tr><tr><th>c<td>d</table>e", "a b\nc d\ne"),
    ("<ul><li>un</li><li>deux</li></ul>fin", "un\ndeux\nfin"),
    ("<ol><li>un<li>deux", "un\ndeux"),
    ("<pre>a\n  b\n</pre>c  d", "a\n  b\nc d"),
    ("<blockquote>cité par lui-même</blockquote>x", "cité par lui-même\nx"),
    ("a<hr>b", "a\nb"),
    (f"a<p {' '.join(f'x{place}=1' for place in range(5000))}>b</p>c", "abc"),
    ("<img alt=logo src=x>a", "a"),
    # nothing that is not seen
    ("<head><title>t</title></head>a", "a"),
    ("<style>p{}</style>a<script>alert('</p>')</script>b", "ab"),
    ("a<div style='color:red;DISPLAY : none'>x<p>y</p></div>b", "a\nb"),
    ("a<span hidden>x</span>b<span style='visibility:hidden'>y</span>c<span style='mso-hide:all'>z</span>d", "abcd"),
    ("a<!-- x <p> -->b", "ab"),
    ("a<!--[if mso]><p>x</p><![endif]-->b", "ab"),
    ("a<![if !mso]>b<![endif]>c", "abc"),
    ("a<?xml version='1.0'?>b", "ab"),
    ("<select><option>x</select>a<textarea>y</textarea>", "a"),
    # quotes and signatures
    ("<div>a</div><div class='gmail_quote gmail_quote_container'>x</div>", "a"),
    ("<div class=gmail_quote>x</div><div>a</div>", "a"),
    ("a<div class=gmail_signature data-smartmail=x>y</div>", "a"),
    ("a<div class=moz-cite-prefix>Le … a écrit :</div><blockquote type=cite>x</blockquote>", "a\n>"),
    ("<blockquote TYPE=Cite>x<blockquote type=cite>y</blockquote></blockquote>a", ">\na"),
    ("a<div id=appendonsend></div><hr><div id=divRplyFwdMsg>De : x</div><p>y", "a"),
    ("a<div id=x_divRplyFwdMsg>x</div>y", "a"),
    ("a<div id=ms-outlook-mobile-signature>x</div>", "a"),
    ("a<div id=Signature>x</div>b", "a\nb"),
    ("a<div class=protonmail_signature_block-user>x</div><div class='protonmail_quote'>y</div>", "a"),
    ("a<div class='yahoo_quoted' id='yahoo_quoted_123'>x</div>", "a"),
    ("a<div class=pre-signature>x</div><div class=my_gmail_quote>y</div>", "a\nx\ny"),
    # broken
    ("", ""),
    (" \n ", ""),
    ("<", "<"),
    ("<p>a</div></p></table>b", "a\nb"),
    ("<b><i>a</b></i>b", "ab"),
    ("<p>a</p></body></html><p>b</p>", "a\nb"),
    ("<html><body>a</body></html><html><body>b</body></html>", "ab"),
    ("<meta charset=iso-8859-1><p>é", "é"),
    ("a\0b", "ab"),
    ("<p>a<!-- unclosed", "a"),
    ("a<b title='x>b", "a"),
    ("<div>a\ud800</div>", "a?"),
)


@pytest.mark.parametrize(("markup", "text"), TEXTS)
def test_text(markup: str, text: str) -> None:
    """What a reader would see, a line for each block, without what is hidden, quoted or signed."""
    assert plain_text(markup) == text


@given(st.lists(st.sampled_from([*(markup for markup, _ in TEXTS), "<", ">", "</p>", "<div", "'", '"']), max_size=6))
def test_anything(pieces: list[str]) -> None:
    """Any heap of tags is read; no white space is left around it."""
    text = plain_text("".join(pieces))
    assert text == text.strip("\n")
    assert "\n\n\n" not in text


def test_deep() -> None:
    """A hundred thousand nested tags cost nothing, and what stood before them is kept."""
    assert plain_text("<p>a</p>" + "<div>" * 100_000 + "b") == "a"
    assert plain_text("<div>" * 100 + "a" + "</div>" * 100) == "a"


def test_wide() -> None:
    """Reading ends after so many tags, and what was read until then is the text."""
    text = plain_text("<p>a" * MOST_TAGS)
    assert 0 < text.count("a") < MOST_TAGS
