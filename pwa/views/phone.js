import { html, nothing } from '../vendor/lit-html.js';
import { listed, moment, t, tn, typeset } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';
import { onThisPhone } from './frame.js';
import { reason, state as stateWord } from './parts.js';

/** @typedef {import('../app.js').State & { refused: ReturnType<typeof import('../state.js').refusedIn> }} State */

/** @type {import('./frame.js').View} */
export const phone = {
  title: () => t('Sur ce téléphone'),
  help: () => [
    t('« Sur ce téléphone » : c’est enregistré ici et partira dès qu’il y a du réseau.'),
    t(
      '« À corriger » : la caisse demande un changement. Ouvrez la question, ou enregistrez l’élément dans un fichier.',
    ),
    t('Un élément à corriger n’arrête jamais les autres.'),
  ],
  back: () => ({ href: to.visits, text: t('Visites') }),
  body: (/** @type {State} */ state, act) => html`
    <h1 tabindex="-1">${t('Sur ce téléphone')}</h1>
    <ul class="facts">
      <li>${stateWord('local', waiting(state.counts.local + state.counts.sending))}</li>
      <li>${stateWord('received', tn('{n} élément reçu par la caisse', '{n} éléments reçus par la caisse', state.counts.received))}</li>
      ${state.receivedAt ? html`<li>${icon('calendar')}<span>${t('Dernier échange avec la caisse : {when}.', { when: moment(state.receivedAt) })}</span></li>` : nothing}
    </ul>
    ${state.progress.detail ? html`<p class="note">${icon('alert')}<span>${typeset(state.progress.detail)}</span></p>` : nothing}
    ${state.refused.length ? html`<h2>${t('À corriger')}</h2><ul class="cards">${state.refused.map((one) => html`<li>${toCorrect(one, act)}</li>`)}</ul>` : nothing}
    <h2>${t('Qui utilise ce téléphone')}</h2>
    <p>${state.people.length ? listed(state.people.map(({ name }) => name)) : t('Personne encore.')}</p>
    <a class="plain wide" href=${to.join}>${icon('key')}${state.people.length ? t('Entrer un autre code') : t('Entrer un code')}</a>`,
  steps: (state, act) => html`
    <nav class="steps" aria-label=${t('La suite')}>
      <button type="button" class="next" @click=${act.send} aria-disabled=${String(state.progress.phase === 'sending')}>${icon('send')}${state.progress.phase === 'sending' ? t('Envoi en cours') : t('Envoyer maintenant')}</button>
    </nav>`,
};

/** @param {number} n */
const waiting = (n) => (n ? onThisPhone(n) : t('Rien n’attend sur ce téléphone'));

/** @param {State['refused'][number]} refused @param {import('../app.js').Act} act */
const toCorrect = ({ record, visit, criterion }, act) => html`
  <article class="card still">
    <h3>${criterion?.name ?? visit?.merchant.name ?? t('Un élément')}</h3>
    ${criterion && visit ? html`<p class="small">${visit.merchant.name}</p>` : nothing}
    <p>${typeset(reason(record))}</p>
    <p class="pair">
      ${criterion && visit ? html`<a class="plain" href=${to.criterion(visit.id, criterion.id)}>${icon('open')}${t('Ouvrir la question')}</a>` : nothing}
      <button type="button" class="plain" @click=${() => act.exportEntry(record)}>${icon('download')}${t('Enregistrer dans un fichier')}</button>
    </p>
  </article>`;
