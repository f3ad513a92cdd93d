"""What must not be lost, whatever happens to the phone, its browser, the network or the fund: one story each."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import segno
from playwright.sync_api import Browser, Page, Response, Route, expect
from sqlmodel import Session, select

from backend.storage import visits
from backend.storage.tables import Enrolment, Entry
from backend.web.house import House
from tests.browsers import LAUNCH
from tests.e2e.field_app import CRITERIA, PHONE, NewPhone, answer, begin, close_visit, go_on, join, offline
from tests.e2e.test_field_app import journal, mend, revoke_all, spoil
from tests.e2e.test_photos import add, jpeg, photo, shown
from tests.recording import Recorder
from tests.servers import ROOT, Server
from tests.town import Clock, Town, code_for, opened, settle

SHOP = "Épicerie des Bourderies"


@pytest.fixture
def amina_page(phone: NewPhone, home: House, town: Town, live_server: Server) -> Page:
    """Amina's phone, joined, with the app kept for the days without a network."""
    return join(phone().new_page(), live_server.address, code_for(home, town.amina))


def answer_all(page: Page, level: Callable[[int], int] = lambda number: number % 4) -> None:
    """Every question from where the page is, to the summary."""
    for number in range(1, CRITERIA + 1):
        answer(page, level(number))
        go_on(page, number)


def to_this_phone(page: Page) -> None:
    page.evaluate("location.hash = '#telephone'")
    expect(page.get_by_role("heading", name="Sur ce téléphone")).to_be_visible()


def save_backup(page: Page, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name="Enregistrer une sauvegarde").click()
    assert download.value.suggested_filename.startswith("caisse-sauvegarde-20")
    kept = folder / download.value.suggested_filename
    download.value.save_as(kept)
    expect(page.locator("main").get_by_text("Sauvegarde faite")).to_be_visible()
    return kept


def restore_backup(page: Page, file: Path) -> None:
    page.get_by_label("Reprendre une sauvegarde").set_input_files(file)


def on_disk(page: Page) -> dict[str, Any]:
    """Everything the phone's database holds, by object store."""
    read: dict[str, Any] = page.evaluate(
        """async () => {
          const asked = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
          const db = await asked(indexedDB.open('caisse-commune'));
          const stores = [...db.objectStoreNames];
          const tx = db.transaction(stores);
          const all = await Promise.all(stores.map(async (name) => {
            const [keys, values] = await Promise.all([
              asked(tx.objectStore(name).getAllKeys()), asked(tx.objectStore(name).getAll()),
            ]);
            return [name, Object.fromEntries(keys.map((key, at) => [key, values[at]]))];
          }));
          db.close();
          return Object.fromEntries(all);
        }"""
    )
    return read


# --- a backup, and back ---


def test_a_backup_taken_back_before_joining_goes_out_when_its_author_comes(
    amina_page: Page, phone: NewPhone, home: House, town: Town, live_server: Server, tmp_path: Path
) -> None:
    begin(amina_page)
    expect(amina_page.get_by_text("Tout est reçu")).to_be_visible()
    offline(amina_page)
    answer(amina_page, level=1)
    go_on(amina_page, 1)
    answer(amina_page, level=3)
    amina_page.get_by_label("Une remarque").fill("Une marche à l’entrée")
    add(amina_page, photo("entree.jpg", jpeg()))
    shown(amina_page, 1)
    to_this_phone(amina_page)
    expect(amina_page.get_by_text("2 réponses, 1 remarque et 1 photo")).to_be_visible()
    file = save_backup(amina_page, tmp_path)
    amina_page.close()

    other = phone().new_page()
    other.goto(f"{live_server.address}/app/")
    other.get_by_role("link", name="Reprendre une sauvegarde").click()
    restore_backup(other, file)
    expect(
        other.locator("main").get_by_text("C’est repris : 5 éléments et 1 photo ou note vocale.")
    ).to_be_visible()
    expect(other.get_by_text("5 éléments gardés pour Amina")).to_be_visible()
    other.get_by_role("link", name="Entrer un code").click()
    other.get_by_label("Votre code").fill(code_for(home, town.amina))
    other.get_by_role("button", name="Entrer").click()
    expect(other.get_by_text("Tout est reçu")).to_be_visible()
    expect(other.get_by_text("2 réponses sur 15")).to_be_visible()
    assert [entry["choice"] for entry in journal(home, "choice_made")] == [1, 3]
    assert [entry["text"] for entry in journal(home, "remark_made")] == ["Une marche à l’entrée"]
    assert confirmed(home) == [True] * 5
    to_this_phone(other)
    expect(other.get_by_text("tout est reçu par la caisse")).to_be_visible()
    [attached] = journal(home, "photo_attached")
    assert home.photos.has(attached["sha256"])

    restore_backup(other, file)
    expect(
        other.locator("main").get_by_text("Tout ce qui est dans ce fichier est déjà sur ce téléphone.")
    ).to_be_visible()


