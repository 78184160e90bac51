"""The documentation: its examples are right, word for word, for whoever reads them; and what there is to download."""

import ast
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from twisted.internet.defer import Deferred, execute

from smstob.channels.smtp.delivery import MailDelivery
from smstob.channels.smtp.mail import Client, Envelope, Mail
from smstob.channels.smtp.mailbox import Mailbox
from smstob.channels.web.examples import NOBODY, SECRET
from smstob.model.account import SenderChecks
from smstob.model.notice import Verdict
from smstob.model.refusal import Code
from smstob.storage import accounts
from tests.house import ADDRESS, House, outcome_of, password_hash

from .browser import Browser, site_of

CHAPTERS = ("", "/http", "/e-mail", "/publipostage", "/codes")
AWKWARD = "o'br`id`$home’{{7*7}}%s@exemple.fr"
MOBILE = "+33698765432"


@pytest.fixture(params=[NOBODY, AWKWARD])
def reader(request: pytest.FixtureRequest, house: House) -> Browser:
    """Somebody whose password is the one of the examples; a visitor is told vous@exemple.fr, and is that here."""
    email = request.param
    house.account(email)
    house.write(lambda connection: accounts.set_password(connection, 1, password_hash(SECRET)))
    browser = Browser(site_of(house))
    return browser if email == NOBODY else browser.log_in(email, SECRET)


def example(reader: Browser, id_: str, path: str = "/documentation/http") -> str:
    """What is copied by the button beside it."""
    page = reader.get(path).page
    (button,) = page.xpath(f"//button[@data-copy='{id_}']")
    return str(page.get_element_by_id(button.get("data-copy")).text_content())


def posted(reader: Browser, endpoint: str, fields: dict[str, str]) -> str:
    """What the service answers at that address."""
    parts = urlsplit(endpoint)
    assert (parts.scheme, parts.netloc) == ("http", "127.0.0.1:8080")
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return reader.request("POST", parts.path, urlencode(fields).encode(), kind).text


def curl_fields(command: str) -> tuple[str, dict[str, str]]:
    """The address and the fields, as a shell takes the command apart."""
    program, endpoint, *options = shlex.split(command.replace("\\\n", ""))
    assert program == "curl"
    assert set(options[::2]) == {"--data-urlencode"}
    return endpoint, dict(option.split("=", 1) for option in options[1::2])


def test_curl(house: House, reader: Browser) -> None:
    """80, and the message is queued."""
    assert posted(reader, *curl_fields(example(reader, "curl"))) == "80"
    assert [row.number for row in house.messages()] == ["+262639980001"]


def test_reference(house: House, reader: Browser) -> None:
    """Given twice, sent once."""
    endpoint, fields = curl_fields(example(reader, "reference"))
    assert fields["ref"]
    assert [posted(reader, endpoint, fields) for _ in range(2)] == ["80", "80"]
    assert len(house.messages()) == 1


def test_address(house: House, reader: Browser) -> None:
    """As a browser opens it."""
    parts = urlsplit(example(reader, "adresse"))
    assert reader.request("GET", f"{parts.path}?{parts.query}").text == "80"
    assert house.messages()[0].text == "Bonjour, votre commande est prete."


def test_python(house: House, reader: Browser) -> None:
    """It is Python, and its fields are right."""
    tree = ast.parse(example(reader, "python"))
    (fields,) = [node for node in ast.walk(tree) if isinstance(node, ast.Dict)]
    (endpoint,) = [
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and str(node.value).startswith("http:")
    ]
    assert posted(reader, str(endpoint), ast.literal_eval(fields)) == "80"


def test_php(house: House, reader: Browser) -> None:
    """What PHP itself makes of it, with the request left out."""
    code = example(reader, "php").replace("file_get_contents(", "print_it(", 1)
    shown = "function print_it($url, $_, $context) { $o = stream_context_get_options($context)['http'];"
    shown += " return $url . ' ' . $o['method'] . ' ' . $o['content']; }"
    ran = subprocess.run(["php"], input=f"{code}\n{shown}", capture_output=True, text=True, check=True)
    endpoint, method, content = ran.stdout.split(" ")
    assert method == "POST"
    assert posted(reader, endpoint, {name: values[0] for name, values in parse_qs(content).items()}) == "80"


