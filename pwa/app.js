/** Wiring only: who is given what, and when the screen is drawn again. */
import { nothing, render } from './vendor/lit-html.js';
import { noRoomSentence } from './actions/gestures.js';
import { makeActions } from './actions/index.js';
import { routeOf, to } from './routes.js';
import { countsOf, refusedIn } from './state/phone.js';
import { screenOf } from './state/screens.js';
import { visitOf } from './state/visit.js';
import { visitLists } from './state/visits.js';
import { openStore } from './store/store.js';
import { fundApi } from './sync/api.js';
import { makeOutbox } from './sync/outbox.js';
import { LANGUAGES, gridInWords, language, speakWith } from './text.js';
import { AT_ONCE, makeTyping } from './typing.js';
import { APP_VERSION } from './version.js';
import { CALM, frame } from './views/frame.js';
import { bringViews, view } from './views/index.js';

/** @import { Act, Device, Exchanging, Keeping, Known, Memory, Ports, Progress, Spot, Voice } from './types.js' */

/** @typedef {ReturnType<typeof screenState>} State */

const root = /** @type {HTMLElement} */ (document.getElementById('app'));
const spoken = /** @type {HTMLElement} */ (document.getElementById('said'));
const tab = crypto.randomUUID();
const AT_CAMERA = 30 * 60_000;

/** What is shown and kept nowhere. */
const shown = {
  progress: /** @type {Progress} */ ({ phase: 'idle', detail: null }),
  join: { code: '', busy: false, problem: /** @type {string | null} */ (null) },
  failure: /** @type {string | null} */ (null),
  trouble: /** @type {'newer' | 'closed' | 'busy' | null} */ (null),
  update: /** @type {ServiceWorker | null} */ (null),
  /** The browser's own offer to install the app, to be made when it helps. */
  install: /** @type {any} */ (null),
  device: /** @type {Device | null} */ (null),
  /** The camera as a reader of invitations. */
  scan: { reading: false, problem: /** @type {string | null} */ (null) },
  /** How far this phone's clock is ahead of the fund's, in milliseconds: only to say so. */
  clockOff: 0,
  /** Photos being made small; one that cannot be read; what is asked once more before it is taken away; a note being made. */
  busy: false,
  unreadable: /** @type {string | null} */ (null),
  asked: /** @type {string | null} */ (null),
  voice: /** @type {Voice} */ ({ phase: 'none', seconds: 0, blob: null, url: null, problem: null, place: '' }),
  /** The merchants the fund knows, once the screen that needs them asked; where one is being looked for; the one just spotted. */
  merchants: /** @type {Known[]} */ ([]),
  locating: false,
  locateProblem: /** @type {string | null} */ (null),
  spotted: /** @type {string | null} */ (null),
  speaking: false,
  exchange: /** @type {Exchanging} */ ({
    codes: [],
    at: 0,
    playing: false,
    heldBack: false,
    reading: false,
    progress: { total: 0, have: [], missing: [] },
    said: null,
    problem: null,
  }),
  keeping: /** @type {Keeping} */ ({ busy: false, said: null, leavers: [], losses: null, sure: false }),
};

/** @type {Memory} */
let memory = { facts: {}, visits: [], grids: new Map(), records: new Map(), drafts: new Map(), media: new Map() };
let route = enter();
let drawn = '';
/** The language that was asked for last. */
let asked = 'fr';
/** @type {typeof import('./score.js').scoreOf | null} */
let scoreOf = null;
/** @type {typeof import('./state/spotting.js').spotState | null} */
let spotState = null;
/** @type {typeof import('./state/keeping.js').keepingState | null} */
let keepingState = null;
/** @type {(() => void)[]} */
const forCalm = [];

