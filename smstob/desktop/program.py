"""The program without its windows: what they show, and what they may do."""

import pkgutil
import secrets
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from ..model.contact import Recipient
from ..model.moment import parse_moment
from . import composing, database, delivery, letter, places, settings
from .book import ContactBook
from .composing import Mailing
from .outbox import Outbox
from .phrases import Phrases
from .postman import Bag, Postman
from .settings import Settings
from .site import NAME, ZONE, Site
from .vault import Passwords, Secret, vaults


def bundled_site() -> Site:
    """The site that this program was handed out by."""
    return Site.from_json(_bundled(NAME))


def bundled_zone(site: Site) -> ZoneInfo:
    """The zone on whose clocks moments are typed; UTC where neither archive nor system knows it."""
    content = _bundled(ZONE)
    try:
        return ZoneInfo.from_file(BytesIO(content), site.zone) if content else ZoneInfo(site.zone)
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return ZoneInfo("UTC")


def _bundled(name: str) -> bytes | None:
    try:
        return pkgutil.get_data(__package__, name)
    except OSError:
        return None


@attrs.frozen
class Kept:
    """How new settings were kept."""

    in_keyring: bool
    """Whether the passwords are in the system's keyring."""


class Program:
    """Settings, book, phrases, outbox, and the postman who carries it. For the thread of the windows."""

    def __init__(
        self, place: Path, site: Site, zone: ZoneInfo, passwords: Passwords, now: Callable[[], float]
    ) -> None:
        """``place`` is the user's folder. Raises OSError, ``database.Broken``."""
        self.place = place
        self.site = site
        self.zone = zone
        self.now = now
        found = settings.read(place, Settings(email=site.email, domain=site.domain))
        self.settings = found.settings
        self.broken = found.broken
        """Where settings that could not be read were put aside."""
        self._lock: places.Lock | None = None
        connection = database.connect(place)
        try:
            database.examine(connection)
        except database.Broken:
            connection.close()
            raise
        self.book = ContactBook(connection)
        self.phrases = Phrases(connection)
        self.outbox = Outbox(connection)
        self.postman = Postman(place, delivery.session, now)
        self._connection = connection
        self._passwords = passwords
        # a keyring may ask its owner each time
        self._secrets = {secret: passwords.get(secret) for secret in Secret}

    @classmethod
    def open(cls, place: Path, platform: str, now: Callable[[], float]) -> "Program":
        """That of a user's folder, with the system's keyring, and for this process alone until ``stop``.

        Raises OSError, ``database.Broken``, ``places.AlreadyOpen``.
        """
        lock = places.Lock(place)
        try:
            site = bundled_site()
            program = cls(place, site, bundled_zone(site), Passwords(vaults(place, platform)), now)
        except BaseException:
            lock.release()
            raise
        program._lock = lock
        return program

    @property
    def is_ready(self) -> bool:
        """Whether it knows all that it needs to send."""
        return not self.settings.faults() and bool(self.secret(Secret.SERVICE))

    def start(self) -> None:
        """Let the postman begin."""
        self.postman.start()
        self._instruct()

    def stop(self) -> None:
        """End, with what the postman is at."""
        self.postman.stop()
        if self.postman.is_alive():
            self.postman.join(2.0)
        self._connection.close()
        if self._lock is not None:
            self._lock.release()

    def resume(self) -> None:
        """Let the postman try again by the same settings, after the server held him off."""
        self._instruct()

    def secret(self, secret: Secret) -> str:
        """A password that is kept; empty where there is none."""
        return self._secrets[secret]

    def change(self, new: Settings, service: str, mail: str) -> Kept:
        """Keep settings and both passwords, and send by them. Raises OSError, ``vault.NotKept``."""
        in_keyring = self._passwords.set(Secret.SERVICE, service)
        if mail or self.secret(Secret.MAIL):
            in_keyring = self._passwords.set(Secret.MAIL, mail) and in_keyring
        settings.write(self.place, new)
        self.settings = new
        self._secrets = {Secret.SERVICE: service, Secret.MAIL: mail}
        self._instruct()
        return Kept(in_keyring)

    def check(self, new: Settings, mail: str) -> None:
        """Connect and log in by settings that are not kept yet. Blocks: for a thread. Raises ``delivery.Trouble``."""
        with delivery.session(new, mail):
            pass

    def mailing(self, text: str, recipients: tuple[Recipient, ...], site_group: str | None) -> Mailing:
        """What a text comes to, to those or to a group of the site."""
        if site_group is not None:
            return composing.site_mailing(text, site_group, self.settings.characters)
        return composing.mailing(text, recipients, self.settings.characters)

    def moment(self, typed: str) -> int:
        """The Unix second of ``hhmmjjmmaaaa``. Raises ``moment.BadMoment``."""
        return parse_moment(typed, self.zone, self.now())

    def send(self, mailing: Mailing, label: str, text: str, moment: str) -> int:
        """Put it into the outbox, on disk; gives the sending's id. Raises ``sqlite3.Error``: nothing was put then."""
        ids = [letter.message_id(secrets.token_hex(16), self.settings) for _ in mailing.shares]
        sending = self.outbox.send(mailing, label, text, moment, ids, int(self.now()))
        self.postman.wake()
        return sending

    def _instruct(self) -> None:
        bag = None
        if self.is_ready:
            bag = Bag(
                settings=self.settings, secret=self.secret(Secret.SERVICE), password=self.secret(Secret.MAIL)
            )
        self.postman.carry(bag)
