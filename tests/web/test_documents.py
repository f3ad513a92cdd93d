"""Documents of a merchant: kept by the coordination, read by those who read its file, harmless whatever they hold."""

import io
import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from httpx2 import Response
from PIL import Image
from sqlmodel import Session, select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backend.domain.merchants import RecordKind
from backend.storage import documents, duplicates, merchants
from backend.storage.tables import MerchantDocument
from backend.web.house import House
from tests.town import Town
from tests.web.forms import everything, post, refused, words
from tests.web.test_onboarding import accredit, tell

PDF = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\n%%EOF\n"
SCRIPT = (
    b"%PDF-1.7\n<script>alert(1)</script>\n1 0 obj << /S /JavaScript /JS (app.alert(1)) >> endobj\n%%EOF\n"
)


@pytest.fixture(autouse=True)
def unhurried(home: House) -> None:
    home.background.stop()


def image(form: str = "JPEG", mode: str = "RGB", size: tuple[int, int] = (40, 30), **how: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, form, **how)
    return out.getvalue()


def send(
    browser: TestClient,
    merchant_id: str,
    body: bytes,
    title: str = "Charte signée",
    name: str = "charte.pdf",
    key: str = "",
) -> Response:
    return browser.post(
        f"/merchants/{merchant_id}/documents",
        data={"form_key": key or secrets.token_hex(16), "title": title},
        files={"file": (name, body, "text/html")},  # what a browser says of it counts for nothing
    )


def kept(home: House, merchant_id: str) -> list[MerchantDocument]:
    with home.db.read() as session:
        return documents.of_merchant(session, merchant_id)


def path_of(home: House, town: Town) -> str:
    return f"/merchants/{town.shop}/documents/{kept(home, town.shop)[0].id}"


def stored(home: House) -> list[str]:
    return [name for name in home.photos.names() if "-document" in name]


# --- kept, seen, taken off ---


def test_a_document_is_kept_with_its_title_seen_and_downloaded(
    home: House, town: Town, coordination: TestClient
) -> None:
    assert "Aucun document." in words(coordination.get(f"/merchants/{town.shop}"))
    key = secrets.token_hex(16)
    first = send(coordination, town.shop, PDF, key=key)
    again = send(coordination, town.shop, PDF, key=key)
    assert (first.status_code, again.headers["location"]) == (303, first.headers["location"])
    page = words(coordination.get(f"/merchants/{town.shop}"))
    assert "Charte signée PDF, 1 ko" in page
    assert "Document ajouté Charte signée" in page
    answer = coordination.get(path_of(home, town))
    assert answer.content == PDF
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"Charte-signee.pdf\"; filename*=UTF-8''Charte-sign%C3%A9e.pdf"
    )


def test_a_document_taken_off_is_gone_and_noted(home: House, town: Town, coordination: TestClient) -> None:
    send(coordination, town.shop, PDF)
    path, key = path_of(home, town), secrets.token_hex(16)
    assert post(coordination, f"{path}/removal", {}, key).status_code == 303
    after = everything(home)
    assert post(coordination, f"{path}/removal", {}, key).status_code == 303
    assert everything(home) == after
    assert post(coordination, f"{path}/removal", {}).status_code == 409
    assert coordination.get(path).status_code == 404
    assert stored(home) == []
    with home.db.read() as session:
        row = session.exec(select(MerchantDocument)).one()
        assert (row.title, row.removed_by) == ("Charte signée", town.claire)
        assert row.removed_at is not None
    assert "Document retiré Charte signée" in words(coordination.get(f"/merchants/{town.shop}"))
    send(coordination, town.shop, PDF)  # one may change one's mind
    assert coordination.get(path_of(home, town)).content == PDF


def test_the_same_file_twice_is_one(home: House, town: Town, coordination: TestClient) -> None:
    first = send(coordination, town.shop, PDF, "Charte")
    second = send(coordination, town.shop, PDF, "La même")
    assert second.headers["location"] == first.headers["location"]
    assert [each.title for each in kept(home, town.shop)] == ["Charte"]


def test_two_people_who_send_the_same_file_at_once_keep_one(
    home: House, town: Town, coordination: TestClient, admin: TestClient
) -> None:
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda one: send(one, town.shop, PDF).status_code, (coordination, admin)))
    assert answers == [303, 303]
    assert len(kept(home, town.shop)) == 1


def test_bytes_that_another_merchant_still_has_stay(
    home: House, town: Town, coordination: TestClient, admin: TestClient
) -> None:
    send(coordination, town.shop, PDF)
    send(admin, town.farm, PDF)
    post(coordination, f"{path_of(home, town)}/removal", {})
    farm = f"/merchants/{town.farm}/documents/{kept(home, town.farm)[0].id}"
    assert admin.get(farm).content == PDF


