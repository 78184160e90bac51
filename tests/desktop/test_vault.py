"""Where passwords are: the keyring that works, the file where none does, and never in sight of others."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from smstob.desktop import vault
from smstob.desktop.vault import (
    FILE,
    FileVault,
    ModuleVault,
    NotKept,
    Passwords,
    Secret,
    SecretTool,
    Silent,
    Vault,
    vaults,
)
from tests.desktop.strangers import as_nobody, folder_of_nobody

SECRET = "Mot de passé «\u00a0à garder\u00a0» 😀"

KEEPS = r"""#!/bin/sh
# keeps each password in a file of its name, and what it was called with
umask 077
here=$(dirname "$0")
echo "$@" >> "$here/called"
for last; do :; done
case "$1" in
store) cat > "$here/kept-$last" ;;
lookup) cat "$here/kept-$last" 2>/dev/null || exit 1 ;;
clear) rm -f "$here/kept-$last" ;;
esac
"""
FAILS = '#!/bin/sh\ncat >/dev/null\necho "secret-tool: Cannot autolaunch D-Bus without X11" >&2\nexit 1\n'
HANGS = "#!/bin/sh\necho x >> $(dirname $0)/called\nexec sleep 60\n"
HANGS_WITH_A_CHILD = "#!/bin/sh\nsleep 20 &\nsleep 60\n"
FORGETS = "#!/bin/sh\ncat >/dev/null\nexit 0\n"
BABBLES = "#!/bin/sh\nprintf '\\377\\376'\n"

KEYRING = """
priority = 1
kept = {}
def get_keyring():
    import keyring
    return keyring
def get_password(service, account):
    return kept.get((service, account))
def set_password(service, account, password):
    kept[service, account] = password
def delete_password(service, account):
    del kept[service, account]
"""


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Puts a program ``secret-tool`` that does that into the path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def install(script: str) -> Path:
        path = folder / "secret-tool"
        path.write_text(script, encoding="utf-8")
        path.chmod(0o755)
        return path

    return install


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a module ``keyring`` of that source where Python looks first."""
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    monkeypatch.delitem(sys.modules, "keyring", raising=False)
    # what a test loads goes again
    monkeypatch.setattr(sys, "modules", sys.modules.copy())

    def install(source: str) -> None:
        (tmp_path / "modules").mkdir(exist_ok=True)
        (tmp_path / "modules" / "keyring.py").write_text(source, encoding="utf-8")

    return install


def check_keeps(keeper: Vault) -> None:
    """It keeps both, changes one, forgets, and forgets what is not there."""
    assert [keeper.get(one) for one in Secret] == ["", ""]
    keeper.set(Secret.SERVICE, SECRET)
    keeper.set(Secret.MAIL, "autre\n ")
    assert [keeper.get(one) for one in Secret] == [SECRET, "autre\n "]
    keeper.set(Secret.SERVICE, "neuf")
    keeper.set(Secret.MAIL, "")
    keeper.set(Secret.MAIL, "")
    assert [keeper.get(one) for one in Secret] == ["neuf", ""]


def test_file(tmp_path: Path) -> None:
    """The file keeps passwords of any letters, for its user alone."""
    place = tmp_path / "smstob"
    check_keeps(FileVault(place))
    assert (place.stat().st_mode & 0o777, (place / FILE).stat().st_mode & 0o777) == (0o700, 0o600)
    assert [one.name for one in place.iterdir()] == [FILE]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"service": 5}', b"\xff", b"[" * 100_000, b'{"mail": null}'])
def test_broken_file(tmp_path: Path, content: bytes) -> None:
    """A broken file has no passwords, and takes new ones."""
    (tmp_path / FILE).write_bytes(content)
    keeper = FileVault(tmp_path)
    assert keeper.get(Secret.SERVICE) == ""
    keeper.set(Secret.SERVICE, SECRET)
    assert keeper.get(Secret.SERVICE) == SECRET


