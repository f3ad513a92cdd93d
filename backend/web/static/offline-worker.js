/**
 * Keeps the public pages on the phone: after one visit the list, the sheets and the map last looked at open without a
 * network. `/hors-ligne.json` names all there is to keep (`backend/web/offline.py`); it is fetched whole before it takes the
 * place of what was kept before, so that what is shown always belongs together.
 *
 * The network comes first; the copy is shown when it fails or is slow, and says its date. Staff's pages and the app of the
 * visits are left alone.
 */
/// <reference lib="webworker" />
const keeper = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

const SET = 'lieux-de-';
const [NOTE, SEEN, GROUND] = ['lieux-note', 'lieux-vus', 'lieux-fond'];
const LIST = '/hors-ligne.json';
const [FRAME, NO_NETWORK] = ['/hors-ligne/fiche', '/hors-ligne'];
const PATIENCE = 4_000; // ms: a phone in a cellar shows bars, and nothing comes
const SILENCE = 20_000; // ms: all that a page shown from its copy asks for comes from the copy too; for the next page
const LESS_PATIENCE = 1_000; // ms are enough meanwhile
const ROOM = 30_000_000; // bytes: with less left on the phone, sheets and ground are not kept
const MOST_SEEN = 300;
const MOST_GROUND = 120; // pieces, of some 30 kB each
const AT_ONCE = 4;
const MOST_TRIES = 3;

const COPIED = /^\/$|^\/carte\.js$|^\/lieux\.json$|^\/carte\/(?:limites|(?:lignes\/)?[\d/]+)\.json$|^\/lieux\/[^/]+$/;
const NEEDS_NETWORK = /^\/(?:suggest|papier|donnees)(?:\/|$)|^\/lieux\/[^/]+\/\w+$/;
const SHEET = /^\/lieux\/([^/.]+)$/;

/** @typedef {{ name: string, pages: string[], files: string[], together: number, sheets: string[] }} Listed */
/** @typedef {{ name: string, at: number, together: number, every: boolean, lean: boolean }} Note what is kept, and when it was last true */

let silentUntil = 0;
/** @type {Promise<Note> | null} */ let keeping = null;

keeper.addEventListener('install', () => void keeper.skipWaiting());

keeper.addEventListener('message', (event) => {
  const { ask, ground = [], lean = false } = event.data;
  if (ask === 'renew') silentUntil = 0;
  if (ask === 'ground') event.waitUntil(keepGround(ground));
  if (ask !== 'keep') return;
  keeping ??= keep(lean).finally(() => (keeping = null));
  event.waitUntil(
    keeping.then(
      ({ at }) => event.source?.postMessage({ kept: at }),
      () => event.source?.postMessage({ kept: 0 }),
    ),
  );
});

keeper.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET') return;
  if (origin !== keeper.location.origin) {
    if (request.destination === 'image') event.respondWith(pieceOfGround(request));
  } else if (pathname.startsWith('/static/')) event.respondWith(file(request));
  else if (COPIED.test(pathname)) event.respondWith(newest(event, pathname));
  else if (request.mode === 'navigate' && NEEDS_NETWORK.test(pathname)) event.respondWith(orNoNetwork(fetch(request)));
});

// --- answering ---

/** What never changes under its address. @param {Request} request */
const file = async (request) => (await (await currentSet())?.match(request.url)) ?? fetch(request);

/**
 * The network's answer, or the copy when there is none soon enough.
 * @param {FetchEvent} event
 * @param {string} pathname
 */
async function newest(event, pathname) {
  const { request } = event;
  const isPage = request.mode === 'navigate';
  const silent = Date.now() < silentUntil;
  const belongs = silent && !isPage && (await copyOf(request, pathname));
  if (belongs) return belongs;
  const coming = fetch(request);
  const answer = await Promise.race([coming, pause(silent ? LESS_PATIENCE : PATIENCE)]).catch(() => null);
  if (answer && answer.status < 500) {
    if (isPage) silentUntil = 0;
    event.waitUntil(remember(request, pathname, answer.clone()).catch(() => null)); // no room: it was seen, no more
    return answer;
  }
  const copy = await copyOf(request, pathname);
  if (!copy) return isPage ? orNoNetwork(coming) : coming;
  silentUntil = Date.now() + SILENCE;
  return copy;
}

