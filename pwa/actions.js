/** What a person can do here: one function per gesture. Each writes first and speaks afterwards. */
import { t } from './text.js';
import { to } from './routes.js';

/** @import { Api, Choice, Kept, OpenVisit, Profile, Store, Typing } from './types.js' */

/**
 * @param {object} ports
 * @param {Store} ports.store
 * @param {Api} ports.api
 * @param {(how?: { now?: boolean, byHand?: boolean }) => void} ports.send wakes the outbox
 * @param {Typing} ports.typing
 * @param {() => any} ports.state of the screen being shown
 * @param {(changes: object) => void} ports.set changes what is shown and kept nowhere
 * @param {(hash: string, how?: 'replace') => void} ports.go
 * @param {(sentence: string) => void} ports.say aloud, to those who do not see
 * @param {() => void} ports.takeUpdate
 */
export function makeActions({ store, api, send, typing, state, set, go, say, takeUpdate }) {
  const saved = () => t('Enregistré sur ce téléphone.');

  /**
   * Runs a gesture; when it cannot be written, says so instead of pretending.
   * @param {() => Promise<unknown>} gesture resolves to false when there was nothing to write
   */
  const attempt = async (gesture) => {
    try {
      const wrote = await gesture();
      if (wrote === false) return;
      set({ failure: null });
      send();
    } catch (error) {
      if (/** @type {Error} */ (error).name === 'VisitEnded') return say(t('Cette visite est déjà terminée.'));
      set({ failure: failureSentence(/** @type {Error} */ (error)) });
    }
  };

  /** @param {'remark' | 'impossible'} kind @param {string} what @param {string[]} seen @param {Event} event */
  const type = (kind, what, seen, event) => {
    const { visit, place } = state();
    const { value } = /** @type {HTMLTextAreaElement} */ (event.target);
    const draft = {
      place,
      visit: visit.id,
      kind,
      sheet: 'duo',
      criterion: what,
      author: writer(visit),
      text: value,
      over: typing.overAt(place) ?? seen,
    };
    const writing = typing.type(draft).catch((error) => set({ failure: failureSentence(error) }));
    set({}); // until it is written, the screen must not say that it is
    return writing;
  };

  /** @param {string} written by hand, or in the link of an invitation */
  const joinWith = (written) => {
    const code = normalised(written);
    return tryCode(code).catch((error) =>
      set({ join: { code, busy: false, problem: null }, failure: failureSentence(error) }),
    );
  };

  /** @param {string} code */
  const tryCode = async (code) => {
    if (!code)
      return set({ join: { code, busy: false, problem: t('Écrivez d’abord le code de votre invitation.') } });
    set({ join: { code, busy: true, problem: null } });
    const key = await store.deviceKey();
    await store.remember({ pending_code: code });
    const answer = await api.join(code, key);
    if (answer.kind === 'joined') return joined(answer.profile);
    if (answer.kind !== 'later') await store.remember({ pending_code: null });
    set({ join: { code, busy: false, problem: answer.problem?.detail ?? noAnswer() } });
  };

  /** @param {Profile} profile */
  const joined = async (profile) => {
    await store.joined(profile);
    set({ join: { code: '', busy: false, problem: null } });
    go(to.visits, 'replace');
    send({ now: true, byHand: true });
  };

  return {
    joinWith,
    finishTyping: () => attempt(typing.finish),

    /** @param {SubmitEvent} event */
    join(event) {
      event.preventDefault();
      const { join } = state();
      if (!join.busy) joinWith(join.code);
    },

    /** @param {InputEvent} event */
    typeCode(event) {
      const input = /** @type {HTMLInputElement} */ (event.target);
      const atEnd = input.selectionStart === input.value.length;
      if (atEnd) input.value = grouped(input.value);
      set({ join: { code: input.value, busy: false, problem: null } });
    },

    /** @param {SubmitEvent} event */
    start(event) {
      event.preventDefault();
      const { visit } = state();
      const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
      const author = String(form.get('holder') ?? visit.couldHold[0].id);
      const present = form.getAll('present').map(String);
      return attempt(async () => {
        await store.remember({ holders: { ...state().holders, [visit.id]: author } });
        await store.startVisit(visit.id, author, { grid: visit.grid.id, present });
        go(to.criterion(visit.id, (visit.missing[0] ?? visit.answers[0]).criterion.id));
      });
    },

    /** @param {Choice} choice */
    answer(choice) {
      const { visit, at } = state();
      const { criterion, chosen } = visit.answers[at];
      const write = visit.over ? store.correct : store.answer;
      if (chosen.length === 1 && String(chosen[0]) === String(choice)) return say(saved());
      const where = { visit: visit.id, author: writer(visit), sheet: 'duo', criterion: criterion.id };
      return attempt(async () => {
        await write(where, choice);
        say(choice === null ? t('Réponse effacée.') : saved());
      });
    },

    /** @param {Event} event */
    typeRemark(event) {
      const { criterion, remarkIds } = state().visit.answers[state().at];
      return type('remark', criterion.id, remarkIds, event);
    },

    leaveRemark: () => attempt(typing.finish),

    /** @param {Event} event */
    typeImpossible: (event) => type('impossible', '', [], event),

    close() {
      const { visit } = state();
      return attempt(async () => {
        await typing.finish();
        await store.closeVisit(visit.id, visit.holder);
        go(to.thanks(visit.id), 'replace');
      });
    },

    /** @param {SubmitEvent} event */
    impossible(event) {
      event.preventDefault();
      const { visit } = state();
      const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
      return attempt(async () => {
        await store.visitImpossible(
          visit.id,
          writer(visit),
          String(form.get('cause')),
          String(form.get('text') ?? '').trim(),
        );
        go(to.thanks(visit.id), 'replace');
      });
    },

    send: () => send({ now: true, byHand: true }),

    /** @param {Kept} record */
    exportEntry(record) {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([JSON.stringify(record, null, 2)], { type: 'application/json' }));
      link.download = `caisse-${record.id}.json`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    },

    async update() {
      await typing.finish();
      takeUpdate();
    },

    reload: () => location.reload(),
    forgetFailure: () => set({ failure: null }),

    openHelp: () => helpSheet().showModal(),
    closeHelp: () => helpSheet().close(),

    /** A touch beside the sheet closes it. @param {Event} event */
    closeHelpOutside: (event) => event.target === helpSheet() && helpSheet().close(),

    /** @param {Event} event */
    skipToContent(event) {
      event.preventDefault();
      document.querySelector('h1')?.focus();
    },
  };
}

/** @param {OpenVisit} visit */
const writer = ({ holder, couldHold }) => holder ?? couldHold[0].id;

const helpSheet = () => /** @type {HTMLDialogElement} */ (document.getElementById('help'));

const noAnswer = () =>
  t(
    'Pas de réponse de la caisse : il n’y a peut-être pas de réseau. Votre code est gardé, nous réessayons dès que le réseau revient.',
  );

/** @param {Error} error */
const failureSentence = (error) =>
  error.name === 'QuotaExceededError'
    ? t(
        'Il n’y a plus de place sur ce téléphone : votre dernier geste n’est pas enregistré. Libérez un peu de place, puis recommencez.',
      )
    : t(
        'Quelque chose n’a pas marché : votre dernier geste n’est pas enregistré. Recommencez, ou fermez puis rouvrez l’application.',
      );

/** The code as the fund knows it: capitals, no spaces, and letters that look like figures read as figures. @param {string} code */
export const normalised = (code) =>
  code
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');

/** In groups of five, as it is printed. @param {string} code */
export const grouped = (code) =>
  code
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replace(/(.{5})(?=.)/g, '$1 ');
