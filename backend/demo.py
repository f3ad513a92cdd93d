"""The demo: a territory that exists nowhere, brought about through the functions that real life goes through.

`fixtures/demo` tells what happened, in days from today. Here it happens, in the order of time: people join, phones send
their entries through `sync.receive`, the committee decides, Moneko's staff tick their steps.
"""

import asyncio
import csv
import hashlib
import random
import tomllib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from gettext import gettext as _
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import Session

from backend import (
    demo_committee,
    demo_documents,
    demo_merchant_side,
    demo_paper,
    demo_planning,
    demo_public,
    shapes,
    sync,
)
from backend.domain import ids
from backend.domain.decisions import DecisionOutcome, a_year_later
from backend.domain.grid import Grid
from backend.domain.merchants import ACCREDITING, Kind, RecordKind
from backend.domain.onboarding import MonekoStatus, Step
from backend.domain.people import Role, spaced_code
from backend.domain.scoring import DUO, NOT_APPLICABLE
from backend.domain.territories import Told as Description
from backend.settings import ROOT
from backend.storage import decisions, devices, merchants, onboarding, outlines, people, visits
from backend.storage import journal as entries
from backend.storage.decisions import Commitment, Deciding, Telling
from backend.storage.people import DeviceSession
from backend.storage.tables import Visit
from backend.storage.territories import add as add_territory
from backend.web.house import House
from backend.web.signing_in import passphrases

FOLDER = ROOT / "fixtures" / "demo"
PARIS = ZoneInfo("Europe/Paris")
JOINED = -270  # the day on which everyone joined
GRID = "nantes-ouest/depart-1"

Told = Mapping[str, Any]
"""One table of a fixture file."""


class NotADemoError(Exception):
    """The database holds something else than the demo."""


def seed(home: House, now: datetime) -> None:
    """Bring the territory about in an empty database, all of it or nothing; the demo itself is left as it is.

    Raises NotADemoError when somebody else's data is there.
    """
    with home.db.read() as session:
        empty = not people.territories(session)
        known = people.person_by_email(session, _file("people")["staff"][0]["email"]) is not None
    if not empty and not known:
        raise NotADemoError
    if empty:
        kept = asyncio.run(_keep_photos(home))
        home.db.write(lambda session: _Town(session, home, now, kept).happen())
        home.background.work()  # what a photo waits for in real life: its re-encoding


def welcome(home: House, now: datetime) -> tuple[str, ...]:
    """Where to go and as whom: the map, who signs in, a phone's way in, which is made anew when it is used up, and a
    merchant's, as long as nobody replaced it."""
    told, url = _file("people"), home.settings.public_url
    emails = ", ".join(staff["email"] for staff in told["staff"])
    code = home.db.write(lambda session: _code_for(session, home, told["on_the_phone"], now))
    secret = home.db.write(lambda session: demo_merchant_side.secret_of_the_declined(session, now))
    link = _("Un commerce non retenu, par son lien : {url}/commerce/acces/{secret}")
    return (
        _("La carte et la liste : {url}/").format(url=url),
        _("L’équipe : {url}/sign-in · {emails} · phrase de passe : {passphrase}").format(
            url=url, emails=emails, passphrase=told["passphrase"]
        ),
        _("Un téléphone, pour {name} : {url}/app/#code={code} · ou {url}/app/ et le code {code}").format(
            name=told["on_the_phone"], url=url, code=code
        ),
        *([link.format(url=url, secret=secret)] if secret else ()),
    )


def _code_for(session: Session, home: House, name: str, now: datetime) -> str:
    territory_id = next(each["territory"] for each in _file("people")["evaluators"] if each["name"] == name)
    person = next(each for each in people.evaluators(session, territory_id) if each.name == name)
    invitation = people.invite_once(session, person.id, now, days=home.settings.invitation_days, by=None)
    return spaced_code(people.code_of(session, invitation.id))


def _file(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))


class KeptPhoto(NamedTuple):
    """A photo whose bytes are on disk, as a phone announces it."""

    sha256: str
    size: int
    media: str


async def _keep_photos(home: House) -> dict[str, KeptPhoto]:
    """Bring every photo of the fixtures to disk as a phone's would come, by file name."""
    kept = {}
    for path in sorted((FOLDER / "photos").iterdir()):
        body = path.read_bytes()
        sha256 = hashlib.sha256(body).hexdigest()
        kept[path.name] = KeptPhoto(sha256, *await home.photos.receive(_in_one(body), sha256))
    return kept


