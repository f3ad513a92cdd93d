/**
 * Keeps the whole app on the phone: one visit with a network is enough. The fund puts two lines before this file:
 * VERSION, which changes with any file of the app, and ASSETS, the addresses of all of them. Answers of /api are never
 * kept here: what people did lives in the database, not in a cache.
 */
/// <reference lib="webworker" />
/// <reference path="./served.d.ts" />
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const PREFIX = 'caisse-commune-';
const SHELL = '/app/';
const cacheName = PREFIX + VERSION;

worker.addEventListener('install', (event) => {
  // an address that carries the version never changes: the page has just fetched it. The others are asked again,
  // since a file of the former version among these would break this one.
  const fresh = ASSETS.map((address) => new Request(address, { cache: address.includes(VERSION) ? 'default' : 'no-cache' }));
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(fresh)));
  // where the browser can, it takes the files of this version from the cache by itself, without waking this worker first;
  // those of another version, which an open page may still need, are looked for below
  const rules = [SHELL, `${SHELL}${VERSION}/*`].map((pathname) => ({
    condition: { urlPattern: { pathname, search: '' } },
    source: { cacheName },
  }));
  /** @type {any} */ (event).addRoutes?.(rules);
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(worker.clients.claim());
});

// The new version waits until someone takes it: it must not change the app under an open visit.
worker.addEventListener('message', (event) => {
  if (event.data === 'take over') worker.skipWaiting();
  if (event.data === 'started') event.waitUntil(forgetUnusedVersions());
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== worker.location.origin || !pathname.startsWith(SHELL)) return;
  const wanted = request.mode === 'navigate' ? SHELL : pathname;
  event.respondWith(kept(wanted).then((answer) => answer ?? fetch(request)));
});

/**
 * From this version's files, else from those of the version that an open page still runs: the fund may have none of these left.
 * @param {string} address
 */
const kept = async (address) => (await (await caches.open(cacheName)).match(address)) ?? caches.match(address);

/**
 * A page holds a lock named like the files of its version for as long as it lives. Files go once no page runs them, and only
 * when every open page has said which ones it runs; those of a version that has yet to take over stay.
 */
async function forgetUnusedVersions() {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX));
  const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const locks = await worker.navigator.locks?.query(); // none before iOS 15.4: then one open page is this version's
  const running = locks ? (locks.held ?? []).flatMap(({ name }) => name ?? []).filter((name) => names.includes(name)) : [cacheName];
  const { installing, waiting } = worker.registration;
  if (pages.length > running.length || installing || waiting) return;
  const unused = names.filter((name) => name !== cacheName && !running.includes(name));
  await Promise.all(unused.map((name) => caches.delete(name)));
}
