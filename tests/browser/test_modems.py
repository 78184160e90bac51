"""The modems' page as its operator looks at it: it follows them by itself, and can do without scripts."""

from collections.abc import Iterator
from typing import Final

import attrs
import pytest
from playwright.sync_api import Browser

from smstob.model.modem import ModemState
from tests.daemon import RunningDaemon

from .modems import POOL, WORKING, plug_in
from .person import DESKTOP, PHONE, Person
from .shop import OPERATOR, selling
from .test_every_page import VIEWS

PAGE: Final = "/exploitation/modems"


@pytest.fixture(scope="module")
def operated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    """A daemon with an operator."""
    with selling(tmp_path_factory.mktemp("modems")) as daemon:
        daemon.provision(10, email=OPERATOR)
        yield daemon


def test_it_follows_them(chromium: Browser, operated: RunningDaemon) -> None:
    """What becomes of a modem is seen without doing anything, the alert included; then it is well again."""
    plug_in(operated, WORKING)
    context = chromium.new_context(locale="fr-FR", timezone_id="Europe/Paris", viewport=DESKTOP)  # type: ignore[arg-type]
    boss = Person(context, operated)
    boss.log_in(OPERATOR).go(PAGE)
    boss.sees("1 sur 1")
    boss.page.evaluate("window.kept = true")
    plug_in(operated, attrs.evolve(WORKING, state=ModemState.HEALING, reason="Le modem ne répond pas.", resets=2))
    boss.sees("n'est en service")
    boss.sees("Le modem ne répond pas.")
    plug_in(operated, *POOL)
    boss.sees("2 sur 5")
    assert "n'est en service" not in boss.seen
    assert boss.page.evaluate("window.kept"), "the page was loaded anew"
    boss.page.keyboard.press("Tab")
    assert boss.page.evaluate("document.activeElement.tagName") == "A"
    context.close()
    boss.check()


def test_without_scripts(chromium: Browser, operated: RunningDaemon) -> None:
    """On a telephone: everything is read, a link shows it anew, and nothing is cut off."""
    plug_in(operated, *POOL)
    context = chromium.new_context(locale="fr-FR", viewport=PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    plain = Person(context, operated)
    plain.log_in(OPERATOR).go(PAGE)
    plain.sees("2 sur 5")
    plug_in(operated, WORKING)
    plain.page.click("text=Actualiser")
    plain.sees("1 sur 1")
    context.close()
    plain.check()


@pytest.mark.parametrize("view", VIEWS)
def test_whatever_there_is(chromium: Browser, operated: RunningDaemon, view: str) -> None:
    """None at all, one that is ill, and a pool: usable by all, and never wider than the screen."""
    context = chromium.new_context(locale="fr-FR", **VIEWS[view])
    boss = Person(context, operated)
    boss.log_in(OPERATOR)
    long = "https://exemple.fr/" + "x" * 300
    ill = attrs.evolve(WORKING, state=ModemState.HEALING, reason=long, port=long, network=long, model=long)
    for words, modems in (("Aucun modem n'a été trouvé", ()), ("n'est en service", (ill,)), ("2 sur 5", POOL)):
        plug_in(operated, *modems)
        boss.go(PAGE).sees(words)
        boss.is_not_wider_than_the_screen()
        assert not boss.accessibility()
    context.close()
    boss.check()
