"""The life of a merchant: dated records, and what follows from them (product.md, section 2).

`stage` tells the coordination what comes next; `standing` is what the public may know. Both are pure
functions of the records, so that they can always be recomputed and explained.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from backend.domain.errors import N_


class Kind(StrEnum):
    """What sort of merchant it is."""

    GROCERY = "grocery"
    BAKERY = "bakery"
    GREENGROCER = "greengrocer"
    BUTCHER = "butcher"
    FISHMONGER = "fishmonger"
    FARM = "farm"
    MARKET_STALL = "market_stall"
    AMAP = "amap"
    MOBILE = "mobile"
    RESTAURANT = "restaurant"
    OTHER = "other"


KIND_NAMES: dict[Kind, str] = {
    Kind.GROCERY: N_("Épicerie"),
    Kind.BAKERY: N_("Boulangerie"),
    Kind.GREENGROCER: N_("Primeur"),
    Kind.BUTCHER: N_("Boucherie"),
    Kind.FISHMONGER: N_("Poissonnerie"),
    Kind.FARM: N_("Vente à la ferme"),
    Kind.MARKET_STALL: N_("Étal de marché"),
    Kind.AMAP: N_("AMAP"),
    Kind.MOBILE: N_("Commerce ambulant"),
    Kind.RESTAURANT: N_("Restauration"),
    Kind.OTHER: N_("Autre commerce"),
}


class Stage(StrEnum):
    """Where the coordination's work on a merchant stands, in the order of the work."""

    SPOTTED = "spotted"
    CONTACTED = "contacted"
    VISIT_PLANNED = "visit_planned"
    ASSESSED = "assessed"
    DEFERRED = "deferred"
    ACCREDITED = "accredited"
    ONBOARDING = "onboarding"
    ACTIVE = "active"
    TO_RENEW = "to_renew"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    NOT_INTERESTED = "not_interested"
    CLOSED_DOWN = "closed_down"


STAGE_NAMES: dict[Stage, str] = {
    Stage.SPOTTED: N_("repéré"),
    Stage.CONTACTED: N_("démarché"),
    Stage.VISIT_PLANNED: N_("visite prévue"),
    Stage.ASSESSED: N_("évalué"),
    Stage.DEFERRED: N_("à revoir"),
    Stage.ACCREDITED: N_("conventionné"),
    Stage.ONBOARDING: N_("accompagnement Moneko"),
    Stage.ACTIVE: N_("accepte la Moneko"),
    Stage.TO_RENEW: N_("à renouveler"),
    Stage.SUSPENDED: N_("suspendu"),
    Stage.WITHDRAWN: N_("retiré"),
    Stage.DECLINED: N_("non retenu"),
    Stage.NOT_INTERESTED: N_("pas intéressé"),
    Stage.CLOSED_DOWN: N_("fermé"),
}


# What Moneko's staff may know of: what a committee approved, and what became of it.
APPROVED = frozenset(
    {
        Stage.ACCREDITED,
        Stage.ONBOARDING,
        Stage.ACTIVE,
        Stage.TO_RENEW,
        Stage.SUSPENDED,
        Stage.WITHDRAWN,
    }
)


class Standing(StrEnum):
    """What the public may know: nothing, "bientôt", "accepte la Moneko", suspended, ended."""

    NONE = "none"
    SOON = "soon"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


# What the public is told, in the words of the map. The other standings are no news to anybody.
STANDING_NAMES: dict[Standing, str] = {
    Standing.SOON: N_("bientôt"),
    Standing.ACTIVE: N_("accepte la Moneko"),
    Standing.SUSPENDED: N_("retiré de la carte"),
}

# The public knows of it, or will again: whatever the latest decision, it can be stopped.
KNOWN = frozenset({Standing.SOON, Standing.ACTIVE, Standing.SUSPENDED})


