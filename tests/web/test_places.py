"""The public map and list: who is shown, what is said of them, and bytes that are made when that changes."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from starlette.testclient import TestClient

from backend import mapping
from backend.domain.days import PARIS
from backend.domain.merchants import Kind, RecordKind
from backend.storage import merchants
from backend.storage.merchants import PublicPlace
from backend.web import answers
from backend.web.house import House
from backend.web.public_places import Shown, directory, shown_place
from backend.web.security import tile_servers
from tests.phones import Phone
from tests.publishing import ACCREDITED, ACTIVE, BLOCKED, TOLD, active, merchant, soon
from tests.town import GRID, Clock, Town
from tests.web.forms import words

pytestmark = pytest.mark.usefixtures("town")

STATIC = Path(__file__).parents[2] / "backend" / "web" / "static"
ADDRESSES = ("/", "/carte.js", "/lieux.json")
CANARY = "Canari-7f3a"

DEFERRED = (RecordKind.DECIDED, {"decision": "d", "outcome": "deferred", "valid_until": None})
DECLINED = (RecordKind.DECIDED, {"decision": "d", "outcome": "declined", "valid_until": None})
NOTE: dict[str, str] = {"note": ""}


class Tags(HTMLParser):
    """Every tag of a page, with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def listed(client: TestClient) -> list[str | None]:
    """The places of the list, by the names they have in addresses."""
    return [item["data-slug"] for item in Tags(client.get("/").text).of("li") if "data-slug" in item]


def drawn(client: TestClient) -> list[dict[str, Any]]:
    """The places of the map, as the phone reads them."""
    data = client.get("/lieux.json").json()
    placed = [step for step in data["spot"] if step is None or isinstance(step, int)]
    found, steps = [], iter(placed)
    for rank, slug in enumerate(data["slug"]):
        if next(steps) is None:
            continue
        next(steps)
        state = "active" if data["active"][rank] == "1" else "soon"
        found.append({"slug": slug, "name": data["name"][rank], "label": data["label"][rank], "state": state})
    return found


def everywhere(client: TestClient) -> str:
    return "".join(client.get(address).text for address in ADDRESSES)


# --- who is shown ---

NOT_SHOWN = {
    "spotted": (),
    "contacted": ((RecordKind.CONTACTED, NOTE),),
    "with a visit planned": ((RecordKind.VISIT_PLANNED, {"visit": "v"}),),
    "assessed": ((RecordKind.VISIT_PLANNED, {"visit": "v"}), (RecordKind.ASSESSED, {"visit": "v"})),
    "accredited but not told": (ACCREDITED,),
    "accredited, not told, and active at Moneko": (ACCREDITED, ACTIVE),
    "deferred": (DEFERRED,),
    "declined": (DECLINED,),
    "declined and told so": (DECLINED, TOLD),
    "not interested": ((RecordKind.NOT_INTERESTED, NOTE),),
    "closed down": ((RecordKind.CLOSED_DOWN, NOTE),),
    "suspended": (ACCREDITED, TOLD, ACTIVE, (RecordKind.SUSPENDED, NOTE)),
    "blocked by Moneko": (ACCREDITED, TOLD, ACTIVE, BLOCKED),
    "withdrawn": (ACCREDITED, TOLD, ACTIVE, (RecordKind.WITHDRAWN, NOTE)),
    "closed down after being active": (ACCREDITED, TOLD, ACTIVE, (RecordKind.CLOSED_DOWN, NOTE)),
}


@pytest.mark.parametrize("records", NOT_SHOWN.values(), ids=NOT_SHOWN.keys())
def test_a_merchant_is_not_shown_while(client: TestClient, home: House, clock: Clock, records: Any) -> None:
    home.db.write(lambda session: active(session, "Le Panier d’Ici", clock()))
    home.db.write(lambda session: merchant(session, CANARY, clock(), *records, address=CANARY, label=CANARY))
    assert "Le Panier d’Ici" in everywhere(client)
    assert CANARY not in everywhere(client)
    assert "canari" not in everywhere(client)


