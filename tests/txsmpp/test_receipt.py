"""Receipts of SMPP 3.4 Appendix B as operators write them, and what only looks like one."""

import time
from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from txsmpp import receipt
from txsmpp.receipt import MessageState, Receipt

S = MessageState
NAIVE = datetime.fromisoformat
DONE = NAIVE("2026-09-05T14:31")
DONE_12 = NAIVE("2026-09-05T14:31:45")
MARKED, INTERMEDIATE, BARE = 0x04, 0x20, 0x00
DATES = "submit date:2609051430 done date:2609051431"
USUAL = f"id:123 sub:001 dlvrd:001 {DATES} stat:DELIVRD err:000 text:Hello"
THE_USUAL = Receipt("123", S.DELIVERED, "000", DONE)

# name: the text of a marked receipt and what it says. Sources: SMPP 3.4 Appendix B; threads of GitHub by their number;
# the operators' own pages for those that are named.
SHAPES = {
    "standard": (USUAL, THE_USUAL),
    "an id of ten digits": (USUAL.replace("123", "0123456789"), THE_USUAL._replace(id="0123456789")),
    "Text with a capital": (USUAL.replace("text", "Text"), THE_USUAL),
    "line break inside done date, as the standard prints it": (USUAL.replace("done ", "done\n"), THE_USUAL),
    "capitals at each key": (USUAL.title(), THE_USUAL),
    "all in capitals": (USUAL.upper(), THE_USUAL),
    "all in small letters": (USUAL.lower(), THE_USUAL),
    "LINK: sub and dlvrd 000, no text": (f"id:e7 sub:000 dlvrd:000 {DATES} stat:DELIVRD err:000 text:",
                                         Receipt("e7", S.DELIVERED, "000", DONE)),
    "jsmpp #67, #62, CM, Jasmin: neither sub nor dlvrd": (f"id:0654354026 {DATES} stat:DELIVRD err:000",
                                                          Receipt("0654354026", S.DELIVERED, "000", DONE)),
    "Infobip: no text": (f"id:4 sub:001 dlvrd:000 {DATES} stat:ENROUTE err:000", Receipt("4", S.ENROUTE, "000", DONE)),
    "Vonage: FAILED": (f"id:2a1f sub:001 dlvrd:000 {DATES} stat:FAILED err:051 text:none",
                       Receipt("2a1f", S.UNDELIVERABLE, "051", DONE)),
    "jasmin #70, Clickatell: dates with seconds": (
        "id:a29f sub:001 dlvrd:001 submit date:260905143012 done date:260905143145 stat:DELIVRD err:000 text:",
        Receipt("a29f", S.DELIVERED, "000", DONE_12)),
    "jasmin #195: UUID, dates with a century": (
        "id:c87c2273-7edb-4bc7-8d3a-7f57f21b625e submit date:201506201641 done date:201506201641 stat:DELIVRD err:000",
        Receipt("c87c2273-7edb-4bc7-8d3a-7f57f21b625e", S.DELIVERED, "000", NAIVE("2015-06-20T16:41"))),
    "jasmin #447: a done date of noughts": (USUAL.replace("2609051431", "0000000000"), THE_USUAL._replace(done=None)),
    "jasmin #418: SAR in the id": (USUAL.replace("123", "SAR-2347039245475-1eedf843-2-1"),
                                   THE_USUAL._replace(id="SAR-2347039245475-1eedf843-2-1")),
    "smppex #46: dates of §7.1.1": (
        "id:rdwj sub:000 dlvrd:000 submit date:180711070003912+ done date:180711070000012+ stat:UNDELIV err:000",
        Receipt("rdwj", S.UNDELIVERABLE, "000", NAIVE("2018-07-11T07:00"))),
    "a UNIX time for a date": (USUAL.replace("2609051431", "1590075164"), THE_USUAL._replace(done=None)),
    "ISO dates, not read": ("id:8 submit date:2026-09-05 14:30:00 done date:2026-09-05 14:31:00 stat:DELIVERED err:600 "
                            "TEXT:", Receipt("8", S.DELIVERED, "600")),
    "14 digits": (USUAL.replace("2609051431", "20260905143145"), THE_USUAL._replace(done=DONE_12)),
    "node-smpp #77: short counts, USSD": (f"id:45013692 sub:0 dlvrd:28 {DATES} stat:UNDELIV err:21 Text:*100#",
                                          Receipt("45013692", S.UNDELIVERABLE, "21", DONE)),
    "smpplib #90: a hexadecimal id": (USUAL.replace("123", "6C7C7DE28BB3"), THE_USUAL._replace(id="6C7C7DE28BB3")),
    "php-smpp #29: a blank after the colon": (USUAL.replace("err:000", "err: 0"), THE_USUAL._replace(error="0")),
    "padded fields": (USUAL.replace(":", ": "), THE_USUAL),
    "blanks around the colon": (USUAL.replace(":", " : "), THE_USUAL),
    "blanks doubled": (USUAL.replace(" ", "  "), THE_USUAL),
    "OMK: two ids, the first counts": (f"ID:149994-1165 STAT:Delivered id:28d2e34e dlvrd:001 {DATES} err:000 text:1",
                                       Receipt("149994-1165", S.DELIVERED, "000", DONE)),
    "vumi: dots for numbers": (f"id:foo sub:... dlvrd:... {DATES} stat:FAILED err:042 text:Meep",
                               Receipt("foo", S.UNDELIVERABLE, "042", DONE)),
    "lines": (USUAL.replace(" sub", "\nsub").replace(" stat", "\r\nstat").replace(" text", "\ntext"), THE_USUAL),
    "every field on its line": (USUAL.replace(" ", "\n"), THE_USUAL),
    "tabs": (USUAL.replace(" s", "\ts").replace(" err", "\terr"), THE_USUAL),
    "semicolons": (USUAL.replace(" s", ";s").replace(" err", ";err"), THE_USUAL),
    "semicolons and blanks": (USUAL.replace(" s", "; s").replace(" err", "; err"), THE_USUAL),
    "commas": (USUAL.replace(" s", ",s").replace(" err", ",err"), THE_USUAL),
    "bars": (USUAL.replace(" s", "|s").replace(" err", "|err"), THE_USUAL),
    "a query string": ("id=123&stat=DELIVRD&err=000&done_date=2609051431", THE_USUAL),
    "equal signs": (USUAL.replace(":", "="), THE_USUAL),
    "submit_date and done_date": (USUAL.replace(" date", "_date"), THE_USUAL),
    "submitdate and donedate": (USUAL.replace(" date", "date"), THE_USUAL),
    "dates run together": (USUAL.replace(" done", "done"), THE_USUAL._replace(done=None)),
    "status": (USUAL.replace("stat", "status"), THE_USUAL),
    "state": (USUAL.replace("stat", "state"), THE_USUAL),
    "error": (USUAL.replace("err", "error"), THE_USUAL),
    "error code": (USUAL.replace("err", "error code"), THE_USUAL),
    "message_id": (USUAL.replace("id", "message_id", 1), THE_USUAL),
    "msgid": (USUAL.replace("id", "msgid", 1), THE_USUAL),
    "id and state only": ("id:123 stat:DELIVRD", Receipt("123", S.DELIVERED)),
    "state first": ("stat:DELIVRD err:000 done date:2609051431 dlvrd:001 sub:001 id:123 text:", THE_USUAL),
    "no id": (USUAL.removeprefix("id:123 "), THE_USUAL._replace(id="")),
    "an empty id": (USUAL.replace("123", ""), THE_USUAL._replace(id="")),
    "no state": (USUAL.replace("stat:DELIVRD ", ""), THE_USUAL._replace(state=S.UNKNOWN)),
    "an empty state": (USUAL.replace("DELIVRD", ""), THE_USUAL._replace(state=S.UNKNOWN)),
    "an empty error": (USUAL.replace("000", ""), THE_USUAL._replace(error="")),
    "an unknown field between": (USUAL.replace("stat", "mcc:208 op='x y' stat"), THE_USUAL),
    "a foreword": ("DLR: " + USUAL, THE_USUAL),
    "a quoted id": (USUAL.replace("123", '"123"'), THE_USUAL),
    "all quoted": ("id='123' stat='DELIVRD' err='000' done date='2609051431'", THE_USUAL),
    "an id of letters": (USUAL.replace("123", "a/b_c.d:e+f==#@"), THE_USUAL._replace(id="a/b_c.d:e+f==#@")),
    "an id that looks like a key": (USUAL.replace("123", "stat:9"), THE_USUAL._replace(id="stat:9")),
    "noughts before the id": (USUAL.replace("123", "0000123"), THE_USUAL._replace(id="0000123")),
    "Telesign: a hexadecimal error": (USUAL.replace("err:000", "err:4A6"), THE_USUAL._replace(error="4A6")),
    "err:0x1A": (USUAL.replace("err:000", "err:0x1A"), THE_USUAL._replace(error="0x1A")),
    "err:12-3": (USUAL.replace("err:000", "err:12-3"), THE_USUAL._replace(error="12-3")),
    "err:-1": (USUAL.replace("err:000", "err:-1"), THE_USUAL._replace(error="-1")),
    "err:0000": (USUAL.replace("err:000", "err:0000"), THE_USUAL._replace(error="0000")),
    "text claims another end": (USUAL + " id:1 stat:UNDELIV err:7 done date:2001010000", THE_USUAL),
    "text alone names an end": ("id:123 text:stat:UNDELIV err:7", Receipt("123", S.UNKNOWN)),
    "text first hides all": ("text:id:1 stat:UNDELIV " + USUAL, Receipt("", S.UNKNOWN)),
    "a NUL at the end, as a jasmin test has it": (f"id:123 {DATES} stat:DELIVRD err:000\0", THE_USUAL),
    "NULs between": (USUAL.replace(" sub", "\0sub").replace(" err", "\0err"), THE_USUAL),
    "a user data header in front": ("\x05\0\x03\x07\x02\x01" + USUAL, THE_USUAL),
    "UCS-2 with its mark, and without": ("\xfe\xff" + USUAL.encode("utf-16-be").decode("latin-1"), THE_USUAL),
    "UCS-2, vumi #635": (USUAL.encode("utf-16-be").decode("latin-1"), THE_USUAL),
    "UCS-2, the other byte order": (USUAL.encode("utf-16").decode("latin-1"), THE_USUAL),
    "UCS-2 with a text of cyrillic": ((USUAL + "Привет, мир").encode("utf-16-be").decode("latin-1"), THE_USUAL),
    "latin-1 in id and text": (USUAL.replace("123", "é\xa0ÿ") + "é", THE_USUAL._replace(id="é\xa0ÿ")),
    "nothing": ("", Receipt("", S.UNKNOWN)),
    "words": ("Your message has been delivered.", Receipt("", S.UNKNOWN)),
}  # fmt: skip

