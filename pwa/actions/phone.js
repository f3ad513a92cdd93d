/** What one can do with what this phone keeps: put it in a file, take a file back, mend what was refused, leave. */
import { listed, t, tn } from '../text.js';
import { to } from '../routes.js';
import { handOver } from './files.js';
import { failureSentence } from './gestures.js';
import { sha256Of } from './pictures.js';

/** @import { Gestures, Keeping, Kept, Person, Ports, Warning } from '../types.js' */

/** @param {Ports} ports @param {Gestures} gestures */
export const keeping = (ports, { attempt }) => ({
  ...backingUp(ports),
  ...goingAway(ports, attempt),

  /** @param {Kept} record */
  exportEntry: (record) =>
    handOver(new File([JSON.stringify(record, null, 2)], `caisse-${record.id}.json`, { type: 'application/json' })),

  /** @param {string} language */
  chooseLanguage: (language) => attempt(() => ports.store.remember({ language })),

  /** A visit whose beginning was refused begins again, on the grid that the fund planned. @param {Kept} record */
  restartVisit({ entry }) {
    const { lists } = ports.state();
    const card = [...lists.todo, ...lists.over].find(({ visit }) => visit.id === entry.visit);
    if (!card || entry.kind !== 'visit_started') return undefined;
    const { author, mode, present } = entry;
    return attempt(async () => {
      await ports.store.restartVisit(card.visit.id, author, { grid: card.visit.grid, mode, present });
      toHeading();
      ports.say(t('La visite est recommencée avec la grille prévue. Vos réponses sont gardées.'));
    });
  },

  /** @param {Warning['name']} name */
  putAside: (name) =>
    attempt(async () => {
      const { put_aside: before = {} } = await ports.store.facts();
      await ports.store.remember({ put_aside: { ...before, [name]: Date.now() } });
      toHeading();
    }),

  async install() {
    const { install } = ports.state();
    ports.set({ install: null }); // it can be made once
    toHeading();
    await install.prompt();
  },
});

/** @param {Ports} ports */
function backingUp({ store, typing, send, state, set, say }) {
  const tell = (/** @type {Partial<Keeping>} */ changes) => set({ keeping: { ...state().keeping, ...changes } });

  /** @param {() => Promise<string>} work resolves to what is said once it is done */
  const busyWith = async (work) => {
    if (state().keeping.busy) return;
    tell({ busy: true, said: null });
    const said = await work().catch(refusal);
    tell({ busy: false, said });
    say(said);
  };

  return {
    saveBackup: () =>
      busyWith(async () => {
        await typing.finish();
        const bytes = await (await store.backup()).save();
        const file = new File([/** @type {any} */ (bytes)], backupName(new Date()), { type: 'application/zip' });
        if (!(await handOver(file))) return t('La sauvegarde n’a pas été enregistrée. Vous pouvez recommencer.');
        return t('Sauvegarde faite : {name}. Gardez ce fichier ailleurs que sur ce téléphone.', { name: file.name });
      }),

    /** @param {Event} event */
    restoreBackup(event) {
      const input = /** @type {HTMLInputElement} */ (event.target);
      const [file] = input.files ?? [];
      if (!file) return undefined;
      return busyWith(async () => {
        const bytes = new Uint8Array(await file.arrayBuffer());
        const added = await (await store.backup()).restore(bytes, sha256Of);
        input.value = '';
        send({ now: true });
        return restoredSentence(added);
      });
    },
  };
}

/** @param {Ports} ports @param {Gestures['attempt']} attempt */
function goingAway({ store, typing, send, state, set, go, say }, attempt) {
  const tell = (/** @type {Partial<Keeping>} */ changes) => {
    set({ keeping: { ...state().keeping, said: null, sure: false, ...changes } });
    toHeading();
  };

  return {
    /** Whoever would leave, and what would be lost with them. @param {string[]} leavers */
    weighLeaving: (leavers) =>
      attempt(async () => {
        await typing.finish();
        tell({ leavers, losses: await (await store.leaving()).wouldLose(leavers) });
        return false;
      }),

    sendBeforeLeaving: () =>
      attempt(async () => {
        await send({ now: true, byHand: true });
        tell({ losses: await (await store.leaving()).wouldLose(state().keeping.leavers) });
        return false;
      }),

    askAgain: () => tell({ sure: true }),

    stay: () => tell({ leavers: [], losses: null }),

    /** What was written while one was asked is lost only with another yes. */
    leave: () =>
      attempt(async () => {
        const { leavers, losses, sure } = state().keeping;
        const now = await (await store.leaving()).wouldLose(leavers);
        if (now.length && (!sure || JSON.stringify(now) !== JSON.stringify(losses))) {
          tell({ losses: now });
          return false;
        }
        const { people } = state();
        await (await store.leaving()).leave(leavers);
        tell({ leavers: [], losses: null });
        go(to.visits, 'replace');
        say(goneSentence(people.filter((/** @type {Person} */ { id }) => leavers.includes(id))));
        return true;
      }),
  };
}

/** Where reading goes on once what was touched is gone. */
const toHeading = () => document.querySelector('h1')?.focus();

/** @param {Person[]} gone */
const goneSentence = (gone) =>
  t('C’est fait : ce qui était à {names} est effacé de ce téléphone.', { names: listed(gone.map(({ name }) => name)) });

/** @param {Date} date */
function backupName(date) {
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  const [month, day, hour, minute] = [date.getMonth() + 1, date.getDate(), date.getHours(), date.getMinutes()].map(two);
  return `caisse-sauvegarde-${date.getFullYear()}-${month}-${day}-${hour}h${minute}.zip`;
}

/** @param {{ entries: number, media: number, drafts: number }} added */
function restoredSentence({ entries, media, drafts }) {
  const what = [
    ...(entries ? [tn('{n} élément', '{n} éléments', entries)] : []),
    ...(media ? [tn('{n} photo ou note vocale', '{n} photos ou notes vocales', media)] : []),
    ...(drafts ? [tn('{n} texte commencé', '{n} textes commencés', drafts)] : []),
  ];
  return what.length
    ? t('C’est repris : {what}.', { what: listed(what) })
    : t('Tout ce qui est dans ce fichier est déjà sur ce téléphone.');
}

/** @param {any} error */
function refusal(error) {
  return error.name === 'BackupRefused' ? REFUSALS[/** @type {keyof typeof REFUSALS} */ (error.why)]() : failureSentence(error);
}

const REFUSALS = {
  foreign: () => t('Ce fichier n’est pas une sauvegarde de la caisse. Choisissez un fichier dont le nom commence par « caisse-sauvegarde ».'),
  damaged: () => t('Ce fichier est abîmé ou incomplet : rien n’en a été repris. Enregistrez la sauvegarde de nouveau, puis recommencez.'),
  newer: () => t('Ce fichier vient d’une version plus récente de l’application. Prenez la nouvelle version ici, puis recommencez.'),
};
