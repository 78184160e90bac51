"""Small pictures drawn by the program itself, smooth at every size: PNG (ISO/IEC 15948) of a few shapes."""

import math
import struct
import zlib
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import attrs

Shape = Callable[[float, float], float]
"""How far a point is from the edge of a shape, in pixels; negative within it."""

_RGBA: Final = 6
_EIGHT_BITS: Final = 8


@attrs.frozen
class Layer:
    """A shape in a colour, ``#rrggbb``."""

    shape: Shape
    colour: str


def disc(x: float, y: float, radius: float) -> Shape:
    """A circle, filled."""
    return lambda px, py: math.hypot(px - x, py - y) - radius


def rounded(left: float, top: float, right: float, bottom: float, radius: float) -> Shape:
    """A rectangle with round corners, filled."""
    x, y = (left + right) / 2, (top + bottom) / 2
    across, down = (right - left) / 2 - radius, (bottom - top) / 2 - radius

    def distance(px: float, py: float) -> float:
        beside, beyond = abs(px - x) - across, abs(py - y) - down
        return math.hypot(max(beside, 0), max(beyond, 0)) + min(max(beside, beyond), 0) - radius

    return distance


def stroke(points: Sequence[tuple[float, float]], width: float) -> Shape:
    """A line through points, with round ends."""
    parts = list(pairwise(points))
    return lambda px, py: min(_from_part(px, py, *part) for part in parts) - width / 2


def _from_part(px: float, py: float, start: tuple[float, float], end: tuple[float, float]) -> float:
    across, down = end[0] - start[0], end[1] - start[1]
    along = ((px - start[0]) * across + (py - start[1]) * down) / (across**2 + down**2)
    along = min(1.0, max(0.0, along))
    return math.hypot(px - start[0] - along * across, py - start[1] - along * down)


def polygon(points: Sequence[tuple[float, float]]) -> Shape:
    """A convex one, filled; its corners clockwise as one sees them."""
    edges = []
    for (x, y), (to_x, to_y) in zip(points, [*points[1:], points[0]], strict=True):
        length = math.hypot(to_x - x, to_y - y)
        edges.append((x, y, (to_y - y) / length, (x - to_x) / length))
    return lambda px, py: max((px - x) * across + (py - y) * down for x, y, across, down in edges)


def draw(size: int, layers: Sequence[Layer]) -> bytes:
    """A square PNG so many pixels wide; the layers one upon the other, on nothing."""
    rows = bytearray()
    colours = [tuple(bytes.fromhex(layer.colour.removeprefix("#"))) for layer in layers]
    for y in range(size):
        rows.append(0)  # no filter
        for x in range(size):
            rows += _pixel([layer.shape(x + 0.5, y + 0.5) for layer in layers], colours)
    header = struct.pack(">IIBBBBB", size, size, _EIGHT_BITS, _RGBA, 0, 0, 0)
    content = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(rows))) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + content


def _pixel(distances: Sequence[float], colours: Sequence[tuple[int, ...]]) -> bytes:
    red = green = blue = covered = 0.0
    for distance, colour in zip(distances, colours, strict=True):
        over = min(1.0, max(0.0, 0.5 - distance))
        if over:
            red, green, blue = (
                old * (1 - over) + new * over for old, new in zip((red, green, blue), colour, strict=True)
            )
            covered = covered * (1 - over) + over
    if not covered:
        return bytes(4)
    return bytes(round(part / covered) for part in (red, green, blue)) + bytes((round(covered * 255),))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
