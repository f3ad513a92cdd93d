"""Merchants' personal links, and the browsers in which one was opened.

The secret of a link is derived from the key of the form that asked for it, of which only a hash is kept: who sends the
same form again (a double tap, a lost answer) gets the same link, and nobody finds it in the database.
"""

import base64
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from backend.domain.errors import Refusal
from backend.domain.merchant_links import LINK_LIFE, OPEN_FOR, LinkState, link_state
from backend.storage.people import digest, new_id
from backend.storage.tables import Merchant, MerchantLink, MerchantSignIn


def _secret(form_key: str, merchant_id: str) -> str:
    """128 bits that only the holder of the form's key can work out, in letters and digits that one can copy from paper:
    no capitals, and no two that look alike."""
    made = hmac.digest(form_key.encode(), f"merchant-link:{merchant_id}".encode(), "sha256")
    return base64.b32encode(made[:16]).decode().rstrip("=").lower()


def make(
    session: Session, merchant_id: str, form_key: str, after: str, now: datetime, *, by: str
) -> tuple[str, bool]:
    """A new link for this merchant, which ends the one before (`after`: its id, as the form showed it).

    Returns the secret of its address, and whether it was made just now: the same form again gives the same secret.
    Raises read_again when someone else has made or ended a link meanwhile.
    """
    hold(session, merchant_id)
    before = current(session, merchant_id)
    made = session.exec(select(MerchantLink).where(MerchantLink.form_hash == digest(form_key))).first()
    if made is None and after == (before.id if before else ""):
        for ended in _not_revoked(session, merchant_id):
            ended.revoked_at, ended.revoked_by = now, by
        secret = _secret(form_key, merchant_id)
        session.add(
            MerchantLink(
                id=new_id(),
                merchant_id=merchant_id,
                secret_hash=digest(secret),
                form_hash=digest(form_key),
                created_at=now,
                created_by=by,
                expires_at=now + LINK_LIFE,
            )
        )
        session.flush()
        return secret, True
    if made is None or before is None or (made.id, made.created_by) != (before.id, by):
        raise Refusal("read_again")
    return _secret(form_key, merchant_id), False


def hold(session: Session, merchant_id: str) -> None:
    """What is done about this merchant's side waits for its turn until this transaction ends."""
    session.exec(select(Merchant.id).where(Merchant.id == merchant_id).with_for_update()).first()


def current(session: Session, merchant_id: str) -> MerchantLink | None:
    """The link that was not withdrawn; it may have expired."""
    return next(iter(_not_revoked(session, merchant_id)), None)


def _not_revoked(session: Session, merchant_id: str) -> list[MerchantLink]:
    """One at most, but for merchants merged into one."""
    return [link for link in of_merchant(session, merchant_id) if link.revoked_at is None]


def of_merchant(session: Session, merchant_id: str) -> list[MerchantLink]:
    """All the links ever made for this merchant, newest first."""
    statement = select(MerchantLink).where(MerchantLink.merchant_id == merchant_id)
    return list(session.exec(statement.order_by(col(MerchantLink.created_at).desc())))


def revoke(session: Session, merchant_id: str, link_id: str, now: datetime, *, by: str) -> None:
    """This link opens nothing any more, nor do the browsers in which it was opened. Raises not_found."""
    hold(session, merchant_id)
    link = session.get(MerchantLink, link_id)
    if link is None or link.merchant_id != merchant_id:
        raise Refusal("not_found")
    if link.revoked_at is None:
        link.revoked_at, link.revoked_by = now, by


# --- opening ---


def by_secret(session: Session, secret: str, now: datetime) -> MerchantLink:
    """The link that this secret opens. Raises link_unknown, link_expired, link_revoked."""
    hashed = digest(secret.lower())
    link = session.exec(select(MerchantLink).where(MerchantLink.secret_hash == hashed)).first()
    # an index compares as fast as it can, but hashes: how far they agree tells nothing of the secret
    if link is None or not hmac.compare_digest(link.secret_hash, hashed):
        raise Refusal("link_unknown")
    state = link_state(link.expires_at, link.revoked_at, now)
    if state is not LinkState.USABLE:
        raise Refusal(f"link_{state}")
    return link


@dataclass(frozen=True)
class MerchantSession:
    """A browser in which a merchant's own link was opened."""

    link_id: str
    merchant_id: str


def open_session(session: Session, link: MerchantLink, now: datetime) -> str:
    """Let this browser in for a day; returns the token for its cookie, of which a hash is kept."""
    token = secrets.token_urlsafe(32)
    session.add(
        MerchantSignIn(token_hash=digest(token), link_id=link.id, created_at=now, expires_at=now + OPEN_FOR)
    )
    return token


def merchant_session(session: Session, token: str, now: datetime) -> MerchantSession | None:
    """Whose page this token opens; None once it has ended, or its link has."""
    row = session.exec(
        select(MerchantSignIn, MerchantLink)
        .join(MerchantLink, col(MerchantLink.id) == MerchantSignIn.link_id)
        .where(MerchantSignIn.token_hash == digest(token), col(MerchantSignIn.ended_at).is_(None))
        .where(col(MerchantSignIn.expires_at) > now)
    ).first()
    if row is None or link_state(row[1].expires_at, row[1].revoked_at, now) is not LinkState.USABLE:
        return None
    return MerchantSession(row[1].id, row[1].merchant_id)


def end_session(session: Session, token: str, now: datetime) -> None:
    """This browser is out."""
    signed_in = session.get(MerchantSignIn, digest(token))
    if signed_in is not None:
        signed_in.ended_at = signed_in.ended_at or now


def opened(session: Session, link_id: str, now: datetime) -> None:
    """Someone opened this link by a gesture of theirs."""
    session.get_one(MerchantLink, link_id).opened_at = now