def test_once_told_it_is_soon_and_once_active_one_pays_there(
    client: TestClient, home: House, clock: Clock
) -> None:
    shop = home.db.write(lambda session: soon(session, "Le Panier d’Ici", clock()))
    assert [place["state"] for place in drawn(client)] == ["soon"]
    assert "bientôt" in words(client.get("/"))
    home.db.write(lambda session: merchants.add_record(session, shop, *ACTIVE, clock(), by=None))
    assert [place["state"] for place in drawn(client)] == ["active"]
    assert "Le Panier d’Ici Épicerie accepte la Moneko" in words(client.get("/"))


def test_a_renewal_visit_takes_nobody_off_the_map(client: TestClient, home: House, clock: Clock) -> None:
    planned = (RecordKind.VISIT_PLANNED, {"visit": "v"})
    home.db.write(
        lambda session: merchant(session, "Le Panier d’Ici", clock(), ACCREDITED, TOLD, ACTIVE, planned)
    )
    assert [place["state"] for place in drawn(client)] == ["active"]


def test_a_merchant_takes_the_moneko_at_one_place_and_not_yet_at_another(
    client: TestClient, home: House, clock: Clock
) -> None:
    stall = home.db.write(lambda session: active(session, "Madame Pissenlit", clock(), label="Chantenay"))
    home.db.write(
        lambda session: merchants.add_place(
            session, merchants.get(session, stall), label="Preux", lat=47.22, lon=-1.62, placing="file"
        )
    )
    assert {place["label"]: place["state"] for place in drawn(client)} == {
        "Chantenay": "active",
        "Preux": "soon",
    }


def test_the_list_and_the_map_show_the_same_places(client: TestClient, home: House, clock: Clock) -> None:
    for rank in range(12):
        add = active if rank % 3 else soon
        home.db.write(
            lambda session, rank=rank, add=add: add(
                session, f"Commerce {rank}", clock(), city=("Vue", "Nantes")[rank % 2]
            )
        )
    assert len(listed(client)) == 12
    assert sorted(listed(client), key=str) == sorted(place["slug"] for place in drawn(client))


def test_a_place_without_a_position_is_in_the_list_and_the_page_says_so(
    client: TestClient, home: House, clock: Clock
) -> None:
    home.db.write(lambda session: active(session, "Le Panier d’Ici", clock()))
    home.db.write(
        lambda session: active(session, "Roule ma Courge", clock(), lat=None, lon=None, placing="by_hand")
    )
    assert listed(client) == ["le-panier-d-ici-nantes", "roule-ma-courge-nantes"]
    assert [place["name"] for place in drawn(client)] == ["Le Panier d’Ici"]
    assert "1 lieu n’est pas encore placé sur la carte" in words(client.get("/"))


def test_the_list_says_where_when_and_how_to_call(client: TestClient, home: House, clock: Clock) -> None:
    home.db.write(
        lambda session: active(
            session,
            "Le Panier d’Ici",
            clock(),
            label="La boutique",
            opening_hours="Tu-Sa 09:00-12:30,15:00-19:00; Su closed",
            phone="02 61 91 00 02",
        )
    )
    page = client.get("/")
    assert "Épicerie · La boutique" in words(page)
    assert "3 rue du Panier, 44100 Nantes" in words(page)
    assert "mardi à samedi : 9:00–12:30, 15:00–19:00" in words(page).replace("\u2060", "")
    assert {"href": "tel:0261910002"} in Tags(page.text).of("a")


def test_one_pays_first_then_comes_what_is_soon_town_by_town(
    client: TestClient, home: House, clock: Clock
) -> None:
    for add, name, city in ((soon, "A", "Nantes"), (active, "C", "Vue"), (active, "B", "Nantes")):
        home.db.write(lambda session, add=add, name=name, city=city: add(session, name, clock(), city=city))
    assert listed(client) == ["b-nantes", "c-vue", "a-nantes"]