class RecordKind(StrEnum):
    """The kinds of dated facts, with what their body holds."""

    SPOTTED = "spotted"  # {source: import|field|hand|public}
    CONTACTED = "contacted"  # {note}
    EDITED = "edited"  # {fields: {name: [before, after]}}
    NOTE = "note"  # {note}
    FOLLOWED = "followed"  # {person: who looks after it from now on, or none}
    VISIT_PLANNED = "visit_planned"  # {visit}
    VISIT_EDITED = "visit_edited"  # {visit}
    VISIT_CANCELLED = "visit_cancelled"  # {visit, note}
    SHEETS_RELEASED = "sheets_released"  # {visit}
    VISIT_IMPOSSIBLE = "visit_impossible"  # {visit, cause, note}
    TRIAL_RECEIVED = "trial_received"  # {visit}
    ASSESSED = "assessed"  # {visit}
    DECIDED = "decided"  # {decision, outcome, valid_until, returns_on}
    TOLD = "told"  # {note}
    ONBOARDING_STEP = "onboarding_step"  # {step, done, note}
    MONEKO_STATUS = "moneko_status"  # {status, note}
    MONEKO_LINKED = "moneko_linked"  # {external_id, took_already}: it is a partner that Moneko knows
    GIVEN_UP = "given_up"  # {who: merchant|moneko, note}: the onboarding does not go on
    TAKEN_UP = "taken_up"  # {note}: it goes on after all
    CONTACT = "contact"  # {what: added|changed|removed|shared|unshared, function}
    DOCUMENT = "document"  # {what: added|removed, document, title}
    MERGED = "merged"  # {merged: the old id, name, fields: {name: [kept, other's]}, left}
    TOLD_APART = "told_apart"  # {other, name}
    SUSPENDED = "suspended"  # {note}
    RESUMED = "resumed"  # {note}
    WITHDRAWN = "withdrawn"  # {note}
    NOT_INTERESTED = "not_interested"  # {note}
    CLOSED_DOWN = "closed_down"  # {note}


RECORD_NAMES: dict[RecordKind, str] = {
    RecordKind.SPOTTED: N_("Repéré"),
    RecordKind.CONTACTED: N_("Démarché"),
    RecordKind.EDITED: N_("Fiche modifiée"),
    RecordKind.NOTE: N_("Note"),
    RecordKind.FOLLOWED: N_("Suivi confié"),
    RecordKind.VISIT_PLANNED: N_("Visite prévue"),
    RecordKind.VISIT_EDITED: N_("Visite modifiée"),
    RecordKind.VISIT_CANCELLED: N_("Visite annulée"),
    RecordKind.SHEETS_RELEASED: N_("Feuilles personnelles ouvertes"),
    RecordKind.VISIT_IMPOSSIBLE: N_("Visite impossible"),
    RecordKind.TRIAL_RECEIVED: N_("Visite d’essai reçue"),
    RecordKind.ASSESSED: N_("Visite reçue"),
    RecordKind.DECIDED: N_("Décision du comité"),
    RecordKind.TOLD: N_("Commerce informé"),
    RecordKind.ONBOARDING_STEP: N_("Étape de l’accompagnement"),
    RecordKind.MONEKO_STATUS: N_("Situation chez Moneko"),
    RecordKind.MONEKO_LINKED: N_("Reconnu parmi les partenaires de Moneko"),
    RecordKind.GIVEN_UP: N_("Accompagnement arrêté"),
    RecordKind.TAKEN_UP: N_("Accompagnement repris"),
    RecordKind.CONTACT: N_("Personne à contacter"),
    RecordKind.DOCUMENT: N_("Document"),
    RecordKind.MERGED: N_("Fusionné"),
    RecordKind.TOLD_APART: N_("À ne pas confondre"),
    RecordKind.SUSPENDED: N_("Suspendu"),
    RecordKind.RESUMED: N_("Suspension levée"),
    RecordKind.WITHDRAWN: N_("Retiré"),
    RecordKind.NOT_INTERESTED: N_("Pas intéressé"),
    RecordKind.CLOSED_DOWN: N_("Fermé définitivement"),
}

# What the coordination writes by hand; every other kind comes from a visit, a decision or Moneko.
BY_HAND = (
    RecordKind.CONTACTED,
    RecordKind.NOTE,
    RecordKind.NOT_INTERESTED,
    RecordKind.CLOSED_DOWN,
    RecordKind.TAKEN_UP,
    RecordKind.SUSPENDED,
    RecordKind.RESUMED,
    RecordKind.WITHDRAWN,
)


# What stops a merchant, or lets it go on, says why.
NEEDS_WHY = frozenset({RecordKind.SUSPENDED, RecordKind.RESUMED, RecordKind.WITHDRAWN})


def writable(life: "Life") -> tuple[RecordKind, ...]:
    """Which records the coordination may write by hand now."""
    known = life.outcome in ACCREDITING or life.standing in KNOWN
    fitting = {
        RecordKind.NOT_INTERESTED: life.stage is not Stage.NOT_INTERESTED,
        RecordKind.CLOSED_DOWN: life.stage is not Stage.CLOSED_DOWN,
        RecordKind.TAKEN_UP: life.given_up,
        RecordKind.SUSPENDED: known and not life.suspended,
        RecordKind.RESUMED: known and life.suspended,
        RecordKind.WITHDRAWN: known,
    }
    return tuple(kind for kind in BY_HAND if fitting.get(kind, True))


