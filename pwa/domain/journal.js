/**
 * The state of a visit: a pure fold over the *set* of its journal entries. Order and repetition do not matter, so two
 * phones, a lost answer or a replay cannot destroy anything. Twin of backend/domain/journal.py.
 */

export const DUO = 'duo';

/**
 * @import * as T from './types.d.ts'
 * @typedef {T.Choice} Choice
 * @typedef {T.Entry} Entry
 * @typedef {T.VisitState} VisitState
 */

/**
 * The state of one visit. Two contents under one id: the one its author's own device sent counts, and the id is listed
 * as disputed.
 * @param {Iterable<T.JournalRecord>} records the records of one visit
 * @returns {T.VisitState}
 */
export function fold(records) {
  const { kept, disputed } = onePerId(records);
  const relayed = new Set(kept.filter((record) => !record.confirmed).map((record) => record.entry.id));
  const entries = kept.map((record) => record.entry);
  const started = entries.filter((entry) => entry.kind === 'visit_started');
  const closings = entries.filter((entry) => entry.kind === 'visit_closed');
  const done = entries.filter((entry) => entry.kind === 'sheet_done');
  const impossible = entries.find((entry) => entry.kind === 'visit_impossible');
  const past = history(entries.filter((entry) => entry.kind === 'choice_made'), done, relayed);
  return {
    visit: entries.find((entry) => entry.visit)?.visit ?? null,
    started: started.map((entry) => entry.id),
    grid: started[0]?.grid ?? null,
    mode: started[0]?.mode ?? null,
    sheets: current(past),
    history: past,
    remarks: remarks(entries.filter((entry) => entry.kind === 'remark_made'), relayed),
    photos: photos(entries, relayed),
    commitments: commitments(entries.filter((entry) => entry.kind === 'commitment_noted'), relayed),
    done: firstDone(done, relayed),
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
 * What was answered to the questions of the coordination, oldest first.
 * @param {Iterable<T.JournalRecord>} records
 * @returns {T.AnswerToQuestion[]}
 */
export const answers = (records) =>
  onePerId(records).kept.flatMap(({ entry }) => {
    if (entry.kind !== 'question_answered') return [];
    const { id, author, question, at, text, voice } = entry;
    return [{ id, author, question, at, ...(text === undefined ? { voice } : { text }) }];
  });

/**
 * Who said that they cannot come, oldest first.
 * @param {Iterable<T.JournalRecord>} records
 * @returns {T.Unable[]}
 */
export const unable = (records) =>
  onePerId(records).kept.flatMap(({ entry }) => {
    if (entry.kind !== 'cannot_come') return [];
    const { id, author, at, text } = entry;
    return [{ id, author, at, text }];
  });

/**
 * The current choices per sheet and criterion, as `score` of scoring.js takes them.
 * @param {T.VisitState} state
 * @returns {T.SheetChoices}
 */
export function choices(state) {
  /** @type {T.SheetChoices} */
  const sheets = bare();
  for (const [sheet, criteria] of Object.entries(state.sheets)) {
    sheets[sheet] = bare();
    for (const [criterion, made] of Object.entries(criteria)) {
      sheets[sheet][criterion] = made.map((choice) => choice.choice);
    }
  }
  return sheets;
}

/**
 * Whether the personal sheets of a visit are still kept from the others: each on their own phone, until every current member
 * has declared theirs done from their own device, or the coordination released them. A mode not known yet is taken for that one.
 * @param {T.VisitState} state
 * @param {string[]} members the people who have a part in the visit now
 * @param {boolean} released
 */
export function sheetsHidden(state, members, released) {
  const relayed = new Set(state.relayed);
  const isDone = (/** @type {string} */ member) => member in state.done && !relayed.has(state.done[member]);
  const alone = state.mode === 'separate' || state.mode === null;
  return alone && !(members.length > 0 && members.every(isDone)) && !released;
}

/** Whether an entry says what one person thinks, on their own sheet: such entries may be hidden for a while. @param {T.Entry} entry */
export const writtenAlone = (entry) =>
  (entry.kind === 'choice_made' || entry.kind === 'remark_made' || entry.kind === 'photo_attached') && entry.sheet !== DUO;

/** An object in which no name is special, not even `__proto__`. @returns {any} */
const bare = () => Object.create(null);

/** @param {string[]} values */
const sortedSet = (values) => [...new Set(values)].sort();

/**
 * The record that counts for each id, sorted by id, and the ids that came with several contents.
 * @param {Iterable<T.JournalRecord>} records
 */
function onePerId(records) {
  /** @type {Map<string, T.JournalRecord>} */
  const kept = new Map();
  /** @type {string[]} */
  const disputed = [];
  for (const record of records) {
    const id = record.entry.id;
    const other = kept.get(id);
    if (other && canonical(other.entry) !== canonical(record.entry)) disputed.push(id);
    if (!other || precedes(record, other)) kept.set(id, record);
  }
  const sorted = [...kept.values()].sort((a, b) => (a.entry.id < b.entry.id ? -1 : 1));
  return { kept: sorted, disputed: sortedSet(disputed) };
}

/**
 * Confirmed first; between relays of one id any fixed order will do, if both engines keep to it.
 * @param {T.JournalRecord} one
 * @param {T.JournalRecord} other
 */
function precedes(one, other) {
  if (one.confirmed !== other.confirmed) return one.confirmed;
  return canonical(one.entry) < canonical(other.entry);
}

/**
 * The entry as ASCII JSON with sorted keys: same text, same content.
 * @param {T.Entry} entry
 */
const canonical = (entry) =>
  JSON.stringify(entry, Object.keys(entry).sort()).replace(
    /[\x7f-\uffff]/g,
    (unit) => '\\u' + unit.charCodeAt(0).toString(16).padStart(4, '0'),
  );

/**
 * Whether `later` may act on `earlier`: a relay never undoes what its author's own device sent.
 * @param {T.Entry} later
 * @param {T.Entry} earlier
 * @param {Set<string>} relayed
 */
const counts = (later, earlier, relayed) =>
  later.id > earlier.id && (later.author !== earlier.author || !relayed.has(later.id) || relayed.has(earlier.id));

/**
 * Ids that a later entry of the same slot supersedes; `idle` ones do nothing. Unknown targets wait.
 * @param {(T.ChoiceMade | T.RemarkMade | T.CommitmentNoted)[]} entries of one kind
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
 * @param {T.ChoiceMade | T.RemarkMade | T.CommitmentNoted} one
 * @param {T.ChoiceMade | T.RemarkMade | T.CommitmentNoted} other
 */
const sameSlot = (one, other) =>
  one.visit === other.visit &&
  one.criterion === other.criterion &&
  ('sheet' in one ? one.sheet : null) === ('sheet' in other ? other.sheet : null);

/**
 * Done freezes a personal sheet: ids of the choices that came to it afterwards.
 * @param {T.ChoiceMade[]} made
 * @param {T.SheetDone[]} done
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
 * @param {T.ChoiceMade[]} made
 * @param {T.SheetDone[]} done
 * @param {Set<string>} relayed
 * @returns {T.History}
 */
function history(made, done, relayed) {
  const late = afterDone(made, done, relayed);
  const gone = superseded(made, relayed, late);
  /** @type {T.History} */
  const past = bare();
  for (const { id, author, choice, at, sheet, criterion } of made) {
    const state = late.has(id) ? 'after_done' : gone.has(id) ? 'superseded' : 'current';
    ((past[sheet] ??= bare())[criterion] ??= []).push({ id, author, choice, at, state });
  }
  return past;
}

/**
 * @param {T.History} past
 * @returns {T.Sheets}
 */
function current(past) {
  /** @type {T.Sheets} */
  const sheets = bare();
  for (const [sheet, criteria] of Object.entries(past)) {
    for (const [criterion, made] of Object.entries(criteria)) {
      for (const { id, author, choice, state } of made) {
        if (state === 'current') ((sheets[sheet] ??= bare())[criterion] ??= []).push({ id, author, choice });
      }
    }
  }
  return sheets;
}

/**
 * @param {T.RemarkMade[]} made
 * @param {Set<string>} relayed
 * @returns {T.Remark[]}
 */
function remarks(made, relayed) {
  const gone = superseded(made, relayed);
  return made
    .filter((entry) => !gone.has(entry.id) && entry.text !== '')
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
 * @param {T.Entry[]} entries
 * @param {Set<string>} relayed
 * @returns {T.Photo[]}
 */
function photos(entries, relayed) {
  const removals = entries.filter((entry) => entry.kind === 'photo_removed');
  return entries
    .filter((entry) => entry.kind === 'photo_attached')
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
 * @param {T.CommitmentNoted[]} noted
 * @param {Set<string>} relayed
 * @returns {T.Commitment[]}
 */
function commitments(noted, relayed) {
  const gone = superseded(noted, relayed);
  return noted
    .filter((entry) => !gone.has(entry.id) && entry.text !== '')
    .map(({ id, author, criterion, text, due }) => ({ id, author, criterion, text, due }));
}

/**
 * The first done of each sheet: the first its author's own device sent, when there is one.
 * @param {T.SheetDone[]} done
 * @param {Set<string>} relayed
 * @returns {Record<string, string>}
 */
function firstDone(done, relayed) {
  /** @type {Record<string, string>} */
  const first = bare();
  for (const { sheet, id } of [...done.filter((declared) => !relayed.has(declared.id)), ...done]) first[sheet] ??= id;
  return first;
}
