"""The configuration of money: prices read exactly, ways to pay, who sells; every mistake by its key."""

from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstob.model.company import Company
from smstob.model.invoice import Seller
from smstob.model.price import PRICES, PriceList, Tier
from smstob.model.terms import Terms
from smstob.settings import Audiotel, SettingsError
from smstob.till import payment_makers
from tests.configurations import COMPANY, MINIMAL, PAYMENT_MAKERS, keys, mistakes, read, toml

CHEQUE: Final = '[payments.cheque]\ntype = "cheque"\n'
NEEDED: Final = ["company.name", "company.address", "company.postcode", "company.city", "company.siren"]
SECRET: Final = "0123456789abcdef"


def said(**company: str) -> str:
    """A section of a company, as ``COMPANY`` but for those."""
    return "[company]\n" + toml({**COMPANY, **company})


def priced(prices: str) -> str:
    """A good file with these prices."""
    return f"{MINIMAL}[billing.prices]\n{prices}\n"


def test_nothing_said() -> None:
    """Without a word on money nothing is sold; the prices are there all the same, for who adds a payment."""
    settings = read(MINIMAL)
    assert settings.billing == Terms(prices=PRICES, vat_rate=2000, franchise=False, vat_on_debits=False)
    assert (settings.payments, settings.audiotel, settings.web.operators) == ((), Audiotel(), ())


def test_all_said() -> None:
    """What is written is what the rooms get."""
    settings = read(
        "[web]\noperators = ['Chef@Exemple.fr', ' chef@exemple.fr', 'autre@exemple.fr']\n"
        f"{MINIMAL}{said(legal_form='SARL', phone='02 99 00 00 00')}"
        "[billing]\nvat_rate = 8.5\nvat_on_debits = true\n[billing.prices]\n1000 = 0.1\n10 = 1\n"
        f'[payments.b]\ntype = "test"\n[payments.a]\ntype = "cheque"\nsettings = {{payee = "Moi"}}\n'
        f'[audiotel]\nnumber = "0 899 12 34 56"\nprice = "2,99 € l\'appel"\nsecret = "{SECRET}"\n'
        'addresses = ["192.0.2.7"]\n'
    )
    assert settings.web.operators == ("chef@exemple.fr", "autre@exemple.fr")
    prices = PriceList((Tier(10, 1000), Tier(1000, 100)))
    assert settings.billing == Terms(prices=prices, vat_rate=850, vat_on_debits=True)
    test, cheque = settings.payments
    assert (test.name, test.type, test.maker) == ("b", "test", PAYMENT_MAKERS["test"])
    assert (cheque.name, cheque.type, cheque.settings) == ("a", "cheque", {"payee": "Moi", "address": ""})
    assert settings.audiotel.addresses == ("192.0.2.7",)
    assert settings.seller == Seller(
        name="Essai SARL",
        legal_form="SARL",
        address="1 rue de l'Essai",
        postcode="35000",
        city="Rennes",
        siren="123456782",
        vat_number="FR11123456782",
        phone="02 99 00 00 00",
        vat_on_debits=True,
    )


def test_secrets_are_not_shown() -> None:
    """Neither the provider's keys nor the call-back's secret are in what may be logged."""
    settings = read(
        f'{MINIMAL}{said()}[payments.carte]\ntype = "stripe"\nsettings = {{key = "{SECRET}", webhook_secret = "s"}}\n'
        f'[audiotel]\nnumber = "3000"\nprice = "1 €"\nsecret = "{SECRET}"\n'
    )
    assert settings.payments[0].settings["key"] == settings.audiotel.secret == SECRET
    assert SECRET not in repr(settings) + str(settings)


@given(tenths=st.integers(1, 100_000), credits_=st.integers(1, 10_000_000))
def test_prices_are_exact(tenths: int, credits_: int) -> None:
    """Every price to the tenth of a cent is what was typed, though TOML reads it as a binary fraction."""
    typed = Decimal(tenths) / 1000
    assert read(priced(f"{credits_} = {typed:f}")).billing.prices.tiers == (Tier(credits_, tenths),)


@given(hundredths=st.integers(1, 10_000))
def test_rates_are_exact(hundredths: int) -> None:
    """Likewise each rate to the hundredth of a percent."""
    typed = Decimal(hundredths) / 100
    assert read(f"[billing]\nvat_rate = {typed:f}\n{MINIMAL}").billing.vat_rate == hundredths


