"""Voice notes: taken from every phone, written again as a sound and nothing else, heard by those who may."""

import pytest
from starlette.testclient import TestClient

from backend import voices
from backend.web.house import House
from tests.phones import Entry, Phone, picture, sha256
from tests.town import GRID, Town
from tests.voices import RECORDERS, film, heard, recording


def spoken(phone: Phone, visit: str, sound: bytes, sheet: str = "duo") -> Entry:
    return phone.entry("remark_made", visit, sheet=sheet, criterion=None, voice=sha256(sound), supersedes=[])


# --- the adapter ---


@pytest.mark.parametrize("container", RECORDERS)
def test_what_a_phone_recorded_becomes_an_mp3_without_its_metadata(container: str) -> None:
    sound = recording(container, seconds=3, title="Chez Mado, 47.2, -1.6")
    assert voices.media_of(sound[:16]) == f"audio/{container}"
    seconds, metadata = heard(voices.as_mp3(sound))
    assert 2.9 < seconds < 3.3
    assert "Mado" not in str(metadata)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x1aE\xdf\xa3" + b"\0" * 500,
        b"OggS" + bytes(range(256)) * 20,
        recording("webm")[:300],
        film(),
        picture(),
    ],
    ids=["nothing", "a head and nothing", "noise", "cut", "a film", "a photo"],
)
def test_what_is_no_voice_is_refused(body: bytes) -> None:
    with pytest.raises(voices.Inaudible):
        voices.as_mp3(body)


def test_a_note_of_more_than_75_seconds_is_refused() -> None:
    with pytest.raises(voices.Inaudible, match="too long"):
        voices.as_mp3(recording("webm", seconds=voices.LONGEST_S + 2))


# --- from the phone to those who may hear it ---


def test_a_spoken_remark_is_received_and_heard_by_those_of_the_visit(
    amina: Phone, bruno: Phone, home: House, town: Town, coordination: TestClient
) -> None:
    sound = recording("mp4")
    started, said = amina.start(town.visit, GRID), spoken(amina, town.visit, sound)
    assert amina.send(started, said)["missing_photos"] == [sha256(sound)]
    assert amina.put(sound).status_code == 201
    assert bruno.http.get(f"/api/photos/{sha256(sound)}").status_code == 404  # not written again yet
    home.background.work()
    assert amina.send()["decoded_photos"] == [sha256(sound)]
    answer = bruno.http.get(f"/api/photos/{sha256(sound)}")
    assert answer.headers["content-type"] == "audio/mpeg"
    assert heard(answer.content)[0] > 1.9
    page = coordination.get(f"/visits/{town.visit}").text
    assert f'src="/photos/{sha256(sound)}/sound"' in page
    assert coordination.get(f"/photos/{sha256(sound)}/sound").headers["content-type"] == "audio/mpeg"


def test_a_visit_is_received_when_the_note_its_closing_lists_is(
    amina: Phone, home: House, town: Town
) -> None:
    sound = recording()
    said = spoken(amina, town.visit, sound)
    amina.send(amina.start(town.visit, GRID), said, amina.close(town.visit, [said], [sound]))
    assert amina.http.get("/api/field").json()["visits"][0]["state"] == "closed"
    amina.put(sound)
    assert amina.http.get("/api/field").json()["visits"][0]["state"] == "received"


def test_a_note_on_a_sheet_still_hidden_is_not_for_the_others(
    amina: Phone, bruno: Phone, home: House, town: Town
) -> None:
    sound = recording()
    amina.send(amina.start(town.visit, GRID, "separate"), spoken(amina, town.visit, sound, sheet=town.amina))
    amina.put(sound)
    home.background.work()
    assert amina.http.get(f"/api/photos/{sha256(sound)}").status_code == 200
    assert bruno.http.get(f"/api/photos/{sha256(sound)}").status_code == 404


def test_a_note_that_cannot_be_heard_is_asked_for_again_in_words(
    amina: Phone, home: House, town: Town
) -> None:
    broken = b"\x1aE\xdf\xa3" + b"\0" * 500
    amina.send(amina.start(town.visit, GRID), spoken(amina, town.visit, broken))
    amina.put(broken)
    home.background.work()
    [refused] = amina.send()["refused_photos"]
    assert refused["problem"]["detail"].startswith("Cette note ne s’entend pas")


def test_a_note_of_more_than_2_mb_is_refused(amina: Phone, town: Town) -> None:
    heavy = b"\x1aE\xdf\xa3" + b"\0" * 2_100_000
    amina.send(amina.start(town.visit, GRID), spoken(amina, town.visit, heavy))
    assert amina.put(heavy).status_code == 413
