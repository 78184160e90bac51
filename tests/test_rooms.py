"""The laws of the house, read from the sources: who imports whom, sizes, names, docstrings, clocks.

``docs/architecture.md`` has the picture; ``rooms.ROOMS`` is its first law as a table.
"""

import ast
import os
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

import attrs
import pytest

from tests.rooms import OURS, PROGRAMS, ROOMS, TOP, Room

ROOT: Final = Path(__file__).resolve().parent.parent
SHIPPED: Final = ("smstob", "gateways", "payments", "txsmpp", "twisted/plugins")
WRITTEN: Final = (*SHIPPED, "tests", "benchmarks")
NAMED: Final = (*WRITTEN, "config", "docs")

FILE_LINES: Final = 400
FUNCTION_LINES: Final = 60
EMPTY_NAMES: Final = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "base", "misc"}
NOT_OURS: Final = {"__pycache__", "node_modules"}

MIGRATIONS: Final = "smstob.storage.migrations"
CLOCKS: Final = {
    *("time.time", "time.time_ns", "datetime.date.today"),
    *("datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow"),
}
REACTOR: Final = "twisted.internet.reactor"
FUNCTION: Final = (ast.FunctionDef, ast.AsyncFunctionDef)


@attrs.frozen(eq=False)
class Source:
    """One Python file of ours."""

    path: str
    """From the root, with ``/``."""
    text: str
    tree: ast.Module

    @classmethod
    def parse(cls, path: str, text: str) -> "Source":
        """The source of a file with that path and text."""
        return cls(path, text, ast.parse(text, path))

    @property
    def is_package(self) -> bool:
        """Whether it is the ``__init__.py`` of a package."""
        return self.path.endswith("__init__.py")

    @property
    def module(self) -> str:
        """Its dotted name."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def fault(self, line: int, what: str) -> str:
        """How a breach of a law is told."""
        return f"{self.path}:{line} {what}"


def within(name: str, prefixes: Iterable[str]) -> bool:
    """Whether the dotted name is one of the prefixes or lies in one; everything lies in the empty one."""
    return any(not prefix or name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def walk(folders: Iterable[str]) -> Iterator[Path]:
    """Every folder and file of ours in those folders, from the root."""
    for folder in folders:
        for parent, directories, files in os.walk(ROOT / folder):
            directories[:] = [name for name in directories if name not in NOT_OURS]
            for name in (*directories, *files):
                yield (Path(parent) / name).relative_to(ROOT)


@cache
def sources(folders: tuple[str, ...]) -> tuple[Source, ...]:
    """The Python files in those folders, parsed."""
    paths = sorted(path for path in walk(folders) if path.suffix == ".py")
    return tuple(Source.parse(path.as_posix(), (ROOT / path).read_text(encoding="utf-8")) for path in paths)


def imports(source: Source) -> Iterator[tuple[ast.stmt, str]]:
    """Each import statement with the full dotted name of each thing that it takes."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(source, node)
            for alias in node.names:
                yield node, origin if alias.name == "*" else f"{origin}.{alias.name}"


def _origin(source: Source, node: ast.ImportFrom) -> str:
    """The absolute name of the module that a ``from … import`` takes from."""
    if not node.level:
        return node.module or ""
    parts = source.module.split(".")
    kept = len(parts) - node.level + source.is_package
    return ".".join([*parts[: max(kept, 0)], *([node.module] if node.module else [])])


def room_of(module: str) -> tuple[str, Room] | None:
    """The room of a module and what holds for that module."""
    fitting = [name for name in ROOMS if within(module, [name])]
    if not fitting:
        return None
    return min(fitting, key=len), ROOMS[max(fitting, key=len)]


def import_faults(source: Source) -> Iterator[str]:
    """Imports against the table."""
    if source.module == "smstob":
        return  # an __init__.py, which may import nothing anyway
    if not (found := room_of(source.module)):
        yield source.fault(1, f"{source.module} is in no room: give it a row in tests/rooms.py")
        return
    name, room = found
    for node, target in imports(source):
        if within(target, OURS):
            allowed = within(target, (name, *room.ours))
        elif target.partition(".")[0] in sys.stdlib_module_names:
            allowed = True
        else:
            allowed = within(target, ("attr", "attrs", *room.third))
        if not allowed or within(target, room.never):
            yield source.fault(node.lineno, f"{source.module} may not import {target}")


def reactor_faults(source: Source) -> Iterator[str]:
    """Imports of the global reactor when the module is loaded."""
    if within(source.module, TOP):
        return
    functions = [node for node in ast.walk(source.tree) if isinstance(node, FUNCTION)]
    late = {inner for function in functions for inner in ast.walk(function)}
    for node, target in imports(source):
        if within(target, [REACTOR]) and node not in late:
            yield source.fault(node.lineno, "imports the global reactor: have it handed in")


