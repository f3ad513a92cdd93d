/** What this phone and its browser are like, for as far as what is kept here depends on it. Loaded after the first screen. */

/** @import { Device } from './types.js' */

const A_WHILE = 10_000;

/** @returns {Promise<Device>} */
async function look() {
  const { storage } = navigator;
  const [{ quota = null, usage = null } = {}, persisted = null] = await Promise.all([
    storage?.estimate?.(),
    storage?.persisted?.(),
  ]);
  const camera = Boolean(navigator.mediaDevices?.getUserMedia);
  return { quota, usage, persisted, installed: isInstalled(), camera, system: systemOf(navigator) };
}

const isInstalled = () =>
  matchMedia('(display-mode: standalone)').matches || /** @type {any} */ (navigator).standalone === true;

/** An iPad says that it is a Mac. @param {Navigator} navigator @returns {Device['system']} */
function systemOf({ userAgent, platform, maxTouchPoints }) {
  if (/iPhone|iPad|iPod/.test(userAgent) || (platform === 'MacIntel' && maxTouchPoints > 1)) return 'ios';
  return /Android/.test(userAgent) ? 'android' : 'other';
}

/**
 * Looks now, whenever the page comes back, and now and then while things are written.
 * @param {(listener: () => void) => void} onChange @param {(device: Device) => void} show
 */
export function watchDevice(onChange, show) {
  let looked = 0;
  const again = async () => {
    if (Date.now() - looked < A_WHILE) return;
    looked = Date.now();
    show(await look());
  };
  onChange(again);
  document.addEventListener('visibilitychange', again);
  return again();
}
