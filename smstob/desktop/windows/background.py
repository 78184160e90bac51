"""Work that takes its time, in a thread; what comes of it is handed to the window's."""

import queue
import threading
import tkinter
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

_LOOK: Final = 30
"""Milliseconds between two looks at whether it is done."""


def run(
    widget: tkinter.Misc, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Exception], None]
) -> None:
    """Do ``work`` in a thread; then ``done`` or ``failed`` here, unless ``widget`` is gone by then."""
    result: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def labour() -> None:
        try:
            value = work()
        except Exception as error:  # whatever it is, the window must hear of it
            # the name is unbound when the clause ends
            why = error
            result.put(lambda: failed(why))
        else:
            result.put(lambda: done(value))

    def look() -> None:
        if not widget.winfo_exists():
            return
        try:
            then = result.get_nowait()
        except queue.Empty:
            widget.after(_LOOK, look)
            return
        then()

    threading.Thread(target=labour, name="background", daemon=True).start()
    widget.after(_LOOK, look)
