/** A visit from its start to its end. */
import { to } from '../routes.js';
import { writer } from './gestures.js';

/** @import { Gestures, Ports } from '../types.js' */

/** @param {Ports} ports @param {Gestures} gestures */
export const visiting = ({ store, typing, state, go }, { attempt, type }) => ({
  /** Whose hands this phone is in now: what was being typed is kept as the former one's. @param {string} person */
  hold: (person) =>
    attempt(async () => {
      await typing.finish();
      await store.remember({ me: person });
    }),

  /** @param {SubmitEvent} event */
  start(event) {
    event.preventDefault();
    const { visit } = state();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const how = {
      grid: visit.grid.id,
      mode: String(form.get('mode') ?? 'one_phone'),
      present: form.getAll('present').map(String),
    };
    return attempt(async () => {
      await store.startVisit(visit.id, writer(visit), how);
      go(to.criterion(visit.id, (visit.missing[0] ?? visit.answers[0]).criterion.id));
    });
  },

  declareDone() {
    const { visit } = state();
    return attempt(async () => {
      await typing.finish();
      await store.sheetDone(visit.id, writer(visit));
      go(to.visit(visit.id), 'replace');
    });
  },

  /** @param {Event} event */
  typeImpossible: (event) => type('impossible', '', [], event),

  close() {
    const { visit } = state();
    return attempt(async () => {
      await typing.finish();
      await store.closeVisit(visit.id, writer(visit));
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
