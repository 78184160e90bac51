"""From a draft and its recipients to priced, routed messages: every check that needs no database."""

from collections.abc import Container, Iterable, Iterator
from typing import Final
from zoneinfo import ZoneInfo

import attrs

from ..model.account import Account
from ..model.contact import Recipient
from ..model.draft import Credentials, Draft
from ..model.merge import Template, Variables
from ..model.moment import BadMoment, day_of, parse_moment
from ..model.refusal import Code, Refusal
from ..model.route import Routes
from ..model.segment import Measure, measure
from ..model.submission import Acceptance, Composed, Priority, Sender, duplicate_key
from ..model.tariff import Tariff
from ..model.text import clean, for_sending, is_blank

LONGEST_TEXT: Final = 2_500
"""Characters of a text, or of what it is when rendered, beyond which it is too long without a closer look.

Ten segments have 1,530; the rest is room for the names of variables, and for what is dropped or replaced.
"""

MARKERS: Final = {"[nom]": "name", "[v1]": "v1", "[v2]": "v2", "[v3]": "v3"}
"""Variables in a text, in lower case, and what ``Variables`` calls them."""


AFTER_THE_DATE: Final = (Code.TOO_LONG, Code.UNAVAILABLE)
"""The refusals that a bad date goes before."""


@attrs.frozen(kw_only=True)
class Rules:
    """What drafts are composed by."""

    zone: ZoneInfo
    tariff: Tariff
    routes: Routes
    most_recipients: int


def compose(
    rules: Rules, account: Account, draft: Draft, recipients: list[Recipient] | Refusal, now: int, down: Container[str]
) -> Acceptance:
    """What is to be accepted of ``draft``, or the refusal that comes first in the order of the codes.

    ``down`` are the gateways that are avoided where the route has another. Takes 5 to 10 µs a
    recipient, and up to 1 ms where a long text is personal and beyond GSM-7: for many, in a thread.
    """
    text = _kept(draft.text)
    due, bad_date = _due(rules, draft, now)
    composer = _Composer(rules, account, down)
    outcome = recipients if isinstance(recipients, Refusal) else composer.compose(text, unique(recipients))
    if bad_date is not None and not (isinstance(outcome, Refusal) and outcome.code not in AFTER_THE_DATE):
        outcome = bad_date
    refusal = outcome if isinstance(outcome, Refusal) else None
    messages, empty = ([], 0) if isinstance(outcome, Refusal) else outcome
    return Acceptance(
        account=account,
        channel=draft.channel,
        destination=draft.destination,
        text=text or "",
        reference=draft.reference,
        created=now,
        due=due,
        deferred=due > now,
        day=day_of(due, rules.zone),
        format=draft.format or account.options.format,
        validity=draft.validity or account.options.validity,
        priority=Priority.SINGLE if len(messages) == 1 else Priority.GROUP,
        messages=tuple(messages),
        empty=empty,
        refusal=refusal,
        sender=_sender(rules, account, draft, now),
    )


def _sender(rules: Rules, account: Account, draft: Draft, now: int) -> Sender | None:
    address = draft.sender.sends_for(account) if isinstance(draft.sender, Credentials) else None
    return None if address is None else Sender(address, day_of(now, rules.zone))


def verdicts(
    rules: Rules, account: Account, draft: Draft, recipients: Iterable[Recipient], down: Container[str]
) -> Iterator[tuple[Recipient, Composed | Refusal]]:
    """What each of ``recipients`` would be sent, or why nothing (84, 90, 92, 99), whatever becomes of the others."""
    return _Composer(rules, account, down).each(_kept(draft.text), recipients)


def unique(recipients: Iterable[Recipient]) -> list[Recipient]:
    """The first of each number."""
    first: dict[str, Recipient] = {}
    for recipient in recipients:
        first.setdefault(recipient.number, recipient)
    return list(first.values())


