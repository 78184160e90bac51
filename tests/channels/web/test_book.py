"""Carnet: contacts found, looked at, changed and deleted, one by one and many at once; and everybody's own only."""

from urllib.parse import parse_qs, quote, urlsplit

import pytest

from smstob.channels.web.pages.book import MOST_WRITTEN, SHOWN
from smstob.model.contact import Choice, ContactQuery
from smstob.model.merge import Variables
from tests.house import House, numbers, outcome_of

from .book_on_disk import HOSTILE, OTHER, card, group, is_harmless, names, of, on_disk
from .browser import Answer, Browser


def rows(answer: Answer) -> list[str]:
    """The names in the list, in order."""
    return [" ".join(row.text_content().split()) for row in answer.page.xpath("//table//tbody//th")]


def act(customer: Browser, page: Answer, action: str, *ids: int, followed: bool = True, **fields: str) -> Answer:
    """Tick those, and press that button."""
    ticked = [("contact", str(id_)) for id_ in ids]
    pairs = [*ticked, ("action", action), *fields.items()]
    return customer.submit(page, "/carnet/actions", pairs, followed=followed)


def fill(house: House, count: int, name: str = "Foule", email: str | None = None) -> None:
    """A group of so many contacts."""
    house.group(of(house, email) if email else of(house), name, numbers(count), Variables("Client", "v"))


def test_empty_book_says_what_to_do(customer: Browser) -> None:
    """The first thing there is: import, or add one."""
    answer = customer.get("/carnet")
    assert "Votre carnet est vide" in answer.seen
    links = answer.page.xpath("//main//a/@href")
    assert "/carnet/import" in links
    assert "/carnet/nouveau" in links


def test_new_contact(house: House, customer: Browser) -> None:
    """Name, number as typed, variables with line ends, groups: all of it is kept, and shown again to be changed."""
    clients = group(house, "Clients")
    form = customer.get("/carnet/nouveau")
    fields = {"nom": " Zoé Martin ", "numero": "06.12 34-56.78", "v1": "un\r\ndeux", "v3": "[v1]", "dans": clients.id}
    answer = customer.submit(form, "/carnet/nouveau", fields)
    assert "Le contact est enregistré." in answer.seen
    assert rows(answer) == ["Zoé Martin"]
    assert "06\u00a012\u00a034\u00a056\u00a078" in answer.text
    (link,) = answer.page.xpath("//tbody//th/a/@href")
    edit = customer.get(link)
    assert edit.page.xpath("//input[@name='numero']/@value") == ["06.12 34-56.78"]
    assert edit.page.xpath("string(//textarea[@name='v1'])").strip() == "un\ndeux"
    assert edit.page.xpath("//input[@name='dans'][@checked]/@value") == [str(clients.id)]


