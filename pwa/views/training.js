/** The training visit: where it begins, and what is said along the way. */
import { html, nothing } from '../vendor/lit-html.js';
import { t } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';

/** @import { OpenVisit, State, View } from '../types.js' */

/** @type {View} */
export const training = {
  title: () => t('S’entraîner'),
  help: () => [t('Un commerce inventé, quatre questions, cinq minutes. Rien n’est envoyé.')],
  back: (state) => ({ href: to.visits, text: state.people.length ? t('Visites') : t('Retour') }),
  body: (/** @type {State} */ { practising }, act) => html`
    <div class="welcome">
      <img src="icons/basket.svg" alt="" width="160" height="120" />
      <h1 tabindex="-1">${t('S’entraîner en cinq minutes')}</h1>
      <p>${t('Vous visitez un commerce inventé, avec Sacha, qui a déjà répondu de son côté. Vous apprenez à répondre, à comparer et à terminer.')}</p>
      <p>${t('Tout reste sur ce téléphone. Rien n’est envoyé à la caisse.')}</p>
      ${practising ? html`<button type="button" class="plain wide" @click=${act.forgetTraining}>${icon('clear')}${t('Effacer l’essai')}</button>` : nothing}
    </div>`,
  steps: (/** @type {State} */ { practising }, act) => html`
    <nav class="steps" aria-label=${t('La suite')}>
      <button type="button" class="next" @click=${act.train}>${practising ? t('Continuer l’essai') : t('Commencer l’essai')}${icon('next')}</button>
    </nav>`,
};

/** Above every screen of the training visit. @param {State} state */
export const band = ({ visit, screen }) =>
  visit?.training
    ? html`<aside class="note band"><p><strong>${t('Essai : rien n’est envoyé.')}</strong> ${coach(visit, screen)}</p></aside>`
    : nothing;

/** What to try on this screen. @param {OpenVisit} visit @param {string} screen */
function coach(visit, screen) {
  const answered = visit.answers.length - visit.missing.length;
  if (screen === 'start') return t('Regardez les trois façons de répondre. Pour cet essai, gardez « Chaque personne sur son téléphone ».');
  if (screen === 'criterion' && visit.phase === 'alone') return ALONE[Math.min(answered, ALONE.length - 1)]();
  if (screen === 'criterion') return t('Voici les deux réponses. Choisissez ensemble, puis dites pourquoi si vous voulez.');
  if (screen === 'summary') return t('Relisez. Une ligne en pointillé attend une réponse : vous pouvez la laisser.');
  if (screen === 'done') return t('Une fois votre part finie, Sacha voit vos réponses et vous voyez les siennes.');
  if (screen === 'compare') return t('Seules les questions où vous différez sont là. Touchez-en une.');
  if (screen === 'closing') return t('Terminer, c’est être d’accord ensemble. Ensuite vient le score, que le comité discute.');
  if (screen === 'closed') return t('Voilà tout. Le trait plein est sûr, le trait clair dépend de ce qui manque.');
  return '';
}

const ALONE = [
  () => t('Touchez la phrase la plus juste.'),
  () => t('Changez d’avis : touchez une autre phrase. Puis « Suivant ».'),
  () => t('Essayez une remarque, une photo ou votre voix.'),
  () => t('Vous ne savez pas ? Passez à la suite.'),
];

/** Under the list of visits, and where one has not joined yet. */
export const trainingLink = () => html`
  <p><a class="plain wide" href=${to.training}>${icon('training')}${t('S’entraîner avec un commerce inventé')}</a></p>`;
