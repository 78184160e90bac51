"""TPDUs of every kind that the properties of this folder are tried on."""

from datetime import datetime, timedelta, timezone

from hypothesis import settings
from hypothesis import strategies as st

from gateways.gsm.tpdu import pdu, times
from gateways.gsm.tpdu.address import ALPHANUMERIC, INTERNATIONAL, UNKNOWN, Address
from gateways.gsm.tpdu.coding import Alphabet, alphabet_of
from gateways.gsm.tpdu.deliver import Deliver
from gateways.gsm.tpdu.report import StatusReport
from gateways.gsm.tpdu.submit import Submit
from gateways.gsm.tpdu.user_data import Concatenation, UserData
from smstob.model import alphabet
from smstob.model.segment import Coding
from tests.model.strategies import DEFAULT, GSM7, scalars

QUICK = settings(deadline=None, max_examples=300)

PHONE = Address.of("+33612345678")
MOMENT = datetime(2026, 11, 26, 3, 4, 5, tzinfo=timezone(timedelta(hours=1)))

EXAMPLES: tuple[pdu.Tpdu, ...] = (
    Submit(recipient=PHONE, user_data=UserData.of("Réunion à 18 h", Coding.GSM7), validity=3600, status_report=True),
    Submit(recipient=PHONE, user_data=UserData.of("✓ 😀", Coding.UCS2, 0, Concatenation(7, 3, 2))),
    Submit(
        recipient=Address.of("36105"),
        user_data=UserData.of("x" * 152, Coding.GSM7, None, Concatenation(300, 3, 2, wide=True)),
        validity=MOMENT,
    ),
    Deliver(sender=PHONE, user_data=UserData.of("Oui [€]", Coding.GSM7), sent=MOMENT),
    Deliver(
        sender=Address.of("Mairie"), user_data=UserData.of("Où ?", Coding.GSM7, 1, Concatenation(9, 2, 2)), sent=MOMENT
    ),
    Deliver(sender=PHONE, user_data=UserData(0x04, b"\x00\xff octets", ((0x05, b"\x0b\x84\x23\xf0"),)), sent=None),
    StatusReport(reference=42, recipient=PHONE, submitted=MOMENT, discharged=MOMENT, status=0),
)

octets = st.integers(0, 0xFF)
addresses = st.one_of(
    st.builds(Address, st.text("0123456789*#abc", max_size=20), st.sampled_from([INTERNATIONAL, UNKNOWN, 0xA1, 0xC9])),
    st.builds(Address, st.text(st.sampled_from([*DEFAULT.values()]), max_size=11), st.just(ALPHANUMERIC)),
)
zones = st.integers(-79, 79).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
moments = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=zones).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)
elements = st.lists(st.tuples(octets, st.binary(max_size=8)), max_size=3).map(tuple)
contents = {
    Alphabet.GSM7: st.text(st.sampled_from(GSM7), max_size=60).map(alphabet.encode),
    Alphabet.OCTETS: st.binary(max_size=100),
    Alphabet.UCS2: st.text(scalars, max_size=25).map(lambda text: text.encode("utf-16-be")),
}
user_datas = octets.flatmap(
    lambda coding: st.builds(UserData, st.just(coding), contents[alphabet_of(coding)], elements)
)
validities = st.one_of(st.none(), moments, octets.map(times.read_validity))
submits = st.builds(
    Submit,
    recipient=addresses,
    user_data=user_datas,
    reference=octets,
    protocol=octets,
    validity=validities,
    status_report=st.booleans(),
    reject_duplicates=st.booleans(),
    reply_path=st.booleans(),
)
delivers = st.builds(
    Deliver,
    sender=addresses,
    user_data=user_datas,
    sent=st.none() | moments,
    protocol=octets,
    more=st.booleans(),
    reply_path=st.booleans(),
)
reports = st.builds(
    StatusReport,
    reference=octets,
    recipient=addresses,
    submitted=st.none() | moments,
    discharged=st.none() | moments,
    status=octets,
    more=st.booleans(),
    of_command=st.booleans(),
)
tpdus = st.one_of(submits, delivers, reports)
