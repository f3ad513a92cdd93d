/**
 * Has the public pages kept on the phone (`offline-worker.js`), and says so when a page is a copy: its date, a warning once it
 * is old, and the new one as soon as the network is back.
 */
import { element, filled } from './map/pieces.js';

const OLD = 7 * 86_400_000; // ms
const AGAIN = 15_000; // ms between two looks for the network
const RENEWED = 'renewed';
const ZONE = 'Europe/Paris';

/** When what this page says was last true, if a phone shows its copy; else null. */
export const keptAt = () => Number(document.documentElement.dataset.keptAt) || null;

/** Say that this page is a copy, if it is one; have it kept, if it is none. In another site's page it is neither. */
export function keepThisPage() {
  const at = keptAt();
  if (at) sayItIsACopy(at);
  else if (window.top === window) {
    sayWasRenewed(false);
    void haveItKept();
  }
}

async function haveItKept() {
  const workers = navigator.serviceWorker;
  if (!workers) return; // an old browser, or no secure address
  await quiet();
  try {
    await workers.register('/sw.js', { updateViaCache: 'none' });
    workers.addEventListener('message', ({ data }) => {
      document.documentElement.dataset.kept = String(data.kept); // when, or 0: it could not be
    });
    workers.startMessages();
    await ask({ ask: 'keep', lean: isLean() });
  } catch {
    // private windows and full phones refuse: the page itself goes on
  }
}

/** Once the page has all that it needs for itself. */
async function quiet() {
  if (document.readyState !== 'complete') await new Promise((loaded) => addEventListener('load', loaded, { once: true }));
  await new Promise((free) => (window.requestIdleCallback ?? setTimeout)(free));
}

const isLean = () => Boolean(/** @type {any} */ (navigator).connection?.saveData);

/** @param {Record<string, unknown>} message */
async function ask(message) {
  (await navigator.serviceWorker?.ready)?.active?.postMessage(message);
}

/** Have the pieces of the ground kept that are shown now. @param {HTMLElement} map */
export function keepGround(map) {
  if (window.top !== window || !navigator.serviceWorker || keptAt()) return;
  const shown = [.../** @type {NodeListOf<HTMLImageElement>} */ (map.querySelectorAll('img.leaflet-tile-loaded'))];
  void ask({ ask: 'ground', ground: shown.map((piece) => piece.src) });
}

// --- a copy ---

/** @param {number} at */
function sayItIsACopy(at) {
  const place = document.getElementById('kept-copy');
  if (!place) return;
  const { copy = '', old = '' } = place.dataset;
  const isOld = Date.now() - at > OLD;
  place.classList.toggle('refused', isOld);
  place.replaceChildren(element('p', '', filled(isOld ? old : copy, { day: dayOf(at), hour: hourOf(at) })));
  place.hidden = false;
  watchForNetwork(place);
}

/** @param {number} at @param {Intl.DateTimeFormatOptions} how */
const spoken = (at, how) => new Intl.DateTimeFormat('fr-FR', { timeZone: ZONE, ...how }).format(at);

/** @param {number} at */
function dayOf(at) {
  const thisYear = spoken(at, { year: 'numeric' }) === spoken(Date.now(), { year: 'numeric' });
  const day = spoken(at, { weekday: 'long', day: 'numeric', month: 'long', ...(thisYear ? {} : { year: 'numeric' }) });
  return day.replace(/ 1 /, ' 1er ');
}

/** @param {number} at */
const hourOf = (at) => spoken(at, { hour: 'numeric', minute: '2-digit' }).replace(/^0(\d)/, '$1');

/** @param {HTMLElement} place */
function watchForNetwork(place) {
  let done = false;
  const look = async () => {
    if (done || document.hidden || !(await isBack()) || done) return;
    done = true; // a timer, the phone and the reader may all have asked
    clearInterval(timer);
    removeEventListener('online', look);
    document.removeEventListener('visibilitychange', look);
    await ask({ ask: 'renew' });
    if (isBusy() || wasRenewed()) offerToRenew(place);
    else {
      sayWasRenewed(true);
      location.reload();
    }
  };
  const timer = setInterval(look, AGAIN);
  addEventListener('online', look);
  document.addEventListener('visibilitychange', look);
}

/** Whether this copy stands where the page had just made itself new: the network answers some things and not others. */
function wasRenewed() {
  try {
    return sessionStorage.getItem(RENEWED) !== null;
  } catch {
    return true; // nothing is remembered here: better a button than a page that begins again and again
  }
}

/** @param {boolean} was */
function sayWasRenewed(was) {
  try {
    if (was) sessionStorage.setItem(RENEWED, '');
    else sessionStorage.removeItem(RENEWED);
  } catch {
    // then the button is offered
  }
}

async function isBack() {
  try {
    return (await fetch('/hors-ligne.json', { cache: 'no-store' })).ok;
  } catch {
    return false;
  }
}

/** Whether somebody is in the middle of something that a fresh page would take away. */
const isBusy = () => Boolean(document.activeElement?.matches('input, select, textarea') || document.querySelector('[role=dialog]'));

/** @param {HTMLElement} place */
function offerToRenew(place) {
  const { back = '', renew = '' } = place.dataset;
  const button = element('button', '', renew);
  button.type = 'button';
  button.addEventListener('click', () => location.reload());
  place.append(element('p', '', back), button);
}
