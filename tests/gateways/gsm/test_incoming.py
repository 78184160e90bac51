"""What modems receive: every status becomes the right receipt, replies are kept as they came, and nothing is lost."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import pytest
from twisted.internet.defer import ensureDeferred
from twisted.internet.task import Clock

from gateways.gsm.guard import DAY
from gateways.gsm.incoming import AGAIN, MOST_WAITING, REPORTED, Incoming
from gateways.gsm.start import Facts
from gateways.gsm.tpdu.address import ALPHANUMERIC, Address
from gateways.gsm.tpdu.deliver import Deliver
from gateways.gsm.tpdu.report import StatusReport
from gateways.gsm.tpdu.user_data import Concatenation, UserData
from smstob.model.message import Receipt, Reply, State
from smstob.model.segment import Coding
from tests.fakes import Hearing
from tests.gateways.gsm.pool import NOW, NUMBER
from tests.sims import Kept

SIM: Final = "208011234567890"
OWN: Final = "+33609000001"
PARIS: Final = timezone(timedelta(hours=1))


def facts(number: str = OWN, sim: str = SIM) -> Facts:
    """Of the modem that received it."""
    return Facts(model="", imei="", card="", sim=sim, number=number, news="", acknowledges=False)


def moment(seconds: float = 0) -> datetime:
    """So long after now, as a service centre writes it."""
    return datetime.fromtimestamp(NOW + seconds, PARIS)


def report(status: int = 0, reference: int = 7, recipient: str = NUMBER, **given: Any) -> StatusReport:
    """On a message that was taken just now."""
    times: dict[str, Any] = {"submitted": moment(), "discharged": moment(5)}
    return StatusReport(reference=reference, recipient=Address.of(recipient), status=status, **times | given)


def reply(text: str = "Merci", sender: str | Address = NUMBER, joined: Any = None, **given: Any) -> Deliver:
    """A telephone's answer."""
    address = sender if isinstance(sender, Address) else Address.of(sender)
    fields: dict[str, Any] = {"user_data": UserData.of(text, Coding.UCS2, joined=joined), "sent": moment(-3)}
    return Deliver(sender=address, **fields | given)


