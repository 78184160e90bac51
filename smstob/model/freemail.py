"""Domains in which anyone may have an address: nobody's to share."""

from typing import Final

DOMAINS: Final = frozenset(
    {
        # French access providers and post offices
        *("orange.fr", "wanadoo.fr", "voila.fr", "free.fr", "freesbee.fr", "libertysurf.fr", "aliceadsl.fr"),
        *("alice.fr", "sfr.fr", "neuf.fr", "cegetel.net", "club-internet.fr", "9online.fr", "9business.fr"),
        *("numericable.fr", "noos.fr", "bbox.fr", "laposte.net", "tele2.fr", "dartybox.com", "infonie.fr"),
        *("caramail.com", "netcourrier.com", "mailo.com", "mailo.fr", "mail.fr", "francemel.fr", "net-c.fr"),
        *("net-c.com", "nordnet.fr", "wibox.fr", "worldonline.fr"),
        # Belgium, Switzerland, Luxembourg, overseas
        *("skynet.be", "proximus.be", "telenet.be", "voo.be", "scarlet.be", "bluewin.ch", "sunrise.ch", "hispeed.ch"),
        *("pt.lu", "internet.lu", "mediaserv.net", "canl.nc", "lagoon.nc", "mail.pf", "monaco.mc", "libello.com"),
        # the world
        *("gmail.com", "googlemail.com", "icloud.com", "me.com", "mac.com", "msn.com", "passport.com"),
        *("windowslive.com", "rocketmail.com", "ymail.com", "myyahoo.com", "aim.com", "proton.me", "protonmail.com"),
        *("protonmail.ch", "pm.me", "tutanota.com", "tutanota.de", "tutamail.com", "tuta.io", "tuta.com"),
        *("keemail.me", "fastmail.com", "fastmail.fm", "hey.com", "zoho.com", "zohomail.com", "zohomail.eu"),
        *("mail.com", "usa.com", "post.com", "europe.com", "inbox.com", "hushmail.com", "riseup.net", "disroot.org"),
        *("posteo.net", "posteo.de", "mailbox.org", "runbox.com", "startmail.com", "skiff.com", "onmail.com"),
        *("duck.com", "mozmail.com", "relay.firefox.com", "simplelogin.com", "anonaddy.com", "web.de", "t-online.de"),
        *("freenet.de", "arcor.de", "1und1.de", "libero.it", "virgilio.it", "tiscali.it", "alice.it", "tin.it"),
        *("terra.es", "telefonica.net", "sapo.pt", "seznam.cz", "centrum.cz", "wp.pl", "o2.pl", "onet.pl"),
        *("interia.pl", "mail.ru", "bk.ru", "list.ru", "inbox.ru", "internet.ru", "rambler.ru", "ukr.net", "ya.ru"),
        *("qq.com", "foxmail.com", "163.com", "126.com", "yeah.net", "sina.com", "sohu.com", "139.com", "naver.com"),
        *("daum.net", "hanmail.net", "rediffmail.com", "menara.ma", "topnet.tn", "planet.tn", "uol.com.br"),
        *("bol.com.br", "comcast.net", "verizon.net", "att.net", "sbcglobal.net", "bellsouth.net", "cox.net"),
        *("charter.net", "earthlink.net", "juno.com", "btinternet.com", "virginmedia.com", "ntlworld.com"),
        *("videotron.ca", "sympatico.ca", "rogers.com", "shaw.ca", "bigpond.com", "lycos.com", "excite.com"),
        # addresses that last for minutes
        *("yopmail.com", "yopmail.fr", "yopmail.net", "jetable.org", "jetable.com", "mailinator.com", "maildrop.cc"),
        *("guerrillamail.com", "guerrillamail.info", "sharklasers.com", "grr.la", "10minutemail.com"),
        *("10minutemail.net", "temp-mail.org", "tempmail.com", "tempmail.net", "tempr.email", "trashmail.com"),
        *("trashmail.net", "trash-mail.com", "throwawaymail.com", "getnada.com", "dispostable.com", "mailnesia.com"),
        *("mohmal.com", "moakt.com", "spam4.me", "mytemp.email", "fakeinbox.com", "emailondeck.com", "mintemail.com"),
        *("spamgourmet.com", "mailcatch.com"),
    }
)
"""With all their subdomains."""

FAMILIES: Final = frozenset(
    {"hotmail", "outlook", "live", "yahoo", "gmx", "aol", "yandex", "tiscali", "lycos", "yopmail", "guerrillamail"}
)
"""Names under which a provider has a domain in many countries."""

_SECOND_LEVEL: Final = frozenset({"co", "com", "net", "org", "ne", "or"})
"""What countries set before their own code, as in ``co.uk``."""


def is_free_mail(domain: str) -> bool:
    """Whether anyone may have an address of ``domain``, in lower case and as the DNS has it, or of one above it."""
    labels = domain.split(".")
    return any(_is_one(labels[place:]) for place in range(len(labels) - 1))


def _is_one(labels: list[str]) -> bool:
    if ".".join(labels) in DOMAINS:
        return True
    country = labels[1:]
    return labels[0] in FAMILIES and (len(country) == 1 or (len(country) == 2 and country[0] in _SECOND_LEVEL))
