/**
 * The state of a visit: a pure fold over the *set* of its journal entries. Order and repetition do not matter, so two
 * phones, a lost answer or a replay cannot destroy anything. Twin of backend/domain/journal.py, held together by
 * fixtures/journal.json.
 */

export const DUO = "duo";

/**
 * @typedef {number | string | null} Choice points (decimal string when not whole), "not_applicable", or null = cleared
 * @typedef {{id: string, v: 1, author: string, at: string, app: string, visit: string}} Common
 * @typedef {Common & {kind: "visit_started", grid: string, mode: string, present: string[]}} VisitStarted
 * @typedef {Common & {kind: "choice_made", sheet: string, criterion: string, choice: Choice, supersedes: string[],
 *   reason?: string, present?: string[]}} ChoiceMade
 * @typedef {Common & {kind: "remark_made", sheet: string, criterion: string | null, text?: string, voice?: string,
 *   supersedes: string[]}} RemarkMade
 * @typedef {Common & {kind: "photo_attached", sheet: string, criterion: string | null, sha256: string, bytes: number,
 *   media: string, caption: string}} PhotoAttached
 * @typedef {Common & {kind: "photo_removed", photo: string}} PhotoRemoved
 * @typedef {Common & {kind: "commitment_noted", criterion: string, text: string, due: string | null,
 *   supersedes: string[]}} CommitmentNoted
 * @typedef {Common & {kind: "sheet_done", sheet: string}} SheetDone
 * @typedef {Common & {kind: "visit_closed", entries: string[], photos: string[]}} VisitClosed
 * @typedef {Common & {kind: "visit_impossible", cause: string, text: string}} VisitImpossible
 * @typedef {VisitStarted | ChoiceMade | RemarkMade | PhotoAttached | PhotoRemoved | CommitmentNoted | SheetDone
 *   | VisitClosed | VisitImpossible} VisitEntry
 * @typedef {Omit<Common, "visit"> & {kind: "merchant_spotted", visit?: undefined, name: string,
 *   merchant_kind: string, lat: number | null, lon: number | null, note: string, photos: string[]}} MerchantSpotted
 * @typedef {VisitEntry | MerchantSpotted} Entry
 * @typedef {{entry: Entry, confirmed: boolean, brought_by: string | null}} JournalRecord
 *   confirmed: sent by its author's own device
 * @typedef {{id: string, author: string, choice: Choice}} CurrentChoice
 * @typedef {CurrentChoice & {at: string, state: "current" | "superseded" | "after_done"}} PastChoice
 * @typedef {{[sheet: string]: {[criterion: string]: CurrentChoice[]}}} Sheets
 * @typedef {{[sheet: string]: {[criterion: string]: PastChoice[]}}} History
 * @typedef {{id: string, author: string, sheet: string, criterion: string | null, at: string, text?: string,
 *   voice?: string}} Remark
 * @typedef {{id: string, author: string, sheet: string, criterion: string | null, sha256: string, caption: string,
 *   at: string}} Photo
 * @typedef {{id: string, author: string, criterion: string, text: string, due: string | null}} Commitment
 * @typedef {{visit: string | null, started: string[], grid: string | null, mode: string | null, sheets: Sheets,
 *   history: History, remarks: Remark[], photos: Photo[], commitments: Commitment[], done: {[sheet: string]: string},
 *   closed: string | null, closings: string[], expected_entries: string[], expected_photos: string[],
 *   impossible: {id: string, cause: string, text: string} | null, relayed: string[], disputed: string[],
 *   ids: string[]}} VisitState lists are sorted by id
 */

/**
 * The state of one visit: a function of the set of its records, whatever their order and repetitions.
 *
 * Two contents under one id: the one its author's own device sent counts, and the id is listed as disputed.
 * @param {Iterable<JournalRecord>} records the records of one visit
 * @returns {VisitState}
 */
