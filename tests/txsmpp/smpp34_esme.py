"""An ESME on the package ``smpp34`` that lives one session, in a process of its own: the package does not survive
the end of its event loop. It prints one line of JSON; the arguments are port, kind of bind, count.
"""

import asyncio
import json
import os
import sys
from typing import Any

from smpp34 import Client, DeliverSmEvent

PATIENCE = 10
KINDS = {"transmitter": "TX", "receiver": "RX", "transceiver": "TRX"}


async def live(port: int, kind: str, count: int) -> dict[str, Any]:
    """Submit so many at once where it may, wait for as many texts where it may, unbind."""
    client = Client("127.0.0.1", port, "rouille", "secret", bind_type=KINDS[kind])
    smsc = await asyncio.wait_for(client.connect(), PATIENCE)
    submits: list[list[Any]] = []
    texts: list[str] = []
    if kind != "receiver":
        waiting = [smsc.submit_sm("33612345678", b"essai %d" % at, source_addr="MAIRIE") for at in range(count)]
        for answer in await asyncio.wait_for(asyncio.gather(*waiting), PATIENCE):
            submits.append([answer.command_status, answer.message_id])
    while kind != "transmitter" and len(texts) < count:
        event = await asyncio.wait_for(smsc.next(), PATIENCE)
        if not isinstance(event, DeliverSmEvent):
            break
        texts.append(event.short_message.decode("latin-1"))
    await asyncio.wait_for(smsc.unbind(), PATIENCE)
    return {"system_id": smsc.system_id, "submits": submits, "texts": texts}


if __name__ == "__main__":
    told = asyncio.run(live(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    os._exit(0)
