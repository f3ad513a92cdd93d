"""What phones send and what they get back, through the API, on SQLite and on PostgreSQL."""

import json
import secrets
import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlmodel import Session, col, select

from backend import sync
from backend.domain.decisions import DecisionOutcome
from backend.domain.merchants import Stage
from backend.storage import decisions, devices, journal, merchants, people, visits
from backend.storage.decisions import Deciding
from backend.storage.engine import Database
from backend.storage.people import DeviceSession
from backend.storage.tables import DisputedEntry, Entry, Meta, Visit
from backend.storage.visits import Reading
from backend.web.house import House
from tests.doses import dose
from tests.phones import Phone, picture
from tests.town import GRID, Town

PhoneOf = Callable[..., Phone]


@pytest.fixture
def database_url(on_both_engines: str) -> str:
    return on_both_engines


@pytest.fixture
def criteria(home: House) -> list[str]:
    return [criterion.id for criterion in home.grids[GRID].criteria]


def stored(home: House) -> list[Entry]:
    with home.db.read() as session:
        return list(session.exec(select(Entry).order_by(col(Entry.seq))))


def reading(home: House, visit_id: str, up_to: int | None = None) -> Reading:
    with home.db.read() as session:
        return visits.read(session, visits.get(session, visit_id), home.rules, up_to)


def visit_of(home: House, visit_id: str) -> Visit:
    with home.db.read() as session:
        return visits.get(session, visit_id)


def separately(home: House, town: Town) -> None:
    """The visit of the shop is made each on their own phone."""

    def change(session: Session) -> None:
        visits.get(session, town.visit).mode = "separate"

    home.db.write(change)


# --- what is acknowledged ---


def test_what_is_acknowledged_is_committed(home: House, town: Town, amina: Phone) -> None:
    entry = amina.start(town.visit, GRID)
    assert amina.send(entry)["accepted"] == [entry["id"]]
    elsewhere = Database(home.settings.sqlalchemy_url)
    with elsewhere.read() as session:
        assert session.exec(select(Entry.id)).all() == [entry["id"]]
    elsewhere.close()


def test_the_same_entry_again_is_accepted_again_and_stored_once(
    home: House, town: Town, amina: Phone
) -> None:
    entry = amina.start(town.visit, GRID)
    for _ in range(3):
        assert amina.send(entry)["accepted"] == [entry["id"]]
    assert amina.send(entry, entry)["accepted"] == [entry["id"], entry["id"]]
    assert len(stored(home)) == 1


def test_a_replayed_batch_changes_nothing(home: House, town: Town, amina: Phone, criteria: list[str]) -> None:
    made = amina.whole_visit(town.visit, GRID, criteria)
    amina.send(*made)
    with home.db.read() as session:
        before = journal.last_number(session)
    amina.send(*made)
    with home.db.read() as session:
        assert journal.last_number(session) == before


def test_the_same_entry_on_many_connections_at_once_is_accepted_on_all_of_them(
    home: House, town: Town, amina: Phone, criteria: list[str]
) -> None:
    made = amina.whole_visit(town.visit, GRID, criteria)
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(amina.post(made).json())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer["accepted"] for answer in answers] == [[entry["id"] for entry in made]] * 8
    assert len(stored(home)) == len(made)


def test_one_bad_entry_never_blocks_the_others(
    home: House, town: Town, amina: Phone, criteria: list[str]
) -> None:
    good = amina.whole_visit(town.visit, GRID, criteria)
    bad = [
        None,
        17,
        [],
        {},
        {"id": "\ud800", "v": 1, "kind": "choice_made"},
        {"id": "x" * 100_000},
        amina.entry("choice_made", town.visit),
        amina.entry("telepathy", town.visit),
        amina.choose(town.visit, "nowhere", 1),
        amina.choose(town.visit, criteria[0], 17),
        amina.choose(town.farm_visit, criteria[0], 1),
        amina.entry(
            "merchant_spotted",
            None,
            name="Chez nous",
            merchant_kind="bakery",
            lat=None,
            lon=None,
            note="",
            photos=[],
        )
        | {"id": town.shop},
    ]
    mixed = [entry for pair in zip(bad, good, strict=False) for entry in pair] + good[len(bad) :]
    answer = amina.http.post(
        "/api/journal",
        content=_json({"entries": mixed, "cursor": 0}),
        headers={"content-type": "application/json"},
    ).json()
    assert answer["accepted"] == [entry["id"] for entry in good]
    assert len(answer["rejected"]) == len(bad)
    assert [row.id for row in stored(home)] == [entry["id"] for entry in good]


