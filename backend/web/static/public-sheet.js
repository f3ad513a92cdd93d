/**
 * The sheet of a sales point on a phone: says anew whether it is open, and shares the address.
 *
 * The server expands the hours into instants (`backend/domain/openings.py`): here they are only compared.
 */

import { keepThisPage } from './offline.js';

/**
 * @typedef {object} Openings instants in seconds
 * @property {[number, number][]} open
 * @property {[number, number][]} doubtful
 * @property {number} until nothing is known from then on
 * @property {Record<string, string>} words
 */

const SOON = 3600; // seconds: below, one says how many minutes are left
const FAR = 86_400; // seconds: from there on, the hour at which it closes would be taken for today's
const ZONE = 'Europe/Paris';

/**
 * How it is at an instant, and until when (null: as far as anybody knows, or for a day at least). `sure`: whether the next
 * opening is; a day that nobody knows may come before it.
 * @param {Openings} known
 * @param {number} at seconds
 * @returns {{now: string, until: number | null, sure?: boolean}}
 */
export function status(known, at) {
  if (at >= known.until) return { now: 'unknown', until: null };
  if (known.doubtful.some(([start, end]) => start <= at && at < end)) return { now: 'doubtful', until: null };
  for (const [start, end] of known.open) {
    if (start <= at && at < end) {
      const sure = end < known.until && end - at < FAR && !known.doubtful.some(([from]) => from === end);
      return { now: 'open', until: sure ? end : null };
    }
    if (at < start) return closed(known, at, start);
  }
  return closed(known, at, null);
}

/** @param {Openings} known @param {number} at @param {number | null} until */
function closed(known, at, until) {
  const sure = !known.doubtful.some(([start]) => at < start && (until === null || start < until));
  return { now: 'closed', until: sure ? until : null, sure };
}

/**
 * The words for an instant, the same as the server's.
 * @param {Openings} known
 * @param {number} at seconds
 * @returns {string}
 */
export function said(known, at) {
  const { now, until, sure = true } = status(known, at);
  if (until === null) return known.words[sure ? now : `${now}_unsure`];
  if (until - at < SOON) {
    return known.words[`${now}_in`].replace('{minutes}', String(Math.max(1, Math.floor((until - at) / 60))));
  }
  const far = Math.round((dayOf(until) - dayOf(at)) / 86400e3);
  const how = now === 'open' || far === 0 ? 'at' : far === 1 ? 'tomorrow' : far < 7 ? 'on' : 'later';
  const day = spoken(until, how === 'on' ? { weekday: 'long' } : { day: 'numeric', month: 'long' });
  return known.words[`${now}_${how}`].replace('{hour}', hour(until)).replace('{day}', day.replace(/^1 /, '1er '));
}

/** @param {number} at @param {Intl.DateTimeFormatOptions} how */
const spoken = (at, how) => new Intl.DateTimeFormat('fr-FR', { timeZone: ZONE, ...how }).format(at * 1000);

/** @param {number} at */
function hour(at) {
  const [hours, minutes] = spoken(at, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).split(':');
  return `${Number(hours)}:${minutes}`;
}

/** The day it is in Paris, as the midnight of a calendar without clock changes. @param {number} at */
function dayOf(at) {
  const [day, month, year] = spoken(at, { day: '2-digit', month: '2-digit', year: 'numeric' }).split('/').map(Number);
  return Date.UTC(year, month - 1, day);
}

function refresh() {
  const line = document.getElementById('opening');
  const data = document.getElementById('openings');
  if (!line || !data) return;
  /** @type {Openings} */
  const known = JSON.parse(data.textContent ?? '');
  const words = said(known, Date.now() / 1000);
  if (line.textContent !== words) line.textContent = words;
}

function offerToShare() {
  const button = document.getElementById('share');
  if (!button || !(navigator.share || navigator.clipboard)) return;
  button.hidden = false;
  button.addEventListener('click', () => void share(button));
}

/** @param {HTMLElement} button */
async function share(button) {
  const { title, url, done } = button.dataset;
  try {
    if (navigator.share) return await navigator.share({ title, url });
    await navigator.clipboard.writeText(url ?? '');
    const status = document.getElementById('shared');
    if (status) status.textContent = done ?? '';
  } catch {
    // put away, or not allowed: the address is still in the browser's own bar
  }
}

if (typeof document !== 'undefined') {
  refresh();
  setInterval(refresh, 20_000);
  document.addEventListener('visibilitychange', refresh);
  offerToShare();
  keepThisPage();
}