export function fold(records) {
  const { kept, disputed } = onePerId(records);
  const relayed = new Set(kept.filter((record) => !record.confirmed).map((record) => record.entry.id));
  const entries = kept.map((record) => record.entry);
  const started = entries.filter((entry) => entry.kind === "visit_started");
  const closings = entries.filter((entry) => entry.kind === "visit_closed");
  const done = entries.filter((entry) => entry.kind === "sheet_done");
  const impossible = entries.find((entry) => entry.kind === "visit_impossible");
  const past = history(entries.filter((entry) => entry.kind === "choice_made"), done, relayed);
  return {
    visit: entries.find((entry) => entry.visit)?.visit ?? null,
    started: started.map((entry) => entry.id),
    grid: started[0]?.grid ?? null,
    mode: started[0]?.mode ?? null,
    sheets: current(past),
    history: past,
    remarks: remarks(entries.filter((entry) => entry.kind === "remark_made"), relayed),
    photos: photos(entries, relayed),
    commitments: commitments(entries.filter((entry) => entry.kind === "commitment_noted"), relayed),
    done: firstPerSheet(done),
    closed: closings[0]?.id ?? null,
    closings: closings.map((entry) => entry.id),
    expected_entries: sortedSet(closings.flatMap((entry) => entry.entries)),
    expected_photos: sortedSet(closings.flatMap((entry) => entry.photos)),
    impossible: impossible ? { id: impossible.id, cause: impossible.cause, text: impossible.text } : null,
    relayed: [...relayed],
    disputed,
    ids: entries.map((entry) => entry.id),
  };
}

/**
 * The current choices per sheet and criterion, as `score` of scoring.js takes them.
 * @param {VisitState} state
 * @returns {{[sheet: string]: {[criterion: string]: Choice[]}}}
 */
export function choices(state) {
  /** @type {{[sheet: string]: {[criterion: string]: Choice[]}}} */
  const sheets = bare();
  for (const [sheet, criteria] of Object.entries(state.sheets)) {
    sheets[sheet] = bare();
    for (const [criterion, made] of Object.entries(criteria)) {
      sheets[sheet][criterion] = made.map((choice) => choice.choice);
    }
  }
  return sheets;
}

/** An object in which no name is special, not even `__proto__`. @returns {any} */
const bare = () => Object.create(null);

/** @param {string[]} values */
const sortedSet = (values) => [...new Set(values)].sort();

/**
 * The record that counts for each id, sorted by id, and the ids that came with several contents.
 * @param {Iterable<JournalRecord>} records
 */
function onePerId(records) {
  /** @type {Map<string, JournalRecord>} */
  const kept = new Map();
  /** @type {string[]} */
  const disputed = [];
  for (const record of records) {
    const id = record.entry.id;
    const other = kept.get(id);
    if (other && canonical(other.entry) !== canonical(record.entry)) disputed.push(id);
    if (!other || precedes(record, other)) kept.set(id, record);
  }
  return { kept: [...kept.keys()].sort().map((id) => /** @type {JournalRecord} */ (kept.get(id))), disputed: sortedSet(disputed) };
}

/**
 * Confirmed first; between relays of one id any fixed order will do, if both engines keep to it.
 * @param {JournalRecord} one
 * @param {JournalRecord} other
 */
function precedes(one, other) {
  if (one.confirmed !== other.confirmed) return one.confirmed;
  return canonical(one.entry) < canonical(other.entry);
}

/**
 * The entry as ASCII JSON with sorted keys: same text, same content.
 * @param {Entry} entry
 */
const canonical = (entry) =>
  JSON.stringify(entry, Object.keys(entry).sort()).replace(
    /[\x7f-\uffff]/g,
    (unit) => "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0"),
  );

/**
 * Whether `later` may act on `earlier`: a relay never undoes what its author's own device sent.
 * @param {Entry} later
 * @param {Entry} earlier
 * @param {Set<string>} relayed
 */
const counts = (later, earlier, relayed) =>
  later.id > earlier.id && (later.author !== earlier.author || !relayed.has(later.id) || relayed.has(earlier.id));

/**
 * Ids that a later entry of the same slot supersedes; `idle` ones do nothing. Unknown targets wait.
 * @param {(ChoiceMade | RemarkMade | CommitmentNoted)[]} entries of one kind
 * @param {Set<string>} relayed
 * @param {Set<string>} [idle]
 */
function superseded(entries, relayed, idle = new Set()) {
  const known = new Map(entries.map((entry) => [entry.id, entry]));
  const gone = new Set();
  for (const later of entries) {
    if (idle.has(later.id)) continue;
    for (const target of later.supersedes) {
      const earlier = known.get(target);
      if (earlier && sameSlot(earlier, later) && counts(later, earlier, relayed)) gone.add(target);
    }
  }
  return gone;
}

