"""A browser and a daemon that the stories share; each has an account, or several, and a context of its own."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.daemon import RunningDaemon, pytest_runtest_makereport, running

from .person import DESKTOP, PHONE, Person

__all__ = ["chromium", "daemon", "person", "pytest_runtest_makereport"]

ARGUMENTS: Final = (
    *("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic", "--lang=fr-FR"),
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    """The real one, whose sink delivers at once."""
    yield from running(tmp_path_factory.mktemp("browser"))


@pytest.fixture
def person(chromium: Browser, daemon: RunningDaemon) -> Iterator[Person]:
    """Somebody French at a desk."""
    context = chromium.new_context(locale="fr-FR", timezone_id="Europe/Paris", viewport=DESKTOP)  # type: ignore[arg-type]
    someone = Person(context, daemon)
    yield someone
    context.close()
    someone.check()


@pytest.fixture
def walker(chromium: Browser, daemon: RunningDaemon) -> Iterator[Person]:
    """Somebody with a telephone in his hand, in the dark."""
    context = chromium.new_context(
        locale="fr-FR", timezone_id="Europe/Paris", viewport=PHONE, color_scheme="dark", has_touch=True, is_mobile=True  # type: ignore[arg-type]
    )
    someone = Person(context, daemon)
    yield someone
    context.close()
    someone.check()


@pytest.fixture
def plain(chromium: Browser, daemon: RunningDaemon) -> Iterator[Person]:
    """Somebody whose browser runs no scripts."""
    context = chromium.new_context(locale="fr-FR", viewport=DESKTOP, java_script_enabled=False)  # type: ignore[arg-type]
    someone = Person(context, daemon)
    yield someone
    context.close()
    someone.check()