def _json(body: object) -> bytes:
    return json.dumps(
        body
    ).encode()  # ASCII: lone surrogates travel as escapes, as a hostile client may send them


# --- relays ---


def test_a_partner_may_bring_what_the_other_wrote_and_it_is_kept_with_who_brought_it(
    home: House, town: Town, amina: Phone, bruno: Phone, phone_of: PhoneOf
) -> None:
    entry = bruno.start(town.visit, GRID) | {"author": town.amina}
    assert bruno.send(entry)["accepted"] == [entry["id"]]
    (row,) = stored(home)
    assert (row.author_id, row.brought_by, row.confirmed_seq) == (town.amina, town.bruno, None)
    amina.send()
    assert amina.seen[entry["id"]] == {"entry": entry, "confirmed": False, "brought_by": town.bruno}


def test_the_author_confirms_a_relay_by_sending_it_and_everyone_learns_of_it(
    home: House, town: Town, amina: Phone, bruno: Phone
) -> None:
    entry = bruno.start(town.visit, GRID) | {"author": town.amina}
    bruno.send(entry)
    before = reading(home, town.visit)
    assert before.state["relayed"] == [entry["id"]]
    assert amina.send(entry)["accepted"] == [entry["id"]]
    bruno.send()
    assert bruno.seen[entry["id"]]["confirmed"] is True
    after = reading(home, town.visit)
    assert after.state["relayed"] == []
    assert reading(home, town.visit, before.read_seq).state["relayed"] == [entry["id"]]
    assert len(stored(home)) == 1


def test_a_relay_never_supersedes_what_the_authors_own_device_sent_until_that_device_confirms_it(
    home: House, town: Town, amina: Phone, bruno: Phone, criteria: list[str]
) -> None:
    own = amina.choose(town.visit, criteria[0], 3)
    amina.send(amina.start(town.visit, GRID), own)
    bruno.send()
    brought = bruno.choose(town.visit, criteria[0], 0, supersedes=[own["id"]]) | {"author": town.amina}
    bruno.send(brought)

    def current() -> list[Any]:
        made = reading(home, town.visit).state["sheets"]["duo"][criteria[0]]
        return sorted(one["choice"] for one in made)

    assert current() == [0, 3]
    amina.send(brought)
    assert current() == [0]


@pytest.mark.parametrize("relay_first", [True, False], ids=["relay first", "own word first"])
def test_under_one_id_the_authors_own_word_wins_and_the_relay_is_kept_as_disputed(
    home: House, town: Town, amina: Phone, bruno: Phone, criteria: list[str], relay_first: bool
) -> None:
    amina.send(amina.start(town.visit, GRID))
    own = amina.choose(town.visit, criteria[0], 3)
    relay = own | {"choice": 0}
    first, then = ((bruno, relay), (amina, own)) if relay_first else ((amina, own), (bruno, relay))
    for phone, entry in (first, then, first, then):
        if phone is amina or entry is relay:
            assert phone.send(entry)["accepted"] == [own["id"]]
    state = reading(home, town.visit).state
    assert [one["choice"] for one in state["sheets"]["duo"][criteria[0]]] == [3]
    assert state["disputed"] == [own["id"]]
    assert len(stored(home)) == 2
    with home.db.read() as session:
        assert [row.brought_by for row in session.exec(select(DisputedEntry))] == [town.bruno]


def test_a_visit_read_at_a_number_does_not_change_when_an_author_corrects_a_relay_later(
    home: House, town: Town, amina: Phone, bruno: Phone, phone_of: PhoneOf, criteria: list[str]
) -> None:
    amina.send(amina.start(town.visit, GRID))
    own = amina.choose(town.visit, criteria[0], 3)
    bruno.send(own | {"choice": 0})
    phone_of(town.bruno).send(own | {"choice": 3})  # another of his devices brings another version
    before = reading(home, town.visit)
    amina.send(own)
    then = reading(home, town.visit, before.read_seq)
    assert (then.state, then.score) == (before.state, before.score)
    assert reading(home, town.visit).state["sheets"]["duo"][criteria[0]][0]["choice"] == 3


