import { html, nothing } from '../vendor/lit-html.js';
import { dayAndTime, t } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';
import { gridNotice } from './parts.js';
import { slots } from './slots.js';

/** @import { OpenVisit, Person, View } from '../types.js' */

/** @type {View} */
export const start = {
  title: (state) => state.visit.merchant.name,
  help: () => [
    t('Dites qui est là, puis touchez « Commencer la visite ».'),
    t(
      'En entrant, présentez-vous : « Nous sommes des habitantes et habitants de la caisse commune de l’alimentation. »',
    ),
    t('Vous pouvez vous arrêter et reprendre plus tard, même sans réseau.'),
  ],
  back: () => ({ href: to.visits, text: t('Visites') }),
  body: (state, act) => html`
    <h1 tabindex="-1">${state.visit.merchant.name}</h1>
    <ul class="facts">
      <li>${icon('place')}<span>${state.visit.merchant.address}</span></li>
      <li>${icon('calendar')}<span>${dayAndTime(state.visit.planned_on, state.visit.planned_at)}</span></li>
    </ul>
    <form id="start" @submit=${act.start}>
      <fieldset>
        <legend>${t('Qui est là ?')}</legend>
        ${state.visit.members.map(
          (/** @type {Person} */ { id, name }) => html`
          <label class="tick"><input type="checkbox" name="present" value=${id} checked /><span>${name}</span></label>`,
        )}
      </fieldset>
      ${state.visit.couldHold.length > 1 ? holders(state.visit) : nothing}
    </form>
    <section class="advice">
      <h2>${t('Pendant la visite')}</h2>
      <ol>
        <li>${t('Présentez-vous et dites pourquoi vous venez.')}</li>
        <li>${t('Regardez, demandez, discutez entre vous.')}</li>
        <li>${t('Choisissez ensemble une phrase par question.')}</li>
      </ol>
    </section>
    ${slots.start(state, act)}
    <p><a class="plain wide" href=${to.impossible(state.visit.id)}>${icon('flag')}${t('La visite est impossible')}</a></p>
    ${gridNotice(state.visit.grid)}`,
  steps: (state) => html`
    <nav class="steps" aria-label=${t('La suite')}>
      <button form="start" class="next">
        ${state.visit.fold.started.length ? t('Continuer la visite') : t('Commencer la visite')}${icon('next')}
      </button>
    </nav>`,
};

/** @param {OpenVisit} visit */
const holders = ({ couldHold, holder }) => html`
  <fieldset>
    <legend>${t('Qui tient le téléphone ?')}</legend>
    ${couldHold.map(
      ({ id, name }, at) => html`
      <label class="tick">
        <input type="radio" name="holder" value=${id} ?checked=${holder ? id === holder : at === 0} /><span>${name}</span>
      </label>`,
    )}
  </fieldset>`;
