"""Which photos are on disk, and what their re-encoding found. The bytes are `backend/photos.py`'s."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from backend.storage.tables import Photo


def received(session: Session, sha256: str, size: int, media: str, now: datetime) -> bool:
    """Note that a photo's bytes are safe on disk; False when they already were."""
    photo = session.get(Photo, sha256)
    if photo is not None and photo.problem is None:
        return False
    if photo is None:
        photo = Photo(sha256=sha256, bytes=size, media=media, received_at=now)
    photo.problem = None
    session.add(photo)
    return True


def get(session: Session, sha256: str) -> Photo | None:
    return session.get(Photo, sha256)


def arrived(session: Session, sha256s: Collection[str]) -> set[str]:
    """Which of these photos have their bytes on disk."""
    return set(session.exec(select(Photo.sha256).where(col(Photo.sha256).in_(list(sha256s)))))


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
    photo.decoded_at, photo.width, photo.height = now, width, height


def undecodable(session: Session, sha256: str, problem: str) -> None:
    photo = session.get_one(Photo, sha256)
    photo.problem = problem
