"""Decisions taken in a session: the quorum, who is recused, the voices, what is put off; and two hands at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from starlette.testclient import TestClient

from backend.domain.merchants import RecordKind
from backend.storage import decisions, merchants, sessions, votes
from backend.web.house import House
from tests.databases import ENGINES, NewDatabase, sqlalchemy_url
from tests.phones import Phone
from tests.town import NANTES, RETZ, Clock, Town, joined, opened, settle, sign_in
from tests.web.forms import everything, post, refused, sent_twice, words
from tests.web.test_decisions import visited
from tests.web.test_sessions import TODAY, fix_quorum, held, names_on, there, voting


@pytest.fixture
def evening(coordination: TestClient, amina: Phone, home: House, town: Town) -> str:
    """A session with the shop on its agenda, four people of whom three have a name, and a quorum of four."""
    visited(amina, home, town)
    fix_quorum(coordination, "4")
    address = held(coordination)
    there(coordination, address, member=[town.dalila], names="Fatou\nInès", others="1")
    return address


def path(town: Town) -> str:
    return f"/merchants/{town.shop}/decisions"


def test_by_consent_when_enough_people_are_there(
    coordination: TestClient, home: House, town: Town, evening: str
) -> None:
    page = words(coordination.get(path(town)))
    assert "4 personnes sont notées présentes, le quorum est de 4" in page
    sent = sent_twice(home, coordination, path(town), voting(home, town, evening))
    assert sent.headers["location"] == f"{evening}#m-{town.shop}"
    page = words(coordination.get(evening))
    assert "Conventionné" in page
    assert "Par consentement. 4 personnes pouvaient décider (quorum : 4)." in page


def test_below_the_quorum_nothing_is_decided_until_somebody_comes(
    coordination: TestClient, home: House, town: Town, evening: str
) -> None:
    fix_quorum(coordination, "5")
    before = everything(home)
    answer = post(coordination, path(town), voting(home, town, evening, reasons="Très bien."))
    refused(answer, 409, "Il faut 5 personnes pour décider et 4 peuvent le faire : il en manque 1.")
    assert "Très bien." in answer.text
    assert everything(home) == before
    there(coordination, evening, names="Omar", others="1", was_others="1")
    form = voting(home, town, evening, reasons="Très bien.")
    assert post(coordination, path(town), form).status_code == 303


def test_who_is_recused_is_named_and_does_not_count(
    coordination: TestClient, home: House, town: Town, evening: str
) -> None:
    form = voting(home, town, evening, method="vote", in_favour="3", ballot_Inès="recused")
    refused(post(coordination, path(town), form), 409, "il en manque 1")
    there(coordination, evening, names="Omar", others="1", was_others="1")
    assert post(coordination, path(town), form).status_code == 303
    page = words(coordination.get(path(town)))
    assert "Vote : 3 pour, 0 contre, 0 abstention. 1 personne n’a pas voté." in page
    assert "S’est récusée, et n’a pas compté : Inès." in page
    assert "4 personnes pouvaient décider" in page


def test_voices_are_counted_by_number_and_by_name(
    coordination: TestClient, home: House, town: Town, evening: str
) -> None:
    form = voting(
        home,
        town,
        evening,
        method="vote",
        in_favour="1",
        ballot_Fatou="for",
        ballot_Inès="against",
        ballot_Dalila="",
    )
    assert post(coordination, path(town), form).status_code == 303
    with home.db.read() as session:
        made = decisions.latest(session, town.shop)
        assert made is not None
        vote = votes.of_decisions(session, [made.id])[made.id]
    assert (vote.in_favour, vote.against, vote.abstained, vote.recused) == (2, 1, 0, 0)
    assert vote.ballots == {"Fatou": "for", "Inès": "against"}
    assert "Par nom : Fatou (pour), Inès (contre)." in words(coordination.get(path(town)))


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"method": ""}, 422, "Choisissez comment le comité a décidé."),
        ({"method": "shouting"}, 422, "Choisissez comment le comité a décidé."),
        ({"method": "vote"}, 422, "Écrivez combien de personnes sont pour"),
        ({"method": "vote", "in_favour": "beaucoup"}, 422, "Écrivez les voix en chiffres"),
        ({"method": "vote", "in_favour": "5"}, 422, "plus de voix que de personnes"),
        ({"method": "vote", "in_favour": "1", "against": "2"}, 422, "plus de voix contre que pour"),
        ({"against": "1"}, 422, "ce n’est pas un consentement"),
        ({"ballot_Fatou": "maybe"}, 422, "Rouvrez la page"),
        ({"ballot_Zoé": "for"}, 409, "Du nouveau est arrivé"),
        ({"decided_on": "2026-11-23"}, 422, "La séance est du 24/11/2026"),
    ],
)
def test_a_vote_that_cannot_be_is_refused_and_loses_nothing(
    coordination: TestClient,
    home: House,
    town: Town,
    evening: str,
    changes: dict[str, str],
    status: int,
    sentence: str,
) -> None:
    before = everything(home)
    form = voting(home, town, evening, **{"reasons": "Tout va bien.", "abstained": "1", **changes})
    answer = post(coordination, path(town), form)
    refused(answer, status, sentence)
    assert "Tout va bien." in answer.text
    assert 'name="abstained" value="1"' in answer.text
    assert everything(home) == before


def test_against_the_proposal_only_the_reason_is_asked_for(
    coordination: TestClient, home: House, town: Town, evening: str
) -> None:
    form = voting(home, town, evening, outcome="declined")
    refused(post(coordination, path(town), form), 422, "Écrivez les raisons : une phrase suffit.")
    form["reasons"] = "Un autre commerce sert déjà cette rue."
    assert post(coordination, path(town), form).status_code == 303


def test_nothing_is_decided_in_a_session_of_elsewhere_or_one_that_is_over(
    coordination: TestClient, neighbour: TestClient, home: House, town: Town, evening: str
) -> None:
    answer = post(neighbour, "/sessions", {"territory": RETZ, "held_on": TODAY, "place": ""})
    theirs = answer.headers["location"]
    before = everything(home)
    assert post(coordination, path(town), voting(home, town, theirs)).status_code == 404
    assert post(coordination, path(town), voting(home, town, "/sessions/nowhere")).status_code == 404
    assert everything(home) == before
    assert post(coordination, f"{evening}/closure", {}).status_code == 303
    before = everything(home)
    refused(post(coordination, path(town), voting(home, town, evening)), 409, "est close")
    assert everything(home) == before


def test_outside_a_session_a_decision_is_recorded_as_before(
    coordination: TestClient, home: House, town: Town, evening: str
) -> None:
    form = voting(home, town, evening, session="", method="")
    assert post(coordination, path(town), form).status_code == 303
    assert "pouvaient décider" not in words(coordination.get(path(town)))


# --- put off ---


def test_who_is_put_off_comes_back_by_itself_on_its_day(
    coordination: TestClient, home: House, town: Town, evening: str, clock: Clock
) -> None:
    form = voting(home, town, evening, outcome="deferred", reasons="Revoir l’été.", returns_on="2027-01-12")
    assert post(coordination, path(town), form).status_code == 303
    assert "Revient le 12 janvier 2027." in words(coordination.get(path(town)))
    assert names_on(coordination, held(coordination, held_on="2027-01-11")) == []
    later = held(coordination, held_on="2027-01-12")
    assert names_on(coordination, later) == ["Épicerie des Bourderies"]
    assert "reporté, revient" in words(coordination.get(later))


def test_without_a_day_who_is_put_off_comes_back_three_months_later(
    coordination: TestClient, home: House, town: Town, evening: str
) -> None:
    form = voting(home, town, evening, outcome="deferred", reasons="Revoir.")
    assert post(coordination, path(town), form).status_code == 303
    with home.db.read() as session:
        made = decisions.latest(session, town.shop)
        record = [each for each in merchants.records(session, town.shop) if each.kind == RecordKind.DECIDED][
            -1
        ]
        life = merchants.life_of(session, town.shop)
    assert made is not None
    assert made.returns_on == life.returns_on == date(2027, 2, 23)
    assert record.body["returns_on"] == "2027-02-23"


@pytest.mark.parametrize("day", ["2026-11-24", "2026-11-01", "2036-01-01"])
def test_a_return_before_the_decision_or_in_ten_years_is_a_slip(
    coordination: TestClient, home: House, town: Town, evening: str, day: str
) -> None:
    form = voting(home, town, evening, outcome="deferred", reasons="Revoir.", returns_on=day)
    refused(post(coordination, path(town), form), 422, "Le commerce revient après la décision")


def test_a_return_is_only_for_who_is_put_off(
    coordination: TestClient, home: House, town: Town, evening: str
) -> None:
    form = voting(home, town, evening, returns_on="2027-01-12")
    assert post(coordination, path(town), form).status_code == 303
    with home.db.read() as session:
        made = decisions.latest(session, town.shop)
        assert made is not None
        assert made.returns_on is None


# --- who reads it ---


def test_moneko_reads_the_decision_and_not_who_voted_what(
    coordination: TestClient, moneko: TestClient, home: House, town: Town, evening: str
) -> None:
    form = voting(home, town, evening, method="vote", in_favour="1", ballot_Fatou="for")
    post(coordination, path(town), form)
    told = {"how": "phone", "told_on": TODAY}
    with home.db.read() as session:
        made = decisions.latest(session, town.shop)
    assert made is not None
    assert (
        post(coordination, f"/merchants/{town.shop}/told", {**told, "decision": made.id}).status_code == 303
    )
    for address in (f"/merchants/{town.shop}", f"/onboarding/{town.shop}"):
        assert "Fatou" not in moneko.get(address).text


# --- two hands at once ---


@pytest.mark.parametrize("engine", ENGINES)
def test_of_two_who_decide_at_the_same_moment_one_wins_and_the_other_is_told(
    engine: str, new_database: NewDatabase, tmp_path: Path
) -> None:
    with opened(sqlalchemy_url(new_database(engine)), tmp_path / "data", Clock()) as app:
        home: House = app.state.house
        town = home.db.write(lambda session: settle(session, home.now()))
        visited(joined(app, town.amina), home, town)
        claire = sign_in(app, town.claire)
        address = held(claire, territory=NANTES)
        there(claire, address, names="Fatou\nInès")
        forms: list[dict[str, Any]] = [
            voting(home, town, address),
            voting(home, town, address, outcome="declined", reasons="Trop loin."),
        ]
        both = Barrier(2, timeout=20)

        def decide(form: dict[str, Any]) -> int:
            browser = sign_in(app, town.claire)
            both.wait()
            return post(browser, path(town), form).status_code

        with ThreadPoolExecutor(2) as hands:
            answers = sorted(hands.map(decide, forms))
        assert answers == [303, 409]
        with home.db.read() as session:
            (made,) = decisions.of_merchant(session, town.shop)
            assert list(votes.of_decisions(session, [made.id])) == [made.id]
            decided = [row for row in merchants.records(session, town.shop) if row.kind == RecordKind.DECIDED]
            assert len(decided) == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_a_session_closed_while_somebody_decides_is_whole_either_way(
    engine: str, new_database: NewDatabase, tmp_path: Path
) -> None:
    with opened(sqlalchemy_url(new_database(engine)), tmp_path / "data", Clock()) as app:
        home: House = app.state.house
        town = home.db.write(lambda session: settle(session, home.now()))
        visited(joined(app, town.amina), home, town)
        claire = sign_in(app, town.claire)
        address = held(claire, territory=NANTES)
        there(claire, address, names="Fatou\nInès")
        form, both = voting(home, town, address), Barrier(2, timeout=20)

        def send(where: str, what: dict[str, Any]) -> int:
            browser = sign_in(app, town.claire)
            both.wait()
            return post(browser, where, what).status_code

        with ThreadPoolExecutor(2) as hands:
            decided = hands.submit(send, path(town), form)
            closed = hands.submit(send, f"{address}/closure", {})
            assert closed.result() == 303
        with home.db.read() as session:
            kept = votes.of_session(session, address.rsplit("/", 1)[1])
        minutes = claire.get(f"{address}/minutes.pdf").content
        assert len(kept) == (1 if decided.result() == 303 else 0)
        assert minutes.startswith(b"%PDF")
        with home.db.read() as session:
            told = sessions.get(session, address.rsplit("/", 1)[1]).minutes
        assert told is not None
        assert len(told["items"][0]["decisions"]) == len(kept)