WORDS = {
    S.SCHEDULED: "SCHEDLD SCHEDULED 0",
    S.ENROUTE: "ENROUTE enroute BUFFRED BUFFERED QUEUED PENDING SUBMITTED 1",
    S.DELIVERED: "DELIVRD delivrd Delivrd DELIVERED DELIVERD DLVRD 2",
    S.EXPIRED: "EXPIRED expired EXPIRD 3",
    S.DELETED: "DELETED CANCELED CANCELLED 4",
    S.UNDELIVERABLE: "UNDELIV UNDELIVERABLE UNDELIVERED UNDELIVR FAILED FAILURE FAIL SYSERR NOCRED 5",
    S.ACCEPTED: "ACCEPTD ACCEPTED ACKED 6",
    S.UNKNOWN: "UNKNOWN unknown 7 FOO DELIVRDX 10 -1 2.0 0x2 ² ٢ é",
    S.REJECTED: "REJECTD REJECTED 8",
    S.SKIPPED: "SKIPPED SKIPPD 9",
}


def read(text: str, esm_class: int = MARKED, *tlvs: tuple[int, bytes]) -> Receipt | None:
    """What parse makes of that text, each character an octet."""
    return receipt.parse(esm_class, text.encode("latin-1"), tlvs)


@pytest.mark.parametrize("name", SHAPES)
def test_shapes(name: str) -> None:
    """Every shape of the table, marked by esm_class as a receipt, says what the table says."""
    text, expected = SHAPES[name]
    assert read(text) == expected


