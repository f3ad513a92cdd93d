"""A merchant's personal link: made and withdrawn by the coordination, opened by the merchant.

The secret stands in the path, because it has to work without JavaScript (a fragment never reaches us). It leaves the
address at once: the first answer puts it in a cookie of ten minutes and goes on to a door without a secret. There a
button opens the page, since programs that look at the links of e-mails and messages must open nothing: only that
gesture is noted, makes a session of a day limited to this merchant, and tells them of a decision that waits there.
"""

from gettext import gettext as _
from urllib.parse import quote

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.domain.errors import Refusal
from backend.domain.merchant_links import OPEN_FOR
from backend.domain.people import Role
from backend.storage import mails, merchant_links, merchants, releases
from backend.storage.merchant_links import MerchantSession
from backend.storage.tables import Merchant, MerchantLink, Territory
from backend.web.house import house
from backend.web.merchant_side import show as merchant_side_page
from backend.web.pages import page
from backend.web.qr_codes import qr_code
from backend.web.security import (
    MERCHANT_COOKIE,
    Tries,
    caller,
    field,
    form_key,
    merchant_side,
    must_act,
    once,
    staff,
    unlisted,
)
from backend.web.visits import today

LINK_COOKIE = "caisse_merchant_link"
SECONDS_AT_THE_DOOR = 600
PATH = "/commerce"  # the cookies of merchants go nowhere else

wrong_links = Tries(20, minutes=10)


# --- made and withdrawn by the coordination ---


def make(request: Request) -> Response:
    """POST /merchants/{id}/links: a new link, shown this once; the same form again shows the same link."""
    home, who = house(request), staff(request)
    key, after, by_mail = form_key(request), field(request, "after"), field(request, "mail") == "yes"

    def work(session: Session) -> tuple[Merchant, Territory, str, bool]:
        merchant = merchants.get(session, request.path_params["id"])
        must_act(who, merchant.territory_id, Role.COORDINATION)
        secret, new = merchant_links.make(session, merchant.id, key, after, home.now(), by=who.person_id)
        territory = session.get_one(Territory, merchant.territory_id)
        if new and by_mail and merchant.email:
            subject, text = _message(merchant, territory, address_of(request, secret))
            mails.queue(
                session, merchant.email, subject, text, mails.Kind.LINK, home.now(), merchant_id=merchant.id
            )
        return merchant, territory, secret, bool(by_mail and merchant.email)

    try:
        merchant, territory, secret, mailed = home.db.write(work)
    except Refusal as refusal:
        return merchant_side_page(request, refusal)
    home.wake()
    return _shown(request, merchant, territory, address_of(request, secret), mailed)


def address_of(request: Request, secret: str) -> str:
    """The whole address of a personal link, as it is given to the merchant."""
    return f"{house(request).settings.public_url.rstrip('/')}{PATH}/acces/{secret}"


def _message(merchant: Merchant, territory: Territory, address: str) -> tuple[str, str]:
    """The subject and the text of what is sent to a merchant."""
    subject = _("La page de votre commerce à la caisse commune de l’alimentation")
    text = _(
        "Bonjour,\n\nLa caisse commune de l’alimentation ({territory}) a une page pour {name}. Vous y lisez où en est"
        " votre dossier et ce qui est regardé pendant la visite, et vous pouvez y répondre.\n\n{address}\n\nCe lien"
        " est pour vous : gardez-le, ne le publiez pas. Il n’y a pas de mot de passe.\n\nLa coordination"
    )
    return subject, text.format(territory=territory.name, name=merchant.name, address=address)


def _shown(
    request: Request, merchant: Merchant, territory: Territory, address: str, mailed: bool
) -> Response:
    subject, text = _message(merchant, territory, address)
    short = _("{name} : votre page à la caisse commune de l’alimentation. {address}")
    short = short.format(name=merchant.name, address=address)
    mail_to = f"mailto:{quote(merchant.email, safe='@')}?subject={quote(subject)}&body={quote(text)}"
    return page(
        request,
        "merchant_link.html",
        merchant=merchant,
        address=address,
        message=text,
        qr=qr_code(address, _("QR code du lien")),
        mail_to=mail_to,
        sms_to=f"sms:{merchant.phone.replace(' ', '')}?body={quote(short)}",
        mailed=mailed,
    )


