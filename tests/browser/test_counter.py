"""The counter of the page and the server count alike."""

import unicodedata
from random import Random
from typing import Any, Final

from smstob.model.account import Characters
from smstob.model.alphabet import basic_characters, extension_characters
from smstob.model.segment import measure
from smstob.model.text import clean, for_sending

from .person import Person

LIMITS: Final = (0, 1, 66, 67, 68, 70, 71, 133, 134, 135, 152, 153, 154, 159, 160, 161, 305, 306, 307, 458, 459, 460)
ALPHABETS: Final = {
    "basic": basic_characters(),
    "extension": basic_characters() + extension_characters() * 8,
    "french": "Être à l'heure, çà et là : œuf, « naïveté », 12 °C, n° 3… – 1½ – ’ \u00a0\u202f€",
    "emoji": "Bonjour 😀👍🏽👨‍👩‍👧❤️ à tous 🇫🇷 1️⃣",
    "cyrillic": "Привет, Ωμέγα δοκιμή שלום مرحبا 你好",
    "odd": "\t\r\n\x85\u2028\u200b\ufeff\xad\x00\x1f\x7fﬁＡ𝐀№ẞ⅓①e\u0301",
    "everything": "".join(chr(code) for code in range(0x20, 0x3000) if unicodedata.category(chr(code)) != "Cn"),
}


def some_texts() -> list[str]:
    """Texts at every limit, of every alphabet, and mixed ones."""
    random = Random(3)
    texts = [
        "".join(random.choices(letters, k=length)) for letters in ALPHABETS.values() for length in LIMITS
    ]
    texts += [("a" * length + letter) for length in LIMITS for letter in "€😀ê\n"]
    for _ in range(400):
        letters = "".join(random.sample(list(ALPHABETS.values()), 2))
        texts.append("".join(random.choices(letters, k=random.randrange(1, 400))))
    return texts


COUNT: Final = """async ([texts, adapts]) => {
    const compose = document.querySelector('script[src$="compose.js"]').src;
    const { forSending, measure } = await import(compose.replace("compose.js", "segment.js"));
    return texts.map((text) => {
        const sent = forSending(text, adapts);
        const { coding, length, segments } = measure(sent);
        return [sent, coding, length, segments];
    });
}"""


def counted_here(texts: list[str], characters: Characters) -> list[list[Any]]:
    """What the server makes of them."""
    counted = []
    for text in texts:
        sent = for_sending(clean(text), characters)
        measured = measure(sent)
        counted.append([sent, measured.coding.value, measured.length, measured.segments])
    return counted


def test_counter_agrees_with_the_server(person: Person) -> None:
    """Of more than 500 texts: what is sent, in which coding, how long, in how many SMS; adapted and as they are."""
    texts = some_texts()
    assert len(set(texts)) > 500
    person.log_in(person.daemon.provision()).go("/envoyer")
    for characters in Characters:
        told = person.page.evaluate(COUNT, [texts, characters is Characters.ADAPT])
        assert told == counted_here(texts, characters)


def test_counter_is_shown(person: Person) -> None:
    """While one types: length, SMS, what is left; special characters and what is too long are told."""
    person.log_in(person.daemon.provision()).go("/envoyer")
    counter = person.page.locator("#compte")
    person.page.fill("#message", "a" * 161)
    assert "161 · 2 SMS" in counter.inner_text()
    assert "145 caractères restants" in counter.inner_text()
    person.page.fill("#message", "Ça va 😀")
    assert "70 par SMS" in counter.inner_text()
    person.page.fill("#message", "Fête")
    assert "sera adapté" in counter.inner_text()
    assert person.page.locator("#bulle").inner_text() == "Fete"
    person.page.fill("#message", "a" * 1000)
    assert "trop long" in counter.inner_text()
