"""Which photos are on disk, and what their re-encoding found. The bytes are `backend/photos.py`'s."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, select

from backend.domain.erasures import ERASED_PHOTO
from backend.storage.tables import Merchant, Photo, PhotoMention, Visit


def received(session: Session, sha256: str, size: int, media: str, now: datetime) -> bool:
    """Note that a photo's bytes are on disk, waiting for their re-encoding; False when they once were already, or
    when it was erased while they came: then they go again."""
    photo = session.get(Photo, sha256)
    if photo is not None and photo.problem == ERASED_PHOTO:
        photo.bytes = size
        return False
    new = photo is None
    photo = photo or Photo(sha256=sha256, bytes=size, media=media, received_at=now)
    photo.problem = photo.decoded_at = None
    session.add(photo)
    session.flush()
    return new


def get(session: Session, sha256: str) -> Photo | None:
    return session.get(Photo, sha256)


def arrived(session: Session, sha256s: Collection[str]) -> set[str]:
    """Which of these photos have their bytes on disk."""
    if not sha256s:
        return set()
    return set(session.exec(select(Photo.sha256).where(col(Photo.sha256).in_(list(sha256s)))))


def by_hash(session: Session, sha256s: Collection[str]) -> dict[str, Photo]:
    """What has arrived of these photos."""
    rows = session.exec(select(Photo).where(col(Photo.sha256).in_(list(sha256s))))
    return {photo.sha256: photo for photo in rows}


def territories_of(session: Session, sha256: str) -> set[str]:
    """The territories of the visits, and of the merchants spotted, that announce this photo."""
    visited = select(Visit.territory_id).join(PhotoMention, col(PhotoMention.visit_id) == Visit.id)
    spotted = select(Merchant.territory_id).join(PhotoMention, col(PhotoMention.entry_id) == Merchant.id)
    return {
        territory_id
        for query in (visited, spotted)
        for territory_id in session.exec(query.where(PhotoMention.sha256 == sha256))
    }


def all_states(session: Session) -> list[tuple[str, bool, bool]]:
    """Every photo that ever arrived: its hash, whether its bytes must be there, and whether re-encoded."""
    rows = session.exec(select(Photo).order_by(col(Photo.sha256)))
    return [(photo.sha256, photo.problem is None, photo.decoded_at is not None) for photo in rows]


def to_decode(session: Session) -> list[str]:
    """Photos still waiting for their re-encoding, oldest first."""
    return list(
        session.exec(
            select(Photo.sha256)
            .where(col(Photo.decoded_at).is_(None), col(Photo.problem).is_(None))
            .order_by(col(Photo.received_at))
        )
    )


def decoded(session: Session, sha256: str, width: int, height: int, now: datetime) -> None:
    photo = session.get_one(Photo, sha256)
    if photo.problem == ERASED_PHOTO:
        return
    photo.decoded_at, photo.width, photo.height = now, width, height


def unusable(session: Session, sha256: str, problem: str) -> None:
    """The bytes cannot be shown; `problem` is the code of the refusal that phones are told."""
    photo = session.get_one(Photo, sha256)
    if photo.problem != ERASED_PHOTO:
        photo.problem = problem


# --- erased ---


def erase(session: Session, sha256s: Collection[str], now: datetime) -> None:
    """Show these photos and notes no more, and wait no more for those that have not come. Their bytes go in the
    background: `bytes` is 0 once none are left."""
    known = by_hash(session, sha256s) if sha256s else {}
    for sha256 in sha256s:
        photo = known.get(sha256) or Photo(sha256=sha256, bytes=0, media="", received_at=now)
        photo.problem, photo.decoded_at = ERASED_PHOTO, None
        photo.width = photo.height = None
        session.add(photo)
    session.flush()


def to_erase(session: Session) -> list[str]:
    """The erased photos whose bytes are still here."""
    gone = select(Photo.sha256).where(Photo.problem == ERASED_PHOTO, Photo.bytes > 0)
    return list(session.exec(gone.order_by(col(Photo.sha256))))


def no_bytes_left(session: Session, sha256: str) -> None:
    session.get_one(Photo, sha256).bytes = 0


def decoded_among(session: Session, sha256s: Collection[str]) -> list[str]:
    """Which of these are kept re-encoded, or erased, so that their originals may go."""
    return list(
        session.exec(
            select(Photo.sha256).where(
                col(Photo.sha256).in_(list(sha256s)),
                or_(col(Photo.decoded_at).is_not(None), col(Photo.problem) == ERASED_PHOTO),
            )
        )
    )
