"""Two others read what we write: Wireshark's dissector, and the Python package ``smspdudecoder``."""

from datetime import UTC, datetime, timedelta, timezone
from io import StringIO
from random import Random
from typing import Any, Final

from smspdudecoder.fields import SMSDeliver, SMSSubmit  # type: ignore[import-untyped]

from gateways.gsm.tpdu import pdu, times
from gateways.gsm.tpdu.address import ALPHANUMERIC, INTERNATIONAL, UNKNOWN, Address
from gateways.gsm.tpdu.coding import class_of
from gateways.gsm.tpdu.deliver import Deliver
from gateways.gsm.tpdu.report import StatusReport
from gateways.gsm.tpdu.submit import Submit
from gateways.gsm.tpdu.user_data import Concatenation, UserData
from smstob.model.segment import Coding, measure
from smstob.model.septets import unpack
from tests.model.strategies import GSM7

from .dissector import COMPLAINT, Fields, dissect
from .tpdus import EXAMPLES

COUNT: Final = 300
ROOM: Final = {Coding.GSM7: 152, Coding.UCS2: 66}
"""Beside a wide reference."""
WIDE: Final = "aêœ’漢😀🇫"
NAMES: Final = "ABCDEFabcdefé 0123456789"
ESCAPE: Final = 0x1B
GSM: Final = "gsm_sms."


def text(random: Random) -> str:
    """Any that one SMS has room for, joined to others or not."""
    written = "".join(random.choices(random.choice((GSM7, GSM7, "abc", WIDE)), k=random.randint(1, 152)))
    while (measured := measure(written)).length > ROOM[measured.coding]:
        written = written[:-1]
    return written


def user_data(random: Random) -> UserData:
    """One with a text."""
    total, wide = random.randint(1, 255), random.random() < 0.5
    reference = random.randrange(0x10000 if wide else 0x100)
    joined = random.choice((None, Concatenation(reference, total, random.randint(1, total), wide)))
    written = text(random)
    return UserData.of(written, measure(written).coding, random.choice((None, 0, 1, 2, 3)), joined)


def address(random: Random) -> Address:
    """A number of either type, or a name."""
    kind = random.choice((INTERNATIONAL, UNKNOWN, ALPHANUMERIC))
    if kind == ALPHANUMERIC:
        return Address("".join(random.choices(NAMES, k=random.randint(1, 11))), kind)
    return Address("".join(random.choices("0123456789", k=random.randint(3, 15))), kind)


def moment(random: Random) -> datetime:
    """One of this century, in any zone."""
    zone = timezone(timedelta(minutes=15 * random.randint(-79, 79)))
    return datetime(2000, 1, 2, tzinfo=zone) + timedelta(seconds=random.randrange(99 * 365 * 86400))


def submit(random: Random) -> Submit:
    """A SUBMIT with every field."""
    return Submit(
        recipient=address(random),
        user_data=user_data(random),
        reference=random.randrange(256),
        protocol=random.choice((0, 0x40, 0x41)),
        validity=random.choice((None, times.read_validity(random.randrange(256)), moment(random))),
        status_report=random.random() < 0.5,
        reject_duplicates=random.random() < 0.5,
    )


def deliver(random: Random) -> Deliver:
    """A DELIVER with every field."""
    return Deliver(sender=address(random), user_data=user_data(random), sent=moment(random), more=random.random() < 0.5)


def report(random: Random) -> StatusReport:
    """A STATUS-REPORT with every field."""
    return StatusReport(
        reference=random.randrange(256),
        recipient=address(random),
        submitted=moment(random),
        discharged=moment(random),
        status=random.randrange(256),
    )


def octets(tpdu: pdu.Tpdu) -> bytes:
    """It without a service centre."""
    return bytes.fromhex(pdu.write(tpdu).digits)[1:]


def seen(fields: Fields, name: str) -> str | None:
    """The one value of a field of ``gsm_sms``."""
    return fields.get(GSM + name, [None])[0]


def seen_user_data(fields: Fields, wanted: UserData) -> None:
    """The text, its class and what joins it are seen as they were written."""
    assert fields.get(GSM + "sms_text") == ([wanted.text] if wanted.text else None)
    assert int(seen(fields, "tp-dcs") or -1) == wanted.data_coding
    message_class = seen(fields, "dcs.message_class") if seen(fields, "dcs.message_class_defined") == "1" else None
    assert (int(message_class, 16) if message_class else None) == class_of(wanted.data_coding)
    numbers = tuple(seen(fields, f"udh.mm.{name}") for name in ("msg_id", "msg_parts", "msg_part"))
    if (joined := wanted.concatenation) is None:
        assert numbers == (None, None, None)
    else:
        assert numbers == (str(joined.reference), str(joined.total), str(joined.part))
        assert seen(fields, "ie_identifier") == ("0x08" if joined.wide else "0x00")


def seen_address(fields: Fields, name: str, wanted: Address) -> None:
    """The address is seen as it was written."""
    assert seen(fields, name) == wanted.value
    assert seen(fields, "dis_field_addr.num_type") == str(wanted.type >> 4 & 7)