class Desk:
    """The room, whom it tells, and time."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.clock.advance(NOW)
        self.hearing = Hearing()
        self.sims = self.hearing.sims
        self.incoming = Incoming("A", self.hearing, self.clock)
        self.sims.kept.append(Kept(41, SIM, NUMBER, NOW, 7))

    def keep(self, came: StatusReport | Deliver, *, stored: bool = False, card: Facts | None = None) -> list[Any]:
        """Whether it was kept, once that is known."""
        outcomes: list[Any] = []
        kept = ensureDeferred(self.incoming.keep(came, card or facts(), is_stored=stored))
        kept.addBoth(outcomes.append)
        return outcomes

    def receipt(self, came: StatusReport, card: Facts | None = None) -> Receipt | None:
        """What becomes of a report: it is settled in any case."""
        assert self.keep(came, stored=True, card=card) == [True]
        receipts = self.hearing.receipts
        assert len(receipts) <= 1
        return receipts.pop() if receipts else None

    def reply(self, came: Deliver, card: Facts | None = None) -> Reply | None:
        """What becomes of a message: it is settled in any case."""
        assert self.keep(came, stored=True, card=card) == [True]
        replies = self.hearing.replies
        assert len(replies) <= 1
        return replies.pop() if replies else None


SENTENCES: Final = {
    0x40: "Le réseau n'a pas pu remettre le message (code 40).",
    0x41: "Ce numéro ne peut pas recevoir ce message (code 41).",
    0x42: "Le téléphone du destinataire a refusé le message (code 42).",
    0x43: "Ce numéro n'est pas joignable (code 43).",
    0x44: "Le réseau ne permet pas de remettre ce message (code 44).",
    0x45: "Le destinataire n'existe pas ou n'est plus abonné (code 45).",
    0x46: "Le téléphone du destinataire est resté éteint ou hors de portée (code 46).",
    0x60: "Le réseau est resté saturé (code 60).",
    0x61: "Le téléphone du destinataire est resté occupé (code 61).",
    0x62: "Le téléphone du destinataire n'a pas répondu (code 62).",
    0x63: "Le destinataire a refusé le message (code 63).",
}


@pytest.mark.parametrize("status", range(0x100))
def test_statuses(status: int) -> None:
    """Delivered, still tried, failed for good, given up, or nothing that the standard knows (TS 23.040 §9.2.3.15)."""
    found = Desk().receipt(report(status))
    if status < 0x20:
        assert found == Receipt(gateway="A", reference="41", state=State.DELIVERED, at=NOW)
    elif 0x40 <= status < 0x80:
        state = State.EXPIRED if status == 0x46 else State.FAILED
        sentence = SENTENCES.get(status, f"Le réseau a abandonné le message (code {status:02X}).")
        assert found == Receipt(gateway="A", reference="41", state=state, error=sentence, at=NOW)
    else:
        assert found is None


@pytest.mark.parametrize("recipient", ["+33612345678", "0612345678", "33612345678", "0033612345678", "12345678"])
def test_numbers_of_reports(recipient: str) -> None:
    """However the network writes the number, the last eight digits tell it."""
    assert Desk().receipt(report(recipient=recipient)) is not None


@pytest.mark.parametrize(
    ("given", "card"),
    [
        ({"recipient": "+33612345679"}, SIM),
        ({"recipient": ""}, SIM),
        ({"recipient": "*101#"}, SIM),
        ({"recipient": "SFR"}, SIM),
        ({"reference": 8}, SIM),
        ({"of_command": True}, SIM),
        ({}, "208019999999999"),
    ],
)
def test_reports_on_nothing_of_ours(given: dict[str, Any], card: str) -> None:
    """Another number, none, another reference, another card, an SMS-COMMAND: settled, and nobody is told."""
    assert Desk().receipt(report(**given), facts(sim=card)) is None


def test_report_without_a_time() -> None:
    """One that does not say when the message was taken is matched by its reference."""
    assert Desk().receipt(report(submitted=None, discharged=None)) is not None


def test_report_that_overtakes_its_answer() -> None:
    """One that comes before the modem told the reference finds its message by its time."""
    desk = Desk()
    desk.sims.kept[0].reference = None
    found = desk.receipt(report(reference=200))
    assert found is not None
    assert found.reference == "41"


def test_report_after_four_days() -> None:
    """A message is looked for as long as a report may come, and no longer."""
    desk = Desk()
    desk.clock.advance(REPORTED)
    assert desk.receipt(report()) is not None
    desk.clock.advance(1)
    assert desk.receipt(report()) is None


def test_each_part_finds_its_own() -> None:
    """Of a long message's parts, all to one number within a second, each report finds its own."""
    desk = Desk()
    desk.sims.kept[:] = [Kept(index, SIM, NUMBER, NOW, 100 + index) for index in range(5)]
    found = [desk.receipt(report(reference=100 + index)) for index in (3, 0, 4, 1, 2)]
    assert [one and one.reference for one in found] == ["3", "0", "4", "1", "2"]


@pytest.mark.parametrize(
    ("sender", "shown"),
    [
        (NUMBER, "+33612345678"),
        ("0612345678", "0612345678"),
        ("36105", "36105"),
        ("Mairie", "Mairie"),
        (Address("SFR 2000", ALPHANUMERIC), "SFR 2000"),
        (Address("612345678", 0xA1), "612345678"),
        (Address("", 0x81), ""),
        (Address("*101#", 0x81), "*101#"),
    ],
)
def test_senders(sender: str | Address, shown: str) -> None:
    """A number keeps its plus; one as it is dialled, a short one and a name stay as they are."""
    assert Desk().reply(reply(sender=sender)) == Reply(
        gateway="A", number=shown, recipient=OWN, text="Merci", at=NOW - 3
    )


def test_card_without_a_number() -> None:
    """A card that does not know its own number is named by its IMSI."""
    found = Desk().reply(reply(), facts(number=""))
    assert found is not None
    assert found.recipient == SIM


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", ""),
        ("Où êtes-vous ? 😀", "Où êtes-vous ? 😀"),
        ("a\r\nb", "a\r\nb"),
        ("a\x00b", "ab"),
        ("\ud83d", "\ufffd"),
    ],
)
def test_texts(text: str, kept: str) -> None:
    """Whatever was written is kept, also nothing at all; what no database takes is left out, or replaced."""
    found = Desk().reply(reply(user_data=UserData(0x08, text.encode("utf-16-be", "surrogatepass"))))
    assert found is not None
    assert found.text == kept


@pytest.mark.parametrize(
    ("joined", "expected"),
    [
        (Concatenation(200, 3, 2), (200, 2, 3)),
        (Concatenation(60_000, 2, 2, wide=True), (60_000, 2, 2)),
        (None, (None, 1, 1)),
    ],
)
def test_pieces(joined: Concatenation | None, expected: tuple[int | None, int, int]) -> None:
    """What joins the pieces of a long one is kept with each."""
    found = Desk().reply(reply(joined=joined))
    assert found is not None
    assert (found.reference, found.part, found.total) == expected