const store = openStore({
  clock: Date.now,
  random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  app: APP_VERSION,
  channel: new BroadcastChannel('caisse-commune'),
  free: whenCalm,
  blocked: () => set({ trouble: 'busy' }),
});
const api = fundApi({ fetch: async (...request) => heard(await fetch(...request)) });
const typing = makeTyping(store);
const outbox = makeOutbox({
  api,
  store,
  clock: Date.now,
  random: Math.random,
  alone: (work) => (navigator.locks ? navigator.locks.request('caisse-commune-outbox', work) : work()),
  later: (work, ms) => setTimeout(work, ms),
  forget: (timer) => clearTimeout(timer),
  show: (progress) => set({ progress }),
});
/** @param {{ now?: boolean, byHand?: boolean }} [how] */
const send = (how) => outbox.wake(how).catch(broken);
/** @type {Ports} */
const ports = {
  store,
  api,
  send,
  typing,
  state: screenState,
  set,
  go,
  say,
  takeUpdate: () => shown.update?.postMessage('take over'),
  bringTheRest,
};
const act = /** @type {Act} */ (makeActions(ports)); // the others join once they are here

/** @param {Response} answer */
function heard(answer) {
  const theirs = Date.parse(answer.headers.get('date') ?? '');
  if (theirs) shown.clockOff = Date.now() - theirs;
  return answer;
}

/** The route asked for. The secret of an invitation leaves the address bar before anything else happens. */
function enter() {
  const asked = routeOf(location.hash);
  if (asked.code) history.replaceState(null, '', location.pathname + to.join);
  return asked;
}

/** Everything the screen to show needs. */
function screenState() {
  const visit = route.visit ? visitOf(memory, route.visit) : null;
  const screen = shown.trouble ? 'trouble' : screenOf(route, memory, visit);
  const at = visit?.answers.findIndex(({ criterion }) => criterion.id === route.criterion) ?? -1;
  const place = `${route.visit}/${screen === 'criterion' ? route.criterion : 'impossible'}/${tab}`;
  return {
    ...shown,
    screen,
    visit,
    at,
    place,
    typed: typing.textAt(place) ?? (screen === 'impossible' ? leftText('impossible', route.visit ?? '', '') : null),
    written,
    placeOf,
    typedKept: typing.isKept(place),
    reasonPlace: `${place}/reason`,
    reason: typing.textAt(`${place}/reason`),
    people: memory.facts.people ?? [],
    me: meIn(memory),
    territory: memory.facts.territory ?? null,
    counts: countsOf(memory),
    online: navigator.onLine,
    signedOut: memory.facts.signed_out ?? false,
    receivedAt: memory.facts.received_at ?? null,
    fieldKnown: memory.facts.field_at !== undefined,
    lists: visitLists(memory),
    refused: refusedIn(memory),
    score: screen === 'closed' && visit ? (scoreOf?.(visit) ?? null) : null,
    thanks: route.name === 'thanks',
    version: APP_VERSION,
    language: language(),
    practising: memory.visits.some(({ training }) => training),
    ...(screen === 'spot' && spotState ? spotState(memory, written('spot'), shown.merchants) : NO_SPOT),
    kept: CALM.includes(screen) || screen === 'leaving' ? (keepingState?.(memory, { ...shown, now: Date.now() }) ?? null) : null,
  };
}

/** Of the screen for spotting, everywhere else. */
const NO_SPOT = { spot: /** @type {Spot} */ (/** @type {unknown} */ (null)), spots: [], lookalikes: [] };

/** Whose hands this phone is in, when several people joined it. @param {Memory} memory */
const meIn = ({ facts: { people = [], me } }) => people.find(({ id }) => id === me) ?? (people.length === 1 ? people[0] : null);

/** What a killed page had begun to write, and no button has taken. @param {string} kind @param {string} visit @param {string} about */
const leftText = (kind, visit, about) =>
  [...memory.drafts.values()].find(
    (draft) => draft.kind === kind && draft.visit === visit && draft.criterion === about && !draft.held,
  )?.text ?? null;

