import { html, nothing } from '../vendor/lit-html.js';
import { N_, moment, t } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';
import { reason, state as stateWord } from './parts.js';

/** @import { Act, State, View } from '../types.js' */

/** As the coordination names them (backend/domain/merchants.py; a test compares). */
export const KINDS = [
  ['grocery', N_('Épicerie')],
  ['bakery', N_('Boulangerie')],
  ['greengrocer', N_('Primeur')],
  ['butcher', N_('Boucherie')],
  ['fishmonger', N_('Poissonnerie')],
  ['farm', N_('Vente à la ferme')],
  ['market_stall', N_('Étal de marché')],
  ['amap', N_('AMAP')],
  ['mobile', N_('Commerce ambulant')],
  ['restaurant', N_('Restauration')],
  ['other', N_('Autre commerce')],
];

/** A shop seen on the street, for the coordination to call on. @type {View} */
export const spot = {
  title: () => t('Repérer un commerce'),
  help: () => [
    t('Vous avez vu un commerce qui pourrait rejoindre la caisse ? Dites son nom et où il est.'),
    t('Tout s’enregistre sur ce téléphone, même sans réseau. La coordination ira le voir.'),
  ],
  back: () => ({ href: to.visits, text: t('Visites') }),
  body: (/** @type {State} */ state, act) => html`
    <h1 tabindex="-1">${t('Repérer un commerce')}</h1>
    ${state.spotted ? thanks(state.spotted) : form(state, act)}
    ${state.spots.length ? mine(state) : nothing}`,
  steps: (/** @type {State} */ { spotted }, act) => html`
    <nav class="steps" aria-label=${t('La suite')}>
      ${
        spotted
          ? html`<button type="button" class="next" @click=${act.spotAnother}>${icon('shop')}${t('En repérer un autre')}</button>`
          : html`<button form="spot" class="next">${icon('check')}${t('Enregistrer')}</button>`
      }
    </nav>`,
};

/** @param {string} name */
const thanks = (name) => html`
  <p class="note">${icon('check')}<span>${t('{name} est enregistré. La coordination le verra dès qu’il y a du réseau.', { name })}</span></p>`;

/** @param {State} state @param {Act} act */
const form = (state, act) => html`
  <form id="spot" class="stack" novalidate @submit=${act.saveSpot}>
    <div class="remark">
      <label for="spot-name">${t('Son nom')}</label>
      <input id="spot-name" class="line-field" maxlength="200" autocomplete="off" .value=${state.spot.name}
        aria-invalid=${String(state.asked === 'spot-name')} aria-describedby="spot-name-help" @input=${(/** @type {Event} */ event) => act.typeSpot('name', event)} />
      <p id="spot-name-help" class="small" role="alert">${state.asked === 'spot-name' ? t('Écrivez au moins son nom.') : nothing}</p>
    </div>
    ${lookalikes(state, act)}
    <div class="remark">
      <label for="spot-kind">${t('Quel genre de commerce ?')}</label>
      <select id="spot-kind" class="line-field" @change=${(/** @type {Event} */ event) => act.typeSpot('kind', event)}>
        ${KINDS.map(([kind, name]) => html`<option value=${kind} ?selected=${kind === state.spot.kind}>${t(name)}</option>`)}
      </select>
    </div>
    ${where(state, act)}
    ${photos(state, act)}
    <div class="remark">
      <label for="spot-note">${t('Un mot de plus ? (si vous voulez)')}</label>
      <textarea id="spot-note" rows="3" maxlength="2000" .value=${state.spot.note} @input=${(/** @type {Event} */ event) => act.typeSpot('note', event)}></textarea>
    </div>
  </form>`;

/** @param {State} state @param {Act} act */
const lookalikes = ({ lookalikes: found }, act) =>
  found.length
    ? html`
      <section class="note">
        <p>${t('La caisse connaît déjà :')}</p>
        <ul>${found.map(({ merchant, metres }) => html`<li><strong>${merchant.name}</strong>${merchant.city ? `, ${merchant.city}` : ''}${metres === null ? '' : t(', à {n} m', { n: Math.round(metres) })}</li>`)}</ul>
        <button type="button" class="plain" @click=${act.alreadyKnown}>${t('C’est l’un d’eux')}</button>
        <p class="small">${t('Sinon, continuez : vous en repérez un autre.')}</p>
      </section>`
    : nothing;

/** @param {State} state @param {Act} act */
const where = ({ spot: { lat, lon, accuracy, address }, locating, locateProblem }, act) => html`
  <fieldset>
    <legend>${t('Où est-il ?')}</legend>
    <div class="remark">
      <label for="spot-address">${t('Adresse, ou un repère')}</label>
      <input id="spot-address" class="line-field" maxlength="300" autocomplete="off" .value=${address} @input=${(/** @type {Event} */ event) => act.typeSpot('address', event)} />
    </div>
    ${
      lat === null
        ? nothing
        : html`<p class="small" role="status">${icon('place')}
            ${t('Position notée : {lat} ; {lon}, à {n} m près.', { lat: String(lat), lon: String(lon), n: accuracy ?? 0 })}
            <button type="button" class="quiet" @click=${act.forgetPlace}>${icon('clear')}<span>${t('L’enlever')}</span></button></p>`
    }
    ${locateProblem ? html`<p class="note alert" role="alert">${icon('alert')}<span>${locateProblem}</span></p>` : nothing}
    <button type="button" class="plain" @click=${act.locate} aria-disabled=${String(locating)}>
      ${icon('place')}${locating ? t('Un instant…') : lat === null ? t('Je suis devant : noter ma position') : t('Noter à nouveau ma position')}
    </button>
  </fieldset>`;

/** @param {State} state @param {Act} act */
const photos = ({ spot: { photos: taken } }, act) => html`
  ${taken.map((sha256) => {
    const url = act.mediaUrl(sha256);
    return html`
      <figure class="photo">
        ${url ? html`<img src=${url} alt=${t('Photo du commerce')} />` : html`<span class="no-photo">${icon('camera')}</span>`}
        <button type="button" class="quiet" @click=${() => act.dropSpotPhoto(sha256)}>${icon('clear')}<span>${t('Enlever la photo')}</span></button>
      </figure>`;
  })}
  <label class="plain camera">
    ${icon('camera')}${t('Ajouter une photo')}
    <input type="file" class="hidden" accept="image/*" capture="environment" @click=${act.toCamera} @change=${act.photographSpot} />
    <span class="small">${t('Pas de visages')}</span>
  </label>`;

/** @param {State} state */
const mine = ({ spots }) => html`
  <h2>${t('Repérés par vous')}</h2>
  <ul class="lines">
    ${spots.map((one) => html`
      <li><div class="line"><strong>${one.name}</strong><span class="small">${moment(Date.parse(one.at))}</span>
        ${stateWord(one.status)}${one.status === 'rejected' ? html`<p>${reason(one)}</p>` : nothing}</div></li>`)}
  </ul>`;
