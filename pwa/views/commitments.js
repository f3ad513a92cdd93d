/** What the merchant undertakes, noted in the shop beside its criterion. */
import { html, nothing } from '../vendor/lit-html.js';
import { day, t } from '../text.js';
import { icon } from './icons.js';

/** @import { Act, Answer, InVisit } from '../types.js' */

const MONTHS = [3, 6, 12];

/** @param {InVisit} state @param {Act} act */
export function commitmentsPiece(state, act) {
  const { visit, at, written, asked } = state;
  const answer = visit.answers[at];
  const { id } = answer.criterion;
  const typed = written('commitment', id);
  return html`
    ${answer.commitments.map((one) => commitment(one, visit.over ? null : act, asked === one.id))}
    ${visit.over || visit.phase === 'alone' ? nothing : html`
      <details class="unprinted" ?open=${Boolean(typed)}>
        <summary>${t('Noter un engagement du commerce')}</summary>
        <form class="stack" novalidate @submit=${(/** @type {SubmitEvent} */ event) => act.noteCommitment(id, event)}>
          <div class="remark">
            <label for="commitment">${t('À quoi le commerce s’engage-t-il ?')}</label>
            <textarea id="commitment" rows="2" maxlength="1000" .value=${typed} aria-describedby="commitment-help"
              @input=${(/** @type {Event} */ event) => act.write('commitment', id, event)}></textarea>
            <p id="commitment-help" class="small" role="alert">${asked === `commitment ${id}` ? t('Écrivez d’abord l’engagement.') : nothing}</p>
          </div>
          <div class="remark">
            <label for="due">${t('Pour quand ? (si c’est dit)')}</label>
            <select id="due" name="due" class="line-field">
              <option value="">${t('Sans date')}</option>
              ${MONTHS.map((months) => html`<option value=${inMonths(months)}>${months === 12 ? t('dans un an') : t('dans {n} mois', { n: months })} : ${day(inMonths(months))}</option>`)}
            </select>
          </div>
          <button class="plain">${icon('check')}${t('Noter l’engagement')}</button>
        </form>
      </details>`}`;
}

/** ISO date. @param {number} months from today */
function inMonths(months) {
  const date = new Date();
  date.setMonth(date.getMonth() + months);
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;
}

/** @param {Answer['commitments'][number]} one @param {Act | null} act @param {boolean} asked */
export const commitment = (one, act, asked = false) => html`
  <div class="commitment">
    <p>${icon('hands')}<span><strong>${t('Engagement :')}</strong> ${one.text}${one.due ? html` <span class="small">${t('avant le {day}', { day: day(one.due) })}</span>` : nothing}</span></p>
    ${act ? html`<button type="button" class="quiet" @click=${() => act.eraseCommitment(one)}>${icon('clear')}<span>${asked ? t('Oui, l’effacer') : t('Effacer l’engagement')}</span></button>` : nothing}
  </div>`;
