"""The ids that merchants had before they were merged: they lead to the one that was kept, for ever."""

from sqlmodel import Session, select

from backend.storage.tables import MerchantAlias


def kept_id(session: Session, merchant_id: str) -> str | None:
    """The id of the merchant into which this one was merged, if it was."""
    alias = session.get(MerchantAlias, merchant_id)
    return alias.merchant_id if alias else None


def every(session: Session) -> dict[str, str]:
    """All old ids, each with the id of the merchant kept."""
    return {row.old_id: row.merchant_id for row in session.exec(select(MerchantAlias))}
