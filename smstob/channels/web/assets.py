"""Styles, scripts and pictures: read once, under an address that changes with what is in them."""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import attrs
from klein import Klein
from twisted.web.server import Request
from werkzeug.exceptions import NotFound

from ...model import alphabet, segment
from .headers import protect

_FOLDER: Final = Path(__file__).parent / "static"

TYPES: Final = {
    ".css": b"text/css; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".svg": b"image/svg+xml",
    ".png": b"image/png",
    ".ico": b"image/x-icon",
    ".md": b"text/plain; charset=utf-8",
    ".webmanifest": b"application/manifest+json",
}


@attrs.frozen
class Asset:
    """A file as it is served."""

    type: bytes
    content: bytes = attrs.field(repr=False)


class Assets:
    """All files of the pages; ``address`` tells where one is."""

    def __init__(self, folder: Path = _FOLDER) -> None:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        self._assets = {path.relative_to(folder).as_posix(): _read(path) for path in files}
        self._assets["alphabet.js"] = Asset(TYPES[".js"], alphabet_module().encode())
        digest = hashlib.sha256()
        for name, asset in self._assets.items():
            digest.update(name.encode() + b"\0" + asset.content)
        # one for all: modules find one another beside themselves
        self._version = digest.hexdigest()[:16]

    def address(self, name: str) -> str:
        """Where a file is; fails for one that is not there."""
        assert name in self._assets, name
        return f"/static/{self._version}/{name}"

    def add_to(self, app: Klein) -> None:
        """Serve them."""
        app.route("/static/<version>/<path:name>", endpoint="static")(self.serve)
        app.route("/favicon.ico", endpoint="favicon")(self.favicon)

    def serve(self, request: Request, version: str, name: str) -> bytes:
        """A file, for a year: another has another address."""
        asset = self._assets.get(name)
        if asset is None:
            raise NotFound
        current = version == self._version
        request.setHeader(b"Cache-Control", b"public, max-age=31536000, immutable" if current else b"no-cache")
        return self._send(request, asset)

    def favicon(self, request: Request) -> bytes:
        """What browsers ask for by themselves."""
        request.setHeader(b"Cache-Control", b"public, max-age=86400")
        return self._send(request, self._assets["icon.svg"])

    def _send(self, request: Request, asset: Asset) -> bytes:
        protect(request, asset.type)
        # opened by itself, a picture has styles of its own
        request.setHeader(b"Content-Security-Policy", b"default-src 'none'; style-src 'unsafe-inline'")
        return asset.content


def _read(path: Path) -> Asset:
    return Asset(TYPES[path.suffix], path.read_bytes())


def alphabet_module() -> str:
    """The tables of ``model.alphabet`` and the sizes of ``model.segment`` as a module for scripts."""
    tables: dict[str, Any] = {
        "BASIC": alphabet.basic_characters(),
        "EXTENSION": alphabet.extension_characters(),
        "EQUIVALENTS": alphabet.adaptations(),
        "INVISIBLE": alphabet.invisible_characters(),
        "SEPTETS_ALONE": segment.SEPTETS_ALONE,
        "SEPTETS_JOINED": segment.SEPTETS_JOINED,
        "UNITS_ALONE": segment.UNITS_ALONE,
        "UNITS_JOINED": segment.UNITS_JOINED,
    }
    lines = [f"export const {name} = {json.dumps(value)};" for name, value in tables.items()]
    return "// Made of the server's own tables.\n" + "\n".join(lines) + "\n"
