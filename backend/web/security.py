"""Who may call what: sessions, the cross-site check, one-time form keys, tries that run out, response headers.

Every route says who may call it (`routes.py`); `guard` is the one place that enforces it.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from gettext import gettext as _
from inspect import iscoroutinefunction
from ipaddress import IPv6Address
from urllib.parse import urlsplit

import structlog
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.domain.errors import Refusal
from backend.domain.people import Role, may_act
from backend.storage import merchant_links, people
from backend.storage.merchant_links import MerchantSession
from backend.storage.people import DeviceSession, StaffSession
from backend.storage.tables import FormKey
from backend.web.house import house

DEVICE_COOKIE = "caisse_device"
STAFF_COOKIE = "caisse_staff"
MERCHANT_COOKIE = "caisse_merchant"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_FIELDS = 11_000  # an imported file asks at most one question a line

Handler = Callable[[Request], Response] | Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Access:
    """Who may call a route: anyone, a phone that joined, a merchant whose own link was opened, or staff with one of
    these roles (an admin may all)."""

    name: str
    roles: frozenset[Role] = frozenset()


PUBLIC = Access("public")
DEVICE = Access("device")
MERCHANT = Access("merchant")
STAFF = Access("staff", frozenset(Role))


def only(*roles: Role) -> Access:
    """Staff who hold one of these roles."""
    return Access("staff", frozenset(roles))


def guard(
    handler: Handler, access: Access, limit: str = "import_mb"
) -> Callable[[Request], Awaitable[Response]]:
    """The handler behind its door: same site, signed in, right role; then its form is read, and it runs.

    `limit`: the setting that says how large its form may be, in MB.
    """

    async def guarded(request: Request) -> Response:
        if request.method not in SAFE_METHODS:
            _refuse_cross_site(request)
        if access is MERCHANT:  # what was typed is given back, even when the page had closed meanwhile
            request.state.form = await _sent(request)
        if access is not PUBLIC:
            request.state.who = await run_in_threadpool(_identify, request, access)
        if not all(map(_storable, request.path_params.values())):
            raise Refusal("not_found")
        if request.method == "POST" and access is not MERCHANT:
            request.state.form = await _sent(request, limit)
        try:
            answer = await _answer(handler, request)
        finally:
            await typed(request).close()  # the files that it brought
        if access.roles:  # what staff reads stays on no machine that others may use after them
            answer.headers.setdefault("Cache-Control", "no-store")
        return unlisted(answer) if access is MERCHANT else answer

    return guarded


def unlisted(answer: Response) -> Response:
    """A merchant's page: kept by no browser, and in no search engine."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


async def _answer(handler: Handler, request: Request) -> Response:
    if iscoroutinefunction(handler):
        answer: Response = await handler(request)
        return answer
    return await run_in_threadpool(handler, request)  # type: ignore[arg-type]


def _storable(name: str) -> bool:
    """Whether a part of an address may be looked for: PostgreSQL takes no NUL, and neither takes half a character."""
    return re.search("[\0\ud800-\udfff]", name) is None


def _identify(request: Request, access: Access) -> DeviceSession | MerchantSession | StaffSession:
    home = house(request)
    with home.db.read() as session:
        if access is MERCHANT:
            token = request.cookies.get(MERCHANT_COOKIE, "")
            opened = merchant_links.merchant_session(session, token, home.now())
            if opened is None:
                raise Refusal("link_needed")
            return opened
        if access is DEVICE:
            device = people.device_session(session, request.cookies.get(DEVICE_COOKIE, ""), home.now())
            if device is None:
                raise Refusal("not_signed_in")
            return device
        staff = people.staff_session(session, request.cookies.get(STAFF_COOKIE, ""), home.now())
    if staff is None:
        raise Refusal("not_signed_in")
    if not may_act(staff.grants, access.roles):
        raise Refusal("forbidden")
    return staff


