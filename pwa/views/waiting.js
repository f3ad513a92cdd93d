import { html } from '../vendor/lit-html.js';
import { listed, t } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';
import { gridNotice } from './parts.js';
import { byFamily } from './summary.js';

/** @import { InVisit, View } from '../types.js' */

/** My part is done, somebody else's is not. @type {View} */
export const waiting = {
  title: (state) => state.visit.merchant.name,
  help: () => [
    t('Vous avez fini votre part. Les autres n’ont pas encore fini la leur.'),
    t('Avec du réseau, tout arrive tout seul. Sans réseau, montrez-vous vos téléphones.'),
    t('Si quelqu’un ne peut pas finir, appelez la coordination : elle peut ouvrir les feuilles.'),
  ],
  back: () => ({ href: to.visits, text: t('Visites') }),
  body: (/** @type {InVisit} */ { visit }) => html`
    <h1 tabindex="-1">${visit.merchant.name}</h1>
    <p class="note">${icon('people')}<span>${t('Votre part est finie. Il reste : {names}.', {
      names: listed(visit.awaited.map(({ name }) => name)),
    })}</span></p>
    <p>${t('Quand tout le monde a fini, vous voyez ici où vous différez.')}</p>
    <h2>${t('Ce que vous avez répondu')}</h2>
    ${byFamily(visit, false)}
    <p><a class="plain wide" href=${to.closing(visit.id)}>${icon('flag')}${t('Terminer sans attendre')}</a></p>
    ${gridNotice(visit.grid)}`,
  steps: ({ visit }) => html`
    <nav class="steps" aria-label=${t('La suite')}>
      <a class="next" href=${to.exchange(visit.id)}>${icon('exchange')}${t('Comparer nos réponses')}</a>
    </nav>`,
};
