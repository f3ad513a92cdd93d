/** Everything that was written in a visit, criterion by criterion, to be read again. */
import { html, nothing } from '../vendor/lit-html.js';
import { N_, moment, t, tn, typeset } from '../text.js';
import { icon } from './icons.js';
import { chosen, family, state as stateWord } from './parts.js';
import { commitment } from './commitments.js';
import { apart } from './criterion.js';
import { mediaOf } from './media.js';

/** @import { Act, Answer, InVisit, OpenVisit, PastChoice } from '../types.js' */

/** @param {InVisit} state @param {Act} act */
export const toldByFamily = (state, act) =>
  state.visit.grid.categories.map(
    (category) => html`
    <section class="chapter" data-family=${category.id}>
      <h2>${family(category)}</h2>
      <ul class="lines">
        ${state.visit.answers
          .filter((answer) => answer.category.id === category.id)
          .map((answer) => html`<li><div class=${`line ${answer.chosen.length ? '' : 'blank'}`}>${told(state, answer, act)}</div></li>`)}
      </ul>
    </section>`,
  );

/** @param {InVisit} state @param {Answer} answer @param {Act} act */
function told(state, answer, act) {
  const { criterion, chosen: choices, bySheet, settled, remarks, status, lone } = answer;
  const common = remarks.filter(({ sheet, text }) => text && !bySheet.some((said) => said.sheet === sheet));
  return html`
    <strong>${typeset(criterion.name)}</strong>
    ${choices.length ? choices.map((choice) => chosen(criterion, choice)) : html`<span class="missing">${t('Sans réponse')}</span>`}
    ${choices.length > 1 ? html`<span class="settle">${icon('people')}${t('À départager : choisissez ensemble')}</span>` : nothing}
    ${lone ? html`<span class="settle">${icon('alone')}${t('Une seule personne a répondu')}</span>` : nothing}
    ${settled?.reason ? html`<q>${settled.reason}</q>` : nothing}
    ${common.map(({ text }) => html`<q>${text}</q>`)}
    ${bySheet.map((said) => apart(criterion, said))}
    ${answer.commitments.map((one) => commitment(one, null))}
    ${mediaOf(state, answer, act)}
    ${status === 'rejected' ? stateWord('rejected') : nothing}
    ${history(state.visit, answer)}`;
}

/** Every answer that was ever given, when there was more than one on a sheet. @param {OpenVisit} visit @param {Answer} answer */
function history({ fold, names }, { criterion }) {
  const sheets = Object.entries(fold.history).flatMap(([sheet, made]) =>
    made[criterion.id] ? [{ sheet, made: made[criterion.id] }] : [],
  );
  const count = sheets.reduce((sum, { made }) => sum + made.length, 0);
  if (!sheets.some(({ made }) => made.length > 1)) return nothing;
  return html`
    <details>
      <summary>${tn('Historique : {n} réponse', 'Historique : {n} réponses', count)}</summary>
      <ol class="history">
        ${sheets.flatMap(({ sheet, made }) => made.map((past) => html`<li>${once(criterion, past, sheet, names)}</li>`))}
      </ol>
    </details>`;
}

const PAST = /** @type {Record<string, string>} */ ({
  current: '',
  superseded: N_('remplacée'),
  after_done: N_('après la fin de sa part, pas comptée'),
});

/** @param {Answer['criterion']} criterion @param {PastChoice} past @param {string} sheet @param {Map<string, string>} names */
const once = (criterion, { author, choice, at, state }, sheet, names) => html`
  ${choice === null ? html`<span class="chosen">${t('Réponse effacée')}</span>` : chosen(criterion, choice)}
  <span class="small">
    ${names.get(author) ?? ''}${sheet === author ? '' : t(', feuille commune')}, ${moment(Date.parse(at))}${PAST[state] ? ` · ${t(PAST[state])}` : ''}
  </span>`;
