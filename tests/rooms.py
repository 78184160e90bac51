"""The first law as a table: which room may import what. ``test_rooms`` holds the sources to it."""

from typing import Final

import attrs

OURS: Final = ("smstob", "gateways", "payments", "txsmpp", "twisted.plugins", "tests", "benchmarks")
TOP: Final = ("smstob.assembly", "smstob.till", "smstob.wall_clock", "smstob.tap", "smstob.admin")
"""They may import everything; they alone read the clock and take the global reactor."""


@attrs.frozen
class Room:
    """What the modules of one room may import besides themselves and the standard library."""

    ours: tuple[str, ...] = ()
    third: tuple[str, ...] = ()
    """Third-party packages, or parts of them; attrs is everyone's."""
    never: tuple[str, ...] = ()
    """Exceptions, the standard library's included."""


MODEL: Final = "smstob.model"
CORE: Final = (MODEL, "smstob.interfaces", "smstob.billing_interfaces", "smstob.sim_interfaces")
READERS: Final = (
    *("smstob.billing_configuration", "smstob.maker_settings", "smstob.settings", "smstob.table"),
)
TRADE: Final = (*CORE, "smstob.storage")
SECRETS: Final = ("smstob.flow.authenticate", "smstob.flow.guessing")
TWISTED: Final = ("twisted", "zope.interface")
SHAPES: Final = (
    *("zope.interface", "twisted.plugin", "twisted.application.service"),
    *("twisted.internet.defer", "twisted.internet.interfaces"),
)
IMPURE: Final = ("random", "secrets", "sqlite3", "socket", "threading", "asyncio")
PAGES: Final = ("babel", "jinja2", "klein", "markupsafe", "multipart", "segno", "werkzeug")
PROGRAMS: Final = ("smstob.desktop.__main__",)
"""Where processes of their own begin: they read the clock, too."""
BOOK_FILES: Final = (
    *("smstob.contacts.delimited", "smstob.contacts.export", "smstob.contacts.naming", "smstob.contacts.reading"),
    *("smstob.contacts.sheet", "smstob.contacts.spreadsheet", "smstob.contacts.titles", "smstob.contacts.workbook"),
)
"""What of the book's room is pure, and reads and writes files of contacts."""
EVERYTHING: Final = Room(OURS[:5], ("",), never=("sqlalchemy", "alembic"))

ROOMS: Final = {
    MODEL: Room(never=IMPURE),
    "smstob.model.number": Room(third=("phonenumbers",), never=IMPURE),
    "smstob.model.customer": Room(third=("stdnum",), never=IMPURE),
    "smstob.model.order": Room(third=("stdnum",), never=IMPURE),
    "smstob.interfaces": Room((MODEL, "smstob.sim_interfaces"), SHAPES),
    "smstob.sim_interfaces": Room((MODEL,), SHAPES),
    "smstob.billing_interfaces": Room((MODEL, "smstob.interfaces"), SHAPES),
    "smstob.table": Room(),
    "smstob.settings": Room(CORE),
    "smstob.maker_settings": Room((*CORE, "smstob.table")),
    "smstob.billing_configuration": Room((*CORE, "smstob.maker_settings", "smstob.settings", "smstob.table")),
    "smstob.configuration": Room((*CORE, *READERS)),
    "smstob.storage": Room((MODEL,), ("sqlalchemy", "alembic")),
    "smstob.storage.database": Room((MODEL,), ("sqlalchemy", "alembic", *TWISTED)),
    "smstob.storage.workers": Room((MODEL,), ("sqlalchemy", "alembic", *TWISTED)),
    "smstob.flow": Room(TRADE, (*TWISTED, "argon2")),
    "smstob.billing": Room((*TRADE, *SECRETS, "smstob.flow.rounds"), (*TWISTED, "idna", "publicsuffixlist")),
    "smstob.billing.facturx": Room(CORE, ("facturx", "lxml")),
    "smstob.billing.paper": Room(CORE, ("babel", "fpdf")),
    "payments": Room(CORE, (*TWISTED, "segno", "stdnum")),
    "payments.stripe": Room(CORE, (*TWISTED, "stripe")),
    "smstob.accounts": Room((*TRADE, *SECRETS), (*TWISTED, "pyotp")),
    "smstob.contacts": Room(TRADE, TWISTED),
    "smstob.contacts.workbook": Room(TRADE, ("python_calamine",)),
    "smstob.channels": Room(CORE, (*TWISTED, "multipart")),
    "smstob.channels.web": Room(CORE, (*TWISTED, *PAGES)),
    "smstob.channels.web.desktop": Room((*CORE, "smstob.desktop.archive", "smstob.desktop.site"), TWISTED),
    "smstob.channels.smtp.text": Room(CORE, ("lxml",)),
    "smstob.channels.smtp.senders": Room(CORE, (*TWISTED, "dkim", "dns", "publicsuffixlist", "spf")),
    "smstob.couriers": Room(CORE, (*TWISTED, "jinja2")),
    "smstob.desktop": Room((MODEL, *BOOK_FILES)),
    "smstob.desktop.vault": Room((MODEL,), ("keyring",)),
    "gateways": Room((*CORE, "txsmpp"), TWISTED),
    "gateways.gsm": Room(CORE, (*TWISTED, "serial")),
    "txsmpp": Room((), TWISTED),
    "twisted.plugins": Room((*CORE, *TOP, "gateways", "payments"), TWISTED),
    **dict.fromkeys(TOP, EVERYTHING),
}
"""Room, or one module of it that may more, → what it may import. The longest name that fits counts."""
