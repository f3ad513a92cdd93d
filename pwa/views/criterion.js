import { html, nothing } from '../vendor/lit-html.js';
import { listed, t, tn, typeset } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';
import { chosen as chosenWords, ended, family, gauge, reason, state as stateWord } from './parts.js';
import { slots } from './slots.js';

/** @import { Act, Answer, Choice, InVisit, Level, OpenVisit, View } from '../types.js' */

/** @type {View} */
export const criterion = {
  title: ({ visit, at }) => `${visit.answers[at].criterion.name} – ${visit.merchant.name}`,
  help: () => [
    t('Lisez la question à voix haute, regardez ou demandez, puis touchez la phrase la plus juste.'),
    t('Vous pouvez changer d’avis : touchez une autre phrase.'),
    t('Vous ne savez pas ? Passez à la suite et revenez plus tard.'),
  ],
  back: ({ visit }) => (visit.over ? { href: to.visit(visit.id), text: t('La visite') } : { href: to.visits, text: t('Visites') }),
  body: (/** @type {InVisit} */ state, act) => {
    const answer = state.visit.answers[state.at];
    const { criterion: one, category, chosen, refusals } = answer;
    return html`
      ${ended(state.visit)}
      ${progress(state, category)}
      ${state.visit.phase === 'alone' ? alone(state.visit) : nothing}
      <div class="question">
        <h1 id="question" tabindex="-1">${typeset(one.question)}</h1>
        ${one.help ? html`<p class="lead">${typeset(one.help)}</p>` : nothing}
        ${slots.aloud(state, act)}
      </div>
      ${state.visit.phase === 'together' ? answer.bySheet.map((said) => apart(one, said)) : nothing}
      ${chosen.length > 1 ? toSettle(answer.bySheet.length > 0) : nothing}
      ${refusals.map((record) => html`<p class="note alert">${icon('alert')}<span>${typeset(reason(record))}</span></p>`)}
      <div class="levels" role="group" aria-labelledby="question" data-family=${category.id}>
        ${one.levels.map((level, index) => levelButton(answer, level, index, act))}
        ${one.may_not_apply ? notApplicable(answer, act) : nothing}
      </div>
      <p class="kept">
        ${answer.status ? stateWord(answer.status, keptWords(answer.status)) : nothing}
        ${chosen.length ? clearButton(act) : nothing}
      </p>
      ${answer.settled ? reasonOf(answer.settled, state, act) : nothing}
      ${remark(answer, state, act)}
      ${slots.criterion(state, act)}
      <p class="notice">${typeset(state.visit.grid.title)}</p>`;
  },
  steps: ({ visit, at }) =>
    visit.over
      ? html`<nav class="steps" aria-label=${t('La suite')}>
          <a class="next" href=${to.visit(visit.id)}>${t('Revenir à la visite')}${icon('next')}</a>
        </nav>`
      : comparing(visit)
      ? html`<nav class="steps two" aria-label=${t('La suite')}>${nextDifference(visit, at)}</nav>`
      : html`<nav class="steps two" aria-label=${t('La suite')}>${before(visit, at)}${after(visit, at)}</nav>`,
};

/** @param {InVisit} state @param {{ id: string, name: string }} category */
const progress = ({ visit, at }, category) => html`
  <div class="progress">
    ${family(category)}
    <a class="quiet" href=${to.summary(visit.id)}>
      ${icon('list')}
      <span>${t('{n} sur {total}', { n: at + 1, total: visit.answers.length })}<span class="hidden">${t(', tout voir')}</span></span>
    </a>
    <span class="track" aria-hidden="true">
      ${visit.answers.map(
        (answer, index) => html`
        <i data-family=${answer.category.id} class=${`${answer.chosen.length ? 'on' : ''} ${index === at ? 'here' : ''}`}></i>`,
      )}
    </span>
  </div>`;

/** @param {OpenVisit} visit */
function alone({ members, me }) {
  const others = members.filter(({ id }) => id !== me).map(({ name }) => name);
  return html`
    <p class="small alone">
      ${icon('hidden')}
      <span>${tn('Votre réponse à vous : {names} ne la voit pas encore.', 'Votre réponse à vous : {names} ne la voient pas encore.', others.length, { names: listed(others) })}</span>
    </p>`;
}

/** What one person answered on their own. @param {Answer['criterion']} one @param {Answer['bySheet'][number]} said */
export const apart = (one, { name, counts, choices, remarks }) => html`
  <div class="apart" data-family=${one.category}>
    <strong>${icon('alone')}${counts ? name : t('{name} (a laissé sa place : pas compté)', { name })}</strong>
    ${choices.map((choice) => chosenWords(one, choice))}
    ${remarks.map(({ text }) => (text ? html`<q>${text}</q>` : nothing))}
  </div>`;