@pytest.mark.parametrize("state", S)
def test_words_for_states(state: MessageState) -> None:
    """Each word and number for a state is read in every shape; those of no state are UNKNOWN, and not raised."""
    for word in WORDS[state].split():
        for text in (USUAL.replace("DELIVRD", word), f"stat:{word} id:123"):
            found = receipt.parse(MARKED, text.encode(), ())
            assert found is not None
            assert (found.id, found.state) == ("123", state), word


def test_what_is_final() -> None:
    """A state that a later receipt may change is not; an intermediate notification never is."""
    final = {state for state in S if Receipt("1", state).is_final}
    assert final == {S.DELIVERED, S.EXPIRED, S.DELETED, S.UNDELIVERABLE, S.REJECTED, S.SKIPPED}
    assert not any(Receipt("1", state, intermediate=True).is_final for state in S)


@pytest.mark.parametrize("esm_class", range(256))
def test_esm_class(esm_class: int) -> None:
    """Bits 5-2 alone decide: a receipt, an intermediate one, both; those of a handset's own reports are no receipt."""
    kind = esm_class & 0x3C
    found = read(USUAL, esm_class)
    assert found == (THE_USUAL._replace(intermediate=kind == INTERMEDIATE) if kind in (0, 4, 0x20, 0x24) else None)


