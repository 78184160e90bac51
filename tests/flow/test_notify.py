"""Senders are told: what was accepted, how it ended; once, together where it is much, and again until it arrives."""

from itertools import pairwise
from pathlib import Path

import pytest
from zope.interface.verify import verifyObject

from smstob.flow import notify
from smstob.flow.notify import HOURLY, TOGETHER
from smstob.flow.sections import UNSAID
from smstob.interfaces import ICourier, INotifier
from smstob.model.account import Confirmations
from smstob.model.draft import Channel, Credentials, Draft
from smstob.model.message import Rejected, State
from smstob.model.notice import Acknowledgement, Decided, Failure, Letter, Line, NotCarried, Outcome
from smstob.model.refusal import Code
from smstob.model.submission import Submission
from smstob.storage import accounts, settlement
from smstob.storage.database import Unavailable
from tests.fakes import PromptGateway, TakingGateway
from tests.house import ADDRESS, EMAIL, NOW, PASSWORD, House, numbers, outcome_of

REFUSED = Line(destination="0123456789", code=Code.BAD_NUMBER)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """With an account of 1,000 credits."""
    house = House(tmp_path / "a.db")
    house.account(credits=1000)
    return house


def mailed(house: House, destination: str = "0612345678", text: str = "Bonjour", when: str = "") -> Submission:
    """A submission by mail."""
    sender = Credentials(email=EMAIL, secret=PASSWORD, address=ADDRESS)
    draft = Draft(sender=sender, channel=Channel.MAIL, destination=destination, text=text, when=when)
    made = outcome_of(house.submitter.submit(draft))
    assert isinstance(made, Submission)
    return made


def owe(house: House, *made: Submission, refused: int = 0, key: str = "k") -> None:
    """The sender of a mail that became those is owed what he is."""
    lines = [Line(destination=f"n{one.id}", code=one.code, submission=one.id) for one in made]
    decided = Decided(
        key=key, email=EMAIL, recipient=EMAIL, thread="<a@b.fr>", lines=(*lines, *[REFUSED] * refused)
    )
    outcome_of(house.notifier.owe(decided))


def sections(house: House) -> list[Acknowledgement | Outcome]:
    """All that was told."""
    told = [section for letter in house.courier.letters for section in letter.sections]
    return [section for section in told if isinstance(section, Acknowledgement | Outcome)]


def test_interfaces(house: House) -> None:
    """What the house plays with is what the daemon has."""
    assert verifyObject(INotifier, house.notifier)
    assert verifyObject(ICourier, house.courier)


def test_accepted_then_delivered(house: House) -> None:
    """Two letters, in the thread of the mail; the second when the receipt is here, and none after."""
    gateway = house.gateway(TakingGateway)
    house.open()
    owe(house, mailed(house))
    house.advance(2)
    (first,) = house.courier.letters
    assert (first.recipient, first.thread, first.at) == (EMAIL, "<a@b.fr>", NOW + 1)
    (told,) = first.sections
    assert isinstance(told, Acknowledgement)
    assert [(one.code, one.messages, one.segments, one.credits) for one in told.lines] == [(Code.SENT, 1, 1, 1)]
    assert told.balance == 999
    house.advance(5)
    (reference,) = gateway.take()
    house.advance(5)
    assert len(house.courier.letters) == 1
    house.receipt("A", reference)
    house.advance(15)
    ended = sections(house)[1]
    assert isinstance(ended, Outcome)
    assert (ended.delivered, ended.failed, ended.unknown) == (1, 0, 0)
    house.advance(3600, 1)
    assert len(house.courier.tries) == 2
    assert len({one.id for one in house.courier.letters}) == 2


def test_failed_with_the_reason(house: House) -> None:
    """Who wants errors alone reads of the failure, and what was given back."""
    house.write(lambda connection: accounts.set_options(connection, 1, {"confirmations": Confirmations.ERRORS}))
    gateway = house.gateway(TakingGateway)
    house.open()
    owe(house, mailed(house))
    house.advance(1)
    gateway.answer(Rejected("Le numéro n'est pas attribué."))
    house.advance(10)
    (told,) = sections(house)
    assert isinstance(told, Outcome)
    assert (told.failed, told.refunded) == (1, 1)
    assert told.failures == (Failure("0612345678", "Le numéro n'est pas attribué."),)


def test_a_reason_that_nobody_told(house: House) -> None:
    """The sender reads that, not an empty place."""
    gateway = house.gateway(TakingGateway)
    house.open()
    house.accepted()
    house.advance(1)
    gateway.answer(Rejected(""))
    house.advance(10)
    (told,) = sections(house)
    assert isinstance(told, Outcome)
    assert told.failures == (Failure("0612345678", UNSAID),)


