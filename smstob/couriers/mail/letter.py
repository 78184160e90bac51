"""Letters as mails (RFC 5322): one text, one HTML, files, and the headers that keep robots from answering."""

import re
import textwrap
from datetime import datetime
from email.charset import QP, Charset
from email.encoders import encode_base64
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from ...model.notice import Attachment, Letter
from .french import NBSP
from .section import Section
from .sections import section_of, subject_of

WIDTH: Final = 72
"""Characters of a line of the text part."""

AUTOMATIC: Final = "Ce courriel est automatique : n'y répondez pas."
FOOTER: Final = (
    f"{AUTOMATIC} Vous choisissez dans les options de votre compte les confirmations que vous recevez."
)

_TEMPLATES: Final = Path(__file__).parent / "templates"
# what can stand in a header as it is (RFC 5322 §3.4.1 and §3.6.4, wider): one line of it, never two
_ADDRESS: Final = re.compile(r"[!#-'*+\-./0-9=?A-Z^-~]{1,64}@[A-Za-z0-9.-]{1,255}")
# what a quoted string of a header cannot hold as it is (RFC 5322 §3.2.4), and what no file system has in a name
_UNQUOTED: Final = re.compile(r"[^ !#-.0-9;=@-\[\]-~]")
_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]{1,900}>")
# the Subject is folded where it is made; a generator that folds puts a long Message-ID on a line of its own
_UNFOLDED: Final = compat32.clone(max_line_length=0)
# where French typography has a space and no line may end
_TIED: Final = re.compile(rf"(?<=«)[ {NBSP}]|[ {NBSP}](?=[:;!?»])")


def is_ascii_address(address: str) -> bool:
    """Whether the address can be written in headers and envelopes without SMTPUTF8 (RFC 6531)."""
    return _ADDRESS.fullmatch(address) is not None


class Letters:
    """Writes letters. ``sender`` and ``domain`` are the service's, dates are those of ``zone``.

    The same letter is the same bytes, whoever writes it and when: a mail program sees that it came twice. One that
    tells a password or a link tells another when it is carried again, and so is another mail: a program that took
    it for the same would keep the one that is worth nothing.
    """

    def __init__(self, sender: str, domain: str, zone: ZoneInfo, base_url: str) -> None:
        self.domain = domain
        self._sender = sender
        self._zone = zone
        self._base_url = base_url
        templates = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=select_autoescape(["html"], default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        templates.filters["wrap"] = _wrap
        templates.filters["typeset"] = _typeset
        self._text = templates.get_template("letter.txt")
        self._html = templates.get_template("letter.html")

    def compose(self, letter: Letter) -> bytes:
        """The mail in seven-bit lines of 998 characters at most (RFC 5322 §2.1.1), which end in bare ``\\n``."""
        sections = tuple(section_of(told, self._zone, self._base_url) for told in letter.sections)
        private = any(section.private for section in sections)
        said = MIMEMultipart("alternative", boundary=f"=_smstob-{letter.id}")
        mail = MIMEMultipart("mixed", boundary=f"=_smstob-{letter.id}-files") if letter.attachments else said
        self._put_headers(mail, letter, subject_of(sections).replace(NBSP, " "))
        name = f"{letter.id}-{letter.at}" if private else str(letter.id)
        mail["Message-ID"] = f"<notice-{name}@{self.domain}>"
        said.attach(_part("plain", self._render_text(sections)))
        said.attach(_part("html", self._render_html(sections)))
        if letter.attachments:
            mail.attach(said)
            for attachment in letter.attachments:
                mail.attach(_file(attachment))
        return mail.as_bytes(policy=_UNFOLDED)

    def _put_headers(self, mail: MIMEMultipart, letter: Letter, subject: str) -> None:
        thread = letter.thread if letter.thread and _MESSAGE_ID.fullmatch(letter.thread) else None
        mail["From"] = f"SMStoB <{self._sender}>"
        mail["To"] = letter.recipient if is_ascii_address(letter.recipient) else "undisclosed-recipients:;"
        mail["Subject"] = Header(subject, None if subject.isascii() else "utf-8", 76, "Subject").encode()
        mail["Date"] = format_datetime(datetime.fromtimestamp(letter.at, self._zone))
        if thread:
            mail["In-Reply-To"] = thread
            mail["References"] = thread
        mail["Auto-Submitted"] = "auto-replied" if letter.thread else "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        mail["Precedence"] = "bulk"
        mail["X-SMStoB-Loop"] = "1"
        mail["Content-Language"] = "fr"

    def _render_text(self, sections: tuple[Section, ...]) -> str:
        return self._text.render(sections=sections, base_url=self._base_url, footer=_footer(sections))

    def _render_html(self, sections: tuple[Section, ...]) -> str:
        return self._html.render(
            sections=sections, subject=subject_of(sections), base_url=self._base_url, footer=_footer(sections)
        )


def _footer(sections: tuple[Section, ...]) -> str:
    return FOOTER if all(section.optional for section in sections) else AUTOMATIC


def _part(subtype: str, text: str) -> MIMENonMultipart:
    charset = Charset("utf-8")
    # peers without 8BITMIME (RFC 6152) must not be met with eight bits; base64 would be heavier and unreadable
    charset.body_encoding = QP
    part = MIMENonMultipart("text", subtype, charset="utf-8")
    part.set_payload(text, charset)
    return part


def _file(attachment: Attachment) -> MIMENonMultipart:
    main, _, subtype = attachment.type.partition("/")
    part = MIMENonMultipart(main, subtype)
    part["Content-Disposition"] = f'attachment; filename="{_UNQUOTED.sub("_", attachment.name)}"'
    part.set_payload(attachment.content)
    encode_base64(part)
    return part


def _typeset(line: str) -> str:
    """No line ends before ``:`` or inside of guillemets."""
    return _TIED.sub(NBSP, line)


def _wrap(line: str, indent: str = "") -> str:
    return textwrap.fill(
        line, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False, expand_tabs=False
    )
