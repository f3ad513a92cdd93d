"""Erasing: an inhabitant who asks for it, or one remark. Nothing of it comes back, no score moves. On both engines."""

import json
import secrets
import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session, select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backend import backups, erased
from backend.domain.merchants import RecordKind
from backend.domain.people import Role
from backend.domain.planning import TieKind
from backend.storage import (
    erasures,
    mails,
    merchants,
    people,
    person_files,
    visits,
)
from backend.storage.mails import Kind as MailKind
from backend.storage.person_files import Told
from backend.storage.tables import DisputedEntry, Entry, Mail, Person, PersonFile, Photo
from backend.storage.verify import differences
from backend.web.house import House
from tests.phones import Entry as Written
from tests.phones import Phone, picture, sha256
from tests.town import GRID, NANTES, Town, code_for, sign_in
from tests.web.forms import everything, post, refused, sent_twice, words

WORDS = (
    "Une marche haute",
    "La dame en bleu",
    "Un engagement dit tout bas",
    "parce que Bruno",
    "Sous la photo",
)
PersonalWords = ("Amina", "amina@example.org", "+33612345678", *WORDS)


@pytest.fixture
def database_url(on_both_engines: str) -> str:
    return on_both_engines


@pytest.fixture
def criteria(home: House) -> list[str]:
    return list(home.rules[GRID].criteria)


def remark(
    phone: Phone, visit: str, text: str, supersedes: Any = (), criterion: str | None = None
) -> Written:
    return phone.entry(
        "remark_made", visit, sheet="duo", criterion=criterion, text=text, supersedes=list(supersedes)
    )


def whole(amina: Phone, town: Town, criteria: list[str], photo: bytes) -> list[Written]:
    """A visit in which Amina says a lot, closed."""
    first = remark(amina, town.visit, WORDS[0])
    made = [
        amina.start(town.visit, GRID),
        *(amina.choose(town.visit, each, n % 4) for n, each in enumerate(criteria)),
        amina.choose(town.visit, criteria[0], 1, reason=WORDS[3]),
        first,
        remark(amina, town.visit, WORDS[1], [first["id"]]),
        amina.entry(
            "commitment_noted",
            town.visit,
            criterion=criteria[1],
            text=WORDS[2],
            due=None,
            supersedes=[],
        ),
        amina.attach(town.visit, photo) | {"caption": WORDS[4]},
    ]
    return [*made, amina.close(town.visit, made, [photo])]


@pytest.fixture
def photo(home: House, town: Town, amina: Phone, bruno: Phone, criteria: list[str]) -> bytes:
    """What Amina left: a visit with words and a photo, a file, a tie, mails. Bruno's phone has read it all."""
    taken = picture(7)
    amina.send(*whole(amina, town, criteria, taken))
    assert amina.put(taken).status_code == 201
    home.background.work()
    bruno.send()

    def write(session: Session) -> None:
        person, now = people.get(session, town.amina), home.now()
        told = Told("+33612345678", "amina@example.org", ["mon-am"], None, "", 0)
        person_files.edit(session, person, told, now, by=town.claire)
        person_files.note_tie(session, town.amina, town.shop, TieKind.FAMILY, now, by=town.claire)
        mails.queue(
            session,
            "amina@example.org",
            "Demain",
            "Bonjour Amina",
            MailKind.REMINDER,
            now,
            person_id=town.amina,
        )
        mails.refuse(session, town.amina, MailKind.REMINDER, now)

    home.db.write(write)
    return taken


def confirm(browser: TestClient, person_id: str, name: str = "Amina") -> Any:
    return post(browser, f"/people/{person_id}/erasures", {"name": name})


def personal(home: House) -> list[str]:
    """Which of Amina's words the database still holds, wherever."""
    held = json.dumps(everything(home), default=str)
    return [each for each in PersonalWords if each in held]


def kept(home: House) -> Any:
    """Every row but those of photos, which the background is still busy with."""
    return {name: rows for name, rows in everything(home).items() if name != "photo"}


def score_of(home: House, visit_id: str) -> Any:
    with home.db.read() as session:
        return visits.get(session, visit_id).score


def wrong(home: House) -> list[Any]:
    with home.db.read() as session:
        return list(differences(session, home.rules))


# --- a person ---