def test_with_nothing_to_show_the_page_says_what_will_be_here_and_whom_to_call(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "Les premiers commerces arrivent" in words(page)
    assert {"href": "tel:+33240000001"} in Tags(page.text).of("a")
    assert Tags(page.text).of("script") == []
    assert drawn(client) == []


# --- what strangers wrote, and what strangers may load ---


def test_what_merchants_wrote_stays_text(client: TestClient, home: House, clock: Clock) -> None:
    name = '<script src=x></script><b onmouseover="f()">&amp;'
    home.db.write(lambda session: active(session, name, clock(), label=name, address=name))
    page = client.get("/")
    assert "&lt;script src=x&gt;&lt;/script&gt;&lt;b onmouseover=&#34;f()&#34;&gt;&amp;amp;" in page.text
    assert "<b " not in page.text
    assert drawn(client)[0]["name"] == name
    assert client.get("/lieux.json").headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "name", ["{{ 7 * 191 }}", "{% print(7 * 191) %}", "{# rien #} 1337", '{{ config }} }} " \\{{']
)
def test_no_name_is_run_as_a_template(client: TestClient, home: House, clock: Clock, name: str) -> None:
    home.db.write(lambda session: active(session, name, clock()))
    script = client.get("/carte.js").text
    drawn_first = json.loads(re.search(r"places\.show\(map_places, (\{.*\}), \{", script)[1])["first"]  # type: ignore[index]
    assert {place[4] for places in drawn_first.values() for place in places} == {name}
    assert listed(client) != []


def test_no_script_or_style_stands_in_the_page_and_nothing_comes_from_elsewhere(
    client: TestClient, home: House, clock: Clock
) -> None:
    home.db.write(lambda session: active(session, "Le Panier d’Ici", clock()))
    page = client.get("/")
    tags = Tags(page.text)
    assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in page.headers["content-security-policy"]
    assert tags.of("script")
    assert all(str(script["src"]).startswith("/") for script in tags.of("script"))
    assert tags.of("style") == []
    assert not [name for _, attributes in tags.found for name in attributes if name.startswith("on")]
    assert not [attributes for _, attributes in tags.found if "style" in attributes]
    ground = "https://data.geopf.fr"
    called = f'<link rel="preconnect" href="{ground}">'
    # its own address, for messengers and search engines, and the server of the ground
    hosts = set(re.findall(r"\w+://[^/\"]+", page.text.replace(called, "")))
    assert hosts == {home.settings.public_url.rstrip("/")}
    assert set(re.findall(r"https?://[^/\"]+", client.get("/carte.js").text)) == {ground}


def test_nothing_forbids_zooming(client: TestClient) -> None:
    viewport = next(tag for tag in Tags(client.get("/").text).of("meta") if tag.get("name") == "viewport")
    assert viewport["content"] == "width=device-width, initial-scale=1"


def test_the_map_is_drawn_in_the_element_that_the_page_has_for_it(
    client: TestClient, home: House, clock: Clock
) -> None:
    home.db.write(lambda session: active(session, "Le Panier d’Ici", clock()))
    assert mapping.MAP_ID in [tag.get("id") for tag in Tags(client.get("/").text).of("div")]
    assert (
        f'var {mapping.MAP_ID} = L.map(\n                "{mapping.MAP_ID}"' in client.get("/carte.js").text
    )


def test_the_vendored_files_are_the_ones_their_readme_names() -> None:
    readme = (STATIC / "vendor" / "README.md").read_text()
    named = dict(re.findall(r"^\| `([^`]+)` \|.*`([0-9a-f]{64})` \|$", readme, re.M))
    ours = {"README.md", "LICENSES.md", "leaflet.d.ts", "supercluster.min.d.ts"}
    assert set(named) == {path.name for path in (STATIC / "vendor").iterdir()} - ours
    for name, sha256 in named.items():
        assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == sha256, name


# --- bytes made when the data changes, not when they are asked for ---


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_the_browser_already_has_is_not_sent_again(
    client: TestClient, home: House, clock: Clock, address: str
) -> None:
    home.db.write(lambda session: active(session, "Le Panier d’Ici", clock()))
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    home.db.write(lambda session: active(session, "Le Radis Bavard", clock(), lat=47.3))
    changed = client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200


def test_the_pages_are_kept_while_nothing_they_say_has_changed(
    client: TestClient, home: House, clock: Clock
) -> None:
    home.db.write(lambda session: active(session, "Le Panier d’Ici", clock()))
    client.get("/")
    made = home.public.get(
        lambda _: True, lambda *_: pytest.fail("made again though nothing happened"), lambda _: True
    )
    home.db.write(lambda session: merchant(session, "Tout juste repéré", clock()))
    client.get("/")
    kept = home.public.get(lambda _: True, lambda *_: pytest.fail("not kept"), lambda _: True)
    assert (kept.page, kept.script, kept.points) == (made.page, made.script, made.points)
    assert kept.page is made.page