ID, DELIVERED, NETWORK = (0x001E, b"abc\0"), (0x0427, b"\x02"), (0x0423, b"\x03\x01\x0b")


@pytest.mark.parametrize(
    ("text", "esm_class", "tlvs", "expected"),
    [
        ("", MARKED, [ID, DELIVERED], Receipt("abc", S.DELIVERED)),
        ("", BARE, [ID, DELIVERED], Receipt("abc", S.DELIVERED)),
        ("Delivered!", BARE, [(0x1403, b"x"), DELIVERED, ID], Receipt("abc", S.DELIVERED)),
        ("", INTERMEDIATE, [ID, (0x0427, b"\x01")], Receipt("abc", S.ENROUTE, intermediate=True)),
        ("", MARKED, [ID], Receipt("abc", S.UNKNOWN)),
        ("", MARKED, [DELIVERED], Receipt("", S.DELIVERED)),
        ("", MARKED, [ID, DELIVERED, NETWORK], Receipt("abc", S.DELIVERED, "267")),
        ("", MARKED, [(0x0423, b"\x03\0\0")], Receipt("", S.UNKNOWN, "0")),
        # The TLVs first, each for itself; the text's own error code.
        (USUAL.replace("DELIVRD", "UNDELIV"), MARKED, [ID, DELIVERED, NETWORK], THE_USUAL._replace(id="abc")),
        (USUAL.replace("DELIVRD", "UNDELIV"), MARKED, [DELIVERED], THE_USUAL),
        (USUAL, MARKED, [ID], THE_USUAL._replace(id="abc")),
        (USUAL.replace("err:000", "err:"), MARKED, [NETWORK], THE_USUAL._replace(error="267")),
        # Telesign: SKIPPED, which the text has no word for. UNKNOWN and states unheard of leave the text its say.
        (USUAL.replace("DELIVRD", "UNKNOWN"), MARKED, [(0x0427, b"\x09")], THE_USUAL._replace(state=S.SKIPPED)),
        (USUAL, MARKED, [(0x0427, b"\x07")], THE_USUAL),
        (USUAL, MARKED, [(0x0427, b"\x63")], THE_USUAL),
        ("", BARE, [ID, (0x0427, b"\x63")], Receipt("abc", S.UNKNOWN)),
        ("", MARKED, [(0x0427, b"\0")], Receipt("", S.SCHEDULED)),
        ("", MARKED, [(0x0427, b"\0\0\0\x02")], Receipt("", S.DELIVERED)),
        # Broken TLVs say nothing.
        (USUAL, MARKED, [(0x001E, b""), (0x0427, b""), (0x0423, b"")], THE_USUAL),
        (USUAL, MARKED, [(0x001E, b" \0\0 "), (0x0427, b"\xff" * 9)], THE_USUAL),
        ("", MARKED, [(0x0423, b"\x03\x01"), (0x0423, b"\x03\0\0\0\x01")], Receipt("", S.UNKNOWN)),
        ("", MARKED, [(0x001E, b" a b\t\r\n\0\0")], Receipt("a b", S.UNKNOWN)),
        ("", MARKED, [(0x001E, b"abc \0garbage\0")], Receipt("abc", S.UNKNOWN)),
        ("", MARKED, [(0x001E, b"\xe9\xff")], Receipt("\xe9\xff", S.UNKNOWN)),
        # Not marked, and one TLV of the two is not enough.
        ("Yes", BARE, [ID], None),
        ("Yes", BARE, [DELIVERED], None),
        ("Yes", BARE, [(0x001E, b"\0"), DELIVERED], None),
        ("", 0x08, [ID, DELIVERED], None),
        ("", 0x10, [ID, DELIVERED], None),
        ("", 0x18, [ID, DELIVERED], None),
        # One TLV and the text of a receipt.
        ("id:1 stat:UNDELIV", BARE, [DELIVERED], Receipt("1", S.DELIVERED)),
    ],
)
def test_tlvs(text: str, esm_class: int, tlvs: list[tuple[int, bytes]], expected: Receipt | None) -> None:
    """Id and state of the TLVs before the text's, the error code of the text before the TLV's; either is enough."""
    assert read(text, esm_class, *tlvs) == expected


