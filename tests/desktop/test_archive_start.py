"""How ``smstob.pyz`` begins: by its window; where Python is too old or has no Tk, by a sentence on what to do."""

import ast
import os
import subprocess
from pathlib import Path
from typing import Final

import pytest

from smstob.desktop import archive
from smstob.desktop.site import Site
from tests.desktop import bare
from tests.desktop.windows.display import PATIENCE, Display

SOURCE: Final = (Path(archive.__file__).parent / archive.START).read_text("utf-8")

START: Final = "import runpy, sys\n{before}\nrunpy.run_path(ARCHIVE, run_name='__main__')"

OLD: Final = "sys.version_info = {version!r}"

NO_TK: Final = """
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in {missing!r}:
            raise ImportError('No module named ' + name)
sys.meta_path.insert(0, Blocker())
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that a customer has."""
    path = tmp_path_factory.mktemp("start") / "smstob.pyz"
    path.write_bytes(archive.filled(archive.build(), Site()))
    return path


@pytest.mark.parametrize("version", [(2, 7, 18, "final", 0), (3, 6, 15, "final", 0), (3, 10, 13, "final", 0)])
def test_old_python(program: Path, version: tuple[int, int, int, str, int]) -> None:
    """In both languages: which it is, which it must be, where there is one; nothing of ours is imported before."""
    done = bare.run(START.format(before=OLD.format(version=version)), program)
    assert (done.returncode, done.stdout) == (1, "")
    number = ".".join(map(str, version[:3]))
    assert f"SMStoB demande Python 3.11 ou plus récent, et celui-ci est le {number}." in done.stderr
    assert f"SMStoB needs Python 3.11 or newer, and this one is {number}." in done.stderr
    assert "https://www.python.org/downloads/" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("missing", [{"tkinter", "_tkinter"}, {"_tkinter"}])
def test_without_tk(program: Path, missing: set[str]) -> None:
    """Whether Python lacks all of it, as Debian's does, or the half that is not Python."""
    done = bare.run(START.format(before=NO_TK.format(missing=missing)), program)
    assert (done.returncode, done.stdout) == (1, "")
    for word in ("Tk", "À installer", "To install", "apt install python3-tk", "dnf install", "brew install"):
        assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_terminal_without_accents(program: Path) -> None:
    """A terminal that has ASCII alone shows the sentence all the same."""
    before = OLD.format(version=(3, 8, 1))
    done = bare.run(START.format(before=before), program, options=("-X", "utf8=0"), LC_ALL="POSIX", LANG="POSIX")
    assert done.returncode == 1
    assert "SMStoB demande Python 3.11 ou plus r" in done.stderr
    assert "Traceback" not in done.stderr


WINDOWS: Final = """
import types
def box(owner, text, title, kind):
    print(owner, title, kind, text)
sys.platform = 'win32'
sys.modules['ctypes'] = types.SimpleNamespace(
    windll=types.SimpleNamespace(user32=types.SimpleNamespace(MessageBoxW=box)))
sys.stderr = None
"""


def test_message_box(program: Path) -> None:
    """On Windows there is a box, since a double-click has no terminal, and its Python nothing to write to."""
    done = bare.run(START.format(before=WINDOWS + OLD.format(version=(3, 8, 1))), program, LC_ALL="C.UTF-8")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("None SMStoB 16 SMStoB demande Python 3.11 ou plus récent")


def test_any_python_reads_it() -> None:
    """Nothing in what runs first is newer than Python 2: no f-string, no annotation, no keyword of Python 3."""
    assert SOURCE.startswith("# -*- coding: utf-8 -*-\n")
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Nonlocal, ast.Starred, ast.AsyncFunctionDef, ast.Await)
    for node in ast.walk(ast.parse(SOURCE)):
        assert not isinstance(node, (*newer, ast.Match, ast.With, ast.YieldFrom)), ast.unparse(node)
        if isinstance(node, ast.FunctionDef):
            every = [*node.args.args, *node.args.posonlyargs, *node.args.kwonlyargs]
            assert not node.returns
            assert not node.args.kwonlyargs
            assert not [one for one in every if one.annotation]
        if isinstance(node, ast.Raise):
            assert node.cause is None
        if isinstance(node, ast.Call):
            assert not (isinstance(node.func, ast.Name) and node.func.id == "print")
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not node.value.isascii():
            assert node.kind == "u", node.value


def test_nothing_of_ours_first() -> None:
    """What runs first imports its own program last, after all that it has to say: an old Python cannot read that."""
    tree = ast.parse(SOURCE)
    imports = [one for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)]
    assert [one.module for one in imports] == ["smstob.desktop.__main__"]
    assert tree.body[-2:][0] is imports[0]


def test_window(program: Path, tmp_path: Path) -> None:
    """With an empty home and nothing installed it opens its window, and says nothing in the terminal."""
    with Display() as display:
        variables = {"HOME": str(tmp_path), "DISPLAY": display.name, "PATH": os.defpath}
        with subprocess.Popen(
            [*bare.PYTHON, str(program)], env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as running:
            try:
                seek = ["xdotool", "search", "--sync", "--onlyvisible", "--name", "SMStoB"]
                subprocess.run(seek, env=display.environment, stdout=subprocess.DEVNULL, timeout=PATIENCE, check=True)
                assert running.poll() is None
            finally:
                running.terminate()
                said, _ = running.communicate(timeout=PATIENCE)
    assert said == b""
    assert (tmp_path / ".local" / "share" / "smstob").is_dir()