def test_change_and_delete(house: House, customer: Browser) -> None:
    """Another name, out of its group; then gone from the book."""
    clients = group(house, "Clients")
    jean = card(house, "Jean", "0612345678", clients.id)
    edit = customer.get(f"/carnet/{jean.id}")
    fields = [(name, value) for name, value in edit.page.forms[1].form_values() if name != "dans"]
    changed = [(name, "Jeanne" if name == "nom" else value) for name, value in fields]
    answer = customer.post(f"/carnet/{jean.id}", changed)
    assert rows(answer) == ["Jeanne"]
    kept = outcome_of(house.book.contact(of(house).id, jean.id))
    assert kept is not None
    assert kept.groups == ()
    answer = customer.submit(customer.get(f"/carnet/{jean.id}"), f"/carnet/{jean.id}/supprimer")
    assert "1 contact supprimé." in answer.seen
    assert names(house) == []


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"nom": "Jean", "numero": ""}, "numero", "Il manque quelque chose ici."),
        ({"nom": "Jean", "numero": "bonjour"}, "numero", "Ce n'est pas un numéro de mobile."),
        ({"nom": "Jean", "numero": "0140000000"}, "numero", "Ce n'est pas un numéro de mobile."),
        ({"nom": "Jean", "numero": "+4915112345678"}, "numero", "Les envois vers ce pays ne sont pas ouverts."),
        ({"nom": "é" * 2001, "numero": "0612345678"}, "nom", "C'est trop long."),
        ({"nom": "un\ndeux", "numero": "0612345678"}, "nom", "Il y a trop de lignes"),
        ({"nom": "Jean", "numero": "0612345678", "v2": "x" * 2001}, "v2", "C'est trop long."),
        ({"nom": "Jean", "numero": "0612345678", "v3": "x\n" * 20 + "x"}, "v3", "Il y a trop de lignes"),
        ({"nom": "Jean", "numero": "0612345678", "dans": "999"}, "", "Cela n'existe plus."),
        ({"nom": "Jean", "numero": "0612345678\x00" + "1" * 500}, "numero", "Ce n'est pas un numéro"),
    ],
)
def test_faults_are_told_at_the_field(
    house: House, customer: Browser, fields: dict[str, str], field: str, said: str
) -> None:
    """Nothing is kept, nothing that was typed is lost, and the field says what is wrong with it; also on a change."""
    jean = card(house, "Jean", "0698765432")
    before = on_disk(house)
    for path in ("/carnet/nouveau", f"/carnet/{jean.id}"):
        answer = customer.post(path, fields)
        assert answer.status == 422
        if field:
            assert said in " ".join(answer.page.xpath(f"//*[@id='{field}-note']")[0].text_content().split())
            assert answer.page.xpath(f"//*[@id='{field}'][@aria-invalid='true']")
        else:
            assert said in answer.seen
        assert answer.page.xpath("//input[@name='nom']/@value") == [fields["nom"]]
    assert on_disk(house) == before


def test_pages_of_a_big_book(house: House, customer: Browser) -> None:
    """Fifty a page, with first, previous, next and last; a page beyond the last is the last."""
    fill(house, 2 * SHOWN + 7)
    first = customer.get("/carnet")
    assert len(rows(first)) == SHOWN
    assert "107 contacts" in first.seen
    assert "Page 1 sur 3" in first.seen
    (onward,) = first.page.xpath("//a[@rel='next']/@href")
    assert not first.page.xpath("//a[@rel='prev']")
    second = customer.get(onward)
    assert "Page 2 sur 3" in second.seen
    assert [second.page.xpath(f"//nav[@class='pages']/a[{at}]/@href")[0] for at in (1, 2, 3, 4)] == [
        *("/carnet", "/carnet", "/carnet?page=3", "/carnet?page=3"),
    ]
    for beyond in ("3", "4", "999999999999999", "0003"):
        last = customer.get("/carnet", page=beyond)
        assert len(rows(last)) == 7
        assert not last.page.xpath("//a[@rel='next']")
    for odd in ("0", "-1", "x", "1" * 40, "１", ""):
        assert len(rows(customer.get("/carnet", page=odd))) == SHOWN


def test_search(house: House, customer: Browser) -> None:
    """By any word of a name or variable, without accents, and by a number however it is written."""
    card(house, "Zoé Martin", "0612345678", v2="Hédé")
    card(house, "Jules", "0698765432")
    for search in ("zoe", "MARTIN", "hede zo", "06 12 34 56", "+33612345678", "345678"):
        assert rows(customer.get("/carnet", q=search)) == ["Zoé Martin"]
    nothing = customer.get("/carnet", q="personne")
    assert "Aucun contact trouvé" in nothing.seen
    assert "« personne »" in nothing.seen
    for odd in ("%", "_", "\\", "'", "!", "\x00", "é" * 500):
        assert customer.get("/carnet", q=odd).status == 200


