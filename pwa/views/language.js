/** The language of the app, chosen on this phone. */
import { html } from '../vendor/lit-html.js';
import { LANGUAGES, t } from '../text.js';

/** @import { Act, State } from '../types.js' */

/** Each language in its own name, for those who read no other. @param {State} state @param {Act} act */
export const languageChoice = ({ language }, act) => html`
  <p class="remark language">
    <label for="language">${t('Langue')}${language === 'fr' ? '' : ' (Langue)'}</label>
    <select id="language" class="line-field" @change=${(/** @type {Event} */ event) => act.chooseLanguage(/** @type {HTMLSelectElement} */ (event.target).value)}>
      ${LANGUAGES.map(([code, name]) => html`<option value=${code} lang=${code} ?selected=${code === language}>${name}</option>`)}
    </select>
  </p>`;
