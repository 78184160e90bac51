"""Somebody at a browser: what he does and sees, and what the browser complains of meanwhile."""

import email
import re
from email.policy import default
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

from tests.daemon import PASSWORD, RunningDaemon, wait_until

AXE: Final = Path(__file__).resolve().parent.parent / "node" / "node_modules" / "axe-core" / "axe.min.js"
PHONE: Final = {"width": 390, "height": 844}
DESKTOP: Final = {"width": 1280, "height": 900}

SERIOUS: Final = ("serious", "critical")
TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Person:
    """One context of the browser; ``check`` fails if it complained of anything."""

    def __init__(self, context: BrowserContext, daemon: RunningDaemon) -> None:
        self.daemon = daemon
        context.set_default_timeout(10_000)
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.expected: set[int] = set()
        """Statuses that this story is about."""
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def _heard(self, message: ConsoleMessage) -> None:
        refused = re.search(r"status of (\d+)", message.text)
        if message.type in ("error", "warning") and not (refused and int(refused[1]) in self.expected):
            self.complaints.append(f"{message.type}: {message.text}")

    def _failed(self, request: Request) -> None:
        # what the browser itself drops when it goes on to another page
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.complaints.append(f"{response.status} {response.url}")

    def check(self) -> None:
        """Fail if the browser complained: of a script, of the policy, of an address."""
        assert not self.complaints, self.complaints

    @property
    def base(self) -> str:
        """Where the site is."""
        return f"http://127.0.0.1:{self.daemon.port}"

    def go(self, path: str) -> "Person":
        """Open a page."""
        self.page.goto(self.base + path)
        return self

    def log_in(self, address: str, password: str = PASSWORD) -> "Person":
        """Log in by the form."""
        self.go("/connexion")
        self.page.fill("#email", address)
        self.page.fill("#mot-de-passe", password)
        self.page.click("main button[type=submit]")
        self.page.wait_for_url("**/accueil")
        return self

    @property
    def seen(self) -> str:
        """What ``<main>`` says, single spaces between the words."""
        return " ".join(self.page.inner_text("main").split())

    def sees(self, words: str, seconds: float = 10) -> None:
        """Wait until the page says ``words``."""
        wait_until(lambda: words in self.seen, f"«{words}» on {self.page.url}: {self.seen[:2000]}", seconds)

    def is_not_wider_than_the_screen(self) -> None:
        """Fail where one would have to scroll sideways."""
        widths = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert widths[0] <= widths[1], (self.page.url, widths)

    def accessibility(self) -> list[str]:
        """What axe-core finds seriously wrong with the page."""
        if not self.page.evaluate("'axe' in window"):
            # by the debugger, not by the page: the page's policy allows no script of others
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: Any = self.page.evaluate(
            "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", TAGS
        )
        return [
            f"{self.page.url} {violation['id']} ({violation['impact']}): {node['html'][:200]} {node['failureSummary']}"
            for violation in found["violations"]
            if violation["impact"] in SERIOUS
            for node in violation["nodes"]
        ]

    def letter(self, to: str, *, number: int = 1) -> str:
        """The text of the newest letter to an address, once there are so many."""

        def arrived() -> str:
            letters = [
                email.message_from_bytes(path.read_bytes(), policy=default)
                for path in sorted((self.daemon.directory / "outbox").glob("*.eml"), key=lambda path: int(path.stem))
            ]
            mine = [letter for letter in letters if letter["To"] == to]
            body = mine[-1].get_body(("plain",)) if len(mine) >= number else None
            return str(body.get_content()) if body is not None else ""

        return wait_until(arrived, f"letter {number} to {to}", 15)
