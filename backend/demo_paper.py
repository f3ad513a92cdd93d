"""The demo's paper: one inhabitant went on with a pencil when the battery was empty; the coordination keyed it in."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session

from backend.domain.paper_sheets import Keyed
from backend.storage import visits
from backend.web.house import House
from backend.web.paper_sheets import key_in

SHOP, WHO = "La Bourdonnante", "Élias"


def settle(
    session: Session,
    home: House,
    person_ids: Mapping[str, str],
    merchant_ids: Mapping[str, str],
    coordination: Mapping[str, str],
    now: datetime,
) -> None:
    """Key in what the phone could no longer take: the five last criteria, and a remark."""
    visit = visits.of_merchant(session, merchant_ids[SHOP])[0]
    author = person_ids[WHO]
    last = [criterion.id for criterion in home.grids[visit.grid_id].criteria[-5:]]
    keyed = Keyed(
        author=author,
        sheet=author,
        present=(author,),
        at=(now - timedelta(days=2)).isoformat(),
        answers=dict(zip(last, (3, 2, 3, 2, 2), strict=True)),
        remarks={None: "Plus de batterie après le fromage : la suite est au crayon."},
    )
    key_in(home, session, visit, keyed, now, by=coordination[visit.territory_id])
