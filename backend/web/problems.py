"""The one place that turns refusals into responses: problem+json for programs, a plain page for people."""

from gettext import gettext as _
from urllib.parse import quote

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from backend.domain.errors import CATALOGUE, Refusal
from backend.storage import people
from backend.web.house import house
from backend.web.pages import page
from backend.web.security import typed, unlisted

log = structlog.get_logger()

BY_A_LINK = ("link_needed", "link_unknown", "link_expired", "link_revoked")
_BY_STATUS = {404: "not_found", 405: "method_not_allowed"}


def refused(request: Request, error: Exception) -> Response:
    """Answers a Refusal in the form its caller reads."""
    refusal = error if isinstance(error, Refusal) else Refusal("internal")
    if wants_json(request):
        return JSONResponse(refusal.as_dict(), refusal.problem.status, media_type="application/problem+json")
    if refusal.problem.code == "not_signed_in" and request.method == "GET":
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(asked)}", status_code=303)
    if refusal.problem.code in BY_A_LINK:
        return _link_closed(request, refusal)
    return page(request, "problem.html", status=refusal.problem.status, refusal=refusal)


def _link_closed(request: Request, refusal: Refusal) -> Response:
    """A merchant's page does not open: whom to call, and what they had typed. Its address may hold the secret."""
    with house(request).db.read() as session:
        reach = [each for each in people.territories(session) if each.phone or each.email]
    answer = page(
        request,
        "link_needed.html",
        refusal.problem.status,
        refusal=refusal,
        typed=typed(request),
        reach=reach,
    )
    answer.headers["Referrer-Policy"] = "no-referrer"
    return unlisted(answer)


def http_refused(request: Request, error: Exception) -> Response:
    """Starlette's own refusals (no such route, wrong method, unreadable form), as ours."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    code = _BY_STATUS.get(status)
    if code is None:
        sentence = _("Ce formulaire est illisible. Rouvrez la page et recommencez.")
        return refused(request, Refusal("form_invalid", sentence=sentence))
    return refused(request, Refusal(code))


def broke(request: Request, error: Exception) -> Response:
    """Something of ours broke: said so, logged with its trace."""
    log.error("broke", path=request.url.path, exc_info=error)
    return refused(request, Refusal("internal"))


def gone(_request: Request, _error: Exception) -> Response:
    """Whoever called hung up in the middle: there is nobody left to answer, and nothing of ours broke."""
    return Response(status_code=400)


def wants_json(request: Request) -> bool:
    """Programs call /api, or say that they read JSON."""
    return request.url.path.startswith("/api/") or "json" in request.headers.get("accept", "")


def explain(request: Request) -> Response:
    """`/problemes/{code}`: what a problem type means, for whoever reads its address."""
    problem = CATALOGUE.get(request.path_params["code"])
    if problem is None:
        raise Refusal("not_found")
    return page(request, "problem_type.html", problem=problem)