def seen_moments(fields: Fields, *wanted: datetime) -> None:
    """The moments are seen as they were written, their zones in quarters of an hour, of which no field has the sign."""
    names = ("year", "month", "day", "hour", "minutes", "seconds")
    columns = zip(*(fields.get(f"{GSM}scts.{name}", ()) for name in names), strict=True)
    written = [(at.year - 2000, at.month, at.day, at.hour, at.minute, at.second) for at in wanted]
    assert [tuple(map(int, column)) for column in columns] == written
    quarters = [abs(at.utcoffset() or timedelta()) // timedelta(minutes=15) for at in wanted]
    assert [int(zone) for zone in fields.get(f"{GSM}scts.timezone", ())] == quarters


def test_submits_as_wireshark_sees_them() -> None:
    """Every field of it."""
    random = Random(1)
    tpdus = [submit(random) for _ in range(COUNT)]
    for tpdu, fields in zip(tpdus, dissect(map(octets, tpdus)), strict=True):
        assert COMPLAINT not in fields
        assert (seen(fields, "tp-mti"), seen(fields, "tp-mr")) == ("1", str(tpdu.reference))
        assert seen(fields, "tp-pid") == str(tpdu.protocol)
        assert (seen(fields, "tp-srr"), seen(fields, "tp-rd")) == (
            str(int(tpdu.status_report)),
            str(int(tpdu.reject_duplicates)),
        )
        seen_address(fields, "tp-da", tpdu.recipient)
        seen_user_data(fields, tpdu.user_data)
        if isinstance(tpdu.validity, datetime):
            seen_moments(fields, tpdu.validity)
        elif tpdu.validity is None:
            assert seen(fields, "tp-vpf") == "0"
        else:
            assert times.read_validity(int(seen(fields, "vp.validity_period") or -1)) == tpdu.validity


def test_delivers_as_wireshark_sees_them() -> None:
    """Every field of it: the simulator's are those of a network."""
    random = Random(2)
    tpdus = [deliver(random) for _ in range(COUNT)]
    for tpdu, fields in zip(tpdus, dissect(map(octets, tpdus)), strict=True):
        assert COMPLAINT not in fields
        assert (seen(fields, "tp-mti"), seen(fields, "tp-mms")) == ("0", str(int(not tpdu.more)))
        seen_address(fields, "tp-oa", tpdu.sender)
        seen_user_data(fields, tpdu.user_data)
        assert tpdu.sent
        seen_moments(fields, tpdu.sent)


def test_reports_as_wireshark_sees_them() -> None:
    """Every field of it."""
    random = Random(3)
    tpdus = [report(random) for _ in range(COUNT)]
    for tpdu, fields in zip(tpdus, dissect(map(octets, tpdus)), strict=True):
        assert COMPLAINT not in fields
        assert (seen(fields, "tp-mti"), seen(fields, "tp-mr")) == ("2", str(tpdu.reference))
        seen_address(fields, "tp-ra", tpdu.recipient)
        assert tpdu.submitted
        assert tpdu.discharged
        seen_moments(fields, tpdu.submitted, tpdu.discharged)
        if tpdu.status < 0x80:
            error, reason = int(seen(fields, "dis_field.st_error") or 0), int(seen(fields, "dis.field_st_reason") or 0)
            assert error << 5 | reason == tpdu.status


def test_wireshark_sees_what_is_wrong() -> None:
    """Else its silence would say nothing."""
    cut = [octets(tpdu)[:-3] for tpdu in (EXAMPLES[0], EXAMPLES[3], EXAMPLES[6])]
    assert all(COMPLAINT in fields for fields in dissect(cut))


def header_of(joined: Concatenation) -> bytes:
    """The whole header that joins a segment, and zeros."""
    identifier, data = joined.element()
    return bytes((2 + len(data), identifier, len(data))) + data + bytes(1)


def as_decoded(tpdu: Submit | Deliver, decoded: dict[str, Any], party: Address) -> None:
    """``smspdudecoder`` reads the same, but for its own known mistakes."""
    joined = tpdu.user_data.concatenation
    read, wanted = decoded["user_data"]["data"], tpdu.user_data.text
    # It takes seven spare bits for a character: in names, and in texts with one of the extension table. It takes the
    # header for text too, and loses a character where there seems to be an escape in it.
    if not (joined and ESCAPE in unpack(header_of(joined), 8)):
        assert read in {wanted, f"{wanted}@"}
        assert read == wanted or len(wanted) < len(tpdu.user_data.content)
    number = decoded["recipient" if isinstance(tpdu, Submit) else "sender"]
    assert number["number"] in ({party.value, f"{party.value}@"} if party.is_name else {party.value})
    header = decoded["user_data"]["header"]
    assert (header is None) == (joined is None)
    if joined:
        (element,) = header["elements"]
        numbers = {"reference": joined.reference, "parts_count": joined.total, "part_number": joined.part}
        assert element["data"] == numbers


def test_as_smspdudecoder_reads_them() -> None:
    """Text, numbers, moment and what joins segments, with a service centre."""
    random = Random(4)
    centre = Address.of("+33609001390")
    for _ in range(COUNT):
        sent, came = submit(random), deliver(random)
        decoded = SMSSubmit.decode(StringIO(pdu.write(sent, centre).digits))
        as_decoded(sent, decoded, sent.recipient)
        assert decoded["header"]["srr"] == sent.status_report
        assert decoded["smsc"]["number"] == centre.value
        decoded = SMSDeliver.decode(StringIO(pdu.write(came, centre).digits))
        as_decoded(came, decoded, came.sender)
        assert came.sent
        assert decoded["scts"] == came.sent.astimezone(UTC)
