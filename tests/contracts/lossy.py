"""A way to PostgreSQL that breaks at the worst moment: around the answer to a COMMIT."""

import socket
import threading
from contextlib import suppress
from typing import Literal

from sqlalchemy.engine import make_url

from tests.ports import free_port

Loss = Literal["request", "answer"]


class LossyWay:
    """Forwards connections of 127.0.0.1 to a server; ``lose`` makes it drop the next COMMIT or its answer."""

    def __init__(self, url: str) -> None:
        known = make_url(url)
        self._target = (known.host, known.port)
        self._listener = socket.create_server(("127.0.0.1", free_port()))
        port = self._listener.getsockname()[1]
        self.url = known.set(port=port).render_as_string(hide_password=False)
        self._loss: Loss | None = None
        self.lost = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def lose(self, what: Loss) -> None:
        """The next COMMIT never arrives, or its answer does not."""
        self._loss = what

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
                threading.Thread(target=self._upwards, args=(client, server), daemon=True).start()
                threading.Thread(target=_pump, args=(server, client), daemon=True).start()

    def _upwards(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while sent := client.recv(65536):
                if self._loss is not None and b"COMMIT" in sent:
                    loss, self._loss = self._loss, None
                    self.lost += 1
                    # the client hears no more; what the server does with its COMMIT it does unheard
                    client.shutdown(socket.SHUT_RDWR)
                    if loss == "answer":
                        server.sendall(sent)
                    break
                server.sendall(sent)
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while received := source.recv(65536):
            target.sendall(received)
    for end in (source, target):
        end.close()
