/** What people do, written down: the one place that makes entries. */
import { DUO, fold } from '../domain/journal.js';
import { TRAINING, mint } from '../domain/ids.js';

/** @import { Body, Choice, Draft, Kept, Media, Settling, StorePorts, VisitState, Where, Write } from '../types.js' */

/** The visit was ended, here or in another tab: nothing more is written to it. */
export class VisitEnded extends Error {
  name = 'VisitEnded';
}

/** @param {Write} write @param {StorePorts} ports */
export function journal(write, { clock, random, app }) {
  /**
   * Writes the entries that `compose` makes of the visit as it is on disk at that instant, with ids above every id known here.
   * What comes after the closing is closed again with it, so that the fund waits for it too.
   * @param {string} visit
   * @param {string} author
   * @param {(state: VisitState, kept: Kept[], drafts: Draft[]) => Body[]} compose
   * @param {{ done?: (draft: Draft) => boolean, media?: Media[] }} [along] drafts of the visit that these entries replace; bytes
   * that they announce, written in the same transaction
   */
  const append = (visit, author, compose, { done = () => false, media = [] } = {}) =>
    write(['entries', 'drafts', 'media'], async (tx) => {
      const [entries, drafts, bytes] = ['entries', 'drafts', 'media'].map((store) => tx.objectStore(store));
      const [kept, newest, typed] = await Promise.all([
        entries.index('visit').getAll(visit),
        entries.openKeyCursor(null, 'prev'),
        drafts.getAll(),
      ]);
      const texts = typed.filter((draft) => draft.visit === visit && done(draft));
      const state = fold(kept);
      const above = /** @type {string | undefined} */ (newest?.key);
      const made = stamped(compose(state, kept, texts), visit, author, above);
      if (state.closed && made.length)
        made.push(...stamped([closing([...kept, ...made])], visit, author, made[made.length - 1].id));
      await Promise.all([
        ...made.map((record) => entries.put(record)),
        ...setAside(kept, made).map((record) => entries.put(record)),
        ...texts.map(({ place }) => drafts.delete(place)),
        ...media.map((one) => bytes.put(one)),
      ]);
      return made;
    });

  /**
   * @param {Body[]} bodies
   * @param {string} visit
   * @param {string} author
   * @param {string | undefined} above
   * @returns {Kept[]}
   */
  const stamped = (bodies, visit, author, above) =>
    bodies.map((body) => {
      const now = clock();
      above = mint(now, randomBits(random), above ?? null);
      const entry = /** @type {any} */ ({ id: above, v: 1, visit, author, at: isoWithOffset(now), app, ...body });
      return {
        id: above,
        visit,
        entry,
        status: visit === TRAINING ? 'training' : 'local',
        problem: null,
        origin: 'here',
        confirmed: true,
        brought_by: null,
      };
    });

  /**
   * A choice replaces whatever is current on that sheet for that criterion; null clears it.
   * @param {(state: VisitState, sheet: string) => VisitState} allowed
   * @returns {(where: Where, choice: Choice, settling?: Settling) => Promise<Kept[]>}
   */
  const choose =
    (allowed) =>
    ({ visit, author, sheet, criterion }, choice, settling = {}) =>
      append(visit, author, (state) => [
        {
          kind: 'choice_made',
          sheet,
          criterion,
          choice,
          supersedes: currentIds(allowed(state, sheet), sheet, criterion),
          ...settling,
        },
      ]);

  return {
    append,
    stamped,

    /**
     * Begins the visit here, unless it is begun: whoever begins chooses the way it is made.
     * @param {string} visit @param {string} author @param {{ grid: string, mode: string, present: string[] }} how
     */
    startVisit: (visit, author, how) =>
      append(visit, author, (state) => (state.started.length ? [] : [{ kind: 'visit_started', ...how }])),

    /** Begins it again, when the fund would not have the beginning. @param {string} visit @param {string} author @param {{ grid: string, mode: string, present: string[] }} how */
    restartVisit: (visit, author, how) => append(visit, author, () => [{ kind: 'visit_started', ...how }]),

    answer: choose(stillWritable),

    /**
     * A photo or a spoken remark with its bytes, in one transaction: neither is ever kept without the other.
     * @param {string} visit @param {string} author @param {Body} body @param {Media} medium
     */
    attach: (visit, author, body, medium) =>
      append(visit, author, (state) => stillOpen(state) && [body], { media: [medium] }),

    /** Takes a photo away; with another caption, puts it back under that one. @param {string} visit @param {string} author @param {string} photo @param {string} [caption] */
    changePhoto: (visit, author, photo, caption) =>
      append(visit, author, (state, kept) => {
        const entry = kept.find(({ id }) => id === photo)?.entry;
        if (!stillOpen(state).photos.some(({ id }) => id === photo) || entry?.kind !== 'photo_attached') return [];
        const { kind, sheet, criterion, sha256, bytes, media } = entry;
        const again = { kind, sheet, criterion, sha256, bytes, media, caption };
        return [{ kind: 'photo_removed', photo }, ...(caption === undefined ? [] : [again])];
      }),

    /** Takes a spoken remark away. @param {string} visit @param {string} author @param {string} remark */
    removeVoice: (visit, author, remark) =>
      append(visit, author, (state) => {
        const said = stillOpen(state).remarks.find(({ id }) => id === remark);
        return said
          ? [{ kind: 'remark_made', sheet: said.sheet, criterion: said.criterion, text: '', supersedes: [remark] }]
          : [];
      }),

    /** This person's sheet is done: it changes no more, and the others may see it once theirs are. @param {string} visit @param {string} author */
    sheetDone: (visit, author) =>
      append(visit, author, (state) =>
        stillOpen(state).done[author] ? [] : [{ kind: 'sheet_done', sheet: author }],
      ),

    /** Once the visit is closed: what was refused, or answered twice apart. */
    correct: choose((state) => state),

    /** @param {Draft} draft as typed so far */
    keepTyping: (draft) =>
      write(['drafts'], async (tx) => {
        await tx.objectStore('drafts').put(draft);
      }),

    /**
     * What was typed at `place` becomes a remark, or the reason of what was settled, unless that is what was said already.
     * @param {string} visit @param {string} author @param {string} place
     */
    typingDone: (visit, author, place) =>
      append(
        visit,
        author,
        (state, kept, drafts) => [...remarksOf(state, drafts), ...reasonsOf(state, kept, drafts)],
        { done: (draft) => draft.place === place },
      ),

    /**
     * Ends the visit. The closing lists everything this phone knows of it.
     * @param {string} visit @param {string} author
     */
    closeVisit: (visit, author) => append(visit, author, (state, kept) => stillOpen(state) && [closing(kept)]),

    /** @param {string} visit @param {string} author @param {string} cause @param {string} text */
    visitImpossible: (visit, author, cause, text) =>
      append(
        visit,
        author,
        (state) => stillOpen(state) && [{ kind: 'visit_impossible', cause, text }],
        { done: ({ kind }) => kind === 'impossible' },
      ),
  };
}