def test_group_filter(house: House, customer: Browser) -> None:
    """Only those of the group; the side list and the select both say which one; a search stays within."""
    clients = group(house, "Clients")
    card(house, "Jean", "0612345678", clients.id)
    card(house, "Jules", "0612345679", clients.id)
    card(house, "Anne", "0612345670")
    answer = customer.get("/carnet", groupe=str(clients.id))
    assert rows(answer) == ["Jean", "Jules"]
    assert "3 contacts" in answer.seen
    assert answer.page.xpath("//nav[contains(@class,'groups')]/a[@aria-current]/span/text()") == ["Clients"]
    assert answer.page.xpath("//select[@name='groupe']/option[@selected]/@value") == [str(clients.id)]
    assert rows(customer.get("/carnet", groupe=str(clients.id), q="jul")) == ["Jules"]
    assert "Ce groupe est vide" in customer.get("/carnet", groupe=str(group(house, "Vide").id)).seen


def test_where_one_comes_from_is_where_one_returns(house: House, customer: Browser) -> None:
    """Page, group and search go along to a contact's card and back."""
    clients = group(house, "Clients")
    jean = card(house, "Jean & fils", "0612345678", clients.id)
    listed = customer.get("/carnet", groupe=str(clients.id), q="jean &")
    edit = customer.get(listed.page.xpath("//tbody//th/a/@href")[0])
    answer = customer.submit(edit, f"/carnet/{jean.id}", followed=False)
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query == {"groupe": [str(clients.id)], "q": ["jean &"]}


def test_write_to_ticked_contacts(house: House, customer: Browser) -> None:
    """They are chosen on the page that sends; one can also be written to from its row. No token is in an address."""
    jean, anne = card(house, "Jean", "0612345678"), card(house, "Anne", "0612345679")
    page = customer.get("/carnet")
    assert f"/envoyer?contact={jean.id}" in page.page.xpath("//main//a/@href")
    answer = act(customer, page, "ecrire", jean.id, anne.id, followed=False)
    assert answer.headers["location"] == f"/envoyer?contact={jean.id}&contact={anne.id}"
    composed = customer.follow(answer)
    assert composed.page.xpath("//input[@name='contact']/@data-name") == ["Jean", "Anne"]


def test_write_to_all_found(house: House, customer: Browser) -> None:
    """A whole group by its name; some by their ids; more than an address holds: how to do it is told."""
    fill(house, MOST_WRITTEN + 1)
    foule = outcome_of(house.book.groups(of(house).id))[0]
    answer = act(customer, customer.get(f"/carnet?groupe={foule.id}"), "ecrire", tous="oui", followed=False)
    assert answer.headers["location"] == f"/envoyer?groupe={foule.id}"
    refused = act(customer, customer.get("/carnet"), "ecrire", tous="oui")
    assert refused.status == 422
    assert "ajoutez-les d'abord à un groupe" in refused.seen
    one = outcome_of(house.book.contacts(of(house).id, ContactQuery(limit=1))).contacts[0]
    outcome_of(house.book.delete(of(house).id, Choice(ids=(one.id,))))
    most = act(customer, customer.get("/carnet"), "ecrire", tous="oui", followed=False)
    assert most.headers["location"].count("contact=") == MOST_WRITTEN
    assert len(customer.follow(most).page.xpath("//input[@name='contact']")) == MOST_WRITTEN


def test_put_into_and_take_out(house: House, customer: Browser) -> None:
    """Ticked contacts enter a group and leave it; how many is told, and they stay in the book."""
    clients = group(house, "Clients")
    jean, anne = card(house, "Jean", "0612345678", clients.id), card(house, "Anne", "0612345679")
    page = customer.get("/carnet")
    answer = act(customer, page, "ajouter", jean.id, anne.id, vers=str(clients.id))
    assert "1 contact ajouté au groupe." in answer.seen
    answer = act(customer, page, "retirer", jean.id, anne.id, vers=str(clients.id))
    assert "2 contacts retirés du groupe." in answer.seen
    assert names(house) == ["Anne", "Jean"]


