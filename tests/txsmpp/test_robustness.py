"""Malformed PDUs, and what both sides of a session say to them."""

from typing import Final

import attrs
import pytest

from txsmpp.binding import BindTransceiver, BindTransceiverResponse
from txsmpp.constants import Command, status_name
from txsmpp.events import Answered, Asked, Closed, State, Told
from txsmpp.frame import Framer, pack
from txsmpp.pdu import SubmitSm, decode
from txsmpp.session import Role, Session
from txsmpp.tlv import DecodeError

MESSAGE: Final = "00 0101 333300 0101 343400 00 00 00 00 00 00 00 00 00 02 6869"
"""The body of a submit_sm or deliver_sm that says hi."""
EMPTY: Final = "00 0000 00 0000 00 00 00 00 00 00 00 00 00 00 00"
FRAME: Final = "FrameError"
ENDED: Final = ["generic_nack ESME_RINVCMDLEN 0", "Closed"]


def bound(role: Role) -> Session:
    """A session of that side, bound as transceiver."""
    made = Session(role)
    if role is Role.ESME:
        made.bind(BindTransceiver(system_id=b"u"))
        made.receive(pack(Command.BIND_TRANSCEIVER_RESP, 0, 1, BindTransceiverResponse().encode()))
    else:
        (asked,) = made.receive(pack(Command.BIND_TRANSCEIVER, 0, 1, BindTransceiver().encode()))
        assert isinstance(asked, Asked)
        made.respond(asked, 0, BindTransceiverResponse().encode())
    made.output()
    assert made.state is State.BOUND_TRX
    return made


def read(octets: bytes) -> list[str]:
    """What the codec makes of them: kinds, the statuses of refusals, or that they are no frame."""
    framer, found = Framer(), []
    for frame in framer.feed(octets):
        try:
            found.append(type(decode(frame.command, frame.body)).__name__)
        except DecodeError as error:
            found.append(status_name(error.status))
    return found + [FRAME] * (framer.error is not None)


def said(role: Role, octets: bytes) -> list[str]:
    """What a bound session of that side writes, then what it tells its application."""
    session = bound(role)
    events = session.receive(octets)
    framer = Framer()
    written = [
        f"{Command(frame.command).name.lower()} {status_name(frame.status)} {frame.sequence}"
        for frame in framer.feed(session.output())
    ]
    assert framer.error is None
    for event in events:
        body = type(event.body).__name__ if isinstance(event, Asked | Told) else ""
        written.append(f"{type(event).__name__} {body}".strip())
    assert session.is_closed == any(isinstance(event, Closed) for event in events)
    return written


@attrs.frozen
class Case:
    """Octets from the network: what the codec reads, what the side with that role says."""

    name: str
    octets: bytes
    read: list[str]
    said: list[str]
    role: Role = Role.SMSC


def whole(name: str, command: int, body: str, reads: str, says: str, role: Role = Role.SMSC, status: int = 0) -> Case:
    """A frame with sequence number 7 whose length is right."""
    return Case(name, pack(command, status, 7, bytes.fromhex(body)), [reads], [says] if says else [], role)


def broken(name: str, octets: str, reads: list[str], says: list[str]) -> Case:
    """A stream where a length is wrong."""
    return Case(name, bytes.fromhex(octets), reads, says)


SHORT, TAIL = "ESME_RINVMSGLEN", "ESME_RINVOPTPARSTREAM"
SUBMIT, DELIVER = "submit_sm_resp", "deliver_sm_resp"
FRAMES: Final = (
    broken("command_length 0", "00000000 00000004 00000000 00000007", [FRAME], ENDED),
    broken("command_length 4", "00000004", [FRAME], ENDED),
    broken("command_length 15", "0000000F 00000004 00000000 00000007", [FRAME], ENDED),
    broken("command_length 0xFFFFFFFF", "FFFFFFFF", [FRAME], ENDED),
    broken("command_length 24 MiB", "01800000 00000004 00000000 00000007", [FRAME], ENDED),
    broken("command_length one over the limit", "00013881", [FRAME], ENDED),
    broken("command_length at the limit, the rest to come", "00013880 00000004", [], []),
    broken("command_length of 15 after a good PDU", "00000010 00000015 00000000 00000007 0000000F",
           ["EnquireLink", FRAME], ["enquire_link_resp ESME_ROK 7", *ENDED]),
    broken("text where a PDU should be", "474554202F20485454502F312E310D0A", [FRAME], ENDED),
    broken("a header cut", "00000010 00000015 00000000 000000", [], []),
    broken("command_length too large by one, then silence", "00000011 00000015 00000000 00000007", [], []),
    broken("command_length too small by one",
           "00000010 00000015 00000000 00000007 00 00000010 00000015 00000000 00000008",
           ["EnquireLink", FRAME], ["enquire_link_resp ESME_ROK 7", *ENDED]),
)  # fmt: skip

