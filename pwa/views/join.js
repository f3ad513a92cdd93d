import { html, nothing } from '../vendor/lit-html.js';
import { t, typeset } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';
import { slots } from './slots.js';

/** @import { State, View } from '../types.js' */

/** @type {View} */
export const join = {
  title: () => t('Entrer avec votre code'),
  help: () => [
    t('Votre invitation porte un code QR et un code en lettres.'),
    t('Visez le code QR avec l’appareil photo du téléphone, ou recopiez les lettres ici.'),
    t('Majuscules, minuscules et espaces ne changent rien.'),
  ],
  back: (state) => (state.people.length ? { href: '#', text: t('Visites') } : null),
  body: (state, act) => html`
    <div class="welcome">
      <img src="icons/icon.svg" alt="" width="88" height="88" />
      <h1 tabindex="-1">${heading(state)}</h1>
      <p>${
        state.signedOut
          ? t('Vous pouvez continuer : tout reste sur ce téléphone. Pour envoyer, entrez un nouveau code.')
          : t('Écrivez le code imprimé sur votre invitation. Pas de mot de passe, rien d’autre à retenir.')
      }</p>
    </div>
    <form id="join" class="join" novalidate @submit=${act.join}>
      <label for="code">${t('Votre code')}</label>
      <input id="code" name="code" class="code" .value=${state.join.code} @input=${act.typeCode}
        autocapitalize="characters" autocomplete="off" autocorrect="off" spellcheck="false" enterkeyhint="go"
        aria-invalid=${state.join.problem ? 'true' : 'false'} aria-describedby="code-help" ?readonly=${state.join.busy} />
      <p id="code-help" class="why" role="alert">
        ${state.join.problem ? html`${icon('alert')}<span>${typeset(state.join.problem)}</span>` : nothing}
      </p>
    </form>
    ${state.device?.camera ? scanning() : nothing}
    ${state.device?.system === 'ios' ? twoDevices(state.device.installed) : nothing}
    ${state.people.length ? nothing : html`${slots.join(state, act)}${restoring()}`}`,
  steps: (state) => html`
    <nav class="steps" aria-label=${t('La suite')}>
      <button form="join" class="next" aria-disabled=${String(state.join.busy)}>
        ${state.join.busy ? t('Un instant…') : html`${t('Entrer')}${icon('next')}`}
      </button>
    </nav>`,
};

/** @param {State} state */
function heading({ people, signedOut }) {
  if (signedOut) return t('Entrez un nouveau code');
  return people.length ? t('Une personne de plus') : t('Bienvenue');
}

/** The installed app and Safari know nothing of each other. @param {boolean} installed */
const twoDevices = (installed) => html`
  <p class="note">
    ${icon('phone')}
    <span>${
      installed
        ? t('Sur iPhone, l’application installée ne voit pas ce qui est dans Safari. Entrez votre code ici aussi : il sert sur trois appareils.')
        : t('Sur iPhone, Safari et l’application installée comptent pour deux appareils. Votre code sert sur trois.')
    }</span>
  </p>`;

const scanning = () => html`
  <a class="plain wide" href=${to.scan}>${icon('qr')}${t('Scanner le code')}</a>`;

const restoring = () => html`
  <p><a class="quiet" href=${to.phone}>${icon('upload')}<span>${t('Reprendre une sauvegarde')}</span></a></p>`;
