import { html, nothing } from '../vendor/lit-html.js';
import { listed, moment, t, typeset } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';
import { counted, reason, state as stateWord, underWay } from './parts.js';

/** @import { Act, Refused, State, View } from '../types.js' */

/** @type {View} */
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
  body: (/** @type {State} */ { counts, people, progress, receivedAt, refused }, act) => html`
    <h1 tabindex="-1">${t('Sur ce téléphone')}</h1>
    <ul class="facts">
      <li>${counts.waiting.entries ? counted('local', counts.waiting) : stateWord('local', t('Rien n’attend sur ce téléphone'))}</li>
      ${counts.received.entries ? html`<li>${counted('received', counts.received)}</li>` : nothing}
      ${receivedAt ? lastExchange(receivedAt) : nothing}
    </ul>
    ${progress.detail ? html`<p class="note">${icon('alert')}<span>${typeset(progress.detail)}</span></p>` : nothing}
    ${refused.length ? allToCorrect(refused, act) : nothing}
    <h2>${t('Qui utilise ce téléphone')}</h2>
    <p>${people.length ? listed(people.map(({ name }) => name)) : t('Personne encore.')}</p>
    <a class="plain wide" href=${to.join}>
      ${icon('key')}${people.length ? t('Entrer un autre code') : t('Entrer un code')}
    </a>`,
  steps: ({ progress }, act) => html`
    <nav class="steps" aria-label=${t('La suite')}>
      <button type="button" class="next" @click=${act.send} aria-disabled=${underWay(progress)}>
        ${icon('send')}${progress.phase === 'sending' ? t('Envoi en cours') : t('Envoyer maintenant')}
      </button>
    </nav>`,
};

/** @param {number} at */
const lastExchange = (at) => html`
  <li>${icon('calendar')}<span>${t('Dernier échange avec la caisse : {when}.', { when: moment(at) })}</span></li>`;

/** @param {Refused} refused @param {Act} act */
const allToCorrect = (refused, act) => html`
  <h2>${t('À corriger')}</h2>
  <ul class="cards">${refused.map((one) => html`<li>${toCorrect(one, act)}</li>`)}</ul>`;

/** @param {Refused[number]} refused @param {Act} act */
const toCorrect = ({ record, visit, criterion }, act) => html`
  <article class="card still">
    <h3>${criterion?.name ?? visit?.merchant.name ?? t('Un élément')}</h3>
    ${criterion && visit ? html`<p class="small">${visit.merchant.name}</p>` : nothing}
    <p>${typeset(reason(record))}</p>
    <p class="pair">
      ${criterion && visit && visit.state !== 'decided' ? openQuestion(to.criterion(visit.id, criterion.id)) : nothing}
      <button type="button" class="plain" @click=${() => act.exportEntry(record)}>
        ${icon('download')}${t('Enregistrer dans un fichier')}
      </button>
    </p>
  </article>`;

/** @param {string} href */
const openQuestion = (href) => html`<a class="plain" href=${href}>${icon('open')}${t('Ouvrir la question')}</a>`;
