import { html, nothing } from '../vendor/lit-html.js';
import { N_, dayAndTime, t } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';
import { gridNotice } from './parts.js';
import { slots } from './slots.js';

/** @import { IconName, InVisit, OpenVisit, Person, View } from '../types.js' */

/** @type {View} */
export const start = {
  title: (state) => state.visit.merchant.name,
  help: () => [
    t('Dites qui est là et comment vous voulez répondre, puis touchez « Commencer la visite ».'),
    t(
      'En entrant, présentez-vous : « Nous sommes des habitantes et habitants de la caisse commune de l’alimentation. »',
    ),
    t('Vous pouvez vous arrêter et reprendre plus tard, même sans réseau.'),
  ],
  back: () => ({ href: to.visits, text: t('Visites') }),
  body: (/** @type {InVisit} */ state, act) => html`
    <h1 tabindex="-1">${state.visit.merchant.name}</h1>
    ${state.visit.trial ? html`<p class="note">${icon('alert')}<span>${t('Visite d’essai : le comité ne décidera pas avec elle.')}</span></p>` : nothing}
    <ul class="facts">
      <li>${icon('place')}<span>${state.visit.merchant.address}</span></li>
      <li>${icon('calendar')}<span>${dayAndTime(state.visit.planned_on, state.visit.planned_at)}</span></li>
    </ul>
    ${slots.start(state, act)}
    <form id="start" @submit=${act.start}>
      <fieldset>
        <legend>${t('Qui est là ?')}</legend>
        ${state.visit.members.map(
          (/** @type {Person} */ { id, name }) => html`
          <label class="tick"><input type="checkbox" name="present" value=${id} checked /><span>${name}</span></label>`,
        )}
      </fieldset>
      ${state.visit.members.length > 1 ? ways(state.visit) : nothing}
    </form>
    <section class="advice">
      <h2>${t('Pendant la visite')}</h2>
      <ol>
        <li>${t('Présentez-vous et dites pourquoi vous venez.')}</li>
        <li>${t('Regardez, demandez, discutez.')}</li>
        <li>${t('Choisissez une phrase par question.')}</li>
      </ol>
    </section>
    <p><a class="plain wide" href=${to.impossible(state.visit.id)}>${icon('flag')}${t('La visite est impossible')}</a></p>
    ${gridNotice(state.visit.grid)}`,
  steps: () => html`
    <nav class="steps" aria-label=${t('La suite')}>
      <button form="start" class="next">${t('Commencer la visite')}${icon('next')}</button>
    </nav>`,
};

const WAYS = /** @type {[string, IconName, string, string][]} */ ([
  ['one_phone', 'phone', N_('Un téléphone pour tous'), N_('Vous discutez et vous choisissez ensemble, sur celui-ci.')],
  [
    'separate',
    'alone',
    N_('Chaque personne sur son téléphone'),
    N_('Vous répondez sans voir les réponses des autres, puis vous comparez.'),
  ],
  [
    'two_phones',
    'people',
    N_('Ensemble, sur plusieurs téléphones'),
    N_('Vous remplissez la même feuille à plusieurs mains.'),
  ],
]);

/** @param {OpenVisit} visit */
const ways = ({ mode }) => html`
  <fieldset class="ways">
    <legend>${t('Comment répondez-vous ?')}</legend>
    ${WAYS.map(
      ([way, picture, name, sentence]) => html`
      <label class="tick">
        <input type="radio" name="mode" value=${way} ?checked=${way === (mode ?? 'one_phone')} />
        <span><strong>${icon(picture)}${t(name)}</strong><span class="small">${t(sentence)}</span></span>
      </label>`,
    )}
  </fieldset>`;