def test_powershell(house: House, reader: Browser) -> None:
    """Its single quotes, doubled within, are the only signs that mean something there."""
    command = example(reader, "powershell")
    string = "'((?:[^'‘’‚‛]|''|‘‘|’’|‚‚|‛‛)*)'"
    typed = re.findall(rf"(\w+) = {string}\n", command)
    unquoted = {name: re.sub("(['‘’‚‛])\\1", r"\1", value) for name, value in typed}
    endpoint = re.search(rf"^Invoke-RestMethod -Method Post -Uri {string} -Body @{{\n", command)
    assert endpoint is not None
    assert posted(reader, endpoint[1], unquoted) == "80"


def test_group(house: House, reader: Browser) -> None:
    """The example of a mail merge finds the group, and each gets his own text."""
    account = house.read(lambda connection: accounts.by_id(connection, 1))
    assert account is not None
    house.group(account, "Clients", ["+33612345678"])
    endpoint, fields = curl_fields(example(reader, "groupe", "/documentation/publipostage"))
    assert posted(reader, endpoint, fields) == "80"
    assert house.messages()[0].text == "Bonjour , votre rendez-vous est le  à ."


class Untroubled:
    """Finds every sender genuine."""

    async def verify(self, data: bytes, mail: Mail, envelope: Envelope) -> Verdict:
        """See ``Verifier``."""
        return Verdict.PASS


def mailed(house: House, pairs: dict[str, str], text: str) -> str:
    """What the reply to a mail with those heads says."""

    def inline(work: Any, *arguments: Any) -> "Deferred[Any]":
        return execute(work, *arguments)

    delivery = MailDelivery(
        "smstob.com", house.authenticator, house.submitter, house.notifier, Untroubled(), SenderChecks.OFF, inline
    )
    mailbox = delivery.recipient(pairs["À"])
    assert isinstance(mailbox, Mailbox), mailbox
    envelope = Envelope(client=Client(address=ADDRESS, helo="pc"), sender=NOBODY, mailboxes=(mailbox,))
    data = (
        f"From: {pairs['De']}\r\nTo: {pairs['À']}\r\nSubject: {pairs['Objet']}\r\nMessage-ID: <{pairs['À']}>\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n"
    )
    return outcome_of(delivery.deliver(envelope, data.encode())).lines[0]


def letters(page: Any) -> list[tuple[dict[str, str], str]]:
    """The mails of the page: their heads, and the text."""
    found = []
    for letter in page.find_class("letter"):
        names = [" ".join(one.text_content().split()) for one in letter.xpath(".//dt")]
        values = [" ".join(one.text_content().split()).replace("(rien)", "") for one in letter.xpath(".//dd")]
        found.append((dict(zip(names, values, strict=True)), letter.xpath("./p")[0].text_content()))
    return found


@pytest.mark.parametrize("way", [0, 1, 2])
def test_mails(house: House, way: int) -> None:
    """Each of the three ways sends; so does what its link opens in a mail program."""
    house.account(NOBODY, duplicates=False)
    house.write(lambda connection: accounts.set_password(connection, 1, password_hash(SECRET)))
    page = Browser(site_of(house)).get("/documentation/e-mail").page
    found = letters(page)
    assert len(found) == 3
    pairs, text = found[way]
    assert mailed(house, pairs, text).startswith("80")
    (row,) = house.messages()
    assert (row.number, row.text) == ("+262639980001", "Bonjour, votre commande est prete.")
    link = urlsplit(page.xpath("//a[starts-with(@href, 'mailto:')]/@href")[way])
    opened = {name: values[0] for name, values in parse_qs(link.query).items()}
    assert (link.path, opened.get("subject", ""), opened["body"]) == (pairs["À"], pairs["Objet"], text)


@pytest.mark.parametrize("way", [0, 1, 2])
def test_deferred_mails(house: House, way: int) -> None:
    """With the date of the table beside: tomorrow at half past eight."""
    house.account(NOBODY)
    house.write(lambda connection: accounts.set_password(connection, 1, password_hash(SECRET)))
    page = Browser(site_of(house)).get("/documentation/e-mail").page
    subject = page.xpath("//tbody/tr/td/code")[way].text_content()
    pairs, text = letters(page)[way]
    assert mailed(house, {**pairs, "Objet": subject}, text).startswith("81")
    assert house.messages()[0].due - house.now == 20.5 * 3600