def test_file_in_the_way(tmp_path: Path) -> None:
    """Folders in place of the file, files in place of the folder: NotKept, with the system's words."""
    (tmp_path / FILE).mkdir()
    keeper = FileVault(tmp_path)
    with pytest.raises(NotKept, match="directory"):
        keeper.get(Secret.SERVICE)
    with pytest.raises(NotKept):
        keeper.set(Secret.SERVICE, SECRET)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotKept):
        FileVault(tmp_path / "file").set(Secret.SERVICE, SECRET)


FULL = """
import sys
from pathlib import Path
from smstob.desktop.vault import FileVault, NotKept, Secret

keeper = FileVault(Path(sys.argv[1]))
try:
    keeper.set(Secret.SERVICE, sys.argv[2])
except NotKept as error:
    print(error)
"""


def test_full_disk() -> None:
    """A disk that takes no more leaves the old passwords."""
    with folder_of_nobody() as place:
        as_nobody(FULL, str(place), "vieux")
        assert "large" in as_nobody(FULL, str(place), "x" * 5000, limit=1000)
        assert FileVault(place).get(Secret.SERVICE) == "vieux"


def test_tool(tool: Callable[[str], Path]) -> None:
    """By secret-tool; passwords go by its standard input, never among its arguments."""
    path = tool(KEEPS)
    check_keeps(SecretTool(str(path)))
    called = (path.parent / "called").read_text(encoding="utf-8")
    assert "store --label=SMStoB (service) service SMStoB account service\n" in called
    assert "neuf" not in called
    assert SECRET not in called


@pytest.mark.parametrize(
    ("script", "why"),
    [(FAILS, "Cannot autolaunch D-Bus"), (BABBLES, "utf-8"), ("#!/nowhere\n", "No such file"), ("", "Exec format")],
)
def test_tool_that_fails(tool: Callable[[str], Path], script: str, why: str) -> None:
    """A tool that fails, in whatever way, is NotKept, with its own words, without the password."""
    keeper = SecretTool(str(tool(script)))
    with pytest.raises(NotKept, match=why):
        keeper.get(Secret.SERVICE)
    if script is BABBLES:
        return
    with pytest.raises(NotKept, match=why) as caught:
        keeper.set(Secret.SERVICE, SECRET)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("script", [HANGS, HANGS_WITH_A_CHILD])
