"""Makes the program's one file, ``smstob.pyz``: the daemon's side, which is never in it.

``python -m smstob.desktop.archive FILE`` writes one; ``make desktop`` does.
"""

import argparse
import ast
import hashlib
import pkgutil
import sys
import zoneinfo
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from .site import NAME, ZONE, Site

FIRST: Final = "smstob.desktop.__main__"
"""The module from whose imports all others are found."""

PACKAGES: Final = ("smstob", "attr", "attrs", "phonenumbers")
"""What may be in the file. What modules import besides is Python's own, or they do without it."""

BY_NAME: Final = "phonenumbers.data"
"""The package whose modules are imported by a name that is put together: a country's, when a number of it is met."""

LICENSED: Final = ("attrs", "phonenumberslite")
"""The distributions of others whose licences go with it."""

START: Final = "start.py.txt"
"""What runs first, on whatever Python there is: the oldest has to read it, so it is no module of ours."""

SHEBANG: Final = b"#!/usr/bin/env python3\n"
LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
"""When all in it was made, so that the same files make the same bytes."""


def release() -> str:
    """The version of what is installed here, and of the program with it."""
    return metadata.version("smstob")


@cache
def build() -> bytes:
    """The program of this release, for no site yet; the same bytes each time. The first time it takes a second."""
    files = {"__main__.py": (Path(__file__).parent / START).read_bytes()}
    for name, path in _modules().items():
        inside = "/__init__.py" if path.name == "__init__.py" else ".py"
        files[name.replace(".", "/") + inside] = path.read_bytes()
    for name in LICENSED:
        files[f"licences/{name}.txt"] = _licence(name)
    return _with(SHEBANG, files)


def filled(archive: bytes, site: Site) -> bytes:
    """``archive`` for a site: it then knows which one, and the rules of its zone. The same bytes each time."""
    return _with(archive, {f"smstob/desktop/{NAME}": site.to_json(), f"smstob/desktop/{ZONE}": _rules(site.zone)})


def _with(archive: bytes, files: dict[str, bytes]) -> bytes:
    """``archive``, or the line that it begins with, and those files."""
    made = BytesIO(archive)
    with ZipFile(made, "a", ZIP_DEFLATED, compresslevel=9) as opened:
        for name in sorted(files):
            entry = ZipInfo(name, LONG_AGO)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            opened.writestr(entry, files[name], ZIP_DEFLATED)
    return made.getvalue()


@cache
def _rules(zone: str) -> bytes:
    """Those of a zone, as TZif. Raises what ``ZoneInfo`` raises of one that there is not."""
    zoneinfo.ZoneInfo(zone)
    try:
        known = pkgutil.get_data("tzdata", f"zoneinfo/{zone}")
    except OSError:
        known = None
    return known or next(path.read_bytes() for folder in zoneinfo.TZPATH if (path := Path(folder, zone)).is_file())


def _modules() -> dict[str, Path]:
    """Where the modules are that the program needs, by their names."""
    found: dict[str, Path] = {}
    waiting = [FIRST]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        path = _path(name)
        if path is None:
            raise ModuleNotFoundError(f"the desktop program imports {name}, and there is none")
        found[name] = path
        waiting += _imports(name, path)
        if name == BY_NAME:
            # they import nothing that is not there already
            found |= {f"{name}.{one.stem}": one for one in path.parent.glob("region_*.py")}
    return found


def _imports(name: str, path: Path) -> Iterator[str]:
    """The modules of ``PACKAGES`` that a module imports, wherever in it, and the package that it is in."""
    above = name.rpartition(".")[0]
    if above:
        yield above
    package = (name if path.name == "__init__.py" else above).split(".")
    for node in ast.walk(ast.parse(path.read_bytes(), path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _may_be_in(alias.name))
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*start, *([node.module] if node.module else [])])
            if _may_be_in(origin):
                yield origin
                # what is taken from a package may be a module, or something in the package itself
                yield from (one for alias in node.names if _path(one := f"{origin}.{alias.name}") is not None)


def _may_be_in(name: str) -> bool:
    return name.partition(".")[0] in PACKAGES


def _path(name: str) -> Path | None:
    """The file of a module; None where there is none."""
    package, *rest = name.split(".")
    place = _folder(package).joinpath(*rest)
    paths = (place / "__init__.py", place.with_name(f"{place.name}.py"))
    return next((path for path in paths if path.is_file()), None)


@cache
def _folder(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])


def _licence(distribution: str) -> bytes:
    """The text under which others may be handed on."""
    files = metadata.distribution(distribution).files or ()
    return b"\n\n".join(file.read_binary() for file in files if file.name.startswith(("LICENSE", "LICENCE")))


def main() -> None:
    """``make desktop``: the program as a file, for the site that is named."""
    parser = argparse.ArgumentParser(prog="python -m smstob.desktop.archive", description=main.__doc__)
    parser.add_argument("--base-url", default="", help="where the pages of the service are")
    parser.add_argument("--domain", default=Site().domain, help="where its mails go")
    parser.add_argument("--zone", default=Site().zone, help="whose clocks tell when a deferred message leaves")
    parser.add_argument("file", type=Path)
    given = parser.parse_args()
    site = Site(version=release(), base_url=given.base_url, domain=given.domain, zone=given.zone)
    made = filled(build(), site)
    given.file.parent.mkdir(parents=True, exist_ok=True)
    given.file.write_bytes(made)
    given.file.chmod(0o755)
    sys.stdout.write(f"{given.file}: {len(made)} bytes, SHA-256 {hashlib.sha256(made).hexdigest()}\n")


if __name__ == "__main__":
    main()
