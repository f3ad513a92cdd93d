"""Who reads which page about a merchant, as far as it has come (product.md, section 6, copied by hand)."""

from datetime import date

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from backend.domain.decisions import DecisionOutcome
from backend.storage import decisions, merchants, visits
from backend.storage.decisions import Deciding, Telling
from backend.web.house import House
from tests.phones import Phone, picture, sha256
from tests.town import GRID, Town
from tests.web.forms import words

PHOTO = picture(3)
SHEET, VISIT, PHOTO_PAGE = "/merchants/{shop}", "/visits/{visit}", f"/photos/{sha256(PHOTO)}/small"
DECISIONS, ONBOARDING = "/merchants/{shop}/decisions", "/onboarding/{shop}"

# as far as it has come, page: coordination, committee, Moneko, admin
TABLE = {
    ("planned", SHEET): (200, 404, 404, 200),
    ("planned", VISIT): (200, 404, 403, 200),
    ("planned", PHOTO_PAGE): (200, 404, 403, 200),
    ("planned", DECISIONS): (200, 404, 403, 200),
    ("assessed", SHEET): (200, 200, 404, 200),
    ("assessed", VISIT): (200, 200, 403, 200),
    ("assessed", PHOTO_PAGE): (200, 200, 403, 200),
    ("assessed", DECISIONS): (200, 200, 403, 200),
    ("accredited", SHEET): (200, 200, 200, 200),
    ("accredited", VISIT): (200, 200, 403, 200),
    ("accredited", PHOTO_PAGE): (200, 200, 403, 200),
    ("accredited", DECISIONS): (200, 200, 403, 200),
    ("accredited", ONBOARDING): (200, 403, 200, 200),
}


def comes_to(stage: str, amina: Phone, home: House, town: Town) -> None:
    """The shop's visit has begun; or it was received; or the shop was accredited on it, and told."""
    made = [amina.start(town.visit, GRID), amina.attach(town.visit, PHOTO)]
    made += [amina.choose(town.visit, each.id, 3) for each in home.grids[GRID].criteria]
    amina.send(*made)
    amina.put(PHOTO)
    home.background.work()
    if stage != "planned":
        amina.send(amina.close(town.visit, made))
    if stage == "accredited":
        accredit(home, town)


def accredit(home: House, town: Town) -> None:
    def work(session: Session) -> None:
        seen = visits.get(session, town.visit).last_seq
        made = decisions.record(
            session,
            town.shop,
            Deciding(DecisionOutcome.ACCREDITED, date(2026, 11, 24), "", {town.visit: seen}),
            home.rules,
            home.drafts,
            home.now(),
            by=town.claire,
        )
        telling = Telling(made.id, "phone", date(2026, 11, 24), "")
        decisions.tell(session, town.shop, telling, home.now(), by=town.claire)

    home.db.write(work)


@pytest.mark.parametrize("stage", ["planned", "assessed", "accredited"])
def test_each_role_reads_what_concerns_it_and_no_more(
    coordination: TestClient,
    committee: TestClient,
    moneko: TestClient,
    admin: TestClient,
    amina: Phone,
    home: House,
    town: Town,
    stage: str,
) -> None:
    comes_to(stage, amina, home, town)
    browsers = (coordination, committee, moneko, admin)
    expected = {page: answers for (at, page), answers in TABLE.items() if at == stage}
    found = {
        page: tuple(each.get(page.format(shop=town.shop, visit=town.visit)).status_code for each in browsers)
        for page in expected
    }
    assert found == expected


@pytest.mark.parametrize(("stage", "listed"), [("planned", False), ("assessed", True), ("accredited", True)])
def test_the_committees_list_and_counts_hold_what_is_on_its_agenda(
    committee: TestClient, amina: Phone, home: House, town: Town, stage: str, listed: bool
) -> None:
    comes_to(stage, amina, home, town)
    page = committee.get("/merchants")
    assert (f"/merchants/{town.shop}" in page.text) is listed
    with home.db.read() as session:
        code = merchants.get(session, town.shop).stage
    counted = {
        "visit_planned": "visite prévue 1",
        "assessed": "évalué 1",
        "onboarding": "accompagnement Moneko 1",
    }
    assert (counted[code] in words(page)) is listed


def test_a_renewal_visit_that_is_planned_is_not_on_the_agenda_yet(
    committee: TestClient, amina: Phone, home: House, town: Town
) -> None:
    comes_to("accredited", amina, home, town)
    renewal = home.db.write(
        lambda session: (
            visits.plan(
                session, town.shop, GRID, date(2026, 12, 4), [town.amina], home.now(), by=town.claire
            ).id
        )
    )
    assert committee.get(f"/visits/{renewal}").status_code == 404
    sheet = committee.get(f"/merchants/{town.shop}")
    assert f"/visits/{town.visit}" in sheet.text
    assert renewal not in sheet.text


def decided(home: House, town: Town, outcome: DecisionOutcome, reasons: str) -> None:
    home.db.write(
        lambda session: decisions.record(
            session,
            town.shop,
            Deciding(outcome, date(2026, 11, 24), reasons, {}),
            home.rules,
            home.drafts,
            home.now(),
            by=town.claire,
        )
    )


def told(home: House, town: Town, note: str) -> None:
    def work(session: Session) -> None:
        latest = decisions.latest(session, town.shop)
        assert latest is not None
        telling = Telling(latest.id, "phone", date(2026, 11, 24), note)
        decisions.tell(session, town.shop, telling, home.now(), by=town.claire)

    home.db.write(work)


@pytest.mark.parametrize("outcome", [DecisionOutcome.DEFERRED, DecisionOutcome.DECLINED])
def test_moneko_does_not_learn_that_a_shop_was_not_accredited(
    moneko: TestClient, home: House, town: Town, outcome: DecisionOutcome
) -> None:
    decided(home, town, outcome, "Trop peu de vrac.")
    told(home, town, "Déçue.")
    pages = [moneko.get(f"/onboarding/{shop}") for shop in (town.shop, "no-such-shop")]
    assert [page.status_code for page in pages] == [404, 404]
    assert words(pages[0]) == words(pages[1])


def test_moneko_reads_nothing_from_before_the_first_accreditation(
    moneko: TestClient, home: House, town: Town
) -> None:
    def correct(session: Session) -> None:
        shop = merchants.get(session, town.shop)
        merchants.edit(session, shop, {"products": "Vrac et fromages"}, home.now(), by=town.claire)
        merchants.edit(session, shop, {"products": "Fromages"}, home.now(), by=town.claire)

    home.db.write(correct)
    decided(home, town, DecisionOutcome.DEFERRED, "Trop peu de vrac.")
    told(home, town, "Déçue.")
    decided(home, town, DecisionOutcome.ACCREDITED, "Il y a du vrac.")
    told(home, town, "Ravie.")
    for path in (f"/merchants/{town.shop}", f"/onboarding/{town.shop}"):
        page = words(moneko.get(path))
        assert "Ravie." in page
        for before in ("Déçue", "À revoir", "à revoir", "Vrac et fromages", "Trop peu de vrac"):
            assert before not in page
