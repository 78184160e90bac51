"""Modems in a process of their own, on pseudo-terminals or on TCP: ``python -m tests.peers.modem``."""

import sys
from pathlib import Path
from typing import Any

from tests.daemon import wait_until
from tests.peers.script import Script


class ModemBench(Script):
    """The modems of ``directory``; a context manager. ``options`` are those of the command: ``profile="zte"`` …"""

    def __init__(self, directory: Path, **options: str | float | bool) -> None:
        self.directory = directory
        words = [sys.executable, "-m", "tests.peers.modem"]
        for name, value in options.items():
            words += [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
        super().__init__([*words, str(directory)], directory / "modems.log")

    def path(self, modem: int = 1) -> Path:
        """Where the modem's port is while it is there."""
        return self.directory / f"modem-{modem}"

    def fault(self, fault: str, modem: int = 1, **details: Any) -> None:
        """Have a fault happen."""
        self.do("fault", fault=fault, modem=modem, **details)

    def taken(self, count: int, seconds: float = 10) -> list[dict[str, Any]]:
        """What the network took, once it is so much."""
        wait_until(lambda: self.do("counts")["taken"] >= count, f"{count} messages", seconds)
        taken: list[dict[str, Any]] = self.do("taken")
        return taken