def test_the_page_says_what_goes_and_what_stays(coordination: TestClient, town: Town, photo: bytes) -> None:
    page = words(coordination.get(f"/people/{town.amina}/erasure"))
    assert "Effacer Amina" in page
    assert "5 textes de sa main" in page
    assert "1 photo prise par elle." in page
    assert "les scores et les décisions ne changent pas" in page
    assert "Pour confirmer, écrivez « Amina »" in page


def test_nothing_of_her_is_left_and_no_score_moves(
    home: House, coordination: TestClient, town: Town, photo: bytes
) -> None:
    before = score_of(home, town.visit)
    assert personal(home) == list(PersonalWords)
    answer = sent_twice(home, coordination, f"/people/{town.amina}/erasures", {"name": " amina "})
    assert answer.headers["location"] == f"/people/{town.amina}/erasure"
    assert personal(home) == []
    assert score_of(home, town.visit) == before
    assert wrong(home) == []
    with home.db.read() as session:
        person = session.get_one(Person, town.amina)
        assert (person.name, person.email, person.phone) == ("personne effacée", None, None)
        assert session.get(PersonFile, town.amina) is None
        assert session.exec(select(Mail)).all() == []
        assert town.amina not in {each.id for each in people.evaluators(session, NANTES)}
        kept = session.exec(select(Entry).where(Entry.visit_id == town.visit)).all()
        assert len(kept) == len(home.rules[GRID].criteria) + 7


def test_the_bytes_of_her_photos_go(home: House, coordination: TestClient, town: Town, photo: bytes) -> None:
    assert coordination.get(f"/photos/{sha256(photo)}/large").status_code == 200
    confirm(coordination, town.amina)
    home.background.work()
    assert home.photos.has(sha256(photo)) is False
    assert coordination.get(f"/photos/{sha256(photo)}/large").status_code == 404
    assert "Photo effacée." in words(coordination.get(f"/visits/{town.visit}"))
    with home.db.read() as session:
        assert session.get_one(Photo, sha256(photo)).problem == "photo_erased"


def test_a_photo_that_somebody_else_took_too_stays(
    home: House, coordination: TestClient, town: Town, photo: bytes, bruno: Phone
) -> None:
    bruno.send(bruno.attach(town.visit, photo))
    confirm(coordination, town.amina)
    home.background.work()
    assert home.photos.has(sha256(photo))


def test_a_photo_that_never_came_is_waited_for_no_more(
    home: House, coordination: TestClient, town: Town, amina: Phone, bruno: Phone, criteria: list[str]
) -> None:
    late = picture(9)
    amina.send(*whole(amina, town, criteria, late))
    with home.db.read() as session:
        assert visits.get(session, town.visit).state == "closed"
    confirm(coordination, town.amina)
    with home.db.read() as session:
        assert visits.get(session, town.visit).state == "received"
    assert bruno.put(late).status_code in (403, 404, 410, 422)
    assert wrong(home) == []


def test_the_phones_of_others_get_it_blanked(
    coordination: TestClient, town: Town, photo: bytes, bruno: Phone
) -> None:
    assert any(WORDS[1] in json.dumps(each, ensure_ascii=False) for each in bruno.seen.values())
    confirm(coordination, town.amina)
    bruno.send()
    assert not any(word in json.dumps(list(bruno.seen.values()), ensure_ascii=False) for word in WORDS)
    assert sum(bool(each.get("erased")) for each in bruno.seen.values()) == 5
    field = bruno.http.get("/api/field").json()
    assert "Amina" not in json.dumps(field, ensure_ascii=False)


def test_her_phone_sends_nothing_more_and_her_code_says_what_to_do(
    app: Starlette, home: House, coordination: TestClient, town: Town, photo: bytes, amina: Phone
) -> None:
    code = code_for(home, town.amina)
    confirm(coordination, town.amina)
    assert amina.post([]).status_code == 401
    for key in (amina.device_key, secrets.token_urlsafe(32)):
        answer = amina.http.post("/api/devices", json={"code": code, "device_key": key})
        assert answer.status_code == 410
        assert answer.json()["type"] == "/problemes/person_erased"
        assert "demandez une nouvelle invitation à la coordination" in answer.json()["detail"]


def test_a_phone_that_holds_others_goes_on_with_them(
    coordination: TestClient, town: Town, phone_of: Any
) -> None:
    shared = phone_of(town.amina, town.bruno)
    leave_visit(coordination, town)
    confirm(coordination, town.amina)
    shared.people = [town.bruno]
    assert shared.post([]).status_code == 200
    names = [each["name"] for each in shared.http.get("/api/field").json()["people"]]
    assert names == ["Bruno"]


