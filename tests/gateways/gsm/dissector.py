"""What Wireshark's dissector ``gsm_sms`` says of TPDUs: a capture file of them alone, read by ``tshark``.

The file's packets are "exported PDUs": each names its dissector, and the direction that tells a SUBMIT from a report
on one.
"""

import json
import struct
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

Fields = dict[str, list[str]]
"""By ``tshark``'s names: each value of each field, those of its complaints (``COMPLAINT``) too."""

COMPLAINT: Final = "_ws.expert.message"

_FILE: Final = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 252)
"""The head of a pcap file whose packets are exported PDUs."""
_PACKET: Final = struct.Struct("<IIII")
_DISSECTOR, _DIRECTION, _END = 12, 35, 0
_FROM_MOBILE: Final = 0b01
"""TP-MTI of a SUBMIT, the one kind here that goes to the network."""


def dissect(tpdus: Iterable[bytes]) -> list[Fields]:
    """The fields of each TPDU: a SUBMIT, a DELIVER or a STATUS-REPORT, without service centre."""
    with tempfile.TemporaryDirectory(prefix="smstob-capture-") as directory:
        path = Path(directory) / "tpdus.pcap"
        path.write_bytes(_FILE + b"".join(map(_packet, tpdus)))
        # each segment is to be read as it is, not joined to others
        command = ["tshark", "-n", "-r", str(path), "-T", "json", "-o", "gsm_sms.reassemble:FALSE"]
        told = subprocess.run(command, capture_output=True, check=True, encoding="utf-8", timeout=120).stdout
    return [_flat(packet["_source"]["layers"]) for packet in json.loads(told, object_pairs_hook=_several)]


def _packet(tpdu: bytes) -> bytes:
    to_network = tpdu[0] & 0b11 == _FROM_MOBILE
    pdu = _tag(_DISSECTOR, b"gsm_sms\0") + _tag(_DIRECTION, struct.pack(">I", to_network)) + _tag(_END, b"") + tpdu
    return _PACKET.pack(0, 0, len(pdu), len(pdu)) + pdu


def _tag(tag: int, value: bytes) -> bytes:
    return struct.pack(">HH", tag, len(value)) + value


def _several(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of which no field is lost: ``tshark`` writes one that occurs twice twice."""
    seen: dict[str, list[Any]] = {}
    for name, value in pairs:
        seen.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in seen.items()}


def _flat(layers: dict[str, Any]) -> Fields:
    fields: Fields = {}
    for name, value in _leaves(layers):
        fields.setdefault(name, []).append(value)
    return fields


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for inner, under in value.items():
            yield from _leaves(under, inner)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one, name)
    else:
        yield name, value
