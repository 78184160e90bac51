"""What Wireshark's dissector says of our PDUs: a capture file written by hand, read by ``tshark``.

No network and no rights are needed: the file holds IP packets as they would have been.
"""

import json
import struct
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

T = TypeVar("T")

PORT: Final = 2775
_FIRST_CLIENT: Final = 0x0A00_0001
_SERVER: Final = 0x0A63_0001
_FIRST_PORT: Final = 1024
_PORTS: Final = 60_000
_MOST: Final = 60_000
"""Bytes of TCP in a packet: IP has 65,535 for everything."""

_FILE: Final = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 101)
"""The head of a pcap file whose packets are bare IP."""
_PACKET: Final = struct.Struct("<IIII")
_IP: Final = struct.Struct(">BBHHHBBHII")
_TCP: Final = struct.Struct(">HHIIBBHHH")
_TCP_PROTOCOL: Final = 6
_PUSH_AND_ACK: Final = 0x18
_DONT_FRAGMENT: Final = 0x4000

Chunk = tuple[bool, bytes]
"""Bytes, and whether it is the client who sends them."""


def write_capture(path: Path, streams: Iterable[Iterable[Chunk]]) -> None:
    """Write a capture of TCP connections between clients and ``PORT``, one after another, of what each carried.

    A chunk is a packet. Where one ends within the 16 bytes of a PDU's head, ``tshark`` loses its place for good.
    """
    with path.open("wb") as file:
        file.write(_FILE)
        for number, stream in enumerate(streams):
            for packet in _packets(number, stream):
                file.write(_PACKET.pack(0, 0, len(packet), len(packet)) + packet)


def _packets(number: int, stream: Iterable[Chunk]) -> Iterator[bytes]:
    client = (_FIRST_CLIENT + number // _PORTS, _FIRST_PORT + number % _PORTS)
    ends = {True: (client, (_SERVER, PORT)), False: ((_SERVER, PORT), client)}
    sequence = {True: 1, False: 1}
    for from_client, data in stream:
        (source, source_port), (target, target_port) = ends[from_client]
        for start in range(0, len(data), _MOST):
            part = data[start : start + _MOST]
            total = _IP.size + _TCP.size + len(part)
            ip = _IP.pack(0x45, 0, total, 0, _DONT_FRAGMENT, 64, _TCP_PROTOCOL, 0, source, target)
            places = sequence[from_client], sequence[not from_client]
            tcp = _TCP.pack(source_port, target_port, *places, 5 << 4, _PUSH_AND_ACK, 65_535, 0, 0)
            sequence[from_client] += len(part)
            yield ip + tcp + part


def dissect(capture: Path | Iterable[bytes]) -> list[dict[str, Any]]:
    """The fields of each PDU as ``tshark`` names them, in order: of a capture file, or of PDUs.

    A field that a PDU has several times is a list.
    """
    if not isinstance(capture, Path):
        return _each_alone(list(capture), dissect)
    told = json.loads(_tshark(capture, "-Y", "smpp", "-T", "json", "-j", "smpp", "--no-duplicate-keys"))
    layers = [packet["_source"]["layers"]["smpp"] for packet in told]
    return [pdu for layer in layers for pdu in (layer if isinstance(layer, list) else [layer])]


def malformed(pdus: Iterable[bytes]) -> list[bytes]:
    """Those of the PDUs that ``tshark`` does not take for whole and well-formed PDUs of SMPP."""
    examined = list(pdus)
    sound = _each_alone(examined, _sound_streams)
    return [pdu for number, pdu in enumerate(examined) if number not in sound]


def _sound_streams(capture: Path) -> set[int]:
    fields = ("-e", "tcp.stream", "-e", "smpp.command_id", "-e", "_ws.malformed")
    rows = [row.split("\t") for row in _tshark(capture, "-T", "fields", *fields).splitlines()]
    read = {int(stream) for stream, command, _ in rows if command}
    return read - {int(stream) for stream, _, fault in rows if fault}


def _each_alone(pdus: Sequence[bytes], examine: Callable[[Path], T]) -> T:
    with tempfile.TemporaryDirectory(prefix="smstob-capture-") as directory:
        path = Path(directory) / "pdus.pcap"
        write_capture(path, ([(True, pdu)] for pdu in pdus))
        return examine(path)


def _tshark(capture: Path, *arguments: str) -> str:
    command = ["tshark", "-n", "-r", str(capture), "-d", f"tcp.port=={PORT},smpp", *arguments]
    return subprocess.run(command, capture_output=True, check=True, encoding="utf-8", timeout=120).stdout