@pytest.mark.parametrize("address", ["/", "/embed"])
def test_an_address_that_asks_nothing_of_us_has_the_kept_page(
    client: TestClient, home: House, clock: Clock, address: str
) -> None:
    home.db.write(lambda session: active(session, "Le Panier d’Ici", clock()))
    bare = client.get(address)
    for query in ("fbclid=abc", "page=1", "etat=xx", "texte="):
        known = {"If-None-Match": bare.headers["etag"]}
        assert client.get(f"{address}?{query}", headers=known).status_code == 304, query
    assert client.get(f"{address}?texte=panier", headers=known).status_code == 200


def test_the_page_that_others_frame_is_made_once_and_again_when_it_says_something_else(
    client: TestClient, home: House, clock: Clock
) -> None:
    home.db.write(lambda session: active(session, "Le Panier d’Ici", clock()))
    client.get("/embed")

    def kept() -> Any:
        return home.public.get(lambda _: True, lambda *_: pytest.fail("not kept"), lambda _: True).frame

    (made,) = kept()
    client.get("/embed")
    assert kept()[0] is made
    home.db.write(lambda session: active(session, "Le Radis Bavard", clock()))
    assert "Le Radis Bavard" in client.get("/embed").text


@contextmanager
def counted_readings() -> Iterator[list[str]]:
    """Each time that all public places are read."""
    read: list[str] = []

    def look(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if re.search(r"FROM merchant JOIN sales_point.*standing", statement, re.S):
            read.append(statement)

    event.listen(Engine, "before_cursor_execute", look)
    yield read
    event.remove(Engine, "before_cursor_execute", look)


def test_the_answers_of_phones_do_not_have_the_places_read_again(
    client: TestClient, home: House, clock: Clock, town: Town, amina: Phone
) -> None:
    home.db.write(lambda session: active(session, "Le Panier d’Ici", clock()))
    client.get("/")
    with counted_readings() as read:
        amina.send(amina.start(town.visit, GRID))
        for choice in range(4):
            amina.send(amina.choose(town.visit, "entrer-et-circuler", choice))
            for address in ADDRESSES:
                client.get(address)
        assert read == []
        home.db.write(lambda session: soon(session, "Le Radis Bavard", clock()))
        for address in ADDRESSES * 3:
            client.get(address)
        assert len(read) == 1
    assert "Le Radis Bavard" in client.get("/").text


def test_every_change_the_public_may_see_is_seen_at_once(
    client: TestClient, home: House, clock: Clock
) -> None:
    shop = home.db.write(lambda session: active(session, "Le Panier d’Ici", clock()))

    def change(field: str, value: Any) -> None:
        def work(session: Any) -> None:
            (place,) = merchants.places(session, shop)
            setattr(place, field, value)
            session.add(place)

        home.db.write(work)

    for field, value in (("lat", 47.25), ("takes_moneko", False), ("opening_hours", "Mo 09:00-12:00")):
        before = client.get("/lieux.json").headers["etag"]
        change(field, value)
        assert client.get("/lieux.json").headers["etag"] != before, field


def test_the_script_has_the_same_bytes_each_time_it_is_composed() -> None:
    words = {"nearMe": "Me situer", "nearMeTitle": "Me situer sur la carte"}
    ground = mapping.Ground("https://tiles.example.org/{z}/{x}/{y}.png", "© Personne")
    composed = {
        mapping.script([(47.2, -1.6), (47.1, -1.9)], ground, "/map-layer.js", {"version": "x"}, words)
        for _ in range(3)
    }
    assert len(composed) == 1


# --- what is looked for, without scripts ---


def found(client: TestClient, query: str) -> list[str | None]:
    """The places of the answer, in their order."""
    return [item["data-slug"] for item in Tags(client.get(f"/?{query}").text).of("li") if "data-slug" in item]


def market(home: House, clock: Clock) -> None:
    """A bakery that is open, one whose hours nobody knows, one that is closed, and a stall."""
    bread: dict[str, Any] = {"kind": Kind.BAKERY}
    for name, place in {
        "Ouvert": bread | {"opening_hours": "24/7", "access": "yes"},
        "Inconnu": bread | {"lat": 47.3},
        "Fermé": bread | {"opening_hours": "Mo-Su closed"},
        "Étal": {"kind": Kind.MARKET_STALL, "opening_hours": "Sa 08:00-13:00", "lat": 47.4, "city": "Vue"},
    }.items():
        home.db.write(lambda session, name=name, place=place: active(session, name, clock(), **place))


def test_a_farms_stall_is_found_by_its_market_day_as_its_sheet_says(
    client: TestClient, home: House, town: Town, clock: Clock
) -> None:
    stall = {"kind": Kind.FARM, "label": "Marché de Talensac", "opening_hours": "Sa 08:00-13:00"}
    home.db.write(lambda session: active(session, "La Ferme", clock(), **stall))
    (slug,) = found(client, "marche=sa")
    assert "Jour de présence : samedi" in words(client.get(f"/lieux/{slug}"))
    assert client.get("/lieux.json").json()["moving"] == "1"


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("texte=OUVERT", ["ouvert-nantes"]),
        ("produits=bread&ouvert=maintenant", ["ouvert-nantes", "inconnu-nantes"]),
        ("ouvert=le&jour=2026-11-28&heure=09:00", ["ouvert-nantes", "etal-vue", "inconnu-nantes"]),
        ("marche=sa", ["etal-vue"]),
        ("marche=lu", []),
        ("acces=yes", ["ouvert-nantes"]),
        ("etat=soon", []),
        ("produits=bread&autour=Vue", ["inconnu-nantes", "ferme-nantes", "ouvert-nantes"]),
        (
            "jour=jamais&heure=99&ouvert=le&marche=xx&page=-1&produits=pain",
            ["ferme-nantes", "inconnu-nantes", "ouvert-nantes", "etal-vue"],
        ),
        ("texte=boulangerie", ["ferme-nantes", "inconnu-nantes", "ouvert-nantes"]),
        ("texte=boulangerie+ferm", ["ferme-nantes"]),
        ("marche=sa&marche=lu", []),
        ("marche=lu&marche=sa", ["etal-vue"]),
        ("produits=bread&produits=meat&acces=yes", ["ouvert-nantes"]),
        ("texte=ouvert" + "+" * 94 + "rien", ["ouvert-nantes"]),  # 104 signs: the rest is not looked for
    ],
)
def test_the_fund_answers_what_is_looked_for(
    client: TestClient, home: House, clock: Clock, query: str, slugs: list[str]
) -> None:
    market(home, clock)
    assert found(client, query) == slugs