def clock_faults(source: Source) -> Iterator[str]:
    """Uses of the machine's clock, under whatever name it was imported."""
    if within(source.module, (*TOP, *PROGRAMS)):
        return
    names: dict[str, str] = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            names.update({alias.asname: alias.name for alias in node.names if alias.asname})
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(source, node)
            names.update({alias.asname or alias.name: f"{origin}.{alias.name}" for alias in node.names})
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute | ast.Name):
            first, _, rest = ast.unparse(node).partition(".")
            dotted = ".".join(filter(None, (names.get(first, first), rest)))
            if dotted in CLOCKS:
                yield source.fault(node.lineno, f"asks {dotted} for the time: have a clock handed in")


def size_faults(source: Source) -> Iterator[str]:
    """Files and functions that are too long; a function's docstring does not count."""
    lines = len(source.text.splitlines())
    if lines > FILE_LINES and not within(source.module, [MIGRATIONS]):
        yield source.fault(lines, f"has {lines} lines, more than {FILE_LINES}")
    for node in ast.walk(source.tree):
        # a migration lists its tables as they were
        if isinstance(node, FUNCTION) and not within(source.module, [MIGRATIONS]):
            length = _lines(node) - (_lines(node.body[0]) if ast.get_docstring(node) is not None else 0)
            if length > FUNCTION_LINES:
                yield source.fault(node.lineno, f"{node.name} has {length} lines, more than {FUNCTION_LINES}")


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def init_faults(source: Source) -> Iterator[str]:
    """What an ``__init__.py`` holds besides its docstring and ``__all__``."""
    if not source.is_package:
        return
    has_docstring = ast.get_docstring(source.tree) is not None
    for node in source.tree.body[1 if has_docstring else 0 :]:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if not all(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            yield source.fault(node.lineno, "an __init__.py holds a docstring, nothing else")


def docstring_faults(source: Source) -> Iterator[str]:
    """Public modules, classes, functions and methods without a docstring; camelCase is Twisted's."""
    if within(source.module, [MIGRATIONS]) and not source.is_package:
        return
    if ast.get_docstring(source.tree) is None:
        yield source.fault(1, "the module has no docstring")
    for node in _public(source.tree):
        if ast.get_docstring(node) is None:
            yield source.fault(node.lineno, f"{node.name} has no docstring")


def _public(parent: ast.AST) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """The public classes, functions and methods in it; what is inside a function is nobody's business."""
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.ClassDef):
            if not node.name.startswith("_"):
                yield node
                yield from _public(node)
        elif isinstance(node, FUNCTION):
            decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
            told_elsewhere = any(name.endswith(("overload", ".setter")) for name in decorators)
            if not (node.name.startswith("_") or node.name != node.name.lower() or told_elsewhere):
                yield node
        elif isinstance(node, ast.stmt | ast.ExceptHandler):
            yield from _public(node)


def name_faults(paths: Iterable[Path]) -> Iterator[str]:
    """Files and folders whose name says nothing."""
    for path in paths:
        if path.name.partition(".")[0].lower() in EMPTY_NAMES:
            yield f"{path.as_posix()}:1 {path.name} says nothing: name it for what it does"


def check(faults: Iterable[str]) -> None:
    """Fail with the list of faults, if there are any."""
    if listed := sorted(set(faults)):
        pytest.fail("\n".join(listed), pytrace=False)


def test_imports_point_to_the_core() -> None:
    """Every module imports only what its room may."""
    assert {"smstob.model", "smstob", "gateways"} <= {source.module for source in sources(SHIPPED)}
    check(fault for source in sources(SHIPPED) for fault in import_faults(source))


def test_reactor_is_handed_in() -> None:
    """Only assembly, tap and admin take the global reactor as they load: elsewhere it would install one."""
    check(fault for source in sources(SHIPPED) for fault in reactor_faults(source))


def test_clock_is_handed_in() -> None:
    """Only assembly, tap and admin ask what time it is."""
    check(fault for source in sources(SHIPPED) for fault in clock_faults(source))


def test_sizes() -> None:
    """A file can be read in one sitting, a function on one screen."""
    check(fault for source in sources(WRITTEN) for fault in size_faults(source))


def test_names() -> None:
    """No file or folder is named for nothing in particular."""
    check(name_faults(walk(NAMED)))


def test_packages_hold_no_code() -> None:
    """An ``__init__.py`` is the room's nameplate."""
    check(fault for source in sources(WRITTEN) for fault in init_faults(source))


def test_docstrings() -> None:
    """What others may use says what it is."""
    check(fault for source in sources(SHIPPED) for fault in docstring_faults(source))