def _refuse_cross_site(request: Request) -> None:
    """Browsers say where a request comes from (Sec-Fetch-Site, else Origin); programs without either may pass,
    since they hold no cookie that a page could have abused. A proxy may have rewritten the host, so that the public
    address counts too."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise Refusal("cross_site")
        return
    origin = request.headers.get("origin")
    if origin is not None and not _is_ours(request, origin):
        raise Refusal("cross_site")


def _is_ours(request: Request, origin: str) -> bool:
    public = urlsplit(house(request).settings.public_url)
    return urlsplit(origin).netloc == request.headers.get("host") or urlsplit(origin)[:2] == public[:2]


async def _sent(request: Request, setting: str = "import_mb") -> FormData:
    """The form of this request, empty when it has none."""
    sent = request.method == "POST" and "form" in request.headers.get("content-type", "")
    return await _form(request, setting) if sent else FormData()


async def _form(request: Request, setting: str) -> FormData:
    """The form, at most as large as the largest file it may bring; browsers always say its length beforehand."""
    limit_mb = getattr(house(request).settings, setting)
    limit = limit_mb * 1_000_000
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > limit + 100_000:
        raise Refusal("body_too_large", limit=limit_mb)
    return await request.form(max_part_size=limit, max_fields=MAX_FIELDS)


def staff(request: Request) -> StaffSession:
    """The member of staff who asks (the route's declaration made sure there is one)."""
    who: StaffSession = request.state.who
    return who


def device(request: Request) -> DeviceSession:
    """The phone that asks."""
    who: DeviceSession = request.state.who
    return who


def merchant_side(request: Request) -> MerchantSession:
    """The merchant whose page asks."""
    who: MerchantSession = request.state.who
    return who


def territories_of(who: StaffSession, *roles: Role) -> frozenset[str] | None:
    """The territories on which these roles are held; None: all of them."""
    held = [grant for grant in who.grants if grant.role is Role.ADMIN or grant.role in roles]
    if any(grant.territory_id is None for grant in held):
        return None
    return frozenset(grant.territory_id for grant in held if grant.territory_id)


def must_act(who: StaffSession, territory_id: str, *roles: Role) -> None:
    """Raises not_found when none of these roles is held there: what one may not see does not exist."""
    if not may_act(who.grants, frozenset(roles), territory_id):
        raise Refusal("not_found")


# --- forms ---


def field(request: Request, name: str, limit: int = 200) -> str:
    """A text field of the form, trimmed, without control characters; raises form_invalid when too long."""
    raw = request.state.form.get(name, "")
    text = raw.strip().replace("\r\n", "\n") if isinstance(raw, str) else ""
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text)
    if len(text) > limit:
        raise Refusal(
            "form_invalid",
            sentence=_("Un texte dépasse {limit} signes. Raccourcissez-le.").format(limit=limit),
        )
    return text


def day_field(request: Request, name: str) -> date | None:
    """A date of the form, None when it is empty; raises form_invalid when it is no date."""
    text = field(request, name)
    if not text:
        return None
    for form in ("%Y-%m-%d", "%d/%m/%Y"):  # browsers write the first; people without a calendar the second
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007
        except ValueError:
            continue
    sentence = _("« {text} » n’est pas une date. Écrivez-la comme ceci : 24/11/2026.")
    raise Refusal("form_invalid", sentence=sentence.format(text=text[:20]))


def typed(request: Request) -> FormData:
    """What was typed in the form, to show it again; empty when no form was sent."""
    form: FormData = getattr(request.state, "form", FormData())
    return form


def fields(request: Request, name: str) -> list[str]:
    """All the values of a repeated field (checkboxes)."""
    return [value for value in request.state.form.getlist(name) if isinstance(value, str)]


def is_robot(request: Request) -> bool:
    """Whether a field that nobody sees was filled in."""
    return bool(field(request, "surname", 10_000))


def form_key(request: Request) -> str:
    """The one-time key of this form; raises form_expired without one."""
    key = field(request, "form_key")
    if not re.fullmatch(r"[0-9a-f]{32}", key):
        raise Refusal("form_expired")
    return key


