"""Of several refusals that apply at once the first of the product's order is answered: every pair of them."""

from collections.abc import Callable, Iterator
from itertools import combinations, count
from typing import Final

import attrs
import pytest

from tests.daemon import GENEROUS, PASSWORD, RunningDaemon, fresh_number, running

ORDER: Final = ("87", "88", "89", "90", "93", "82", "84", "86", "85", "92", "91", "83")

IMPOSSIBLE: Final = {
    **{("89", code): "no destination is no bad one, no group, and was not written to" for code in ("84", "86", "91")},
    **{("90", code): "an empty text is neither too long, nor was it sent before" for code in ("92", "91")},
    ("84", "86"): "a destination that is a group is no bad number",
    ("84", "91"): "a number that was written to is a good one",
    ("86", "91"): "an empty group was never written to",
}
"""Pairs that no call can deserve, and why."""

_SOURCES: Final = count(1)


@attrs.define
class Situation:
    """A call, and the account and the address that it comes from, before anything is wrong."""

    daemon: RunningDaemon
    email: str
    source: str
    number: str
    fields: dict[str, str]

    @classmethod
    def sound(cls, daemon: RunningDaemon) -> "Situation":
        """One that would be answered with 80."""
        serial = next(_SOURCES)
        number = fresh_number()
        # two credits: the two segments that are sent for 91 use them up
        email = daemon.provision(2, groups={"Vide": []})
        fields = {"email": email, "pass": PASSWORD, "numero": number, "message": "a" * 161}
        return cls(daemon, email, f"127.1.{serial // 250}.{serial % 250 + 1}", number, fields)

    def call(self, **changes: str) -> str:
        """The code that it gets."""
        return self.daemon.call(self.fields | changes, source=self.source)


def _set(**changes: str) -> Callable[[Situation], None]:
    return lambda situation: situation.fields.update(changes)


def _exhaust(situation: Situation) -> None:
    codes = [situation.call(**{"pass": "faux"}, email=situation.email, numero="1", message="a") for _ in range(3)]
    assert codes == ["82", "82", "93"]


# what was sent before came from another address: one that a password worked from may go on with it


def _send_before(situation: Situation) -> None:
    assert situation.daemon.call(situation.fields) == "80"


def _shorten(situation: Situation) -> None:
    situation.daemon.set_options(situation.email, {"max_segments": 1})


def _mistake(situation: Situation) -> None:
    name, value = ("pass", "faux") if situation.fields["pass"] else ("email", "inconnu@exemple.fr")
    if situation.fields[name].strip():
        situation.fields[name] = value


def _spend(situation: Situation) -> None:
    if situation.daemon.balance(situation.email):
        assert situation.daemon.call(situation.fields | {"numero": fresh_number()}) == "80"


FAULTS: Final[dict[str, Callable[[Situation], None]]] = {
    # in the order in which they are brought about: what needs a call that works comes first
    "91": _send_before,
    "83": _spend,
    "92": _shorten,
    "87": _set(email=" "),
    "88": _set(**{"pass": ""}),
    "89": _set(numero=" "),
    "90": _set(message="\r\n"),
    "84": _set(numero="0123456789"),
    "86": _set(numero="vide"),
    "85": _set(diff="310220271200"),
    "82": _mistake,
    "93": _exhaust,
}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    """A daemon that shuts an address out of an account after two wrong passwords."""
    limits = GENEROUS | {"login_failures": 2, "requests_per_second": 50}
    yield from running(tmp_path_factory.mktemp("guarded"), {"limits": limits})


def bring_about(daemon: RunningDaemon, codes: tuple[str, ...]) -> Situation:
    """A situation in which all of ``codes`` apply."""
    situation = Situation.sound(daemon)
    for code, fault in FAULTS.items():
        if code in codes:
            fault(situation)
    return situation


def judge(situation: Situation, codes: tuple[str, ...]) -> None:
    """The call gets the first of ``codes`` and changes nothing."""
    balance, known = situation.daemon.balance(situation.email), len(situation.daemon.messages(situation.email))
    assert situation.call() == min(codes, key=ORDER.index)
    assert situation.daemon.balance(situation.email) == balance
    assert len(situation.daemon.messages(situation.email)) == known


@pytest.mark.parametrize("code", ORDER)
def test_alone(guarded: RunningDaemon, code: str) -> None:
    """Each fault alone gets its own code: the pairs below are what they seem."""
    judge(bring_about(guarded, (code,)), (code,))


PAIRS: Final = [pair for pair in combinations(ORDER, 2) if pair not in IMPOSSIBLE]


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_pair(guarded: RunningDaemon, pair: tuple[str, str]) -> None:
    """Of two, the first."""
    judge(bring_about(guarded, pair), pair)


def test_every_pair_is_told() -> None:
    """Twelve codes make 66 pairs; those that are left out are pairs, with a reason."""
    assert len(PAIRS) + len(IMPOSSIBLE) == 66
    assert set(IMPOSSIBLE) <= set(combinations(ORDER, 2))


@pytest.mark.parametrize("first", range(len(ORDER)))
def test_many(guarded: RunningDaemon, first: int) -> None:
    """Of all that can apply together, the first."""
    codes: tuple[str, ...] = ()
    for code in ORDER[first:]:
        if all(pair not in IMPOSSIBLE for pair in combinations((*codes, code), 2)):
            codes = (*codes, code)
    assert len(codes) > 1 or first == len(ORDER) - 1
    judge(bring_about(guarded, codes), codes)


@pytest.mark.parametrize(
    ("book", "fields", "code"),
    [
        # a text that is empty for each contact (90) and a bad date, a closed country, an empty purse
        ([("0651000001", "", "")], {"diff": "1"}, "90"),
        ([("+41791234567", "", "")], {}, "90"),
        ([("0651000001", "", "")], {"message": "\u200b"}, "90"),
        # a closed country (84) and a bad date, a text too long
        ([("0651000001", "", "x" * 999), ("+41791234567", "", "y")], {"diff": "1"}, "84"),
        ([("0651000001", "", "x" * 999), ("+41791234567", "", "y")], {}, "84"),
        # a bad date (85) and a text too long
        ([("0651000001", "", "x" * 999)], {"diff": "1"}, "85"),
    ],
)
def test_group(guarded: RunningDaemon, book: list[tuple[str, ...]], fields: dict[str, str], code: str) -> None:
    """What only shows in a group keeps the order too."""
    email = guarded.provision(0, groups={"Groupe": book})
    call = {"email": email, "pass": PASSWORD, "numero": "Groupe", "message": "[v1]", **fields}
    assert guarded.call(call, source="127.2.0.1") == code


def test_too_many_requests(guarded: RunningDaemon) -> None:
    """More requests a second than are allowed: 93 for that address, before the password is looked at; then 80 again."""
    email = guarded.provision(1)
    call = {"email": email, "pass": "faux", "numero": "1", "message": "a"}
    codes = [guarded.call(call, source="127.2.0.3") for _ in range(3)]
    assert codes == ["82", "82", "93"]
    call = {"email": email, "pass": PASSWORD, "numero": fresh_number(), "message": "a" * 999}
    codes = [guarded.call(call, source="127.2.0.2") for _ in range(120)]
    assert set(codes) == {"92", "93"}
    assert codes[:50] == ["92"] * 50
    assert guarded.call(call | {"message": ""}, source="127.2.0.2") == "90"
    assert guarded.call(call, source="127.2.0.4") == "92"
    guarded.wait(lambda: guarded.call(call, source="127.2.0.2") == "92", "the address may call again", 2)
