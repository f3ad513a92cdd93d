/** Comparing without a network: one phone shows, the other reads. */
import { html, nothing, svg } from '../vendor/lit-html.js';
import { encodeQR } from '../vendor/qr/index.js';
import { t, tn } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';

/** @import { Act, Exchanging, InVisit, View } from '../types.js' */

const help = () => [
  t('Mettez les deux téléphones face à face : l’un montre son code, l’autre le lit.'),
  t('Ensuite, faites l’inverse. Vous pouvez recommencer autant de fois que vous voulez.'),
  t('Sans appareil photo, envoyez-vous un fichier.'),
];

/** @type {View} */
export const exchange = {
  title: (state) => t('Comparer nos réponses : {name}', { name: state.visit.merchant.name }),
  help,
  back: (state) => ({ href: to.visit(state.visit.id), text: t('La visite') }),
  body: (/** @type {InVisit} */ { exchange: now, visit }, act) => html`
    <h1 tabindex="-1">${t('Comparer nos réponses')}</h1>
    <p class="lead">${visit.merchant.name}</p>
    ${told(now)}
    <p>${t('L’un montre son code, l’autre le lit. Puis l’inverse. Aucun réseau n’est nécessaire.')}</p>
    <div class="two-ways">
      <button type="button" class="plain wide" @click=${act.showCodes}>${icon('qr')}${t('Montrer mon code')}</button>
      <a class="plain wide" href=${to.read(visit.id)}>${icon('camera')}${t('Lire le code de l’autre')}</a>
    </div>
    <h2>${t('Ou avec un fichier')}</h2>
    <p class="small">${t('Les photos et les notes vocales en font partie.')}</p>
    <div class="pair">
      <button type="button" class="plain" @click=${act.sendFile}>${icon('share')}${t('Envoyer un fichier')}</button>
      <label class="plain camera">
        ${icon('download')}${t('Ouvrir un fichier')}
        <input type="file" class="hidden" accept=".zip,application/zip" @change=${act.openFile} />
      </label>
    </div>`,
  steps: ({ visit }) => html`
    <nav class="steps" aria-label=${t('La suite')}>
      <a class="next" href=${to.compare(visit.id)}>${t('Voir où nous en sommes')}${icon('next')}</a>
    </nav>`,
};

/** @param {Exchanging} now */
const told = ({ said, problem }) => html`
  ${said ? html`<p class="note">${icon('check')}<span>${said}</span></p>` : nothing}
  ${problem ? html`<p class="note alert" role="alert">${icon('alert')}<span>${problem}</span></p>` : nothing}`;

/** @type {View} */
export const show = {
  title: (state) => t('Mon code : {name}', { name: state.visit.merchant.name }),
  help,
  back: (state) => ({ href: to.exchange(state.visit.id), text: t('Retour') }),
  body: (/** @type {InVisit} */ { exchange: now, visit }, act) =>
    now.codes.length
      ? html`
        <h1 tabindex="-1">${t('Montrez cet écran')}</h1>
        ${now.heldBack ? html`<p class="note">${icon('hidden')}<span>${t('Votre feuille n’est pas finie : vos réponses à vous n’en font pas partie.')}</span></p>` : nothing}
        ${code(now.codes[now.at], t('Code {n} sur {total}', { n: now.at + 1, total: now.codes.length }))}
        ${now.codes.length > 1 ? player(now, act) : nothing}`
      : html`
        <h1 tabindex="-1">${t('Montrez cet écran')}</h1>
        <p>${visit.merchant.name}</p>
        <button type="button" class="plain wide" @click=${act.showCodes}>${icon('qr')}${t('Montrer mon code')}</button>`,
  steps: ({ visit }) => html`
    <nav class="steps" aria-label=${t('La suite')}>
      <a class="next" href=${to.exchange(visit.id)}>${icon('check')}${t('L’autre a tout lu')}</a>
    </nav>`,
};

/** Black on white whatever the theme: cameras know nothing else. @param {string} text @param {string} name */
function code(text, name) {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: 3 });
  const path = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : []))).join('');
  return html`
    <svg class="qr" viewBox=${`0 0 ${rows.length} ${rows.length}`} role="img" aria-label=${name}>
      ${svg`<rect width="100%" height="100%"></rect><path d=${path}></path>`}
    </svg>`;
}

/** @param {Exchanging} now @param {Act} act */
const player = ({ codes, at, playing }, act) => html`
  <p class="parts" aria-live="off">${t('Partie {n} sur {total}', { n: at + 1, total: codes.length })}</p>
  <p class="pair player">
    <button type="button" class="plain" @click=${() => act.stepCode(-1)}>${icon('back')}${t('Avant')}</button>
    <button type="button" class="plain" @click=${act.playCodes}>${icon(playing ? 'stop' : 'next')}${playing ? t('Arrêter') : t('Défiler')}</button>
    <button type="button" class="plain" @click=${() => act.stepCode(1)}>${t('Après')}${icon('next')}</button>
  </p>`;

/** @type {View} */
export const read = {
  title: (state) => t('Lire un code : {name}', { name: state.visit.merchant.name }),
  help,
  back: (state) => ({ href: to.exchange(state.visit.id), text: t('Retour') }),
  body: (/** @type {InVisit} */ { exchange: now }) => html`
    <h1 tabindex="-1">${t('Visez le code de l’autre téléphone')}</h1>
    <video id="camera" class="camera-picture" muted playsinline aria-label=${t('Ce que voit l’appareil photo')}></video>
    ${told(now)}
    <p role="status">${progress(now)}</p>
    ${now.progress.total > 1 ? segments(now) : nothing}`,
  steps: ({ exchange: now }, act) => html`
    <nav class="steps" aria-label=${t('La suite')}>
      <button type="button" class="next" @click=${now.reading ? act.stopReading : act.readCodes}>
        ${icon(now.reading ? 'close' : 'camera')}${now.reading ? t('Arrêter') : t('Ouvrir l’appareil photo')}
      </button>
    </nav>`,
};

/** @param {Exchanging} now */
function progress({ reading, progress: { total, have, missing } }) {
  if (!total) return reading ? t('Approchez les téléphones.') : t('L’appareil photo ne sert qu’à lire le code. Rien n’est gardé de l’image.');
  return missing.length && missing.length <= 5
    ? t('Il manque : {parts}', { parts: missing.join(', ') })
    : tn('{n} partie lue sur {total}', '{n} parties lues sur {total}', have.length, { total });
}

/** @param {Exchanging} now */
const segments = ({ progress: { total, have } }) => html`
  <span class="track" aria-hidden="true">${Array.from({ length: total }, (_, at) => html`<i class=${have.includes(at + 1) ? 'on' : ''}></i>`)}</span>`;