def confirmed(home: House) -> list[bool]:
    """Of each entry, oldest first, whether its author's own device sent it."""
    with home.db.read() as session:
        return [seq is not None for seq in session.exec(select(Entry.confirmed_seq).order_by(Entry.id))]


def test_a_backup_taken_back_on_the_partners_phone_is_brought_under_its_author(
    amina_page: Page, phone: NewPhone, home: House, town: Town, live_server: Server, tmp_path: Path
) -> None:
    offline(amina_page)
    begin(amina_page)
    answer(amina_page, level=1)
    to_this_phone(amina_page)
    file = save_backup(amina_page, tmp_path)
    bruno_page = join(phone().new_page(), live_server.address, code_for(home, town.bruno))
    to_this_phone(bruno_page)
    restore_backup(bruno_page, file)
    expect(bruno_page.locator("main").get_by_text("C’est repris : 2 éléments.")).to_be_visible()
    expect(bruno_page.get_by_text("tout est reçu par la caisse")).to_be_visible()
    [choice] = journal(home, "choice_made")
    assert choice["author"] == town.amina
    assert confirmed(home) == [False, False]
    offline(amina_page, False)
    expect(amina_page.get_by_text("tout est reçu par la caisse")).to_be_visible()
    assert confirmed(home) == [True, True]


def test_a_file_that_is_no_backup_is_refused_in_a_sentence(amina_page: Page, tmp_path: Path) -> None:
    to_this_phone(amina_page)
    before = on_disk(amina_page)["entries"]
    photo = tmp_path / "photo.zip"
    photo.write_bytes(b"\xff\xd8\xff")
    restore_backup(amina_page, photo)
    expect(
        amina_page.locator("main").get_by_text("Ce fichier n’est pas une sauvegarde de la caisse.")
    ).to_be_visible()
    whole = save_backup(amina_page, tmp_path)
    cut = tmp_path / "coupee.zip"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    restore_backup(amina_page, cut)
    expect(amina_page.locator("main").get_by_text("Ce fichier est abîmé ou incomplet")).to_be_visible()
    assert on_disk(amina_page)["entries"] == before


# --- leaving ---


def leave(page: Page, who: str) -> None:
    to_this_phone(page)
    page.get_by_role("link", name="Quitter ce téléphone").click()
    page.get_by_role("button", name=who).click()


def test_leaving_is_allowed_at_once_when_all_is_received_and_leaves_nothing_behind(
    amina_page: Page, home: House, town: Town
) -> None:
    begin(amina_page)
    answer(amina_page)
    expect(amina_page.get_by_text("Tout est reçu")).to_be_visible()
    leave(amina_page, "Amina")
    expect(amina_page.get_by_role("heading", name="Rien ne sera perdu")).to_be_visible()
    amina_page.get_by_role("button", name="Quitter ce téléphone").click()
    expect(amina_page.get_by_role("heading", name="Bienvenue")).to_be_visible()
    amina_page.wait_for_function(
        "caches.keys().then(() => true)"  # a turn of the page: the fund is told in the background
    )
    amina_page.reload()
    expect(amina_page.get_by_role("heading", name="Bienvenue")).to_be_visible()
    left = on_disk(amina_page)
    facts = left.pop("facts")
    assert not any(left.values()), left
    assert town.amina not in json.dumps(facts)
    assert "Amina" not in json.dumps(facts)
    with home.db.read() as session:
        assert all(session.exec(select(Enrolment.left_at)).all())


