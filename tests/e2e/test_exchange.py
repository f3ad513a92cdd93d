"""Phone to phone without any network: what one screen shows, the camera of the other reads."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from backend.web.house import House
from tests.browsers import LAUNCH
from tests.e2e.field_app import PHONE, NewPhone, answer, begin, go_on, join, offline
from tests.servers import Server
from tests.town import Town, code_for

SIDE = 480  # pixels of the camera's picture
Camera = Callable[[list[Image.Image]], Browser]


@pytest.fixture
def camera(chromium: Browser, tmp_path: Path) -> Iterator[Camera]:
    """Gives browsers whose camera sees these pictures, one after the other, again and again."""
    opened: list[Browser] = []

    def seeing(pictures: list[Image.Image]) -> Browser:
        film = tmp_path / f"seen-{len(opened)}.y4m"
        film.write_bytes(filmed(pictures))
        flags = [
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ]
        opened.append(chromium.browser_type.launch(**(LAUNCH | {"args": [*LAUNCH["args"], *flags]})))
        return opened[-1]

    yield seeing
    for browser in opened:
        browser.close()


def filmed(pictures: list[Image.Image]) -> bytes:
    """A film of five pictures a second, each seen twice, as Chromium's own camera takes it."""
    out = io.BytesIO()
    out.write(b"YUV4MPEG2 W%d H%d F5:1 Ip A1:1 C420jpeg\n" % (SIDE, SIDE))
    for picture in pictures:
        bright, blue, red = picture.convert("RGB").resize((SIDE, SIDE)).convert("YCbCr").split()
        half = (SIDE // 2, SIDE // 2)
        frame = bright.tobytes() + blue.resize(half).tobytes() + red.resize(half).tobytes()
        out.write((b"FRAME\n" + frame) * 2)
    return out.getvalue()


def separately(page: Page, levels: int) -> None:
    """Begin each on their own phone, and answer three questions."""
    page.get_by_role("link", name="Épicerie des Bourderies").click()
    page.get_by_text("Chaque personne sur son téléphone").click()
    page.get_by_role("button", name="Commencer la visite").click()
    for here in range(1, 4):
        answer(page, level=levels)
        go_on(page, here)


def finish(page: Page) -> None:
    page.get_by_role("link", name=" sur 15").click()
    page.get_by_role("link", name="J’ai fini").click()
    page.get_by_role("button", name="J’ai fini ma part").click()
    expect(page.get_by_role("link", name="Comparer nos réponses")).to_be_visible()


def shown(page: Page) -> list[Image.Image]:
    """What the screen of a phone that shows its code looks like, code by code."""
    page.get_by_role("button", name="Montrer mon code").click()
    expect(page.locator(".qr")).to_be_visible()
    if page.get_by_role("button", name="Arrêter").count() == 0:
        return [photographed(page)]
    page.get_by_role("button", name="Arrêter").click()
    total = int(page.locator(".parts").inner_text().split()[-1])
    seen = []
    for _ in range(total):
        seen.append(photographed(page))
        page.get_by_role("button", name="Après").click()
    return seen


def photographed(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.locator(".qr").screenshot()))


def read_with(page: Page) -> None:
    page.get_by_role("link", name="Lire le code de l’autre").click()
    page.get_by_role("button", name="Ouvrir l’appareil photo").click()


def test_two_phones_compare_without_any_network(
    phone: NewPhone, camera: Camera, home: House, town: Town, live_server: Server
) -> None:
    amina = join(phone().new_page(), live_server.address, code_for(home, town.amina))
    offline(amina)
    separately(amina, levels=2)
    finish(amina)
    amina.get_by_role("link", name="Comparer nos réponses").click()
    seen = shown(amina)

    bruno = camera(seen).new_context(**PHONE, permissions=["camera"]).new_page()
    join(bruno, live_server.address, code_for(home, town.bruno))
    offline(bruno)
    separately(bruno, levels=1)
    finish(bruno)
    bruno.get_by_role("link", name="Comparer nos réponses").click()
    read_with(bruno)
    expect(bruno.locator(".note").get_by_text("3 réponses de Amina sont arrivées.")).to_be_visible(
        timeout=20_000
    )
    bruno.get_by_role("link", name="Voir où nous en sommes").click()
    expect(bruno.get_by_text("3 questions à départager.")).to_be_visible()
    expect(bruno.locator(".apart").filter(has_text="Amina")).to_have_count(3)


