"""A modem from its start on: against simulated ones of every maker, with faults."""

import pytest

from gateways.gsm.errors import Blame
from gateways.gsm.modem import GONE
from gateways.gsm.modem_events import Doubt, Fallen, NotSent, PinWanted, Received, Reported, Sent, SentLate
from smstob.model.modem import ModemState
from tests.gateways.gsm.attached import NUMBER, Attached
from tests.peers.modem.card import Sim
from tests.peers.modem.profiles import PROFILES


def attached(**settings: object) -> Attached:
    """A generic modem that has started."""
    made = Attached(**settings)  # type: ignore[arg-type]
    made.start()
    made.up()
    return made


@pytest.mark.parametrize("maker", PROFILES)
def test_sends_and_is_told_the_report(maker: str) -> None:
    """Every maker's modem starts, sends, and its report comes with the reference that it gave."""
    made = Attached(PROFILES[maker])
    made.start()
    made.up()
    assert made.modem.facts is not None
    assert (made.modem.facts.sim, made.modem.facts.imei) == ("208011234567890", made.peer.state.imei)
    made.send()
    made.run(lambda: made.told(Sent))
    (taken,) = made.network.taken
    assert (taken.number, taken.text) == (NUMBER, "Bonjour")
    (sent,) = made.told(Sent)
    assert sent.reference == taken.mr
    if maker != "zte":
        # whose reports go to a memory that nobody can read
        made.run(lambda: made.told(Reported))
        (reported,) = made.told(Reported)
        assert reported.report.reference == taken.mr


def test_reply_is_told_again_until_it_is_kept() -> None:
    """A stored reply that could not be kept is told once more, and is deleted when it was kept."""
    made = attached()
    made.network.send_message(made.sim.imsi, NUMBER, "Merci", made.clock.seconds())
    made.run(lambda: made.told(Received))
    (first,) = made.told(Received)
    assert first.message.user_data.text == "Merci"
    made.modem.settle(first.index, False, made.clock.seconds())
    made.run(lambda: len(made.told(Received)) == 2, 90)
    assert len(made.sim.memory.messages) == 1
    made.modem.settle(first.index, True, made.clock.seconds())
    made.carry()
    made.run(lambda: not made.sim.memory.messages, 90)
    made.run(lambda: made.modem.is_free)
    assert len(made.told(Received)) == 2


def test_reply_that_cannot_be_deleted_is_not_told_again() -> None:
    """Where the modem refuses to delete what was kept, it is deleted later, and told only once."""
    made = attached()
    made.peer.faults.set("error", match="AT+CMGD")
    made.network.send_message(made.sim.imsi, NUMBER, "Merci", made.clock.seconds())
    made.run(lambda: made.told(Received))
    made.modem.settle(made.told(Received)[0].index, True, made.clock.seconds())
    made.carry()
    made.run(lambda: made.peer.faults.struck["error"])
    assert len(made.sim.memory.messages) == 1
    made.run(lambda: not made.sim.memory.messages, 90)
    assert len(made.told(Received)) == 1


def test_full_memory_keeps_what_is_not_settled() -> None:
    """A memory that is full loses no reply whose keeping is not over; what nobody can read makes room."""
    made = attached()
    for index in range(12):
        made.network.send_message(made.sim.imsi, NUMBER, f"Merci {index}", made.clock.seconds())
    made.run(lambda: len(made.told(Received)) == 12, 120)
    made.sim.memory.fill(b"\x03")
    made.run(lambda: len(made.sim.memory.messages) == 12, 120)
    made.clock.pump([1.0] * 200)
    assert (len(made.sim.memory.messages), len(made.told(Received))) == (12, 12)
    for one in made.told(Received):
        made.modem.settle(one.index, True, made.clock.seconds())
    made.carry()
    made.run(lambda: not made.sim.memory.messages, 120)


@pytest.mark.parametrize(("code", "blame"), [(21, Blame.LATER), (30, Blame.MESSAGE), (331, Blame.MODEM)])
def test_error_is_judged(code: int, blame: Blame) -> None:
    """What the network refuses is told with whom to blame, and the modem sends the next one."""
    made = attached()
    made.peer.faults.set("refuse_pdu", code=code)
    made.send("refused")
    made.run(lambda: made.told(NotSent))
    (refused,) = made.told(NotSent)
    assert (refused.key, refused.code, refused.verdict.blame) == ("refused", code, blame)
    made.send("taken")
    made.run(lambda: made.told(Sent))


@pytest.mark.parametrize("code", [10, 14, 30, 100])
def test_error_of_the_modem_has_no_code(code: int) -> None:
    """What the modem itself tells by +CME ERROR is judged by its own table, and is no code of +CMS ERROR."""
    made = attached()
    made.peer.faults.set("refuse_pdu", code=code, cme=True)
    made.send("refused")
    made.run(lambda: made.told(NotSent))
    (refused,) = made.told(NotSent)
    assert (refused.key, refused.code) == ("refused", None)
    assert refused.verdict.reason.endswith(f"(CME {code}).")
    made.send("taken")
    made.run(lambda: made.told(Sent))


