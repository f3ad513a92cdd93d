/** What all gestures share: they write first and speak afterwards, and never pretend. */
import { t } from '../text.js';

/** @import { Draft, OpenVisit, Ports } from '../types.js' */

/** @param {Ports} ports */
export function makeGestures({ send, typing, state, set, say }) {
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

  /**
   * @param {Draft['kind']} kind @param {string} what @param {string[]} seen @param {Event} event
   * @param {string} [place] where it is typed, when a screen has several fields
   */
  const type = (kind, what, seen, event, place = state().place) => {
    const { visit } = state();
    const { value } = /** @type {HTMLTextAreaElement} */ (event.target);
    /** @type {Draft} */
    const draft = {
      place,
      visit: visit.id,
      kind,
      sheet: visit.sheet,
      criterion: what,
      author: writer(visit),
      text: value,
      over: typing.overAt(place) ?? seen,
    };
    const writing = typing.type(draft).catch((error) => set({ failure: failureSentence(error) }));
    set({}); // until it is written, the screen must not say that it is
    return writing;
  };

  return { attempt, type };
}

export const saved = () => t('Enregistré sur ce téléphone.');

/** Who writes: no screen of a visit shows before that is known. @param {OpenVisit} visit */
export const writer = ({ me }) => /** @type {string} */ (me);

/** Nobody did anything: the app itself could not write. */
export const noRoomSentence = () =>
  t(
    'Il n’y a plus de place sur ce téléphone : rien de nouveau ne peut s’enregistrer. Ce qui est déjà enregistré reste là. Libérez un peu de place.',
  );

/** @param {Error} error */
export const failureSentence = (error) =>
  error.name === 'QuotaExceededError'
    ? t(
        'Il n’y a plus de place sur ce téléphone : votre dernier geste n’est pas enregistré. Libérez un peu de place, puis recommencez.',
      )
    : t(
        'Quelque chose n’a pas marché : votre dernier geste n’est pas enregistré. Recommencez, ou fermez puis rouvrez l’application.',
      );
