"""Where the two passwords are: in the system's keyring where there is one, else in a file of the user's alone."""

import json
import shutil
import subprocess
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from . import places

T = TypeVar("T")

FILE: Final = "passwords.json"

PATIENCE: Final = 60.0
"""Seconds that a keyring may take: it may ask its owner for its own password."""


class Secret(StrEnum):
    """What is kept."""

    SERVICE = "service"
    """The account's password, or one of its sending keys."""
    MAIL = "mail"
    """The mail server's."""


class NotKept(Exception):
    """A password could not be kept, or not be looked up; the message is the system's."""


class Silent(NotKept):
    """It did not answer in time, and would take as long again."""


class Vault(Protocol):
    """Keeps passwords. Every method raises NotKept."""

    in_keyring: bool
    """Whether they are in the system's keyring."""

    def get(self, secret: Secret) -> str:
        """The password; empty where there is none."""

    def set(self, secret: Secret, value: str) -> None:
        """Keep it; an empty one is forgotten."""


class FileVault:
    """A file that nobody but its user reads."""

    in_keyring = False

    def __init__(self, place: Path) -> None:
        self._place = place

    def get(self, secret: Secret) -> str:
        """See ``Vault``."""
        value = self._read().get(secret.value, "")
        return value if isinstance(value, str) else ""

    def set(self, secret: Secret, value: str) -> None:
        """See ``Vault``."""
        kept = {**self._read(), secret.value: value}
        try:
            places.make(self._place)
            places.write(self._place / FILE, json.dumps({name: one for name, one in kept.items() if one}).encode())
        except OSError as error:
            raise NotKept(error.strerror or str(error)) from error

    def _read(self) -> dict[str, Any]:
        try:
            told = json.loads((self._place / FILE).read_bytes())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise NotKept(error.strerror or str(error)) from error
        except (ValueError, RecursionError):
            return {}  # it is asked for again
        return told if isinstance(told, dict) else {}


class ModuleVault:
    """By the module ``keyring``, where the user's Python has it."""

    in_keyring = True

    def __init__(self, module: Any) -> None:
        self._module = module

    def get(self, secret: Secret) -> str:
        """See ``Vault``."""
        value = self._do(lambda: self._module.get_password(places.NAME, secret.value))
        return value if isinstance(value, str) else ""

    def set(self, secret: Secret, value: str) -> None:
        """See ``Vault``."""
        if value:
            self._do(lambda: self._module.set_password(places.NAME, secret.value, value))
        elif self.get(secret):
            self._do(lambda: self._module.delete_password(places.NAME, secret.value))

    def _do(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except Exception as error:  # its backends raise what they like
            raise NotKept(str(error)) from error


class SecretTool:
    """By ``secret-tool``, which speaks to the keyring of Linux desktops. The password goes by its standard input."""

    in_keyring = True

    def __init__(self, command: str) -> None:
        self._command = command

    def get(self, secret: Secret) -> str:
        """See ``Vault``."""
        found = self._run("lookup", secret)
        if found.returncode and found.stderr.strip():
            raise NotKept(found.stderr.strip())
        return found.stdout

    def set(self, secret: Secret, value: str) -> None:
        """See ``Vault``."""
        if not value:
            self._run("clear", secret)
            return
        done = self._run("store", secret, value)
        if done.returncode:
            raise NotKept(done.stderr.strip())

    def _run(self, action: str, secret: Secret, given: str = "") -> "subprocess.CompletedProcess[str]":
        label = [f"--label={places.NAME} ({secret.value})"] if action == "store" else []
        try:
            return subprocess.run(  # noqa: S603
                [self._command, action, *label, "service", places.NAME, "account", secret.value],
                input=given,
                capture_output=True,
                encoding="utf-8",
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Silent(str(error)) from error
        except (OSError, ValueError) as error:
            raise NotKept(str(error)) from error


def vaults(place: Path, platform: str) -> list[Vault]:
    """Those that may be there, the best first; the file is always the last."""
    found: list[Vault] = []
    try:
        import keyring  # type: ignore[import-not-found]

        if keyring.get_keyring().priority > 0:
            found.append(ModuleVault(keyring))
    except Exception:  # noqa: S110 (whatever is wrong with it, there is none then)
        pass
    tool = shutil.which("secret-tool") if platform.startswith("linux") else None
    if tool is not None:
        found.append(SecretTool(tool))
    return [*found, FileVault(place)]


class Passwords:
    """The first vault that works keeps them; one that was kept before is found wherever it is."""

    def __init__(self, vaults: list[Vault]) -> None:
        self._vaults = vaults
        self._silent: list[Vault] = []

    def get(self, secret: Secret) -> str:
        """The password; empty where none can be had, and it has to be asked for."""
        # what a later one has was kept when those before it did not work: theirs is older
        for vault in reversed(self._vaults):
            try:
                if value := self._ask(vault, lambda vault: vault.get(secret)):
                    return value
            except NotKept:
                continue
        return ""

    def set(self, secret: Secret, value: str) -> bool:
        """Keep it, nowhere else; whether it is in the system's keyring. Raises NotKept where no vault takes it."""
        if not value:
            self._forget(secret, self._vaults)
            return True
        why = NotKept("")
        for place, vault in enumerate(self._vaults):
            try:
                self._ask(vault, lambda vault: vault.set(secret, value))
                # a keyring that only seems to keep it is none
                if self._ask(vault, lambda vault: vault.get(secret)) != value:
                    continue
            except NotKept as error:
                why = error
                continue
            self._forget(secret, self._vaults[place + 1 :])
            return vault.in_keyring
        raise why

    def _forget(self, secret: Secret, others: list[Vault]) -> None:
        for vault in others:
            try:
                found = self._ask(vault, lambda vault: vault.get(secret))
            except NotKept:
                continue
            if found:
                self._ask(vault, lambda vault: vault.set(secret, ""))

    def _ask(self, vault: Vault, work: Callable[[Vault], T]) -> T:
        """``work``, unless that one was silent before: its user waits for it once."""
        if vault in self._silent:
            raise Silent("")
        try:
            return work(vault)
        except Silent:
            self._silent.append(vault)
            raise
