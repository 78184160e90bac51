"""What everybody may read: the home page, prices, legal notices, contact, and the choice of a language."""

from ....model.price import PriceList
from ..language import LANGUAGES
from ..visit import Access, Answer, Missing, Page, Redirect, Visit, get
from .entrance import INSIDE


class OutsidePages:
    """The shop window."""

    def __init__(self, prices: PriceList) -> None:
        self._prices = prices

    @get("/", Access.ANYONE)
    async def home(self, visit: Visit) -> Answer:
        """What it is, what it costs, how to begin."""
        if visit.known is not None:
            return Redirect(to=INSIDE)
        return Page(template="outside/home.html", values={"prices": self._prices.tiers})

    @get("/mentions-legales", Access.ANYONE)
    async def legal(self, visit: Visit) -> Answer:
        """Who publishes this, and what becomes of what people leave here."""
        return Page(template="outside/legal.html")

    @get("/contact", Access.ANYONE)
    async def contact(self, visit: Visit) -> Answer:
        """How to reach who runs the service."""
        return Page(template="outside/contact.html")

    @get("/langue/<code>", Access.ANYONE)
    async def language(self, visit: Visit, code: str) -> Answer:
        """Read in another language from now on."""
        if code not in LANGUAGES:
            raise Missing
        return Redirect(to=INSIDE if visit.known is not None else "/", language=code)