def approved(stage: Stage, standing: "Standing") -> bool:
    """Whether Moneko's staff may read this merchant's file: approved once, whatever visit is under way since."""
    return stage in APPROVED or standing is not Standing.NONE


@dataclass(frozen=True)
class Record:
    """One fact: its id (sorts after what its author's machine had seen), kind, instant and body."""

    id: str
    kind: RecordKind
    at: datetime
    body: Mapping[str, Any]


@dataclass
class Life:
    """What the records add up to, read in the order of their dates."""

    stage: Stage = Stage.SPOTTED
    since: datetime | None = None
    standing: Standing = Standing.NONE
    valid_until: date | None = None
    returns_on: date | None = None  # of a deferred one
    contacted: bool = False
    planned: set[str] = field(default_factory=set)
    outcome: str | None = None  # of the latest decision
    told: bool = False  # whether the merchant was told of it
    was_public: bool = False
    was_active: bool = False
    moneko: str | None = None  # Moneko's latest status
    suspended: bool = False
    given_up: bool = False  # its onboarding was refused or abandoned
    steps: dict[str, datetime] = field(default_factory=dict)  # onboarding steps ticked, and when

    @property
    def stopped(self) -> bool:
        """Whether nobody may be sent there to pay for now: by the fund, or because Moneko says so."""
        left = self.moneko == "inactive" and self.was_active
        return self.suspended or self.moneko == "blocked" or left or self.given_up


ACCREDITING = frozenset({"accredited", "accredited_with_commitments"})


def life(records: Iterable[Record], today: date | None = None) -> Life:
    """Fold `records` (any order) into a merchant's stage and standing, as seen on `today`.

    Without `today`, an accreditation never expires: what is stored then does not depend on the clock.
    """
    result = Life()
    for _record in _lived(result, records):
        pass
    if today and result.valid_until and result.valid_until < today and result.stage is Stage.ACTIVE:
        result.stage = Stage.TO_RENEW
    return result


def stages_of(records: Iterable[Record]) -> list[tuple[datetime, Stage]]:
    """The stage after each of the records, oldest first."""
    result = Life()
    return [(record.at, result.stage) for record in _lived(result, records)]


def _lived(life: Life, records: Iterable[Record]) -> Iterator[Record]:
    """Live through `records` in the order of their dates: each is given once `life` has taken it in."""
    for record in sorted(records, key=lambda one: (one.at, one.id)):
        before = life.stage
        _apply(life, record)
        if life.stage is not before or life.since is None:
            life.since = record.at
        life.standing = _standing(life)
        life.was_public = life.was_public or life.standing in (Standing.SOON, Standing.ACTIVE)
        life.was_active = life.was_active or life.standing is Standing.ACTIVE
        yield record


def _apply(life: Life, record: Record) -> None:
    if (change := _CHANGES.get(record.kind)) is not None:
        change(life, record)


def _contact(life: Life, _record: Record) -> None:
    life.contacted = True
    if life.stage in (Stage.NOT_INTERESTED, Stage.CLOSED_DOWN):
        life.outcome = None  # another try, another answer
    if life.stage in (Stage.SPOTTED, Stage.NOT_INTERESTED, Stage.CLOSED_DOWN):
        life.stage = Stage.CONTACTED


def _plan(life: Life, record: Record) -> None:
    life.planned.add(str(record.body["visit"]))
    life.contacted, life.stage = True, Stage.VISIT_PLANNED


def _drop_visit(life: Life, record: Record) -> None:
    life.planned.discard(str(record.body["visit"]))
    if not life.planned and life.stage is Stage.VISIT_PLANNED:
        life.stage = _resting(life)


def _assess(life: Life, record: Record) -> None:
    life.planned.discard(str(record.body["visit"]))
    life.contacted, life.stage = True, Stage.ASSESSED


def _decide(life: Life, record: Record) -> None:
    body = record.body
    if life.standing is Standing.ENDED:
        _begin_anew(life)
    renewal = life.outcome in ACCREDITING and life.told and body["outcome"] in ACCREDITING
    life.outcome = str(body["outcome"])
    life.valid_until, life.returns_on = (_day(body.get(name)) for name in ("valid_until", "returns_on"))
    life.told = renewal  # a merchant that stays accredited stays public while it learns of it
    life.planned.clear()
    life.stage = _resting(life)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _begin_anew(life: Life) -> None:
    """What Moneko and the fund said before the end says nothing of what is decided after it."""
    life.moneko, life.was_active, life.suspended, life.given_up = None, False, False, False
    life.steps.clear()