def test_the_series_of_a_long_visit_is_read_part_by_part(
    phone: NewPhone, camera: Camera, home: House, town: Town, live_server: Server
) -> None:
    amina = join(phone().new_page(), live_server.address, code_for(home, town.amina))
    offline(amina)
    begin(amina)
    for here in range(1, 16):
        answer(amina, level=here % 3)
        amina.get_by_label("Une remarque").fill(
            f"Remarque numéro {here} : {'très ' * 20}utile, {hash(str(here))}."
        )
        go_on(amina, here)
    expect(amina.get_by_text("Vous avez répondu à tout.")).to_be_visible()
    amina.goto(amina.url.replace("resume", "echanger"))
    seen = shown(amina)
    assert len(seen) > 3
    bruno = camera(seen).new_context(**PHONE, permissions=["camera"]).new_page()
    join(bruno, live_server.address, code_for(home, town.bruno))
    begin(bruno)
    bruno.goto(amina.url.replace("montrer", "echanger"))
    read_with(bruno)
    expect(bruno.locator(".track i.on")).not_to_have_count(0)
    expect(bruno.locator(".note").get_by_text("15 réponses de Amina sont arrivées.")).to_be_visible(
        timeout=60_000
    )


def test_without_a_camera_the_same_goes_by_a_file_and_again_changes_nothing(
    phone: NewPhone, home: House, town: Town, live_server: Server
) -> None:
    amina, bruno = (
        join(phone().new_page(), live_server.address, code_for(home, person))
        for person in (town.amina, town.bruno)
    )
    offline(amina)
    offline(bruno)
    separately(amina, levels=2)
    separately(bruno, levels=3)
    finish(amina)
    finish(bruno)
    for page in (amina, bruno):
        page.get_by_role("link", name="Comparer nos réponses").click()
        read_with(page)
        expect(page.get_by_role("alert")).to_contain_text("L’appareil photo n’est pas disponible.")
        page.get_by_role("link", name="Retour").click()
    for one, other, name in ((amina, bruno, "Amina"), (bruno, amina, "Bruno")):
        with one.expect_download() as download:
            one.get_by_role("button", name="Envoyer un fichier").click()
        other.get_by_label("Ouvrir un fichier").set_input_files(download.value.path())
        expect(other.locator(".note").get_by_text(f"3 réponses de {name} sont arrivées.")).to_be_visible()
        other.get_by_label("Ouvrir un fichier").set_input_files(download.value.path())
        expect(other.locator(".note").get_by_text("Rien de nouveau")).to_be_visible()
    for page in (amina, bruno):
        page.get_by_role("link", name="Voir où nous en sommes").click()
        expect(page.get_by_text("3 questions à départager.")).to_be_visible()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [(b"bonjour", "Ce n’est pas un échange de la caisse."), (b"PK\x03\x04" + b"\0" * 40, "abîmé")],
    ids=["a text", "a broken archive"],
)
def test_a_file_that_is_no_exchange_is_refused_in_words(
    phone: NewPhone, home: House, town: Town, live_server: Server, body: bytes, sentence: str
) -> None:
    amina = join(phone().new_page(), live_server.address, code_for(home, town.amina))
    begin(amina)
    amina.goto(f"{live_server.address}/app/#visite/{town.visit}/echanger")
    amina.get_by_label("Ouvrir un fichier").set_input_files(
        {"name": "a.zip", "mimeType": "application/zip", "buffer": body}
    )
    expect(amina.get_by_role("alert")).to_contain_text(sentence)