/** What is being written, here or before this page was killed. @param {string} kind @param {string} [about] */
const written = (kind, about = '') =>
  typing.textAt(placeOf(kind, about)) ?? leftText(kind, route.visit ?? '', about) ?? '';

/** @param {string} kind @param {string} about */
const placeOf = (kind, about) => `${route.visit ?? ''}/${kind}/${about}/${tab}`;

/**
 * A new screen is a new page: nothing of the former one stays, and reading starts at its heading.
 * @returns {void}
 */
function draw() {
  const state = screenState();
  const wanted = view(state.screen);
  if (!wanted) return void bringTheRest();
  const key = [state.screen, route.visit, route.criterion].join('/');
  const changed = key !== drawn;
  if (changed) render(nothing, root);
  render(frame(wanted, state, act), root);
  if (!changed) return;
  Object.assign(shown, { asked: null, unreadable: null });
  if (drawn) act.finishTyping();
  if (drawn) act.leftScreen?.();
  document.title = `${wanted.title(state)} – ${memory.facts.territory?.name ?? 'La caisse'}`;
  if (drawn) root.querySelector('h1')?.focus({ preventScroll: true });
  if (drawn) scrollTo(0, 0); // where texts are large the page scrolls, not the screen
  drawn = key;
  if (state.screen === 'spot') act.later('knowMerchants').catch(() => {}); // without a network, those of the last time
  if (forCalm.length) sayWhenCalm();
}

/** @type {Promise<Act> | null} */
let theRest = null;
/** What the first screens do without, all of it, so that a page that stays open never mixes two versions of the app. */
function bringTheRest() {
  return (theRest ??= bringEverything().catch((error) => {
    theRest = null; // not kept on this phone yet, and no network
    throw error;
  }));
}

async function bringEverything() {
  const [{ makeLaterActions }, score, keeping, spots, { watchDevice }, fillSlots] = await Promise.all([
    import('./actions/later.js'),
    import('./score.js'),
    import('./state/keeping.js'),
    import('./state/spotting.js'),
    import('./device.js'),
    bringViews(),
    bringStyles(),
  ]);
  Object.assign(act, makeLaterActions(ports));
  fillSlots();
  scoreOf = score.scoreOf;
  keepingState = keeping.keepingState;
  spotState = spots.spotState;
  store.forgetOldMedia(Date.now()).catch(() => {}); // another time
  watchDevice(store.onChange, (device) => set({ device }));
  draw();
  return act;
}

/** The look of the later screens. */
const bringStyles = () =>
  new Promise((there, missing) => {
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = new URL('later.css', import.meta.url).href;
    link.onload = there;
    link.onerror = missing;
    document.head.append(link);
  });

/** @param {Partial<typeof shown>} changes */
function set(changes) {
  Object.assign(shown, changes);
  draw();
}

/** @param {string} hash @param {'replace'} [how] */
function go(hash, how) {
  const address = location.pathname + (hash === to.visits ? '' : hash);
  if (how === 'replace') history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  follow();
}

/** @param {string} sentence */
function say(sentence) {
  spoken.textContent = '';
  requestAnimationFrame(() => {
    spoken.textContent = sentence;
  });
}

function follow() {
  route = enter();
  draw();
  if (route.code) act.joinWith(route.code);
}

/** The language chosen on this phone, else the first of the system's that we have. @param {Memory} read */
async function speakAsWanted({ facts }) {
  const ours = LANGUAGES.map(([code]) => code);
  const wanted = facts.language ?? navigator.languages.map((code) => code.slice(0, 2)).find((code) => ours.includes(code)) ?? 'fr';
  if (wanted === asked) return;
  asked = wanted;
  const catalogue = wanted === 'fr' ? null : await catalogueOf(wanted).catch(() => null);
  speakWith(catalogue);
  Object.assign(document.documentElement, { lang: language(), dir: catalogue?.dir ?? 'ltr' });
}

