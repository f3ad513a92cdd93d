"""The accounts of the team: opened, given roles, closed. For the administration alone."""

from collections.abc import Callable
from gettext import gettext as _

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.domain import details
from backend.domain.errors import Refusal
from backend.domain.people import ROLE_NAMES, STAFF_ROLES, Grant, Role
from backend.storage import accounts, people
from backend.storage.people import digest
from backend.storage.tables import Person
from backend.web.house import house
from backend.web.pages import come_back, form_page, page
from backend.web.security import STAFF_COOKIE, field, once, staff
from backend.web.signing_in import passphrases


def index(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /accounts: who may do what, and where."""
    with house(request).db.read() as session:
        listed: dict[str, tuple[Person, list[Grant]]] = {}
        for person, grant in accounts.staff(session):
            listed.setdefault(person.id, (person, []))[1].append(grant)
        context = {
            "listed": sorted(listed.values(), key=lambda each: each[0].name.casefold()),
            "closed": accounts.closed(session),
            "territories": people.territories(session),
        }
    return form_page(request, "accounts.html", refusal, roles=STAFF_ROLES, role_names=ROLE_NAMES, **context)


def add(request: Request) -> Response:
    """POST /accounts: an account, and its passphrase shown this once."""
    return _with_passphrase(request, _add, index)


def _add(request: Request, session: Session, passphrase_hash: str) -> Person:
    home, name = house(request), field(request, "name", 80)
    email = field(request, "email")
    if not email:
        raise Refusal(
            "form_invalid", sentence=_("Écrivez l’adresse e-mail avec laquelle cette personne entrera.")
        )
    role, territory_id = _role(request)
    by = staff(request).person_id
    return accounts.open_one(
        session,
        details.email(email),
        name,
        role,
        home.now(),
        territory_id=territory_id,
        passphrase_hash=passphrase_hash,
        by=by,
    )


def _role(request: Request) -> tuple[Role, str | None]:
    role = field(request, "role")
    if role not in STAFF_ROLES:
        raise Refusal("form_invalid", sentence=_("Choisissez un rôle de la liste."))
    return Role(role), field(request, "territory") or None


def _with_passphrase(
    request: Request, work: Callable[[Request, Session, str], Person], again: Callable[..., Response]
) -> Response:
    """Do what gives somebody a passphrase, and show it. The same form once more shows nothing: it was kept nowhere."""
    passphrase, fresh = accounts.invented_passphrase(), []

    def take(session: Session) -> str:
        person = work(request, session, passphrases.hash(passphrase))
        fresh.append(person)
        return f"/accounts/{person.id}"

    try:
        answer = once(request, take)
    except Refusal as refusal:
        return come_back(request, refusal, again)
    if not fresh:
        return answer
    return page(request, "account_passphrase.html", person=fresh[-1], passphrase=passphrase)


# --- one account ---


def show(request: Request, refusal: Refusal | None = None) -> Response:
    """GET /accounts/{id}: what someone may do, since when, by whom, and where they are signed in."""
    home = house(request)
    with home.db.read() as session:
        account = accounts.get(session, request.path_params["id"])
        every = [*account.grants, *account.past]
        authors = {each for grant in every for each in (grant.granted_by, grant.revoked_by) if each}
        context = {
            "account": account,
            "names": people.names(session, authors),
            "territories": people.territories(session),
            "open_sessions": accounts.sessions_of(session, account.person.id, home.now()),
        }
    return form_page(
        request,
        "account.html",
        refusal,
        roles=STAFF_ROLES,
        role_names=ROLE_NAMES,
        here=digest(request.cookies.get(STAFF_COOKIE, "")),
        **context,
    )


def _changed(request: Request, work: Callable[[Session, str], None]) -> Response:
    """Do this to the account that the address names, then show it again."""
    person_id = request.path_params["id"]

    def take(session: Session) -> str:
        accounts.get(session, person_id)
        work(session, person_id)
        return f"/accounts/{person_id}"

    try:
        return once(request, take)
    except Refusal as refusal:
        return come_back(request, refusal, show)


def edit(request: Request) -> Response:
    """POST /accounts/{id}/edits: the name that the others read."""

    def rename(session: Session, person_id: str) -> None:
        name = field(request, "name", 80)
        if not name:
            raise Refusal(
                "form_invalid", sentence=_("Écrivez un nom : les autres le lisent à côté de ses actes.")
            )
        accounts.rename(session, person_id, name)

    return _changed(request, rename)


def give_role(request: Request) -> Response:
    """POST /accounts/{id}/roles: one more role."""
    now, by = house(request).now(), staff(request).person_id
    return _changed(
        request,
        lambda session, person_id: accounts.give_role(session, person_id, *_role(request), now, by=by),
    )


def take_back(request: Request) -> Response:
    """POST /accounts/{id}/roles/{role}/end: one role less, at once."""
    now, by, grant_id = house(request).now(), staff(request).person_id, request.path_params["role"]
    return _changed(
        request, lambda session, person_id: accounts.take_back(session, person_id, grant_id, now, by=by)
    )


def renew_passphrase(request: Request) -> Response:
    """POST /accounts/{id}/passphrases: another passphrase, shown this once."""

    def renew(request: Request, session: Session, passphrase_hash: str) -> Person:
        person_id = request.path_params["id"]
        accounts.renew_passphrase(session, person_id, passphrase_hash, house(request).now())
        return accounts.get(session, person_id).person

    return _with_passphrase(request, renew, show)


def end_sessions(request: Request) -> Response:
    """POST /accounts/{id}/sessions/end: signed out everywhere but here."""
    now, here = house(request).now(), request.cookies.get(STAFF_COOKIE, "")
    return _changed(
        request, lambda session, person_id: accounts.end_sessions(session, person_id, now, but=here)
    )


def close(request: Request) -> Response:
    """POST /accounts/{id}/closure: no role is left, and no session."""
    now, by = house(request).now(), staff(request).person_id
    return _changed(request, lambda session, person_id: accounts.close(session, person_id, now, by=by))