def test_documents_of_both_stay_when_two_merchants_are_merged(
    home: House, town: Town, coordination: TestClient
) -> None:
    def another(session: Session) -> str:
        return merchants.add(
            session, "nantes-ouest", "Bourderies", "grocery", home.now(), by=None, source="hand"
        ).id

    other = home.db.write(another)
    send(coordination, town.shop, PDF, "Charte")
    send(coordination, other, PDF, "Charte, bis")
    send(coordination, other, SCRIPT, "Prix")
    home.db.write(lambda session: duplicates.merge(session, town.shop, other, home.now(), by=town.claire))
    assert {each.title for each in kept(home, town.shop)} == {"Charte", "Charte, bis", "Prix"}
    old = f"/merchants/{other}/documents/{kept(home, town.shop)[0].id}"
    assert coordination.get(old).status_code == 200
    post(coordination, f"{path_of(home, town)}/removal", {})
    assert len(stored(home)) == 1


def test_there_is_only_so_much_room(
    home: House, app: Starlette, town: Town, coordination: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(home.settings.__dict__, "documents_mb", 1)
    send(coordination, town.shop, PDF + b"0" * 600_000)
    before = everything(home)
    answer = send(coordination, town.shop, PDF + b"1" * 600_000, "Prix de <b>mars</b>")
    refused(answer, 409, "prennent au plus 1 Mo")
    assert "Prix de &lt;b&gt;mars&lt;/b&gt;" in answer.text  # what was typed comes back
    assert everything(home) == before
    assert len(stored(home)) == 1


# --- files that mean harm, or nothing ---

NOT_KEPT = {
    "nothing": (b"", 422, "Ce fichier est vide"),
    "a page": (b"<!doctype html><script>alert(1)</script>", 415, "La caisse garde les PDF"),
    "a page that is a PDF further down": (b"<script>alert(1)</script>" + PDF, 415, "La caisse garde les PDF"),
    "a drawing with a script": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>', 415, "les PDF"),
    "a spreadsheet": (b"PK\x03\x04" + b"\0" * 40, 415, "La caisse garde les PDF"),
    "a picture cut short": (image()[:60], 415, "La caisse garde les PDF"),
    "a GIF": (image("GIF", "P"), 415, "La caisse garde les PDF"),
    "a sound": (b"ID3\x03" + b"\0" * 40, 415, "La caisse garde les PDF"),
    "too many pixels": (image("PNG", "1", (5000, 5000)), 415, "La caisse garde les PDF"),
}


@pytest.mark.parametrize(("body", "status", "sentence"), NOT_KEPT.values(), ids=NOT_KEPT.keys())
def test_it_keeps_no(
    home: House, town: Town, coordination: TestClient, body: bytes, status: int, sentence: str
) -> None:
    before = everything(home)
    refused(send(coordination, town.shop, body), status, sentence)
    assert everything(home) == before
    assert stored(home) == []


def test_a_file_over_the_limit_is_refused_before_and_after_it_is_read(
    home: House, town: Town, coordination: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(home.settings.__dict__, "document_mb", 1)
    answer = send(coordination, town.shop, PDF + b"0" * 1_200_000)
    assert answer.status_code == 413
    monkeypatch.setattr(home.documents, "_limit_mb", 1)
    monkeypatch.setitem(home.settings.__dict__, "document_mb", 10)
    refused(send(coordination, town.shop, PDF + b"0" * 1_200_000), 413, "dépasse 1 Mo")
    assert stored(home) == []


def test_a_form_without_a_file_says_so(home: House, town: Town, coordination: TestClient) -> None:
    answer = post(coordination, f"/merchants/{town.shop}/documents", {"title": "Charte"})
    refused(answer, 422, "Choisissez un fichier.")
    assert 'value="Charte"' in answer.text


@pytest.mark.parametrize(
    "body", [PDF, SCRIPT, b"%PDF-1.4\n" + b"<html>" * 9], ids=["plain", "script", "both"]
)
def test_no_pdf_runs_here(home: House, town: Town, coordination: TestClient, body: bytes) -> None:
    send(coordination, town.shop, body)
    answer = coordination.get(path_of(home, town))
    assert answer.content == body
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_written_anew_without_what_it_told(
    home: House, town: Town, coordination: TestClient, form: str
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "Chez Yvonne"
    exif[0x8825] = {2: (47.0, 12.0, 0.0)}
    sent = image(form, exif=exif.tobytes()) + b"<script>alert(1)</script>"
    assert b"Yvonne" in sent
    send(coordination, town.shop, sent, "Étal", "étal.png")
    answer = coordination.get(path_of(home, town))
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-disposition"].startswith('attachment; filename="Etal.jpg"')
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert b"Yvonne" not in answer.content
    assert b"script" not in answer.content
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert (picture.size, dict(picture.getexif())) == ((40, 30), {})


def test_what_shows_through_in_a_picture_is_white(home: House, town: Town, coordination: TestClient) -> None:
    send(coordination, town.shop, image("PNG", "RGBA"))
    with Image.open(io.BytesIO(coordination.get(path_of(home, town)).content)) as picture:
        assert min(picture.getpixel((20, 15))) > 250  # type: ignore[type-var, arg-type]


HOSTILE_NAMES = {
    "../../etc/passwd.pdf": ("passwd", "passwd.pdf"),
    "C:\\fakepath\\Prix.pdf": ("Prix", "Prix.pdf"),
    "a\"b;c='d'.pdf": ("a\"b;c='d'", "a-b-c-d.pdf"),
    "a\r\nSet-Cookie: x=y.pdf": ("a Set-Cookie: x=y", "a-Set-Cookie-x-y.pdf"),
    "annexe\u202efdp.exe": ("annexefdp", "annexefdp.pdf"),
    "\u200f\u2066قائمة.pdf": ("قائمة", "قائمة.pdf"),
    "é" * 300 + ".pdf": ("é" * 200, "é" * 100 + ".pdf"),
    "<img src=x onerror=f()>.pdf": ("<img src=x onerror=f()>", "img-src-x-onerror-f.pdf"),
}


@pytest.mark.parametrize(("named", "title"), [(name, told[0]) for name, told in HOSTILE_NAMES.items()])
def test_a_file_s_own_name_gives_at_most_a_title(
    home: House, town: Town, coordination: TestClient, named: str, title: str
) -> None:
    from backend.domain.documents import filename
    from backend.domain.documents import title as made

    assert made("", named) == title
    assert filename(title, "application/pdf") == HOSTILE_NAMES[named][1]
    assert send(coordination, town.shop, PDF, "", named.replace("\r\n", "")).status_code == 303
    disposition = coordination.get(path_of(home, town)).headers["content-disposition"]
    assert disposition.isascii()
    assert disposition.count('"') == 2
    assert not {"\r", "\n", "/", "\\"} & set(disposition)
    assert "<img" not in coordination.get(f"/merchants/{town.shop}").text


def test_a_name_without_a_letter_asks_for_a_title(home: House, town: Town, coordination: TestClient) -> None:
    refused(send(coordination, town.shop, PDF, "", "\u202e...pdf"), 422, "Dites en quelques mots")


# --- who may ---


@pytest.mark.parametrize(("who", "status"), [("committee", 403), ("moneko", 403), ("neighbour", 404)])
def test_only_the_coordination_of_the_territory_adds_and_takes_off(
    home: House,
    town: Town,
    coordination: TestClient,
    request: pytest.FixtureRequest,
    who: str,
    status: int,
) -> None:
    send(coordination, town.shop, PDF)
    path, browser = path_of(home, town), request.getfixturevalue(who)
    before = everything(home)
    assert browser.get(f"/merchants/{town.shop}/documents/new").status_code == status
    assert send(browser, town.shop, SCRIPT).status_code == status
    assert post(browser, f"{path}/removal", {}).status_code == status
    assert everything(home) == before
    assert len(stored(home)) == 1


def test_the_committee_reads_them_once_the_merchant_is_on_its_agenda_and_moneko_once_it_is_approved(
    home: House, town: Town, coordination: TestClient, committee: TestClient, moneko: TestClient
) -> None:
    send(coordination, town.shop, PDF)
    path = path_of(home, town)
    assert (committee.get(path).status_code, moneko.get(path).status_code) == (404, 404)
    accredit(home, town.shop, town.claire)
    tell(home, town.shop, town.claire)
    for browser in (committee, moneko):
        assert browser.get(path).content == PDF
        page = browser.get(f"/merchants/{town.shop}")
        assert "Charte signée" in words(page)
        assert "Retirer ce document" not in words(page)


def test_a_document_is_reached_only_through_its_own_merchant(
    home: House, town: Town, coordination: TestClient, admin: TestClient
) -> None:
    send(coordination, town.shop, PDF)
    document = kept(home, town.shop)[0].id
    assert admin.get(f"/merchants/{town.farm}/documents/{document}").status_code == 404
    assert post(admin, f"/merchants/{town.farm}/documents/{document}/removal", {}).status_code == 404
    assert coordination.get(f"/merchants/{town.shop}/documents/%00").status_code == 404


def test_a_document_is_a_dated_record_of_its_merchant(
    home: House, town: Town, coordination: TestClient
) -> None:
    send(coordination, town.shop, PDF)
    with home.db.read() as session:
        record = merchants.records(session, town.shop)[-1]
    assert (record.kind, record.author_id) == (RecordKind.DOCUMENT, town.claire)
    assert record.body["title"] == "Charte signée"
