"""How the tests of this folder come in by the pages, and see whether they are in."""

from typing import Final

from tests.house import EMAIL, PASSWORD

from .browser import Answer, Browser

INSIDE: Final = "/options"
"""A page for customers."""


def logged_in(visitor: Browser, password: str = PASSWORD, email: str = EMAIL, query: str = "") -> Answer:
    """What the log-in answers, not followed."""
    form = visitor.get(f"/connexion{query}")
    return visitor.submit(form, "/connexion", {"email": email, "mot-de-passe": password}, followed=False)


def is_inside(browser: Browser) -> bool:
    """Whether pages of customers open."""
    return browser.request("GET", INSIDE).status == 200