async def _in_one(body: bytes) -> AsyncIterator[bytes]:
    yield body


class Happening(NamedTuple):
    """Something that happens at a moment."""

    at: datetime
    happen: Callable[[datetime], object]


class _Town:
    """The whole territory, in one transaction."""

    def __init__(self, session: Session, home: House, now: datetime, photos: Mapping[str, KeptPhoto]) -> None:
        self.session, self.home, self.photos = session, home, photos
        self.shortly_before = now - timedelta(hours=1)
        self.today = now.astimezone(PARIS).date()
        self.chance = random.Random(44)
        self.last_id: str | None = None
        self.person_ids: dict[str, str] = {}
        self.coordination: dict[str, str] = {}
        self.moneko = ""
        self.phones: dict[str, DeviceSession] = {}
        self.merchant_ids: dict[str, str] = {}

    def happen(self) -> None:
        self._people(_file("people"))
        told = _file("visits")
        happenings = [
            *self._directory(),
            *self._lives(_file("lives")),
            *(self._at(each["day"], self._spot, each) for each in told["spotted"]),
            *(happening for each in told["visits"] for happening in self._visit(each)),
        ]
        for happening in sorted(happenings, key=lambda one: one.at):
            happening.happen(happening.at)
        demo_planning.settle(
            self.session,
            self.home,
            self.person_ids,
            self.merchant_ids,
            self.coordination,
            self.shortly_before,
        )
        territory_id = GRID.partition("/")[0]
        by, now = self.coordination[territory_id], self.moment(-1)
        demo_merchant_side.settle(self.session, self.merchant_ids, self.moment, by=by)
        demo_committee.settle(self.session, territory_id, self.today, now, by=by)
        demo_public.settle(
            self.session, _file("public"), self.merchant_ids, self.coordination, self.shortly_before
        )
        panier = self.merchant_ids["Le Panier d’Ici"]
        demo_documents.settle(self.session, self.home, FOLDER, panier, now, by=by)
        demo_public.hear(
            self.session, _file("public_says"), territory_id, self.merchant_ids, self.shortly_before
        )
        demo_paper.settle(
            self.session,
            self.home,
            self.person_ids,
            self.merchant_ids,
            self.coordination,
            self.shortly_before,
        )

    def moment(self, day: int, hour: str = "12:00") -> datetime:
        """An hour of Paris, `day` days from today."""
        return datetime.combine(self.today + timedelta(day), time.fromisoformat(hour), PARIS)

    def _at(self, day: int, happen: Callable[..., object], *told: Any) -> Happening:
        return Happening(self.moment(day), lambda at: happen(*told, at))

    def mint(self, at: datetime) -> str:
        """An id above all that was minted before, as phones do."""
        self.last_id = ids.mint(int(at.timestamp() * 1000), self.chance.getrandbits(74), self.last_id)
        return self.last_id

    # --- who lives here ---

    def _people(self, told: Told) -> None:
        at = self.moment(JOINED - 200)
        for territory in told["territories"]:
            described = {name: territory[name] for name in ("name", "phone", "email", "lat", "lon")}
            add_territory(self.session, territory["id"], Description(**described))
            drawn = shapes.read((FOLDER / "outlines.geojson").read_bytes(), territory["parts"])
            outlines.load(self.session, territory["id"], drawn, at)
        for staff in told["staff"]:
            self._staff(staff, passphrases.hash(told["passphrase"]), at)
        for evaluator in told["evaluators"]:
            self._evaluator(evaluator, self.moment(JOINED))

    def _staff(self, told: Told, passphrase_hash: str, at: datetime) -> None:
        territory_id, role = told.get("territory"), Role(told["role"])
        person = people.add_person(
            self.session,
            told["name"],
            at,
            territory_id=territory_id,
            email=told["email"],
            passphrase_hash=passphrase_hash,
        )
        people.grant_role(self.session, person.id, role, at, territory_id=territory_id, by=None)
        if role is Role.COORDINATION and territory_id:
            self.coordination[territory_id] = person.id
        if role is Role.MONEKO:
            self.moneko = person.id

    def _evaluator(self, told: Told, at: datetime) -> None:
        by = self.coordination[told["territory"]]
        person = people.add_evaluator(
            self.session, told["name"], told["territory"], at, by=by, phone=told.get("phone")
        )
        self.person_ids[told["name"]] = person.id
        self.phones[told["name"]] = self._join(person.id, by, at)

    def _join(self, person_id: str, by: str, at: datetime) -> DeviceSession:
        settings = self.home.settings
        invitation = people.invite(self.session, person_id, at, days=settings.invitation_days, by=by)
        key = f"{self.chance.getrandbits(215):043x}"[:43]
        device_id = devices.enrol(self.session, people.code_of(self.session, invitation.id), key, at)
        token = people.open_session(self.session, at, days=settings.device_days, device_id=device_id)
        self.session.flush()
        joined = people.device_session(self.session, token, at)
        if joined is None:
            raise LookupError(device_id)
        return joined

    # --- the merchants, and what happens to them ---

    def _directory(self) -> Iterator[Happening]:
        with (FOLDER / "merchants.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        for name in dict.fromkeys(row["name"] for row in rows):
            of_one = [row for row in rows if row["name"] == name]
            yield self._at(int(of_one[0]["spotted"]), self._add_merchant, of_one)

    def _add_merchant(self, rows: Sequence[Mapping[str, str]], at: datetime) -> None:
        first = rows[0]
        merchant = merchants.add(
            self.session,
            first["territory"],
            first["name"],
            Kind(first["kind"]),
            at,
            by=self.coordination[first["territory"]],
            source="import",
            phone=first["phone"],
            products=first["products"],
            families=first["families"],
        )
        self.merchant_ids[merchant.name] = merchant.id
        for row in rows:
            given = {name: row[name] for name in ("label", "address", "postcode", "city", "opening_hours")}
            lat, lon = (float(row[name]) if row[name] else None for name in ("lat", "lon"))
            placing = "by_hand" if lat is None else "file"
            merchants.add_place(self.session, merchant, lat=lat, lon=lon, placing=placing, **given)

    def _lives(self, told: Told) -> Iterator[Happening]:
        for name, life in told.items():
            for event in life["life"]:
                if event["what"] == "onboarding":
                    for step, day in zip(Step, event["days"], strict=False):
                        yield self._at(day, self._tick, name, step)
                else:
                    yield self._at(event["day"], self._live, name, event)

    def _tick(self, name: str, step: Step, at: datetime) -> None:
        onboarding.tick(self.session, self.merchant_ids[name], step, True, "", at, by=self.moneko)

    def _live(self, name: str, event: Told, at: datetime) -> None:
        merchant_id, note = self.merchant_ids[name], event.get("note", "")
        by = self.coordination[merchants.get(self.session, merchant_id).territory_id]
        match event["what"]:
            case "decided":
                self._decide(merchant_id, event, at, by)
            case "told":
                self._tell(merchant_id, event["how"], note, at, by)
            case "moneko":
                self._status(merchant_id, event, at)
            case what:
                merchants.add_record(self.session, merchant_id, RecordKind(what), {"note": note}, at, by=by)

    def _decide(self, merchant_id: str, event: Told, at: datetime, by: str) -> None:
        """A decision, which rests on the visits received so far."""
        received = [
            each
            for each in visits.of_merchant(self.session, merchant_id)
            if each.state == "received" and each.grid_id not in self.home.drafts
        ]
        decisions.record(
            self.session,
            merchant_id,
            Deciding(
                DecisionOutcome(event["outcome"]),
                at.date(),
                event["reasons"],
                {visit.id: entries.last_of(self.session, visit.id) for visit in received},
                valid_until=a_year_later(at.date()) if event["outcome"] in ACCREDITING else None,
                commitments=[
                    Commitment(each["criterion"], each["text"], self.moment(each["due"]).date())
                    for each in event.get("commitments", ())
                ],
            ),
            self.home.rules,
            self.home.drafts,
            at,
            by=by,
        )

    def _tell(self, merchant_id: str, how: str, note: str, at: datetime, by: str) -> None:
        decision = decisions.latest(self.session, merchant_id)
        telling = Telling(decision.id if decision else "", how, at.date(), note)
        decisions.tell(self.session, merchant_id, telling, at, by=by)

    def _status(self, merchant_id: str, event: Told, at: datetime) -> None:
        chosen = event.get("places", ())
        taking = [
            place.id
            for place in merchants.places(self.session, merchant_id)
            if chosen == "all" or place.label in chosen
        ]
        status, note = MonekoStatus(event["status"]), event.get("note", "")
        onboarding.set_status(self.session, merchant_id, status, note, taking, at, by=self.moneko)

    def _spot(self, told: Told, at: datetime) -> None:
        entry = {
            "id": self.mint(at),
            "v": 1,
            "kind": "merchant_spotted",
            "author": self.person_ids[told["by"]],
            "at": at.isoformat(),
            "app": "demo",
            "name": told["name"],
            "merchant_kind": told["kind"],
            "lat": told["lat"],
            "lon": told["lon"],
            "note": told["note"],
            "photos": [],
        }
        self.send(told["by"], [entry], at)

    # --- the visits ---

    def _visit(self, told: Told) -> Iterator[Happening]:
        """A visit is planned, then (unless it is still to come) made, given up or written about again."""
        planned: list[Visit] = []
        yield self._at(told.get("planned", told["day"] - 8), lambda at: planned.append(self._plan(told, at)))
        if told.get("end") == "cancelled":
            yield self._at(told["day"] - 1, lambda at: self._cancel(planned[0], told, at))
        elif told["day"] < 0:
            made = self.moment(told["day"], told["at"])
            yield Happening(made, lambda at: _Sitting(self, planned[0], told, at).send())
        if late := told.get("late"):
            yield self._at(late["day"], lambda at: self._add_late(planned[0], late, at))

    def _plan(self, told: Told, at: datetime) -> Visit:
        merchant_id = self.merchant_ids[told["merchant"]]
        return visits.plan(
            self.session,
            merchant_id,
            told.get("grid", GRID),
            self.moment(told["day"]).date(),
            [self.person_ids[name] for name in told["who"]],
            at,
            by=self.coordination[merchants.get(self.session, merchant_id).territory_id],
            planned_at=told["at"],
            mode=told.get("mode", "one_phone"),
        )

    def _cancel(self, visit: Visit, told: Told, at: datetime) -> None:
        by = self.coordination[visit.territory_id]
        visits.cancel(self.session, visit, self.home.rules, at, by=by, note=told["note"])

    def _add_late(self, visit: Visit, late: Told, at: datetime) -> None:
        book = Notebook(self, visit.id, late["by"], at)
        book.write("remark_made", sheet=DUO, criterion=None, text=late["text"], supersedes=[])
        self.send(late["by"], book.entries, at)

    def send(self, phone: str, written: Sequence[Told], at: datetime) -> None:
        """What a person's phone has to send goes through the door of every phone; raises when it is refused."""
        parsed = sync.parse_entries(sync.parse_batch({"entries": list(written)}))
        verdict = sync.receive(self.session, self.phones[phone], parsed, self.home.rules, at)
        if verdict.rejected:
            raise ValueError(verdict.rejected)

    def bring_photo(self, kept: KeptPhoto, at: datetime) -> None:
        sync.photo_received(self.session, *kept, self.home.rules, at)


class Notebook:
    """What one person writes during a visit, an entry every forty seconds."""

    def __init__(self, town: _Town, visit_id: str, name: str, at: datetime) -> None:
        self.town, self.visit_id, self.at = town, visit_id, at
        self.author = town.person_ids[name]
        self.entries: list[dict[str, Any]] = []

    def write(self, kind: str, **keys: Any) -> str:
        """One more entry; returns its id."""
        entry_id = self.town.mint(self.at)
        common = {"id": entry_id, "v": 1, "kind": kind, "visit": self.visit_id, "author": self.author}
        self.entries.append({**common, "at": self.at.isoformat(), "app": "demo", **keys})
        self.at += timedelta(seconds=40)
        return entry_id

    def choose(
        self, sheet: str, criterion: str, choice: int | str, supersedes: Iterable[str] = (), **why: Any
    ) -> str:
        keys = {"sheet": sheet, "criterion": criterion, "choice": choice, "supersedes": list(supersedes)}
        return self.write("choice_made", **keys, **why)


class _Sitting:
    """One visit being made: who writes what, on which phone, and what reaches the fund."""

    def __init__(self, town: _Town, visit: Visit, told: Told, at: datetime) -> None:
        self.town, self.visit, self.told, self.at = town, visit, told, at
        self.grid: Grid = town.home.grids[visit.grid_id]
        self.who: list[str] = told["who"]
        self.books = {name: Notebook(town, visit.id, name, at) for name in self.who}
        self.first = self.books[self.who[0]]
        self.present = [town.person_ids[name] for name in self.who]

    def send(self) -> None:
        """Write it all, then send it phone by phone; the closing comes last, then the photos."""
        home_again = self.at + timedelta(minutes=50)
        if self.told.get("end") == "impossible":
            self.first.write("visit_impossible", cause=self.told["cause"], text=self.told["note"])
        else:
            self._start()
            {"separate": self._separate, "two_phones": self._two_phones}.get(
                self.visit.mode, self._one_phone
            )()
            self._notes()
        for name, book in self.books.items():
            self.town.send(self._phone_of(name), book.entries, home_again)
        if self.told.get("end", "closed") == "closed":
            self._close(home_again)
        for photo in self.told.get("photos", ()):
            if photo.get("arrived", True):
                self.town.bring_photo(self.town.photos[photo["file"]], home_again)

    def _phone_of(self, name: str) -> str:
        """With one phone for all, whoever holds it brings what the others wrote."""
        return self.who[0] if self.visit.mode == "one_phone" else name

    def _start(self) -> None:
        books = [self.first] if self.visit.mode == "one_phone" else self.books.values()
        for book in books:
            book.write("visit_started", grid=self.grid.id, mode=self.visit.mode, present=self.present)

    def _one_phone(self) -> None:
        changed = self.told.get("changed", {})
        for criterion, choice in _answers(self.grid, self.told["answers"]):
            before = [self.first.choose(DUO, criterion, changed[criterion])] if criterion in changed else []
            self.first.choose(DUO, criterion, choice, before)

    def _two_phones(self) -> None:
        """Both write the common sheet at once; what differs is settled, on one of them, afterwards."""
        second = self.books[self.who[1]]
        made = {
            criterion: [self.first.choose(DUO, criterion, choice)]
            for criterion, choice in _answers(self.grid, self.told["answers"])
        }
        for criterion, choice in self.told["second"].items():
            made[criterion].append(second.choose(DUO, criterion, choice))
        self._settle(made)

    def _separate(self) -> None:
        for name, answers in self.told["sheets"].items():
            book = self.books[name]
            for criterion, choice in _answers(self.grid, answers):
                book.choose(book.author, criterion, choice)
            if name in self.told.get("done", self.who):
                book.write("sheet_done", sheet=book.author)
        self._settle({})

    def _settle(self, made: Mapping[str, Sequence[str]]) -> None:
        why = {"reason": self.told.get("reason", ""), "present": self.present}
        for criterion, choice in self.told.get("settled", {}).items():
            self.first.choose(DUO, criterion, choice, made.get(criterion, ()), **why)

    def _notes(self) -> None:
        for remark in self.told.get("remarks", ()):
            book = self.books[remark.get("by", self.who[0])]
            sheet = book.author if self.visit.mode == "separate" else DUO
            book.write("remark_made", sheet=sheet, criterion=remark["on"], text=remark["text"], supersedes=[])
        for photo in self.told.get("photos", ()):
            self._attach(photo)
        for noted in self.told.get("commitments", ()):
            due = self.town.moment(noted["due"]).date().isoformat()
            self.first.write(
                "commitment_noted", criterion=noted["on"], text=noted["text"], due=due, supersedes=[]
            )

    def _attach(self, photo: Told) -> None:
        sha256, size, media = self.town.photos[photo["file"]]
        sheet = self.first.author if self.visit.mode == "separate" else DUO
        keys = {"sheet": sheet, "criterion": photo["on"], "caption": photo["caption"]}
        self.first.write("photo_attached", sha256=sha256, bytes=size, media=media, **keys)

    def _close(self, at: datetime) -> None:
        written = [entry for book in self.books.values() for entry in book.entries]
        photos = [entry["sha256"] for entry in written if entry["kind"] == "photo_attached"]
        closing = Notebook(self.town, self.visit.id, self.who[0], self.first.at)
        closing.write("visit_closed", entries=sorted(entry["id"] for entry in written), photos=photos)
        self.town.send(self.who[0], closing.entries, at)


def _answers(grid: Grid, text: str) -> Iterator[tuple[str, int | str]]:
    """The criteria with the choices of a sheet written as in `visits.toml`."""
    words = [word for word in text.split() if word != "·"]
    for criterion, word in zip(grid.criteria, words, strict=True):
        if word != "–":
            yield criterion.id, NOT_APPLICABLE if word == "na" else int(word)
