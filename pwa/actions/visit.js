/** A visit from its start to its end. */
import { to } from '../routes.js';
import { writer } from './gestures.js';

/** @import { Gestures, Ports } from '../types.js' */

/** @param {Ports} ports @param {Gestures} gestures */
export const visiting = ({ store, typing, state, go }, { attempt, type }) => ({
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
});
