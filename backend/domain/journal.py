"""The journal of a visit: small immutable entries made on phones, and the pure fold that gives its state.

Everything done on a phone is one entry. The state of a visit is a function of the *set* of its entries:
order and repetition do not matter, so two phones, a lost answer or a replay cannot destroy anything.
`pwa/domain/journal.js` is the twin of the fold; `fixtures/journal.json` holds the two together.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal, NotRequired, Self, TypedDict, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from backend.domain.errors import Refusal
from backend.domain.scoring import DUO, NOT_APPLICABLE, Rules

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_MOMENT = re.compile(
    r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)


def _moment(text: str) -> str:
    """A phone's clock may be years off, but it says its offset. Year 9999 overflows once shown elsewhere."""
    if _MOMENT.fullmatch(text) is None or text.startswith("9999"):
        raise ValueError("not a moment with an offset")
    datetime.fromisoformat(text)
    return text


def _day(text: str) -> str:
    if date.fromisoformat(text).isoformat() != text:
        raise ValueError("not YYYY-MM-DD")
    return text


def _without_nul(text: str) -> str:
    """PostgreSQL stores no NUL. (Lone surrogates are already refused by pydantic.)"""
    if "\0" in text:
        raise ValueError("NUL in a text")
    return text


EntryId = Annotated[
    str, Field(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
]
PersonId = Annotated[str, Field(pattern=f"^{_UUID}$")]
VisitId = Annotated[str, Field(pattern=f"^{_UUID}$")]
Sheet = Annotated[str, Field(pattern=f"^(duo|{_UUID})$")]
CriterionId = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_without_nul)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Moment = Annotated[str, AfterValidator(_moment)]
Day = Annotated[str, AfterValidator(_day)]
Points = Annotated[int, Field(ge=0, le=2**53 - 1)]
DecimalPoints = Annotated[str, Field(pattern=r"^[0-9]{1,15}(\.[0-9]{1,15})?$")]
Choice = Points | DecimalPoints | Literal["not_applicable"] | None
Text300 = Annotated[str, Field(max_length=300), AfterValidator(_without_nul)]
Text1000 = Annotated[str, Field(max_length=1000), AfterValidator(_without_nul)]
Text2000 = Annotated[str, Field(max_length=2000), AfterValidator(_without_nul)]
Text4000 = Annotated[str, Field(max_length=4000), AfterValidator(_without_nul)]
# JSON has lists only: the container is lax so that a list becomes a tuple, what it holds stays strict.
Supersedes = Annotated[tuple[EntryId, ...], Field(strict=False, max_length=50)]
People = Annotated[tuple[PersonId, ...], Field(strict=False, max_length=20)]
Photos = Annotated[tuple[Sha256, ...], Field(strict=False, max_length=500)]


