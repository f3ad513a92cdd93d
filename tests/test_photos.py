"""Photos: kept as they came until their re-encoding is safe, shown only re-encoded, whatever the bytes."""

import hashlib
import io
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
from PIL import Image

from backend.background import Background
from backend.geocoding import Geocoder
from backend.photos import Photos, Undecodable, media_of
from backend.settings import ROOT
from backend.storage import photos as rows
from backend.storage.engine import Database
from backend.storage.tables import Photo
from tests.databases import NewDatabase
from tests.doses import dose
from tests.phones import picture, sha256
from tests.refusing import refused
from tests.town import Clock


@pytest.fixture
def photos(tmp_path: Path) -> Photos:
    return Photos(tmp_path, "", limit_mb=1)


async def in_pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 1000):
        yield body[start : start + 1000]


def receive(photos: Photos, body: bytes, name: str | None = None) -> tuple[int, str]:
    return anyio.run(photos.receive, in_pieces(body), name or sha256(body))


def left(folder: Path) -> list[str]:
    return sorted(file.name for file in (folder / "incoming").iterdir())


# --- receiving ---


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_the_three_formats_are_taken(photos: Photos, form: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, form)
    assert receive(photos, out.getvalue()) == (len(out.getvalue()), f"image/{form.lower()}")


def test_nothing_is_kept_of_what_is_refused(photos: Photos, tmp_path: Path) -> None:
    for code, body, name in (
        ("photo_damaged", picture(), "0" * 64),
        ("photo_type", b"<svg onload=alert(1)>", None),
        ("photo_type", b"", None),
        ("body_too_large", picture() + b"\0" * 1_000_001, None),
    ):
        with refused(code):
            receive(photos, body, name)
    assert left(tmp_path) == []


def test_a_photo_cut_short_by_a_lost_connection_leaves_nothing(photos: Photos, tmp_path: Path) -> None:
    async def cut() -> AsyncIterator[bytes]:
        yield picture()[:100]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        anyio.run(photos.receive, cut(), sha256(picture()))
    assert left(tmp_path) == []


def test_a_photo_is_synced_with_its_folders_before_it_is_acknowledged(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    really = os.fsync

    def fsync(handle: int) -> None:
        synced.append(os.path.relpath(Path(f"/proc/self/fd/{handle}").readlink(), tmp_path))
        really(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    name = sha256(picture())
    receive(photos, picture())
    part, folder = synced
    assert part.startswith("incoming/.part-")
    assert folder == "incoming"
    synced.clear()
    photos.encode(name)
    for size in ("large", "small"):
        assert f"photos/{name[:2]}/{name}-{size}.jpg" in synced
    assert synced[-2:] == [f"photos/{name[:2]}", "photos"]


# --- re-encoding ---


def test_a_photo_loses_its_place_and_camera_and_stands_upright(photos: Photos) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned
    exif[0x010F] = "Fairphone"
    exif[0x8825] = {2: (47.0, 12.0, 30.0)}
    out = io.BytesIO()
    Image.new("RGB", (400, 200), "red").save(out, "JPEG", exif=exif)
    body = out.getvalue()
    receive(photos, body)
    assert photos.encode(sha256(body)) == (200, 400)
    for size in ("large", "small"):
        shown = photos.open(sha256(body), size)
        assert media_of(shown) == "image/jpeg"
        assert b"Fairphone" not in shown
        assert not Image.open(io.BytesIO(shown)).getexif()


def test_a_large_photo_is_shown_in_the_sizes_of_a_screen(photos: Photos) -> None:
    body = picture(side=2000)
    receive(photos, body)
    photos.encode(sha256(body))
    sizes = {
        size: Image.open(io.BytesIO(photos.open(sha256(body), size))).size for size in ("large", "small")
    }
    assert sizes == {"large": (1600, 1600), "small": (400, 400)}


def test_a_photo_not_yet_re_encoded_is_never_shown(photos: Photos) -> None:
    receive(photos, picture())
    with refused("not_found"):
        photos.open(sha256(picture()), "large")


MEASURED = """
import sys
from pathlib import Path
from backend.photos import Photos

def most_ever():
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))

photos = Photos(Path(sys.argv[1]), "", 8)
before = most_ever()
photos.encode(sys.argv[2])
print(most_ever() - before)
"""


@pytest.mark.parametrize(
    ("form", "size", "most"),
    [
        ("JPEG", (7300, 5450), 60_000_000),
        ("PNG", (4600, 3470), 160_000_000),
        ("WEBP", (3400, 2350), 200_000_000),
    ],
)
def test_the_largest_photos_take_little_memory(
    photos: Photos, tmp_path: Path, form: str, size: tuple[int, int], most: int
) -> None:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, form)
    receive(photos, out.getvalue())
    command = [sys.executable, "-c", MEASURED, tmp_path, sha256(out.getvalue())]
    taken = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert int(taken) < most


@pytest.mark.parametrize(
    ("form", "size", "options"),
    [
        ("JPEG", (7300, 5500), {}),
        ("JPEG", (4600, 3500), {"progressive": True}),  # all of it is held before any of it is decoded
        ("PNG", (4600, 3500), {}),
        ("WEBP", (3400, 2360), {}),
    ],
)
def test_larger_ones_are_not_even_decoded(
    photos: Photos, form: str, size: tuple[int, int], options: dict[str, bool]
) -> None:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, form, **options)
    receive(photos, out.getvalue())
    with pytest.raises(Undecodable, match=r"pixels|Bomb"):
        photos.encode(sha256(out.getvalue()))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "CMYK"])
