"""A story: somebody signs up on the page, reads his mail, and sends by the password in it; then loses it."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from urllib.parse import urlencode, urlsplit

from lxml import html

from tests.daemon import Reply, RunningDaemon

EMAIL = "neuve@exemple.fr"
CHOSEN = "Trois pommes sous un pont"


def fill_in(daemon: RunningDaemon, path: str, **values: str) -> Reply:
    """Load the page at ``path``, type into its form, and send it as a browser does."""
    page = daemon.request("GET", path)
    assert page.status == 200, page
    document: Any = html.document_fromstring(page.body)
    (form,) = [one for one in document.forms if values.keys() <= set(one.fields.keys())]
    fields = dict(form.form_values()) | values
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": page.headers.get("set-cookie", "").partition(";")[0],
        "Origin": f"http://127.0.0.1:{daemon.port}",
        "Sec-Fetch-Site": "same-origin",
    }
    return daemon.request("POST", form.get("action") or path, urlencode(fields).encode(), headers)


def letters(daemon: RunningDaemon, count: int) -> list[str]:
    """The texts of the letters that were carried, the oldest first, once there are so many."""
    outbox = daemon.directory / "outbox"
    daemon.wait(lambda: len(list(outbox.glob("*.eml"))) >= count, f"{count} letters", 20)
    texts = []
    for path in sorted(outbox.glob("*.eml"), key=lambda one: int(one.stem)):
        mail = message_from_bytes(path.read_bytes(), policy=default)
        assert isinstance(mail, EmailMessage)
        assert mail["To"] == EMAIL
        part = mail.get_body(("plain",))
        assert part is not None
        texts.append(str(part.get_content()))
    return texts


def works(daemon: RunningDaemon, password: str) -> bool:
    """Whether programs are let in by it: they are told that there is no credit, then."""
    code = daemon.call({"email": EMAIL, "pass": password, "numero": "0612345678", "message": "Bonjour"})
    assert code in {"82", "83"}
    return code == "83"


def test_from_the_page_to_the_first_send(daemon: RunningDaemon) -> None:
    """The letter's password works after a power cut, too; a link to another ends it; nothing of it is in the log."""
    assert fill_in(daemon, "/inscription", email=EMAIL).status == 200
    (letter,) = letters(daemon, 1)
    password = next(line for line in letter.splitlines() if len(line) == 10 and line.isalnum() and line.isupper())
    assert works(daemon, password)
    daemon.kill()
    daemon.start()
    assert works(daemon, password)
    assert fill_in(daemon, "/mot-de-passe-oublie", email=EMAIL).status == 200
    _, link = letters(daemon, 2)
    url = urlsplit(next(line for line in link.splitlines() if "jeton=" in line))
    done = fill_in(daemon, f"{url.path}?{url.query}", nouveau=CHOSEN)
    assert done.status in {200, 303}, done
    assert works(daemon, CHOSEN)
    assert not works(daemon, password)
    assert fill_in(daemon, "/connexion", **{"email": EMAIL, "mot-de-passe": CHOSEN}).status == 303
    assert not [one for one in (password, CHOSEN, url.query.partition("=")[2]) if one in daemon.logged()]