def _kept(text: str) -> str | None:
    """The clean text, or None where it is too long, which is seen without cleaning it."""
    stripped = text.strip()
    if len(stripped) <= LONGEST_TEXT:
        return clean(stripped)
    return "" if is_blank(stripped) else None


def _due(rules: Rules, draft: Draft, now: int) -> tuple[int, Refusal | None]:
    if not draft.when.strip():
        return now, None
    try:
        return parse_moment(draft.when, rules.zone, now), None
    except BadMoment:
        return now, Refusal(Code.BAD_DATE)


class _Composer:
    """Renders, measures, prices and routes for one account."""

    def __init__(self, rules: Rules, account: Account, down: Container[str]) -> None:
        self._rules = rules
        self._account = account
        self._down = down

    def compose(self, text: str | None, recipients: list[Recipient]) -> tuple[list[Composed], int] | Refusal:
        """Messages, and how many recipients have nothing to read; or why none is sent.

        ``text`` is None where it is too long.
        """
        if len(recipients) > self._rules.most_recipients:
            return Refusal(Code.TOO_MANY)
        closed = None in {self._rules.tariff.price(country) for country in {one.country for one in recipients}}
        messages = []
        for _, verdict in self.each(text, recipients):
            if isinstance(verdict, Composed):
                messages.append(verdict)
            elif verdict.code is Code.NO_TEXT:
                continue
            if closed:  # only now: texts that are empty for all come before that, and too long ones after
                return Refusal(Code.BAD_NUMBER)
            if isinstance(verdict, Refusal):
                return verdict
        return (messages, len(recipients) - len(messages)) if messages else Refusal(Code.NO_TEXT)

    def each(
        self, text: str | None, recipients: Iterable[Recipient]
    ) -> Iterator[tuple[Recipient, Composed | Refusal]]:
        """See ``verdicts``; ``text`` is None where it is too long."""
        if text is None:
            yield from ((recipient, self._too_long(recipient)) for recipient in recipients)
            return
        template = Template.parse(text)
        characters = self._account.options.characters
        shared = "" if template.personal else for_sending(template.render(Variables()), characters)
        measured = measure(shared)
        length = _Length(text) if template.personal else None
        for recipient in recipients:
            written = shared
            if length is not None:
                if length.of(recipient.variables) > LONGEST_TEXT:
                    yield recipient, self._too_long(recipient)
                    continue
                written = for_sending(clean(template.render(recipient.variables)), characters)
                measured = measure(written)
            yield recipient, self._message(recipient, written, measured) if written else Refusal(Code.NO_TEXT)

    def _too_long(self, recipient: Recipient) -> Refusal:
        closed = self._rules.tariff.price(recipient.country) is None
        return Refusal(Code.BAD_NUMBER if closed else Code.TOO_LONG)

    def _message(self, recipient: Recipient, text: str, measured: Measure) -> Composed | Refusal:
        price = self._rules.tariff.price(recipient.country)
        if price is None:
            return Refusal(Code.BAD_NUMBER)
        if measured.segments > self._account.options.max_segments:
            return Refusal(Code.TOO_LONG)
        gateway = self._rules.routes.choose(recipient.number, self._down)
        if gateway is None:
            return Refusal(Code.UNAVAILABLE)
        return Composed(
            number=recipient.number,
            typed=recipient.typed,
            text=text,
            coding=measured.coding,
            segments=measured.segments,
            credits=measured.segments * price,
            gateway=gateway,
            key=duplicate_key(self._account.id, recipient.number, text),
        )


class _Length:
    """How long a template is for one recipient, without rendering it: variables many times over take much memory."""

    def __init__(self, text: str) -> None:
        lower = text.lower()
        counts = {name: lower.count(marker) for marker, name in MARKERS.items()}
        self._counts = {name: count for name, count in counts.items() if count}
        self._literal = len(text) - sum(len(marker) * counts[name] for marker, name in MARKERS.items())

    def of(self, variables: Variables) -> int:
        """Characters of what ``variables`` make of it."""
        return self._literal + sum(count * len(getattr(variables, name)) for name, count in self._counts.items())
