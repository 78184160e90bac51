"""What typing asks for and takes its time, in a thread: who is meant, what it comes to, and the draft put on disk."""

import queue
import sqlite3
import threading
import tkinter
from collections.abc import Callable
from typing import Final

import attrs

from .. import composing, database
from ..book import ContactBook
from ..composing import Addressees, Mailing
from ..outbox import Draft, Outbox
from ..program import Program
from ..suggesting import Suggestion, suggestions

_LOOK: Final = 20
"""Milliseconds between two looks at what the thread says."""

MOST_SUGGESTED: Final = 8


@attrs.frozen(kw_only=True)
class Question:
    """What is typed."""

    recipients: str
    text: str = attrs.field(repr=False)
    to_site_group: bool
    """Whether a name that is unknown here is a group's of the book on the site."""
    revision: int
    """Goes up when the book may have changed."""


@attrs.frozen(kw_only=True)
class Reckoned:
    """The answer."""

    question: Question
    addressees: Addressees
    site_group: str | None
    """The group of the site that it goes to."""
    mailing: Mailing | None
    """None where it is for nobody."""


@attrs.frozen
class Suggested:
    """Another answer: who may be meant."""

    begun: str
    found: list[Suggestion]


class Reckoner(threading.Thread):
    """Answers the newest question only. Its callbacks are called in the window's thread while ``widget`` is there."""

    def __init__(
        self,
        widget: tkinter.Misc,
        program: Program,
        reckoned: Callable[[Reckoned], None],
        suggested: Callable[[Suggested], None],
        failed: Callable[[Exception], None],
    ) -> None:
        super().__init__(name="reckoner", daemon=True)
        self._widget = widget
        self._program = program
        self._reckoned = reckoned
        self._suggested = suggested
        self._failed = failed
        self._question: Question | None = None
        self._begun: str | None = None
        self._draft: Draft | None = None
        self._stopped = False
        self._asked = 0
        self._served = 0
        """How often it was woken when it had done all that it was asked for."""
        self._looking = False
        self._woken = threading.Event()
        self._keeping = threading.Lock()
        self._said: queue.SimpleQueue[Reckoned | Suggested | Exception] = queue.SimpleQueue()
        self._last: tuple[str, int, Addressees] | None = None

    # from the window's thread

    def ask(self, question: Question) -> None:
        """Have that reckoned."""
        self._question = question
        self._wake()

    def suggest(self, begun: str) -> None:
        """Have those looked for whom it may mean."""
        self._begun = begun
        self._wake()

    def keep(self, draft: Draft) -> None:
        """Have it put on disk."""
        self._draft = draft
        self._wake()

    def drop_draft(self) -> None:
        """What was to be kept is kept now, or never will be."""
        with self._keeping:
            self._draft = None

    def stop(self) -> None:
        """End; what was to be kept is not."""
        self._stopped = True
        self._woken.set()
        if self.is_alive():
            self.join(2.0)

    def _wake(self) -> None:
        self._asked += 1
        self._woken.set()
        if not self._looking:
            self._looking = True
            self._widget.after(_LOOK, self._look)

    def _look(self) -> None:
        if self._stopped or not self._widget.winfo_exists():
            return
        # asked before the queue is emptied: what it says last is not missed
        working = self._served != self._asked
        try:
            while True:
                self._hand_out(self._said.get_nowait())
        except queue.Empty:
            pass
        self._looking = working
        if working:
            self._widget.after(_LOOK, self._look)

    def _hand_out(self, said: Reckoned | Suggested | Exception) -> None:
        if isinstance(said, Reckoned):
            self._reckoned(said)
        elif isinstance(said, Suggested):
            self._suggested(said)
        else:
            self._failed(said)

    # in its own

    def run(self) -> None:
        """See ``threading.Thread``."""
        connection: sqlite3.Connection | None = None
        while True:
            self._woken.wait()
            self._woken.clear()
            asked = self._asked
            if self._stopped:
                break
            try:
                connection = connection or database.connect(self._program.place)
                self._serve(ContactBook(connection), Outbox(connection))
            except Exception as error:  # whatever it is, the window says it, and the next question is another
                self._said.put(error)
            self._served = asked
        if connection is not None:
            connection.close()

    def _serve(self, book: ContactBook, outbox: Outbox) -> None:
        self._keep(outbox)
        question, self._question = self._question, None
        if question is not None:
            self._said.put(self._answer(question, book))
        begun, self._begun = self._begun, None
        if begun is not None:
            self._said.put(Suggested(begun, suggestions(book, begun, MOST_SUGGESTED)))

    def _keep(self, outbox: Outbox) -> None:
        with self._keeping:
            draft, self._draft = self._draft, None
            if draft is not None:
                outbox.keep_draft(draft)

    def _answer(self, question: Question, book: ContactBook) -> Reckoned:
        found = self._addressees(question, book)
        site_group = found.site_group if question.to_site_group else None
        mailing = None
        if found.recipients or site_group is not None:
            mailing = self._program.mailing(question.text, found.recipients, site_group)
        return Reckoned(question=question, addressees=found, site_group=site_group, mailing=mailing)

    def _addressees(self, question: Question, book: ContactBook) -> Addressees:
        last = self._last
        if last is not None and last[:2] == (question.recipients, question.revision):
            return last[2]
        found = composing.addressees(question.recipients, book)
        self._last = (question.recipients, question.revision, found)
        return found
