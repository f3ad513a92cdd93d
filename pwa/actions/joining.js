/** Entering with a code: by link, by hand, or by the one that waited for a network. */
import { t } from '../text.js';
import { to } from '../routes.js';
import { failureSentence } from './gestures.js';

/** @import { Ports, Profile } from '../types.js' */

/** @param {Ports} ports */
export function joining({ store, api, send, state, set, go }) {
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
    const answer = (await departuresTold()) ? await api.join(code, key) : NOT_YET;
    if (answer.kind === 'joined') return joined(answer.profile);
    if (answer.kind !== 'later') await store.remember({ pending_code: null });
    set({ join: { code, busy: false, problem: answer.problem?.detail ?? noAnswer() } });
  };

  /** The fund hears who left this phone before it hears who comes. */
  const departuresTold = async () => {
    const untold = async () => (await store.facts()).leaving?.length ?? 0;
    if (await untold()) await send({ now: true });
    return !(await untold());
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
  };
}

/** @type {import('../types.js').Later} */
const NOT_YET = { kind: 'later', problem: null, after: 0 };

const noAnswer = () =>
  t(
    'Pas de réponse de la caisse : il n’y a peut-être pas de réseau. Votre code est gardé, nous réessayons dès que le réseau revient.',
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