@pytest.mark.parametrize(
    ("path", "text", "target"),
    [
        ("smstob/model/draft.py", "import sqlalchemy.orm", "sqlalchemy.orm"),
        ("smstob/model/draft.py", "from ..storage.queue import claim", "smstob.storage.queue.claim"),
        ("smstob/model/__init__.py", "from ..flow import submit", "smstob.flow.submit"),
        ("smstob/model/draft.py", "import random", "random"),
        ("smstob/interfaces.py", "from twisted.internet import reactor", REACTOR),
        (
            "smstob/storage/queue.py",
            "from twisted.internet.defer import Deferred",
            "twisted.internet.defer.Deferred",
        ),
        ("smstob/flow/submit.py", "def f():\n    from sqlalchemy import text", "sqlalchemy.text"),
        ("smstob/flow/submit.py", "from .. import tap", "smstob.tap"),
        ("smstob/flow/submit.py", "import gateways.smpp", "gateways.smpp"),
        ("smstob/channels/http/api.py", "from ...flow import submit", "smstob.flow.submit"),
        ("smstob/admin/command.py", "import sqlalchemy as sa", "sqlalchemy"),
        ("gateways/smpp.py", "from smstob.settings import Settings", "smstob.settings.Settings"),
        ("txsmpp/client.py", "if True:\n    import smstob.model.draft", "smstob.model.draft"),
        ("twisted/plugins/smstob_service.py", "import smstob.flow.submit", "smstob.flow.submit"),
        ("smstob/model/draft.py", "from tests.ports import free_port", "tests.ports.free_port"),
        ("smstob/model/number.py", "from .refusal import Refusal\nimport attrs, re, phonenumbers", ""),
        ("smstob/storage/database.py", "from twisted.internet import defer\nfrom ..model import ledger", ""),
        ("smstob/channels/web/__init__.py", "from ..storage import *", ""),
        ("smstob/interfaces.py", "from twisted.internet import defer", ""),
        ("smstob/assembly.py", "from .flow import submit\nimport klein, gateways.smpp, txsmpp.client", ""),
    ],
)
def test_wrong_import_is_seen(path: str, text: str, target: str) -> None:
    """The checker names a planted import, absolute or relative, and lets pass what the table allows."""
    source = Source.parse(path, text)
    told = f"{path}:{len(text.splitlines())} {source.module} may not import {target}"
    assert [*import_faults(source)] == ([told] if target else [])


def test_unknown_room_is_seen() -> None:
    """A new room needs a row of its own."""
    assert len([*import_faults(Source.parse("smstob/shed/spade.py", ""))]) == 1


@pytest.mark.parametrize(
    "text",
    [
        "import time as t\nt.time()",
        "from time import time\ntime()",
        "from datetime import datetime as moment, UTC\nmoment.now(UTC)",
        "import datetime as dt\ndt.datetime.utcnow()",
        "from datetime import date\ndate.today()",
    ],
)
def test_clock_is_seen(text: str) -> None:
    """Another name does not hide the clock, and only the top rooms may read it."""
    assert len([*clock_faults(Source.parse("smstob/flow/submit.py", text))]) == 1
    assert not [*clock_faults(Source.parse("smstob/admin/command.py", text))]


def test_reactor_is_seen() -> None:
    """At module level it is a fault, inside a function it is not."""
    statement = "from twisted.internet import reactor"
    assert [*reactor_faults(Source.parse("gateways/smpp.py", f"if True:\n    {statement}"))]
    assert not [*reactor_faults(Source.parse("gateways/smpp.py", f"def f():\n    {statement}"))]
    assert not [*reactor_faults(Source.parse("smstob/tap.py", statement))]


def test_untidiness_is_seen() -> None:
    """Length, names, nameplates and docstrings: one planted fault each."""
    body = "    pass\n"
    assert [*size_faults(Source.parse("smstob/tap.py", "\n" * 401))]
    assert [*size_faults(Source.parse("smstob/tap.py", f"def f():\n{body * 60}"))]
    assert not [*size_faults(Source.parse("smstob/tap.py", f"def f():\n    '''A\n\n    b.'''\n{body * 59}"))]
    assert len([*name_faults([Path("smstob/utils.py"), Path("docs/misc"), Path("docs/base64.py")])]) == 2
    plate = Source.parse("gateways/__init__.py", "'''A.'''\n__all__ = []\nimport re")
    assert [fault.split()[0] for fault in init_faults(plate)] == ["gateways/__init__.py:3"]
    text = "'''A.'''\nclass A:\n    def lineReceived(self): ...\n    def b(self): ...\n    def _c(self): ..."
    faults = [*docstring_faults(Source.parse("smstob/tap.py", text))]
    assert faults == ["smstob/tap.py:2 A has no docstring", "smstob/tap.py:4 b has no docstring"]
