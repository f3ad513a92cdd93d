/** Photos and voice notes on the screen of a criterion, and wherever a visit is read. */
import { html, nothing } from '../vendor/lit-html.js';
import { t } from '../text.js';
import { icon } from './icons.js';
import { state as stateWord } from './parts.js';

/** @import { Act, Answer, InVisit } from '../types.js' */

/** @typedef {Answer['photos'][number]} Photo @typedef {Answer['voices'][number]} Note */

/** What one can show and say of a criterion. @param {InVisit} state @param {Act} act */
export const mediaPiece = (state, act) => html`
  ${state.visit.over ? nothing : html`<div class="pair media-add">${camera(state, act)}${speak(state, act)}</div>`}
  ${state.unreadable ? html`<p class="note alert" role="alert">${icon('alert')}<span>${state.unreadable}</span></p>` : nothing}
  ${making(state, act)}
  ${mediaOf(state, state.visit.answers[state.at], act)}`;

/** @param {InVisit} state @param {Pick<Answer, 'photos' | 'voices'>} about @param {Act} act */
export const mediaOf = (state, { photos, voices }, act) => html`
  ${voices.map((note) => voiceNote(state, note, act))}
  ${photos.length ? html`<ul class="photos">${photos.map((photo) => html`<li>${picture(state, photo, act)}</li>`)}</ul>` : nothing}`;

/** The system's camera, or what was taken before. @param {InVisit} state @param {Act} act */
const camera = ({ busy }, act) => html`
  <label class="plain camera" aria-busy=${String(busy)}>
    ${icon('camera')}${busy ? t('Un instant…') : t('Ajouter une photo')}
    <input type="file" class="hidden" accept="image/*" capture="environment" @click=${act.toCamera} @change=${act.addPhotos} />
    <span class="small">${t('Pas de visages')}</span>
  </label>
  <label class="quiet camera">
    ${icon('images')}<span>${t('Choisir dans le téléphone')}</span>
    <input type="file" class="hidden" accept="image/*" multiple @click=${act.toCamera} @change=${act.addPhotos} />
  </label>`;

/** @param {InVisit} state @param {Act} act */
const speak = ({ voice }, act) =>
  act.canRecord() && voice.phase === 'none'
    ? html`<button type="button" class="plain" @click=${() => act.startVoice()}>${icon('mic')}${t('Dire une remarque')}</button>`
    : nothing;

/** A note being made at this place. @param {InVisit} state @param {Act} act @param {string} [at] @param {() => unknown} [keep] */
export function making({ voice, place }, act, at = place, keep = () => act.keepVoice()) {
  if (voice.problem) return html`<p class="note alert" role="alert">${icon('alert')}<span>${voice.problem}</span></p>`;
  if (voice.phase === 'none' || voice.place !== at) return nothing;
  if (voice.phase === 'recording')
    return html`
      <div class="note making">
        <p role="timer">${t('Parlez : {n} s sur 60', { n: voice.seconds })}</p>
        <button type="button" class="plain" @click=${act.stopVoice}>${icon('stop')}${t('J’ai fini')}</button>
      </div>`;
  return html`
    <div class="note making">
      <audio controls src=${voice.url ?? ''} aria-label=${t('Votre note, à réécouter')}></audio>
      <p class="pair">
        <button type="button" class="plain" @click=${keep}>${icon('check')}${t('Garder')}</button>
        <button type="button" class="plain" @click=${() => act.startVoice(at)}>${icon('refresh')}${t('Recommencer')}</button>
        <button type="button" class="quiet" @click=${act.dropVoice}>${icon('close')}<span>${t('Abandonner')}</span></button>
      </p>
    </div>`;
}

/** @param {InVisit} state @param {Photo} photo @param {Act} act */
function picture(state, photo, act) {
  const { id, sha256, caption, who, status } = photo;
  const url = act.mediaUrl(sha256);
  return html`
    <figure class="photo">
      ${url ? html`<img src=${url} alt=${caption || t('Photo de {name}', { name: who })} />` : html`<span class="no-photo">${icon('camera')}</span>`}
      <figcaption>
        ${mayChange(state, photo) ? captionField(id, caption, act) : html`<span>${caption || who}</span>`}
        ${howFar(status)}
        ${mayChange(state, photo) ? removal(state.asked === id, () => act.removePhoto(id), t('Enlever la photo')) : nothing}
      </figcaption>
    </figure>`;
}

/** @param {string} id @param {string} caption @param {Act} act */
const captionField = (id, caption, act) => html`
  <label class="small" for=${`caption-${id}`}>${t('Que montre cette photo ?')}</label>
  <input id=${`caption-${id}`} class="line-field" maxlength="300" .value=${caption} @change=${(/** @type {Event} */ event) => act.captionPhoto(id, event)} />`;

/** On a personal sheet, only its author takes something away. @param {InVisit} state @param {{ sheet: string, author: string }} one */
const mayChange = ({ visit }, { sheet, author }) => !visit.over && sheet === visit.sheet && (sheet === 'duo' || author === visit.me);

/** Asks once. @param {boolean} asked @param {() => unknown} remove @param {string} words */
const removal = (asked, remove, words) => html`
  <button type="button" class="quiet" @click=${remove}>
    ${icon('clear')}<span>${asked ? t('Oui, l’enlever') : words}</span>
  </button>`;

/** Listened to once its bytes are here. @param {string} sha256 @param {string} who @param {Act} act */
export function heard(sha256, who, act) {
  const url = act.mediaUrl(sha256);
  return url
    ? html`<audio controls src=${url} aria-label=${t('Note vocale de {name}', { name: who })}></audio>`
    : html`<p class="small">${t('Elle s’écoute ici dès qu’elle est arrivée.')}</p>`;
}

/** @param {InVisit} state @param {Note} note @param {Act} act */
const voiceNote = (state, note, act) => html`
  <div class="voice">
    <p class="small">${icon('mic')}${t('Note vocale de {name}', { name: note.who })} ${howFar(note.status)}</p>
    ${heard(note.sha256, note.who, act)}
    ${mayChange(state, note) ? removal(state.asked === note.id, () => act.removeVoice(note.id), t('Enlever la note')) : nothing}
  </div>`;

/** @param {Photo['status']} status */
function howFar(status) {
  if (status === 'refused') return stateWord('rejected', t('à reprendre : la caisse n’a pas pu la lire'));
  if (status === 'local') return stateWord('local');
  return status === 'sent' || status === 'decoded' ? stateWord('received') : nothing;
}
