"""The API of the field app: joining, what a phone needs offline, its journal, its photos."""

import asyncio
import json
import re
from typing import Any

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from backend import sync
from backend.domain.erasures import ERASED_PHOTO
from backend.domain.errors import Refusal
from backend.domain.grid import to_json
from backend.storage import decisions, devices, merchants, people, photos, questions, visits
from backend.storage.engine import fact
from backend.storage.people import DeviceSession
from backend.storage.tables import Merchant, Person, SalesPoint, Territory, Visit
from backend.web.assets import prepare, respond
from backend.web.house import House, house
from backend.web.security import DEVICE_COOKIE, Tries, caller, device

DEVICE_KEY = re.compile(r"[A-Za-z0-9_-]{43}")
MOST_MERCHANTS = 20_000
SHA256 = re.compile(r"[0-9a-f]{64}")

wrong_codes = Tries(20, minutes=10)


async def body_of(request: Request, limit_mb: int) -> Any:
    """The decoded JSON body; raises body_too_large or malformed_json."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit_mb * 1_000_000:
            raise Refusal("body_too_large", limit=limit_mb)
    try:
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refusal("malformed_json") from None


def _no_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are no JSON


# --- joining ---


async def join(request: Request) -> Response:
    """POST /api/devices {code, device_key}: 201 with the people of this device; the same again, the same."""
    home, raw = house(request), await body_of(request, 1)
    code, key = (raw.get(name) if isinstance(raw, dict) else None for name in ("code", "device_key"))
    if not isinstance(code, str) or not isinstance(key, str) or not DEVICE_KEY.fullmatch(key):
        raise Refusal("malformed_batch", where="code, device_key")
    wrong_codes.check(caller(request))
    try:
        answer, token = await asyncio.wrap_future(
            home.db.submit(lambda session: _enrol(home, session, code, key))
        )
    except Refusal as refusal:
        if refusal.problem.code == "unknown_code":
            wrong_codes.count(caller(request))
        raise
    response = JSONResponse(answer, 201)
    response.set_cookie(
        DEVICE_COOKIE,
        token,
        max_age=home.settings.device_days * 86400,
        path="/api",
        secure=home.settings.secure,
        httponly=True,
        samesite="strict",
    )
    return response


def _enrol(home: House, session: Session, code: str, key: str) -> tuple[dict[str, Any], str]:
    device_id = devices.enrol(session, code, key, home.now())
    token = people.open_session(session, home.now(), days=home.settings.device_days, device_id=device_id)
    session.flush()
    who = people.device_session(session, token, home.now())
    if who is None:
        raise Refusal("unknown_code")
    return {
        "people": _people(who),
        "territory": _territory(session, who),
        "epoch": fact(session, "epoch"),
    }, token


def leave(request: Request) -> Response:
    """DELETE /api/devices/me: everyone leaves this phone."""
    home, who = house(request), device(request)
    home.db.write(lambda session: devices.leave_device(session, who.device_id, home.now()))
    response = Response(status_code=204)
    response.delete_cookie(DEVICE_COOKIE, path="/api")
    return response


def leave_one(request: Request) -> Response:
    """DELETE /api/devices/me/people/{id}: one of several people leaves this phone; the last one takes it along."""
    home, who, person_id = house(request), device(request), request.path_params["id"]
    if who.person_ids <= {person_id}:
        return leave(request)
    home.db.write(lambda session: devices.leave_alone(session, who.device_id, person_id, home.now()))
    return Response(status_code=204)


def _people(who: DeviceSession) -> list[dict[str, str]]:
    return [{"id": person_id, "name": name} for person_id, name in who.people]


def _territory(session: Session, who: DeviceSession) -> dict[str, str]:
    territory = session.get(Territory, who.territory_id)
    if territory is None:
        return {"id": "", "name": "", "phone": ""}
    return {"id": territory.id, "name": territory.name, "phone": territory.phone}


# --- what a phone needs offline ---


def field(request: Request) -> Response:
    """GET /api/field: people, grids and visits; 304 when nothing changed."""
    home, who = house(request), device(request)
    with home.db.read() as session:
        body = _field(home, session, who)
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return respond(request, prepare(text.encode(), "application/json", quality=5), "private, no-cache")


def _field(home: House, session: Session, who: DeviceSession) -> dict[str, Any]:
    mine = [visit for visit in visits.of_people(session, who.person_ids) if visit.cancelled_at is None]
    # a grid that is no longer published still serves the visits that were planned with it
    needed = {visit.grid_id for visit in mine} | {
        grid.id
        for grid in home.grids.values()
        if grid.territory == who.territory_id and grid.status == "published"
    }
    return {
        "epoch": fact(session, "epoch"),
        "app": {"version": home.assets.app_version},
        "people": _people(who),
        "territory": _territory(session, who),
        "grids": {
            grid_id: to_json(home.grids[grid_id]) for grid_id in sorted(needed) if grid_id in home.grids
        },
        "visits": _visits(home, session, mine),
    }


def _visits(home: House, session: Session, mine: list[Visit]) -> list[dict[str, Any]]:
    sold_at = merchants.places_of(session, {visit.merchant_id for visit in mine})
    decided = decisions.resting_on(session, [visit.id for visit in mine])
    return [
        {
            "id": visit.id,
            "merchant": _visited(merchants.get(session, visit.merchant_id), sold_at[visit.merchant_id]),
            "grid": visit.grid_id,
            "mode": visit.mode,
            "planned_on": visit.planned_on.isoformat(),
            "planned_at": visit.planned_at or None,
            **_members(session, visit),
            "state": visit.state,
            "released": visit.released_at is not None,
            "trial": visit.grid_id in home.drafts,
            "questions": _questions(session, visit),
            "outcome": {"decision": found.outcome, "reasons": found.reasons}
            if (found := decided.get(visit.id)) and found.id in decisions.told_on(session, visit.merchant_id)
            else None,
        }
        for visit in mine
    ]


def _members(session: Session, visit: Visit) -> dict[str, list[dict[str, str]]]:
    """Who goes, and who gave up their place, whose writing keeps a name."""
    all_of_them = visits.members(session, visit.id)
    return {
        "members": [_named(person) for person, member in all_of_them if member.removed_at is None],
        "past_members": [_named(person) for person, member in all_of_them if member.removed_at is not None],
    }


def _named(person: Person) -> dict[str, str]:
    return {"id": person.id, "name": person.name}


def _questions(session: Session, visit: Visit) -> list[dict[str, Any]]:
    return [
        {
            "id": question.id,
            "criterion": question.criterion,
            "text": question.text,
            "asked_at": question.asked_at.isoformat(),
            "by": name,
        }
        for question, name in questions.of_visit(session, visit.id)
    ]


def _visited(merchant: Merchant, places: list[SalesPoint]) -> dict[str, Any]:
    place = places[0] if places else None
    return {
        "id": merchant.id,
        "name": merchant.name,
        "kind": merchant.kind,
        "address": ", ".join(filter(None, (place.address, f"{place.postcode} {place.city}".strip())))
        if place
        else "",
        "phone": merchant.phone,
    }


def all_merchants(request: Request) -> Response:
    """GET /api/merchants: those of the territory, so that one who spots a shop on the street sees that it is known."""
    home, who = house(request), device(request)
    with home.db.read() as session:
        found = _merchants(session, who.territory_id)
    text = json.dumps({"merchants": found}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return respond(request, prepare(text.encode(), "application/json", quality=5), "private, no-cache")


def _merchants(session: Session, territory_id: str | None) -> list[dict[str, Any]]:
    found = merchants.of_territory(session, territory_id, limit=MOST_MERCHANTS) if territory_id else []
    sold_at = merchants.places_of(session, [merchant.id for merchant in found])
    return [
        {
            "id": merchant.id,
            "name": merchant.name,
            "kind": merchant.kind,
            "city": next((place.city for place in sold_at[merchant.id]), ""),
            "lat": next((place.lat for place in sold_at[merchant.id]), None),
            "lon": next((place.lon for place in sold_at[merchant.id]), None),
        }
        for merchant in found
    ]


# --- the journal ---


async def journal(request: Request) -> Response:
    """POST /api/journal: what is accepted is on disk before this answers."""
    home, who = house(request), device(request)
    batch = sync.parse_batch(await body_of(request, home.settings.batch_mb))
    parsed = sync.parse_entries(batch)
    if not batch.entries:
        return JSONResponse(await run_in_threadpool(_news, home, who, batch))
    receipt = await asyncio.wrap_future(
        home.db.submit(lambda session: sync.exchange(session, who, batch, parsed, home.rules, home.now()))
    )
    return JSONResponse(receipt)


def _news(home: House, who: DeviceSession, batch: sync.Batch) -> dict[str, Any]:
    with home.db.read() as session:
        return {"accepted": [], "rejected": [], **sync.news(session, who, batch)}


async def photo(request: Request) -> Response:
    """PUT /api/photos/{sha256}: 201 once the bytes are synced to disk, 200 when they already were.

    Their hash as ETag tells a phone that it is we who answered, not the Wi-Fi of a café.
    """
    home, who, sha256 = house(request), device(request), request.path_params["sha256"]
    if not SHA256.fullmatch(sha256):
        raise Refusal("photo_unannounced")
    if await run_in_threadpool(_already_here, home, who, sha256):
        return Response(status_code=200, headers={"ETag": f'"{sha256}"'})
    size, media = await home.photos.receive(request.stream(), sha256)
    new = await asyncio.wrap_future(
        home.db.submit(
            lambda session: sync.photo_received(session, sha256, size, media, home.rules, home.now())
        )
    )
    home.wake()
    return Response(status_code=201 if new else 200, headers={"ETag": f'"{sha256}"'})


def _already_here(home: House, who: DeviceSession, sha256: str) -> bool:
    """Whether the bytes need not be read; raises photo_unannounced, photo_erased."""
    with home.db.read() as session:
        if not sync.may_see_photo(session, who.person_ids, sha256):
            raise Refusal("photo_unannounced")
        known = photos.get(session, sha256)
    if known is not None and known.problem == ERASED_PHOTO:
        raise Refusal(ERASED_PHOTO)
    return known is not None and known.problem is None and home.photos.has(sha256)


def shown_photo(request: Request) -> Response:
    """GET /api/photos/{sha256}: the re-encoded photo or note, for those who may see an entry that announces it."""
    home, who, sha256 = house(request), device(request), request.path_params["sha256"]
    with home.db.read() as session:
        seen = SHA256.fullmatch(sha256) and sync.may_read_photo(session, who.person_ids, sha256)
        known = photos.get(session, sha256) if seen else None
    if known is None or known.decoded_at is None:
        raise Refusal("not_found")
    size, media = ("sound", "audio/mpeg") if known.media.startswith("audio/") else ("large", "image/jpeg")
    headers = {"Cache-Control": "private, max-age=86400, immutable"}
    return Response(home.photos.open(sha256, size), media_type=media, headers=headers)