def revoke(request: Request) -> Response:
    """POST /merchants/{id}/links/{link}/revocation: this link opens nothing any more."""

    def work(session: Session) -> str:
        merchant = merchants.get(session, request.path_params["id"])
        must_act(staff(request), merchant.territory_id, Role.COORDINATION)
        merchant_links.revoke(
            session,
            merchant.id,
            request.path_params["link"],
            house(request).now(),
            by=staff(request).person_id,
        )
        return f"/merchants/{merchant.id}/side"

    return once(request, work)


# --- opened by the merchant ---


def arrive(request: Request) -> Response:
    """GET /commerce/acces/{secret}: on to the door, without the secret; nothing is written."""
    secret = request.path_params["secret"]
    _of(request, secret)
    answer = RedirectResponse(f"{PATH}/ouvrir", status_code=303, headers={"Referrer-Policy": "no-referrer"})
    _keep(request, answer, LINK_COOKIE, secret, SECONDS_AT_THE_DOOR)
    return unlisted(answer)


def _of(request: Request, secret: str) -> MerchantLink:
    """The link that this secret opens; whoever tries many has to wait."""
    home = house(request)
    wrong_links.check(caller(request))
    try:
        with home.db.read() as session:
            return merchant_links.by_secret(session, secret, home.now())
    except Refusal as refusal:
        if refusal.problem.code == "link_unknown":
            wrong_links.count(caller(request))
        raise


def _keep(request: Request, answer: Response, name: str, value: str, seconds: int) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        path=PATH,
        secure=house(request).settings.secure,
        httponly=True,
        samesite="lax",  # the link comes from a mail or a message
    )


def door(request: Request) -> Response:
    """GET /commerce/ouvrir: whose page it is, and the button."""
    secret = request.cookies.get(LINK_COOKIE, "")
    if not secret:
        raise Refusal("link_needed")
    link = _of(request, secret)
    with house(request).db.read() as session:
        merchant = merchants.get(session, link.merchant_id)
    return unlisted(page(request, "commerce_door.html", merchant=merchant))


def enter(request: Request) -> Response:
    """POST /commerce/sessions: opens the page in this browser, and tells of the decision that waited there."""
    home, secret = house(request), request.cookies.get(LINK_COOKIE, "")
    if not secret:
        return _learn(request)  # a second tap, or a decision that came while the page was open
    link = _of(request, secret)

    def work(session: Session) -> str:
        _opened(request, session, link.id, link.merchant_id)
        return merchant_links.open_session(session, link, home.now())

    token = home.db.write(work)
    answer = RedirectResponse(PATH, status_code=303)
    _keep(request, answer, MERCHANT_COOKIE, token, int(OPEN_FOR.total_seconds()))
    answer.delete_cookie(LINK_COOKIE, path=PATH)
    return unlisted(answer)


def _opened(request: Request, session: Session, link_id: str, merchant_id: str) -> None:
    home = house(request)
    merchant_links.opened(session, link_id, home.now())
    releases.learn(session, merchant_id, home.now(), today(home))


def _learn(request: Request) -> Response:
    home, token = house(request), request.cookies.get(MERCHANT_COOKIE, "")

    def work(session: Session) -> MerchantSession:
        who = merchant_links.merchant_session(session, token, home.now())
        if who is None:
            raise Refusal("link_needed")
        _opened(request, session, who.link_id, who.merchant_id)
        return who

    home.db.write(work)
    return unlisted(RedirectResponse(PATH, status_code=303))


def leave(request: Request) -> Response:
    """POST /commerce/sorties: closes the page in this browser, for a computer that others use."""
    home = house(request)
    merchant_side(request)
    token = request.cookies.get(MERCHANT_COOKIE, "")
    home.db.write(lambda session: merchant_links.end_session(session, token, home.now()))
    answer = RedirectResponse("/", status_code=303)
    answer.delete_cookie(MERCHANT_COOKIE, path=PATH)
    return answer