/**
 * @param {ChoiceMade | RemarkMade | CommitmentNoted} one
 * @param {ChoiceMade | RemarkMade | CommitmentNoted} other
 */
const sameSlot = (one, other) =>
  one.visit === other.visit &&
  one.criterion === other.criterion &&
  ("sheet" in one ? one.sheet : null) === ("sheet" in other ? other.sheet : null);

/**
 * Done freezes a personal sheet: ids of the choices that came to it afterwards.
 * @param {ChoiceMade[]} made
 * @param {SheetDone[]} done
 * @param {Set<string>} relayed
 */
function afterDone(made, done, relayed) {
  const frozen = done.filter((declared) => declared.sheet !== DUO);
  return new Set(
    made
      .filter((choice) =>
        frozen.some(
          (declared) =>
            declared.sheet === choice.sheet &&
            choice.id > declared.id &&
            (!relayed.has(declared.id) || relayed.has(choice.id)),
        ),
      )
      .map((choice) => choice.id),
  );
}

/**
 * @param {ChoiceMade[]} made
 * @param {SheetDone[]} done
 * @param {Set<string>} relayed
 * @returns {History}
 */
function history(made, done, relayed) {
  const late = afterDone(made, done, relayed);
  const gone = superseded(made, relayed, late);
  /** @type {History} */
  const past = bare();
  for (const { id, author, choice, at, sheet, criterion } of made) {
    const state = late.has(id) ? "after_done" : gone.has(id) ? "superseded" : "current";
    ((past[sheet] ??= bare())[criterion] ??= []).push({ id, author, choice, at, state });
  }
  return past;
}

/**
 * @param {History} past
 * @returns {Sheets}
 */
function current(past) {
  /** @type {Sheets} */
  const sheets = bare();
  for (const [sheet, criteria] of Object.entries(past)) {
    for (const [criterion, made] of Object.entries(criteria)) {
      for (const { id, author, choice, state } of made) {
        if (state === "current") ((sheets[sheet] ??= bare())[criterion] ??= []).push({ id, author, choice });
      }
    }
  }
  return sheets;
}

/**
 * @param {RemarkMade[]} made
 * @param {Set<string>} relayed
 * @returns {Remark[]}
 */
function remarks(made, relayed) {
  const gone = superseded(made, relayed);
  return made
    .filter((entry) => !gone.has(entry.id) && entry.text !== "")
    .map(({ id, author, sheet, criterion, at, text, voice }) => ({
      id,
      author,
      sheet,
      criterion,
      at,
      ...(text === undefined ? { voice } : { text }),
    }));
}

/**
 * The photos nobody removed; one on a personal sheet is removed by its author alone.
 * @param {Entry[]} entries
 * @param {Set<string>} relayed
 * @returns {Photo[]}
 */
function photos(entries, relayed) {
  const removals = entries.filter((entry) => entry.kind === "photo_removed");
  return entries
    .filter((entry) => entry.kind === "photo_attached")
    .filter(
      (photo) =>
        !removals.some(
          (removal) =>
            removal.photo === photo.id &&
            removal.visit === photo.visit &&
            (photo.sheet === DUO || removal.author === photo.author) &&
            counts(removal, photo, relayed),
        ),
    )
    .map(({ id, author, sheet, criterion, sha256, caption, at }) => ({
      id,
      author,
      sheet,
      criterion,
      sha256,
      caption,
      at,
    }));
}

/**
 * @param {CommitmentNoted[]} noted
 * @param {Set<string>} relayed
 * @returns {Commitment[]}
 */
function commitments(noted, relayed) {
  const gone = superseded(noted, relayed);
  return noted
    .filter((entry) => !gone.has(entry.id) && entry.text !== "")
    .map(({ id, author, criterion, text, due }) => ({ id, author, criterion, text, due }));
}

/**
 * @param {SheetDone[]} done sorted by id
 * @returns {{[sheet: string]: string}}
 */
function firstPerSheet(done) {
  /** @type {{[sheet: string]: string}} */
  const first = bare();
  for (const { sheet, id } of done) first[sheet] ??= id;
  return first;
}
