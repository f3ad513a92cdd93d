import { html } from '../vendor/lit-html.js';
import { t } from '../text.js';
import { icon } from './icons.js';

/** @import { View } from '../types.js' */

/** The app cannot open what this phone keeps: says why, and the remedy. @type {View} */
export const trouble = {
  title: () => t('La caisse'),
  help: () => [t('Ce qui est sur ce téléphone n’est pas perdu.')],
  back: () => null,
  body: ({ trouble: kind }) => html`
    <div class="welcome">
      <img src="icons/icon.svg" alt="" width="88" height="88" />
      ${WORDS[/** @type {keyof typeof WORDS} */ (kind)]()}
    </div>`,
  steps: (_state, act) => html`
    <nav class="steps" aria-label=${t('La suite')}>
      <button type="button" class="next" @click=${act.reload}>${icon('refresh')}${t('Rouvrir')}</button>
    </nav>`,
};

const newer = () => html`
  <h1 tabindex="-1">${t('Cette page est trop ancienne')}</h1>
  <p>${t('Une version plus récente de l’application a déjà servi sur ce téléphone. Tout ce qu’elle a gardé est intact.')}</p>
  <p>${t('Fermez les autres onglets de la caisse, puis touchez « Rouvrir ».')}</p>`;

const closed = () => html`
  <h1 tabindex="-1">${t('Ce téléphone ne nous laisse rien enregistrer')}</h1>
  <p>${t('C’est le cas en navigation privée, ou quand il ne reste plus de place.')}</p>
  <p>${t('Ouvrez la page dans une fenêtre normale, ou libérez un peu de place, puis touchez « Rouvrir ».')}</p>`;

const busy = () => html`
  <h1 tabindex="-1">${t('La caisse est ouverte dans un autre onglet')}</h1>
  <p>${t('Une visite y est en cours, avec l’ancienne version de l’application. Rien n’est perdu.')}</p>
  <p>${t('Allez dans cet onglet et revenez à la liste des visites, ou fermez-le : cette page s’ouvrira toute seule.')}</p>`;

const WORDS = { newer, closed, busy };
