"""One PDU of every kind, written octet by octet from the tables of SMPP 3.4 §4, with the value that it is."""

from typing import Final

import attrs

from txsmpp import binding, pdu
from txsmpp.fields import Address, Body, DistributionList, Unsuccessful


@attrs.frozen
class Vector:
    """A PDU: its header's status and sequence number, all its octets, its body."""

    name: str
    status: int
    sequence: int
    octets: bytes
    body: Body

    def __str__(self) -> str:
        return self.name


def _vector(name: str, status: int, sequence: int, octets: str, body: Body) -> Vector:
    return Vector(name, status, sequence, bytes.fromhex(octets), body)


_BINDING: Final = (
    _vector(
        "bind_transmitter, the example of the standard (§3.2.2)",
        *(0, 1),
        "0000002F 00000002 00000000 00000001"
        "534D50503354455354 00"  # system_id SMPP3TEST
        "7365637265743038 00"  # password secret08
        "5355424D495431 00"  # system_type SUBMIT1
        "00 01 01 00",  # interface_version, addr_ton, addr_npi, address_range
        binding.BindTransmitter(
            system_id=b"SMPP3TEST",
            password=b"secret08",
            system_type=b"SUBMIT1",
            interface_version=0,
            address_ton=1,
            address_npi=1,
        ),
    ),
    _vector(
        "bind_transmitter_resp",
        *(0, 1),
        "0000001A 80000002 00000000 00000001 534D534300 0210 0001 34",  # system_id SMSC, sc_interface_version
        binding.BindTransmitterResponse(system_id=b"SMSC", tlvs=((0x0210, b"\x34"),)),
    ),
    _vector(
        "bind_receiver",
        *(0, 2),
        "0000001C 00000001 00000000 00000002 7500 7000 00 34 01 08 5E333300",
        binding.BindReceiver(system_id=b"u", password=b"p", address_ton=1, address_npi=8, address_range=b"^33"),
    ),
    _vector(
        "bind_receiver_resp",
        *(0xE, 2),
        "00000011 80000001 0000000E 00000002 00",
        binding.BindReceiverResponse(),
    ),
    _vector(
        "bind_transceiver",
        *(0, 3),
        "0000001A 00000009 00000000 00000003 7500 7000 4100 34 00 00 00",
        binding.BindTransceiver(system_id=b"u", password=b"p", system_type=b"A"),
    ),
    _vector(
        "bind_transceiver_resp",
        *(0, 3),
        "00000012 80000009 00000000 00000003 5300",
        binding.BindTransceiverResponse(system_id=b"S"),
    ),
    _vector(
        "outbind",
        *(0, 1),
        "00000019 0000000B 00000000 00000001 534D534300 70617700",
        binding.Outbind(system_id=b"SMSC", password=b"paw"),
    ),
    _vector("generic_nack", 2, 0, "00000010 80000000 00000002 00000000", binding.GenericNack()),
    _vector("unbind", 0, 9, "00000010 00000006 00000000 00000009", binding.Unbind()),
    _vector("unbind_resp", 0, 9, "00000010 80000006 00000000 00000009", binding.UnbindResponse()),
    _vector("enquire_link", 0, 0x7FFFFFFF, "00000010 00000015 00000000 7FFFFFFF", binding.EnquireLink()),
    _vector("enquire_link_resp", 0, 0x7FFFFFFF, "00000010 80000015 00000000 7FFFFFFF", binding.EnquireLinkResponse()),
)