def test_what_would_be_lost_is_named_and_asked_twice_and_can_be_saved_first(
    amina_page: Page, home: House, town: Town, live_server: Server, tmp_path: Path
) -> None:
    begin(amina_page)
    expect(amina_page.get_by_text("Tout est reçu")).to_be_visible()
    offline(amina_page)
    answer(amina_page, level=1)
    go_on(amina_page, 1)
    answer(amina_page, level=2)
    for number in range(2):
        add(amina_page, photo(f"{number}.jpg", jpeg(seed=number)))
        shown(amina_page, number + 1)
    leave(amina_page, "Amina")
    lost = f"2 réponses et 2 photos de la visite « {SHOP} »"
    expect(amina_page.get_by_text(nbsp(lost))).to_be_visible()
    with amina_page.expect_download() as download:
        amina_page.get_by_role("button", name="Enregistrer une sauvegarde d’abord").click()
    file = tmp_path / "sauvegarde.zip"
    download.value.save_as(file)
    amina_page.get_by_role("button", name="Quitter quand même").click()
    expect(amina_page.get_by_role("heading", name="Effacer pour de bon")).to_be_visible()
    expect(amina_page.get_by_text(nbsp(lost))).to_be_visible()
    amina_page.get_by_role("button", name="Effacer et quitter").click()
    expect(amina_page.get_by_role("heading", name="Bienvenue")).to_be_visible()
    left = on_disk(amina_page)
    assert left.pop("facts") == {"joins": 2, "leaving": ["all"]}
    assert not any(left.values()), left

    # the fund is told once there is a network, and what was saved goes out with a new code
    offline(amina_page, False)
    amina_page.get_by_label("Votre code").fill(code_for(home, town.amina))
    amina_page.get_by_role("button", name="Entrer").click()
    expect(amina_page.get_by_role("heading", name="À faire")).to_be_visible()
    with home.db.read() as session:
        assert [
            left_at is None for left_at in session.exec(select(Enrolment.left_at).order_by(Enrolment.at))
        ] == [
            False,
            True,
        ]
    to_this_phone(amina_page)
    restore_backup(amina_page, file)
    expect(amina_page.locator("main").get_by_text("C’est repris : 4 éléments et 2 photos")).to_be_visible()
    expect(amina_page.get_by_text("tout est reçu par la caisse")).to_be_visible()
    assert [entry["choice"] for entry in journal(home, "choice_made")] == [1, 2]


def nbsp(text: str) -> str:
    """French spacing inside guillemets, as it is shown."""
    return text.replace("« ", "«\u202f").replace(" »", "\u202f»")