@pytest.mark.parametrize(
    ("prices", "named"),
    [
        ("500 = 0.17\n100 = 0.17", ["500"]),
        ("100 = 0.17\n500 = 0.18\n1000 = 0.1\n2000 = 0.1", ["500", "2000"]),
        ("100 = 0.1905", ["100"]),
        ("100 = 0.19\n500 = 0.1234", ["500"]),
        ("100 = 0", ["100"]),
        ("100 = -0.19", ["100"]),
        ("100 = nan", ["100"]),
        ("100 = inf", ["100"]),
        ("100 = 100.001", ["100"]),
        (f"100 = 1{'0' * 400}", ["100"]),
        ("100 = '0.19'", ["100"]),
        ("100 = '0,19'\n200 = 0.5", ["100"]),
        ("100 = true", ["100"]),
        ("100 = [0.19]", ["100"]),
        ("100.5 = 0.19", ["100"]),
        ("0 = 0.19", ["0"]),
        ("-100 = 0.19", ["-100"]),
        ("0100 = 0.19", ["0100"]),
        ("1_000 = 0.19", ["1_000"]),
        ("'1 000' = 0.19", ['"1 000"']),
        ("'١٠٠' = 0.19", ['"١٠٠"']),
        ("cent = 0.19", ["cent"]),
        ("10000001 = 0.19", ["10000001"]),
        (f"{'9' * 30} = 0.19", ["9" * 30]),
        ("100 = 0.19\n100 = 0.18", []),
    ],
)
def test_bad_prices(prices: str, named: list[str]) -> None:
    """Each price that cannot be is told by its key, and no other."""
    if not named:
        assert "ce n'est pas du TOML" in mistakes(priced(prices))[0]
    else:
        assert keys(priced(prices)) == [f"billing.prices.{key}" for key in named]


@pytest.mark.parametrize(
    ("addition", "named"),
    [
        *(
            (f"[billing]\nvat_rate = {rate}", ["billing.vat_rate"])
            for rate in ("10.123", "0", "-20", "100.01", "nan", "inf", "1" + "0" * 400, "'20'", "true", "20.0000001")
        ),
        ("[billing]\nfranchise = 1", ["billing.franchise"]),
        ("[billing]\nvat_on_debits = 'oui'", ["billing.vat_on_debits"]),
        ("[billing]\nfranchise = true\nvat_on_debits = true", ["billing.vat_on_debits"]),
        ("[billing]\nvat = 20", ["billing.vat"]),
        ("[billing.prices]\n'' = 0.19", ["billing.prices"]),
        ("[billing]\nprices = 0.19", ["billing.prices"]),
        ("[billing]\nprices = [0.19]", ["billing.prices"]),
        ("billing = 1", ["billing"]),
        ("payments = 1", ["payments"]),
        ("payments = {carte = 1}", ["payments.carte", "payments.carte.type"]),
        ("[[payments]]\ntype = 'test'", ["payments"]),
        ("[payments.x]", ["payments.x.type"]),
        ("[payments.x]\ntype = 'paypal'", ["payments.x.type"]),
        ("[payments.x]\ntype = ''", ["payments.x.type"]),
        ("[payments.x]\ntype = 'test'\nkey = 'k'", ["payments.x.key"]),
        ("[payments.x]\ntype = 'test'\nsettings = {key = 'k'}", ["payments.x.settings.key"]),
        ("[payments.x]\ntype = 'test'\nsettings = 1", ["payments.x.settings"]),
        ("[payments.'a b']\ntype = 'test'", ['payments."a b"']),
        ("[payments.été]\ntype = 'test'".replace("été", "'été'"), ['payments."été"']),
        (f"[payments.{'a' * 41}]\ntype = 'test'", [f"payments.{'a' * 41}"]),
        ("[payments.operator]\ntype = 'test'", ["payments.operator"]),
        ("[payments.x]\ntype = 'broken'\nsettings = {key = 'k'}", ["payments.x.settings"]),
        ("[company]\nemail = 'nous'", ["company.email"]),
        ("[company]\nsiren = '123 456 789'", ["company.siren"]),
        ("[company]\nsiren = 'neuf'", ["company.siren"]),
        ("[company]\nsiren = 123456782", ["company.siren"]),
        ("[company]\nvat_number = 'FR12123456782'", ["company.vat_number"]),
        ("[company]\nvat_number = 'DE136695976'", ["company.vat_number"]),
        ("[company]\nsiren = '732829320'\nvat_number = 'FR11123456782'", ["company.vat_number"]),
        ("[company]\npostcode = '3500'", ["company.postcode"]),
        ("[company]\npostcode = '٣٥٠٠٠'", ["company.postcode"]),
        ("[company]\ncountry = 'France'", ["company.country"]),
        ("[company]\ncountry = 'BE'", ["company.country"]),
        ("[company]\ncountry = 'é1'", ["company.country"]),
        (f"[company]\nname = '{'n' * 121}'", ["company.name"]),
        ("[company]\naddress = 'a\\nb\\nc\\nd\\ne'".replace("'", '"'), ["company.address"]),
        ("[company]\nzip = '35000'", ["company.zip"]),
        ("[web]\noperators = 'chef@exemple.fr'", ["web.operators"]),
        ("[web]\noperators = ['chef']", ["web.operators"]),
        ("[web]\noperators = ['', 'chef@', 'le chef@exemple.fr', 'chef@exemple.fr']", ["web.operators"] * 3),
        ("[web]\noperators = [1]", ["web.operators"]),
        ("[audiotel]\nnumber = '3000'", ["audiotel.price", "audiotel.secret"]),
        (f"[audiotel]\nsecret = '{SECRET}'", ["audiotel.number", "audiotel.price"]),
        (
            "[audiotel]\nnumber = 3000\nprice = '1 €'\nsecret_file = 'absent'",
            ["audiotel.number", "audiotel.secret_file"],
        ),
        (f"[audiotel]\nnumber = 'appelez'\nprice = 'x'\nsecret = '{SECRET}'", ["audiotel.number"]),
        (f"[audiotel]\nnumber = '{'0' * 25}'\nprice = 'x'\nsecret = '{SECRET}'", ["audiotel.number"]),
        (f"[audiotel]\nnumber = '3000'\nprice = '{'x' * 121}'\nsecret = '{SECRET}'", ["audiotel.price"]),
        ("[audiotel]\nnumber = '3000'\nprice = '1 €'\nsecret = 'court'", ["audiotel.secret"]),
        ("[audiotel]\nnumber = ' '\nprice = ''", ["audiotel.number", "audiotel.price"]),
        ("[audiotel]\naddresses = ['partout', '192.0.2.1/24']", ["audiotel.addresses"] * 2),
        ("audiotel = []", ["audiotel"]),
    ],
)
def test_mistake_names_its_key(addition: str, named: list[str]) -> None:
    """A good file with one bad thing added is refused for that, by its whole key, and for nothing else."""
    assert keys(f"{addition}\n{MINIMAL}") == named