_MESSAGES: Final = (
    _vector(
        "submit_sm",
        *(0, 5),
        "00000068 00000004 00000000 00000005"
        "434D5400"  # service_type CMT
        "05 00 534D53746F4200"  # source_addr_ton, source_addr_npi, source_addr SMStoB
        "01 01 333336313233343536373800"  # dest_addr_ton, dest_addr_npi, destination_addr
        "40 02 03"  # esm_class, protocol_id, priority_flag
        "3236313132343132303030303030302B00"  # schedule_delivery_time 261124120000000+
        "30303030303130303030303030303052 00"  # validity_period 000001000000000R, a day
        "01 00 F1 04"  # registered_delivery, replace_if_present_flag, data_coding, sm_default_msg_id
        "08 050003AA0201 6869"  # sm_length, short_message: a user data header, hi
        "0204 0002 1234"  # user_message_reference
        "1403 0001 FF",  # of the operator's own
        pdu.SubmitSm(
            service_type=b"CMT",
            source_ton=5,
            source=b"SMStoB",
            destination_ton=1,
            destination_npi=1,
            destination=b"33612345678",
            esm_class=0x40,
            protocol_id=2,
            priority=3,
            schedule_delivery_time=b"261124120000000+",
            validity_period=b"000001000000000R",
            registered_delivery=1,
            data_coding=0xF1,
            default_message=4,
            short_message=b"\5\0\3\xaa\2\1hi",
            tlvs=((0x0204, b"\x12\x34"), (0x1403, b"\xff")),
        ),
    ),
    _vector(
        "submit_sm_resp",
        *(0, 5),
        "00000015 80000004 00000000 00000005 3130303100",
        pdu.SubmitSmResponse(message_id=b"1001"),
    ),
    _vector(
        "deliver_sm",
        *(0, 6),
        "00000035 00000005 00000000 00000006"
        "00"  # service_type
        "01 01 333300"  # source
        "02 03 3400"  # destination
        "04 00 01"  # esm_class, protocol_id, priority_flag
        "00 00"  # schedule_delivery_time, validity_period
        "00 01 03 00"  # registered_delivery, replace_if_present_flag, data_coding, sm_default_msg_id
        "05 69643A3137"  # sm_length, short_message id:17
        "001E 0003 313700"  # receipted_message_id
        "0427 0001 02",  # message_state
        pdu.DeliverSm(
            source_ton=1,
            source_npi=1,
            source=b"33",
            destination_ton=2,
            destination_npi=3,
            destination=b"4",
            esm_class=4,
            priority=1,
            replace_if_present=1,
            data_coding=3,
            short_message=b"id:17",
            tlvs=((0x001E, b"17\0"), (0x0427, b"\2")),
        ),
    ),
    _vector("deliver_sm_resp", 0, 6, "00000011 80000005 00000000 00000006 00", pdu.DeliverSmResponse()),
    _vector(
        "data_sm",
        *(0, 7),
        "00000026 00000103 00000000 00000007"
        "5500"  # service_type
        "01 02 3100"  # source
        "03 04 3200"  # destination
        "05 06 07"  # esm_class, registered_delivery, data_coding
        "0424 0005 68656C6C6F",  # message_payload
        pdu.DataSm(
            service_type=b"U",
            source_ton=1,
            source_npi=2,
            source=b"1",
            destination_ton=3,
            destination_npi=4,
            destination=b"2",
            esm_class=5,
            registered_delivery=6,
            data_coding=7,
            tlvs=((0x0424, b"hello"),),
        ),
    ),
    _vector(
        "data_sm_resp",
        *(0xFE, 7),
        "00000017 80000103 000000FE 00000007 3700 0425 0001 01",  # message_id, delivery_failure_reason
        pdu.DataSmResponse(message_id=b"7", tlvs=((0x0425, b"\1"),)),
    ),
    _vector(
        "submit_multi",
        *(0, 8),
        "0000002C 00000021 00000000 00000008"
        "00"  # service_type
        "01 02 3100"  # source
        "02"  # number_of_dests
        "01 03 04 323300"  # dest_flag (an address), dest_addr_ton, dest_addr_npi, destination_addr
        "02 6C6F7400"  # dest_flag (a list), dl_name
        "05 06 07"  # esm_class, protocol_id, priority_flag
        "00 00"  # schedule_delivery_time, validity_period
        "08 09 0A 0B"  # registered_delivery, replace_if_present_flag, data_coding, sm_default_msg_id
        "01 78",  # sm_length, short_message
        pdu.SubmitMulti(
            source_ton=1,
            source_npi=2,
            source=b"1",
            destinations=(Address(b"23", 3, 4), DistributionList(b"lot")),
            esm_class=5,
            protocol_id=6,
            priority=7,
            registered_delivery=8,
            replace_if_present=9,
            data_coding=10,
            default_message=11,
            short_message=b"x",
        ),
    ),
    _vector(
        "submit_multi_resp",
        *(0, 8),
        "0000001C 80000021 00000000 00000008"
        "6D00"  # message_id
        "01"  # no_unsuccess
        "01 02 323300"  # dest_addr_ton, dest_addr_npi, destination_addr
        "0000000B",  # error_status_code
        pdu.SubmitMultiResponse(message_id=b"m", unsuccessful=(Unsuccessful(b"23", 1, 2, 0xB),)),
    ),
)

_UPKEEP: Final = (
    _vector(
        "query_sm",
        *(0, 10),
        "00000017 00000003 00000000 0000000A 373700 01 02 3100",
        pdu.QuerySm(message_id=b"77", source_ton=1, source_npi=2, source=b"1"),
    ),
    _vector(
        "query_sm_resp",
        *(0, 10),
        "00000026 80000003 00000000 0000000A"
        "373700"  # message_id
        "3236313132343132303030303030302B00"  # final_date
        "02 11",  # message_state, error_code
        pdu.QuerySmResponse(message_id=b"77", final_date=b"261124120000000+", message_state=2, error_code=0x11),
    ),
    _vector(
        "cancel_sm",
        *(0, 11),
        "0000001D 00000008 00000000 0000000B"
        "5500"  # service_type
        "373700"  # message_id
        "01 02 3100"  # source
        "03 04 3200",  # destination
        pdu.CancelSm(
            service_type=b"U",
            message_id=b"77",
            source_ton=1,
            source_npi=2,
            source=b"1",
            destination_ton=3,
            destination_npi=4,
            destination=b"2",
        ),
    ),
    _vector("cancel_sm_resp", 0x11, 11, "00000010 80000008 00000011 0000000B", pdu.CancelSmResponse()),
    _vector(
        "replace_sm",
        *(0, 12),
        "0000002E 00000007 00000000 0000000C"
        "373700"  # message_id
        "01 02 3100"  # source
        "00"  # schedule_delivery_time
        "30303030303130303030303030303052 00"  # validity_period
        "01 05"  # registered_delivery, sm_default_msg_id
        "02 6869",  # sm_length, short_message
        pdu.ReplaceSm(
            message_id=b"77",
            source_ton=1,
            source_npi=2,
            source=b"1",
            validity_period=b"000001000000000R",
            registered_delivery=1,
            default_message=5,
            short_message=b"hi",
        ),
    ),
    _vector("replace_sm_resp", 0, 12, "00000010 80000007 00000000 0000000C", pdu.ReplaceSmResponse()),
    _vector(
        "alert_notification",
        *(0, 13),
        "0000001D 00000102 00000000 0000000D 01 02 3100 03 04 3200 0422 0001 02",
        pdu.AlertNotification(
            source_ton=1,
            source_npi=2,
            source=b"1",
            esme_ton=3,
            esme_npi=4,
            esme=b"2",
            tlvs=((0x0422, b"\2"),),
        ),
    ),
)

VECTORS: Final = _BINDING + _MESSAGES + _UPKEEP
"""All 27 kinds."""