def test_an_author_may_say_twice_in_one_batch_what_a_relay_had_said(
    home: House, town: Town, amina: Phone, bruno: Phone, criteria: list[str]
) -> None:
    same, other = (amina.choose(town.visit, criteria[n], 3) for n in range(2))
    bruno.send(same, other | {"choice": 0})
    ids = [same["id"], other["id"]]
    assert amina.send(same, other, same, other)["accepted"] == ids * 2
    state = reading(home, town.visit).state
    assert (state["relayed"], state["disputed"]) == ([], [other["id"]])
    assert len(stored(home)) == 2


def test_an_author_may_correct_a_relay_that_announced_the_same_photo(
    home: House, town: Town, amina: Phone, bruno: Phone
) -> None:
    own = amina.attach(town.visit, picture())
    bruno.send(own | {"caption": "de loin"})
    assert amina.send(own)["accepted"] == [own["id"]]
    assert reading(home, town.visit).state["photos"][0]["caption"] == ""
    assert amina.put(picture()).status_code == 201


def test_an_own_entry_with_another_content_is_refused_and_the_first_stays(
    home: House, town: Town, amina: Phone, criteria: list[str]
) -> None:
    entry = amina.choose(town.visit, criteria[0], 1)
    other = entry | {"choice": 2}
    assert amina.send(entry, other)["accepted"] == [entry["id"]]
    receipt = amina.send(other)
    assert receipt["accepted"] == []
    assert [no["problem"]["type"] for no in receipt["rejected"]] == ["/problemes/id_conflict"]
    assert [row.body for row in stored(home)] == [
        row.body for row in stored(home) if '"choice":1' in row.body
    ]


def test_nobody_takes_the_id_of_someone_elses_entry(
    home: House, town: Town, amina: Phone, bruno: Phone
) -> None:
    entry = amina.start(town.visit, GRID)
    amina.send(entry)
    receipt = bruno.send(entry | {"author": town.bruno})
    assert receipt["rejected"][0]["problem"]["type"] == "/problemes/id_conflict"
    assert [row.author_id for row in stored(home)] == [town.amina]


# --- the cursor ---


def test_a_reader_who_follows_the_cursor_misses_nothing_while_many_write(
    home: House, town: Town, amina: Phone, bruno: Phone, criteria: list[str]
) -> None:
    amina.send(amina.start(town.visit, GRID))
    writers, batches = 8, dose(12, 100)
    device = _device(home, town)
    sent: list[list[str]] = [[] for _ in range(writers)]
    barrier = threading.Barrier(writers + 1)
    lock = threading.Lock()

    def write(mine: list[str]) -> None:
        barrier.wait()
        for n in range(batches):
            with lock:
                batch = [amina.choose(town.visit, criteria[n % 15], n % 4) for _ in range(1 + n % 3)]
            parsed = sync.parse_entries(sync.parse_batch({"entries": batch, "cursor": 0}))
            verdict = home.db.write(
                lambda session, parsed=parsed: sync.receive(session, device, parsed, home.rules, home.now())
            )
            mine.extend(verdict.accepted)

    threads = [threading.Thread(target=write, args=(mine,)) for mine in sent]
    for thread in threads:
        thread.start()
    barrier.wait()
    numbers: list[int] = []
    while any(thread.is_alive() for thread in threads):
        cursor = bruno.cursor
        bruno.send()
        assert bruno.cursor >= cursor
        numbers.append(bruno.cursor)
    for thread in threads:
        thread.join()
    bruno.send()
    written = {entry_id for mine in sent for entry_id in mine}
    assert len(written) == sum(writers * (1 + n % 3) for n in range(batches))
    assert written <= set(bruno.seen)
    assert [row.seq for row in stored(home)] == sorted({row.seq for row in stored(home)})