/** @param {VisitState} state */
function stillOpen(state) {
  if (state.closed || state.impossible) throw new VisitEnded();
  return state;
}

/** Done freezes a personal sheet, perhaps in another tab. @param {VisitState} state @param {string} sheet */
function stillWritable(state, sheet) {
  if (sheet !== DUO && state.done[sheet]) throw new VisitEnded();
  return stillOpen(state);
}

/** @param {VisitState} state @param {string} sheet @param {string} criterion */
const currentIds = (state, sheet, criterion) => (state.sheets[sheet]?.[criterion] ?? []).map(({ id }) => id);

/** Without what was refused: it will not come. @param {Kept[]} kept @returns {Body} */
function closing(kept) {
  const coming = kept.filter(({ status, set_aside: aside }) => status !== 'rejected' && !aside);
  const { photos, remarks } = fold(coming);
  const announced = [...photos.map(({ sha256 }) => sha256), ...remarks.flatMap(({ voice }) => voice ?? [])];
  return { kind: 'visit_closed', entries: coming.map(({ id }) => id), photos: [...new Set(announced)].sort() };
}

/**
 * A text replaces the remarks its author saw, and no other: two tabs that typed apart both keep their words.
 * @param {VisitState} state @param {Draft[]} drafts @returns {Body[]}
 */
function remarksOf(state, drafts) {
  return drafts.flatMap(({ kind, sheet, criterion, text, over }) => {
    const said = state.remarks
      .filter(({ id }) => over.includes(id))
      .map((remark) => remark.text)
      .join('\n\n');
    if (kind !== 'remark' || text.trim() === said) return [];
    return [{ kind: 'remark_made', sheet, criterion, text: text.trim(), supersedes: over }];
  });
}

/**
 * Why a difference was settled as it was: the same choice again, with its reason.
 * @param {VisitState} state @param {Kept[]} kept @param {Draft[]} drafts @returns {Body[]}
 */
function reasonsOf(state, kept, drafts) {
  return drafts.flatMap(({ kind, criterion, text }) => {
    if (kind !== 'reason') return [];
    const settled = currentIds(state, DUO, criterion).map((id) => kept.find((record) => record.id === id)?.entry);
    return settled.flatMap((entry) => {
      if (settled.length > 1 || entry?.kind !== 'choice_made' || (entry.reason ?? '') === text.trim()) return [];
      const { choice, present = [] } = entry;
      const again = { kind: 'choice_made', sheet: DUO, criterion, choice, reason: text.trim(), present };
      return [{ ...again, supersedes: [entry.id] }];
    });
  });
}

/** Refused entries that a new one replaces need no further care. @param {Kept[]} kept @param {Kept[]} made @returns {Kept[]} */
function setAside(kept, made) {
  const replaced = new Set(made.flatMap(({ entry }) => ('supersedes' in entry ? entry.supersedes : [])));
  const begun = made.some(({ entry }) => entry.kind === 'visit_started');
  return kept
    .filter(({ id, status, entry }) => status === 'rejected' && (replaced.has(id) || (begun && entry.kind === 'visit_started')))
    .map((record) => ({ ...record, set_aside: true }));
}

/** The phone's clock with its offset, "2026-11-24T14:30:00+01:00". @param {number} ms */
export function isoWithOffset(ms) {
  const offset = -new Date(ms).getTimezoneOffset();
  const two = (/** @type {number} */ n) => String(Math.abs(n)).padStart(2, '0');
  const sign = offset < 0 ? '-' : '+';
  return `${new Date(ms + offset * 60_000).toISOString().slice(0, 19)}${sign}${two(Math.trunc(offset / 60))}:${two(offset % 60)}`;
}

/** 74 random bits. @param {(bytes: number) => Uint8Array} random */
export const randomBits = (random) =>
  BigInt(`0x${[...random(10)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`) >> 6n;