def test_photos_of_any_colours_stand_upright_in_the_sizes_of_a_screen(
    photos: Photos, form: str, mode: str
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    try:
        Image.new(mode, (2000, 1000)).save(out, form, exif=exif)
    except OSError:
        return  # a format knows some modes only
    receive(photos, out.getvalue())
    assert photos.encode(sha256(out.getvalue())) == (800, 1600)
    shown = Image.open(io.BytesIO(photos.open(sha256(out.getvalue()), "small")))
    assert (shown.size, shown.mode) == ((200, 400), "RGB")


def test_a_photo_that_brings_its_preview_is_a_photo(photos: Photos) -> None:
    """Some phones add further pictures behind the first: Pillow calls that another format."""
    out = io.BytesIO()
    Image.new("RGB", (2000, 1000)).save(
        out, "MPO", save_all=True, append_images=[Image.new("RGB", (200, 100))]
    )
    assert Image.open(io.BytesIO(out.getvalue())).format == "MPO"
    receive(photos, out.getvalue())
    assert photos.encode(sha256(out.getvalue())) == (1600, 800)


def test_a_photo_as_slim_as_can_be_is_shown(photos: Photos) -> None:
    out = io.BytesIO()
    Image.new("RGB", (6000, 1)).save(out, "JPEG")
    receive(photos, out.getvalue())
    assert photos.encode(sha256(out.getvalue())) == (1600, 1)


def hostile() -> dict[str, bytes]:
    good = picture(side=64)
    bomb = bytearray(good)
    frame = bomb.index(b"\xff\xc2" if b"\xff\xc2" in bomb else b"\xff\xc0")
    bomb[frame + 5 : frame + 9] = b"\xff\xff\xff\xff"  # 65535 × 65535 pixels, says the header
    return {
        "a bomb": bytes(bomb),
        "half a photo": good[: len(good) // 2],
        "a header alone": b"\xff\xd8\xff\xe0",
        "a page that begins like a photo": b"\xff\xd8\xff<script>alert(1)</script>",
        "a PNG of nothing": b"\x89PNG\r\n\x1a\n" + b"\0" * 64,
        "a WebP of nothing": b"RIFF\x20\0\0\0WEBPVP8 " + b"\0" * 20,
    }


@pytest.mark.parametrize("kind", hostile())
def test_what_only_looks_like_a_photo_is_refused_once_looked_at(photos: Photos, kind: str) -> None:
    body = hostile()[kind]
    receive(photos, body)
    with pytest.raises(Undecodable):
        photos.encode(sha256(body))
    with refused("not_found"):
        photos.open(sha256(body), "large")


def test_no_damage_to_a_photo_breaks_more_than_that_photo(photos: Photos) -> None:
    rnd = random.Random(44)
    seeds = []
    for form in ("JPEG", "PNG", "WEBP"):
        out = io.BytesIO()
        Image.effect_noise((24, 24), 90).convert("RGB").save(out, form)
        seeds.append(out.getvalue())
    for _ in range(dose(150, 5_000)):
        body = bytearray(rnd.choice(seeds))
        for _ in range(rnd.randrange(1, 12)):
            body[rnd.randrange(16, len(body))] = rnd.randrange(256)
        receive(photos, bytes(body))
        try:
            size = photos.encode(sha256(bytes(body)))
        except Undecodable:
            continue
        assert size.width * size.height <= 40_000_000


# --- in the background, across crashes ---


class Place:
    """A house's photos, database and background work, which can be left at any point and opened again."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.open()

    def open(self) -> None:
        self.db = Database(self.url)
        self.photos = Photos(self.folder, "", limit_mb=1)
        self.background = Background(self.db, self.photos, Geocoder(""), Clock())

    def receive(self, body: bytes) -> None:
        receive(self.photos, body)
        name = sha256(body)
        self.db.write(lambda session: rows.received(session, name, len(body), "image/jpeg", Clock()()))

    def restart(self) -> None:
        """As the server does it, until nothing is left to do."""
        self.db.close()
        self.open()
        self.background.tidy()
        self.background.work()

    def row(self, body: bytes) -> Photo:
        with self.db.read() as session:
            found = rows.get(session, sha256(body))
            assert found is not None
            return found


@pytest.fixture
def place(tmp_path: Path, new_database: NewDatabase) -> Place:
    return Place(tmp_path / "data", new_database("sqlite"))


def test_the_original_goes_once_the_re_encoded_photo_is_noted(place: Place) -> None:
    place.receive(picture())
    place.background.work()
    assert place.row(picture()).decoded_at is not None
    assert left(place.folder) == []


def test_a_crash_after_the_re_encoding_and_before_its_note_loses_nothing(place: Place) -> None:
    place.receive(picture())
    place.photos.encode(sha256(picture()))
    place.restart()
    assert place.row(picture()).problem is None
    assert place.photos.open(sha256(picture()), "large")
    assert left(place.folder) == []


def test_a_crash_after_the_note_leaves_no_original_behind(place: Place) -> None:
    place.receive(picture())
    size = place.photos.encode(sha256(picture()))
    place.db.write(lambda session: rows.decoded(session, sha256(picture()), *size, Clock()()))
    place.restart()
    assert left(place.folder) == []
    assert place.photos.open(sha256(picture()), "large")


def test_a_crash_in_the_middle_of_receiving_leaves_no_half_photo(place: Place) -> None:
    (place.folder / "incoming" / ".part-xyz").write_bytes(b"\xff\xd8")
    place.restart()
    assert left(place.folder) == []


def test_an_original_that_is_gone_is_asked_for_again(place: Place) -> None:
    place.receive(picture())
    (place.folder / "incoming" / sha256(picture())).unlink()
    place.background.work()
    assert place.row(picture()).problem == "photo_damaged"
    place.receive(picture())
    place.background.work()
    assert place.row(picture()).decoded_at is not None


def test_one_bad_photo_does_not_hold_up_the_others(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = hostile()["half a photo"], [picture(shade) for shade in range(3)]
    for body in (bad, *good):
        place.receive(body)
    place.background.work()
    assert place.row(bad).problem == "photo_type"
    assert all(place.row(body).decoded_at for body in good)


AT_WORK = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from PIL import Image
from backend.background import Background
from backend.geocoding import Geocoder
from backend.photos import Photos
from backend.storage.engine import Database

thumbnail = Image.Image.thumbnail

def deadly(picture, *arguments, **more):
    if picture.width == 33:
        os.kill(os.getpid(), signal.SIGKILL)
    thumbnail(picture, *arguments, **more)

Image.Image.thumbnail = deadly
work = Background(Database(sys.argv[2]), Photos(Path(sys.argv[1]), "", 8), Geocoder(""), lambda: datetime.now(UTC))
work.tidy()
work.work()
"""


def test_a_photo_that_kills_the_process_is_given_up_the_third_time(place: Place) -> None:
    deadly, good = picture(side=33), picture(side=34)
    for body in (deadly, good):
        place.receive(body)
    command = [sys.executable, "-c", AT_WORK, place.folder, place.url]
    ends = [subprocess.run(command, cwd=ROOT, check=False).returncode for _ in range(3)]
    assert ends == [-signal.SIGKILL, -signal.SIGKILL, 0]
    assert place.row(deadly).problem == "photo_type"
    assert place.row(good).decoded_at is not None
    assert left(place.folder) == [sha256(deadly)]


def test_a_photo_interrupted_once_is_re_encoded(place: Place) -> None:
    place.receive(picture(side=33))
    subprocess.run([sys.executable, "-c", AT_WORK, place.folder, place.url], cwd=ROOT, check=False)
    place.restart()
    assert place.row(picture(side=33)).decoded_at is not None
    assert left(place.folder) == []


def test_a_photo_sent_again_while_it_is_re_encoded_is_re_encoded_again(place: Place) -> None:
    place.receive(picture())
    place.background.work()
    place.receive(picture())
    place.background.work()
    assert place.row(picture()).decoded_at is not None
    assert left(place.folder) == []


def test_photos_are_kept_under_the_hash_of_what_was_received(place: Place) -> None:
    place.receive(picture(5))
    place.background.work()
    assert place.photos.has(hashlib.sha256(picture(5)).hexdigest())
    assert not place.photos.has(sha256(picture(6)))
