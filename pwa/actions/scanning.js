/** The code of an invitation, read by the camera inside the app: the installed one of an iPhone opens no links. */
import { t } from '../text.js';
import { to } from '../routes.js';
import { readCodes } from './camera.js';

/** @import { Act, Ports } from '../types.js' */

/** @param {Ports} ports */
export function scanning({ state, set, go, bringTheRest }) {
  /** The button that was touched gives way to another: reading goes on at the heading. @param {{ reading: boolean, problem: string | null }} scan */
  const show = (scan) => {
    set({ scan });
    document.querySelector('h1')?.focus();
  };

  /** @type {(() => void) | null} */
  let stopCamera = null;

  const stopScanning = () => {
    stopCamera?.();
    stopCamera = null;
    if (state().scan.reading) set({ scan: { reading: false, problem: null } });
  };

  /** @param {string} text */
  const seen = async (text) => {
    const code = codeIn(text, location.origin);
    if (!code) return set({ scan: { reading: true, problem: notOurs() } });
    stopScanning();
    go(to.join, 'replace');
    return /** @type {Act} */ (await bringTheRest()).joinWith(code);
  };

  return {
    stopScanning,

    async scanInvitation() {
      show({ reading: true, problem: null });
      const video = /** @type {HTMLVideoElement} */ (document.getElementById('camera'));
      try {
        stopCamera = await readCodes(video, seen);
        if (state().screen !== 'scan') stopScanning(); // one has left while the camera was being asked for
      } catch {
        show({ reading: false, problem: noCamera() });
      }
    },
  };
}

/** The code that an invitation of this fund shows: its link, or the code alone. @param {string} text @param {string} origin */
function codeIn(text, origin) {
  if (!/^https?:/.test(text)) return /^[0-9A-Za-z ]{10,20}$/.test(text) ? text : null;
  if (!text.startsWith(`${origin}/`)) return null;
  return new URL(text).hash.match(/^#code=(.+)$/)?.[1] ?? null;
}

const notOurs = () => t('Ce code n’est pas une invitation de cette caisse. Visez le code imprimé sur la vôtre.');

const noCamera = () =>
  t('L’appareil photo n’est pas disponible. Autorisez-le dans les réglages, ou recopiez les lettres imprimées sous le code.');
