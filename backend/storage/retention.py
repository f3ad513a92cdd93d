"""How long what is only useful for a time is kept. The one place that says so."""

from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from backend.domain.merchants import Stage
from backend.storage import contacts
from backend.storage.tables import (
    Announcement,
    FormKey,
    ImportDraft,
    Mail,
    Merchant,
    MerchantContact,
    MerchantSignIn,
    Report,
    SignIn,
    Suggestion,
)

ENDED_SIGN_IN = timedelta(days=30)  # who left which phone, in case somebody asks; an expired one goes at once
FORM_KEY = timedelta(days=90)  # far longer than a page stays open to be sent again
CONTACT = timedelta(days=730)  # whom one called in a shop that left, in case it comes back
LEFT = (Stage.DECLINED, Stage.NOT_INTERESTED, Stage.CLOSED_DOWN, Stage.WITHDRAWN)
UNUSED_IMPORT = timedelta(days=90)  # people's addresses in a file that nobody applied

TOLD = timedelta(days=90)  # what Moneko's software was told; what it was never sent, when it listens nowhere
PUBLICS_WORDS = timedelta(
    days=365
)  # what somebody wrote about an error or a shop to look at: that it came, and what was done, stays
PUBLICS_ADDRESS = timedelta(days=365)  # given to hear back about a shop that they proposed
OLD_MAIL = timedelta(days=90)  # who was told what and when, until nobody asks any more


def forget_what_is_over(session: Session, now: datetime) -> None:
    """Delete what nobody needs any more at this moment."""
    tried = select(Announcement.id).where(col(Announcement.sent_at).is_(None), col(Announcement.tries) > 0)
    _forget_whom_to_call(session, now)
    for over in (
        delete(SignIn).where(col(SignIn.expires_at) < now),
        delete(SignIn).where(col(SignIn.ended_at) < now - ENDED_SIGN_IN),
        delete(MerchantSignIn).where(col(MerchantSignIn.expires_at) < now),
        delete(MerchantSignIn).where(col(MerchantSignIn.ended_at).is_not(None)),
        delete(FormKey).where(col(FormKey.at) < now - FORM_KEY),
        delete(ImportDraft).where(
            col(ImportDraft.created_at) < now - UNUSED_IMPORT, col(ImportDraft.applied_at).is_(None)
        ),
        update(Report).where(col(Report.at) < now - PUBLICS_WORDS, col(Report.text) != "").values(text=""),
        update(Suggestion)
        .where(col(Suggestion.at) < now - PUBLICS_WORDS, col(Suggestion.words) != "")
        .values(words=""),
        update(Suggestion)
        .where(col(Suggestion.at) < now - PUBLICS_ADDRESS, col(Suggestion.email).is_not(None))
        .values(email=None),
        delete(Mail).where(col(Mail.queued_at) < now - OLD_MAIL, col(Mail.next_try_at).is_(None)),
        delete(Announcement).where(col(Announcement.sent_at) < now - TOLD),
        delete(Announcement).where(
            col(Announcement.occurred_at) < now - TOLD, col(Announcement.sent_at).is_(None), ~tried.exists()
        ),
    ):
        session.execute(over, execution_options={"synchronize_session": False})


def _forget_whom_to_call(session: Session, now: datetime) -> None:
    left = select(MerchantContact.merchant_id).join(Merchant, col(Merchant.id) == MerchantContact.merchant_id)
    left = left.where(col(Merchant.stage).in_(LEFT), Merchant.stage_since < now - CONTACT)
    if gone := set(session.exec(left)):
        contacts.take_out_of_files(session, gone)
        session.execute(
            delete(MerchantContact).where(col(MerchantContact.merchant_id).in_(gone)),
            execution_options={"synchronize_session": False},
        )