def test_an_answer_says_what_is_open_what_is_not_known_and_what_it_was_asked(
    client: TestClient, home: House, clock: Clock
) -> None:
    market(home, clock)
    page = client.get("/?ouvert=maintenant&produits=bread")
    assert "Horaires inconnus : appelez avant de venir" in words(page).replace("\u00a0", " ")
    assert 'value="bread" checked' in page.text
    assert '<option value="maintenant" selected' in page.text
    assert "Aucun lieu ne répond à cette recherche" in words(client.get("/?texte=introuvable"))
    assert "choix fait" not in words(client.get("/?produits=pain&etat=xx&jour=2026-11-28"))
    assert "2 choix faits" in words(client.get("/?produits=pain&produits=bread&etat=soon&etat=active"))


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-28", "Ouvert jusqu’à 13:00"),
        ("2026-12-25", "Jour férié : appelez avant de venir"),
        ("2027-01-09", "Nous ne savons pas pour ce jour-là : appelez avant de venir"),
        ("2026-11-21", "Nous ne savons pas pour ce jour-là : appelez avant de venir"),
    ],
)
def test_an_answer_says_why_nobody_knows_what_is_open(
    client: TestClient, home: House, clock: Clock, day: str, said: str
) -> None:
    if day == "2026-12-25":
        clock.forward(hours=20 * 24)
    home.db.write(lambda session: active(session, "Étal", clock(), opening_hours="Mo-Su 08:00-13:00"))
    page = client.get(f"/?ouvert=le&jour={day}").text.replace("\u00a0", " ")
    assert re.findall(r'<p class="opening[^"]*">([^<]*)<', page) == [said]


