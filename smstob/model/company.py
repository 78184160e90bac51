"""Who runs the service, as its pages and invoices say."""

import attrs


@attrs.frozen(kw_only=True)
class Company:
    """What is not given is empty; an address may have several lines."""

    name: str = ""
    legal_form: str = ""
    """With the capital: ``SARL au capital de 10 000 €``."""
    address: str = ""
    """Street; without postcode and city."""
    postcode: str = ""
    city: str = ""
    country: str = "FR"
    """ISO 3166-1 alpha-2: of France and its parts."""
    siren: str = ""
    """Nine digits."""
    register: str = ""
    """Where it is registered: ``RCS Rennes 123 456 789``."""
    vat_number: str = ""
    publisher: str = ""
    """Who answers for what the site says (loi 2004-575, art. 6 III)."""
    host: str = ""
    """Whose machines it runs on."""
    email: str = ""
    phone: str = ""
    hotline: str = ""
    hotline_hours: str = ""

    @property
    def seat(self) -> str:
        """The whole address, in lines."""
        town = f"{self.postcode} {self.city}".strip()
        return "\n".join(line for line in (self.address, town) if line)