@pytest.mark.parametrize(
    ("wanted", "letters"), [(Confirmations.ALL, 2), (Confirmations.ERRORS, 0), (Confirmations.NONE, 0)]
)
def test_options(house: House, wanted: Confirmations, letters: int) -> None:
    """All, errors, none, where nothing goes wrong."""
    house.write(lambda connection: accounts.set_options(connection, 1, {"confirmations": wanted}))
    gateway = house.gateway(TakingGateway)
    house.open()
    owe(house, mailed(house))
    house.advance(1)
    house.receipt("A", gateway.take()[0])
    house.advance(60)
    assert len(house.courier.letters) == letters


@pytest.mark.parametrize("wanted", [Confirmations.ERRORS, Confirmations.NONE])
def test_option_that_changes_meanwhile(house: House, wanted: Confirmations) -> None:
    """What was owed is told by what the account wants by then."""
    gateway = house.gateway(TakingGateway)
    house.open()
    owe(house, mailed(house), key="a")
    house.write(lambda connection: accounts.set_options(connection, 1, {"confirmations": wanted}))
    house.advance(1)
    house.receipt("A", gateway.take()[0])
    house.advance(60)
    assert [type(one) for one in sections(house)] == [Acknowledgement] * (wanted is Confirmations.ERRORS)


def test_one_letter_for_a_group(house: House) -> None:
    """A hundred messages, three of which fail: one acknowledgement and one outcome, whatever the order."""
    gateway = house.gateway(TakingGateway, window=200)
    house.open()
    owe(house, mailed(house, ",".join(numbers(100))))
    house.advance(2)
    references = gateway.take()
    for place, reference in enumerate(references):
        house.receipt("A", reference, State.FAILED if place in (7, 50, 99) else State.DELIVERED)
        house.advance(0.1)
    house.advance(60)
    assert len(house.courier.letters) == 2
    told = sections(house)[1]
    assert isinstance(told, Outcome)
    assert (told.delivered, told.failed, len(told.failures)) == (97, 3, 3)
    assert {one.number for one in told.failures} == {numbers(100)[place] for place in (7, 50, 99)}


def test_http_hears_of_failures_only(house: House) -> None:
    """Its codes are its confirmations; a group's end is told once, when the last has ended."""
    gateway = house.gateway(TakingGateway)
    house.open()
    house.accepted(text="tout va bien")
    house.accepted(",".join(numbers(3)))
    house.advance(1)
    references = gateway.take()
    for reference in references[:2]:
        house.receipt("A", reference, State.DELIVERED)
    house.receipt("A", references[2], State.FAILED)
    house.advance(30)
    assert house.courier.letters == []
    house.receipt("A", references[3], State.DELIVERED)
    house.advance(30)
    (letter,) = house.courier.letters
    assert letter.thread is None
    (told,) = letter.sections
    assert isinstance(told, Outcome)
    assert (told.delivered, told.failed) == (2, 1)


def test_deferred(house: House) -> None:
    """Acknowledged at once with its date; its end is not looked for before it left."""
    house.gateway(PromptGateway)
    house.open()
    made = mailed(house, when="130002032026")
    owe(house, made)
    house.advance(5)
    (told,) = sections(house)
    assert isinstance(told, Acknowledgement)
    assert (told.lines[0].code, told.lines[0].due) == (Code.DEFERRED, NOW + 3600)
    house.advance(3600, 1)
    house.receipt("A", "A-1")
    house.advance(20)
    assert len(house.courier.letters) == 2


def test_cancelled_submission_is_not_told(house: House) -> None:
    """Who cancelled it knows."""
    house.gateway(PromptGateway)
    house.open()
    made = mailed(house, when="130002032026")
    owe(house, made)
    house.write(lambda connection: settlement.cancel(connection, made.id, house.now))
    house.advance(3700, 1)
    assert len(house.courier.letters) == 1


def test_courier_that_is_away(house: House) -> None:
    """Tried again, ever later, for three days; what was told is told once."""
    house.gateway(PromptGateway)
    house.open()
    house.courier.refusal = NotCarried("421 occupé")
    owe(house, mailed(house))
    house.advance(3600 * 2, 1)
    first = house.courier.tries[0].id
    tries = [one.at for one in house.courier.tries if one.id == first]
    waits = [later - sooner for sooner, later in pairwise(tries)]
    assert len(tries) > 4
    assert waits == sorted(waits)
    house.courier.refusal = None
    house.advance(3600, 1)
    assert len(house.courier.letters) == 1
    house.receipt("A", "A-1")
    house.advance(3600, 1)
    assert len(house.courier.letters) == 2


