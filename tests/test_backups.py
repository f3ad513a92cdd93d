"""A backup holds all of a caisse, goes back on either database, and costs nobody what came after it."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, SQLModel, select
from starlette.applications import Starlette

from backend import grids
from backend.background import Background
from backend.cli import main
from backend.geocoding import Geocoder
from backend.photos import Photos
from backend.settings import ROOT
from backend.storage import copies, documents, merchants
from backend.storage.engine import Database, fact
from backend.storage.tables import Entry, Photo, Visit
from tests.databases import ENGINES, NewDatabase, sqlalchemy_url
from tests.phones import Phone, picture, sha256
from tests.town import GRID, Clock, Town, browser_of, joined, opened, settle

CRITERIA = [criterion.id for criterion in grids.load_all(ROOT / "criteria")[GRID].criteria]


class Place:
    """An installation: a folder, a database, and the commands run there."""

    def __init__(self, folder: Path, url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.url, self.clock, self._patch = folder, url, clock, monkeypatch

    @contextmanager
    def open(self) -> Iterator[Starlette]:
        with opened(self.url, self.folder, self.clock) as app:
            yield app

    def run(self, *command: str) -> int:
        self._patch.setenv("DATA_DIR", str(self.folder))
        self._patch.setenv("DATABASE_URL", "" if self.url.startswith("sqlite") else self.url)
        return main(command)

    @contextmanager
    def database(self) -> Iterator[Database]:
        database = Database(sqlalchemy_url(self.url))
        yield database
        database.close()

    @property
    def rows(self) -> dict[str, list[Any]]:
        """Everything in the database but its epoch."""
        with self.database() as database, database.read() as session:
            found = {name: list(copies.rows(session, name)) for name in copies.table_names()}
        return found | {"meta": [row for row in found["meta"] if row["key"] != "epoch"]}

    @property
    def epoch(self) -> str:
        with self.database() as database, database.read() as session:
            return fact(session, "epoch")

    @property
    def files(self) -> set[str]:
        return set(Photos(self.folder, "", 8).names())


NewPlace = Callable[[str], Place]


@pytest.fixture
def place_on(
    tmp_path: Path, empty_database: NewDatabase, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> NewPlace:
    """Makes an installation where nothing was done yet, on this engine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GEOCODER_DOMAIN", "")

    def make(engine: str) -> Place:
        folder = tmp_path / f"place-{len(list(tmp_path.glob('place-*')))}"
        folder.mkdir()
        url = f"sqlite:///{folder / 'caisse.db'}" if engine == "sqlite" else empty_database(engine)
        return Place(folder, url, clock, monkeypatch)

    return make


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sauvegarde.zip"


def settled(app: Starlette) -> tuple[Town, Phone]:
    home = app.state.house
    town: Town = home.db.write(lambda session: settle(session, home.now()))
    return town, joined(app, town.amina)


def with_a_visit(place: Place) -> None:
    """A caisse with a visit and its photo, re-encoded."""
    with place.open() as app:
        town, phone = settled(app)
        phone.send(*phone.whole_visit(town.visit, GRID, CRITERIA, [picture(1)]))
        phone.put(picture(1))
        app.state.house.background.stop()
        app.state.house.background.work()


# --- nothing is lost ---


@pytest.mark.parametrize("before", ENGINES)
@pytest.mark.parametrize("after", ENGINES)
def test_a_backup_is_restored_on_either_database(
    place_on: NewPlace, file: Path, before: str, after: str
) -> None:
    old, new = place_on(before), place_on(after)
    with_a_visit(old)
    assert old.run("backup", str(file)) == 0
    assert new.run("restore", str(file)) == 0
    assert new.rows == old.rows
    assert new.files == old.files != set()
    assert new.epoch != old.epoch