/** @param {boolean} byPeople */
const toSettle = (byPeople) => html`
  <p class="note">
    ${icon('people')}<span>${
      byPeople
        ? t('Vous n’avez pas répondu pareil. Parlez-en, puis choisissez ensemble.')
        : t('Deux réponses ont été notées. Choisissez ensemble celle que vous gardez.')
    }</span>
  </p>`;

/** @param {NonNullable<Answer['settled']>} settled @param {InVisit} state @param {Act} act */
const reasonOf = ({ reason: said }, { reason: typed }, act) => html`
  <div class="remark">
    <label for="reason">${t('Pourquoi ce choix ? (si vous voulez)')}</label>
    <textarea id="reason" rows="2" maxlength="2000" .value=${typed ?? said} @input=${act.typeReason} @blur=${act.leaveRemark}></textarea>
  </div>`;

/** Whether two people compare what they answered apart. @param {OpenVisit} visit */
const comparing = ({ mode, phase }) => mode === 'separate' && phase === 'together';

/** @param {OpenVisit} visit @param {number} at */
function nextDifference({ id, answers, differences }, at) {
  const next = differences.find((one) => answers.indexOf(one) > at) ?? differences.find((one) => answers.indexOf(one) !== at);
  return html`
    <a class="plain" href=${to.compare(id)}>${t('Comparaison')}</a>
    ${
      next
        ? html`<a class="next" href=${to.criterion(id, next.criterion.id)}>${t('Suivant')}${icon('next')}</a>`
        : html`<a class="next" href=${to.compare(id)}>${t('Terminer')}${icon('next')}</a>`
    }`;
}

/** @param {Answer} answer @param {Choice} choice */
const pressed = ({ chosen }, choice) => String(chosen.some((one) => String(one) === String(choice)));

/** @param {Answer} answer @param {Level} level @param {number} index @param {Act} act */
const levelButton = (answer, { points, sentence }, index, act) => html`
  <button type="button" class="level" aria-pressed=${pressed(answer, points)} @click=${() => act.answer(points)}>
    ${gauge(index + 1, answer.criterion.levels.length)}<span class="sentence">${typeset(sentence)}</span>${tickmark}
  </button>`;

/** @param {Answer} answer @param {Act} act */
const notApplicable = (answer, act) => html`
  <button type="button" class="level other" aria-pressed=${pressed(answer, 'not_applicable')}
    @click=${() => act.answer('not_applicable')}>
    ${icon('none')}<span class="sentence">${t('Ne s’applique pas')}</span>${tickmark}
  </button>`;

const tickmark = html`<span class="tickmark">${icon('check')}</span>`;

/** @param {string} status */
const keptWords = (status) => (status === 'local' ? t('Enregistré sur ce téléphone') : undefined);

/** @param {Act} act */
const clearButton = (act) => html`
  <button type="button" class="quiet" @click=${() => act.answer(null)}>
    ${icon('clear')}<span>${t('Effacer la réponse')}</span>
  </button>`;

/** @param {Answer} answer @param {InVisit} state @param {Act} act */
const remark = ({ criterion: one, remark: said }, { typed, typedKept }, act) => html`
  <div class="remark">
    <label for="remark">${t('Une remarque ? (si vous voulez)')}</label>
    <textarea id="remark" rows="3" maxlength="4000" data-criterion=${one.id} aria-describedby="remark-state"
      .value=${typed ?? said} @input=${act.typeRemark} @blur=${act.leaveRemark}></textarea>
    <p id="remark-state" class="small">
      ${typedKept ? t('Ce que vous écrivez est enregistré.') : t('Ce que vous écrivez s’enregistre tout seul.')}
    </p>
  </div>`;

/** @param {OpenVisit} visit @param {number} at */
const before = ({ id, answers }, at) =>
  at > 0
    ? html`<a class="plain" href=${to.criterion(id, answers[at - 1].criterion.id)}>${icon('back')}${t('Précédent')}</a>`
    : html`<a class="plain" href=${to.visits}>${icon('back')}${t('Retour')}</a>`;

/** Once nothing is missing, what comes next is to read it all again. @param {OpenVisit} visit @param {number} at */
const after = ({ id, answers, missing }, at) =>
  missing.length && at + 1 < answers.length
    ? html`<a class="next" href=${to.criterion(id, answers[at + 1].criterion.id)}>${t('Suivant')}${icon('next')}</a>`
    : html`<a class="next" href=${to.summary(id)}>${t('Relire tout')}${icon('next')}</a>`;
