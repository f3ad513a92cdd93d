/** What surrounds every screen: the way back, where things stand, help, and the next step under the thumb. */
import { html, nothing } from '../vendor/lit-html.js';
import { phoneNumber, t, typeset } from '../text.js';
import { icon } from './icons.js';
import { slots } from './slots.js';

/** @import { Act, IconName, State, View } from '../types.js' */

/** @param {View} view @param {State} state @param {Act} act */
export const frame = (view, state, act) => html`
  <a class="skip" href="#content" @click=${act.skipToContent}>${t('Aller au contenu')}</a>
  <header class="top">
    ${backLink(view.back(state))}
    ${standing(state)}
    <button type="button" class="quiet help" aria-haspopup="dialog" @click=${act.openHelp}>
      ${icon('help')}<span>${t('Aide')}</span>
    </button>
  </header>
  <div class="notes">
    ${slots.band(state, act)}
    ${state.failure ? failureNote(state.failure, act) : nothing}
    ${state.update && CALM.includes(state.screen) ? updateOffer(act) : nothing}
  </div>
  <main id="content" class=${`screen ${state.screen}`}>${view.body(state, act)}</main>
  ${view.steps(state, act)}
  ${helpSheet(view, state, act)}
`;

/** @param {{ href: string, text: string } | null} back */
const backLink = (back) =>
  back
    ? html`<a class="quiet back" href=${back.href}>${icon('back')}<span>${back.text}</span></a>`
    : html`<span class="brand"><img src="icons/icon.svg" alt="" width="28" height="28" /><span>${t('La caisse')}</span></span>`;

/** Where what was done stands: always at the same place. @param {State} state */
function standing({ counts, progress, signedOut }) {
  const [name, text] = standingWords(counts, progress, signedOut);
  if (!text) return html`<span class="standing"></span>`;
  return html`<a class="standing quiet" data-standing=${name} href="#telephone">${icon(ICONS[name])}<span>${text}</span></a>`;
}

const ICONS = /** @type {Record<string, IconName>} */ ({
  rejected: 'alert',
  paused: 'key',
  sending: 'send',
  local: 'phone',
  received: 'received',
});

/** @param {State['counts']} counts @param {State['progress']} progress @param {boolean} signedOut @returns {[string, string]} */
function standingWords({ waiting: { entries }, photos, received, rejected }, { phase }, signedOut) {
  const waiting = entries + photos;
  if (rejected) return ['rejected', t('{n} à corriger', { n: rejected })];
  if (signedOut) return ['paused', t('Envoi arrêté')];
  if (waiting && phase === 'sending') return ['sending', t('Envoi en cours')];
  if (waiting) return ['local', t('Sur ce téléphone')];
  return received.entries ? ['received', t('Tout est reçu')] : ['', ''];
}

/** Where a new version may be offered, and taken: not in the middle of a visit. */
export const CALM = ['visits', 'phone', 'closed', 'join', 'who'];

/** @param {Act} act */
const updateOffer = (act) => html`
  <aside class="note offer">
    <p>${t('Une nouvelle version de l’application est prête. Vos réponses restent à leur place.')}</p>
    <button type="button" class="plain" @click=${act.update}>${icon('refresh')}${t('Prendre la nouvelle version')}</button>
  </aside>`;

/** @param {string} failure @param {Act} act */
const failureNote = (failure, act) => html`
  <aside class="note alert" role="alert">
    ${icon('alert')}
    <p>${typeset(failure)}</p>
    <button type="button" class="plain" @click=${act.forgetFailure}>${t('J’ai compris')}</button>
  </aside>`;

/** @param {View} view @param {State} state @param {Act} act */
const helpSheet = (view, state, act) => html`
  <dialog id="help" aria-labelledby="help-title" @click=${act.closeHelpOutside}>
    <div class="sheet">
      <h2 id="help-title" tabindex="-1">${t('Aide')}</h2>
      <ul>${view.help(state).map((sentence) => html`<li>${sentence}</li>`)}</ul>
      <p>
        ${t('Ce que vous touchez est écrit tout de suite sur ce téléphone, même sans réseau.')}
        ${t('Vous pouvez fermer l’application à tout moment.')}
      </p>
      ${callLink(state.territory)}
      <button type="button" class="plain wide" @click=${act.closeHelp}>${icon('close')}${t('Fermer l’aide')}</button>
    </div>
  </dialog>`;

/** @param {State['territory']} territory */
const callLink = (territory) =>
  territory?.phone
    ? html`<a class="plain wide" href=${`tel:${territory.phone.replace(/[^+\d]/g, '')}`}>
        ${icon('call')}${t('Appeler la coordination : {phone}', { phone: phoneNumber(territory.phone) })}
      </a>`
    : nothing;
