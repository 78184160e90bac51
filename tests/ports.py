"""Ports of this machine for servers under test, which nobody else gets meanwhile."""

import socket
from collections import deque
from typing import Final

START: Final = 60
"""Seconds in which a program must have started: it is one of work, and the machine may have much more to do."""

_KEPT: Final = 300
"""How many are kept: more than the servers of which one of these tests may start another again."""
_RESERVED: Final[deque[socket.socket]] = deque()


def free_port() -> int:
    """A TCP port of 127.0.0.1 for a server, whether it listens at once, later, or again.

    It stays ours: to who asks for any port, for a server or a connection, the system gives none that is bound. Whoever
    asks for this one gets it, since our socket does not listen and servers reuse addresses (``SO_REUSEADDR``).
    """
    reserved = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.bind(("127.0.0.1", 0))
    _RESERVED.append(reserved)
    if len(_RESERVED) > _KEPT:
        _RESERVED.popleft().close()
    port: int = reserved.getsockname()[1]
    return port


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