def test_the_form_offers_the_days_of_which_something_is_known(
    client: TestClient, home: House, clock: Clock
) -> None:
    market(home, clock)
    field = next(each for each in Tags(client.get("/").text).of("input") if each.get("name") == "jour")
    today, last = (date.fromisoformat(str(field[end])) for end in ("min", "max"))
    data = client.get("/lieux.json").json()
    assert datetime.combine(today, time(), PARIS).timestamp() == data["since"] * 60
    assert datetime.combine(last + timedelta(days=1), time(), PARIS).timestamp() == data["until"] * 60


def test_a_name_that_no_town_has_is_said_when_there_is_no_address_engine(
    client: TestClient, home: House, clock: Clock
) -> None:
    market(home, clock)
    assert "Nous ne trouvons pas" in words(client.get("/?autour=Trifouillis"))
    assert client.get("/carte/adresses.json?texte=Trifouillis").json()["spot"] is None
    assert client.get("/carte/adresses.json?texte=VUE").json()["spot"] == [4_740_000, -160_000]


def test_a_long_list_comes_page_by_page_and_keeps_what_was_asked(
    client: TestClient, home: House, clock: Clock
) -> None:
    def many(session: Any) -> None:
        for rank in range(95):
            active(session, f"Commerce {rank:02}", clock(), kind=Kind.BAKERY)

    home.db.write(many)
    pages = [found(client, f"produits=bread&page={page}") for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [40, 40, 15, 15]  # after the last comes the last again
    assert len({slug for page in pages for slug in page}) == 95
    links = [link["href"] for link in Tags(client.get("/?produits=bread&page=2").text).of("a")]
    assert {"/?produits=bread&page=1", "/?produits=bread&page=3"} <= set(links)
    assert "/?page=2" in [link["href"] for link in Tags(client.get("/").text).of("a")]


def test_thousands_are_told_apart(home: House) -> None:
    place = PublicPlace("", "", "grocery", "", "", "", "", "", None, None, "", "", "", active=True)
    many = Shown((shown_place(place),) * 1_200, (), date(2026, 11, 27))
    page = answers.html(home, many, directory(many), answers.Question((), datetime.now(UTC)))
    assert "1\u202f200 lieux où payer en Moneko" in page
    assert "1\u202f200 lieux ne sont pas encore placés" in page


# --- what the phone fetches ---


def test_the_lines_of_the_list_are_the_pages_own(client: TestClient, home: House, clock: Clock) -> None:
    market(home, clock)
    data = client.get("/lieux.json").json()
    lines = client.get("/carte/lignes/0.json").json()
    assert lines["version"] == data["version"]
    assert [re.search('data-slug="([^"]+)"', line)[1] for line in lines["lines"]] == data["slug"]  # type: ignore[index]
    for address in (
        "/carte/lignes/1.json",
        "/carte/lignes/x.json",
        "/carte/20/0/0.json",
        "/carte/1/²/0.json",
    ):
        assert client.get(address).status_code == 404, address


def test_a_piece_of_the_map_has_its_places_and_answers_what_is_looked_for(
    client: TestClient, home: House, clock: Clock
) -> None:
    market(home, clock)
    everywhere_there_is = client.get("/carte/1/0/0.json").json()
    shown = sum(group[2] for group in everywhere_there_is["clusters"]) + len(
        everywhere_there_is["places"]["slug"]
    )
    assert shown == 4
    asked = client.get("/carte/1/0/0.json?marche=sa").json()
    assert (asked["clusters"], asked["places"]["slug"]) == ([], ["etal-vue"])
    assert client.get("/carte/5/31/31.json").json()["places"]["slug"] == []


def test_hours_are_told_anew_each_day(client: TestClient, home: House, clock: Clock) -> None:
    market(home, clock)
    before = client.get("/lieux.json")
    clock.forward(hours=26)
    after = client.get("/lieux.json", headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.json()["since"] - before.json()["since"] == 24 * 60
    assert after.json()["until"] - after.json()["since"] == 14 * 24 * 60


def test_the_server_of_the_ground_is_called_before_its_first_piece_is_asked(
    client: TestClient, home: House, clock: Clock
) -> None:
    home.db.write(lambda session: active(session, "Le Panier d’Ici", clock()))
    server = tile_servers(home.settings.tile_url)
    assert f'<link rel="preconnect" href="{server}">' in client.get("/").text
    assert (
        tile_servers("https://{s}.example.org/{z}/{x}/{y}.png") == "https://*.example.org"
    )  # that nobody can call
