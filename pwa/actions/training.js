/** Beginning, and forgetting, the training visit. */
import { TRAINING } from '../domain/ids.js';
import { t } from '../text.js';
import { to } from '../routes.js';

/** @import { Gestures, Ports } from '../types.js' */

/** @param {Ports} ports @param {Gestures} gestures */
export const trainer = ({ store, state, go, say }, { attempt }) => ({
  train: () =>
    attempt(async () => {
      const { PARTNER, partnersAnswers, trainingGrid, trainingVisit } = await import('./lesson.js');
      if (!state().practising) {
        const today = new Date().toISOString().slice(0, 10);
        await store.beginTraining(trainingVisit(today), trainingGrid(), PARTNER, partnersAnswers());
      }
      go(to.visit(TRAINING));
    }),

  forgetTraining: () =>
    attempt(async () => {
      await store.forgetTraining(TRAINING);
      say(t('L’essai est effacé.'));
    }),
});
