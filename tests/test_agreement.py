"""Two or three people, their phones and the fund, in random stories: whatever happens, all end with the same visit.

The phones are the real ones (store, outbox, exchange) in Node; the fund is the real application. The model below
knows nothing of either: it remembers who chose what while knowing what, and says what must be left of it.
"""

import json
import random
import secrets
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backend.domain import journal
from backend.domain.decisions import DecisionOutcome
from backend.domain.people import Role
from backend.score_cases import node
from backend.storage import decisions, people, visits
from backend.storage import journal as entries
from backend.storage.decisions import Deciding
from backend.web.house import House
from tests.doses import dose
from tests.town import GRID, NANTES, Town, browser_of, code_for

STORIES = dose(20, 1_000)
STEPS = 50
DAY = 86_400_000
CRITERIA = ("entrer-circuler", "petits-prix", "origine-locale")
MODES = ("one_phone", "separate", "two_phones")
Call = Callable[[dict[str, Any]], dict[str, Any]]


class Phones:
    """The Node process that holds the phones; `fund` answers their calls."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.fund: Call = dict  # nobody yet

    def _say(self, message: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def ask(self, op: str, **request: Any) -> Any:
        heard = self._say({"op": op, **request})
        while "call" in heard:
            heard = self._say(self.fund(heard["call"]))
        assert "error" not in heard, heard
        return heard["answer"]


@pytest.fixture(scope="session")
def phones() -> Iterator[Phones]:
    program = node()
    assert program is not None, "Node is missing: pip install -e '.[test]' brings it"
    command = [program, Path(__file__).parent / "pwa" / "phones.mjs"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        yield Phones(process)
        assert process.stdin is not None
        process.stdin.close()


# --- what must be left of it ---


@dataclass(frozen=True)
class Made:
    """A choice that somebody made, and the choices they saw and replaced by it."""

    id: str
    author: str
    sheet: str
    criterion: str
    choice: Any
    over: frozenset[str]


@dataclass
class Model:
    """Who chose what, while knowing what."""

    choices: dict[str, Made] = field(default_factory=dict)
    done: dict[str, set[str]] = field(default_factory=dict)  # ids, by sheet
    others: set[str] = field(default_factory=set)  # ids of everything else that was written

    @property
    def ids(self) -> set[str]:
        return {*self.choices, *self.others, *(one for made in self.done.values() for one in made)}

    def current(self, sheet: str, criterion: str, known: set[str]) -> set[str]:
        """What somebody who knows these entries reads on a sheet: all that nobody replaced."""
        here = [
            made
            for made in self.choices.values()
            if (made.sheet, made.criterion) == (sheet, criterion) and made.id in known
            if not any(declared < made.id for declared in self.done.get(sheet, set()) & known)
        ]
        return {made.id for made in here} - {one for made in here for one in made.over}


# --- the story ---


@dataclass
class Device:
    """A phone in somebody's hands."""

    name: str
    owner: str
    http: TestClient
    online: bool = True
    losing: bool = False  # what it sends arrives, the answers do not
    sent: list[dict[str, Any]] = field(default_factory=list)


