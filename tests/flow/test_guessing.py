"""Failed log-ins are counted so that passwords cannot be guessed and no stranger shuts a customer out."""

from hypothesis import given
from hypothesis import strategies as st

from smstob.flow import guessing
from smstob.flow.guessing import Allowances, Guessing, Leak

ALLOWED = Allowances(pair=3, address=5, account=7)
HOME, AWAY = "192.0.2.1", "198.51.100.1"


def test_one_account_from_one_address() -> None:
    """As many failures as allowed, then no look at the password, until some have run out."""
    guesses = Guessing(ALLOWED)
    for _ in range(3):
        assert not guesses.refuses("a@b.fr", HOME, 0)
        guesses.failed("a@b.fr", HOME, 0)
    assert guesses.refuses("a@b.fr", HOME, 0)
    assert not guesses.refuses("a@b.fr", AWAY, 0)
    assert not guesses.refuses("c@b.fr", HOME, 0)
    assert guesses.refuses("a@b.fr", HOME, 299)
    assert not guesses.refuses("a@b.fr", HOME, 300)


def test_one_address_for_all_accounts() -> None:
    """Who tries one password on many accounts is stopped too; whoever logged in from there goes on."""
    guesses = Guessing(ALLOWED)
    guesses.succeeded("known@b.fr", HOME)
    for index in range(5):
        guesses.failed(f"{index}@b.fr", HOME, 0)
    assert guesses.refuses("new@b.fr", HOME, 0)
    assert not guesses.refuses("known@b.fr", HOME, 0)
    assert not guesses.refuses("new@b.fr", AWAY, 0)


def test_strangers_cannot_lock_out_a_familiar_address() -> None:
    """Failures from everywhere close an account to strangers only, and familiar failures do not add to them."""
    guesses = Guessing(ALLOWED)
    guesses.succeeded("a@b.fr", HOME)
    guesses.failed("a@b.fr", HOME, 0)
    for index in range(7):
        assert not guesses.refuses("a@b.fr", f"203.0.113.{index}", 0)
        guesses.failed("a@b.fr", f"203.0.113.{index}", 0)
    assert guesses.refuses("a@b.fr", AWAY, 0)
    assert not guesses.refuses("a@b.fr", HOME, 0)
    assert not guesses.refuses("a@b.fr", AWAY, 3600)


def test_ipv6_is_counted_by_network() -> None:
    """A customer's /64 is one address, its scope does not count, and what is no address is taken as it is."""
    guesses = Guessing(ALLOWED)
    for index in range(3):
        guesses.failed("a@b.fr", f"2001:db8::{index}", 0)
    assert guesses.refuses("a@b.fr", "2001:db8::ffff:1%eth0", 0)
    assert not guesses.refuses("a@b.fr", "2001:db8:0:1::1", 0)
    assert not guesses.refuses("a@b.fr", "not:an:address", 0)


def test_clock_set_back() -> None:
    """A clock set back a day locks nobody out for a day; set forward, what was counted has run out."""
    guesses = Guessing(ALLOWED)
    for _ in range(3):
        guesses.failed("a@b.fr", HOME, 86_400)
    assert guesses.refuses("a@b.fr", HOME, 0)
    assert not guesses.refuses("a@b.fr", HOME, 300)
    guesses.failed("a@b.fr", HOME, 300)
    assert not guesses.refuses("a@b.fr", HOME, 10 * 365 * 86_400)


def test_memory_is_bounded() -> None:
    """However many names are tried, only the last are remembered."""
    leak = Leak(2, 10)
    guesses = Guessing(ALLOWED)
    for index in range(guessing.MEMORY + 10):
        leak.add(index, 0)
        guesses.succeeded(f"{index}@b.fr", HOME)
    assert len(leak._levels) == guessing.MEMORY
    assert len(guesses._familiar) == guessing.MEMORY


@given(
    st.floats(1, 50),
    st.floats(1, 100),
    st.lists(st.floats(0, 20), max_size=200),
)
def test_leak_never_lets_more_through(most: float, seconds: float, gaps: list[float]) -> None:
    """Whatever the rhythm, no window sees more than ``most`` and what runs out meanwhile."""
    leak = Leak(most, seconds)
    now = 0.0
    let: list[float] = []
    for gap in gaps:
        now += gap
        if not leak.full("name", now):
            leak.add("name", now)
            let.append(now)
    for first, begin in enumerate(let):
        for last in range(first, len(let)):
            assert last - first + 1 <= most + (let[last] - begin) * most / seconds + 1e-6
