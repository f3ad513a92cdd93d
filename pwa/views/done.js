import { html, nothing } from '../vendor/lit-html.js';
import { t } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';
import { missingList } from './closing.js';

/** @import { InVisit, View } from '../types.js' */

/** Before one's own sheet is closed for good. @type {View} */
export const done = {
  title: (state) => t('J’ai fini ma part : {name}', { name: state.visit.merchant.name }),
  help: () => [
    t('Votre feuille se ferme et les autres pourront la lire quand ils auront fini la leur.'),
    t('Vous pourrez encore changer d’avis ensemble, en comparant.'),
  ],
  back: (state) => ({ href: to.summary(state.visit.id), text: t('Relire') }),
  body: (/** @type {InVisit} */ { visit }) => html`
    <h1 tabindex="-1">${t('Avez-vous fini votre part ?')}</h1>
    <p class="lead">${visit.merchant.name}</p>
    ${visit.missing.length ? missingList(visit, t('Vous pouvez finir quand même.')) : nothing}
    <ul class="plainlist">
      <li>${t('Votre feuille ne changera plus.')}</li>
      <li>${t('Les autres la liront après avoir fini la leur.')}</li>
      <li>${t('Ensuite, vous comparez et vous choisissez ensemble là où vous différez.')}</li>
    </ul>`,
  steps: ({ visit }, act) => html`
    <nav class="steps two" aria-label=${t('La suite')}>
      <a class="plain" href=${to.summary(visit.id)}>${icon('back')}${t('Relire')}</a>
      <button type="button" class="next" @click=${act.declareDone}>${icon('check')}${t('J’ai fini ma part')}</button>
    </nav>`,
};
