/** A merchant seen on the street. */
import { t } from '../text.js';
import { to } from '../routes.js';
import { saved } from './gestures.js';
import { sha256Of, shrunk } from './pictures.js';

/** @import { Gestures, Ports, Spot } from '../types.js' */

const FRESH_MS = 86_400_000;

/** @param {Ports} ports @param {Gestures} gestures */
export function spotting({ store, api, typing, state, set, go, say }, { attempt }) {
  /** What is known of the merchant so far: written down as it is, so that a killed page loses nothing. @param {Partial<Spot>} change */
  const change = (change) => {
    const { me, people, placeOf, spot } = state();
    const text = JSON.stringify({ ...spot, ...change });
    const author = (me ?? people[0]).id;
    typing.type({ place: placeOf('spot', ''), visit: '', kind: 'spot', sheet: '', criterion: '', author, text, over: [] }).catch(() => {});
    set({});
  };

  return {
    /** The merchants of the territory, from this phone, and once a day from the fund. */
    async knowMerchants() {
      const kept = await store.merchants();
      if (kept) set({ merchants: kept.list });
      if (kept && Date.now() - kept.at < FRESH_MS) return;
      const answer = await api.merchants(kept?.etag ?? null);
      if (answer.kind === 'unchanged') await store.keepMerchants({ ...kept, at: Date.now() });
      if (answer.kind !== 'merchants') return;
      await store.keepMerchants({ at: Date.now(), etag: answer.etag, list: answer.list });
      set({ merchants: answer.list });
    },

    /** @param {keyof Spot} name @param {Event} event */
    typeSpot(name, event) {
      if (state().asked) set({ asked: null });
      change({ [name]: /** @type {HTMLInputElement} */ (event.target).value });
    },

    /** Only when asked; it leaves this phone with the merchant alone. */
    locate() {
      set({ locating: true, locateProblem: null });
      navigator.geolocation.getCurrentPosition(
        ({ coords: { latitude, longitude, accuracy } }) => {
          set({ locating: false });
          change({ lat: Number(latitude.toFixed(6)), lon: Number(longitude.toFixed(6)), accuracy: Math.round(accuracy) });
        },
        () =>
          set({
            locating: false,
            locateProblem: t('Votre position n’est pas disponible. Écrivez l’adresse : la caisse la cherchera.'),
          }),
        { enableHighAccuracy: true, timeout: 20_000 },
      );
    },

    forgetPlace: () => change({ lat: null, lon: null, accuracy: null }),

    /** @param {Event} event */
    photographSpot(event) {
      const input = /** @type {HTMLInputElement} */ (event.target);
      const [file] = input.files ?? [];
      input.value = '';
      if (!file) return;
      return attempt(async () => {
        const { bytes, media } = await shrunk(file);
        const sha256 = await sha256Of(bytes);
        await store.keepMedium({ sha256, visit: '', bytes, media, status: 'local', problem: null });
        change({ photos: [...state().spot.photos.filter((/** @type {string} */ one) => one !== sha256), sha256] });
      });
    },

    /** @param {string} sha256 */
    dropSpotPhoto: (sha256) => change({ photos: state().spot.photos.filter((/** @type {string} */ one) => one !== sha256) }),

    /** @param {SubmitEvent} event */
    saveSpot(event) {
      event.preventDefault();
      const { spot, me, people, placeOf } = state();
      const name = spot.name.trim();
      if (!name) return set({ asked: 'spot-name' });
      const { kind, lat, lon, note, photos, address } = spot;
      const where = address.trim() ? { address: address.trim() } : {};
      return attempt(async () => {
        await store.spot((me ?? people[0]).id, {
          kind: 'merchant_spotted',
          name,
          merchant_kind: kind,
          lat,
          lon,
          note: note.trim(),
          photos,
          ...where,
        });
        typing.forget(placeOf('spot', ''));
        set({ asked: null, spotted: name });
        document.querySelector('h1')?.focus();
        say(saved());
      });
    },

    /** It is one of those that are known: nothing to say of it. */
    async alreadyKnown() {
      change({ name: '', kind: 'grocery', address: '', note: '', lat: null, lon: null, accuracy: null, photos: [] });
      go(to.visits, 'replace');
      say(t('Ce commerce est déjà connu de la caisse.'));
    },

    spotAnother() {
      set({ spotted: null });
      document.getElementById('spot-name')?.focus();
    },
  };
}
