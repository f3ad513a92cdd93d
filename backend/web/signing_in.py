"""Staff sign in with their e-mail and a passphrase; the session is kept on the server and can be ended there."""

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.domain.errors import Refusal
from backend.domain.people import Role
from backend.storage import people
from backend.storage.people import StaffSession
from backend.web.house import house
from backend.web.pages import page
from backend.web.security import STAFF_COOKIE, Tries, caller, field, staff

passphrases = PasswordHasher()
wrong_passphrases = Tries(10, minutes=10)
_NOBODY = passphrases.hash(
    "nobody has this passphrase"
)  # so that an unknown e-mail takes as long as a known one


def show(request: Request, refusal: Refusal | None = None) -> Response:
    """The sign-in form, with what was wrong the last time."""
    form = getattr(request.state, "form", {})
    return page(
        request,
        "sign_in.html",
        status=refusal.problem.status if refusal else 200,
        refusal=refusal,
        email=form.get("email", ""),
        next=_inside(form.get("next") or request.query_params.get("next", "")),
    )


def sign_in(request: Request) -> Response:
    """Check e-mail and passphrase; a new session, or the form again with one sentence."""
    home, email = house(request), field(request, "email").lower()
    try:
        wrong_passphrases.check(caller(request), email)
        person_id = _recognise(request, email, field(request, "passphrase", 500))
    except Refusal as refusal:
        return show(request, refusal)
    token = home.db.write(
        lambda session: people.open_session(
            session, home.now(), days=home.settings.session_days, person_id=person_id
        )
    )
    with home.db.read() as session:
        grants = people.grants_of(session, person_id)
    target = _inside(field(request, "next", 2000)) or home_of(StaffSession(person_id, "", grants))
    response = RedirectResponse(target, status_code=303)
    response.set_cookie(
        STAFF_COOKIE,
        token,
        max_age=home.settings.session_days * 86400,
        secure=home.settings.secure,
        httponly=True,
        samesite="lax",
    )
    return response


def _recognise(request: Request, email: str, passphrase: str) -> str:
    with house(request).db.read() as session:
        person = people.person_by_email(session, email)
        known_hash = person.passphrase_hash if person else None
        person_id = person.id if person else ""
    try:
        passphrases.verify(known_hash or _NOBODY, passphrase)
    except (Argon2Error, InvalidHashError):
        wrong_passphrases.count(caller(request), email)
        raise Refusal("wrong_passphrase") from None
    if not known_hash:
        raise Refusal("wrong_passphrase")
    return person_id


def _inside(target: str) -> str:
    """Only an address of ours, so that nobody is sent elsewhere after signing in."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else ""


def home_of(who: StaffSession) -> str:
    """Where each role starts its day."""
    roles = {grant.role for grant in who.grants}
    if roles & {Role.COORDINATION, Role.ADMIN}:
        return "/board"
    if Role.COMMITTEE in roles:
        return "/sessions"
    if Role.MONEKO in roles:
        return "/onboarding"
    return "/numbers" if Role.RESEARCH in roles else "/"


def sign_out(request: Request) -> Response:
    """End the session here and on the server."""
    home = house(request)
    staff(request)
    token = request.cookies.get(STAFF_COOKIE, "")
    home.db.write(lambda session: people.end_session(session, token, home.now()))
    response = RedirectResponse("/", status_code=303)
    response.delete_cookie(STAFF_COOKIE)
    return response
