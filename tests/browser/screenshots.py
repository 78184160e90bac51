"""Pictures of every page, light and dark, at a desk and on a telephone: ``python -m tests.browser.screenshots``.

They go to ``var/screenshots``; those that the documents show, to ``docs/images/pages``.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from playwright.sync_api import sync_playwright

from .conftest import ARGUMENTS
from .gallery import ALL, OUTSIDE, TOWN_HALL, furnish, open_page
from .person import DESKTOP, PHONE, Person
from .shop import selling

ROOT: Final = Path(__file__).resolve().parent.parent.parent
VIEWS: Final[dict[str, Any]] = {
    "bureau-clair": {"viewport": DESKTOP, "color_scheme": "light"},
    "bureau-sombre": {"viewport": DESKTOP, "color_scheme": "dark"},
    "telephone-clair": {"viewport": PHONE, "color_scheme": "light", "is_mobile": True},
    "telephone-sombre": {"viewport": PHONE, "color_scheme": "dark", "is_mobile": True},
}
SHOWN: Final = {
    "bureau-clair": ("accueil-visiteur", "accueil", "envoyer-rempli", "envoyer-confirmer", "envoi", "carnet",
                     "import-apercu", "historique", "programmes", "options", "compte", "documentation-http",
                     "acheter", "commande-virement", "transferts-compte", "partage-domaine", "exploitation-paiements",
                     "exploitation-modems"),
    "bureau-sombre": ("accueil", "historique"),
    "telephone-clair": ("accueil", "envoyer-rempli", "carnet"),
    "telephone-sombre": ("envoi",),
}  # fmt: skip
"""What the documents show."""


def main() -> int:
    """Take them all; gives how many pages complained."""
    target, documents = ROOT / "var" / "screenshots", ROOT / "docs" / "images" / "pages"
    target.mkdir(parents=True, exist_ok=True)
    documents.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[1:] or ALL
    complaints: list[str] = []
    with (
        TemporaryDirectory() as directory,
        sync_playwright() as playwright,
        selling(Path(directory), TOWN_HALL) as daemon,
    ):
        address = furnish(daemon)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(ARGUMENTS))
        for view, settings in VIEWS.items():
            context = browser.new_context(locale="fr-FR", timezone_id="Europe/Paris", **settings)
            somebody, inside = Person(context, daemon), False
            # who has logged in sees no home page of visitors
            for name in sorted(wanted, key=lambda name: name not in OUTSIDE):
                if name not in OUTSIDE and not inside:
                    somebody.log_in(address)
                    inside = True
                open_page(somebody, name)
                somebody.page.screenshot(path=target / f"{name}-{view}.png", full_page=True)
                if name in SHOWN[view]:
                    somebody.page.screenshot(path=documents / f"{name}-{view}.png", full_page="bureau" not in view)
            complaints += somebody.complaints
            context.close()
        browser.close()
    for complaint in complaints:
        sys.stderr.write(f"{complaint}\n")
    return min(len(complaints), 1)


if __name__ == "__main__":
    sys.exit(main())