def _device(home: House, town: Town) -> DeviceSession:
    """A second device of Amina's, without the web around it."""

    def open_one(session: Session) -> DeviceSession:
        invitation = people.invite(session, town.amina, home.now(), days=14, by=None)
        device_id = devices.enrol(
            session, people.code_of(session, invitation.id), secrets.token_urlsafe(32), home.now()
        )
        return DeviceSession(device_id, ((town.amina, "Amina"),), "nantes-ouest")

    return home.db.write(open_one)


def test_a_long_journal_comes_in_pages_and_whole(
    home: House, town: Town, amina: Phone, bruno: Phone, criteria: list[str]
) -> None:
    made = [amina.choose(town.visit, criteria[n % 15], n % 4) for n in range(1_300)]
    for first in range(0, len(made), 100):
        amina.send(*made[first : first + 100])
    page = bruno.post([]).json()
    assert page["more"] is True
    assert len(page["entries"]) >= 500
    bruno.send()
    assert set(bruno.seen) == {entry["id"] for entry in made}


def test_a_visit_sent_again_is_not_cut_in_two(
    home: House, town: Town, amina: Phone, phone_of: PhoneOf, criteria: list[str]
) -> None:
    gael = phone_of(town.gael)
    gael.send()
    made = [amina.choose(town.visit, criteria[n % 15], n % 4) for n in range(700)]
    for first in range(0, len(made), 350):
        amina.send(*made[first : first + 350])
    home.db.write(lambda session: visits.add_member(session, town.visit, town.gael, home.rules, home.now()))
    later = amina.choose(town.visit, criteria[0], 1)
    amina.send(later)
    page = gael.post([]).json()
    assert {record["entry"]["id"] for record in page["entries"]} == {entry["id"] for entry in made}
    assert page["more"] is True
    gael.send()
    assert set(gael.seen) == {entry["id"] for entry in [*made, later]}


def test_a_cursor_of_another_epoch_means_nothing_and_all_is_sent_again(
    home: House, town: Town, amina: Phone, bruno: Phone, criteria: list[str]
) -> None:
    made = amina.whole_visit(town.visit, GRID, criteria)
    amina.send(*made)
    bruno.send()

    def restore(session: Session) -> None:
        session.get_one(Meta, "epoch").value = "after the restore"

    home.db.write(restore)
    answer = bruno.post([], epoch=bruno.epoch).json()
    assert answer["epoch"] == "after the restore"
    assert {record["entry"]["id"] for record in answer["entries"]} == {entry["id"] for entry in made}
    bruno.send()
    assert bruno.post([], epoch=bruno.epoch).json()["entries"] == []


# --- what may be seen, and when ---


def test_someone_who_joins_a_visit_gets_all_of_it_from_its_start(
    home: House, town: Town, amina: Phone, phone_of: PhoneOf, criteria: list[str]
) -> None:
    gael = phone_of(town.gael)
    made = amina.whole_visit(town.visit, GRID, criteria)
    amina.send(*made)
    gael.send()
    assert gael.seen == {}
    home.db.write(lambda session: visits.add_member(session, town.visit, town.gael, home.rules, home.now()))
    gael.send()
    assert set(gael.seen) == {entry["id"] for entry in made}


def test_separate_sheets_stay_hidden_until_everyone_is_done_and_then_come_from_their_start(
    home: House, town: Town, amina: Phone, bruno: Phone, criteria: list[str]
) -> None:
    separately(home, town)
    hers = [amina.choose(town.visit, criterion, 2, sheet=town.amina) for criterion in criteria]
    hers.append(
        amina.entry("remark_made", town.visit, sheet=town.amina, criterion=None, text="Calme", supersedes=[])
    )
    hers.append(amina.attach(town.visit, picture(), sheet=town.amina))
    started = amina.start(town.visit, GRID, "separate")
    amina.send(started, *hers)
    bruno.send()
    assert set(bruno.seen) == {started["id"]}
    hers_done = amina.entry("sheet_done", town.visit, sheet=town.amina)
    amina.send(hers_done)
    his = [bruno.choose(town.visit, criterion, 1, sheet=town.bruno) for criterion in criteria]
    bruno.send(*his)
    assert set(bruno.seen) == {started["id"], hers_done["id"]}
    amina.send()
    assert not set(amina.seen) & {entry["id"] for entry in his}
    bruno.send(bruno.entry("sheet_done", town.visit, sheet=town.bruno))
    bruno.send()
    amina.send()
    assert set(bruno.seen) >= {entry["id"] for entry in hers}
    assert set(amina.seen) >= {entry["id"] for entry in his}


