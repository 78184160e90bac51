"""Prices: tiers that fall, whole cents, halves up; and the tax on top."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstob.model.price import PRICES, PriceList, Tier, rounded
from smstob.model.vat import Taxation, taxation, taxed


@pytest.mark.parametrize(
    ("credits", "cents"), [(100, 1900), (101, 1919), (499, 9481), (500, 8500), (999, 16983), (20_000, 210_000), (1, 19)]
)
def test_net(credits: int, cents: int) -> None:
    """The brochure's: from 19.00 € for 100 to 10.5 cents each."""
    assert PRICES.net(credits) == cents


@pytest.mark.parametrize(("credits", "better"), [(447, None), (448, 500), (499, 500), (500, None), (20_000, None)])
def test_better(credits: int, better: int | None) -> None:
    """More for less, where the next tier's least quantity costs no more."""
    found = PRICES.better(credits)
    assert (None if found is None else found.credits) == better


@given(st.integers(1, 10**9), st.integers(1, 10**6))
def test_rounded(amount: int, divisor: int) -> None:
    """As accountants round."""
    exact = (Decimal(amount) / Decimal(divisor)).quantize(Decimal(1), ROUND_HALF_UP)
    assert rounded(amount, divisor) == int(exact)


@pytest.mark.parametrize(
    "tiers",
    [
        (),
        (Tier(0, 190),),
        (Tier(100, 0),),
        (Tier(100, 190), Tier(100, 180)),
        (Tier(100, 190), Tier(200, 190)),
        (Tier(200, 190), Tier(100, 180)),
    ],
)
def test_no_price_list(tiers: tuple[Tier, ...]) -> None:
    """Ever more, each for ever less."""
    with pytest.raises(ValueError, match="credits"):
        PriceList(tiers)


@given(st.integers(0, 10**12), st.integers(0, 10_000))
def test_tax(net: int, rate: int) -> None:
    """On the sum, halves up; gross is both together."""
    found = taxed(net, rate, Taxation.STANDARD)
    exact = (Decimal(net) * rate / 10_000).quantize(Decimal(1), ROUND_HALF_UP)
    assert (found.vat, found.gross) == (int(exact), net + int(exact))
    for case in (Taxation.FRANCHISE, Taxation.REVERSE_CHARGE, Taxation.OUTSIDE):
        assert (taxed(net, rate, case).vat, taxed(net, rate, case).rate) == (0, 0)


@pytest.mark.parametrize(
    ("country", "business", "case"),
    [
        ("FR", True, Taxation.STANDARD),
        ("MC", True, Taxation.STANDARD),
        ("GP", True, Taxation.STANDARD),
        ("DE", False, Taxation.STANDARD),
        ("DE", True, Taxation.REVERSE_CHARGE),
        ("GB", True, Taxation.OUTSIDE),
        ("GB", False, Taxation.STANDARD),
    ],
)
def test_cases(country: str, business: bool, case: Taxation) -> None:
    """By where who buys is; in franchise there is one case alone."""
    assert taxation(franchise=False, country=country, business=business) is case
    assert taxation(franchise=True, country=country, business=business) is Taxation.FRANCHISE
