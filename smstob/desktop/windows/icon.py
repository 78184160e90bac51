"""The program's icon: a speech bubble with three lines."""

import tkinter

from .paint import Layer, draw, polygon, rounded, stroke
from .theme import COLOURS

_SIZES = (64, 32, 16)


def put_on(root: tkinter.Tk) -> None:
    """Give it to the window, and to those that belong to it."""
    pictures = [tkinter.PhotoImage(master=root, data=draw(size, _layers(size))) for size in _SIZES]
    root.iconphoto(True, *pictures)


def _layers(size: int) -> list[Layer]:
    unit = size / 16
    lines = [
        Layer(stroke([(4 * unit, y * unit), (right * unit, y * unit)], 1.2 * unit), COLOURS.on_accent)
        for y, right in ((4.6, 12), (7, 12), (9.4, 8.5))
    ]
    tail = polygon([(3.5 * unit, 10 * unit), (8.5 * unit, 10 * unit), (3.5 * unit, 15.2 * unit)])
    body = rounded(unit / 2, unit, 15.5 * unit, 12.4 * unit, 2.6 * unit)
    return [Layer(tail, COLOURS.accent), Layer(body, COLOURS.accent), *lines]
