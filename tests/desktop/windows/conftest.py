"""The screen that the tests of windows share, one in each process of a run; a mail server; a program that is set up."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop.mail_server import MailServer
from tests.desktop.windows.desktop import Desktop, set_up
from tests.desktop.windows.display import Display


@pytest.fixture(scope="session")
def display() -> Iterator[Display]:
    """The screen, which this process's Tk finds."""
    with Display() as made:
        before = os.environ.get("DISPLAY")
        os.environ["DISPLAY"] = made.name
        yield made
        if before is None:
            del os.environ["DISPLAY"]
        else:
            os.environ["DISPLAY"] = before


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server that asks nobody who he is."""
    with MailServer() as running:
        yield running


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The user's folder."""
    return tmp_path / "smstob"


@pytest.fixture
def desktop(place: Path, display: Display, server: MailServer) -> Iterator[Desktop]:
    """A program that is set up, with its window."""
    set_up(place, server.port)
    with Desktop(place, display, server) as opened:
        yield opened