def test_a_partner_cannot_open_a_sheet_by_declaring_it_done_in_its_authors_name(
    home: House, town: Town, amina: Phone, bruno: Phone, criteria: list[str]
) -> None:
    separately(home, town)
    hers = amina.choose(town.visit, criteria[0], 2, sheet=town.amina)
    amina.send(amina.start(town.visit, GRID, "separate"), hers)
    bruno.send(
        bruno.entry("sheet_done", town.visit, sheet=town.bruno),
        bruno.entry("sheet_done", town.visit, sheet=town.amina, author=town.amina),
    )
    bruno.send()
    assert hers["id"] not in bruno.seen


def test_sheets_hidden_while_the_way_of_the_visit_was_unknown_come_once_it_is_known(
    home: House, town: Town, amina: Phone, bruno: Phone, criteria: list[str]
) -> None:
    start = amina.start(town.visit, GRID, "two_phones")
    hers = amina.choose(town.visit, criteria[0], 2, sheet=town.amina)
    amina.send(hers)
    bruno.send()
    assert hers["id"] not in bruno.seen
    amina.send(start)
    bruno.send()
    assert set(bruno.seen) == {start["id"], hers["id"]}


def test_sheets_open_when_the_only_one_not_done_no_longer_goes(
    home: House, town: Town, amina: Phone, bruno: Phone, phone_of: PhoneOf, criteria: list[str]
) -> None:
    separately(home, town)
    home.db.write(lambda session: visits.add_member(session, town.visit, town.gael, home.rules, home.now()))
    hers = amina.choose(town.visit, criteria[0], 2, sheet=town.amina)
    amina.send(
        amina.start(town.visit, GRID, "separate"),
        hers,
        amina.entry("sheet_done", town.visit, sheet=town.amina),
    )
    bruno.send(bruno.entry("sheet_done", town.visit, sheet=town.bruno))
    bruno.send()
    assert hers["id"] not in bruno.seen
    home.db.write(
        lambda session: visits.remove_member(session, town.visit, town.gael, home.rules, home.now())
    )
    bruno.send()
    assert hers["id"] in bruno.seen


def test_someone_replaced_may_still_deliver_but_no_longer_gets_what_the_others_write(
    home: House, town: Town, amina: Phone, bruno: Phone, phone_of: PhoneOf, criteria: list[str]
) -> None:
    before = amina.start(town.visit, GRID)
    amina.send(before)
    home.db.write(
        lambda session: visits.remove_member(session, town.visit, town.bruno, home.rules, home.now())
    )
    after = amina.choose(town.visit, criteria[1], 2)
    amina.send(after)
    his = bruno.choose(town.visit, criteria[2], 1, sheet=town.bruno)
    assert bruno.send(his)["accepted"] == [his["id"]]
    assert set(bruno.seen) == {before["id"]}
    again = phone_of(town.bruno)
    again.send()
    assert set(again.seen) == {before["id"], his["id"]}
    amina.send()
    assert his["id"] in amina.seen
    assert town.bruno not in reading(home, town.visit).counted


def test_someone_who_comes_back_gets_what_they_missed(
    home: House, town: Town, amina: Phone, bruno: Phone, criteria: list[str]
) -> None:
    def change(how: Callable[..., None]) -> None:
        home.db.write(lambda session: how(session, town.visit, town.bruno, home.rules, home.now()))

    change(visits.remove_member)
    missed = amina.choose(town.visit, criteria[0], 2)
    amina.send(missed)
    bruno.send()
    assert bruno.seen == {}
    change(visits.add_member)
    bruno.send()
    assert set(bruno.seen) == {missed["id"]}


def test_strangers_get_nothing(
    home: House, town: Town, amina: Phone, phone_of: PhoneOf, criteria: list[str]
) -> None:
    amina.send(*amina.whole_visit(town.visit, GRID, criteria))
    gael = phone_of(town.gael)
    gael.send()
    assert gael.seen == {}


# --- closing, deciding ---