def _tick(life: Life, record: Record) -> None:
    step = str(record.body["step"])
    if record.body["done"]:
        life.steps.setdefault(step, record.at)
    else:
        life.steps.pop(step, None)


def _tell(life: Life, _record: Record) -> None:
    life.told = True
    _rest(life)


def _set_moneko(life: Life, record: Record) -> None:
    life.moneko = str(record.body["status"])
    _rest(life)


def _suspend(life: Life, record: Record) -> None:
    life.suspended = record.kind is RecordKind.SUSPENDED
    _rest(life)


def _give_up(life: Life, record: Record) -> None:
    life.given_up = record.kind is RecordKind.GIVEN_UP
    _rest(life)


def _end(life: Life, record: Record) -> None:
    life.outcome, life.stage = record.kind.value, Stage(record.kind.value)


# What each kind of record changes; the others are only read.
_CHANGES: dict[RecordKind, Callable[[Life, Record], None]] = {
    RecordKind.CONTACTED: _contact,
    RecordKind.VISIT_PLANNED: _plan,
    RecordKind.VISIT_CANCELLED: _drop_visit,
    RecordKind.VISIT_IMPOSSIBLE: _drop_visit,
    RecordKind.TRIAL_RECEIVED: _drop_visit,
    RecordKind.ASSESSED: _assess,
    RecordKind.DECIDED: _decide,
    RecordKind.TOLD: _tell,
    RecordKind.ONBOARDING_STEP: _tick,
    RecordKind.MONEKO_STATUS: _set_moneko,
    RecordKind.GIVEN_UP: _give_up,
    RecordKind.TAKEN_UP: _give_up,
    RecordKind.SUSPENDED: _suspend,
    RecordKind.RESUMED: _suspend,
    RecordKind.WITHDRAWN: _end,
    RecordKind.NOT_INTERESTED: _end,
    RecordKind.CLOSED_DOWN: _end,
}


def _rest(life: Life) -> None:
    """Back to what the records make of it, unless a visit is under way: that stays the work to do."""
    if life.stage not in (Stage.VISIT_PLANNED, Stage.ASSESSED):
        life.stage = _resting(life)


def _resting(life: Life) -> Stage:
    """The stage when no visit is under way: what the latest decision and Moneko have made of it."""
    if life.outcome is None:
        return Stage.CONTACTED if life.contacted else Stage.SPOTTED
    if life.outcome not in ACCREDITING:
        return Stage(life.outcome)
    if life.stopped:
        return Stage.SUSPENDED
    if not life.told:
        return Stage.ACCREDITED
    return Stage.ACTIVE if life.moneko == "active" else Stage.ONBOARDING


def _standing(life: Life) -> Standing:
    """Public only once accredited and told; a refusal shows only as the end of what was public.

    A visit, a postponement or a decision not told yet changes nothing: what was public rests on what came before.
    """
    if life.outcome in ("withdrawn", "closed_down", "not_interested") or (
        life.outcome == "declined" and life.told
    ):
        return Standing.ENDED if life.was_public else Standing.NONE
    accredited = life.outcome in ACCREDITING and life.told
    if not accredited and life.standing in (Standing.NONE, Standing.ENDED):
        return life.standing
    if life.stopped:
        return Standing.SUSPENDED if life.was_public else Standing.NONE
    return Standing.ACTIVE if life.moneko == "active" else Standing.SOON


# --- names ---


def folded(text: str) -> str:
    """`text` for searching: no accents, no case, words separated by one space.

    >>> folded("L’Épicerie des Bourderies")
    'l epicerie des bourderies'
    """
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "oe").replace("æ", "ae"))
    letters = "".join(char for char in plain if not unicodedata.combining(char)).casefold()
    return " ".join(re.findall(r"\w+", letters))


def slug(text: str) -> str:
    """A name as it stands in an address: ASCII words joined by hyphens, at most 60 characters."""
    return re.sub(r"[^a-z0-9]+", "-", folded(text)).strip("-")[:60].strip("-") or "lieu"


_COMING = frozenset((Kind.MARKET_STALL, Kind.MOBILE))


def comes_on_its_days(kind: str, label: str) -> bool:
    """Whether a sales point is there on its days only, so that these matter before the hours: a stall, a round, or
    whatever is called « marché », be it a farm's."""
    return kind in _COMING or "marche" in folded(label).split()
