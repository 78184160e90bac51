"""Passcodes of authenticator applications (RFC 6238), and recovery codes for who lost his."""

import hmac
import re
import secrets
from typing import Final

import pyotp

from ..flow.authenticate import secret_digest
from ..model.access import SecondFactorOffer

ISSUER: Final = "SMStoB"
"""What applications show beside the address."""

PERIOD: Final = 30
"""Seconds of a step."""

AROUND: Final = 1
"""Steps before and after the present one that are accepted: clocks differ, and people type slowly."""

RECOVERY_CODES: Final = 8

_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_PARTS: Final = 4
_LONGEST: Final = 100
_SECRET: Final = re.compile("[A-Z2-7]{32}")
_PASSCODE: Final = re.compile("[0-9]{6}")


def offer(email: str, shown: str = "") -> SecondFactorOffer:
    """A secret of 160 bits: the one that was shown already, or a new one."""
    secret = shown if is_secret(shown) else pyotp.random_base32()
    return SecondFactorOffer(secret, pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER))


def is_secret(secret: str) -> bool:
    """Whether it may have been offered."""
    return _SECRET.fullmatch(secret) is not None


def step_of(secret: str, code: str, now: float) -> int | None:
    """The step whose passcode that is, by the Unix second ``now``; None for a wrong one."""
    typed = _plain(code)
    if not _PASSCODE.fullmatch(typed):
        return None
    present = int(now) // PERIOD
    steps = range(present - AROUND, present + AROUND + 1)
    right = [step for step in steps if hmac.compare_digest(pyotp.HOTP(secret).at(step), typed)]
    return right[-1] if right else None


def new_recovery_codes() -> tuple[str, ...]:
    """80 bits each, in parts that can be typed."""
    return tuple("-".join(_part() for _ in range(_PARTS)) for _ in range(RECOVERY_CODES))


def _part() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(4))


def recovery_digest(code: str) -> bytes:
    """What is stored of a recovery code, however it is typed."""
    return secret_digest(_plain(code))


def _plain(code: str) -> str:
    return re.sub(r"[\s\-]+", "", code[:_LONGEST]).upper()