def test_a_closed_visit_is_received_only_when_all_that_its_closing_lists_has_come(
    home: House, town: Town, amina: Phone, criteria: list[str]
) -> None:
    photo = picture(7)
    made = amina.whole_visit(town.visit, GRID, criteria, [photo])
    held_back, closing = made[3], made[-1]
    receipt = amina.send(*[entry for entry in made if entry not in (held_back, closing)])
    assert receipt["missing_photos"] == [made[-2]["sha256"]]
    assert visit_of(home, town.visit).state == "open"
    amina.send(closing)
    assert visit_of(home, town.visit).state == "closed"
    assert reading(home, town.visit).missing_entries == {held_back["id"]}
    amina.send(held_back)
    assert visit_of(home, town.visit).state == "closed"
    assert amina.put(photo).status_code == 201
    assert visit_of(home, town.visit).state == "received"
    assert amina.put(photo).status_code == 200
    assert amina.send()["missing_photos"] == []
    with home.db.read() as session:
        kinds = [record.kind for record in merchants.records(session, town.shop)]
    assert kinds.count("assessed") == 1


def test_two_photos_of_one_visit_that_arrive_at_once_complete_it(
    home: House, town: Town, amina: Phone, criteria: list[str]
) -> None:
    photos = [picture(shade) for shade in range(dose(6, 12))]
    amina.send(*amina.whole_visit(town.visit, GRID, criteria, photos))
    threads = [threading.Thread(target=amina.put, args=(photo,)) for photo in photos]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert visit_of(home, town.visit).state == "received"


def decide(home: House, town: Town) -> str:
    def record(session: Session) -> str:
        read_seq = journal.last_of(session, town.visit)
        return decisions.record(
            session,
            town.shop,
            Deciding(
                DecisionOutcome.ACCREDITED,
                date(2026, 11, 30),
                "Tout le monde est d’accord.",
                {town.visit: read_seq},
                valid_until=date(2027, 11, 30),
            ),
            home.rules,
            home.drafts,
            home.now(),
            by=town.claire,
        ).id

    return home.db.write(record)


def test_what_comes_after_the_decision_is_kept_shown_as_late_and_not_counted(
    home: House, town: Town, amina: Phone, bruno: Phone, criteria: list[str]
) -> None:
    made = amina.whole_visit(town.visit, GRID, criteria)
    amina.send(*made)
    decision = decide(home, town)
    before = reading(home, town.visit)
    with home.db.read() as session:
        (frozen,) = decisions.visits_of(session, decision)
    assert frozen.score == visits.frozen(before.score)

    first_answer = made[1]
    late = bruno.choose(town.visit, criteria[0], 3, supersedes=[first_answer["id"]])
    closing = bruno.close(town.visit, [late])
    assert bruno.send(late, closing)["accepted"] == [late["id"], closing["id"]]

    after = reading(home, town.visit)
    assert after.late == {late["id"], closing["id"]}
    assert after.score == before.score
    assert after.state["sheets"]["duo"][criteria[0]][0]["id"] == late["id"]
    assert visit_of(home, town.visit).state == "decided"
    assert visit_of(home, town.visit).score == frozen.score
    assert visits.frozen(reading(home, town.visit, frozen.read_seq).score) == frozen.score
    with home.db.read() as session:
        assert merchants.get(session, town.shop).stage == Stage.ACCREDITED


def test_a_frozen_score_stays_when_someone_is_replaced_afterwards(
    home: House, town: Town, amina: Phone, bruno: Phone, criteria: list[str]
) -> None:
    amina.send(*[amina.choose(town.visit, criterion, 3, sheet=town.amina) for criterion in criteria])
    bruno.send(*[bruno.choose(town.visit, criterion, 1, sheet=town.bruno) for criterion in criteria])
    bruno.send(bruno.close(town.visit, []))
    decide(home, town)
    before = reading(home, town.visit)
    home.db.write(
        lambda session: visits.remove_member(session, town.visit, town.bruno, home.rules, home.now())
    )
    assert reading(home, town.visit).score == before.score
    assert visit_of(home, town.visit).score == visits.frozen(before.score)


# --- merchants spotted on the way ---


