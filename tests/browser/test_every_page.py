"""Every page of the site: usable by all, at any width, and nothing that the browser complains of."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser

from tests.daemon import RunningDaemon

from .gallery import ALL, OUTSIDE, TOWN_HALL, furnish, open_page
from .person import DESKTOP, PHONE, Person
from .shop import selling

VIEWS: Final[dict[str, Any]] = {
    "desk": {"viewport": DESKTOP, "color_scheme": "light"},
    "telephone": {"viewport": PHONE, "color_scheme": "dark", "is_mobile": True, "has_touch": True},
}


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningDaemon, str]]:
    """A daemon of its own with one account that has everything."""
    with selling(tmp_path_factory.mktemp("gallery"), TOWN_HALL) as daemon:
        yield daemon, furnish(daemon)


@pytest.mark.parametrize("view", VIEWS)
def test_every_page(chromium: Browser, furnished: tuple[RunningDaemon, str], view: str) -> None:
    """Axe finds nothing serious on any page, none is wider than the screen, the console stays empty."""
    daemon, address = furnished
    context = chromium.new_context(locale="fr-FR", timezone_id="Europe/Paris", **VIEWS[view])
    somebody, inside = Person(context, daemon), False
    found: list[str] = []
    for name in sorted(ALL, key=lambda name: name not in OUTSIDE):
        if name not in OUTSIDE and not inside:
            somebody.log_in(address)
            inside = True
        open_page(somebody, name)
        somebody.is_not_wider_than_the_screen()
        found += somebody.accessibility()
    context.close()
    somebody.check()
    assert not found, "\n".join(found)
