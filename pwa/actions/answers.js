/** What is done on the screen of one criterion. */
import { t } from '../text.js';
import { saved, writer } from './gestures.js';

/** @import { Choice, Gestures, Ports } from '../types.js' */

/** @param {Ports} ports @param {Gestures} gestures */
export const answering = ({ store, typing, state, say }, { attempt, type }) => ({
  /** @param {Choice} choice */
  answer(choice) {
    const { visit, at } = state();
    const { criterion, chosen } = visit.answers[at];
    const write = visit.over ? store.correct : store.answer;
    if (chosen.length === 1 && String(chosen[0]) === String(choice)) return say(saved());
    const where = { visit: visit.id, author: writer(visit), sheet: visit.sheet, criterion: criterion.id };
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
});
