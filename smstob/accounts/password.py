"""Passwords that people choose, and the one question whether somebody knows an account's."""

from typing import Final

from ..interfaces import IAuthenticator
from ..model.access import KEY_PREFIX, LONGEST_PASSWORD, SHORTEST_PASSWORD, Hindrance
from ..model.account import Account
from ..model.draft import Credentials
from ..model.refusal import Code, Refusal

FEWEST: Final = 4
"""Different characters that a password has to have."""

COMMON: Final = frozenset(
    {
        *("0123456789", "1234567890", "0987654321", "9876543210", "12345678910", "123456789a", "123456789abc"),
        *("1234567891", "123456789123", "123123123a", "1q2w3e4r5t", "1qaz2wsx3edc", "1234qwerasdf", "q1w2e3r4t5y6"),
        *("azertyuiop", "azertyuiop1", "azertyuiop123", "azertyuiopqsdfghjklm", "azerty1234", "azerty12345"),
        *("azerty123456", "1234azerty", "123456azerty", "aqwzsxedcrfv", "aqwxszedc123", "qsdfghjklm", "qsdfghjklm1"),
        *("qwertyuiop", "qwertyuiop1", "qwertyuiop123", "qwertyuiopasdfghjkl", "qwerty1234", "qwerty12345"),
        *("qwerty123456", "1234qwerty", "asdfghjkl1", "asdfghjkl123", "zxcvbnm123", "qwertzuiop", "abcdefghij"),
        *("abcdefghijkl", "abcd123456", "abc1234567", "abcdef1234", "a123456789", "a1234567890", "aa12345678"),
        *("motdepasse", "motdepasse1", "motdepasse12", "motdepasse123", "motdepasse!", "mot de passe", "mot2passe!"),
        *("monmotdepasse", "nouveaumotdepasse", "password01", "password10", "password11", "password12", "password123"),
        *("password1234", "password12345", "password!1", "password123!", "passw0rd123", "p@ssw0rd123", "p@ssword123"),
        *("p4ssword123", "mypassword", "mypassword1", "newpassword", "thepassword", "passwordpassword", "changeme123"),
        *("administrateur", "administrator", "admin12345", "admin123456", "adminadmin", "bienvenue1", "bienvenue123"),
        *("welcome123", "welcome1234", "bonjour123", "bonjour1234", "bonjourbonjour", "letmein123", "iloveyou12"),
        *("iloveyou123", "jetaime123", "jetaimejetaime", "jetaime1234", "jtaime12345", "doudou1234", "doudou12345"),
        *("loulou1234", "loulou12345", "soleil1234", "soleil12345", "chocolat12", "chocolat123", "chouchou12"),
        *("chouchou123", "marseille13", "marseille1", "olympique13", "parissaintgermain", "paris12345", "france1998"),
        *("france2018", "allezlesbleus", "football10", "football12", "football123", "basketball1", "liverpool1"),
        *("liverpool123", "nicolas123", "camille123", "mathilde12", "alexandre1", "sebastien1", "princesse1"),
        *("princesse12", "princess12", "princess123", "sunshine12", "sunshine123", "superman12", "superman123"),
        *("starwars12", "starwars123", "pokemon123", "pokemon1234", "dragon1234", "monkey1234", "secret1234"),
        *("trustno1trustno1", "correcthorsebatterystaple", "anticonstitutionnellement", "loveyou123", "coucou1234"),
        *("coucou12345", "coucoucoucou", "vacances2024", "vacances2025", "vacances2026", "printemps2025"),
        *("printemps2026", "ete2025ete2025", "summer2025", "summer2026", "smstob1234", "smstobsmstob", "smstob2026"),
    }
)
"""Those that are tried first, of the length that is asked for; in lower case."""


def unusable(password: str) -> Hindrance | None:
    """Why nobody could log in with such a password, whoever chose it."""
    if len(password) > LONGEST_PASSWORD:
        return Hindrance.PASSWORD_TOO_LONG
    if not password.isprintable() or password.startswith(KEY_PREFIX):
        return Hindrance.PASSWORD_UNTYPABLE
    return None


def refused(password: str, email: str) -> Hindrance | None:
    """Why the holder of the account ``email`` may not choose that password."""
    if len(password) < SHORTEST_PASSWORD:
        return Hindrance.PASSWORD_TOO_SHORT
    if hindrance := unusable(password):
        return hindrance
    folded = password.strip().casefold()
    if folded in COMMON or folded in {email, email.partition("@")[0]} or len(set(folded)) < FEWEST:
        return Hindrance.PASSWORD_COMMON
    return None


async def by_password(authenticator: IAuthenticator, credentials: Credentials) -> Account | Hindrance:
    """The account, if its password is shown: a sending key, which programs have, is none."""
    if credentials.secret.startswith(KEY_PREFIX):
        return Hindrance.BAD_CREDENTIALS
    verdict = await authenticator.authenticate(credentials)
    if not isinstance(verdict, Refusal):
        return verdict
    return Hindrance.TOO_MANY if verdict.code is Code.TOO_MANY else Hindrance.BAD_CREDENTIALS
