import { html, nothing } from '../vendor/lit-html.js';
import { t, tn } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';

/** @import { OpenVisit, View } from '../types.js' */

/** @type {View} */
export const closing = {
  title: (state) => t('Terminer : {name}', { name: state.visit.merchant.name }),
  help: () => [
    t('Terminer, c’est dire que vous êtes d’accord ensemble.'),
    t('Vous pouvez encore revenir aux réponses.'),
  ],
  back: (state) => ({ href: to.summary(state.visit.id), text: t('Relire') }),
  body: ({ visit }) => html`
    <h1 tabindex="-1">${t('Terminer la visite ?')}</h1>
    <p class="lead">${visit.merchant.name}</p>
    ${visit.missing.length ? missing(visit) : nothing}
    <ul class="plainlist">
      <li>${t('Ensuite, vos réponses ne changent plus, sauf pour corriger ou départager.')}</li>
      <li>${t('Elles partent à la caisse dès qu’il y a du réseau.')}</li>
      <li>${t('Le comité les lit, en discute et décide. Vous verrez ici sa décision dès que le commerce la connaît.')}</li>
    </ul>`,
  steps: ({ visit }, act) => html`
    <nav class="steps two" aria-label=${t('La suite')}>
      <a class="plain" href=${to.summary(visit.id)}>${icon('back')}${t('Relire')}</a>
      <button type="button" class="next" @click=${act.close}>${icon('check')}${t('Terminer la visite')}</button>
    </nav>`,
};

/** @param {OpenVisit} visit */
const missing = (visit) => html`
  <section class="note">
    <p>
      ${tn('{n} question est sans réponse.', '{n} questions sont sans réponse.', visit.missing.length)}
      ${t('Vous pouvez terminer quand même : le comité verra ce qui manque.')}
    </p>
    <ul>
      ${visit.missing.map(
        ({ criterion }) => html`
        <li><a href=${to.criterion(visit.id, criterion.id)}>${criterion.name}</a></li>`,
      )}
    </ul>
  </section>`;