def test_secrets_are_not_in_mistakes() -> None:
    """A secret that is too short, or that a maker failed on, is not repeated."""
    told = mistakes(
        f"{MINIMAL}[payments.x]\ntype = 'broken'\nsettings = {{key = 'hunter2'}}\n"
        "[audiotel]\nnumber = '3000'\nprice = '1 €'\nsecret = 'hunter2'\n"
    )
    assert len(told) == 2
    assert all("hunter2" not in line for line in told)


def test_who_is_paid_says_who_he_is() -> None:
    """A cheque, a transfer, a card need an invoice, and an invoice its seller; the test provider does not."""
    assert keys(MINIMAL + CHEQUE) == [*NEEDED, "company.vat_number"]
    assert keys(f"{MINIMAL}{CHEQUE}[billing]\nfranchise = true\n") == NEEDED
    assert keys(MINIMAL + CHEQUE + said(city=" ")) == ["company.city"]
    assert read(f'{MINIMAL}[payments.essai]\ntype = "test"\n').company == Company()
    franchise = f"{MINIMAL}{CHEQUE}[billing]\nfranchise = true\n{said(vat_number='')}"
    assert read(franchise).seller.vat_number == ""


def test_wrong_seller_is_told_once() -> None:
    """What is given and wrong does not lack as well."""
    wrong: dict[str, Any] = {"postcode": 35000, "siren": "1", "vat_number": ["FR"]}
    company = "[company]\n" + toml({**COMPANY, **wrong})
    assert sorted(keys(MINIMAL + CHEQUE + company)) == ["company.postcode", "company.siren", "company.vat_number"]


def test_address_of_the_seat() -> None:
    """Street and town make the address of the legal pages; what lacks leaves no empty line."""
    assert (
        read(MINIMAL + said(address="Tour A\\n  1  rue B ".replace("\\n", "\n"))).company.seat
        == "Tour A\n1 rue B\n35000 Rennes"
    )
    assert Company(city="Rennes").seat == "Rennes"
    assert Company().seat == ""


@pytest.mark.parametrize(("country", "postcode"), [("mc", "98000"), ("RE", "97400"), ("FR", "97400"), ("", "35000")])
def test_parts_of_france(country: str, postcode: str) -> None:
    """The service is sold from France, Monaco, or overseas."""
    assert read(MINIMAL + said(country=country, postcode=postcode)).company.country == (country.upper() or "FR")


@pytest.mark.parametrize("iban", ["FR7630006000011234567890188", "FR76", "FR76 3000 6000 0112", "", "é" * 27])
def test_wrong_iban(iban: str) -> None:
    """The module that is shipped looks at the account that money is sent to."""
    virement = "[payments.virement]\ntype = 'transfer'\n[payments.virement.settings]\nholder = 'Moi'\n"
    good = f"{MINIMAL}{said()}{virement}iban = 'FR76 3000 6000 0112 3456 7890 189'\n"
    assert read(good, payment_makers=payment_makers()).payments[0].settings.iban == "FR7630006000011234567890189"
    with pytest.raises(SettingsError) as refused:
        read(f"{MINIMAL}{said()}{virement}iban = '{iban}'\n", payment_makers=payment_makers())
    assert [line.partition(" : ")[0] for line in refused.value.mistakes] == ["payments.virement.settings.iban"]


def test_free_credits_are_not_for_the_public() -> None:
    """The provider that asks for no money does not stand on a site that everybody sees."""
    free = f'[payments.essai]\ntype = "test"\n{MINIMAL}'
    assert keys(f'[service]\nbase_url = "https://sms.exemple.fr"\n{free}') == ["payments.essai.type"]
    assert read(f'[service]\nbase_url = "http://localhost:8080"\n{free}').payments[0].name == "essai"
