"""Photos and voice notes in a real Chromium: small, without metadata, never without their entry, sent one by one."""

import base64
import io
import random
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from backend.storage import questions, visits
from backend.web.house import House
from tests.browsers import LAUNCH
from tests.doses import dose
from tests.e2e.field_app import (
    PHONE,
    NewPhone,
    answer,
    begin,
    close_visit,
    end,
    join,
    kill,
    listened,
    offline,
)
from tests.servers import Server
from tests.town import Town, code_for
from tests.voices import heard

SCREEN_ONE = "1 sur 15"

# every photo and note that entries announce, and every one that this phone has bytes of
KEPT = """async () => {
  const db = await new Promise((open) => {
    const asked = indexedDB.open('caisse-commune');
    asked.onsuccess = () => open(asked.result);
  });
  const all = (store) => new Promise((found) => {
    const asked = db.transaction(store).objectStore(store).getAll();
    asked.onsuccess = () => found(asked.result);
  });
  const [entries, media] = [await all('entries'), await all('media')];
  db.close();
  return {
    announced: entries.flatMap(({ entry }) => entry.sha256 ?? entry.voice ?? []),
    kept: await Promise.all(media.map(async ({ sha256, bytes, status, media: type }) => ({
      sha256, status, type, size: bytes.byteLength,
      head: btoa(String.fromCharCode(...new Uint8Array(bytes).slice(0, 40_000))),
    }))),
  };
}"""


@pytest.fixture
def amina_page(phone: NewPhone, home: House, town: Town, live_server: Server) -> Page:
    """Amina's phone, in a visit that has begun."""
    page = join(listened(phone()).new_page(), live_server.address, code_for(home, town.amina))
    begin(page)
    return page


def jpeg(size: tuple[int, int] = (1200, 900), seed: int = 0, **how: Any) -> bytes:
    """A photo that does not compress to nothing, another one for each seed."""
    noise = random.Random(seed).randbytes(64 * 48 * 3)
    image = Image.frombytes("RGB", (64, 48), noise).resize(size)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90, **how)
    return out.getvalue()


