/** What is done on the screen of one criterion. */
import { t } from '../text.js';
import { saved, writer } from './gestures.js';

/** @import { Choice, Gestures, OpenVisit, Ports } from '../types.js' */

/** @param {Ports} ports @param {Gestures} gestures */
export const answering = ({ store, typing, state, say }, { attempt, type }) => ({
  /** @param {Choice} choice */
  answer(choice) {
    const { visit, at } = state();
    const { criterion, chosen, settled } = visit.answers[at];
    const write = visit.over ? store.correct : store.answer;
    const same = chosen.length === 1 && String(chosen[0]) === String(choice);
    if (same && (settled || !settles(visit))) return say(saved());
    const where = { visit: visit.id, author: writer(visit), sheet: visit.sheet, criterion: criterion.id };
    return attempt(async () => {
      await write(where, choice, settles(visit) ? { reason: settled?.reason ?? '', present: presentAt(visit) } : {});
      say(choice === null ? t('Réponse effacée.') : saved());
    });
  },

  /** @param {Event} event */
  typeRemark(event) {
    const { criterion, remarkIds } = state().visit.answers[state().at];
    return type('remark', criterion.id, remarkIds, event);
  },

  /** Why a difference was settled so. @param {Event} event */
  typeReason(event) {
    const { criterion } = state().visit.answers[state().at];
    return type('reason', criterion.id, [], event, state().reasonPlace);
  },

  leaveRemark: () => attempt(typing.finish),
});

/** Whether the common sheet settles what people answered apart. @param {OpenVisit} visit */
const settles = ({ mode, phase }) => mode === 'separate' && phase === 'together';

/** Who was there, as whoever began the visit here said; else all who go. @param {OpenVisit} visit */
function presentAt({ records, members }) {
  const began = records.map(({ entry }) => entry).find(({ kind }) => kind === 'visit_started');
  const there = began && 'present' in began && began.present?.length ? began.present : members.map(({ id }) => id);
  return [...there];
}
