/** Photos and voice notes: taken, shown, taken away. */
import { t } from '../text.js';
import { saved, writer } from './gestures.js';
import { Unreadable, sha256Of, shrunk } from './pictures.js';
import { canRecord, record } from './recorder.js';

/** @import { Gestures, Media, Ports, Voice } from '../types.js' */

/** @param {Ports} ports @param {Gestures} gestures */
export function media({ store, api, state, set, say }, { attempt }) {
  /** @type {Map<string, string | null>} what is shown, by hash; null: being looked for, or nowhere to be had */
  const shown = new Map();
  /** @type {{ stop: () => void } | null} */
  let recording = null;

  /** @param {string} sha256 */
  const find = async (sha256) => {
    const kept = await store.medium(sha256);
    const blob = kept ? new Blob([kept.bytes], { type: kept.media }) : await api.medium(sha256);
    if (!blob) return;
    shown.set(sha256, URL.createObjectURL(blob));
    set({});
  };

  /** Where, and by whom. */
  const here = () => {
    const { visit, at } = state();
    return { visit, criterion: visit.answers[at]?.criterion.id ?? null };
  };

  /** @param {ArrayBuffer} bytes @param {string} type @param {any} visit @returns {Promise<Media>} */
  const medium = async (bytes, type, visit) => ({
    sha256: await sha256Of(bytes),
    visit: visit.id,
    bytes,
    media: type,
    status: visit.training ? 'training' : 'local',
    problem: null,
  });

  /** @param {File} file */
  const attach = async (file) => {
    const { visit, criterion } = here();
    const { bytes, media: type } = await shrunk(file);
    const one = await medium(bytes, type, visit);
    const about = { sheet: visit.sheet, criterion, sha256: one.sha256, bytes: bytes.byteLength, media: type };
    await store.attach(visit.id, writer(visit), { kind: 'photo_attached', ...about, caption: '' }, one);
  };

  /** @param {Partial<Voice>} change */
  const voice = (change) => set({ voice: { ...state().voice, ...change } });

  return {
    /** The address of a photo or a note to show, once it is here. @param {string} sha256 */
    mediaUrl(sha256) {
      if (!shown.has(sha256)) {
        shown.set(sha256, null);
        find(sha256).catch(() => {});
      }
      return shown.get(sha256) ?? null;
    },

    /** The page may be killed behind the camera: it comes back here. */
    toCamera: () => store.remember({ at_camera: { hash: location.hash, at: Date.now() } }),

    /** @param {Event} event of the file field */
    async addPhotos(event) {
      const input = /** @type {HTMLInputElement} */ (event.target);
      const files = [...(input.files ?? [])];
      input.value = '';
      set({ busy: true, unreadable: null });
      await attempt(async () => {
        for (const file of files) await attach(file).catch(unreadable);
        await store.remember({ at_camera: null });
      });
      set({ busy: false });
      if (!state().unreadable) say(saved());

      /** @param {Error} error */
      function unreadable(error) {
        if (!(error instanceof Unreadable)) throw error;
        set({
          unreadable: t(
            'Ce téléphone ne sait pas lire cette photo. Prenez-la avec l’appareil photo d’ici, ou choisissez-en une en JPEG.',
          ),
        });
      }
    },

    /** @param {string} photo */
    removePhoto(photo) {
      const { visit } = here();
      if (state().asked !== photo) return set({ asked: photo });
      set({ asked: null });
      return attempt(async () => {
        await store.changePhoto(visit.id, writer(visit), photo);
        say(t('Photo enlevée.'));
      });
    },

    /** @param {string} photo @param {Event} event of the caption field */
    captionPhoto(photo, event) {
      const { visit } = here();
      const caption = /** @type {HTMLInputElement} */ (event.target).value.trim();
      return attempt(async () => {
        await store.changePhoto(visit.id, writer(visit), photo, caption);
        say(saved());
      });
    },

    canRecord,

    /** @param {string} [place] where it was begun, when a screen has several */
    async startVoice(place = state().place) {
      voice({ phase: 'recording', seconds: 0, problem: null, place });
      try {
        const started = await record((seconds) => voice({ seconds }));
        recording = started;
        const blob = await started.done;
        recording = null;
        voice({ phase: 'recorded', blob, url: URL.createObjectURL(blob) });
      } catch {
        voice({
          phase: 'none',
          problem: t('Le micro n’est pas disponible. Autorisez-le dans les réglages du téléphone, ou écrivez.'),
        });
      }
    },

    stopVoice: () => recording?.stop(),

    /** @param {(sha256: string, one: Media) => Promise<unknown>} [keep] what is made of it; a remark, unless said otherwise */
    keepVoice(keep) {
      const { visit, criterion } = here();
      const { blob, url } = state().voice;
      return attempt(async () => {
        const one = await medium(await blob.arrayBuffer(), blob.type, visit);
        const body = { kind: 'remark_made', sheet: visit.sheet, criterion, voice: one.sha256, supersedes: [] };
        await (keep ? keep(one.sha256, one) : store.attach(visit.id, writer(visit), body, one));
        URL.revokeObjectURL(url);
        voice({ phase: 'none', blob: null, url: null });
        say(saved());
      });
    },

    /** @param {string} question of the coordination, answered aloud */
    keepVoiceAnswer(question) {
      const { visit } = here();
      return this.keepVoice((voice, one) => store.answerQuestion(visit.id, writer(visit), question, { voice }, [one]));
    },

    dropVoice() {
      const { url } = state().voice;
      if (url) URL.revokeObjectURL(url);
      voice({ phase: 'none', blob: null, url: null });
    },

    /** @param {string} remark */
    removeVoice(remark) {
      const { visit } = here();
      if (state().asked !== remark) return set({ asked: remark });
      set({ asked: null });
      return attempt(async () => {
        await store.removeVoice(visit.id, writer(visit), remark);
        say(t('Note vocale enlevée.'));
      });
    },
  };
}
