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
  // where the browser can, it takes the files from the cache by itself, without waking this worker first
  const files = { urlPattern: { pathname: `${SHELL}*`, search: '' } };
  /** @type {any} */ (event).addRoutes?.({ condition: files, source: { cacheName } });
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([forgetOldVersions(), worker.clients.claim()]));
});

// The new version waits until someone takes it: it must not change the app under an open visit.
worker.addEventListener('message', ({ data }) => {
  if (data === 'take over') worker.skipWaiting();
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== worker.location.origin || !pathname.startsWith(SHELL)) return;
  const wanted = request.mode === 'navigate' ? SHELL : pathname;
  event.respondWith(kept(wanted).then((answer) => answer ?? fetch(request)));
});

/** @param {string} address */
const kept = async (address) => (await caches.open(cacheName)).match(address);

async function forgetOldVersions() {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith(PREFIX) && name !== cacheName).map((name) => caches.delete(name)),
  );
}
