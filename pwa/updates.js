/** New versions of the app: offered, never imposed. Loaded after the first screen. */

const AN_HOUR = 3_600_000;

/**
 * Keeps the app on this phone, and watches for a new version of it. One that waits takes over when somebody says so in one page;
 * every other page goes on with its own version, whose files stay, until nothing is under way in it.
 * @param {object} ports
 * @param {string} ports.files the name under which the files of this page's version are kept
 * @param {(waiting: ServiceWorker) => void} ports.offer
 * @param {() => void} ports.outdated another version has taken over
 */
export async function watchForUpdates({ files, offer, outdated }) {
  const workers = navigator.serviceWorker;
  if (!workers) return;
  navigator.locks?.request(files, { mode: 'shared' }, () => new Promise(() => {})); // as long as this page lives
  let controlled = Boolean(workers.controller);
  workers.addEventListener('controllerchange', () => {
    if (controlled) outdated();
    controlled = true; // the first one was only put on this phone
  });
  const registration = await workers.register('sw.js');
  const offerWaiting = () => registration.waiting && workers.controller && offer(registration.waiting);
  offerWaiting();
  registration.addEventListener('updatefound', () =>
    registration.installing?.addEventListener('statechange', offerWaiting),
  );
  lookAgain(registration);
  registration.active?.postMessage('started');
}

/** A page can stay open for weeks without being loaded again. @param {ServiceWorkerRegistration} registration */
function lookAgain(registration) {
  let looked = Date.now();
  document.addEventListener('visibilitychange', () => {
    if (document.hidden || Date.now() - looked < AN_HOUR) return;
    looked = Date.now();
    registration.update().catch(() => {}); // no network: next time
  });
}
