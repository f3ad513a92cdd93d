/** What this phone keeps, visit by visit, and what could happen to it. Loaded after the first screen. */
import { foldOnce, mediaOf } from './records.js';

/** @import { Device, Kept, Memory, Warning } from '../types.js' */

const DAY = 86_400_000;
const MB = 1_000_000;

/**
 * @param {Memory} memory
 * @param {{ device: Device | null, clockOff: number, now: number }} phone times in milliseconds
 */
export const keepingState = (memory, phone) => ({
  here: hereOf(memory),
  warnings: warningsOf(memory, phone),
  /** Names of those for whom something was brought here, and who are not here. */
  absent: (memory.facts.absent ?? []).filter(({ id }) => !memory.facts.people?.some((person) => person.id === id)),
});

/** Each visit of which something is here, latest first; what belongs to no visit last. @param {Memory} memory */
function hereOf(memory) {
  const practice = practiceIn(memory);
  const ids = new Set([...memory.records.keys(), ...[...memory.drafts.values()].map(({ visit }) => visit)]);
  return [...ids]
    .filter((id) => !practice.includes(id))
    .map((id) => hereOfVisit(memory, id))
    .filter(({ records, drafts }) => records.length + drafts.length > 0)
    .sort((one, other) => (one.id < other.id ? 1 : -1));
}

/** Nothing of it is ever sent. @param {Memory} memory */
const practiceIn = ({ visits }) => visits.filter(({ training }) => training).map(({ id }) => id);

/** @param {Memory} memory @param {string} id */
function hereOfVisit(memory, id) {
  const visit = memory.visits.find((one) => one.id === id) ?? null;
  const records = (memory.records.get(id) ?? []).filter(({ set_aside: aside }) => !aside);
  const state = foldOnce(records);
  const grid = visit && memory.grids.get(state.grid ?? visit.grid);
  const nameOf = (/** @type {string | null} */ criterion) => grid?.criteria.find((one) => one.id === criterion)?.name ?? null;
  const waiting = records.filter(({ status }) => status === 'local' || status === 'sending');
  const media = mediaOf(memory, id);
  const refused = new Set(media.filter(({ status }) => status === 'refused').map(({ sha256 }) => sha256));
  return {
    id,
    visit,
    records,
    spotted: records.flatMap(({ entry }) => (entry.kind === 'merchant_spotted' ? entry.name : [])),
    answers: answered(state.sheets),
    remarks: state.remarks.length,
    photos: state.photos.length,
    waiting: waiting.length,
    /** Since when the oldest of these waits. */
    since: waiting.length ? Math.min(...waiting.map(({ entry }) => Date.parse(entry.at))) : null,
    /** Photos and voice notes that wait to be sent, after the entries that announce them. */
    media: media.filter(({ status }) => status === 'local').length,
    /** Those that the fund could not read, each with where it is taken again. */
    retake: [...state.photos, ...state.remarks].filter((one) => refused.has(hashOf(one))).map(({ id: entry, criterion }) => ({ entry, criterion, name: nameOf(criterion) })),
    refused: records.filter(({ status }) => status === 'rejected').length,
    held: records.filter(({ status }) => status === 'held').length,
    ended: state.closed !== null || state.impossible !== null,
    drafts: [...memory.drafts.values()]
      .filter((draft) => draft.visit === id && draft.text.trim())
      .map((draft) => ({ ...draft, name: nameOf(draft.criterion) })),
  };
}

/** @param {{ sha256?: string, voice?: string }} announced */
const hashOf = ({ sha256, voice }) => sha256 ?? voice ?? '';

/** A question answered on two sheets counts once. @param {import('../types.js').VisitState['sheets']} sheets */
const answered = (sheets) =>
  new Set(
    Object.values(sheets).flatMap((sheet) =>
      Object.keys(sheet).filter((criterion) => sheet[criterion].some(({ choice }) => choice !== null)),
    ),
  ).size;

/** How long a warning that was put aside is silent, in days. @type {Record<Warning['name'], number>} */
const SILENT = { space: 1, ios: 3, private: 3, kept: 7, old: 1, clock: 1 };

/**
 * The gravest first.
 * @param {Memory} memory @param {{ device: Device | null, clockOff: number, now: number }} phone
 * @returns {Warning[]}
 */
function warningsOf(memory, { device, clockOff, now }) {
  const { put_aside: aside = {}, people, field_at: field, received_at: received } = memory.facts;
  const days = Math.floor((now - Math.max(field ?? now, received ?? 0)) / DAY);
  return [
    ...(device ? ofDevice(device, somethingToLose(memory)) : []),
    ...(people?.length && days >= 7 ? [/** @type {const} */ ({ name: 'old', days })] : []),
    ...(Math.abs(clockOff) > DAY / 4 ? [/** @type {const} */ ({ name: 'clock', hours: Math.round(clockOff / (DAY / 24)) })] : []),
  ].filter(({ name }) => now - (aside[name] ?? 0) > SILENT[name] * DAY);
}

/** @param {Device} device @param {boolean} precious whether something is here that the fund has not @returns {Warning[]} */
function ofDevice({ quota, usage, persisted, installed, system }, precious) {
  const free = quota === null ? null : Math.max(quota - (usage ?? 0), 0);
  if (free !== null && quota && (free < 50 * MB || free < 0.2 * quota)) return [{ name: 'space', free }];
  if (quota && quota < 150 * MB) return [{ name: 'private' }];
  if (installed || persisted === true || persisted === null) return [];
  if (system === 'ios') return [{ name: 'ios' }];
  return precious ? [{ name: 'kept', system }] : [];
}

/** @param {Memory} memory */
const somethingToLose = (memory) =>
  [...memory.drafts.values()].some(({ visit }) => !practiceIn(memory).includes(visit)) ||
  [...memory.records.values()].flat().some(({ status }) => /** @type {Kept['status'][]} */ (['local', 'sending', 'rejected', 'held']).includes(status));