def test_no_prompt_is_not_sent() -> None:
    """Without a prompt nothing was sent; the modem is free again."""
    made = attached()
    made.peer.faults.set("prompt_lost")
    made.send()
    made.run(lambda: made.told(NotSent))
    assert not made.network.taken
    made.run(lambda: made.modem.is_free)


def test_silence_after_the_pdu_is_a_doubt() -> None:
    """A modem that is silent after Ctrl-Z leaves a doubt, which its late answer lifts."""
    made = attached()
    made.peer.faults.set("slow_after_pdu", seconds=61.0)
    made.send("late")
    made.run(lambda: made.told(Doubt), 90)
    made.run(lambda: made.told(SentLate), 90)
    (late,) = made.told(SentLate)
    assert (late.key, late.reference) == ("late", made.network.taken[0].mr)


def test_restart_in_the_middle_of_a_message() -> None:
    """A reset at Ctrl-Z leaves a doubt; the modem is set up anew and sends."""
    made = attached()
    made.peer.faults.set("reset_in_send", taken=True)
    made.send("doubtful")
    made.run(lambda: made.told(Doubt), 90)
    made.up()
    made.run(lambda: made.modem.is_free)
    made.send("next")
    made.run(lambda: made.told(Sent))


def test_hung_modem_falls() -> None:
    """A modem that never answers again is told as fallen, once, in about a minute; its message did not leave."""
    made = attached()
    made.peer.faults.set("hang", match="AT+CMGS")
    made.send()
    made.run(lambda: made.told(Fallen), 60)
    assert len(made.told(Fallen)) == len(made.told(NotSent)) == 1
    assert made.modem.state is ModemState.HEALING


def test_lost_port_ends_the_message() -> None:
    """A port that goes before the PDU was written tells that the message did not leave."""
    made = attached()
    made.peer.faults.set("port_loss", match="AT+CMGS", seconds=5.0)
    made.send()
    made.run(lambda: made.told(NotSent))
    assert not made.modem.is_free


def test_pin_is_asked_for_once_and_given() -> None:
    """The card's code is asked for once, and the modem starts with it."""
    made = Attached(sim=Sim(imsi="208011234567890", iccid="8933012345678901234", pin="9753"))
    made.start()
    made.run(lambda: made.told(PinWanted))
    made.modem.give_pin("9753", made.clock.seconds())
    made.carry()
    made.up()
    assert (len(made.told(PinWanted)), made.sim.tries) == (1, 3)


def test_pin_that_comes_after_a_restart_is_asked_for_again() -> None:
    """A code that comes when the modem has started anew disturbs nothing: it is asked for once more, and given."""
    made = Attached(sim=Sim(imsi="208011234567890", iccid="8933012345678901234", pin="9753"))
    made.start()
    made.run(lambda: made.told(PinWanted))
    made.modem.receive(b"\r\nRDY\r\n", made.clock.seconds())
    made.carry()
    made.run(lambda: "AT+CGMM" in made.peer.commands[-3:])
    made.modem.give_pin("9753", made.clock.seconds())
    made.carry()
    made.run(lambda: len(made.told(PinWanted)) == 2)
    made.modem.give_pin("9753", made.clock.seconds())
    made.carry()
    made.up()
    assert made.sim.tries == 3
    assert made.modem.facts is not None
    assert made.modem.facts.model == "Simulator SIM-1"


def test_refused_pin_locks() -> None:
    """A code that is wrong is given once; the modem waits for a person, and asks its owner before another try."""
    made = Attached(sim=Sim(imsi="208011234567890", iccid="8933012345678901234", pin="9753"))
    made.start()
    made.run(lambda: made.told(PinWanted))
    made.modem.give_pin("8642", made.clock.seconds())
    made.carry()
    made.run(lambda: made.modem.state is ModemState.LOCKED)
    assert made.sim.tries == 2
    made.run(lambda: len(made.told(PinWanted)) == 2, 60)
    made.modem.refuse_pin("La carte SIM a refusé ce code.", made.clock.seconds())
    made.carry()
    made.run(lambda: made.modem.reason == "La carte SIM a refusé ce code.")
    assert made.sim.tries == 2
    assert not any("9753" in repr(one) or "8642" in repr(one) for one in made.events)


def test_port_lost_before_the_prompt() -> None:
    """A port that goes between the command and its prompt is no refusal: the modem is gone, and the message waits."""
    made = attached()
    made.peer.faults.set("port_loss", match="AT+CMGS", seconds=5.0)
    made.send()
    made.run(lambda: made.told(NotSent))
    assert made.told(NotSent)[0].verdict is GONE
    assert not made.network.taken