def test_all_found_across_pages(house: House, customer: Browser) -> None:
    """What is done to all that a search finds is done on every page of it, and to nothing else."""
    fill(house, 120)
    anne = card(house, "Anne", "0698765432")
    target = group(house, "Cible")
    page = customer.get("/carnet", q="client")
    assert "les 120 contacts trouvés" in page.seen
    answer = act(customer, page, "ajouter", tous="oui", vers=str(target.id))
    assert "120 contacts ajoutés au groupe." in answer.seen
    asked = act(customer, customer.get("/carnet", q="client"), "supprimer", tous="oui")
    assert "Supprimer 120 contacts ?" in asked.seen
    assert len(names(house)) == 121
    answer = customer.submit(asked, "/carnet/actions", {"action": "supprimer-vraiment"})
    assert "120 contacts supprimés." in answer.seen
    assert names(house) == ["Anne"]
    assert outcome_of(house.book.contact(of(house).id, anne.id)) is not None


def test_delete_ticked_asks_first(house: House, customer: Browser) -> None:
    """A page says whom, and only its button deletes them."""
    jean, anne = card(house, "Jean", "0612345678"), card(house, "Anne", "0612345679")
    asked = act(customer, customer.get("/carnet"), "supprimer", jean.id)
    assert "Supprimer 1 contact ?" in asked.seen
    assert "Jean" in asked.seen
    assert "Anne" not in asked.seen
    assert names(house) == ["Anne", "Jean"]
    customer.submit(asked, "/carnet/actions", {"action": "supprimer-vraiment"})
    assert names(house) == [anne.variables.name]


@pytest.mark.parametrize("action", ["ecrire", "ajouter", "retirer", "supprimer", "supprimer-vraiment"])
def test_nothing_ticked(house: House, customer: Browser, action: str) -> None:
    """It is told so, and nothing happens."""
    card(house, "Jean", "0612345678", group(house, "Clients").id)
    before = on_disk(house)
    answer = act(customer, customer.get("/carnet"), action, vers="1")
    assert answer.status == 422
    assert "Cochez d'abord des contacts." in answer.seen
    assert on_disk(house) == before


def test_odd_actions(house: House, customer: Browser) -> None:
    """No group chosen, no such group, no such action, odd ids: a clear message or 404, nothing changed."""
    jean = card(house, "Jean", "0612345678", group(house, "Clients").id)
    before = on_disk(house)
    page = customer.get("/carnet")
    assert "Choisissez d'abord un groupe." in act(customer, page, "ajouter", jean.id, vers="").seen
    assert act(customer, page, "ajouter", jean.id, vers="999").status == 404
    assert act(customer, page, "detruire", jean.id).status == 404
    assert customer.post("/carnet/actions", {"action": "supprimer", "contact": "'; DROP"}).status == 422
    everything = {"action": "supprimer-vraiment", "tous": "oui", "groupe": "99"}
    assert customer.post("/carnet/actions", everything).status == 404
    assert on_disk(house) == before


def test_export(house: House, customer: Browser) -> None:
    """The book or one group as a file that spreadsheets read, safe against formulas, under the group's name."""
    clients = group(house, "Été / « hiver »")
    card(house, "Zoé", "0612345678", clients.id, v1="=1+1")
    card(house, "Anne", "0698765432")
    whole = customer.get("/carnet/export")
    assert whole.headers["content-disposition"] == "attachment; filename*=UTF-8''carnet.csv"
    assert whole.body.startswith(b"\xef\xbb\xbf")
    assert "Zoé;0612345678;'=1+1" in whole.text
    part = customer.get("/carnet/export", groupe=str(clients.id))
    assert "Anne" not in part.text
    assert part.headers["content-disposition"].endswith(quote("Été _ _ hiver _.csv"))


