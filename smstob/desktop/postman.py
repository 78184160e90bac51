"""Who takes the outbox to the mail server, in a thread of its own: whatever the network does, the window answers."""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path
from smtplib import SMTP
from typing import Final

import attrs

from . import database, letter
from .delivery import Accepted, Held, Outcome, PutOff, Refused, Sentences, Trouble, offer
from .outbox import RETRIES, Letter, Outbox
from .settings import Settings

LONGEST_REST: Final = 3600.0
"""Seconds after which it looks again, whatever happens."""

MOST_PUT_OFF: Final = 3
"""Mails in a row that the server puts off before the others wait too."""

DATABASE_AGAIN: Final = 5.0
"""Seconds before it tries again what the disk did not take."""


@attrs.frozen(kw_only=True)
class Bag:
    """What it needs to know to send; made anew when the settings change."""

    settings: Settings
    secret: str = attrs.field(repr=False)
    """Of the account: password or sending key."""
    password: str = attrs.field(repr=False)
    """Of the mail server."""


Session = Callable[[Settings, str], AbstractContextManager[SMTP]]


Unnoted = dict[int, tuple[Letter, Outcome]]
"""What became of mails and is not on disk yet, by id."""


class Round:
    """One round: all that is due, by as many connections as that takes. ``now`` is the time in Unix seconds.

    ``unnoted`` outlives it: what the disk did not take is noted before anything else is sent.
    """

    def __init__(
        self, outbox: Outbox, session: Session, now: Callable[[], float], unnoted: Unnoted | None = None
    ) -> None:
        self._outbox = outbox
        self._session = session
        self._now = now
        self._unnoted: Unnoted = {} if unnoted is None else unnoted
        self._put_off = 0
        """Mails in a row."""
        self._ill = 0
        """Rounds in a row in which the server put off so many."""

    def make(self, bag: Bag, told: Callable[[], None], go_on: Callable[[], bool] = lambda: True) -> str:
        """Send what is due; ``told`` is called after each. Why none is sent until the settings change, or empty.

        It ends before the next mail where ``go_on`` says no. Raises ``sqlite3.Error``: of what was handed last
        nothing may be noted then, and if the program ends now it goes again under the same Message-ID.
        """
        for one, outcome in list(self._unnoted.values()):
            self._note(one, outcome)
            told()
        due = deque(self._outbox.due(int(self._now())))
        self._put_off = 0
        try:
            while due and go_on():
                with self._session(bag.settings, bag.password) as server:
                    if held := self._offer_all(server, due, bag, told, go_on):
                        return held
        except Trouble as trouble:
            if isinstance(trouble.outcome, Held):
                return trouble.outcome.reason
            self._outbox.put_off_due(trouble.outcome.reason, int(self._now()))
            told()
            return ""
        if self._put_off < MOST_PUT_OFF:
            self._ill = 0
        return ""

    def _offer_all(
        self, server: SMTP, due: deque[Letter], bag: Bag, told: Callable[[], None], go_on: Callable[[], bool]
    ) -> str:
        """Send as much of ``due`` as this connection takes."""
        sender, recipient = letter.sender(bag.settings), letter.recipient(bag.settings)
        first = True
        while due and go_on():
            one = due[0]
            try:
                mail = letter.write(one, bag.settings, bag.secret, self._now())
            except letter.Unwritable:
                return Sentences.unwritable
            outcome = offer(server, sender, recipient, mail)
            if isinstance(outcome, Held):
                return outcome.reason
            over = server.sock is None
            if over and isinstance(outcome, PutOff) and not first:
                # it may be tired of the connection rather than of this mail, which begins the next one
                return ""
            first = False
            due.popleft()
            self._unnoted[one.id] = one, outcome
            self._note(one, outcome)
            told()
            # one that it never takes must not keep back the others
            self._put_off = self._put_off + 1 if isinstance(outcome, PutOff) else 0
            if isinstance(outcome, PutOff) and self._put_off == MOST_PUT_OFF:
                self._put_off_rest(outcome.reason)
                due.clear()
            if over:
                return ""
        return ""

    def _put_off_rest(self, reason: str) -> None:
        self._outbox.put_off_rest(reason, int(self._now()), RETRIES[min(self._ill, len(RETRIES) - 1)])
        self._ill += 1

    def _note(self, one: Letter, outcome: Outcome) -> None:
        now = int(self._now())
        if isinstance(outcome, Accepted):
            self._outbox.handed(one.id, now)
        elif isinstance(outcome, Refused):
            self._outbox.failed(one.id, outcome.reason, now)
        elif isinstance(outcome, PutOff):
            self._outbox.put_off(one.id, outcome.reason, now)
        self._unnoted.pop(one.id, None)


class Postman(threading.Thread):
    """Makes rounds whenever something is due. Ends with ``stop``, in at most the time that a server takes to answer.

    ``held`` says why it sends nothing until the settings change; ``ailing`` what the disk says, if it takes nothing.
    """

    def __init__(self, place: Path, session: Session, now: Callable[[], float]) -> None:
        super().__init__(name="postman", daemon=True)
        self.held = ""
        self.ailing = ""
        self.busy = False
        self.changes = 0
        """Goes up whenever the outbox may look different."""
        self._place = place
        self._session = session
        self._now = now
        self._bag: Bag | None = None
        self._woken = threading.Event()
        self._stopped = False
        self._unnoted: Unnoted = {}
        self._turn = threading.Lock()
        """Of ``held``, which belongs to the bag."""

    def carry(self, bag: Bag | None) -> None:
        """Send with that from now on; with None, send nothing."""
        with self._turn:
            self._bag = bag
            self.held = ""
        self.wake()

    def wake(self) -> None:
        """Look at the outbox at once."""
        self._woken.set()

    def stop(self) -> None:
        """End after the mail under way."""
        self._stopped = True
        self._woken.set()

    def run(self) -> None:
        """See ``threading.Thread``."""
        while not self._stopped:
            try:
                with closing(database.connect(self._place)) as connection:
                    self._serve(Outbox(connection))
            except (sqlite3.Error, database.Broken, OSError) as error:
                self.ailing = str(error)
                self._told()
                self._woken.clear()
                self._rest(DATABASE_AGAIN)

    def _serve(self, outbox: Outbox) -> None:
        round_ = Round(outbox, self._session, self._now, self._unnoted)
        while not self._stopped:
            self._woken.clear()
            bag = self._bag
            if bag is not None and not self.held:
                self._make(round_, bag)
            if self.ailing:
                self.ailing = ""
                self._told()
            due = outbox.next_due()
            waits = due is not None and self._bag is not None and not self.held
            longest = RETRIES[-1] if waits else LONGEST_REST
            self._rest(min(longest, max(0.0, due - self._now())) if waits and due is not None else longest)

    def _make(self, round_: Round, bag: Bag) -> None:
        self.busy = True
        self._told()
        try:
            held = round_.make(bag, self._told, lambda: not self._stopped and self._bag is bag)
        finally:
            self.busy = False
        with self._turn:
            if self._bag is bag:
                self.held = held
        self._told()

    def _told(self) -> None:
        self.changes += 1

    def _rest(self, seconds: float) -> None:
        if not self._stopped:
            self._woken.wait(seconds)