/** @param {number} ms @returns {Promise<null>} */
const pause = (ms) => new Promise((resolve) => setTimeout(() => resolve(null), ms));

/** @param {Promise<Response>} coming */
async function orNoNetwork(coming) {
  try {
    return await coming;
  } catch (error) {
    const page = await (await currentSet())?.match(NO_NETWORK);
    if (!page) throw error;
    return page;
  }
}

/**
 * What is kept of this address, pages with their date.
 * @param {Request} request
 * @param {string} pathname
 */
async function copyOf(request, pathname) {
  const note = await readNote();
  const set = note && (await caches.open(SET + note.name));
  const slug = SHEET.exec(pathname)?.[1];
  if (set && slug) {
    const sheet = await sheetOf(set, slug, note.together);
    if (sheet) return dated(sheet, note.at);
  } else if (set) {
    const found = await set.match(pathname);
    if (found) return pathname === '/' ? dated(found, note.at) : found;
  }
  const seen = await (await caches.open(SEEN)).match(keyOf(request, pathname));
  return seen && (slug || pathname === '/' ? dated(seen, Number(seen.headers.get('x-kept-at'))) : seen);
}

/** Whatever is looked for, the page is the same. @param {Request} request @param {string} pathname */
const keyOf = (request, pathname) => (request.mode === 'navigate' ? pathname : pathname + new URL(request.url).search);

/**
 * A sheet in its frame, or null.
 * @param {Cache} set
 * @param {string} slug
 * @param {number} together
 */
async function sheetOf(set, slug, together) {
  const [places, frame] = await Promise.all([set.match('/lieux.json'), set.match(FRAME)]);
  const rank = (await places?.json())?.slug?.indexOf(slug) ?? -1;
  if (rank < 0 || !frame) return null;
  const said = (await (await set.match(`/hors-ligne/fiches/${Math.floor(rank / together)}.json`))?.json())?.[slug];
  if (!said) return null;
  const html = (await frame.text()).replace('<!--title-->', () => escaped(said[0])).replace('<!--sheet-->', () => said[1]);
  return new Response(html, { headers: frame.headers });
}

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/**
 * The page with the moment at which it was true: `offline.js` says it.
 * @param {Response} page
 * @param {number} at
 */
async function dated(page, at) {
  const headers = new Headers(page.headers);
  for (const name of ['content-encoding', 'content-length']) headers.delete(name); // of bytes that it no longer has
  return new Response((await page.text()).replace('<html', `<html data-kept-at="${at}"`), { headers });
}

// --- keeping ---

/**
 * Fetch what is published now, unless it is what is kept.
 * @param {boolean} lean without what has not been shown
 */
async function keep(lean) {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const listed = await listing();
    const before = await readNote();
    const same = before?.name === listed.name && (lean || !before.lean); // else the sheets were left for another day
    await forgetOthers(before ? SET + before.name : '', SET + listed.name); // what an earlier try left behind
    const every = same ? before.every : await fetchAll(listed, lean);
    const now = same ? listed : await listing();
    if (now.name !== listed.name) continue; // it changed meanwhile: half of this is older than the rest
    const note = { name: listed.name, at: Date.now(), together: listed.together, every, lean: same ? before.lean : lean };
    await (await caches.open(NOTE)).put('/', new Response(JSON.stringify(note))); // Response.json is too new for some phones
    await forgetOthers(SET + listed.name);
    if (every) await caches.delete(SEEN); // all is kept: what was shown before may have left since
    silentUntil = 0;
    return note;
  }
  throw new Error('it changes all the time');
}

/** @returns {Promise<Listed>} */
const listing = async () => (await asked(LIST)).json();

