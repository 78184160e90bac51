"""A message's whole way by SMPP: from http.php to an operator's SMSC, and its receipt back into the history."""

from collections.abc import Iterator
from typing import Final

import pytest

from smstob.model import alphabet
from smstob.model.account import Format
from smstob.model.report import MessageReport
from tests.daemon import e164
from tests.journeys.operator import OperatorDaemon, number, running, smpp
from tests.peers.capture import malformed
from tests.peers.node_smsc import OUTCOMES, NodeSmsc, Submitted

WRITINGS: Final = {
    # how each gateway writes, and the prefix of the numbers that leave by it
    "main": ("+", {}),
    "sar": ("+33653", {"concatenation": "sar"}),
    "payload": ("+33654", {"concatenation": "payload"}),
    "f0": ("+33655", {"flash": "f0"}),
    "subunit": ("+33656", {"flash": "subunit"}),
    "two": ("+33657", {"bind": "transmitter+receiver"}),
}
LONG: Final = "Le conseil municipal se réunira jeudi à 20 heures. " * 8
"""Three segments."""
HEADER: Final = b"\x05\x00\x03"

Story = tuple[OperatorDaemon, NodeSmsc]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A daemon with an operator for each of ``WRITINGS``, all of them the same SMSC, which goes by ``OUTCOMES``.

    At the end every PDU of the whole session is looked at by Wireshark's dissector.
    """
    directory = tmp_path_factory.mktemp("smpp")
    with NodeSmsc(directory / "smsc.log") as smsc:
        smsc.set(outcomes=OUTCOMES, wire=True)
        gateways = {name: smpp(smsc, system_id=name, **told) for name, (_, told) in WRITINGS.items()}
        routes = {prefix: [name] for name, (prefix, _) in WRITINGS.items()}
        with running(OperatorDaemon(directory, gateways, routes)) as daemon:
            daemon.wait(lambda: smsc.counts().links == len(WRITINGS) + 1, "all are bound")
            yield daemon, smsc
        exchanged = [one.pdu for one in smsc.wire()]
        assert len(exchanged) > 100
        assert malformed(exchanged) == []
        assert (smsc.faults(), smsc.complaints()) == ([], "")
        assert smsc.received()["unbind"] == len(WRITINGS) + 1


def ended(daemon: OperatorDaemon, email: str, state: str) -> MessageReport:
    """The account's only message, once it is in that state."""

    def there() -> bool:
        (told,) = daemon.messages(email)
        return told.state == state

    daemon.wait(there, f"the message is {state}", 15)
    return daemon.messages(email)[0]


def submitted(smsc: NodeSmsc, national: str) -> list[Submitted]:
    """What the SMSC took for a number, in order."""
    return [one for one in smsc.journal() if one.destination == e164(national)[1:] and one.id is not None]


def test_delivered(story: Story) -> None:
    """One SMS leaves with every field as it must be, and its receipt makes it delivered; a credit is spent."""
    daemon, smsc = story
    email, to = daemon.provision(3), number()
    assert daemon.sms(email, to, "Bonjour à tous, 10 €") == "80"
    told = ended(daemon, email, "delivered")
    (one,) = submitted(smsc, to)
    assert (one.short_message, one.data_coding, one.esm_class) == (b"Bonjour \x7f tous, 10 \x1be", 0, 0)
    assert (one.source, one.source_ton, one.source_npi) == ("SMStoB", 5, 0)
    assert (one.destination, one.destination_ton, one.destination_npi) == (e164(to)[1:], 1, 1)
    assert one.registered_delivery == 1
    # three days, less what has passed
    assert one.validity in ("000003000000000R", "000002235959000R", "000002235958000R")
    assert (one.tlvs, one.schedule, one.priority, one.protocol_id, one.service_type) == ({}, "", 0, 0, "")
    assert [(part.part, part.state, part.gateway, part.reference) for part in told.parts] == [
        (1, "delivered", "main", one.id)
    ]
    assert (told.error, told.repeats, daemon.balance(email)) == (None, 0, 2)