def test_the_date(house: House, visitor: Browser) -> None:
    """The twelve digits of the example mean what is said of them."""
    assert "083003032026 : mardi 3 mars 2026 à 08:30." in visitor.get("/documentation").seen


def test_every_code(house: House, visitor: Browser) -> None:
    """All that the service answers is in the table, and nothing else is."""
    page = visitor.get("/documentation/codes").page
    told = [int(code.text_content()) for code in page.xpath("//table[1]//th[@scope='row']/code")]
    assert told == sorted(Code)


def test_own_mobile(house: House) -> None:
    """Who has told his mobile tries the examples on it."""
    house.account(NOBODY, alert_phone=MOBILE)
    house.write(lambda connection: accounts.set_password(connection, 1, password_hash(SECRET)))
    reader = Browser(site_of(house)).log_in(NOBODY, SECRET)
    assert posted(reader, *curl_fields(example(reader, "curl"))) == "80"
    assert house.messages()[0].number == MOBILE
    pairs, text = letters(reader.get("/documentation/e-mail").page)[2]
    assert mailed(house, pairs, f"{text} 2").startswith("80")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_for_everybody(house: House, visitor: Browser, chapter: str) -> None:
    """Whoever is not known reads the same pages, and is told where to log in and come back."""
    answer = visitor.get(f"/documentation{chapter}")
    assert answer.status == 200
    house.account()
    known = Browser(site_of(house)).log_in().get(f"/documentation{chapter}")
    headings = [[one.text_content() for one in page.page.xpath("//h1 | //h2 | //h3")] for page in (answer, known)]
    assert headings[0] == headings[1]


@pytest.mark.parametrize(
    "address", ["/documentation/rien", "/documentation/..%2f..%2fsite", "/documentation/http.html"]
)
def test_no_such_chapter(visitor: Browser, address: str) -> None:
    """404."""
    assert visitor.get(address).status == 404


@pytest.mark.parametrize("name", ["smstob.py", "smstob.php"])
def test_download(house: House, reader: Browser, name: str) -> None:
    """A file of that name, with the reader's address in it; and it is a program."""
    page = reader.get("/telecharger").page
    assert page.xpath(f"//a[@download][@href='/telecharger/{name}']")
    answer = reader.get(f"/telecharger/{name}")
    assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{name}"
    assert "@@" not in answer.text
    if name.endswith(".py"):
        told = {ast.unparse(one) for one in ast.parse(answer.text).body if isinstance(one, ast.Assign)}
        account = house.read(lambda connection: accounts.by_id(connection, 1))
        assert account is not None
        assert f"ADRESSE = {account.email!r}" in told
        assert "SERVICE = 'http://127.0.0.1:8080/http.php'" in told
    else:
        subprocess.run(["php", "-l"], input=answer.body, check=True, capture_output=True)


@pytest.mark.parametrize("name", ["smstob.py.txt", "..%2fsite.py", "smstob", "%00", "SMSTOB.PY", "smstob.pyzz"])
def test_no_such_file(visitor: Browser, name: str) -> None:
    """404: nothing else of the disk is given."""
    assert visitor.get(f"/telecharger/{name}").status == 404


def test_the_same_codes_everywhere() -> None:
    """The programs know all of them."""
    folder = Path(__file__).parents[3] / "smstob" / "channels" / "web" / "programs"
    for name, sign in (("smstob.py.txt", ":"), ("smstob.php.txt", " =>")):
        told = re.findall(rf"^    ([0-9]{{2}}){sign} ", (folder / name).read_text("utf-8"), re.MULTILINE)
        assert [int(one) for one in told] == sorted(Code), name


def test_titles_are_text(house: House) -> None:
    """An address that looks like a tag or a template is neither."""
    house.account(AWKWARD)
    reader = Browser(site_of(house)).log_in(AWKWARD)
    for chapter in CHAPTERS:
        text = reader.get(f"/documentation{chapter}").text
        assert "$home’49" not in text
        assert chapter in ("", "/codes") or "{{7*7}}" in text
