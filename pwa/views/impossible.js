import { html } from '../vendor/lit-html.js';
import { N_, t } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';

/** @import { View } from '../types.js' */

const CAUSES = /** @type {const} */ ([
  ['closed', N_('Le commerce est fermé')],
  ['refused', N_('La personne du commerce ne veut pas')],
  ['not_found', N_('Nous ne trouvons pas le commerce')],
  ['other', N_('Autre chose')],
]);

/** @type {View} */
export const impossible = {
  title: () => t('Visite impossible'),
  help: () => [t('Dites en un mot ce qui s’est passé. La coordination verra avec vous la suite.')],
  back: (state) => ({ href: to.visit(state.visit.id), text: t('Retour') }),
  body: ({ visit, typed }, act) => html`
    <h1 tabindex="-1">${t('Visite impossible')}</h1>
    <p class="lead">${visit.merchant.name}</p>
    <form id="impossible" @submit=${act.impossible}>
      <fieldset>
        <legend>${t('Que se passe-t-il ?')}</legend>
        ${CAUSES.map(
          ([cause, words]) => html`
          <label class="tick">
            <input type="radio" name="cause" value=${cause} required /><span>${t(words)}</span>
          </label>`,
        )}
      </fieldset>
      <div class="remark">
        <label for="text">${t('Un mot de plus ? (si vous voulez)')}</label>
        <textarea id="text" name="text" rows="3" maxlength="1000" .value=${typed ?? ''} @input=${act.typeImpossible}></textarea>
      </div>
    </form>`,
  steps: ({ visit }) => html`
    <nav class="steps two" aria-label=${t('La suite')}>
      <a class="plain" href=${to.visit(visit.id)}>${icon('back')}${t('Retour')}</a>
      <button form="impossible" class="next">${icon('check')}${t('Enregistrer')}</button>
    </nav>`,
};