@pytest.mark.parametrize("name", [
    "standard", "an id of ten digits", "all in capitals", "jsmpp #67, #62, CM, Jasmin: neither sub nor dlvrd",
    "semicolons", "lines", "id and state only", "state first", "UCS-2 with its mark, and without",
    "UCS-2, the other byte order", "a NUL at the end, as a jasmin test has it", "text claims another end",
])  # fmt: skip
def test_receipts_without_a_mark(name: str) -> None:
    """Where esm_class is 0, the receipt's own shape makes it one."""
    text, expected = SHAPES[name]
    assert read(text, BARE) == expected
    assert read(" \r\n" + text, BARE) == expected or "UCS-2" in name


@pytest.mark.parametrize("text", [
    "", " ", "\0", "Yes", "STOP", "id", "id:", "id:5", "stat:DELIVRD", "status: fine", "id: stat:", "id: stat:DELIVRD",
    "id:5 stat:", "id:5 state of mind", "id:5 stat:confused", "id:5 status is unknown", "my id:5 stat:DELIVRD",
    "I want the status: id:5 stat:DELIVRD", "DLR: " + USUAL, "> " + USUAL, "paid:5 stat:DELIVRD",
    "subid:5 stat:DELIVRD", "text:id:5 stat:DELIVRD", "id:5 text:stat:DELIVRD", "id:5 done date:2609051431",
    "Votre identité svp : id:5 stat:DELIVRD", "\x05\0\x03\x07\x02\x01" + USUAL, USUAL.removeprefix("id:123 "),
    "楩㩤".encode("utf-16-be").decode("latin-1"), "id:5 stat:DELIVRD"[::-1],
])  # fmt: skip
def test_replies_are_no_receipts(text: str) -> None:
    """Where esm_class is 0, people's words and mere pieces of a receipt stay messages."""
    assert read(text, BARE) is None


def test_an_unknown_word_without_a_mark() -> None:
    """Beside a done date it is an operator's word, alone it may be anybody's."""
    assert read("id:5 stat:WHATEVER done date:2609051431", BARE) == Receipt("5", S.UNKNOWN, "", DONE)
    assert read("id:5 stat:WHATEVER", BARE) is None


@pytest.mark.parametrize(("text", "expected"), [
    ("2609051431", DONE), ("260905143145", DONE_12), ("20260905143145", DONE_12), ("202609051431", DONE),
    ("200905143145", NAIVE("2020-09-05T14:31:45")), ("260905143145012+", DONE_12), ("260905143145912-", DONE_12),
    ("2402290000", NAIVE("2024-02-29T00:00")), ("0001010000", NAIVE("2000-01-01")),
    ("9912312359", NAIVE("2099-12-31T23:59")), ("19991231235959", NAIVE("1999-12-31T23:59:59")),
])  # fmt: skip
def test_receipt_dates(text: str, expected: datetime) -> None:
    """10, 12, 14 digits and §7.1.1's 16 characters are read as the clock stood, naive."""
    assert receipt.receipt_date(text) == expected