@pytest.mark.parametrize("engine", ENGINES)
def test_what_came_after_the_backup_comes_back_from_the_phones(
    place_on: NewPlace, file: Path, engine: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place = place_on(engine)
    with place.open() as app:
        town, phone = settled(app)
        made = phone.whole_visit(town.visit, GRID, CRITERIA, [picture(1), picture(2)])
        phone.send(*made[:8])
        assert place.run("backup", str(file)) == 0  # the caisse stays open meanwhile
        assert phone.send(*made[8:])["rejected"] == []
        assert {phone.put(picture(shade)).status_code for shade in (1, 2)} == {201}
        epoch, cookies = phone.epoch, phone.http.cookies
    assert place.run("restore", str(file), "--replace") == 0
    assert place.files == set()
    with place.open() as app:
        phone.http = browser_of(app)
        phone.http.cookies = cookies
        receipt = phone.send()
        assert phone.epoch != epoch
        assert receipt["accepted"] == [entry["id"] for entry in made]
        assert receipt["missing_photos"] == sorted(map(sha256, (picture(1), picture(2))))
        assert {phone.put(picture(shade)).status_code for shade in (1, 2)} == {201}
        with app.state.house.db.read() as session:
            assert set(session.exec(select(Entry.id))) == {entry["id"] for entry in made}
            assert session.get_one(Visit, town.visit).state == "received"
        assert phone.send()["missing_photos"] == []
    capsys.readouterr()
    assert place.run("verify") == 0
    assert capsys.readouterr().out == "Tout concorde.\n"


def test_what_is_in_place_goes_only_when_that_is_said(
    place_on: NewPlace, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = place_on("sqlite"), place_on("sqlite")
    with_a_visit(old)
    with_a_visit(new)
    assert old.run("backup", str(file)) == 0
    rows, epoch = new.rows, new.epoch
    capsys.readouterr()
    assert new.run("restore", str(file)) == 1
    assert "ajoutez --replace" in capsys.readouterr().err
    assert (new.rows, new.epoch) == (rows, epoch)
    assert new.run("restore", str(file), "--replace") == 0
    assert new.rows == old.rows


def test_photos_alone_are_something_in_place_too(
    place_on: NewPlace, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = place_on("sqlite"), place_on("sqlite")
    with_a_visit(old)
    assert old.run("backup", str(file)) == 0
    left = f"incoming/{sha256(picture(9))}"
    Photos(new.folder, "", 8).put_back(left, picture(9))
    assert new.run("restore", str(file)) == 1
    assert new.files == {left}
    assert new.run("restore", str(file), "--replace") == 0
    assert new.files == old.files


def test_nothing_is_restored_under_an_open_caisse(
    place_on: NewPlace, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = place_on("sqlite")
    with_a_visit(place)
    assert place.run("backup", str(file)) == 0
    with place.open():
        epoch = place.epoch
        assert place.run("restore", str(file), "--replace") == 1
        assert capsys.readouterr().err == (
            "La caisse est ouverte : arrêtez-la, puis recommencez. Rien n’a été touché.\n"
        )
        assert place.epoch == epoch


def test_a_photo_not_yet_re_encoded_is_kept_as_it_came(place_on: NewPlace, file: Path) -> None:
    old, new = place_on("sqlite"), place_on("sqlite")
    with old.open() as app:
        app.state.house.background.stop()
        town, phone = settled(app)
        phone.send(*phone.whole_visit(town.visit, GRID, CRITERIA, [picture(1)]))
        phone.put(picture(1))
        assert old.run("backup", str(file)) == 0
    assert new.run("restore", str(file)) == 0
    assert new.files == {f"incoming/{sha256(picture(1))}"}


def test_a_photo_re_encoded_while_the_backup_was_made_is_not_asked_for_again(
    place_on: NewPlace, file: Path
) -> None:
    """The database was read before the note, and the original went before it was copied."""
    old, new = place_on("sqlite"), place_on("sqlite")
    with old.open() as app:
        app.state.house.background.stop()
        town, phone = settled(app)
        phone.send(*phone.whole_visit(town.visit, GRID, CRITERIA, [picture(1)]))
        phone.put(picture(1))
        app.state.house.photos.encode(sha256(picture(1)))
        app.state.house.photos.forget_original(sha256(picture(1)))
        assert old.run("backup", str(file)) == 0
    assert new.run("restore", str(file)) == 0
    with new.database() as database:
        Background(database, Photos(new.folder, "", 8), Geocoder(""), new.clock).work()
        with database.read() as session:
            photo = session.get_one(Photo, sha256(picture(1)))
            assert (photo.problem, photo.width) == (None, 32)
            assert photo.decoded_at is not None


def test_a_photo_that_was_lost_before_is_named_and_stops_nothing(
    place_on: NewPlace, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = place_on("sqlite")
    with_a_visit(place)
    for name in place.files:
        Photos(place.folder, "", 8).drop(name)
    assert place.run("backup", str(file)) == 0
    assert f"photo {sha256(picture(1))} : reçue, mais introuvable" in capsys.readouterr().out


def with_documents(place: Place) -> str:
    """A caisse that kept two documents, of which one was taken off; returns the hash of the other."""
    with place.open() as app:
        home, (town, _phone) = app.state.house, settled(app)
        sent = [home.documents.read(io.BytesIO(b"%PDF-1.7 " + name)) for name in (b"Charte", b"Prix")]

        def keep(session: Session) -> None:
            shop = merchants.get(session, town.shop)
            for each in sent:
                kept = documents.Kept(each.sha256, each.media, each.size)
                made = documents.add(session, shop, "Charte", kept, home.now(), by=town.claire, room_mb=1)
                home.documents.keep(each)
            documents.remove(session, shop, made, home.now(), by=town.claire)

        home.db.write(keep)
        home.documents.drop(sent[1].sha256, sent[1].media)
    return str(sent[0].sha256)


def test_documents_are_in_the_backup_and_come_back(place_on: NewPlace, file: Path) -> None:
    old, new = place_on("sqlite"), place_on("sqlite")
    sha256 = with_documents(old)
    assert old.run("backup", str(file)) == 0
    assert new.run("restore", str(file)) == 0
    assert new.rows == old.rows
    assert new.files == old.files == {f"photos/{sha256[:2]}/{sha256}-document.pdf"}


def test_a_document_that_was_lost_is_named(
    place_on: NewPlace, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = place_on("sqlite")
    sha256 = with_documents(place)
    assert place.run("verify") == 0
    for name in place.files:
        Photos(place.folder, "", 8).drop(name)
    capsys.readouterr()
    for command in (["backup", str(file)], ["verify"]):
        place.run(*command)
        assert f"document {sha256} : gardé, mais introuvable sur le disque" in capsys.readouterr().out
    assert place.run("verify") == 1


# --- the file ---


def test_the_manifest_says_when_from_which_version_and_the_hash_of_each_part(
    place_on: NewPlace, file: Path
) -> None:
    place = place_on("sqlite")
    with_a_visit(place)
    assert place.run("backup", str(file)) == 0
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        for name, part in manifest["parts"].items():
            assert hashlib.sha256(archive.read(name)).hexdigest() == part["sha256"]
        assert set(archive.namelist()) == {"manifest.json", *manifest["parts"]}
    assert {f"tables/{table}.jsonl" for table in SQLModel.metadata.tables} <= set(manifest["parts"])
    assert manifest["made_at"].endswith("+00:00")
    assert manifest["version"]
    assert file.stat().st_mode & 0o077 == 0  # it holds what opens every door


def test_an_existing_file_is_never_written_over(
    place_on: NewPlace, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = place_on("sqlite")
    with_a_visit(place)
    file.write_text("mine")
    assert place.run("backup", str(file)) == 1
    assert "existe déjà" in capsys.readouterr().err
    assert file.read_text() == "mine"


def test_a_backup_that_cannot_be_finished_leaves_no_file(
    place_on: NewPlace, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert place_on("sqlite").run("backup", str(file)) == 1
    assert "Il n’y a pas ici de caisse à jour" in capsys.readouterr().err
    assert list(file.parent.glob("*sauvegarde*")) == []


def test_a_backup_goes_only_where_there_is_a_folder(
    place_on: NewPlace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = place_on("sqlite")
    with_a_visit(place)
    assert place.run("backup", str(tmp_path / "nowhere" / "file.zip")) == 1
    assert "Impossible d’écrire dans" in capsys.readouterr().err


# --- hostile files ---


def rewritten(file: Path, change: Callable[[dict[str, bytes], dict[str, Any]], None]) -> None:
    """The same backup with some parts changed, and a manifest that is right about them unless `change` says so."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(parts.pop("manifest.json"))
    manifest["parts"] = {}
    change(parts, manifest)
    for name, body in parts.items():
        right = {"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)}
        manifest["parts"].setdefault(name, right)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in [*parts.items(), ("manifest.json", json.dumps(manifest).encode())]:
            archive.writestr(name, body)


def a_hash_is_wrong(parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["parts"]["tables/person.jsonl"] = {
        "sha256": "0" * 64,
        "bytes": len(parts["tables/person.jsonl"]),
    }


def a_part_unpacks_to_more_than_was_said(parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
    name = f"incoming/{'a' * 64}"
    parts[name] = bytes(100_000_000)
    manifest["parts"][name] = {"sha256": hashlib.sha256(b"").hexdigest(), "bytes": 0}


def a_part_wants_to_leave_the_folder(parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
    parts["incoming/../../owned"] = b"x"


def a_part_is_not_there(parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["parts"][f"incoming/{'a' * 64}"] = {"sha256": "0" * 64, "bytes": 3}


def a_table_is_not_there(parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
    del parts["tables/visit.jsonl"]


def the_manifest_is_of_another_kind(parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["made_at"] = 5


def a_row_lacks_a_column(parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
    parts["tables/photo.jsonl"] = b'{"sha256": "a"}\n'


def a_row_is_no_object(parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
    parts["tables/photo.jsonl"] = b"[" * 100_000 + b"\n"


def a_number_is_a_text(parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
    parts["tables/photo.jsonl"] = parts["tables/photo.jsonl"].replace(b'"bytes": ', b'"bytes": "1", "x": ')


def two_rows_have_one_key(parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
    parts["tables/photo.jsonl"] *= 2


def a_row_refers_to_nobody(parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
    parts["tables/person.jsonl"] = b""


def there_is_no_secret(parts: dict[str, bytes], manifest: dict[str, Any]) -> None:
    parts["tables/meta.jsonl"] = b""


NOT_WHOLE = (
    a_hash_is_wrong,
    a_part_unpacks_to_more_than_was_said,
    a_part_wants_to_leave_the_folder,
    a_part_is_not_there,
    a_table_is_not_there,
    the_manifest_is_of_another_kind,
)
UNREADABLE = (
    a_row_lacks_a_column,
    a_row_is_no_object,
    a_number_is_a_text,
    two_rows_have_one_key,
    a_row_refers_to_nobody,
    there_is_no_secret,
)


ON_WHICH = [
    *(pytest.param(change, "sqlite", id=change.__name__) for change in NOT_WHOLE),
    *(
        pytest.param(change, engine, id=f"{change.__name__}-{engine}")
        for change in UNREADABLE
        for engine in ENGINES
    ),
]


@pytest.mark.parametrize(("change", "engine"), ON_WHICH)
def test_a_hostile_file_is_refused_in_a_sentence_and_nothing_is_touched(
    place_on: NewPlace, file: Path, capsys: pytest.CaptureFixture[str], change: Any, engine: str
) -> None:
    place = place_on(engine)
    with_a_visit(place)
    assert place.run("backup", str(file)) == 0
    rewritten(file, change)
    rows, epoch, files = place.rows, place.epoch, place.files
    capsys.readouterr()
    assert place.run("restore", str(file), "--replace") == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert said.endswith("Rien n’a été touché.")
    assert (place.rows, place.epoch, place.files) == (rows, epoch, files)


def test_a_file_cut_anywhere_is_refused(
    place_on: NewPlace, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = place_on("sqlite"), place_on("sqlite")
    with_a_visit(old)
    assert old.run("backup", str(file)) == 0
    whole = file.read_bytes()
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:length])
        assert new.run("restore", str(file)) == 1
        assert "n’est pas une sauvegarde entière" in capsys.readouterr().err
    assert list(new.folder.iterdir()) == []
    assert new.run("restore", str(file.parent / "nowhere.zip")) == 1
    assert "est introuvable" in capsys.readouterr().err


def test_a_backup_of_another_version_names_it(
    place_on: NewPlace, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = place_on("sqlite")
    with_a_visit(place)
    assert place.run("backup", str(file)) == 0
    rewritten(file, lambda _, manifest: manifest.update(tables="9999", version="7.3"))
    assert place_on("sqlite").run("restore", str(file)) == 1
    assert "une autre version de la caisse (7.3)" in capsys.readouterr().err
