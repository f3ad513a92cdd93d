import { html, nothing } from '../vendor/lit-html.js';
import { listed, t, tn } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';

/** @import { Answer, OpenVisit, View } from '../types.js' */

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
    ${early(visit)}
    ${visit.differences.length ? unsettled(visit) : nothing}
    ${visit.missing.length ? missingList(visit, t('Vous pouvez terminer quand même : le comité verra ce qui manque.')) : nothing}
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

/** Somebody's sheet is still open: ending now ends it for them too. @param {OpenVisit} visit */
const early = ({ mode, awaited }) =>
  mode === 'separate' && awaited.length
    ? html`<p class="note alert">${icon('alert')}<span>${tn(
        '{names} n’a pas fini sa part. Si vous terminez maintenant, plus rien ne s’y ajoutera.',
        '{names} n’ont pas fini leur part. Si vous terminez maintenant, plus rien ne s’y ajoutera.',
        awaited.length,
        { names: listed(awaited.map(({ name }) => name)) },
      )}</span></p>`
    : nothing;

/** @param {OpenVisit} visit */
const unsettled = (visit) => html`
  <section class="note">
    <p>
      ${tn('{n} question est à départager.', '{n} questions sont à départager.', visit.differences.length)}
      ${t('Vous pouvez terminer quand même : le comité verra les deux réponses.')}
    </p>
    ${links(visit, visit.differences)}
  </section>`;

/** @param {OpenVisit} visit @param {string} allowed */
export const missingList = (visit, allowed) => html`
  <section class="note">
    <p>${tn('{n} question est sans réponse.', '{n} questions sont sans réponse.', visit.missing.length)} ${allowed}</p>
    ${links(visit, visit.missing)}
  </section>`;

/** @param {OpenVisit} visit @param {Answer[]} answers */
const links = ({ id }, answers) => html`
  <ul>${answers.map(({ criterion }) => html`<li><a href=${to.criterion(id, criterion.id)}>${criterion.name}</a></li>`)}</ul>`;