def leave_visit(browser: TestClient, town: Town) -> None:
    form = {"leaves": town.amina, "newcomer": "Yvonne", "reason": "gives_up"}
    assert post(browser, f"/visits/{town.visit}/replacements", form).status_code == 303


@pytest.mark.parametrize("other_words", [False, True])
def test_an_old_phone_that_sends_it_again_brings_nothing_back(
    home: House, coordination: TestClient, town: Town, photo: bytes, bruno: Phone, other_words: bool
) -> None:
    old = [record["entry"] for record in bruno.seen.values()]
    confirm(coordination, town.amina)
    bruno.send()
    if other_words:
        old = [each | {"text": "Amina, encore"} if each.get("text") else each for each in old]
    receipt = bruno.send(*old)
    assert receipt["rejected"] == []
    assert set(receipt["accepted"]) == {each["id"] for each in old}
    assert sum(bool(each.get("erased")) for each in receipt["entries"]) == 5  # the phone is told what to keep
    assert personal(home) == []
    with home.db.read() as session:
        assert session.exec(select(DisputedEntry)).all() == []
    assert bruno.put(photo).status_code == 410
    assert wrong(home) == []


def test_what_a_partner_still_had_to_bring_is_kept_without_its_words(
    home: House, coordination: TestClient, town: Town, amina: Phone, bruno: Phone, criteria: list[str]
) -> None:
    """Bruno's phone read Amina's by QR code; she was erased before it met the network."""
    late = picture(11)
    brought = [
        amina.choose(town.visit, criteria[0], 3),
        remark(amina, town.visit, WORDS[0]),
        amina.attach(town.visit, late),
    ]
    leave_visit(coordination, town)
    confirm(coordination, town.amina)
    receipt = bruno.send(*brought)
    assert receipt["rejected"] == []
    assert personal(home) == []
    assert bruno.put(late).status_code == 410
    with home.db.read() as session:
        kept = [json.loads(row.body) for row in session.exec(select(Entry).order_by(Entry.seq))]  # type: ignore[arg-type]
    assert [each["kind"] for each in kept] == ["choice_made", "remark_made", "photo_attached"]
    assert kept[0]["choice"] == 3
    assert kept[1]["text"] == ""
    assert wrong(home) == []


def test_why_a_visit_was_impossible_goes_from_the_merchants_file_too(
    home: House, coordination: TestClient, town: Town, amina: Phone
) -> None:
    amina.send(amina.entry("visit_impossible", town.visit, cause="other", text=WORDS[0]))
    confirm(coordination, town.amina)
    assert personal(home) == []
    with home.db.read() as session:
        (record,) = [
            each for each in merchants.records(session, town.shop) if each.kind == RecordKind.VISIT_IMPOSSIBLE
        ]
    assert record.body["note"] == ""
    assert record.body["cause"] == "other"
    assert wrong(home) == []


def test_a_visit_ahead_is_given_to_somebody_else_first(
    home: House, coordination: TestClient, town: Town
) -> None:
    page = words(coordination.get(f"/people/{town.amina}/erasure"))
    assert "Confiez d’abord ces visites à quelqu’un d’autre" in page
    assert "Effacer pour toujours" not in page
    before = kept(home)
    refused(confirm(coordination, town.amina), 409, "Amina a encore une visite à faire ou à terminer.")
    assert kept(home) == before
    leave_visit(coordination, town)
    assert confirm(coordination, town.amina).status_code == 303


def test_another_name_erases_nobody(home: House, coordination: TestClient, town: Town, photo: bytes) -> None:
    before = kept(home)
    for typed in ("", "Bruno", "Amina B"):
        refused(confirm(coordination, town.amina, typed), 422, "Écrivez « Amina », comme au-dessus")
    assert kept(home) == before


def test_asked_twice_it_is_done_once(home: House, coordination: TestClient, town: Town, photo: bytes) -> None:
    confirm(coordination, town.amina)
    before = kept(home)
    assert confirm(coordination, town.amina).status_code == 303
    assert kept(home) == before
    page = words(coordination.get(f"/people/{town.amina}/erasure"))
    assert "C’est fait depuis le 24 novembre 2026" in page
    assert "Noté par Claire." in page
    assert coordination.get(f"/people/{town.amina}").status_code == 404