def test_one_of_two_leaves_and_the_other_goes_on_with_the_shared_visit(
    amina_page: Page, home: House, town: Town, live_server: Server
) -> None:
    join(amina_page, live_server.address, code_for(home, town.bruno))
    amina_page.get_by_role("link", name="Qui tient le téléphone").click()
    amina_page.get_by_role("button", name="Amina").click()
    amina_page.get_by_role("link", name="Continuer").click()
    begin(amina_page)
    expect(amina_page.get_by_text("Tout est reçu")).to_be_visible()
    offline(amina_page)
    answer(amina_page, level=1)
    leave(amina_page, "Amina")
    expect(amina_page.get_by_role("heading", name="Rien ne sera perdu")).to_be_visible()
    amina_page.get_by_role("button", name="Quitter ce téléphone").click()
    expect(amina_page.get_by_role("heading", name="Mes visites")).to_be_visible()
    expect(amina_page.get_by_text("Bonjour Bruno")).to_be_visible()
    expect(amina_page.get_by_text("1 réponse sur 15")).to_be_visible()
    to_this_phone(amina_page)
    offline(amina_page, False)
    expect(amina_page.get_by_text("tout est reçu par la caisse")).to_be_visible()
    [choice] = journal(home, "choice_made")
    assert choice["author"] == town.amina
    assert confirmed(home) == [True, False]
    with home.db.read() as session:
        gone = session.exec(select(Enrolment.person_id).where(Enrolment.left_at != None)).all()  # noqa: E711
    assert gone == [town.amina]
    assert on_disk(amina_page)["facts"]["people"] == [{"id": town.bruno, "name": "Bruno"}]


# --- joining ---


def test_a_fourth_device_is_refused_in_words(
    phone: NewPhone, home: House, town: Town, live_server: Server
) -> None:
    code = code_for(home, town.amina)
    for _ in range(3):
        join(phone().new_page(), live_server.address, code)
    page = phone().new_page()
    page.goto(f"{live_server.address}/app/#code={code}")
    expect(page.get_by_role("alert")).to_contain_text("Ce code a déjà servi sur 3 appareils.")


def test_one_person_on_two_phones_sees_the_same(
    amina_page: Page, phone: NewPhone, home: House, town: Town, live_server: Server
) -> None:
    begin(amina_page)
    answer(amina_page, level=1)
    expect(amina_page.get_by_text("Tout est reçu")).to_be_visible()
    other = join(phone().new_page(), live_server.address, code_for(home, town.amina))
    expect(other.get_by_text("1 réponse sur 15")).to_be_visible()
    other.get_by_role("link", name=SHOP).click()
    answer(other, level=3)
    expect(other.get_by_text("Tout est reçu")).to_be_visible()
    amina_page.get_by_role("link", name="1 sur 15").click()
    amina_page.get_by_role("link", name="Visites").click()
    amina_page.get_by_role("button", name="Envoyer maintenant").click()
    expect(amina_page.get_by_text("2 réponses sur 15")).to_be_visible()


def test_on_an_iphone_the_join_screen_says_that_the_installed_app_is_another_device(
    phone: NewPhone, live_server: Server
) -> None:
    page = phone(user_agent=IPHONE).new_page()
    page.goto(f"{live_server.address}/app/")
    expect(page.get_by_text("comptent pour deux appareils")).to_be_visible()


def test_the_code_of_an_invitation_is_read_by_the_camera_inside_the_app(
    chromium: Browser, home: House, town: Town, live_server: Server, tmp_path: Path
) -> None:
    film = tmp_path / "invitation.y4m"
    film.write_bytes(filmed(f"{live_server.address}/app/#code={code_for(home, town.amina)}"))
    camera = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    browser = chromium.browser_type.launch(**(LAUNCH | {"args": [*LAUNCH["args"], *camera]}))
    page = browser.new_context(**PHONE, permissions=["camera"]).new_page()
    page.goto(f"{live_server.address}/app/")
    page.get_by_role("link", name="Scanner le code").click()
    page.get_by_role("button", name="Ouvrir l’appareil photo").click()
    expect(page.get_by_role("heading", name="À faire")).to_be_visible()
    assert page.url == f"{live_server.address}/app/"
    browser.close()