class Story:
    """One visit, its people and their phones; each step is one thing that may happen."""

    def __init__(self, seed: int, app: Starlette, town: Town, phones: Phones) -> None:
        self.chance = random.Random(seed)
        self.seed, self.app, self.phones, self.model = seed, app, phones, Model()
        self.home: House = app.state.house
        self.claire, self.steps = town.claire, list[str]()
        self.mode = self.chance.choice(MODES)
        self.home.db.write(lambda session: self._plan(session, town))
        self.devices = [self._device(owner) for owner in [*self.people, self.chance.choice(self.people)]]
        self.members = set(self.people[:2])
        self.released = self.decided = False

    def _plan(self, session: Session, town: Town) -> None:
        now = self.home.now()
        self.people = [people.add_person(session, name, now, territory_id=NANTES).id for name in "ABC"]
        for person_id in self.people:
            people.grant_role(session, person_id, Role.EVALUATOR, now, territory_id=NANTES, by=None)
        self.visit = visits.plan(
            session, town.shop, GRID, date(2026, 11, 26), self.people[:2], now, by=None, mode=self.mode
        ).id
        self.shop = town.shop

    def _device(self, owner: str) -> Device:
        device = Device(f"{self.seed}-{secrets.token_hex(4)}", owner, browser_of(self.app))
        skew = self.chance.randrange(-DAY, DAY)
        self.phones.fund = self.fund_of(device)
        self.phones.ask("open", phone=device.name, skew=skew, app="0.1.0")
        answer = self.phones.ask("join", phone=device.name, code=code_for(self.home, owner))
        assert answer == "joined"
        return device

    def fund_of(self, device: Device) -> Call:
        """What a phone gets from the fund: its answer, or nothing."""

        def answer(call: dict[str, Any]) -> dict[str, Any]:
            if not device.online:
                return {"lost": True}
            found = device.http.request(
                call["method"], call["path"], headers=call["headers"], content=call["body"]
            )
            if call["path"] == "/api/journal":
                device.sent.append(call)
                if device.losing:
                    return {"lost": True}
            return {"status": found.status_code, "headers": dict(found.headers), "text": found.text}

        return answer

    def ask(self, device: Device, op: str, **request: Any) -> Any:
        self.phones.fund = self.fund_of(device)
        return self.phones.ask(op, phone=device.name, visit=self.visit, **request)

    def known(self, device: Device) -> set[str]:
        return set(self.ask(device, "known"))

    def tell(self, what: str) -> None:
        self.steps.append(what)

    # --- what may happen ---

    def step(self) -> None:
        happenings = (
            *[self.choose] * 20,
            *[self.exchange_with_fund] * 10,
            *[self.change_network] * 5,
            *[self.show_codes] * 6,
            *(self.declare_done, self.declare_done, self.replay, self.replay, self.upgrade),
            *(self.change_members, self.release, self.decide),
        )
        self.chance.choice(happenings)()

    def choose(self) -> None:
        device = self.chance.choice(self.devices)
        known = self.known(device)
        if not self._started(device, known):
            return
        sheet = self._sheet(device, known)
        criterion, choice = self.chance.choice(CRITERIA), self.chance.choice([0, 1, 2, 3, 3, None])
        over = self.model.current(sheet, criterion, known)
        [entry] = self.ask(
            device, "choose", author=device.owner, sheet=sheet, criterion=criterion, choice=choice
        )
        assert entry["id"] > max(self.known(device) - {entry["id"]})
        self.model.choices[entry["id"]] = Made(
            entry["id"], device.owner, sheet, criterion, choice, frozenset(over)
        )
        self.tell(f"{device.name} chooses {choice} for {criterion} on {sheet}: {entry['id']}")

    def _started(self, device: Device, known: set[str]) -> bool:
        """Whether the visit is begun on this phone; begins it when it is on its list."""
        if known & self.model.others:
            return True
        listed = self.ask(device, "listed")
        if listed:
            [entry] = self.ask(
                device, "start", author=device.owner, grid=GRID, mode=self.mode, present=sorted(self.members)
            )
            self.model.others.add(entry["id"])
            self.tell(f"{device.name} starts: {entry['id']}")
        return bool(listed)

    def _sheet(self, device: Device, known: set[str]) -> str:
        """In the mode "separate", one's own until it is done."""
        own_is_open = self.mode == "separate" and not self.model.done.get(device.owner, set()) & known
        return device.owner if own_is_open else "duo"

    def declare_done(self) -> None:
        device = self.chance.choice(self.devices)
        known = self.known(device)
        if not self._started(device, known) or self._sheet(device, known) == "duo":
            return
        [entry] = self.ask(device, "done", author=device.owner)
        self.model.done.setdefault(device.owner, set()).add(entry["id"])
        self.tell(f"{device.name} is done: {entry['id']}")

    def exchange_with_fund(self) -> None:
        device = self.chance.choice(self.devices)
        device.losing = self.chance.random() < 0.3
        self.ask(device, "sync")
        device.losing = False
        self.tell(f"{device.name} exchanges with the fund{'' if device.online else ', in vain'}")
        self.nothing_hidden_is_here(device)

    def show_codes(self) -> None:
        """Two phones face to face, with no network."""
        one, other = self.chance.sample(self.devices, 2)
        if self.ask(one, "listed") and self.ask(other, "listed") and self.known(one):
            read = self.ask(one, "show", to=other.name)
            assert read is not None
            self.tell(f"{one.name} shows its codes to {other.name}: {len(read)} new")
            self.nothing_hidden_is_here(other)

    def change_network(self) -> None:
        device = self.chance.choice(self.devices)
        device.online = not device.online

    def replay(self) -> None:
        """A request that comes a second time, out of the blue."""
        device = self.chance.choice(self.devices)
        if device.sent:
            call = self.chance.choice(device.sent)
            device.http.request(call["method"], call["path"], headers=call["headers"], content=call["body"])
            self.tell(f"{device.name}: an old request comes again")

    def upgrade(self) -> None:
        device = self.chance.choice(self.devices)
        self.ask(device, "open", skew=self.chance.randrange(-DAY, DAY), app="0.2.0")
        self.tell(f"{device.name} is upgraded, its clock changes")

    def change_members(self) -> None:
        person = self.chance.choice(self.people)
        change = visits.remove_member if person in self.members else visits.add_member
        if person in self.members and len(self.members) == 1:
            return
        self.members ^= {person}
        self.home.db.write(
            lambda session: change(session, self.visit, person, self.home.rules, self.home.now())
        )
        self.tell(f"{person} {'joins' if person in self.members else 'leaves'}")

    def release(self) -> None:
        self.home.db.write(self._release)
        self.released = True
        self.tell("the coordination opens the sheets")

    def _release(self, session: Session) -> None:
        visit = visits.get(session, self.visit)
        visits.release(session, visit, self.home.rules, self.home.now(), by=self.claire)

    def decide(self) -> None:
        if not self.decided and self._on_fund():
            self.home.db.write(self._decide)
            self.decided = True
            self.tell("the committee decides")

    def _decide(self, session: Session) -> None:
        deciding = Deciding(
            DecisionOutcome.DEFERRED,
            date(2026, 11, 30),
            "À revoir.",
            {self.visit: entries.last_of(session, self.visit)},
            despite="On décide sans attendre.",
        )
        decision = decisions.record(
            session, self.shop, deciding, self.home.rules, self.home.drafts, self.home.now(), by=self.claire
        )
        [rests] = decisions.visits_of(session, decision.id)
        self.frozen = rests.score

    # --- what must be true ---

    def nothing_hidden_is_here(self, device: Device) -> None:
        """While sheets are hidden, no phone holds one that its author has not finished."""
        if self.mode != "separate" or self.released:
            return
        for made in self.model.choices.values():
            if made.sheet not in ("duo", device.owner) and made.sheet not in self.model.done:
                assert made.id not in self.known(device), f"{device.name} holds {made.id}"

    def _on_fund(self) -> set[str]:
        with self.home.db.read() as session:
            return {one.record.entry.id for one in entries.numbered(session, self.visit)}

    def end(self) -> None:
        """Everybody finds a network, the coordination opens the sheets: all must read the same."""
        self.release()
        for _ in range(2):
            for device in self.devices:
                device.online = True
                self.ask(device, "sync")
        with self.home.db.read() as session:
            state = json.loads(json.dumps(journal.fold(entries.records_of(session, self.visit))))
            reading = visits.read(session, visits.get(session, self.visit), self.home.rules)
        assert set(state["ids"]) == self.model.ids
        self.every_choice_is_told(state)
        for device in self.devices:
            if device.owner in self.members:
                assert self.ask(device, "fold") == state, device.name
        if self.decided:
            assert visits.frozen(reading.score) == self.frozen

    def every_choice_is_told(self, state: Any) -> None:
        history = {
            past["id"]: (sheet, criterion, past["choice"], past["state"] == "current")
            for sheet, by_criterion in state["history"].items()
            for criterion, pasts in by_criterion.items()
            for past in pasts
        }
        assert history == {
            made.id: (
                made.sheet,
                made.criterion,
                made.choice,
                made.id in self.model.current(made.sheet, made.criterion, self.model.ids),
            )
            for made in self.model.choices.values()
        }


@pytest.mark.parametrize("seed", range(STORIES // 10))
def test_all_phones_and_the_fund_end_with_the_same_visit(
    app: Starlette, town: Town, phones: Phones, seed: int
) -> None:
    for number in range(10):
        story = Story(seed * 10 + number, app, town, phones)
        try:
            for _ in range(STEPS):
                story.step()
            story.end()
        except AssertionError as error:
            error.add_note("\n".join([f"story {story.seed}, {story.mode}", *story.steps]))
            raise