@pytest.mark.parametrize("text", [
    "", "0", "0" * 10, "0" * 12, "0" * 14, "9" * 14, "9" * 70_000,
    "2302290000", "2613051431", "2600051431", "2609311431", "2609052431", "2609051460",
    "260905143160", "260905143", "26090514314", "2609051431450", "1590075164", "2026-09-05",
    "20260905T1431", "2026W36514", " 2609051431", "2609051431 ", "+609051431", "2609051431Z", "260905143145012R",
    "26090514314501²+", "²609051431", "٢٦٠٩٠٥١٤٣١", "26.9051431", "2_09051431", "\ud800" * 10,
])  # fmt: skip
def test_what_is_no_receipt_date(text: str) -> None:
    """None, and nothing raised, for all that the calendar or the format lacks."""
    assert receipt.receipt_date(text) is None


@given(st.datetimes(datetime(2013, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001
def test_receipt_dates_are_read_as_written(moment: datetime) -> None:
    """Each of the five ways to write a moment gives it back, to the minute or the second."""
    minute, second = moment.replace(second=0, microsecond=0), moment.replace(microsecond=0)
    assert receipt.receipt_date(f"{moment:%y%m%d%H%M}") == minute
    assert receipt.receipt_date(f"{moment:%y%m%d%H%M%S}") == second
    assert receipt.receipt_date(f"{moment:%Y%m%d%H%M%S}") == second
    assert receipt.receipt_date(f"{moment:%y%m%d%H%M%S}912-") == second
    assert receipt.receipt_date(f"{moment:%Y%m%d%H%M}") == minute


marks = st.sampled_from([BARE, MARKED, INTERMEDIATE, 0x24, 0x08, 0x44, 0xFF])
pieces = st.sampled_from([
    "id", "ID:", "id=", "stat:", "status:", "err:", "text:", "Text", "done", "date:", "done_date:", "submit", "dlvrd:",
    ":", "=", ";", ",", "'", '"', "|", "DELIVRD", "UNDELIV", "000", "123", "2609051431", "\0", "\n", "\xfe\xff", "é",
    " ", " ", " ",
])  # fmt: skip
texts = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=100).map(lambda text: text.encode("utf-16-be", "surrogatepass")),
    st.lists(pieces, max_size=60).map("".join).map(lambda text: text.encode("latin-1")),
)
tags = st.one_of(st.sampled_from([0x001E, 0x0423, 0x0427]), st.integers(0, 0xFFFF))
tlv_lists = st.lists(st.tuples(tags, st.binary(max_size=70)), max_size=6)


@given(st.one_of(marks, st.integers(0, 255)), texts, tlv_lists)
@example(MARKED, b"id:", [])
@example(MARKED, b"\xfe\xff", [(0x0427, b"")])
def test_no_bytes_raise(esm_class: int, text: bytes, tlvs: list[tuple[int, bytes]]) -> None:
    """Any octets give a receipt of clean fields or None; marked as a receipt, always a receipt."""
    found = receipt.parse(esm_class, text, tlvs)
    if found is None:
        assert esm_class & 0x3C not in (0x04, 0x20, 0x24)
        return
    assert found.id == found.id.strip(" \t\r\n\0")
    assert "\0" not in found.id + found.error
    assert found.state in S
    assert found.done is None or found.done.tzinfo is None


@given(st.binary(max_size=100))
def test_what_follows_text_is_not_read(tail: bytes) -> None:
    """Whatever the sender of the message wrote into it, the receipt says the same."""
    for head in (USUAL, "id:123; text:", "stat:DELIVRD\ntext: "):
        assert receipt.parse(MARKED, head.encode() + tail, ()) == read(head)


words, digits = (st.text(st.sampled_from(some), min_size=1, max_size=16) for some in ("abcXYZ019_", "0123456789"))


@given(st.text(st.characters(max_codepoint=0xFF), max_size=12), digits, words, words)
def test_the_short_cut_reads_as_the_long_way(identity: str, done: str, word: str, error: str) -> None:
    """The expression for the usual shape changes no answer: two blanks in place of one take the long way."""
    usual = f"id:{identity} submit date:{done} done date:{done} stat:{word} err:{error}"
    assert read(usual) == read(usual.replace(" stat", "  stat"))
    assert read(usual + " text:id:9") == read(usual.replace(" stat", "  stat") + " Text:err:9")


HOSTILE = [
    "id ", "id:", "id: ", "id:'", "stat", "stat ", "status : ", "submit ", "submit  date", "done  ", "message ",
    "msg_id", "err:'|&", "text", "text ", " ", "\t", "\0", "\0 ", "a", "1", ":", "=", ";", "'", '"', "|&", "\xfe\xff",
    "\0i\0d\0:",
]  # fmt: skip
STARTS = ["", "id", "id:", "id:1 stat", "id:1 submit date:", "id:1 submit date:1 done date:1 stat:A err:0"]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_takes_linear_time(piece: str) -> None:
    """64 kB made to send an expression back and forth take less than 50 ms, as text and as TLVs."""
    for start in STARTS:
        text = (start + piece * 65_536)[:65_535].encode("latin-1")
        for esm_class in (MARKED, BARE):
            begun = time.process_time()
            receipt.parse(esm_class, text, [(0x001E, text), (0x0427, text), (0x0423, text)])
            assert time.process_time() - begun < 0.05, (start, esm_class)


ids = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF), min_size=1, max_size=64).filter(
    lambda text: not set(text) & {*"\"'&,;|", *map(chr, range(0x7F, 0xA1))}
)
codes = st.from_regex(r"[A-Za-z0-9_]{1,16}", fullmatch=True)
minutes = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)).map(  # noqa: DTZ001
    lambda moment: moment.replace(second=0, microsecond=0)
)