def filmed(text: str) -> bytes:
    """A short film, as Chromium's fake camera plays it, of a QR code that says this."""
    width, height, module = 640, 480, 8
    rows = list(segno.make(text, error="m").matrix_iter(scale=module, border=4))
    top, side = (height - len(rows)) // 2, (width - len(rows[0])) // 2
    light = [bytearray(b"\xeb" * width) for _ in range(height)]
    for y, row in enumerate(rows):
        light[top + y][side : side + len(row)] = bytes(16 if dark else 235 for dark in row)
    frame = b"FRAME\n" + b"".join(light) + b"\x80" * (width * height // 2)
    return f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 3


def test_without_a_camera_the_letters_are_copied(phone: NewPhone, live_server: Server) -> None:
    page = phone().new_page()
    page.goto(f"{live_server.address}/app/")
    page.get_by_role("link", name="Scanner le code").click()
    page.get_by_role("button", name="Ouvrir l’appareil photo").click()
    expect(page.get_by_role("alert")).to_contain_text("recopiez les lettres imprimées sous le code")


IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"


# --- warned before ---


def test_on_an_iphone_safari_s_seven_days_are_told_with_the_remedy_and_can_be_put_aside(
    phone: NewPhone, home: House, town: Town, live_server: Server
) -> None:
    page = join(phone(user_agent=IPHONE).new_page(), live_server.address, code_for(home, town.amina))
    expect(page.get_by_text("l’iPhone efface tout ce qui est ici après 7 jours")).to_be_visible()
    page.get_by_text("Mettre la caisse sur l’écran d’accueil").click()
    expect(page.get_by_text("Choisissez «\u202fSur l’écran d’accueil\u202f».")).to_be_visible()
    page.get_by_role("button", name="Plus tard").click()
    expect(page.get_by_text("après 7 jours")).to_have_count(0)
    expect(page.get_by_role("heading", name="Mes visites")).to_be_focused()
    page.reload()
    expect(page.get_by_role("heading", name="À faire")).to_be_visible()
    expect(page.get_by_role("button", name="Aide")).to_be_visible()
    page.wait_for_function("document.styleSheets.length === 3")  # all the code is here
    expect(page.get_by_text("après 7 jours")).to_have_count(0)


@pytest.mark.parametrize(
    ("quota", "usage", "words"),
    [
        (1_000_000_000, 970_000_000, "Il ne reste que 30 Mo"),
        (1_000_000_000, 850_000_000, "Il ne reste que 150 Mo"),
        (120_000_000, 1_000_000, "c’est peut-être une navigation privée"),
    ],
)
def test_little_room_is_told_before_it_is_missing(
    phone: NewPhone, home: House, town: Town, live_server: Server, quota: int, usage: int, words: str
) -> None:
    context = phone()
    context.add_init_script(
        f"navigator.storage.estimate = async () => ({{ quota: {quota}, usage: {usage} }});"
    )
    page = join(context.new_page(), live_server.address, code_for(home, town.amina))
    expect(page.get_by_text(words)).to_be_visible()


def test_a_phone_that_may_forget_says_so_once_there_is_something_to_lose(amina_page: Page) -> None:
    begin(amina_page)
    expect(amina_page.get_by_text("Tout est reçu")).to_be_visible()
    amina_page.goto(amina_page.url.split("#")[0])
    expect(amina_page.get_by_role("link", name=SHOP)).to_be_visible()
    expect(amina_page.get_by_text("il peut effacer ce qui n’est pas encore envoyé")).to_have_count(0)
    offline(amina_page)
    amina_page.get_by_role("link", name=SHOP).click()
    answer(amina_page)
    amina_page.get_by_role("link", name="1 sur 15").click()
    amina_page.get_by_role("link", name="Visites").click()
    expect(amina_page.get_by_text("il peut effacer ce qui n’est pas encore envoyé")).to_be_visible()


def test_a_clock_far_off_is_told_and_changes_nothing(
    phone: NewPhone, home: House, town: Town, live_server: Server
) -> None:
    context = phone()
    context.add_init_script("const now = Date.now; Date.now = () => now() + 2 * 86_400_000;")
    page = join(context.new_page(), live_server.address, code_for(home, town.amina))
    expect(page.get_by_text("L’horloge de ce téléphone avance de 2 jours.")).to_be_visible()
    begin(page)
    answer(page)
    expect(page.get_by_text("Tout est reçu")).to_be_visible()


def test_a_list_that_nobody_refreshed_for_a_week_says_its_age(amina_page: Page) -> None:
    amina_page.context.add_init_script("const now = Date.now; Date.now = () => now() + 9 * 86_400_000;")
    offline(amina_page)
    amina_page.reload()
    expect(amina_page.get_by_text("Votre liste de visites date de 9 jours.")).to_be_visible()


# --- sent once, whatever the road does ---


def test_a_phone_revoked_with_a_full_outbox_goes_on_and_a_new_code_sends_all_of_it(
    amina_page: Page, home: House, town: Town
) -> None:
    begin(amina_page)
    expect(amina_page.get_by_text("Tout est reçu")).to_be_visible()
    revoke_all(home)
    answer(amina_page, level=1)
    expect(amina_page.get_by_text("Envoi arrêté")).to_be_visible()
    amina_page.get_by_label("Une remarque").fill("Une marche à l’entrée")
    go_on(amina_page, 1)
    for number in range(2, CRITERIA + 1):
        answer(amina_page, level=number % 4)
        go_on(amina_page, number)
    close_visit(amina_page)
    expect(amina_page.get_by_text("C’est enregistré sur ce téléphone.")).to_be_visible()
    amina_page.get_by_role("link", name="Revenir à mes visites").click()
    amina_page.get_by_role("link", name="Entrer un code").click()
    expect(amina_page.get_by_text("tout reste sur ce téléphone")).to_be_visible()
    amina_page.get_by_label("Votre code").fill(code_for(home, town.amina))
    amina_page.get_by_role("button", name="Entrer").click()
    expect(amina_page.get_by_text("15 réponses et 1 remarque reçues par la caisse")).to_be_visible()
    kinds = [entry["kind"] for entry in journal(home)]
    assert sorted(kinds) == sorted(["visit_started", *["choice_made"] * 15, "remark_made", "visit_closed"])
    assert {entry["author"] for entry in journal(home)} == {town.amina}


def test_one_entry_refused_among_twenty_stops_none_of_the_others(amina_page: Page, home: House) -> None:
    def spoil_one(route: Route) -> None:
        batch = route.request.post_data_json
        for entry in batch["entries"]:
            if entry.get("criterion") == "petits-prix" and "choice" in entry:
                entry["choice"] = 99  # what no level of the grid has
        route.continue_(post_data=json.dumps(batch))

    offline(amina_page)
    begin(amina_page)
    for number in range(1, CRITERIA + 1):
        answer(amina_page, level=number % 4)
        if number <= 3:
            amina_page.get_by_label("Une remarque").fill(f"Remarque {number}")
        go_on(amina_page, number)
    close_visit(amina_page)
    assert len(on_disk(amina_page)["entries"]) == 20
    spoil(amina_page, spoil_one)
    offline(amina_page, False)
    expect(amina_page.get_by_role("link", name="1 à corriger")).to_be_visible()
    assert len(journal(home)) == 19
    amina_page.get_by_role("link", name="1 à corriger").click()
    expect(amina_page.get_by_text("choisissez un niveau")).to_be_visible()
    mend(amina_page)
    amina_page.get_by_role("link", name="Ouvrir la question").click()
    answer(amina_page, level=3)
    expect(amina_page.get_by_text("Tout est reçu")).to_be_visible()
    assert len(journal(home, "choice_made")) == CRITERIA


def test_a_batch_too_large_for_the_road_is_cut_in_two_until_it_passes(amina_page: Page, home: House) -> None:
    refused: list[int] = []

    def too_large(route: Route) -> None:
        size = len(route.request.post_data or "")
        if size <= 1500:
            return route.continue_()
        refused.append(size)
        return route.fulfill(status=413, content_type="text/html", body="<h1>Request Entity Too Large</h1>")

    offline(amina_page)
    begin(amina_page)
    answer_all(amina_page)
    close_visit(amina_page)
    spoil(amina_page, too_large)
    offline(amina_page, False)
    expect(amina_page.get_by_text("La caisse a tout reçu.")).to_be_visible(timeout=15_000)
    assert refused
    assert len(journal(home)) == CRITERIA + 2


def test_a_visit_sent_twice_is_stored_once(
    phone: NewPhone, home: House, town: Town, live_server: Server
) -> None:
    recorder = Recorder()
    recorder.to = live_server.port
    with recorder.running():
        page = join(phone().new_page(), recorder.address, code_for(home, town.amina))
        begin(page)
        answer_all(page)
        close_visit(page)
        expect(page.get_by_text("La caisse a tout reçu.")).to_be_visible()
        once = journal(home)
        sent = [request for request in recorder.requests if request.target == "/api/journal"]
        assert [request.send(live_server.port) for request in sent] == [200] * len(sent)
        page.close()
    assert journal(home) == once
    assert len(once) == CRITERIA + 2


def sent_by(answer: Response) -> int:
    """How many entries the request of this answer carried."""
    body = answer.request.post_data_json if answer.url.endswith("/api/journal") else None
    return len(body["entries"]) if body else 0


def test_nothing_is_missing_after_the_fund_was_restored_from_yesterday_s_backup(
    phone: NewPhone, tmp_path: Path, clock: Clock
) -> None:
    server = Server(tmp_path / "data")
    town, code = settled(server, tmp_path / "data", clock)
    server.start()
    try:
        page = join(phone().new_page(), server.address, code)
        begin(page)
        answer(page, level=1)
        go_on(page, 1)
        expect(page.get_by_text("Tout est reçu")).to_be_visible()
        command(tmp_path / "data", "backup", str(tmp_path / "hier.zip"))
        for number in range(2, CRITERIA + 1):
            answer(page, level=number % 4)
            go_on(page, number)
        close_visit(page)
        expect(page.get_by_text("La caisse a tout reçu.")).to_be_visible()
        server.stop()
        command(tmp_path / "data", "restore", str(tmp_path / "hier.zip"), "--replace")
        server.start()
        page.get_by_role("link", name="Revenir à mes visites").click()
        with page.expect_response(lambda answer: sent_by(answer) > CRITERIA):  # all of it, once more
            page.get_by_role("button", name="Envoyer maintenant").click()
        expect(page.get_by_text("15 réponses reçues par la caisse")).to_be_visible()
    finally:
        server.stop()
    with opened(f"sqlite:///{tmp_path / 'data' / 'caisse.db'}", tmp_path / "data", clock) as app:
        entries = journal(app.state.house)
    assert [entry["kind"] for entry in entries] == [
        "visit_started",
        *["choice_made"] * CRITERIA,
        "visit_closed",
    ]
    assert {entry["author"] for entry in entries} == {town.amina}


def settled(server: Server, data: Path, clock: Clock) -> tuple[Town, str]:
    """The town in a fund of its own, closed again, and a code for Amina."""
    with opened(f"sqlite:///{data / 'caisse.db'}", data, clock) as app:
        home = app.state.house
        town = home.db.write(lambda session: settle(session, home.now()))
        return town, code_for(home, town.amina)


def command(data: Path, *words: str) -> None:
    """One of the fund's own commands, on this data."""
    environment = {**os.environ, "DATA_DIR": str(data), "DATABASE_URL": "", "GEOCODER_DOMAIN": ""}
    subprocess.run(
        [sys.executable, "-m", "backend", *words], cwd=ROOT, env=environment, check=True, capture_output=True
    )


def test_someone_replaced_in_the_middle_delivers_all_that_they_wrote(
    amina_page: Page, home: House, town: Town
) -> None:
    begin(amina_page)
    answer(amina_page, level=1)
    expect(amina_page.get_by_text("Tout est reçu")).to_be_visible()
    offline(amina_page)
    for number in range(1, 5):
        go_on(amina_page, number)
        answer(amina_page, level=2)
    amina_page.get_by_label("Une remarque").fill("Une marche à l’entrée")

    def replace(session: Session) -> None:
        visits.remove_member(session, town.visit, town.amina, home.rules, home.now())

    home.db.write(replace)
    offline(amina_page, False)
    to_this_phone(amina_page)
    amina_page.get_by_role("button", name="Envoyer maintenant").click()
    expect(amina_page.get_by_text("tout est reçu par la caisse")).to_be_visible()
    amina_page.get_by_role("link", name="Visites").click()
    expect(amina_page.get_by_text("N’est plus dans votre liste : gardée ici")).to_be_visible()
    assert [entry["choice"] for entry in journal(home, "choice_made")] == [1, 2, 2, 2, 2]
    assert len(journal(home, "remark_made")) == 1


# --- a disk that fills up ---

DISK_MB = 96


@pytest.fixture
def small_phone(chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    """A phone whose browser keeps everything on a disk of 96 MB: a mount of its own, which needs no privilege."""
    disk, program = tmp_path / "disk", tmp_path / "chromium"
    disk.mkdir()
    program.write_text(
        "#!/bin/sh\n"
        f"exec unshare --user --map-root-user --mount sh -c 'mount -t tmpfs -o size={DISK_MB}m tmpfs {disk}"
        f' && exec {LAUNCH["executable_path"]} "$@"\' chromium "$@"\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    context = chromium.browser_type.launch_persistent_context(
        disk, **(LAUNCH | {"executable_path": str(program)}), **PHONE
    )
    yield context.new_page()
    context.close()


FILL = """async () => {
  const db = await new Promise((resolve) => {
    const asked = indexedDB.open('ballast', 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore('s', { autoIncrement: true });
    asked.onsuccess = () => resolve(asked.result);
  });
  const write = (size) => new Promise((resolve) => {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at += 65536) crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65536, size)));
    const tx = db.transaction('s', 'readwrite', { durability: 'strict' });
    tx.objectStore('s').put(bytes);
    tx.oncomplete = () => resolve(true);
    tx.onabort = () => resolve(false);
  });
  let written = 0;
  for (const size of [4_000_000, 500_000, 50_000, 4_000]) while (await write(size)) written += size;
  db.close();
  return written;
}"""
MAKE_ROOM = """() => new Promise((resolve, reject) => {
  const asked = indexedDB.deleteDatabase('ballast');
  asked.onsuccess = () => resolve(true);
  asked.onerror = () => reject(asked.error);
})"""


def test_a_full_disk_is_told_shows_nothing_as_kept_and_works_again_once_there_is_room(
    small_phone: Page, home: House, town: Town, live_server: Server
) -> None:
    page = join(small_phone, live_server.address, code_for(home, town.amina))
    begin(page)
    answer(page, level=1)
    expect(page.get_by_text("Tout est reçu")).to_be_visible()
    live_server.stop()
    go_on(page, 1)
    answer(page, level=2)
    assert page.evaluate(FILL) < DISK_MB * 1_000_000
    go_on(page, 2)
    page.locator(".level").nth(3).click()
    expect(page.get_by_role("alert")).to_contain_text("Il n’y a plus de place sur ce téléphone")
    expect(page.locator(".level[aria-pressed=true]")).to_have_count(0)
    expect(page.locator(".kept .state")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("link", name="3 sur 15")).to_be_visible()
    page.get_by_role("link", name="3 sur 15").click()
    expect(page.get_by_text("13 réponses manquent sur 15.")).to_be_visible()
    live_server.start()
    with page.expect_response("**/api/journal"):
        page.evaluate("dispatchEvent(new Event('online'))")
    assert [entry["choice"] for entry in journal(home, "choice_made")] == [1, 2]  # a full phone still sends
    page.evaluate(MAKE_ROOM)
    page.get_by_role("link", name="Compléter").click()
    answer(page, level=3)
    expect(page.get_by_text("Tout est reçu")).to_be_visible()
    assert [entry["choice"] for entry in journal(home, "choice_made")] == [1, 2, 3]
