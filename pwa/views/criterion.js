import { html, nothing } from '../vendor/lit-html.js';
import { t, typeset } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';
import { family, gauge, reason, state as stateWord } from './parts.js';

/**
 * @typedef {import('../app.js').State & { visit: NonNullable<import('../state.js').OpenVisit>, at: number, typed: string | null, typedKept: boolean }} State
 * @typedef {import('../app.js').Act} Act
 */

/** @type {import('./frame.js').View} */
export const criterion = {
  title: ({ visit, at }) => `${visit.answers[at].criterion.name} – ${visit.merchant.name}`,
  help: () => [
    t('Lisez la question à voix haute, regardez ou demandez, puis touchez la phrase la plus juste.'),
    t('Vous pouvez changer d’avis : touchez une autre phrase.'),
    t('Vous ne savez pas ? Passez à la suite et revenez plus tard.'),
  ],
  back: () => ({ href: to.visits, text: t('Visites') }),
  body: (/** @type {State} */ state, act) => {
    const answer = state.visit.answers[state.at];
    const { criterion: one, category, chosen, refusals } = answer;
    return html`
      ${progress(state, category)}
      <div class="question">
        <h1 id="question" tabindex="-1">${typeset(one.question)}</h1>
        ${one.help ? html`<p class="lead">${typeset(one.help)}</p>` : nothing}
      </div>
      ${chosen.length > 1 ? html`<p class="note">${icon('people')}<span>${t('Deux réponses ont été notées. Choisissez ensemble celle que vous gardez.')}</span></p>` : nothing}
      ${refusals.map((record) => html`<p class="note alert">${icon('alert')}<span>${typeset(reason(record))}</span></p>`)}
      <div class="levels" role="group" aria-labelledby="question" data-family=${category.id}>
        ${one.levels.map(
          ({ points, sentence }, index) => html`
          <button type="button" class="level" aria-pressed=${String(chosen.some((choice) => String(choice) === String(points)))} @click=${() => act.answer(points)}>
            ${gauge(index + 1, one.levels.length)}<span class="sentence">${typeset(sentence)}</span>${tickmark}
          </button>`,
        )}
        ${
          one.may_not_apply
            ? html`
          <button type="button" class="level other" aria-pressed=${String(chosen.includes('not_applicable'))} @click=${() => act.answer('not_applicable')}>
            ${icon('none')}<span class="sentence">${t('Ne s’applique pas')}</span>${tickmark}
          </button>`
            : nothing
        }
      </div>
      <p class="kept">
        ${answer.status ? stateWord(answer.status, answer.status === 'local' ? t('Enregistré sur ce téléphone') : undefined) : nothing}
        ${chosen.length ? html`<button type="button" class="quiet" @click=${() => act.answer(null)}>${icon('clear')}<span>${t('Effacer la réponse')}</span></button>` : nothing}
      </p>
      ${remark(answer, state.typed, state.typedKept, act)}
      <p class="notice">${typeset(state.visit.grid.title)}</p>`;
  },
  steps: ({ visit, at }) => html`
    <nav class="steps two" aria-label=${t('La suite')}>
      ${at > 0 ? html`<a class="plain" href=${to.criterion(visit.id, visit.answers[at - 1].criterion.id)}>${icon('back')}${t('Précédent')}</a>` : html`<a class="plain" href=${to.visits}>${icon('back')}${t('Retour')}</a>`}
      ${
        at + 1 < visit.answers.length
          ? html`<a class="next" href=${to.criterion(visit.id, visit.answers[at + 1].criterion.id)}>${t('Suivant')}${icon('next')}</a>`
          : html`<a class="next" href=${to.summary(visit.id)}>${t('Relire tout')}${icon('next')}</a>`
      }
    </nav>`,
};

const tickmark = html`<span class="tickmark">${icon('check')}</span>`;

/** @param {State} state @param {{ id: string, name: string }} category */
const progress = ({ visit, at }, category) => html`
  <div class="progress">
    ${family(category)}
    <a class="quiet" href=${to.summary(visit.id)}>${icon('list')}<span>${t('{n} sur {total}', { n: at + 1, total: visit.answers.length })}<span class="hidden">${t(', tout voir')}</span></span></a>
    <span class="track" aria-hidden="true">${visit.answers.map((answer, index) => html`<i data-family=${answer.category.id} class=${`${answer.chosen.length ? 'on' : ''} ${index === at ? 'here' : ''}`}></i>`)}</span>
  </div>`;

/** @param {State['visit']['answers'][number]} answer @param {string | null} typed @param {boolean} kept what is typed is on disk @param {Act} act */
const remark = ({ criterion: one, remark: said }, typed, kept, act) => html`
  <div class="remark">
    <label for="remark">${t('Une remarque ? (si vous voulez)')}</label>
    <textarea id="remark" rows="3" maxlength="4000" data-criterion=${one.id} .value=${typed ?? said} @input=${act.typeRemark} @blur=${act.leaveRemark}
      aria-describedby="remark-state"></textarea>
    <p id="remark-state" class="small">${kept ? t('Ce que vous écrivez est enregistré.') : t('Ce que vous écrivez s’enregistre tout seul.')}</p>
  </div>`;
