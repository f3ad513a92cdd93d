"""What is only useful for a time goes when that time is over, and nothing goes before."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from backend.background import Background
from backend.geocoding import Geocoder
from backend.photos import Photos
from backend.storage.engine import Database
from backend.storage.retention import forget_what_is_over
from backend.storage.tables import (
    Announcement,
    FormKey,
    ImportDraft,
    Mail,
    MerchantLink,
    MerchantSignIn,
    SignIn,
    Territory,
)
from tests.town import NANTES, NOON, Clock, Town, settle

SECOND = timedelta(seconds=1)


@pytest.fixture
def town(database: Database) -> Town:
    def write(session: Session) -> Town:
        made = settle(session, NOON)
        session.add(
            MerchantLink(
                id="link",
                merchant_id=made.shop,
                secret_hash="s",
                form_hash="f",
                created_at=NOON,
                created_by=made.claire,
                expires_at=NOON + timedelta(days=365),
            )
        )
        return made

    return database.write(write)


def signed_in(person_id: str, expires_at: datetime, ended_at: datetime | None = None) -> SignIn:
    return SignIn(
        token_hash=f"{expires_at}{ended_at}",
        person_id=person_id,
        created_at=NOON - timedelta(days=400),
        expires_at=expires_at,
        ended_at=ended_at,
    )


def looked_in(expires_at: datetime, ended_at: datetime | None = None) -> MerchantSignIn:
    return MerchantSignIn(
        token_hash=f"{expires_at}{ended_at}",
        link_id="link",
        created_at=NOON - timedelta(days=1),
        expires_at=expires_at,
        ended_at=ended_at,
    )


def draft(claire: str, created_at: datetime, applied_at: datetime | None = None) -> ImportDraft:
    return ImportDraft(
        id=f"{created_at}{applied_at}",
        territory_id=NANTES,
        created_by=claire,
        created_at=created_at,
        applied_at=applied_at,
        filename="commerces.csv",
        text="nom",
    )


def form(claire: str, at: datetime) -> FormKey:
    return FormKey(key=str(at), person_id=claire, at=at, location="/")


def mail(queued_at: datetime, next_try_at: datetime | None) -> Mail:
    return Mail(
        id=f"{queued_at}{next_try_at}",
        kind="reminder",
        to="yvonne@example.org",
        subject="Demain",
        text="Bonjour.",
        queued_at=queued_at,
        next_try_at=next_try_at,
    )


LATER, MONTH, QUARTER = NOON + timedelta(days=1), timedelta(days=30), timedelta(days=90)
CASES: dict[str, tuple[Callable[[str], Any], Callable[[str], Any]]] = {  # what goes, and what stays
    "expired": (lambda who: signed_in(who, NOON - SECOND), lambda who: signed_in(who, NOON + SECOND)),
    "ended": (
        lambda who: signed_in(who, LATER, NOON - MONTH - SECOND),
        lambda who: signed_in(who, LATER, NOON - MONTH + SECOND),
    ),
    "a merchant's": (lambda _who: looked_in(NOON - SECOND), lambda _who: looked_in(NOON + SECOND)),
    "a merchant's, closed by hand": (lambda _who: looked_in(LATER, NOON), lambda _who: looked_in(LATER)),
    "form": (lambda who: form(who, NOON - QUARTER - SECOND), lambda who: form(who, NOON - QUARTER + SECOND)),
    "file": (
        lambda who: draft(who, NOON - QUARTER - SECOND),
        lambda who: draft(who, NOON - QUARTER + SECOND),
    ),
    "mail": (
        lambda _who: mail(NOON - QUARTER - SECOND, None),
        lambda _who: mail(NOON - QUARTER + SECOND, None),
    ),
    "mail that waits": (
        lambda _who: mail(NOON - QUARTER - SECOND, None),
        lambda _who: mail(NOON - QUARTER - SECOND, NOON),
    ),
    "applied file": (
        lambda who: draft(who, NOON - QUARTER - SECOND),
        lambda who: draft(who, NOON - QUARTER - SECOND, NOON - QUARTER),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_thing_goes_in_its_time(database: Database, town: Town, case: str) -> None:
    def write(session: Session) -> None:
        session.add_all([make(town.claire) for make in CASES[case]])

    database.write(write)
    stays = CASES[case][1](town.claire)
    database.write(lambda session: forget_what_is_over(session, NOON))
    with database.read() as session:
        assert session.exec(select(type(stays))).all() == [stays]
        assert session.get(Territory, NANTES) is not None


def announcement(merchant_id: str, days: int, sent: int | None = None, tries: int = 0) -> Announcement:
    """Of so many days ago, received so many days ago."""
    return Announcement(
        id=f"{days}-{sent}-{tries}",
        merchant_id=merchant_id,
        topic="standing",
        body="{}",
        occurred_at=NOON - timedelta(days=days),
        tries=tries,
        sent_at=None if sent is None else NOON - timedelta(days=sent),
    )


def test_what_moneko_was_told_goes_and_what_it_has_still_to_hear_stays(
    database: Database, town: Town
) -> None:
    def left(*made: Announcement) -> set[str]:
        database.write(lambda session: session.add_all(made))
        database.write(lambda session: forget_what_is_over(session, NOON))
        with database.read() as session:
            return set(session.exec(select(Announcement.id)))

    # its software listens nowhere: what is old would only surprise
    assert left(announcement(town.shop, 91), announcement(town.shop, 89)) == {"89-None-0"}
    received = announcement(town.shop, 200, 91, 1), announcement(town.shop, 200, 89, 1)
    assert left(*received) == {"89-None-0", "200-89-1"}
    waits, behind = announcement(town.shop, 200, tries=9), announcement(town.shop, 150)
    assert left(waits, behind) == {"89-None-0", "200-89-1", "200-None-9", "150-None-0"}


def test_the_background_sees_to_it_once_a_day(database: Database, town: Town, tmp_path: Any) -> None:
    clock = Clock()
    work = Background(database, Photos(tmp_path, "", 1), Geocoder(""), clock)
    work.work()
    database.write(lambda session: session.add(signed_in(town.claire, NOON + timedelta(hours=1))))

    def left() -> int:
        with database.read() as session:
            return len(session.exec(select(SignIn)).all())

    clock.forward(hours=2)
    work.work()
    assert left() == 1  # it was seen to today
    clock.forward(hours=23)
    work.work()
    assert left() == 0