def test_unicode(story: Story) -> None:
    """What GSM-7 has not leaves as UCS-2, and so does a long one, 67 characters a part."""
    daemon, smsc = story
    short, long = daemon.provision(3), daemon.provision(3, options={"characters": "as-is"})
    to, other = number(), number()
    assert daemon.sms(short, to, "日本 🎉") == "80"
    assert daemon.sms(long, other, "é日" * 50) == "80"
    ended(daemon, short, "delivered")
    ended(daemon, long, "delivered")
    (one,) = submitted(smsc, to)
    assert (one.short_message, one.data_coding) == ("日本 🎉".encode("utf-16-be"), 8)
    parts = submitted(smsc, other)
    assert [(part.data_coding, len(part.body)) for part in parts] == [(8, 134), (8, 66)]
    assert b"".join(part.body for part in parts).decode("utf-16-be") == "é日" * 50


@pytest.mark.parametrize("order", ["sent", "reversed", "shuffled"])
def test_three_parts(story: Story, order: str) -> None:
    """Three parts, with receipts in any order: delivered when all three are, and every part has its state."""
    daemon, smsc = story
    email, to = daemon.provision(9), number()
    smsc.set(receipt_order=order)
    try:
        assert daemon.sms(email, to, LONG) == "80"
        told = ended(daemon, email, "delivered")
    finally:
        smsc.set(receipt_order="sent")
    parts = submitted(smsc, to)
    assert [(one.udh or b"")[:3] for one in parts] == [HEADER] * 3
    assert len({one.udh[3] for one in parts if one.udh}) == 1
    assert [tuple(one.udh[4:]) for one in parts if one.udh] == [(3, 1), (3, 2), (3, 3)]
    assert [one.esm_class for one in parts] == [0x40] * 3
    assert alphabet.decode(b"".join(one.body for one in parts)) == LONG.strip()
    assert [(part.part, part.state, part.reference) for part in told.parts] == [
        (place, "delivered", one.id) for place, one in enumerate(parts, 1)
    ]
    assert daemon.balance(email) == 6


def test_parts_by_parameters(story: Story) -> None:
    """An operator that joins parts by sar_* gets no header and knows the message by its three parameters."""
    daemon, smsc = story
    email, to = daemon.provision(9), number(prefix="0653")
    assert daemon.sms(email, to, LONG) == "80"
    ended(daemon, email, "delivered")
    parts = submitted(smsc, to)
    assert [one.udh for one in parts] == [None] * 3
    assert [(one.sar or (0, 0, 0))[1:] for one in parts] == [(3, 1), (3, 2), (3, 3)]
    assert len({one.sar[0] for one in parts if one.sar}) == 1
    assert max(len(one.short_message) for one in parts) <= 153


def test_parts_as_one_payload(story: Story) -> None:
    """An operator that cuts texts itself gets the whole text once, and its one receipt delivers all three parts."""
    daemon, smsc = story
    email, to = daemon.provision(9), number(prefix="0654")
    assert daemon.sms(email, to, LONG) == "80"
    told = ended(daemon, email, "delivered")
    (one,) = submitted(smsc, to)
    assert (one.short_message, len(one.payload)) == (b"", len(LONG.strip()))
    assert [(part.state, part.reference) for part in told.parts] == [("delivered", one.id)] * 3
    assert daemon.balance(email) == 6


def test_two_binds(story: Story) -> None:
    """With a link for each direction the receipt comes by the other one."""
    daemon, smsc = story
    email, to = daemon.provision(9), number(prefix="0657")
    assert daemon.sms(email, to, "Bonjour") == "80"
    ended(daemon, email, "delivered")
    modes = {bind.session: bind.mode for bind in smsc.binds()}
    (one,) = submitted(smsc, to)
    assert modes[one.session] == "transmitter"


@pytest.mark.parametrize(
    ("ending", "state", "error"),
    [
        ("02", "failed", "Le réseau n'a pas pu remettre le message (code 027)."),
        ("03", "expired", "Le téléphone du destinataire est resté éteint ou hors de portée (code 001)."),
        ("04", "failed", "Le réseau a refusé le message (code 088)."),
        ("05", "delivered", None),
        ("06", "handed", None),
        ("07", "failed", "L'opérateur a effacé le message."),
        ("08", "handed", None),
    ],
)
def test_ends(story: Story, ending: str, state: str, error: str | None) -> None:
    """What the network reports is the message's end, with its reason in French; it is spent, for it left."""
    daemon, smsc = story
    email, to = daemon.provision(1), number(ending)
    assert daemon.sms(email, to, f"essai {ending}") == "80"
    told = ended(daemon, email, state)
    if state == "handed":
        # a receipt that says nothing final was acknowledged and changed nothing
        daemon.wait(lambda: smsc.counts().receipts == smsc.counts().receipts_acknowledged, "all are acknowledged")
        told = ended(daemon, email, state)
    assert (told.error, daemon.balance(email), len(submitted(smsc, to))) == (error, 0, 1)


