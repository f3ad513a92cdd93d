"""The tables. `table=True` models validate nothing: what comes in was validated by `domain` or at the edge.

Each concept has its file; whoever reads tables imports them from here, so that all of them are known.
"""

from backend.storage.tables.announcements import Announcement
from backend.storage.tables.base import BIG, Counter, Instant, Meta
from backend.storage.tables.contacts import MerchantContact
from backend.storage.tables.decisions import Decision, DecisionCommitment, DecisionVisit
from backend.storage.tables.documents import MerchantDocument
from backend.storage.tables.duplicates import DistinctMerchants, MerchantAlias
from backend.storage.tables.erasures import Erasure
from backend.storage.tables.mails import Mail, MailRefusal
from backend.storage.tables.merchant_side import (
    Appeal,
    AppealStep,
    DecisionRelease,
    Declaration,
    MerchantLink,
    MerchantReply,
    MerchantSignIn,
    PlaceReport,
)
from backend.storage.tables.merchants import ImportDraft, Merchant, MerchantRecord, SalesPoint
from backend.storage.tables.moneko import (
    Handover,
    HandoverLine,
    KnownPartner,
    MonekoFile,
    MonekoPartner,
    UnlikePartner,
)
from backend.storage.tables.outlines import TerritoryOutline
from backend.storage.tables.people import (
    Device,
    Enrolment,
    FormKey,
    Invitation,
    Person,
    RoleGrant,
    SignIn,
    Territory,
)
from backend.storage.tables.planning import (
    District,
    MerchantTie,
    PersonFile,
    Reminder,
    Round,
    RoundVisit,
)
from backend.storage.tables.publishing import PlaceAlias, Publication, PublicWords, Report, Suggestion
from backend.storage.tables.sessions import (
    AgendaItem,
    CommitmentFollowing,
    CommitteeSession,
    DecisionVote,
    SessionPresence,
    WeeklyLetter,
)
from backend.storage.tables.visits import (
    DisputedEntry,
    Entry,
    Photo,
    PhotoMention,
    Question,
    RefusedEntry,
    Resend,
    Visit,
    VisitMember,
)

__all__ = [
    "BIG",
    "AgendaItem",
    "Announcement",
    "Appeal",
    "AppealStep",
    "CommitmentFollowing",
    "CommitteeSession",
    "Counter",
    "Decision",
    "DecisionCommitment",
    "DecisionRelease",
    "DecisionVisit",
    "DecisionVote",
    "Declaration",
    "Device",
    "DisputedEntry",
    "DistinctMerchants",
    "District",
    "Enrolment",
    "Entry",
    "Erasure",
    "FormKey",
    "Handover",
    "HandoverLine",
    "ImportDraft",
    "Instant",
    "Invitation",
    "KnownPartner",
    "Mail",
    "MailRefusal",
    "Merchant",
    "MerchantAlias",
    "MerchantContact",
    "MerchantDocument",
    "MerchantLink",
    "MerchantRecord",
    "MerchantReply",
    "MerchantSignIn",
    "MerchantTie",
    "Meta",
    "MonekoFile",
    "MonekoPartner",
    "Person",
    "PersonFile",
    "Photo",
    "PhotoMention",
    "PlaceAlias",
    "PlaceReport",
    "PublicWords",
    "Publication",
    "Question",
    "RefusedEntry",
    "Reminder",
    "Report",
    "Resend",
    "RoleGrant",
    "Round",
    "RoundVisit",
    "SalesPoint",
    "SessionPresence",
    "SignIn",
    "Suggestion",
    "Territory",
    "TerritoryOutline",
    "UnlikePartner",
    "Visit",
    "VisitMember",
    "WeeklyLetter",
]