def once(request: Request, work: Callable[[Session], str]) -> Response:
    """Do what a form asks, once: `work` returns where to go next. The same key again goes there and does nothing."""
    who = request.state.who
    holder = who.merchant_id if isinstance(who, MerchantSession) else who.person_id
    return _once(request, form_key(request), holder, work)


def once_for_anyone(request: Request, work: Callable[[Session], str]) -> Response:
    """The same, for a form that needs no account: somebody who went back to it says something else with the same key,
    so that only the same words are the same sending."""
    form_key(request)
    sent = repr((request.url.path, sorted(typed(request).multi_items(), key=repr)))
    return _once(request, hashlib.sha256(sent.encode()).hexdigest(), "", work)


def _once(request: Request, key: str, holder: str, work: Callable[[Session], str]) -> Response:
    home = house(request)

    def take(session: Session) -> str:
        taken = session.get(FormKey, key)
        if taken is not None:
            if taken.person_id != holder:
                raise Refusal("form_expired")
            return taken.location
        location = work(session)
        session.add(FormKey(key=key, person_id=holder, at=home.now(), location=location))
        return location

    return RedirectResponse(home.db.write(take), status_code=303)


# --- tries that run out ---

log = structlog.get_logger()


class Tries:
    """Counts tries per caller, in memory: of secrets, those that failed; the one too many is told to wait."""

    def __init__(self, count: int, minutes: int) -> None:
        self._limit, self._minutes = RateLimitItemPerMinute(count, minutes), minutes
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def check(self, *who: str) -> None:
        """Raises too_many_tries when this caller has tried too often lately."""
        if not self._limiter.test(self._limit, *who):
            raise Refusal("too_many_tries", minutes=self._minutes)

    def count(self, *who: str) -> None:
        self._limiter.hit(self._limit, *who)


def caller(request: Request) -> str:
    """The address that asks, to count by; behind a proxy that is trusted uvicorn has already read the forwarded one.
    Whoever has an IPv6 address has 2⁶⁴ of them: they count as one."""
    host = request.client.host if request.client else "?"
    try:
        address = IPv6Address(host)
    except ValueError:
        return host
    return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))


# --- headers ---


def tile_servers(tile_url: str) -> str:
    """Where the pieces of the ground come from, as policies say it: `*` where one map comes from many servers."""
    tiles = urlsplit(tile_url)
    hosts = re.sub(r"^[^.]*\{s\}[^.]*", "*", tiles.netloc)
    return f"{tiles.scheme}://{hosts}"


def content_security_policy(tile_url: str, framed_by: str = "'none'", fetches_ground: bool = False) -> str:
    """Nothing but our own files, and the pictures of the configured tile server. `framed_by`: whose pages may show ours
    in theirs. `fetches_ground`: whether a script may fetch these pictures too."""
    servers = tile_servers(tile_url)
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' data: blob: {servers}",
            "media-src 'self' blob:",
            "font-src 'self'",
            f"connect-src 'self' {servers}" if fetches_ground else "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {framed_by}",
        )
    )


NO_PAGE = ("text/javascript", "text/css", "font/", "image/png", "image/jpeg", "audio/mpeg")


class Headers:
    """Adds to every answer what browsers need to keep strangers out."""

    def __init__(self, app: ASGIApp, policy: str, secure: bool) -> None:
        self.app = app
        self.headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(self)",
            "Cross-Origin-Opener-Policy": "same-origin",
        }
        if secure:
            self.headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._needed(scope["path"], headers).items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)

    def _needed(self, path: str, headers: MutableHeaders) -> dict[str, str]:
        """All of them on what can run as a page or a worker; on the many small files of one, the one that counts."""
        if headers.get("content-type", "").startswith(NO_PAGE) and not path.endswith("/sw.js"):
            return {"X-Content-Type-Options": "nosniff"}
        return self.headers