@given(ids, st.sampled_from(S), minutes, minutes, codes, st.binary(max_size=40))
@example("id:1", S.SCHEDULED, DONE, DONE, "0", b"\0" * 20)
def test_what_is_written_is_read(
    identity: str, state: MessageState, submitted: datetime, done: datetime, error: str, text: bytes
) -> None:
    """parse(format(x)) is x, marked or not, whatever the first octets of the message are."""
    written = receipt.format(id=identity, state=state, submitted=submitted, done=done, error=error, text=text)
    assert len(written) <= 200
    assert written.endswith(b" text:" + text[:20])
    for esm_class in (MARKED, BARE):
        assert receipt.parse(esm_class, written, ()) == Receipt(identity, state, error, done)


def test_the_text_of_appendix_b() -> None:
    """The very text of the standard, with dates of ten digits and the first 20 octets of the message."""
    written = receipt.format(
        id="0123456789", state=S.DELIVERED, submitted=DONE, done=DONE_12, text=b"Hello, how are you this morning?"
    )
    assert written == (
        b"id:0123456789 sub:001 dlvrd:001 submit date:2609051431 done date:2609051431 stat:DELIVRD err:000 "
        b"text:Hello, how are you t"
    )
    expired = receipt.format(id="a", state=S.EXPIRED, submitted=DONE, done=DONE, error="034")
    assert expired == b"id:a sub:001 dlvrd:000 submit date:2609051431 done date:2609051431 stat:EXPIRED err:034 text:"


def test_what_would_not_be_read_back_is_not_written() -> None:
    """Ids and errors that are empty, too long or of characters that end a field raise ValueError."""
    bad_ids = ["", " ", "a b", "a\0", "a\n", "a;", "'a'", 'a"', "a,b", "a|b", "a&b", "\x7f", "\xa0", "Ω", "1" * 65]
    bad_errors = ["", " ", "0 1", "-1", "0\n", "\0", "é", "²", "err:1", "1" * 17]
    for identity, error in [(bad, "000") for bad in bad_ids] + [("1", bad) for bad in bad_errors]:
        with pytest.raises(ValueError, match=r"^no (id|error code) of a receipt"):
            receipt.format(id=identity, state=S.DELIVERED, submitted=DONE, done=DONE, error=error)


@pytest.mark.parametrize("year", [1, 1999, 2100, 9999])
def test_a_year_that_two_digits_do_not_say_is_refused(year: int) -> None:
    """Rather than written as one of this century."""
    far = DONE.replace(year=year)
    for submitted, done in ((far, DONE), (DONE, far)):
        with pytest.raises(ValueError, match="is not of the years"):
            receipt.format(id="1", state=S.DELIVERED, submitted=submitted, done=done)