@pytest.mark.parametrize("text", HOSTILE)
def test_texts_stay_texts(house: House, customer: Browser, text: str) -> None:
    """Names, variables, groups and searches are shown as they were typed, on every page."""
    id_ = group(house, text).id
    contact = card(house, text, "0612345678", id_, v1=text, v2=text, v3=text)
    asked = act(customer, customer.get("/carnet"), "supprimer", contact.id)
    pages = [customer.get(path) for path in ("/carnet", f"/carnet/{contact.id}", f"/carnet?groupe={id_}")]
    pages += [asked, customer.get("/carnet", q=text), customer.get("/carnet", q=f"{text} zz")]
    pages += [customer.post("/carnet/nouveau", {"nom": text, "numero": text, "v1": text})]
    for page in pages:
        assert is_harmless(page)
        values = page.page.xpath("//@value | //@title")
        assert text in page.page.text_content() or any(text in value for value in values)


def test_others_contacts_are_not_there(house: House, customer: Browser) -> None:
    """No address shows, changes, exports or finds what is another account's."""
    house.account(OTHER)
    theirs = group(house, "Secret", OTHER)
    contact = card(house, "Autrui", "0612345678", theirs.id, email=OTHER)
    mine = card(house, "Jean", "0612345678")
    before = on_disk(house)
    for path in (f"/carnet/{contact.id}", f"/carnet?groupe={theirs.id}", f"/carnet/export?groupe={theirs.id}"):
        assert customer.get(path).status == 404
    assert customer.get(f"/carnet/nouveau?groupe={theirs.id}").status == 404
    assert customer.get("/carnet/999999").status == 404
    fields = {"nom": "Pris", "numero": "0612345678"}
    assert customer.post(f"/carnet/{contact.id}", fields).status == 404
    assert customer.post(f"/carnet/{contact.id}/supprimer").status == 404
    assert customer.post("/carnet/nouveau", {**fields, "dans": theirs.id}).status == 422
    assert customer.post(f"/carnet/{mine.id}", {**fields, "dans": theirs.id}).status == 422
    for action in ("ajouter", "retirer", "supprimer-vraiment"):
        chosen = {"action": action, "contact": contact.id, "vers": theirs.id}
        assert customer.post("/carnet/actions", chosen).status in (200, 404)
        assert customer.post("/carnet/actions", {**chosen, "tous": "oui", "groupe": theirs.id}).status == 404
    asked = customer.post("/carnet/actions", {"action": "supprimer", "contact": contact.id})
    assert "Autrui" not in asked.text
    assert "Autrui" not in customer.get("/carnet").text
    assert "Secret" not in customer.get("/carnet").text
    assert "Autrui" not in customer.get("/carnet/export").text
    assert on_disk(house) == before


@pytest.mark.parametrize("path", ["nouveau", "{id}", "{id}/supprimer", "actions"])
def test_forged_forms(house: House, customer: Browser, path: str) -> None:
    """Without this browser's own token nothing is done."""
    jean = card(house, "Jean", "0612345678")
    before = on_disk(house)
    fields = {"nom": "Pris", "numero": "0698765432", "action": "supprimer-vraiment", "contact": jean.id}
    for token in ("", "0" * 64, "é"):
        assert customer.post(f"/carnet/{path.format(id=jean.id)}", {"jeton": token, **fields}).status == 403
    assert on_disk(house) == before


def test_visitors_see_nothing(house: House, visitor: Browser) -> None:
    """Who has not logged in is sent to log in."""
    house.account()
    for path in ("/carnet", "/carnet/nouveau", "/carnet/1", "/carnet/export", "/carnet/modele.csv"):
        assert visitor.get(path).seen.startswith("Se connecter")


def test_database_away(house: House, customer: Browser) -> None:
    """A page says so, and what was to be done was not."""
    jean = card(house, "Jean", "0612345678")
    token, before = customer.token, on_disk(house)
    house.database.away = True
    for answer in (
        customer.get("/carnet"),
        customer.post("/carnet/nouveau", {"jeton": token, "nom": "x", "numero": "0612345678"}),
        customer.post("/carnet/actions", {"jeton": token, "action": "supprimer-vraiment", "contact": jean.id}),
    ):
        assert answer.status == 503
        assert is_harmless(answer)
    house.database.away = False
    assert on_disk(house) == before