/** @param {string} address */
async function asked(address) {
  const answer = await fetch(address, { cache: 'no-cache', credentials: 'omit' });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer;
}

/**
 * All of it into a set of its own; says whether every sheet is in it.
 * @param {Listed} listed
 * @param {boolean} lean
 */
async function fetchAll({ name, pages, files, sheets }, lean) {
  const set = await caches.open(SET + name);
  const before = await currentSet();
  try {
    await each(files, async (address) => set.put(address, (await before?.match(address)) ?? (await asked(address))));
    await each(pages, async (address) => set.put(address, await asked(address)));
  } catch (error) {
    if (isFull(error)) await Promise.all([SEEN, GROUND].map((one) => caches.delete(one))); // room for the next time
    throw error;
  }
  if (lean || !sheets.length || !(await hasRoom())) return false;
  try {
    await each(sheets, async (address) => set.put(address, await asked(address)));
    return true;
  } catch (error) {
    if (!isFull(error)) throw error;
    await Promise.all(sheets.map((address) => set.delete(address)));
    return false;
  }
}

/**
 * A few at a time: the page is on the same network.
 * @param {string[]} addresses
 * @param {(address: string) => Promise<unknown>} take
 */
async function each(addresses, take) {
  const waiting = [...addresses];
  const hand = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await take(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, hand));
}

/** @param {unknown} error */
const isFull = (error) => error instanceof DOMException && error.name === 'QuotaExceededError';

async function hasRoom() {
  const { quota = Infinity, usage = 0 } = (await keeper.navigator.storage?.estimate?.()) ?? {};
  return quota - usage > ROOM;
}

/** @returns {Promise<Note | null>} */
const readNote = async () => (await (await (await caches.open(NOTE)).match('/'))?.json()) ?? null;

async function currentSet() {
  const note = await readNote();
  return note && caches.open(SET + note.name);
}

/** @param {string[]} kept */
async function forgetOthers(...kept) {
  const others = (await caches.keys()).filter((name) => name.startsWith(SET) && !kept.includes(name));
  await Promise.all(others.map((name) => caches.delete(name)));
}

// --- what was shown, where there is too much to keep all of it ---

/**
 * @param {Request} request
 * @param {string} pathname
 * @param {Response} answer
 */
async function remember(request, pathname, answer) {
  const seen = await caches.open(SEEN);
  const key = keyOf(request, pathname);
  if (answer.status === 404 || answer.status === 410) await seen.delete(key);
  if (answer.status !== 200 || (await readNote())?.every || (await (await currentSet())?.match(pathname))) return;
  const headers = new Headers(answer.headers);
  headers.set('x-kept-at', String(Date.now()));
  await seen.put(key, new Response(await answer.blob(), { headers }));
  await trim(seen, MOST_SEEN);
}

/** @param {Cache} cache @param {number} most */
async function trim(cache, most) {
  const keys = await cache.keys(); // the oldest first
  await Promise.all(keys.slice(0, Math.max(0, keys.length - most)).map((key) => cache.delete(key)));
}

// --- the ground under the map ---

/** @param {Request} request */
async function pieceOfGround(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await (await caches.open(GROUND)).match(request.url);
    if (!kept) throw error;
    return kept;
  }
}

/**
 * The pieces that the map shows. They have just come: the browser gives them again. A server that lets nobody but pictures
 * have them has none kept: what nobody may read would be counted as several megabytes each.
 * @param {string[]} addresses
 */
async function keepGround(addresses) {
  if (!(await hasRoom())) return;
  const ground = await caches.open(GROUND);
  let full = false;
  await each(addresses, async (address) => {
    try {
      const kept = await ground.match(address);
      const piece = kept ?? (await fetch(address, { mode: 'cors', credentials: 'omit', referrerPolicy: 'origin' }));
      if (piece.ok) await ground.put(address, piece); // again: what was shown last goes last
    } catch (error) {
      full ||= isFull(error);
    }
  });
  if (full) await caches.delete(GROUND);
  else await trim(ground, MOST_GROUND);
}