class _Entry(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    id: EntryId
    v: Literal[1]
    author: PersonId
    at: Moment
    app: Annotated[str, Field(max_length=40), AfterValidator(_without_nul)]


class _VisitEntry(_Entry):
    visit: VisitId


def _must_be_text_or_voice(said: "RemarkMade | QuestionAnswered") -> None:
    given = said.model_fields_set & {"text", "voice"}
    if len(given) != 1 or (said.text is None and said.voice is None):
        raise ValueError("exactly one of text and voice")


class VisitStarted(_VisitEntry):
    kind: Literal["visit_started"]
    grid: Annotated[str, Field(pattern="^[a-z0-9-]{1,60}/[a-z0-9.-]{1,60}$")]
    mode: Literal["one_phone", "separate", "two_phones"]
    present: People


class ChoiceMade(_VisitEntry):
    """A choice on a sheet; null clears. `reason`, `present`: why, and with whom, a difference was settled."""

    kind: Literal["choice_made"]
    sheet: Sheet
    criterion: CriterionId
    choice: Choice
    supersedes: Supersedes
    reason: Text2000 = ""
    present: People = ()

    def slot(self) -> tuple[str | None, ...]:
        return self.visit, self.sheet, self.criterion


class RemarkMade(_VisitEntry):
    """A remark, typed or spoken, on a criterion or (null) the visit. An empty text erases earlier ones."""

    kind: Literal["remark_made"]
    sheet: Sheet
    criterion: CriterionId | None
    text: Text4000 | None = None
    voice: Sha256 | None = None
    supersedes: Supersedes

    @model_validator(mode="after")
    def _typed_or_spoken(self) -> Self:
        _must_be_text_or_voice(self)
        return self

    def slot(self) -> tuple[str | None, ...]:
        return self.visit, self.sheet, self.criterion


class PhotoAttached(_VisitEntry):
    kind: Literal["photo_attached"]
    sheet: Sheet
    criterion: CriterionId | None
    sha256: Sha256
    bytes: Annotated[int, Field(ge=1, le=50_000_000)]
    media: Literal["image/jpeg", "image/png", "image/webp"]
    caption: Text300


class PhotoRemoved(_VisitEntry):
    kind: Literal["photo_removed"]
    photo: EntryId


class CommitmentNoted(_VisitEntry):
    """What the merchant undertakes. An empty text erases what it supersedes."""

    kind: Literal["commitment_noted"]
    criterion: CriterionId
    text: Text1000
    due: Day | None
    supersedes: Supersedes

    def slot(self) -> tuple[str | None, ...]:
        return self.visit, self.criterion


class SheetDone(_VisitEntry):
    kind: Literal["sheet_done"]
    sheet: Sheet


class VisitClosed(_VisitEntry):
    """What the closing phone holds, so that the server knows what has yet to come."""

    kind: Literal["visit_closed"]
    entries: Annotated[tuple[EntryId, ...], Field(strict=False, max_length=2000)]
    photos: Photos


class VisitImpossible(_VisitEntry):
    kind: Literal["visit_impossible"]
    cause: Literal["closed", "refused", "not_found", "other"]
    text: Text1000


class QuestionAnswered(_VisitEntry):
    """What the duo answers, typed or spoken, to a question of the coordination."""

    kind: Literal["question_answered"]
    question: VisitId
    text: Text4000 | None = None
    voice: Sha256 | None = None

    @model_validator(mode="after")
    def _typed_or_spoken(self) -> Self:
        _must_be_text_or_voice(self)
        return self


class CannotCome(_VisitEntry):
    """Its author cannot go to the visit; the coordination finds someone else."""

    kind: Literal["cannot_come"]
    text: Text1000


class MerchantSpotted(_Entry):
    """`address`: as typed on the street, to be placed later, when there is no position or a better word for it."""

    kind: Literal["merchant_spotted"]
    name: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_without_nul)]
    merchant_kind: Annotated[str, Field(max_length=80), AfterValidator(_without_nul)]
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None
    note: Text2000
    photos: Photos
    address: Text300 = ""

    @model_validator(mode="after")
    def _a_whole_place(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise ValueError("lat and lon go together")
        return self


VisitEntry = (
    VisitStarted
    | ChoiceMade
    | RemarkMade
    | PhotoAttached
    | PhotoRemoved
    | CommitmentNoted
    | SheetDone
    | VisitClosed
    | VisitImpossible
    | QuestionAnswered
    | CannotCome
)
Entry = VisitEntry | MerchantSpotted

_ADAPTERS: dict[int, TypeAdapter[Entry]] = {1: TypeAdapter(Annotated[Entry, Field(discriminator="kind")])}
KINDS = frozenset(
    {
        "visit_started",
        "choice_made",
        "remark_made",
        "photo_attached",
        "photo_removed",
        "commitment_noted",
        "sheet_done",
        "visit_closed",
        "visit_impossible",
        "merchant_spotted",
        "question_answered",
        "cannot_come",
    }
)


def parse(raw: object) -> Entry:
    """The typed entry of a decoded JSON value.

    Raises Refusal `unknown_kind` (kind=…: also a later version of a kind, which a later server will know) or
    `entry_invalid` (where=the first field at fault, id=the entry's id when it says one).
    """
    if not isinstance(raw, dict):
        raise Refusal("entry_invalid", where="entry", id=None)
    adapter = _adapter(raw)
    try:
        return adapter.validate_python(raw)
    except ValidationError as error:
        kind, *field = error.errors(include_url=False, include_context=False, include_input=False)[0]["loc"]
        raise Refusal(
            "entry_invalid", where=_shown(str(field[0] if field else kind)), id=_id_of(raw)
        ) from None


def _adapter(raw: Mapping[str, object]) -> TypeAdapter[Entry]:
    version, kind = raw.get("v"), raw.get("kind")
    for where, value, expected in (("v", version, int), ("kind", kind, str)):
        if type(value) is not expected:
            raise Refusal("entry_invalid", where=where, id=_id_of(raw))
    if version not in _ADAPTERS:
        raise Refusal("unknown_kind", kind=f"{_shown(str(kind))} v{_shown(str(version))}")
    if kind not in KINDS:
        raise Refusal("unknown_kind", kind=_shown(str(kind)))
    return _ADAPTERS[version]


def against(entry: Entry, rules: Rules) -> None:
    """Whether `entry` fits the grid of its visit and the sheet it is written on.

    Raises Refusal `foreign_sheet` (not "duo" nor the author's), or with criterion=… `unknown_criterion`,
    `not_a_level` or `must_apply`.
    """
    if getattr(entry, "sheet", DUO) not in (DUO, entry.author):
        raise Refusal("foreign_sheet")
    criterion_id = getattr(entry, "criterion", None)
    if criterion_id is None:
        return
    criterion = rules.criteria.get(criterion_id)
    if criterion is None:
        raise Refusal("unknown_criterion", criterion=criterion_id)
    if not isinstance(entry, ChoiceMade) or entry.choice is None:
        return
    if entry.choice == NOT_APPLICABLE:
        if not criterion.may_not_apply:
            raise Refusal("must_apply", criterion=criterion_id)
    elif criterion.points(entry.choice).text not in criterion.levels:
        raise Refusal("not_a_level", criterion=criterion_id)


def _id_of(raw: Mapping[str, object]) -> str | None:
    return _shown(raw["id"]) if isinstance(raw.get("id"), str) else None  # type: ignore[arg-type]


def _shown(text: str) -> str:
    """What a stranger wrote, short and encodable, fit to be repeated in a refusal."""
    return text[:60].encode("utf-8", "replace").decode()


def canonical(entry: Entry) -> bytes:
    """The entry as ASCII JSON with sorted keys, keys it does not have left out: same bytes, same content."""
    return json.dumps(entry.model_dump(exclude_unset=True), sort_keys=True, separators=(",", ":")).encode(
        "ascii"
    )


@dataclass(frozen=True, slots=True)
class Record:
    """An entry with how it came: `confirmed` by its author's own device, or `brought_by` someone else."""

    entry: Entry
    confirmed: bool
    brought_by: str | None = None


class CurrentChoice(TypedDict):
    id: str
    author: str
    choice: int | str | None


class PastChoice(CurrentChoice):
    at: str
    state: Literal["current", "superseded", "after_done"]


class Remark(TypedDict):
    id: str
    author: str
    sheet: str
    criterion: str | None
    text: NotRequired[str]
    voice: NotRequired[str]
    at: str


class Photo(TypedDict):
    id: str
    author: str
    sheet: str
    criterion: str | None
    sha256: str
    caption: str
    at: str


class Commitment(TypedDict):
    id: str
    author: str
    criterion: str
    text: str
    due: str | None


class Impossible(TypedDict):
    id: str
    cause: str
    text: str


class VisitState(TypedDict):
    """The state of one visit, in the JSON form both engines give. Lists are sorted by id."""

    visit: str | None
    started: list[str]
    grid: str | None
    mode: str | None
    sheets: dict[str, dict[str, list[CurrentChoice]]]
    history: dict[str, dict[str, list[PastChoice]]]
    remarks: list[Remark]
    photos: list[Photo]
    commitments: list[Commitment]
    done: dict[str, str]
    closed: str | None
    closings: list[str]
    expected_entries: list[str]
    expected_photos: list[str]
    impossible: Impossible | None
    relayed: list[str]
    disputed: list[str]
    ids: list[str]


_E = TypeVar("_E", bound=Entry)
_Superseding = TypeVar("_Superseding", ChoiceMade, RemarkMade, CommitmentNoted)


def fold(records: Iterable[Record]) -> VisitState:
    """The state of one visit: a function of the set of its records, whatever their order and repetitions.

    The caller gives the records of one visit. Two contents under one id: the one its author's own device sent
    counts, and the id is listed as disputed.
    """
    kept, disputed = _one_per_id(records)
    relayed = {record.entry.id for record in kept if not record.confirmed}
    entries = [record.entry for record in kept]
    started, closings = _of(VisitStarted, entries), _of(VisitClosed, entries)
    done = _of(SheetDone, entries)
    history = _history(_of(ChoiceMade, entries), done, relayed)
    return {
        "visit": next((entry.visit for entry in entries if not isinstance(entry, MerchantSpotted)), None),
        "started": [entry.id for entry in started],
        "grid": started[0].grid if started else None,
        "mode": started[0].mode if started else None,
        "sheets": _current(history),
        "history": history,
        "remarks": _remarks(_of(RemarkMade, entries), relayed),
        "photos": _photos(_of(PhotoAttached, entries), _of(PhotoRemoved, entries), relayed),
        "commitments": _commitments(_of(CommitmentNoted, entries), relayed),
        "done": _first_done(done, relayed),
        "closed": closings[0].id if closings else None,
        "closings": [entry.id for entry in closings],
        "expected_entries": sorted({listed for entry in closings for listed in entry.entries}),
        "expected_photos": sorted({listed for entry in closings for listed in entry.photos}),
        "impossible": _impossible(_of(VisitImpossible, entries)),
        "relayed": sorted(relayed),
        "disputed": disputed,
        "ids": [entry.id for entry in entries],
    }


def _one_per_id(records: Iterable[Record]) -> tuple[list[Record], list[str]]:
    """The record that counts for each id, sorted by id, and the ids that came with several contents."""
    kept: dict[str, Record] = {}
    disputed: set[str] = set()
    for record in records:
        other = kept.setdefault(record.entry.id, record)
        if other is record:
            continue
        if canonical(other.entry) != canonical(record.entry):
            disputed.add(record.entry.id)
        kept[record.entry.id] = min(other, record, key=_precedence)
    return [kept[key] for key in sorted(kept)], sorted(disputed)


def _precedence(record: Record) -> tuple[bool, bytes]:
    """Confirmed first; between relays of one id any fixed order will do, if both engines keep to it."""
    return not record.confirmed, canonical(record.entry)


def _of(kind: type[_E], entries: Sequence[Entry]) -> list[_E]:
    return [entry for entry in entries if isinstance(entry, kind)]


def _counts(later: VisitEntry, earlier: VisitEntry, relayed: Collection[str]) -> bool:
    """Whether `later` may act on `earlier`: a relay never undoes what its author's own device sent."""
    if later.id <= earlier.id:
        return False
    return later.author != earlier.author or later.id not in relayed or earlier.id in relayed


def _superseded(
    entries: Sequence[_Superseding], relayed: Collection[str], idle: Collection[str] = ()
) -> set[str]:
    """Ids that a later entry of the same slot supersedes; `idle` ones do nothing. Unknown targets wait."""
    known = {entry.id: entry for entry in entries}
    return {
        target
        for later in entries
        if later.supersedes and later.id not in idle
        for target in later.supersedes
        if (earlier := known.get(target)) is not None
        and earlier.slot() == later.slot()
        and _counts(later, earlier, relayed)
    }


def _after_done(
    choices: Sequence[ChoiceMade], done: Sequence[SheetDone], relayed: Collection[str]
) -> set[str]:
    """Done freezes a personal sheet: ids of the choices that came to it afterwards."""
    return {
        choice.id
        for declared in done
        if declared.sheet != DUO
        for choice in choices
        if choice.sheet == declared.sheet and choice.id > declared.id
        if declared.id not in relayed or choice.id in relayed
    }


def _first_done(done: Sequence[SheetDone], relayed: Collection[str]) -> dict[str, str]:
    """The first done of each sheet: the first its author's own device sent, when there is one."""
    own = [declared for declared in done if declared.id not in relayed]
    return {declared.sheet: declared.id for declared in reversed([*own, *done])}


def _history(
    choices: Sequence[ChoiceMade], done: Sequence[SheetDone], relayed: Collection[str]
) -> dict[str, dict[str, list[PastChoice]]]:
    late = _after_done(choices, done, relayed)
    gone = _superseded(choices, relayed, idle=late)
    history: dict[str, dict[str, list[PastChoice]]] = {}
    for made in choices:
        past: PastChoice = {
            "id": made.id,
            "author": made.author,
            "choice": made.choice,
            "at": made.at,
            "state": "after_done" if made.id in late else "superseded" if made.id in gone else "current",
        }
        history.setdefault(made.sheet, {}).setdefault(made.criterion, []).append(past)
    return history


def _current(
    history: Mapping[str, Mapping[str, Sequence[PastChoice]]],
) -> dict[str, dict[str, list[CurrentChoice]]]:
    sheets: dict[str, dict[str, list[CurrentChoice]]] = {}
    for sheet, criteria in history.items():
        for criterion, made in criteria.items():
            for past in made:
                if past["state"] == "current":
                    current: CurrentChoice = {
                        "id": past["id"],
                        "author": past["author"],
                        "choice": past["choice"],
                    }
                    sheets.setdefault(sheet, {}).setdefault(criterion, []).append(current)
    return sheets


def _remarks(made: Sequence[RemarkMade], relayed: Collection[str]) -> list[Remark]:
    gone = _superseded(made, relayed)
    return [_remark(entry) for entry in made if entry.id not in gone and entry.text != ""]


def _remark(entry: RemarkMade) -> Remark:
    remark: Remark = {
        "id": entry.id,
        "author": entry.author,
        "sheet": entry.sheet,
        "criterion": entry.criterion,
        "at": entry.at,
    }
    if entry.text is not None:
        remark["text"] = entry.text
    if entry.voice is not None:
        remark["voice"] = entry.voice
    return remark


def _photos(
    attached: Sequence[PhotoAttached], removals: Sequence[PhotoRemoved], relayed: Collection[str]
) -> list[Photo]:
    """The photos nobody removed; one on a personal sheet is removed by its author alone."""
    known = {photo.id: photo for photo in attached}
    removed = {
        photo.id
        for removal in removals
        if (photo := known.get(removal.photo)) is not None
        and removal.visit == photo.visit
        and (photo.sheet == DUO or removal.author == photo.author)
        and _counts(removal, photo, relayed)
    }
    return [
        {
            "id": photo.id,
            "author": photo.author,
            "sheet": photo.sheet,
            "criterion": photo.criterion,
            "sha256": photo.sha256,
            "caption": photo.caption,
            "at": photo.at,
        }
        for photo in attached
        if photo.id not in removed
    ]


def _commitments(noted: Sequence[CommitmentNoted], relayed: Collection[str]) -> list[Commitment]:
    gone = _superseded(noted, relayed)
    return [
        {
            "id": entry.id,
            "author": entry.author,
            "criterion": entry.criterion,
            "text": entry.text,
            "due": entry.due,
        }
        for entry in noted
        if entry.id not in gone and entry.text != ""
    ]


def _impossible(said: Sequence[VisitImpossible]) -> Impossible | None:
    return {"id": said[0].id, "cause": said[0].cause, "text": said[0].text} if said else None


class AnswerToQuestion(TypedDict):
    id: str
    author: str
    question: str
    at: str
    text: NotRequired[str]
    voice: NotRequired[str]


def answers(records: Iterable[Record]) -> list[AnswerToQuestion]:
    """What was answered to the questions of the coordination, oldest first."""
    kept, _disputed = _one_per_id(records)
    return [_answer(entry) for entry in _of(QuestionAnswered, [record.entry for record in kept])]


def _answer(entry: QuestionAnswered) -> AnswerToQuestion:
    answer: AnswerToQuestion = {
        "id": entry.id,
        "author": entry.author,
        "question": entry.question,
        "at": entry.at,
    }
    if entry.text is not None:
        answer["text"] = entry.text
    if entry.voice is not None:
        answer["voice"] = entry.voice
    return answer


class Unable(TypedDict):
    id: str
    author: str
    at: str
    text: str


def unable(records: Iterable[Record]) -> list[Unable]:
    """Who said that they cannot come, oldest first."""
    kept, _disputed = _one_per_id(records)
    return [
        {"id": entry.id, "author": entry.author, "at": entry.at, "text": entry.text}
        for entry in _of(CannotCome, [record.entry for record in kept])
    ]


def choices(state: VisitState) -> dict[str, dict[str, list[int | str | None]]]:
    """The current choices per sheet and criterion, as `scoring.score` takes them."""
    return {
        sheet: {criterion: [current["choice"] for current in made] for criterion, made in criteria.items()}
        for sheet, criteria in state["sheets"].items()
    }


def sheets_hidden(state: VisitState, members: Collection[str], released: bool) -> bool:
    """Whether the personal sheets of a visit are still kept from the others.

    In the mode "separate" they are, until every current member has declared theirs done (from their own device:
    nobody opens a sheet in its author's name), or the coordination `released` them. A mode not known yet is
    taken for that one.
    """
    done = {sheet for sheet, declared in state["done"].items() if declared not in state["relayed"]}
    all_done = len(members) > 0 and done.issuperset(members)
    return state["mode"] in ("separate", None) and not all_done and not released


def written_alone(entry: Entry) -> bool:
    """Whether `entry` says what one person thinks, on their own sheet: such entries may be hidden for a while."""
    return isinstance(entry, ChoiceMade | RemarkMade | PhotoAttached) and entry.sheet != DUO
