"""What happened to a merchant, as one reader may know it: filtered by kind, a page at a time, or all to print."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from gettext import gettext as _

from sqlmodel import Session
from starlette.requests import Request

from backend.domain.happenings import Group, Happening, Told, groups, told
from backend.storage import happenings, people
from backend.storage.tables import MerchantRecord

PAGE = 50


@dataclass(frozen=True)
class Page:
    """A page of what happened, the latest first. `number`: from 1 on, 0: everything; `only`: of this group alone."""

    told: Sequence[Told]
    groups: Sequence[Group]
    only: Group | None
    number: int
    count: int

    @property
    def last(self) -> int:
        return max(1, -(-self.count // PAGE))


def page_of(
    request: Request,
    session: Session,
    merchant_id: str,
    records: Iterable[MerchantRecord],
    *,
    coordinates: bool,
    accompanies: bool,
) -> Page:
    """What somebody who may read these `records` may know. Who does not coordinate reads no inhabitant's name."""
    found = happenings.of_records(records)
    if coordinates or not accompanies:
        found += happenings.agenda(session, merchant_id) + happenings.followings(session, merchant_id)
    if coordinates or accompanies:
        found += happenings.handovers(session, merchant_id)
    if coordinates:
        found += happenings.questions(session, merchant_id) + happenings.answers(session, merchant_id)
    return _page(request, found, _names(session, found, inhabitants=coordinates))


def _names(session: Session, found: Collection[Happening], *, inhabitants: bool) -> dict[str, str]:
    authors = {each.author_id for each in found if each.author_id}
    if inhabitants:
        return people.names(
            session, authors | {each.body["person"] for each in found if each.body.get("person")}
        )
    known = people.staff_names(session, authors)
    return dict.fromkeys(authors, _("une habitante ou un habitant")) | known


def _page(request: Request, found: Collection[Happening], names: dict[str, str]) -> Page:
    there, asked = groups(found), request.query_params
    only = next((group for group in there if group == asked.get("only")), None)
    every = told(found, names, _, only)
    number = asked.get("page", "1")
    if number == "all":
        return Page(every, there, only, 0, len(every))
    shown = max(1, int(number)) if number.isascii() and number.isdecimal() and len(number) < 6 else 1
    return Page(every[(shown - 1) * PAGE : shown * PAGE], there, only, shown, len(every))