@pytest.mark.parametrize("element", [(1, 0, 1), (1, 3, 0), (1, 2, 3)])
def test_impossible_pieces(element: tuple[int, int, int]) -> None:
    """A piece with impossible numbers is a message by itself."""
    found = Desk().reply(reply(user_data=UserData(0x08, "Oui".encode("utf-16-be"), ((0, bytes(element)),))))
    assert found is not None
    assert (found.reference, found.part, found.total, found.text) == (None, 1, 1, "Oui")


@pytest.mark.parametrize(
    "given",
    [
        {"protocol": 0x40},
        {"user_data": UserData(0x04, b"\x01", ((0x05, b"\x0b\x84\x23\xf0"),))},
        {"user_data": UserData(0x00, b"a", ((0x04, b"\xf5\xf4"),))},
    ],
)
def test_not_for_people(given: dict[str, Any]) -> None:
    """A silent message, and one for a program of the telephone's, are deleted, and nobody is told."""
    assert Desk().reply(reply(**given)) is None


@pytest.mark.parametrize("protocol", [0x00, 0x24, 0x41, 0x7F])
def test_for_people(protocol: int) -> None:
    """Others are for people, whatever way they came."""
    assert Desk().reply(reply(protocol=protocol)) is not None


@pytest.mark.parametrize(
    ("sent", "at"),
    [
        (moment(-60), NOW - 60),
        (moment(0), NOW),
        (moment(-30 * DAY), NOW - 30 * DAY),
        (moment(-30 * DAY - 1), NOW),
        (moment(1), NOW),
        (moment(7200), NOW),
        (datetime(2000, 1, 1, tzinfo=UTC), NOW),
        (datetime(2099, 12, 31, tzinfo=UTC), NOW),
        (None, NOW),
    ],
)
def test_clock_of_the_centre(sent: datetime | None, at: int) -> None:
    """When it was sent, unless that is still to come, is long ago, or is not told: then now."""
    found = Desk().reply(reply(sent=sent))
    assert found is not None
    assert found.at == at


@pytest.mark.parametrize("came", [report(), reply()], ids=["report", "reply"])
class TestDatabaseAway:
    """What is done with what cannot be kept."""

    def test_stored(self, came: StatusReport | Deliver) -> None:
        """What is stored in a modem is not kept, at once: it is told again from there."""
        desk = Desk()
        desk.hearing.deaf = True
        assert desk.keep(came, stored=True) == [False]
        assert desk.clock.getDelayedCalls() == []

    def test_not_stored(self, came: StatusReport | Deliver) -> None:
        """What no modem has any more is given every minute until it is kept, and then once."""
        desk = Desk()
        desk.hearing.deaf = True
        outcomes = desk.keep(came)
        desk.clock.pump([AGAIN] * 100)
        assert outcomes == []
        desk.hearing.deaf = False
        desk.clock.advance(AGAIN - 1)
        assert outcomes == []
        desk.clock.advance(1)
        assert outcomes == [True]
        desk.clock.pump([AGAIN] * 3)
        assert len(desk.hearing.receipts) + len(desk.hearing.replies) == 1
        assert desk.clock.getDelayedCalls() == []

    def test_stop(self, came: StatusReport | Deliver) -> None:
        """A stop ends the waiting: it was not kept, and nothing is left to be called, until a start."""
        desk = Desk()
        desk.hearing.deaf = True
        outcomes = [desk.keep(came), desk.keep(came)]
        desk.incoming.stop()
        assert outcomes == [[False], [False]]
        assert desk.keep(came) == [False]
        assert desk.clock.getDelayedCalls() == []
        desk.incoming.start()
        waiting = desk.keep(came)
        desk.hearing.deaf = False
        desk.clock.advance(AGAIN)
        assert waiting == [True]


def test_uses_cannot_be_read() -> None:
    """A report whose message cannot be looked for is not kept, and waits too."""
    desk = Desk()
    desk.sims.away = True
    assert desk.keep(report(), stored=True) == [False]
    outcomes = desk.keep(report())
    desk.sims.away = False
    desk.clock.advance(AGAIN)
    assert outcomes == [True]
    assert len(desk.hearing.receipts) == 1


def test_bounded_waiting() -> None:
    """A database that stays away fills no memory: beyond a thousand, what comes is not kept."""
    desk = Desk()
    desk.hearing.deaf = True
    waiting = [desk.keep(reply()) for _ in range(MOST_WAITING)]
    assert desk.keep(reply()) == [False]
    desk.hearing.deaf = False
    desk.clock.advance(AGAIN)
    assert waiting == [[True]] * MOST_WAITING
    assert len(desk.hearing.replies) == MOST_WAITING
