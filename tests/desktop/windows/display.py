"""A screen without a monitor (Xvfb), with a real keyboard and a real mouse (xdotool, XTEST)."""

import os
import re
import subprocess
import time
import tkinter
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

PATIENCE: Final = 45.0
"""Seconds within which what is waited for must come."""

SETTLED: Final = 0.03
"""Seconds without work after which a window has answered a key."""

_RUNS: Final = re.compile("[\x20-\x7e]+|[^\x20-\x7e]+")
_QUICK: Final = "12"
_SLOW: Final = "150"
"""Milliseconds for a sign that the keyboard has not: it has it meanwhile, and the program must have seen it by then."""


class Display:
    """An X server of its own; ``name`` is what programs find it by (``DISPLAY``)."""

    def __init__(self, width: int = 1280, height: int = 900, dpi: int = 96) -> None:
        self._size = f"{width}x{height}x24"
        self._dpi = dpi
        self._server: subprocess.Popen[bytes] | None = None
        self.name = ""

    def __enter__(self) -> Self:
        read, write = os.pipe()
        command = [
            *("Xvfb", "-displayfd", str(write), "-screen", "0", self._size, "-dpi", str(self._dpi)),
            *("-nolisten", "tcp", "-noreset"),
        ]
        self._server = subprocess.Popen(command, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as told:
            self.name = f":{told.readline().strip()}"
        assert self.name != ":", "Xvfb does not start: is it installed?"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.terminate()
        self._server.wait(10)

    @property
    def environment(self) -> dict[str, str]:
        """That of programs which show themselves on it."""
        return {**os.environ, "DISPLAY": self.name}

    def do(self, *command: str) -> "subprocess.Popen[bytes]":
        """Begin a command of xdotool."""
        return subprocess.Popen(["xdotool", *command], env=self.environment)

    def shot(self, path: Path) -> None:
        """Keep what is on it as a picture."""
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["import", "-window", "root", str(path)], env=self.environment, check=True)


class Screen:
    """Somebody at the windows of ``root``, in this process: whatever he does, the windows go on meanwhile."""

    def __init__(self, display: Display, root: tkinter.Tk) -> None:
        self.display = display
        self.root = root

    def pump(self, seconds: float = SETTLED) -> None:
        """Let the windows work for so long."""
        self.wait_until(lambda: False, seconds)

    def wait_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Let them work until ``condition`` holds; whether it does before the time is over."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.root.update()
            if condition():
                return True
            time.sleep(0.002)
        return False

    def wait(self, condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Likewise, and it must."""
        assert self.wait_until(condition, seconds), "what is waited for does not come"

    def click(self, widget: tkinter.Misc, x: int | None = None, y: int | None = None, button: int = 1) -> None:
        """Click into its middle, or at a place in it."""
        self.point(widget, x, y)
        self._do("click", str(button))

    def double_click(self, widget: tkinter.Misc, x: int | None = None, y: int | None = None) -> None:
        """Click twice, quickly."""
        self.point(widget, x, y)
        self._do("click", "--repeat", "2", "--delay", "40", "1")

    def point(self, widget: tkinter.Misc, x: int | None = None, y: int | None = None) -> None:
        """Move the mouse over it."""
        self.wait(widget.winfo_viewable)
        self._settle()
        across = widget.winfo_width() // 2 if x is None else x
        down = widget.winfo_height() // 2 if y is None else y
        self._bring_into_sight(widget, across, down)
        self._do("mousemove", str(widget.winfo_rootx() + across), str(widget.winfo_rooty() + down))

    def _bring_into_sight(self, widget: tkinter.Misc, across: int, down: int) -> None:
        """Turn the wheel over its window until it is seen, if that helps."""
        window = widget.winfo_toplevel()
        middle = (window.winfo_rootx() + window.winfo_width() // 2, window.winfo_rooty() + window.winfo_height() // 2)
        for button in [*["5"] * 20, *["4"] * 40]:
            seen = widget.winfo_containing(widget.winfo_rootx() + across, widget.winfo_rooty() + down)
            if seen is not None and str(seen).startswith(str(widget)):
                return
            self._do("mousemove", *map(str, middle))
            self._do("click", button)

    def type(self, text: str) -> None:
        """Type a text into what has the focus."""
        self._attend()
        for number, line in enumerate(text.split("\n")):
            if number:
                self._do("key", "Return")
            for run in _RUNS.findall(line):
                self._do("type", "--delay", _QUICK if run.isascii() else _SLOW, "--", run)

    def key(self, *keys: str) -> None:
        """Press keys one after the other: ``ctrl+Return``, ``Escape`` …"""
        self._attend()
        for one in keys:
            self._do("key", one)

    def write(self, widget: tkinter.Misc, text: str) -> None:
        """Click into a field, and type over what is in it."""
        self.click(widget)
        self.key("ctrl+slash", "Delete")
        self.type(text)

    def shot(self, path: Path) -> None:
        """Keep what is seen as a picture."""
        self.pump(0.2)
        self.display.shot(path)

    def _attend(self) -> None:
        """Give the keyboard to the window at the front: here is no window manager that would."""
        self._settle()
        front = self.root.grab_current() or self.root.focus_get() or self.root
        window = front.winfo_toplevel()
        self.wait(window.winfo_viewable)
        focused = self.root.focus_get()
        if focused is None or focused.winfo_toplevel() is not window:
            focused = window.focus_lastfor() or window
        focused.focus_force()
        self._settle()

    def _do(self, *command: str) -> None:
        doing = self.display.do(*command)
        self.wait(lambda: doing.poll() is not None)
        assert doing.returncode == 0, command
        self.pump()

    def _settle(self) -> None:
        self.root.update()
        self.root.update_idletasks()