def taken_here() -> bytes:
    """A photo upside down that says where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "Chez Mado"
    exif.get_ifd(0x8825)[2] = (47.0, 12.0, 30.0)
    return jpeg((1600, 1200), exif=exif)


def photo(name: str, body: bytes, media: str = "image/jpeg") -> Any:
    return {"name": name, "mimeType": media, "buffer": body}


def add(page: Page, *files: Any) -> None:
    page.get_by_label("Choisir dans le téléphone").set_input_files(list(files))


def shown(page: Page, count: int) -> None:
    expect(page.locator(".photo img")).to_have_count(count)


# --- made small, and nothing left of where it was taken ---


def test_a_photo_is_made_small_and_upright_and_says_nothing_of_where_it_was_taken(amina_page: Page) -> None:
    add(amina_page, photo("IMG_1.jpg", taken_here()))
    shown(amina_page, 1)
    found = amina_page.evaluate(KEPT)
    [kept] = found["kept"]
    assert found["announced"] == [kept["sha256"]]
    assert kept["type"] == "image/jpeg"
    assert kept["size"] <= 300_000
    head = base64.b64decode(kept["head"])
    assert b"Exif" not in head
    assert b"Mado" not in head
    width, height = amina_page.locator(".photo img").evaluate("i => [i.naturalWidth, i.naturalHeight]")
    assert (width, height) == (1200, 1600)


@pytest.mark.parametrize(
    ("size", "form", "media"),
    [
        ((8000, 6000), "JPEG", "image/jpeg"),
        ((900, 700), "PNG", "image/png"),
        ((900, 700), "WEBP", "image/webp"),
    ],
    ids=["48 megapixels", "PNG", "WebP"],
)
def test_large_photos_and_other_formats_become_a_small_jpeg(
    amina_page: Page, size: tuple[int, int], form: str, media: str
) -> None:
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, form)
    add(amina_page, photo(f"photo.{form.lower()}", out.getvalue(), media))
    expect(amina_page.locator(".photo img")).to_have_count(1, timeout=30_000)
    [kept] = amina_page.evaluate(KEPT)["kept"]
    assert kept["type"] == "image/jpeg"
    assert kept["size"] <= 300_000
    assert max(amina_page.locator(".photo img").evaluate("i => [i.naturalWidth, i.naturalHeight]")) <= 1600


@pytest.mark.parametrize(
    ("name", "body", "media"),
    [
        ("notes.jpg", b"une liste de courses", "image/jpeg"),
        ("coupee.jpg", jpeg()[:2000], "image/jpeg"),
        ("IMG_0001.HEIC", b"\0\0\0\x24ftypheic" + b"\0" * 500, "image/heic"),
        ("vide.jpg", b"", "image/jpeg"),
    ],
    ids=["a text", "cut", "HEIC", "empty"],
)
def test_what_this_phone_cannot_read_as_a_photo_is_refused_in_one_sentence(
    amina_page: Page, name: str, body: bytes, media: str
) -> None:
    add(amina_page, photo(name, body, media), photo("bonne.jpg", jpeg()))
    expect(amina_page.get_by_role("alert")).to_contain_text("Ce téléphone ne sait pas lire cette photo.")
    shown(amina_page, 1)  # the good one, chosen along with it, is there
    assert len(amina_page.evaluate(KEPT)["announced"]) == 1


# --- never without its entry ---


def test_a_page_killed_while_it_saves_photos_keeps_each_with_its_entry_or_neither(amina_page: Page) -> None:
    page, chance = amina_page, random.Random(7)
    for turn in range(dose(5, 100)):
        files = [photo(f"{turn}-{n}.jpg", jpeg((1600, 1200), seed=turn * 10 + n)) for n in range(3)]
        add(page, *files)
        page.wait_for_timeout(chance.randrange(0, 400))
        page = kill(page)
        expect(page.get_by_role("link", name=SCREEN_ONE)).to_be_visible()
        found = page.evaluate(KEPT)
        assert sorted(found["announced"]) == sorted(kept["sha256"] for kept in found["kept"])


def test_someone_whose_page_was_killed_behind_the_camera_comes_back_to_the_same_question(
    amina_page: Page, live_server: Server
) -> None:
    answer(amina_page)
    amina_page.get_by_role("link", name="Suivant").click()
    expect(amina_page.get_by_role("link", name="2 sur 15")).to_be_visible()
    with amina_page.expect_file_chooser():
        amina_page.get_by_text("Ajouter une photo").click()
    context = amina_page.context
    end(amina_page)
    again = context.new_page()
    again.goto(f"{live_server.address}/app/")
    expect(again.get_by_role("link", name="2 sur 15")).to_be_visible()


# --- received ---


def test_photos_taken_without_network_are_received_after_the_answers(
    amina_page: Page, home: House, town: Town
) -> None:
    offline(amina_page)
    for turn in range(3):
        add(amina_page, photo(f"{turn}.jpg", jpeg(seed=turn)))
        shown(amina_page, turn + 1)
    amina_page.get_by_label("Que montre cette photo ?").first.fill("La porte")
    amina_page.get_by_label("Que montre cette photo ?").first.blur()
    amina_page.get_by_role("link", name=SCREEN_ONE).click()
    close_visit(amina_page)
    expect(amina_page.get_by_text("C’est enregistré sur ce téléphone.")).to_be_visible()
    offline(amina_page, False)
    expect(amina_page.get_by_text("La caisse a tout reçu.")).to_be_visible()
    home.background.work()
    with home.db.read() as session:
        reading = visits.read(session, visits.get(session, town.visit), home.rules)
    assert reading.received
    assert sorted(each["caption"] for each in reading.state["photos"]) == ["", "", "La porte"]


def test_an_upload_cut_at_any_byte_is_taken_up_again(amina_page: Page) -> None:
    chance, cuts = random.Random(3), list[int]()

    def cut(route: Route) -> None:
        body = route.request.post_data_buffer or b""
        if route.request.method != "PUT" or len(cuts) == 4:
            return route.continue_()
        cuts.append(chance.randrange(len(body)))
        route.fetch(post_data=body[: cuts[-1]])  # so much of it arrived
        return route.abort()

    amina_page.context.route("**/api/photos/*", cut)
    with amina_page.expect_event("requestfailed"):
        add(amina_page, photo("a.jpg", jpeg(seed=1)), photo("b.jpg", jpeg(seed=2)))
    for _ in range(3):
        with amina_page.expect_event("requestfailed"):
            offline(amina_page)
            offline(amina_page, False)
    offline(amina_page)
    offline(amina_page, False)
    expect(amina_page.locator(".photo .state[data-state=received]")).to_have_count(2)
    assert len(cuts) == 4


def test_a_photo_the_fund_refuses_is_said_so_and_stops_no_other(amina_page: Page) -> None:
    refused: list[str] = []

    def refuse(route: Route) -> None:
        sha256 = route.request.url.rsplit("/", 1)[-1]
        if route.request.method == "PUT" and not refused:
            refused.append(sha256)
        if route.request.method != "PUT" or sha256 not in refused:
            return route.continue_()
        problem = {"type": "/problemes/photo_type", "title": "Photo", "status": 415, "detail": "Reprenez-la."}
        return route.fulfill(status=415, json=problem, content_type="application/problem+json")

    amina_page.context.route("**/api/photos/*", refuse)
    add(amina_page, photo("a.jpg", jpeg(seed=1)), photo("b.jpg", jpeg(seed=2)))
    expect(amina_page.get_by_text("à reprendre")).to_be_visible()
    expect(amina_page.locator(".photo .state[data-state=received]")).to_have_count(1)


def test_a_captive_portal_does_not_pass_for_the_fund(amina_page: Page) -> None:
    amina_page.context.route(
        "**/api/photos/*", lambda route: route.fulfill(status=200, body="<h1>Wi-Fi</h1>")
    )
    add(amina_page, photo("a.jpg", jpeg()))
    shown(amina_page, 1)
    expect(amina_page.locator(".photo .state[data-state=local]")).to_have_count(1)
    amina_page.context.unroute_all()
    offline(amina_page)
    offline(amina_page, False)
    expect(amina_page.locator(".photo .state[data-state=received]")).to_have_count(1)


def test_a_photo_is_taken_away_after_one_question(amina_page: Page) -> None:
    add(amina_page, photo("a.jpg", jpeg()))
    shown(amina_page, 1)
    amina_page.get_by_role("button", name="Enlever la photo").click()
    amina_page.get_by_role("button", name="Oui, l’enlever").click()
    shown(amina_page, 0)


# --- voice ---


def test_a_remark_is_spoken_kept_and_heard(
    chromium: Browser, home: House, town: Town, live_server: Server
) -> None:
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    browser = chromium.browser_type.launch(**(LAUNCH | {"args": [*LAUNCH["args"], *flags]}))
    page = browser.new_context(**PHONE, permissions=["microphone"]).new_page()
    join(page, live_server.address, code_for(home, town.amina))
    begin(page)
    page.get_by_role("button", name="Dire une remarque").click()
    expect(page.get_by_text("Parlez : 2 s sur 60")).to_be_visible()
    page.get_by_role("button", name="J’ai fini").click()
    page.get_by_role("button", name="Garder").click()
    expect(page.locator(".voice audio")).to_have_count(1)
    expect(page.locator(".voice .state[data-state=received]")).to_be_visible()
    [kept] = page.evaluate(KEPT)["kept"]
    browser.close()
    home.background.work()
    assert heard(home.photos.open(kept["sha256"], "sound"))[0] > 1


def test_a_question_of_the_coordination_is_answered_aloud(
    chromium: Browser, home: House, town: Town, live_server: Server
) -> None:
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    browser = chromium.browser_type.launch(**(LAUNCH | {"args": [*LAUNCH["args"], *flags]}))
    page = browser.new_context(**PHONE, permissions=["microphone"]).new_page()
    home.db.write(
        lambda session: questions.ask(
            session, town.visit, None, "Qui vous a reçus ?", home.now(), by=town.claire
        )
    )
    join(page, live_server.address, code_for(home, town.amina))
    page.goto(f"{live_server.address}/app/#visite/{town.visit}/questions")
    page.get_by_role("button", name="Dire ma réponse").click()
    expect(page.get_by_text("Parlez : 1 s sur 60")).to_be_visible()
    page.get_by_role("button", name="J’ai fini").click()
    page.get_by_role("button", name="Garder").click()
    expect(page.locator("blockquote audio")).to_have_count(1)
    expect(page.get_by_text("Tout est reçu")).to_be_visible()
    [kept] = page.evaluate(KEPT)["kept"]
    browser.close()
    home.background.work()
    assert heard(home.photos.open(kept["sha256"], "sound"))[0] > 0.5


def test_a_microphone_that_is_refused_is_said_in_words(amina_page: Page) -> None:
    amina_page.get_by_role("button", name="Dire une remarque").click()
    expect(amina_page.get_by_role("alert")).to_contain_text("Le micro n’est pas disponible.")
