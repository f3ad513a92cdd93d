/** Phone to phone: showing a visit, reading it, by codes or by a file. */
import { t, tn } from '../text.js';
import { to } from '../routes.js';
import { ExchangeRefused, codesOf, collecting, fileOf, fromFile } from '../sync/exchange.js';
import { readCodes } from './camera.js';
import { handOver } from './files.js';
import { sha256Of } from './pictures.js';

/** @import { Bundle, Exchanging, Gestures, Kept, Ports } from '../types.js' */

const EACH_MS = 600;

/** @param {Ports} ports @param {Gestures} gestures */
export function exchanging({ store, state, set, say, go }, { attempt }) {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let player;
  /** @type {(() => void) | null} */
  let stopCamera = null;
  /** @type {any} */
  let awake = null;
  let collected = collecting(sha256Of);

  /** @param {Partial<Exchanging>} change */
  const change = (change) => set({ exchange: { ...state().exchange, ...change } });

  const stop = () => {
    clearInterval(player);
    stopCamera?.();
    stopCamera = null;
    awake?.release?.();
    awake = null;
  };

  const play = () => {
    clearInterval(player);
    player = setInterval(() => step(1), EACH_MS);
  };

  /** @param {number} by */
  const step = (by) => {
    const { codes, at } = state().exchange;
    change({ at: (at + by + codes.length) % codes.length });
  };

  /** @param {Bundle} bundle @param {Map<string, Uint8Array>} [media] */
  const takeIn = async (bundle, media) => {
    const { visit } = state();
    if (bundle.visit !== visit.id) throw Object.assign(new Error(), { name: 'OtherVisit', merchant: bundle.merchant });
    const added = await (await store.exchange()).takeIn(bundle, media);
    const said = arrived(added, bundle);
    change({ reading: false, said, problem: null });
    say(said);
    go(to.exchange(visit.id), 'replace');
  };

  /** @param {() => Promise<unknown>} work */
  const orExplain = (work) =>
    work().catch((/** @type {any} */ error) => change({ reading: false, problem: explained(error) }));

  return {
    /** What the screen of an exchange leaves behind. */
    leftScreen() {
      stop();
      if (state().exchange.reading) change({ reading: false });
    },

    async showCodes() {
      const { visit } = state();
      await orExplain(async () => {
        const { bundle, heldBack } = await (await store.exchange()).bundleOf(visit.id);
        change({ codes: await codesOf(bundle, sha256Of), at: 0, heldBack, playing: true, said: null, problem: null });
        go(to.show(visit.id));
        if (state().exchange.codes.length > 1) play();
        awake = await /** @type {any} */ (navigator).wakeLock?.request('screen').catch(() => null);
      });
    },

    playCodes() {
      const playing = !state().exchange.playing;
      change({ playing });
      if (playing) play();
      else clearInterval(player);
    },

    /** @param {number} by */
    stepCode(by) {
      clearInterval(player);
      change({ playing: false });
      step(by);
    },

    /** Begins to read; parts read before are still there. */
    async readCodes() {
      change({ reading: true, said: null, problem: null, progress: collected.progress() });
      const video = /** @type {HTMLVideoElement} */ (document.getElementById('camera'));
      await orExplain(async () => {
        stopCamera = await readCodes(video, async (text) => {
          const bundle = await collected.take(text);
          change({ progress: collected.progress() });
          if (!bundle) return;
          stop();
          collected = collecting(sha256Of);
          await orExplain(() => takeIn(bundle));
        });
      });
    },

    stopReading() {
      stop();
      change({ reading: false });
    },

    async sendFile() {
      const { visit } = state();
      await orExplain(async () => {
        const shelf = await store.exchange();
        const { bundle } = await shelf.bundleOf(visit.id);
        const bytes = fileOf(bundle, await shelf.mediaOf(bundle));
        const file = new File([/** @type {any} */ (bytes)], `${visit.merchant.name}.caisse.zip`, { type: 'application/zip' });
        await handOver(file);
      });
    },

    /** @param {Event} event of the file field */
    async openFile(event) {
      const input = /** @type {HTMLInputElement} */ (event.target);
      const [file] = input.files ?? [];
      input.value = '';
      if (!file) return;
      await attempt(() =>
        orExplain(async () => {
          const { bundle, media } = await fromFile(new Uint8Array(await file.arrayBuffer()), sha256Of);
          await takeIn(bundle, media);
        }),
      );
    },
  };
}

/** @param {Kept[]} added @param {Bundle} bundle */
function arrived(added, { people }) {
  const names = people.map(({ name }) => name).join(', ');
  if (!added.length) return t('Rien de nouveau : vous aviez déjà tout de {names}.', { names });
  const answers = new Set(added.flatMap(({ entry }) => (entry.kind === 'choice_made' ? entry.criterion : []))).size;
  return answers
    ? tn('{n} réponse de {names} est arrivée.', '{n} réponses de {names} sont arrivées.', answers, { names })
    : t('Ce que {names} a noté est arrivé.', { names });
}

/** @param {any} error */
function explained(error) {
  const camera = ['NotAllowedError', 'NotFoundError', 'NotReadableError', 'OverconstrainedError'];
  if (camera.includes(error.name) || error instanceof TypeError)
    return t('L’appareil photo n’est pas disponible. Autorisez-le dans les réglages, ou échangez un fichier.');
  if (error.name === 'NotOurs' || error.name === 'OtherVisit')
    return error.merchant
      ? t('L’autre téléphone montre une autre visite : {merchant}. Ouvrez la même des deux côtés.', { merchant: error.merchant })
      : t('Cette visite n’est pas dans votre liste. Demandez à la coordination de vous y ajouter.');
  if (error instanceof ExchangeRefused) return REFUSED[error.why]();
  return t('Quelque chose n’a pas marché. Recommencez, ou échangez un fichier.');
}

const REFUSED = {
  foreign: () => t('Ce n’est pas un échange de la caisse. Demandez à l’autre téléphone « Montrer mon code » ou « Envoyer un fichier ».'),
  damaged: () => t('Ce fichier est arrivé abîmé. Demandez à l’autre téléphone de l’envoyer à nouveau.'),
  newer: () => t('L’autre téléphone a une application plus récente. Prenez la nouvelle version dès qu’il y a du réseau.'),
  large: () => t('C’est trop pour des codes : échangez un fichier.'),
};