def test_letter_that_is_refused_for_good(house: House) -> None:
    """Not tried again; why is kept, and the end of the submission is owed all the same."""
    house.gateway(TakingGateway)
    house.open()
    house.courier.refusal = NotCarried("550 inconnu", lasting=True)
    owe(house, mailed(house))
    house.advance(4000, 1)
    assert len(house.courier.tries) == 1


def test_given_up_after_three_days(house: House) -> None:
    """A courier that never comes back is not asked for ever."""
    house.gateway(TakingGateway)
    house.open()
    house.courier.refusal = NotCarried("421 occupé")
    owe(house, mailed(house))
    # far less than the hour between two of the later tries
    house.advance(3 * 86_400 + 7200, 300)
    count = len(house.courier.tries)
    assert abs(house.courier.tries[-1].at - NOW - notify.GIVEN_UP) <= notify.LAST_RETRY
    house.advance(2 * 86_400, 300)
    assert len(house.courier.tries) == count


def test_courier_with_a_fault(house: House) -> None:
    """What it raises is logged, and the letter is tried again."""
    house.gateway(TakingGateway)
    house.open()
    house.courier.refusal = RuntimeError("a fault")
    owe(house, mailed(house))
    house.advance(2)
    house.courier.refusal = None
    house.advance(120, 1)
    assert len(house.courier.letters) == 1


def test_many_at_once_are_one_letter(house: House) -> None:
    """Beyond a few, what is due to one sender is told together, in order; nothing is left out."""
    house.gateway(TakingGateway)
    house.open()
    for place in range(TOGETHER + 1):
        owe(house, mailed(house, text=f"n° {place}"), key=f"k{place}")
    house.advance(1.5)
    (letter,) = house.courier.letters
    assert len(letter.sections) == TOGETHER + 1
    assert letter.thread is None


def test_no_more_than_so_many_an_hour(house: House) -> None:
    """A sender whose program answers every letter does not get ever more of them; nothing is left out for long."""
    house.gateway(TakingGateway)
    house.open()
    for place in range(HOURLY * 2):
        owe(house, mailed(house, text=f"n° {place}"), key=f"k{place}")
        house.advance(5, 1)
    assert len(house.courier.letters) <= HOURLY + 11
    house.advance(3600, 1)
    told = [line for one in sections(house) if isinstance(one, Acknowledgement) for line in one.lines]
    assert len(told) == HOURLY * 2
    assert len(house.courier.letters) <= HOURLY * 2


def test_database_away_after_the_letter(house: House) -> None:
    """What was told is noted when the database is back: nobody is told twice."""
    house.gateway(TakingGateway)
    house.open()
    house.courier.slow = True
    owe(house, mailed(house))
    house.advance(1.5)
    house.database.away = True
    house.courier.arrive()
    house.advance(30)
    house.database.away = False
    house.advance(notify.LEASE * 2, 1)
    assert len(house.courier.tries) == 1


def test_daemon_that_dies_with_a_letter_under_way(house: House, tmp_path: Path) -> None:
    """The next one tells it again, under the same id."""
    house.gateway(TakingGateway)
    house.open()
    house.courier.slow = True
    owe(house, mailed(house))
    house.advance(1.5)
    house.close()
    other = House(house.path, start=house.now + notify.LEASE + 1)
    other.gateway(TakingGateway)
    other.open()
    other.advance(1)
    assert [one.id for one in other.courier.letters] == [house.courier.tries[0].id]


def test_nothing_is_owed_where_the_database_is_away(house: House) -> None:
    """The door hears of it, and puts the mail off."""
    made = mailed(house)
    house.database.away = True
    with pytest.raises(Unavailable):
        owe(house, made)


def test_stop_waits_for_what_is_under_way(house: House) -> None:
    """No letter is cut off, and none begins."""
    house.gateway(TakingGateway)
    house.open()
    house.courier.slow = True
    owe(house, mailed(house))
    house.advance(1.5)
    stopped: list[object] = []
    house.notifier.stopService().addCallback(stopped.append)
    owe(house, mailed(house, text="autre"), key="other")
    house.advance(5)
    assert stopped == []
    house.courier.arrive()
    assert stopped == [None]
    assert len(house.courier.tries) == 1
    letter: Letter = house.courier.letters[0]
    assert letter.recipient == EMAIL


def test_stop_of_what_never_began(house: House) -> None:
    """At once."""
    assert outcome_of(house.notifier.stopService()) is None