def test_the_account_s_history_says_it(story: Story) -> None:
    """The operator's own command: states, reasons, the SMSC's id, and the gateway's figures."""
    daemon, smsc = story
    email, good, bad = daemon.provision(4), number("01"), number("02")
    assert (daemon.sms(email, good, LONG), daemon.sms(email, bad, "raté")) == ("80", "80")
    daemon.wait(lambda: {one.state for one in daemon.messages(email)} == {"delivered", "failed"}, "both have ended")
    failed, delivered = daemon.console("message", "list", "--account", email)
    assert (failed["to"], failed["state"], failed["gateway"]) == (e164(bad), "failed", "main")
    assert failed["error"] == "Le réseau n'a pas pu remettre le message (code 027)."
    assert (delivered["to"], delivered["state"], delivered["error"]) == (e164(good), "delivered", None)
    ids = [one.id for one in submitted(smsc, good)]
    assert [(part["part"], part["state"], part["reference"]) for part in delivered["parts"]] == [
        (place, "delivered", id_) for place, id_ in enumerate(ids, 1)
    ]
    assert daemon.console("message", "list", "--account", email, "--state", "failed") == [failed]
    main = daemon.console("gateway", "list")[0]
    assert (main["name"], main["type"], main["state"], main["queued"]) == ("main", "smpp", "up", 0)


@pytest.mark.parametrize(
    ("prefix", "text", "data_coding", "tlvs"),
    [
        ("0651", "Alerte", 0x10, {}),
        ("0651", "警報", 0x18, {}),
        ("0655", "Alerte", 0xF0, {}),
        ("0656", "Alerte", 0x00, {0x0005: b"\x01"}),
    ],
)
def test_flash(story: Story, prefix: str, text: str, data_coding: int, tlvs: dict[int, bytes]) -> None:
    """A flash is message class 0, in each of the ways in which operators want it said."""
    daemon, smsc = story
    email, to = daemon.provision(1, options={"format": Format.FLASH}), number(prefix=prefix)
    assert daemon.sms(email, to, text) == "80"
    ended(daemon, email, "delivered")
    (one,) = submitted(smsc, to)
    assert (one.data_coding, one.tlvs) == (data_coding, tlvs)


def test_normal_then_flash(story: Story) -> None:
    """«normal + flash»: after a receipt that is an error it leaves once more, as flash, and is debited once."""
    daemon, smsc = story
    email, to = daemon.provision(5, options={"format": Format.NORMAL_THEN_FLASH}), number("02")
    assert daemon.sms(email, to, "Alerte") == "80"
    told = ended(daemon, email, "failed")
    assert [one.data_coding for one in submitted(smsc, to)] == [0x00, 0x10]
    assert (daemon.balance(email), told.repeats) == (4, 0)
    assert told.error == "Le réseau n'a pas pu remettre le message (code 027)."
    assert [part.reference for part in told.parts] == [submitted(smsc, to)[1].id]


def test_normal_then_flash_that_arrives(story: Story) -> None:
    """Where the flash is delivered, the message is; one that was delivered as normal does not leave again."""
    daemon, smsc = story
    options = {"format": Format.NORMAL_THEN_FLASH}
    first, second = daemon.provision(5, options=options), daemon.provision(5, options=options)
    late, prompt = number("06"), number("01")
    assert (daemon.sms(first, late, LONG), daemon.sms(second, prompt, LONG)) == ("80", "80")
    ended(daemon, second, "delivered")
    daemon.wait(lambda: len(submitted(smsc, late)) == 3, "three parts")
    one, two, three = submitted(smsc, late)
    for part, outcome in ((three, "DELIVRD"), (two, "UNDELIV:001"), (one, "DELIVRD")):
        smsc.receipt(str(part.id), outcome, system_id="main")
    daemon.wait(lambda: len(submitted(smsc, late)) == 6, "three more, as flash")
    for part in submitted(smsc, late)[3:]:
        smsc.receipt(str(part.id), system_id="main")
    ended(daemon, first, "delivered")
    assert [part.data_coding for part in submitted(smsc, late)] == [0] * 3 + [0x10] * 3
    assert [part.data_coding for part in submitted(smsc, prompt)] == [0] * 3
    assert (daemon.balance(first), daemon.balance(second)) == (2, 2)
