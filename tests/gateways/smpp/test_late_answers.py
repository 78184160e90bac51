"""Answers of an operator that come when nobody waits for them any more."""

from smstob.model.message import Answer, Handed, Unknown
from txsmpp.constants import Command, Status
from txsmpp.frame import pack

from .scene import Scene, segment


def waited(*late: int) -> Scene:
    """An operator that has not answered those of five submits in time, but the others."""
    scene = Scene(response_seconds=20).start()
    scene.operator.holding = True
    scene.submit(5)
    others = [place for place in range(5) if place + 1 not in late]
    answer(scene, others)
    for _ in range(30):
        # a link on which nothing is answered would be closed
        scene.submit()
        answer(scene, [len(late)])
        scene.advance(1)
    return scene


def answer(scene: Scene, places: list[int]) -> None:
    """Those of the submits that are held."""
    held = scene.operator.held
    scene.operator.held = [held[place] for place in places]
    scene.operator.answer()
    scene.operator.held = [pair for place, pair in enumerate(held) if place not in places]
    scene.advance()


def test_a_reference_that_comes_late() -> None:
    """First unknown, then told once with its id, in the form in which receipts are looked up."""
    scene = waited(2, 4)
    assert [one for one in scene.hearing.answers if one.outcome == Unknown(silent=True)] == [
        Answer(2, 1, Unknown(silent=True)),
        Answer(4, 1, Unknown(silent=True)),
    ]
    assert scene.hearing.late == []
    before = len(scene.hearing.answers)
    scene.operator.ids = iter([b"00AF", b"Msg-9"]).__next__
    scene.operator.answer()
    scene.advance()
    assert scene.hearing.late == [Answer(2, 1, Handed("af")), Answer(4, 1, Handed("Msg-9"))]
    assert len(scene.hearing.answers) == before
    assert scene.gateway.state == "up"


def test_every_part_of_one_pdu() -> None:
    """By message_payload one answer is that of all parts."""
    scene = Scene(response_seconds=20, concatenation="payload").start()
    scene.operator.holding = True
    parts = [segment(7, "x" * 153, part=part, total=3) for part in (1, 2, 3)]
    scene.gateway.submit(parts)
    scene.advance(15)
    scene.submit()
    answer(scene, [1])
    scene.advance(10)
    assert [one.outcome for one in scene.hearing.answers if one.message == 7] == [Unknown(silent=True)] * 3
    scene.operator.answer()
    scene.advance()
    assert [(one.message, one.part) for one in scene.hearing.late] == [(7, 1), (7, 2), (7, 3)]
    assert len({one.outcome for one in scene.hearing.late}) == 1


def test_a_refusal_that_comes_late() -> None:
    """It is no news: the message is tried again as it is."""
    scene = waited(1, 2, 3)
    scene.operator.answer(1, int(Status.ESME_RINVDSTADR))
    scene.operator.answer(1, int(Status.ESME_RTHROTTLED))
    ((_, asked),) = scene.operator.held
    (link,) = scene.operator.endpoint.up
    link.far.write(pack(Command.GENERIC_NACK, 0, asked.sequence))
    scene.advance()
    assert scene.hearing.late == []
    assert scene.gateway.state == "up"
    assert not scene.errors


def test_a_late_answer_told_twice() -> None:
    """The second fits nothing."""
    scene = waited(3)
    ((_, asked),) = scene.operator.held
    (link,) = scene.operator.endpoint.up
    for _ in range(3):
        link.far.write(pack(Command.SUBMIT_SM_RESP, 0, asked.sequence, b"zz\0"))
    scene.advance()
    assert scene.hearing.late == [Answer(3, 1, Handed("zz"))]
