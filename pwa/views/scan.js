import { html, nothing } from '../vendor/lit-html.js';
import { t } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';

/** @import { State, View } from '../types.js' */

/** @type {View} */
export const scan = {
  title: () => t('Scanner votre code'),
  help: () => [
    t('Visez le code QR de votre invitation : l’application le lit toute seule.'),
    t('Si l’appareil photo ne marche pas, recopiez les lettres imprimées sous le code.'),
  ],
  back: () => ({ href: to.join, text: t('Entrer') }),
  body: (/** @type {State} */ { scan: { reading, problem } }) => html`
    <h1 tabindex="-1">${t('Visez le code de votre invitation')}</h1>
    <video id="camera" class="camera-picture" muted playsinline aria-label=${t('Ce que voit l’appareil photo')}></video>
    <p class="why" role="alert">${problem ? html`${icon('alert')}<span>${problem}</span>` : nothing}</p>
    <p>${reading ? t('Approchez le téléphone du code.') : t('L’appareil photo ne sert qu’à lire le code. Rien n’est gardé de l’image.')}</p>`,
  steps: (/** @type {State} */ { scan: { reading } }, act) => html`
    <nav class="steps" aria-label=${t('La suite')}>
      ${
        reading
          ? html`<a class="plain" href=${to.join}>${icon('close')}${t('Arrêter')}</a>`
          : html`<button type="button" class="next" @click=${act.scanInvitation}>${icon('camera')}${t('Ouvrir l’appareil photo')}</button>`
      }
    </nav>`,
};
