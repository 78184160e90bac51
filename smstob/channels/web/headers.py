"""What every answer of the pages tells browsers: what they may load, show and pass on."""

from typing import Final

from twisted.web.server import Request

SECURITY: Final = {
    b"Content-Security-Policy": b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    b"connect-src 'self'; font-src 'self'; form-action 'self'; manifest-src 'self'; frame-ancestors 'none'; "
    b"base-uri 'none'",
    b"X-Content-Type-Options": b"nosniff",
    b"Referrer-Policy": b"same-origin",
    b"Cross-Origin-Opener-Policy": b"same-origin",
    b"Cross-Origin-Resource-Policy": b"same-origin",
    b"Permissions-Policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    b"X-Frame-Options": b"DENY",
}


def protect(request: Request, type_: bytes) -> None:
    """Say all of it with an answer of that type."""
    request.setHeader(b"Content-Type", type_)
    for name, value in SECURITY.items():
        request.setHeader(name, value)
    request.responseHeaders.removeHeader(b"Server")
