"""SubmitTemplate: the same octets as SubmitSm, sooner."""

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txsmpp.pdu import SubmitSm
from txsmpp.submit import SubmitTemplate
from txsmpp.tlv import EncodeError

from .strategies import bodies, octet, texts, tlvs

ROUTE = SubmitSm(source_ton=5, source=b"SMStoB", registered_delivery=1, priority=1, tlvs=((0x1403, b"\xff"),))


@given(bodies(SubmitSm), bodies(SubmitSm))
def test_the_same_octets(route: SubmitSm, message: SubmitSm) -> None:
    """For any route and any message, it is what SubmitSm would encode."""
    expected = attrs.evolve(
        route,
        destination=message.destination,
        short_message=message.short_message,
        esm_class=message.esm_class,
        validity_period=message.validity_period,
        data_coding=message.data_coding,
        tlvs=message.tlvs + route.tlvs,
    )
    written = SubmitTemplate(route).encode(
        message.destination,
        message.short_message,
        esm_class=message.esm_class,
        validity=message.validity_period,
        data_coding=message.data_coding,
        tlvs=message.tlvs,
    )
    assert written == expected.encode()


@given(texts(25), st.binary(max_size=300), octet, texts(18), octet, tlvs)
def test_any_values(
    destination: bytes, message: bytes, esm_class: int, validity: bytes, data_coding: int, them: Any
) -> None:
    """What SubmitSm refuses it refuses too, and nothing else."""
    values: dict[str, Any] = {"esm_class": esm_class, "data_coding": data_coding}
    as_fields = {"destination": destination, "short_message": message, "validity_period": validity, **values}

    def outcome(write: Any) -> bytes | None:
        try:
            octets: bytes = write()
        except EncodeError:
            return None
        return octets

    slow, template = attrs.evolve(ROUTE, tlvs=them + ROUTE.tlvs, **as_fields), SubmitTemplate(ROUTE)
    assert outcome(slow.encode) == outcome(
        lambda: template.encode(destination, message, validity=validity, tlvs=them, **values)
    )


def test_defaults() -> None:
    """What is not said is 0 or empty, whatever the route has there."""
    route = SubmitSm(destination=b"1", esm_class=3, validity_period=b"0" * 16, data_coding=8, short_message=b"x")
    assert SubmitTemplate(route).encode(b"2", b"y") == SubmitSm(destination=b"2", short_message=b"y").encode()


def test_a_route_that_changes() -> None:
    """The template is of the route as it was."""
    route = attrs.evolve(ROUTE)
    template = SubmitTemplate(route)
    route.source = b"other"
    assert SubmitSm.decode(template.encode(b"1", b"")).source == b"SMStoB"


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"destination": b"1" * 21}, "destination"),
        ({"destination": b"2\0003"}, "destination"),
        ({"destination": b"\0"}, "destination"),
        ({"message": b"x" * 255}, "short_message"),
        ({"message": bytes(256)}, "short_message"),
        ({"validity": b"0" * 15}, "validity_period"),
        ({"validity": b"0" * 17}, "validity_period"),
        ({"validity": b"0" * 15 + b"\0"}, "validity_period"),
        ({"validity": b"\0"}, "validity_period"),
        ({"esm_class": 256}, "esm_class"),
        ({"esm_class": -1}, "esm_class"),
        ({"esm_class": 1 << 70}, "esm_class"),
        ({"data_coding": 256}, "data_coding"),
        ({"data_coding": -1}, "data_coding"),
        ({"data_coding": -(1 << 70)}, "data_coding"),
        ({"tlvs": ((0x0427, b"12"),)}, "0x0427"),
        ({"tlvs": ((0x0424, bytes(65_536)),)}, "0x0424"),
        ({"tlvs": ((0x001E, b"1"),)}, "0x001E"),
        ({"tlvs": ((-1, b"1"),)}, "-1"),
    ],
)
def test_refusals(values: dict[str, Any], named: str) -> None:
    """What does not fit is refused by name, and the next message is none the worse."""
    template = SubmitTemplate(ROUTE)
    with pytest.raises(EncodeError, match=named):
        template.encode(**{"destination": b"33", "message": b"hi", **values})
    assert template.encode(b"33", b"hi") == attrs.evolve(ROUTE, destination=b"33", short_message=b"hi").encode()


@pytest.mark.parametrize(
    "route",
    [
        SubmitSm(source=b"1" * 21),
        SubmitSm(source=b"2\0003"),
        SubmitSm(service_type=b"123456"),
        SubmitSm(source_ton=256),
        SubmitSm(protocol_id=256),
        SubmitSm(priority=-1),
        SubmitSm(registered_delivery=256),
        SubmitSm(replace_if_present=-1),
        SubmitSm(default_message=256),
        SubmitSm(schedule_delivery_time=b"0" * 15),
        SubmitSm(tlvs=((0x0427, b""),)),
    ],
)
def test_routes_that_cannot_be(route: SubmitSm) -> None:
    """A route that cannot be encoded is refused before its first message."""
    with pytest.raises(EncodeError):
        SubmitTemplate(route)
