"""A process that does what lines of JSON tell it, one answer a line."""

import json
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from threading import Lock, Thread
from types import TracebackType
from typing import IO, Any, Final, Self

from tests.ports import free_port

PATIENCE: Final = 60
"""Seconds in which each line must be answered."""
EXIT: Final = 5
"""Seconds in which it may end by itself once its standard input has ended."""


class ScriptError(Exception):
    """The script did not do what it was told; the text says why."""


class Script:
    """A server in a process of its own, from ``start`` to ``close``; a context manager.

    ``command`` and the port make its command line; port 0 is any free one. What it complains of goes to ``log``.
    """

    def __init__(self, command: Sequence[str | Path], log: Path, port: int = 0) -> None:
        self.log = log
        self.port = port or free_port()
        self._command = command
        self._process: subprocess.Popen[str] | None = None
        self._answers: Queue[str] = Queue()
        self._turn = Lock()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def start(self) -> None:
        """Start it, and wait until it listens on ``port``; after ``close``, that is the port it had."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._command, str(self.port)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                encoding="utf-8",
            )
        assert self._process.stdout
        self._answers = Queue()
        Thread(target=_read, args=(self._process.stdout, self._answers), daemon=True).start()
        self.port = self._answer()["port"]

    def close(self) -> None:
        """End it, whatever state it is in."""
        if self._process is None:
            return
        assert self._process.stdin
        with suppress(subprocess.TimeoutExpired, BrokenPipeError):
            self._process.stdin.close()
            self._process.wait(EXIT)
        self._process.kill()
        self._process.wait()
        self._process = None

    def complaints(self) -> str:
        """What it wrote on its standard error: nothing, unless it has a fault."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def do(self, name: str, **what: Any) -> Any:
        """Have it do one of its actions; gives what it answers."""
        assert self._process
        assert self._process.stdin
        with self._turn:
            try:
                print(json.dumps({"do": name, "with": what}), file=self._process.stdin, flush=True)
            except BrokenPipeError:
                raise ScriptError(f"it ended: {self.complaints()}") from None
            return self._answer()["done"]

    def _answer(self) -> dict[str, Any]:
        try:
            line = self._answers.get(timeout=PATIENCE)
        except Empty:
            raise ScriptError(f"no answer within {PATIENCE} s: {self.complaints()}") from None
        if not line:
            raise ScriptError(f"it ended: {self.complaints()}")
        answer: dict[str, Any] = json.loads(line)
        if "failed" in answer:
            raise ScriptError(answer["failed"])
        return answer


def _read(output: IO[str], answers: "Queue[str]") -> None:
    with output:
        for line in output:
            answers.put(line)
    answers.put("")
