"""HTML to text: what a reader would see of it, without what he quotes and signs with."""

import re
from itertools import islice
from typing import Any, Final

from lxml import etree

_UNSEEN: Final = {
    *("head", "style", "script", "title", "noscript", "template", "object", "svg", "iframe", "select", "textarea"),
}
_BLOCKS: Final = {
    *("p", "div", "table", "tr", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "hr", "section", "article"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "header", "footer", "main", "aside", "address", "form", "center", "body"),
}
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)

# classes and ids; Outlook puts x_ before those of what it passes on
_QUOTE: Final = re.compile(
    r"(?:x_)*(?:gmail_(?:quote|quote_container|signature|signature_prefix|attr)|moz-(?:cite-prefix|signature)"
    r"|moz-forward-container|yahoo_quoted(?:_\w+)?|yahoo_signature|ms-outlook-mobile-signature|protonmail_quote"
    r"|protonmail_signature(?:_block)?(?:-\w+)?|zmail_extra|apple-(?:mail-)?signature|outlookmessageheader|signature"
    r"|orangemail_signature|elided-text|quoted-text|k9mail-signature|mail-quote|tutanota_quote|composer_signature"
    r"|isforwardcontent|replyheader|__quoted_text__|__headers__|__sig_(?:pre|post)__)",
    re.IGNORECASE,
)
_REST: Final = re.compile(
    r"(?:x_)*(?:divrplyfwdmsg|appendonsend|zwchr|reply-intro|mail-editor-reference-message-container|__divider__"
    r"|ms-outlook-mobile-body-separator-line)",
    re.IGNORECASE,
)
"""Names of nodes behind which there is nothing but what is answered."""

MOST_TAGS: Final = 40_000
"""Beginnings and ends of tags that are read."""

MOST_NAMES: Final = 20
"""Classes of a node that are looked at."""

# the parser would leave out what gateways append behind
_END: Final = re.compile(r"</(?:body|html) {0,9}>", re.IGNORECASE)

# each attribute of a tag is compared with all others: 50,000 take seconds
_OVERFULL: Final = re.compile(r"<[^<>]{8000,}>")

_WHITE: Final = re.compile(r"[ \t\n\r\f]+")


def plain_text(markup: str) -> str:
    """The text of an HTML document; empty where there is none. In linear time, however broken it is."""
    octets = _OVERFULL.sub("", _END.sub("", markup)).encode("utf-8", "replace").replace(b"\0", b"")
    try:
        root = etree.fromstring(octets, _parser())
    except etree.LxmlError:
        return ""
    return "" if root is None else _Reader().read(root)


def _parser() -> etree.HTMLParser:
    return etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)


class _Reader:
    """Writes down text in order, with a line end where a block begins or ends."""

    def __init__(self) -> None:
        self._written: list[str] = []
        self._fresh = True
        """At the beginning of a line."""
        self._preformatted = 0

    def read(self, root: Any) -> str:
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, node in islice(walk, MOST_TAGS):
            tag = node.tag if isinstance(node.tag, str) else ""
            if event == "start":
                if any(map(_REST.fullmatch, _names(node))):
                    break
                if not tag or _is_unseen(tag, node):
                    walk.skip_subtree()
                    self._stand_in(tag)
                    continue
                self._begin(tag)
                self._write(node.text)
            else:
                if not _is_unseen(tag, node):
                    self._end(tag)
                self._write(node.tail)
        lines = (line.rstrip(" \xa0") for line in "".join(self._written).split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")

    def _stand_in(self, tag: str) -> None:
        """Leave a node out; for a quote a line that is one, so that an answer under it is known for that."""
        if tag in _BLOCKS:
            self._break()
        if tag == "blockquote":
            self._written.append(">\n")

    def _begin(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._break()
        if tag == "br":
            self._written.append("\n")
            self._fresh = True
        elif tag in ("td", "th") and not self._fresh:
            self._written.append(" ")
        self._preformatted += tag == "pre"

    def _end(self, tag: str) -> None:
        self._preformatted -= tag == "pre"
        if tag in _BLOCKS:
            self._break()

    def _break(self) -> None:
        if not self._fresh:
            self._written.append("\n")
            self._fresh = True

    def _write(self, text: str | None) -> None:
        if not text:
            return
        if self._preformatted:
            self._written.append(text)
            self._fresh = text.endswith("\n")
            return
        told = _WHITE.sub(" ", text)
        if self._fresh or self._written[-1].endswith(" "):
            told = told.lstrip(" ")
        if told:
            self._written.append(told)
            self._fresh = False


def _names(node: Any) -> list[str]:
    return [*(node.get("class") or "").split()[:MOST_NAMES], node.get("id") or "", node.get("data-marker") or ""]


def _is_unseen(tag: str, node: Any) -> bool:
    return (
        tag in _UNSEEN
        or node.get("hidden") is not None
        or bool(_HIDDEN.search(node.get("style") or ""))
        or any(map(_QUOTE.fullmatch, _names(node)))
        or (tag == "blockquote" and (node.get("type") or "").lower() == "cite")
    )
