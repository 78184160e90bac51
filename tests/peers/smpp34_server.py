"""The process of ``smpp34_smsc``: its own, as the package does not survive the end of its event loop."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from typing import Any, Final

from smpp34 import Esme, Server, SubmitSmEvent, Unbound

RECEIPT: Final = (
    "id:{id} sub:001 dlvrd:001 submit date:2601011200 done date:2601011201 stat:{stat} err:{err} text:essai"
)
IS_RECEIPT: Final = 4
PATIENCE: Final = 10
"""Seconds to wait for a link that receives."""


class _Centre:
    """What runs in the process."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.links: dict[str, Esme] = {}
        self.journal: list[dict[str, Any]] = []
        self.acknowledged = 0
        self.outcome: str | None = "DELIVRD"
        self.next_answers: list[int] = []
        self.tasks: set[asyncio.Task[int]] = set()

    async def serve(self) -> None:
        while True:
            match await self.server.next():
                case Esme() as link:
                    self.links[link.session_id] = link
                case Unbound() as gone:
                    self.links.pop(gone.session_id, None)
                case SubmitSmEvent() as submit:
                    self.submitted(submit)

    def submitted(self, submit: SubmitSmEvent) -> None:
        status = self.next_answers.pop(0) if self.next_answers else 0
        given = "" if status else f"rust-{len(self.journal) + 1}"
        self.journal.append(_told(given, submit))
        if status:
            submit.reject(status)
            return
        submit.accept(given)
        link = self.links.get(submit.session_id)
        if self.outcome and submit.registered_delivery and link and link.can_receive:
            stat, _, err = self.outcome.partition(":")
            text = RECEIPT.format(id=given, stat=stat, err=err or "000").encode()
            receipt = self.deliver(
                link, submit.source_addr, text, source_addr=submit.destination_addr, esm_class=IS_RECEIPT
            )
            task = asyncio.create_task(receipt)
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def receiver(self) -> Esme:
        # the ESME knows that it is bound a little earlier than we do
        while True:
            for link in self.links.values():
                if link.can_receive:
                    return link
            await asyncio.sleep(0.005)

    async def deliver(self, link: Esme, destination: str, message: bytes, **fields: Any) -> int:
        response = await link.deliver_sm(destination, message, **fields)
        self.acknowledged += response.is_success
        return response.command_status

    async def do(self, name: str, what: dict[str, Any]) -> Any:
        match name:
            case "set":
                self.outcome, self.next_answers = what["outcome"], what["next_answers"]
            case "journal":
                return self.journal
            case "counts":
                return {"submits": len(self.journal), "links": len(self.links), "acknowledged": self.acknowledged}
            case "mo":
                link = await asyncio.wait_for(self.receiver(), PATIENCE)
                destination, message = what.pop("destination_addr"), bytes.fromhex(what.pop("message"))
                return await self.deliver(link, destination, message, **what)
            case "unbind":
                for link in list(self.links.values()):
                    await link.unbind()
            case _:
                raise ValueError(f"no such action: {name}")
        return None


def _told(given: str, submit: SubmitSmEvent) -> dict[str, Any]:
    return {
        "id": given,
        "source": submit.source_addr,
        "source_ton": submit.source_addr_ton,
        "source_npi": submit.source_addr_npi,
        "destination": submit.destination_addr,
        "destination_ton": submit.dest_addr_ton,
        "destination_npi": submit.dest_addr_npi,
        "service_type": submit.service_type,
        "esm_class": submit.esm_class,
        "protocol_id": submit.protocol_id,
        "registered_delivery": submit.registered_delivery,
        "data_coding": submit.data_coding,
        "short_message": submit.short_message.hex(),
        "tlvs": {tlv.tag: tlv.value.hex() for tlv in submit.tlvs},
    }


def _say(line: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


async def _main(port: int) -> None:
    server = Server("127.0.0.1", port, system_id="RUSTSMSC")
    await server.start()
    centre = _Centre(server)
    serving = asyncio.create_task(centre.serve())
    _say({"port": port})
    while line := await asyncio.to_thread(sys.stdin.readline):
        told = json.loads(line)
        try:
            _say({"done": await centre.do(told["do"], told["with"])})
        except Exception as error:
            _say({"failed": f"{type(error).__name__}: {error}"})
    assert not serving.done(), serving
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