def test_tool_that_hangs(
    tool: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    """A keyring that asks for what nobody answers is waited for once, for all passwords; then the file has them."""
    monkeypatch.setattr(vault, "PATIENCE", 0.5)
    keeper = SecretTool(str(tool(script)))
    with pytest.raises(Silent):
        keeper.set(Secret.SERVICE, SECRET)
    passwords = Passwords([keeper, FileVault(tmp_path)])
    begun = time.monotonic()
    assert passwords.get(Secret.SERVICE) == ""
    assert passwords.set(Secret.SERVICE, SECRET) is False
    assert passwords.set(Secret.MAIL, "autre") is False
    assert [passwords.get(one) for one in Secret] == [SECRET, "autre"]
    assert time.monotonic() - begun < 2
    # at the next start nobody has to wait
    begun = time.monotonic()
    assert Passwords([keeper, FileVault(tmp_path)]).get(Secret.SERVICE) == SECRET
    assert time.monotonic() - begun < 0.4


def test_module(keyring: Callable[[str], None], tmp_path: Path) -> None:
    """By the module keyring where Python has one; and it is asked first."""
    keyring(KEYRING)
    first, *_, last = vaults(tmp_path, "darwin")
    assert isinstance(first, ModuleVault)
    assert isinstance(last, FileVault)
    check_keeps(first)


@pytest.mark.parametrize(
    "source",
    [
        "raise RuntimeError('broken')",
        "import nothing_of_that_name",
        "def",
        KEYRING.replace("priority = 1", "priority = 0"),
        KEYRING.replace("priority = 1", ""),
    ],
)
def test_module_that_is_none(keyring: Callable[[str], None], tmp_path: Path, source: str) -> None:
    """A module that cannot be loaded, or has no keyring behind it, is none: the file is there."""
    keyring(source)
    assert [type(one) for one in vaults(tmp_path, "darwin")] == [FileVault]


def test_module_that_fails(keyring: Callable[[str], None], tmp_path: Path) -> None:
    """Whatever it raises when it is asked, the file keeps the passwords; nonsense that it gives is no password."""
    keyring(KEYRING.replace("    kept[service", "    raise KeyError('locked')\n    kept[service"))
    passwords = Passwords(vaults(tmp_path, "darwin"))
    assert passwords.set(Secret.SERVICE, SECRET) is False
    assert FileVault(tmp_path).get(Secret.SERVICE) == SECRET
    keyring_ = vaults(tmp_path, "darwin")[0]
    sys.modules["keyring"].kept["SMStoB", "mail"] = b"octets"
    assert keyring_.get(Secret.MAIL) == ""


def test_which(tool: Callable[[str], Path], keyring: Callable[[str], None], tmp_path: Path) -> None:
    """The module, then the tool (on Linux), then the file."""
    keyring(KEYRING)
    tool(KEEPS)
    assert [type(one) for one in vaults(tmp_path, "linux")] == [ModuleVault, SecretTool, FileVault]
    assert [type(one) for one in vaults(tmp_path, "win32")] == [ModuleVault, FileVault]


@pytest.mark.parametrize("script", [FAILS, FORGETS])
def test_falls_back(tool: Callable[[str], Path], tmp_path: Path, script: str) -> None:
    """A keyring that fails, or only seems to keep it: the file has it, and the answer says so."""
    passwords = Passwords([SecretTool(str(tool(script))), FileVault(tmp_path)])
    assert passwords.set(Secret.SERVICE, SECRET) is False
    assert passwords.get(Secret.SERVICE) == SECRET
    assert json.loads((tmp_path / FILE).read_bytes()) == {"service": SECRET}


def test_nowhere_else(tool: Callable[[str], Path], tmp_path: Path) -> None:
    """What the keyring takes goes from the file; what it did not take once is newer than what it has."""
    path = tool(FAILS)
    passwords = Passwords([SecretTool(str(path)), FileVault(tmp_path)])
    passwords.set(Secret.SERVICE, "premier")
    tool(KEEPS)
    assert passwords.get(Secret.SERVICE) == "premier"
    assert passwords.set(Secret.SERVICE, "deuxième") is True
    assert json.loads((tmp_path / FILE).read_bytes()) == {}
    tool(FAILS)
    assert passwords.get(Secret.SERVICE) == ""
    assert passwords.set(Secret.SERVICE, "troisième") is False
    tool(KEEPS)
    assert passwords.get(Secret.SERVICE) == "troisième"


def test_forgotten_everywhere(tool: Callable[[str], Path], tmp_path: Path) -> None:
    """A password that is taken back is nowhere any more."""
    path = tool(KEEPS)
    keepers: list[Vault] = [SecretTool(str(path)), FileVault(tmp_path)]
    for one in keepers:
        one.set(Secret.MAIL, SECRET)
    assert Passwords(keepers).set(Secret.MAIL, "") is True
    assert [one.get(Secret.MAIL) for one in keepers] == ["", ""]


def test_kept_nowhere(tool: Callable[[str], Path], tmp_path: Path) -> None:
    """Where nothing takes it that is told, with the last one's words."""
    (tmp_path / "file").write_bytes(b"")
    passwords = Passwords([SecretTool(str(tool(FAILS))), FileVault(tmp_path / "file")])
    with pytest.raises(NotKept, match="directory"):
        passwords.set(Secret.SERVICE, SECRET)
    assert passwords.get(Secret.SERVICE) == ""
    with pytest.raises(NotKept):
        Passwords([]).set(Secret.SERVICE, SECRET)