/** @param {string} code */
const catalogueOf = async (code) => (await fetch(new URL(`locale/${code}.json`, import.meta.url))).json();

/** Reads the disk again, once for all the changes that came meanwhile. */
let reading = false;
let stale = false;
async function refresh() {
  stale = true;
  if (reading) return;
  reading = true;
  try {
    while (stale) {
      stale = false;
      await readAgain().catch(broken); // what goes wrong in drawing is no fault of the disk
      draw();
    }
  } finally {
    reading = false;
  }
}

async function readAgain() {
  const read = await store.read();
  await speakAsWanted(read);
  memory = { ...read, grids: new Map([...read.grids].map(([id, grid]) => [id, gridInWords(grid)])) };
  if (shown.trouble === 'busy') shown.trouble = null;
}

/** This phone does not let us read or write; a full disk can still be read. @param {Error} error */
function broken(error) {
  if (error.name === 'QuotaExceededError') return set({ failure: noRoomSentence() });
  return set({ trouble: error.name === 'NewerDatabase' ? 'newer' : 'closed' });
}

/** The page was killed behind the camera, and opened again by its name alone: back to where one was. */
function backFromCamera() {
  const { at_camera: left } = memory.facts;
  if (left && !location.hash && Date.now() - left.at < AT_CAMERA) go(left.hash, 'replace');
  if (left) store.remember({ at_camera: null });
}

/** What a killed page was typing becomes remarks now. A page that lives holds a lock, and goes on with its own. */
async function keepUnfinished() {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  for (const draft of memory.drafts.values()) {
    const typedOn = held.some(({ name }) => name && draft.place.includes(name));
    if (AT_ONCE.includes(draft.kind) && !draft.held && !typedOn) await store.typingDone(draft.visit, draft.author, draft.place);
  }
}

function tryPendingCode() {
  if (memory.facts.pending_code) act.joinWith(memory.facts.pending_code);
}

function listen() {
  store.onChange(refresh);
  addEventListener('hashchange', follow);
  addEventListener('online', () => {
    draw();
    tryPendingCode();
    send({ now: true });
  });
  addEventListener('offline', draw);
  addEventListener('beforeinstallprompt', (install) => {
    install.preventDefault();
    set({ install });
  });
  addEventListener('pagehide', act.finishTyping);
  addEventListener('focusout', () => setTimeout(sayWhenCalm)); // by then the next field has the focus
  document.addEventListener('visibilitychange', () => (document.hidden ? act.finishTyping() : send({ now: true })));
}

/** Resolves once nothing is under way in this page: no visit on the screen, nobody writing. */
function whenCalm() {
  return new Promise((calm) => {
    forCalm.push(() => calm(undefined));
    sayWhenCalm();
  });
}

function sayWhenCalm() {
  const writing = document.activeElement?.matches('textarea, input');
  if (!writing && (shown.trouble || CALM.includes(screenState().screen))) forCalm.splice(0).forEach((calm) => calm());
}

/** Another version of the app has taken over: this page follows when it is safe. */
async function outdated() {
  await whenCalm();
  await act.finishTyping();
  location.reload();
}

/** The files of this page's version stand under its name, and are kept under it. */
async function followUpdates() {
  const { watchForUpdates } = await import('./updates.js');
  const files = `caisse-commune-${new URL(import.meta.url).pathname.split('/')[2]}`;
  return watchForUpdates({ files, offer: (update) => set({ update }), outdated });
}

await refresh();
followUpdates().catch(() => {}); // no network: next time
if (!shown.trouble) {
  listen();
  navigator.locks?.request(tab, () => new Promise(() => {})); // as long as this page lives
  navigator.storage?.persist?.(); // never awaited: a browser may leave the question unanswered
  await keepUnfinished().catch(broken);
  backFromCamera();
  if (route.code) act.joinWith(route.code);
  else tryPendingCode();
  send({ now: true });
  bringTheRest().catch(() => {}); // asked for again when a screen needs it
}