SUBMITS: Final = (
    whole("submit_sm without a body", 4, "", SHORT, f"{SUBMIT} {SHORT} 7"),
    whole("submit_sm cut in service_type", 4, "434D54", SHORT, f"{SUBMIT} {SHORT} 7"),
    whole("submit_sm cut after service_type", 4, "00", SHORT, f"{SUBMIT} {SHORT} 7"),
    whole("submit_sm cut in the source", 4, "00 0101 3333", SHORT, f"{SUBMIT} {SHORT} 7"),
    whole("submit_sm cut after the destination", 4, "00 0101 333300 0101 343400", SHORT, f"{SUBMIT} {SHORT} 7"),
    whole("submit_sm cut before sm_length", 4, MESSAGE[:-10], SHORT, f"{SUBMIT} {SHORT} 7"),
    whole("submit_sm without any NUL", 4, "41" * 60, SHORT, f"{SUBMIT} {SHORT} 7"),
    whole("submit_sm of NULs", 4, "00" * 17, "SubmitSm", "Asked SubmitSm"),
    whole("sm_length over the end", 4, MESSAGE[:-7] + "FF 6869", SHORT, f"{SUBMIT} {SHORT} 7"),
    whole("sm_length one too large", 4, MESSAGE[:-7] + "03 6869", SHORT, f"{SUBMIT} {SHORT} 7"),
    whole("sm_length one too small", 4, MESSAGE[:-7] + "01 6869", TAIL, f"{SUBMIT} {TAIL} 7"),
    whole("sm_length 255", 4, MESSAGE[:-7] + "FF" + "61" * 255, "SubmitSm", "Asked SubmitSm"),
    whole("a source of 60", 4, "00 0101" + "33" * 60 + "00 0101 00 00 00 00 00 00 00 00 00 00 00", "SubmitSm",
          "Asked SubmitSm"),
    whole("a time of 3", 4, "00 0000 00 0000 00 00 00 00 31323300 00 00 00 00 00 00", "SubmitSm", "Asked SubmitSm"),
    whole("TON 9, NPI 99", 4, "00 0963 00 0963" + EMPTY[15:], "SubmitSm", "Asked SubmitSm"),
    whole("esm_class 0xFF, dcs 0xF0", 4, "00 0000 00 0000 00 FF 00 00 00 00 00 00 F0 00 00", "SubmitSm",
          "Asked SubmitSm"),
    whole("a TLV over the end", 4, MESSAGE + "0427 0009 02", TAIL, f"{SUBMIT} {TAIL} 7"),
    whole("a TLV of 65,535 with 1", 4, MESSAGE + "0424 FFFF 61", TAIL, f"{SUBMIT} {TAIL} 7"),
    whole("a TLV header of 3", 4, MESSAGE + "0427 00", TAIL, f"{SUBMIT} {TAIL} 7"),
    whole("an octet behind", 4, MESSAGE + "FF", TAIL, f"{SUBMIT} {TAIL} 7"),
    whole("zeros behind", 4, MESSAGE + "00" * 9, "SubmitSm", "Asked SubmitSm"),
    whole("a TLV twice", 4, MESSAGE + "0427 0001 02 0427 0001 03", "SubmitSm", "Asked SubmitSm"),
    whole("a TLV of the wrong size", 4, MESSAGE + "0427 0002 0002", "SubmitSm", "Asked SubmitSm"),
    whole("a TLV of an operator", 4, MESSAGE + "1403 0001 FF", "SubmitSm", "Asked SubmitSm"),
    whole("a reserved TLV", 4, MESSAGE + "0100 0001 FF", "SubmitSm", "Asked SubmitSm"),
    whole("no message at all", 4, EMPTY, "SubmitSm", "Asked SubmitSm"),
    whole("a request with a status", 4, MESSAGE, "SubmitSm", "Asked SubmitSm", status=0x58),
)  # fmt: skip

