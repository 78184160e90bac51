"""What SMPP 3.4 can say: strategies made of the forms that the fields themselves declare."""

from typing import Any, Final

from hypothesis import settings
from hypothesis import strategies as st

from txsmpp.fields import (
    Address,
    Body,
    Byte,
    Destinations,
    DistributionList,
    Form,
    Octets,
    Parameters,
    Text,
    Time,
    Unsuccessful,
    Unsuccessfuls,
)
from txsmpp.pdu import BODIES
from txsmpp.tlv import RULES, Tag, Tlv, tlv

QUICK: Final = settings(deadline=None, max_examples=100)
KINDS: Final = sorted(BODIES.values(), key=lambda kind: kind.__name__)

octet: Final = st.integers(0, 0xFF)


def texts(most: int, least: int = 0) -> st.SearchStrategy[bytes]:
    """C-octet strings without their NUL, of any octets but that one."""
    return st.binary(min_size=least, max_size=most).map(lambda value: value.replace(b"\0", b"\1"))


def _known(tag: int) -> st.SearchStrategy[Tlv]:
    rule = RULES[tag]
    if rule.kind == "number":
        return st.integers(0, 256**rule.most - 1).map(lambda value: tlv(tag, value))
    if rule.kind == "text":
        return texts(rule.most - 1).map(lambda value: (tag, value + b"\0"))
    return st.binary(min_size=rule.least, max_size=min(rule.most, 300)).map(lambda value: (tag, value))


known_tlvs: Final = st.sampled_from([int(tag) for tag in Tag]).flatmap(_known)
foreign_tlvs: Final = st.tuples(
    st.one_of(st.integers(0x1400, 0x3FFF), st.integers(1, 0xFFFF).filter(lambda tag: tag not in RULES)),
    st.binary(max_size=40),
)
"""Of operators, and of the numbers that the standard reserves."""
tlvs: Final = st.lists(st.one_of(known_tlvs, foreign_tlvs), max_size=6).map(tuple)

addresses: Final = st.builds(Address, texts(20), octet, octet)
destinations: Final = st.one_of(addresses, st.builds(DistributionList, texts(20)))
unsuccessful: Final = st.builds(Unsuccessful, texts(20), octet, octet, st.integers(0, 0xFFFFFFFF))
_OTHERS: Final[dict[type[Any], st.SearchStrategy[Any]]] = {
    Byte: octet,
    Octets: st.binary(max_size=254),
    Destinations: st.lists(destinations, min_size=1, max_size=5).map(tuple),
    Unsuccessfuls: st.lists(unsuccessful, max_size=5).map(tuple),
    Parameters: tlvs,
}


def values(form: Form) -> st.SearchStrategy[Any]:
    """What that form has a place for."""
    if isinstance(form, Time):
        return st.one_of(st.just(b""), texts(16, 16))
    return texts(form.size - 1) if isinstance(form, Text) else _OTHERS[type(form)]


def bodies(kind: type[Body]) -> st.SearchStrategy[Any]:
    """Every body of that kind."""
    return st.builds(kind, **{name: values(form) for name, form in kind.forms()})


frames: Final = st.tuples(
    st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFFFFFFFF), st.binary(max_size=60)
)
"""Command, status, sequence number and body, of any value."""