def test_two_at_the_same_moment_erase_once(app: Starlette, home: House, town: Town, photo: bytes) -> None:
    ready, answers = threading.Barrier(2, timeout=20), []
    browsers = [sign_in(app, town.claire), sign_in(app, town.nour)]

    def go(browser: TestClient) -> None:
        ready.wait()
        answers.append(confirm(browser, town.amina).status_code)

    threads = [threading.Thread(target=go, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303, 303]
    with home.db.read() as session:
        assert len(erasures.all_of_them(session)) == 1
    assert personal(home) == []


def test_what_she_sends_at_the_same_moment_comes_before_or_not_at_all(
    app: Starlette, home: House, town: Town, photo: bytes, amina: Phone
) -> None:
    ready, browser = threading.Barrier(2, timeout=20), sign_in(app, town.claire)
    said = remark(amina, town.visit, WORDS[0])

    def send() -> None:
        ready.wait()
        amina.post([said])

    thread = threading.Thread(target=send)
    thread.start()
    ready.wait()
    confirm(browser, town.amina)
    thread.join()
    assert personal(home) == []


def test_nobody_elses_inhabitant(
    home: House, neighbour: TestClient, committee: TestClient, moneko: TestClient, town: Town, photo: bytes
) -> None:
    before = kept(home)
    for browser, status in ((neighbour, 404), (committee, 403), (moneko, 403)):
        assert browser.get(f"/people/{town.amina}/erasure").status_code == status
        assert confirm(browser, town.amina).status_code == status
    assert kept(home) == before


def test_who_has_an_account_closes_it_first(
    home: House, coordination: TestClient, town: Town, photo: bytes
) -> None:
    home.db.write(
        lambda session: people.grant_role(
            session, town.amina, Role.COMMITTEE, home.now(), territory_id=NANTES, by=None
        )
    )
    refused(confirm(coordination, town.amina), 409, "Amina a aussi un compte de l’équipe.")


def test_pages_go_on_without_her_name(
    coordination: TestClient, committee: TestClient, town: Town, photo: bytes
) -> None:
    confirm(coordination, town.amina)
    for path in (
        f"/visits/{town.visit}",
        f"/visits/{town.visit}/history",
        f"/merchants/{town.shop}",
        "/people",
        "/board",
        "/mails",
    ):
        answer = coordination.get(path)
        assert answer.status_code == 200, path
        assert not any(each in answer.text for each in PersonalWords), path
    assert "personne effacée" in words(coordination.get(f"/visits/{town.visit}/history"))
    assert committee.get(f"/visits/{town.visit}").status_code == 200


def test_a_backup_made_before_does_not_bring_her_back(
    home: House, coordination: TestClient, town: Town, photo: bytes, tmp_path: Any
) -> None:
    backups.make(tmp_path / "before", home.db, home.photos, home.now())
    confirm(coordination, town.amina)
    home.background.work()
    noted = erased.remembered(home.settings.data_dir)
    assert [(each.person_id, each.entry_id) for each in noted] == [(town.amina, None)]
    before = score_of(home, town.visit)
    with backups.opened(tmp_path / "before") as backup:
        backups.restore(backup, home.db, home.photos, home.rules, replace=True)
    assert personal(home) == []
    home.background.work()
    assert home.photos.has(sha256(photo)) is False
    assert score_of(home, town.visit) == before
    assert wrong(home) == []


def test_neither_does_one_on_a_new_machine_with_the_list_beside_it(
    home: House,
    coordination: TestClient,
    town: Town,
    tmp_path: Any,
    new_database: Callable[[str], str],
) -> None:
    """Made while she still had a visit to make: she leaves it."""
    from backend.photos import Photos
    from backend.storage.engine import Database

    backups.make(tmp_path / "before", home.db, home.photos, home.now())
    leave_visit(coordination, town)
    confirm(coordination, town.amina)
    noted = erased.remembered(home.settings.data_dir)
    other = Database(new_database("sqlite"))
    photos = Photos(tmp_path / "other", "", 8)
    with backups.opened(tmp_path / "before") as backup:
        backups.restore(backup, other, photos, home.rules, replace=True, erased=noted)
    with other.read() as session:
        assert session.get_one(Person, town.amina).name == "personne effacée"
        assert visits.parts(session, [town.visit])[town.visit].current == {town.bruno}
        assert list(differences(session, home.rules)) == []
    other.close()


# --- one remark ---


def entry_named(home: House, word: str) -> Entry:
    with home.db.read() as session:
        return next(row for row in session.exec(select(Entry)) if word in row.body)


def erase_one(browser: TestClient, town: Town, entry_id: str, reason: str = "Elle nomme une cliente.") -> Any:
    return post(browser, f"/visits/{town.visit}/entries/{entry_id}/erasures", {"reason": reason})


def test_a_remark_goes_with_its_earlier_wording_and_for_a_reason(
    home: House, coordination: TestClient, town: Town, photo: bytes, amina: Phone, bruno: Phone
) -> None:
    row, before = entry_named(home, WORDS[1]), score_of(home, town.visit)
    page = coordination.get(f"/visits/{town.visit}/history")
    assert f"/visits/{town.visit}/entries/{row.id}/erasure" in page.text
    assert WORDS[1] in words(coordination.get(f"/visits/{town.visit}/entries/{row.id}/erasure"))
    assert erase_one(coordination, town, row.id).status_code == 303
    assert set(personal(home)) == {*PersonalWords} - {*WORDS[:2]}
    assert score_of(home, town.visit) == before
    assert wrong(home) == []
    bruno.send()
    amina.send()
    for phone in (amina, bruno):
        assert phone.seen[row.id]["erased"] is True
        assert phone.seen[row.id]["entry"]["text"] == ""
    assert "effacé" in words(coordination.get(f"/visits/{town.visit}/history"))
    assert "C’est effacé depuis le" in words(
        coordination.get(f"/visits/{town.visit}/entries/{row.id}/erasure")
    )
    amina.send(*amina.kept.values())
    assert set(personal(home)) == {*PersonalWords} - {*WORDS[:2]}


def test_one_photo_goes(
    home: House, coordination: TestClient, town: Town, photo: bytes, amina: Phone
) -> None:
    row = entry_named(home, WORDS[4])
    assert erase_one(coordination, town, row.id).status_code == 303
    home.background.work()
    assert home.photos.has(sha256(photo)) is False
    assert amina.put(photo).status_code == 410
    assert amina.send()["missing_photos"] == []


def test_without_a_reason_nothing_is_erased(
    home: House, coordination: TestClient, town: Town, photo: bytes
) -> None:
    before = kept(home)
    row = entry_named(home, WORDS[1])
    refused(erase_one(coordination, town, row.id, " "), 422, "Écrivez pourquoi, en une phrase.")
    assert kept(home) == before


def test_an_answer_to_the_grid_is_no_text_and_stays(
    home: House, coordination: TestClient, town: Town, photo: bytes
) -> None:
    with home.db.read() as session:
        started = next(row for row in session.exec(select(Entry)) if row.kind == "visit_started")
    for entry_id in (started.id, "unknown"):
        assert erase_one(coordination, town, entry_id).status_code == 404
        page = coordination.get(f"/visits/{town.visit}/entries/{entry_id}/erasure")
        assert page.status_code == 404


def test_a_remark_of_another_territory_or_visit_is_not_there(
    home: House,
    coordination: TestClient,
    neighbour: TestClient,
    committee: TestClient,
    town: Town,
    photo: bytes,
) -> None:
    row, before = entry_named(home, WORDS[1]), kept(home)
    assert erase_one(neighbour, town, row.id).status_code == 404
    assert erase_one(committee, town, row.id).status_code == 403
    another = home.db.write(
        lambda session: (
            visits.plan(
                session, town.shop, GRID, date(2026, 12, 4), [town.bruno], home.now(), by=town.claire
            ).id
        )
    )
    path = f"/visits/{another}/entries/{row.id}/erasures"
    assert post(coordination, path, {"reason": "x"}).status_code == 404
    assert len(everything(home)["erasure"]) == len(before["erasure"]) == 0
    assert "Effacer" not in words(committee.get(f"/visits/{town.visit}/history"))


def test_a_remark_erased_before_a_backup_came_back_is_erased_again(
    home: House, coordination: TestClient, town: Town, photo: bytes, tmp_path: Any
) -> None:
    backups.make(tmp_path / "before", home.db, home.photos, home.now())
    erase_one(coordination, town, entry_named(home, WORDS[1]).id)
    with backups.opened(tmp_path / "before") as backup:
        backups.restore(backup, home.db, home.photos, home.rules, replace=True)
    assert set(personal(home)) == {*PersonalWords} - {*WORDS[:2]}
    assert wrong(home) == []
