import { html } from '../vendor/lit-html.js';
import { listed, t } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';

/** @import { Act, Person, State, View } from '../types.js' */

/** Whose hands this phone is in: what is written is theirs, and they read no sheet that is still hidden from them. @type {View} */
export const who = {
  title: () => t('Qui tient le téléphone ?'),
  help: () => [
    t('Touchez votre prénom : ce que vous notez porte votre nom.'),
    t('Les réponses que les autres gardent pour elles ou pour eux restent cachées.'),
  ],
  back: () => ({ href: to.visits, text: t('Visites') }),
  body: (/** @type {State} */ state, act) => html`
    <h1 tabindex="-1">${t('Qui tient le téléphone ?')}</h1>
    ${state.visit ? html`<p class="lead">${whose(state.visit)}</p>` : ''}
    <div class="levels" role="group" aria-label=${t('Qui tient le téléphone ?')}>
      ${(state.visit?.couldHold ?? state.people).map((person) => choice(person, state.me, act))}
    </div>
    <a class="plain wide" href=${to.join}>${icon('key')}${t('Quelqu’un d’autre : entrer un code')}</a>`,
  steps: (state) =>
    state.visit && !state.visit.me
      ? html``
      : html`<nav class="steps" aria-label=${t('La suite')}>
          <a class="next" href=${to.visits}>${t('Continuer')}${icon('next')}</a>
        </nav>`,
};

/** @param {NonNullable<State['visit']>} visit */
const whose = ({ merchant, couldHold }) =>
  t('La visite « {merchant} » est celle de {names}.', {
    merchant: merchant.name,
    names: listed(couldHold.map(({ name }) => name)),
  });

/** @param {Person} person @param {Person | null} me @param {Act} act */
const choice = ({ id, name }, me, act) => html`
  <button type="button" class="level" aria-pressed=${String(me?.id === id)} @click=${() => act.hold(id)}>
    ${icon('alone')}<span class="sentence">${name}</span><span class="tickmark">${icon('check')}</span>
  </button>`;