OTHERS: Final = (
    whole("a command that is none", 0x0A, "", "Raw", "generic_nack ESME_RINVCMDID 7"),
    whole("command 0", 0, "", "Raw", "generic_nack ESME_RINVCMDID 7"),
    whole("a command of SMPP 5.0", 0x111, MESSAGE, "Raw", "generic_nack ESME_RINVCMDID 7"),
    whole("a response that is none", 0x800000FF, "DEAD", "Raw", ""),
    whole("a response to nothing", 0x80000004, "3100", "SubmitSmResponse", ""),
    whole("a nack of nothing", 0x80000000, "", "GenericNack", ""),
    whole("enquire_link with a body", 0x15, "DEADBEEF", "EnquireLink", "enquire_link_resp ESME_ROK 7"),
    whole("bind when bound", 9, "00" * 7, "BindTransceiver", "bind_transceiver_resp ESME_RALYBND 7"),
    whole("bind cut, when bound", 9, "75", SHORT, "bind_transceiver_resp ESME_RALYBND 7"),
    whole("submit_multi with dest_flag 3", 0x21, "00 0000 00 01 03 3100" + "00" * 10, "ESME_RINVDESTFLAG",
          "submit_multi_resp ESME_RINVDESTFLAG 7"),
    whole("submit_multi with fewer than number_of_dests", 0x21, "00 0000 00 FF 02 3100", SHORT,
          f"submit_multi_resp {SHORT} 7"),
    whole("query_sm without NUL", 3, "3737", SHORT, f"query_sm_resp {SHORT} 7"),
    whole("query_sm with a TLV", 3, "373700 0000 00 1403 0001 FF", "QuerySm", "Asked QuerySm"),
    whole("query_sm with an octet behind", 3, "373700 0000 00 FF", TAIL, f"query_sm_resp {TAIL} 7"),
    whole("cancel_sm cut", 8, "00 373700 01", SHORT, f"cancel_sm_resp {SHORT} 7"),
    whole("replace_sm with sm_length over the end", 7, "3100 0000 00 00 00 00 00 09 61", SHORT,
          f"replace_sm_resp {SHORT} 7"),
    whole("data_sm cut in its payload", 0x103, "00 0000 00 0000 00 00 00 00 0424 0004 61", TAIL,
          f"data_sm_resp {TAIL} 7"),
    whole("deliver_sm to an SMSC", 5, MESSAGE, "DeliverSm", "deliver_sm_resp ESME_RINVBNDSTS 7"),
)  # fmt: skip

ESME: Final = (
    whole("deliver_sm cut", 5, MESSAGE[:20], SHORT, f"{DELIVER} {SHORT} 7", Role.ESME),
    whole("deliver_sm with sm_length over the end", 5, MESSAGE[:-7] + "FE 6869", SHORT,
          f"{DELIVER} {SHORT} 7", Role.ESME),
    whole("deliver_sm with a TLV over the end", 5, MESSAGE + "001E 0009 31", TAIL, f"{DELIVER} {TAIL} 7", Role.ESME),
    whole("deliver_sm, empty", 5, EMPTY, "DeliverSm", "Asked DeliverSm", Role.ESME),
    whole("deliver_sm with esm_class 0x24", 5, "00 0000 00 0000 00 24" + EMPTY[22:], "DeliverSm", "Asked DeliverSm",
          Role.ESME),
    whole("a receipt whose id lacks its NUL", 5, EMPTY + "001E 0004 31303031 0427 0001 02", "DeliverSm",
          "Asked DeliverSm", Role.ESME),
    whole("submit_sm to an ESME", 4, MESSAGE, "SubmitSm", "submit_sm_resp ESME_RINVBNDSTS 7", Role.ESME),
    whole("alert_notification cut", 0x102, "01 01 31", SHORT, f"generic_nack {SHORT} 7", Role.ESME),
    whole("outbind when bound", 0x0B, "00 00", "Outbind", "generic_nack ESME_RINVBNDSTS 7", Role.ESME),
)  # fmt: skip
CASES: Final = FRAMES + SUBMITS + OTHERS + ESME


def test_there_are_enough() -> None:
    """More than the 53 cases that the libraries at hand were judged by."""
    assert len({case.name for case in CASES}) == len(CASES) >= 53


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_read(case: Case) -> None:
    """The codec reads it, or refuses it with a status of the standard."""
    assert read(case.octets) == case.read


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_said(case: Case) -> None:
    """The session answers it by name and number, in one piece and in octets, and goes on unless it was no frame."""
    assert said(case.role, case.octets) == case.said
    session = bound(case.role)
    for at in range(len(case.octets)):
        session.receive(case.octets[at : at + 1])
    assert session.is_closed == ("Closed" in case.said)
    if not session.is_closed and read(case.octets):
        session.output()
        session.receive(pack(Command.ENQUIRE_LINK, 0, 99))
        assert session.output() == pack(Command.ENQUIRE_LINK_RESP, 0, 99)


def test_responses_with_a_broken_tail_still_give_their_id() -> None:
    """A submit_sm_resp cut anywhere answers its request: the message left, and must not leave twice."""
    for body in (b"", b"1001", b"1001\0", b"1001\0\x04", b"1001\0\x04\x27\0\x09\2", b"1001\0\0\0"):
        session = bound(Role.ESME)
        session.request(Command.SUBMIT_SM, SubmitSm(destination=b"33").encode(), "mine")
        session.output()
        (answered,) = session.receive(pack(Command.SUBMIT_SM_RESP, 0, 2, body))
        assert isinstance(answered, Answered)
        assert answered.context == "mine"
        assert answered.message_id == (b"1001" if body else b"")
        assert decode(answered.command, answered.body).message_id == answered.message_id
