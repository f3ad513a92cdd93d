/** Around a visit: being unable to come, commitments, questions of the coordination, reading aloud. */
import { t } from '../text.js';
import { to } from '../routes.js';
import { saved, writer } from './gestures.js';

/** @import { Gestures, Ports } from '../types.js' */

/** @param {Ports} ports @param {Gestures} gestures */
export const arounding = ({ store, typing, state, set, go, say }, { attempt, type }) => {
  /** What is written waits for its button, and survives the page. @param {any} kind @param {string} about @param {Event} event */
  const write = (kind, about, event) => type(kind, about, [], event, state().placeOf(kind, about));
  /** @param {string} kind @param {string} [about] */
  const taken = (kind, about = '') => typing.forget(state().placeOf(kind, about));

  return {
    write,

    /** @param {SubmitEvent} event */
    cannotCome(event) {
      event.preventDefault();
      const { visit, written } = state();
      return attempt(async () => {
        await store.cannotCome(visit.id, writer(visit), written('unable').trim());
        taken('unable');
        say(saved());
        go(to.visits, 'replace');
      });
    },

    /** @param {string} criterion @param {SubmitEvent} event */
    noteCommitment(criterion, event) {
      event.preventDefault();
      const { visit, written } = state();
      const form = /** @type {HTMLFormElement} */ (event.target);
      const due = String(new FormData(form).get('due') ?? '') || null;
      const text = written('commitment', criterion).trim();
      if (!text) return set({ asked: `commitment ${criterion}` });
      return attempt(async () => {
        await store.noteCommitment(visit.id, writer(visit), { criterion, text, due, supersedes: [] });
        taken('commitment', criterion);
        form.reset();
        set({ asked: null });
        form.closest('details')?.querySelector('summary')?.focus(); // it closes over the button
        say(saved());
      });
    },

    /** @param {{ id: string, criterion: string }} commitment */
    eraseCommitment({ id, criterion }) {
      const { visit } = state();
      if (state().asked !== id) return set({ asked: id });
      set({ asked: null });
      return attempt(async () => {
        await store.noteCommitment(visit.id, writer(visit), { criterion, text: '', due: null, supersedes: [id] });
        say(t('Engagement effacé.'));
      });
    },

    /** @param {string} question @param {SubmitEvent} event */
    answerQuestion(question, event) {
      event.preventDefault();
      const { visit, written } = state();
      const text = written('answer', question).trim();
      if (!text) return say(t('Écrivez d’abord votre réponse.'));
      return attempt(async () => {
        await store.answerQuestion(visit.id, writer(visit), question, { text });
        taken('answer', question);
        say(saved());
      });
    },
  };
};