def spotted(phone: Phone, name: str) -> dict[str, Any]:
    return phone.entry(
        "merchant_spotted", None, name=name, merchant_kind="bakery", lat=47.2, lon=-1.6, note="", photos=[]
    )


def test_a_merchant_spotted_twice_by_the_same_entry_is_there_once(
    home: House, town: Town, amina: Phone
) -> None:
    entry = spotted(amina, "Le Fournil de Chantenay")
    amina.send(entry)
    assert amina.send(entry)["accepted"] == [entry["id"]]
    with home.db.read() as session:
        found = merchants.get(session, entry["id"])
        assert (found.name, found.stage) == ("Le Fournil de Chantenay", Stage.SPOTTED)
        assert len(merchants.places(session, entry["id"])) == 1


def test_a_spotted_merchant_goes_to_the_territory_of_the_one_who_saw_it(
    home: House, town: Town, phone_of: PhoneOf
) -> None:
    shared = phone_of(town.amina, town.gael)
    entry = spotted(shared, "Le Moulin") | {"author": town.gael}
    shared.send(entry)
    with home.db.read() as session:
        assert merchants.get(session, entry["id"]).territory_id == "pays-de-retz"


# --- what is refused, and waited for ---


def test_a_closing_does_not_wait_for_an_entry_that_was_refused(
    home: House, town: Town, amina: Phone, criteria: list[str]
) -> None:
    started, good = amina.start(town.visit, GRID), amina.choose(town.visit, criteria[0], 2)
    bad = amina.choose(town.visit, criteria[1], 7)
    amina.send(started, good, amina.close(town.visit, [started, good, bad]))
    assert visit_of(home, town.visit).state == "closed"
    assert amina.send(bad)["rejected"][0]["id"] == bad["id"]
    assert visit_of(home, town.visit).state == "received"
    assert reading(home, town.visit).refused_entries == {bad["id"]}
    mended = bad | {"choice": 1}
    assert amina.send(mended)["accepted"] == [bad["id"]]
    assert reading(home, town.visit).refused_entries == frozenset()
    assert reading(home, town.visit).missing_entries == frozenset()


def test_a_stranger_cannot_make_a_visit_forget_what_it_waits_for(
    home: House, town: Town, amina: Phone, phone_of: PhoneOf, criteria: list[str]
) -> None:
    gael = phone_of(town.gael)
    missing = amina.choose(town.visit, criteria[0], 2)
    amina.send(amina.close(town.visit, [missing]))
    gael.send(missing | {"author": town.gael})
    assert reading(home, town.visit).missing_entries == {missing["id"]}


def test_a_trial_visit_that_is_received_assesses_nobody(home: House, town: Town, phone_of: PhoneOf) -> None:
    draft = next(iter(home.drafts))

    def plan(session: Session) -> str:
        return visits.plan(session, town.farm, draft, date(2026, 11, 26), [town.gael], home.now(), by=None).id

    trial = home.db.write(plan)
    gael = phone_of(town.gael)
    started = gael.start(trial, draft)
    gael.send(started, gael.close(trial, [started]))
    assert visit_of(home, trial).state == "received"
    with home.db.read() as session:
        assert merchants.records(session, town.farm)[-1].kind == "trial_received"
        assert merchants.get(session, town.farm).stage == Stage.VISIT_PLANNED  # the town's other visit of it


def test_a_merchant_spotted_with_a_typed_address_waits_for_its_place(
    home: House, town: Town, amina: Phone
) -> None:
    spotted = amina.entry(
        "merchant_spotted",
        None,
        name="Le Fournil",
        merchant_kind="bakery",
        lat=None,
        lon=None,
        note="",
        photos=[],
        address="3 rue des Lilas, Nantes",
    )
    assert amina.send(spotted)["accepted"] == [spotted["id"]]
    with home.db.read() as session:
        [place] = merchants.places(session, spotted["id"])
        assert (place.address, place.placing) == ("3 rue des Lilas, Nantes", "to_find")


def test_a_phone_that_relays_what_its_author_had_sent_hears_that_it_is_confirmed(
    town: Town, amina: Phone, bruno: Phone
) -> None:
    hers = amina.start(town.visit, GRID)
    amina.send(hers)
    bruno.send(hers)
    assert bruno.seen[hers["id"]]["confirmed"] is True
