/** Questions of the coordination, and what the people of the visit answer. */
import { html, nothing } from '../vendor/lit-html.js';
import { moment, t, tn } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';
import { heard, making } from './media.js';
import { state as stateWord } from './parts.js';

/** @import { Act, InVisit, OpenVisit, State, View } from '../types.js' */

/** @typedef {OpenVisit['threads'][number]} Thread */

/** Beside a criterion: the question, and the way to answer. @param {InVisit} state */
export const questionsPiece = ({ visit, at }) =>
  visit.answers[at].threads.map((thread) => html`
    <div class="note">
      <p>${icon('remark')} ${t('La coordination demande :')} « ${thread.question.text} »</p>
      <a class="plain" href=${to.questions(visit.id)}>${thread.answers.length ? t('Voir les réponses') : t('Répondre')}</a>
    </div>`);

/** @type {View} */
export const questions = {
  title: (state) => t('Questions : {name}', { name: state.visit.merchant.name }),
  help: () => [
    t('La coordination a relu votre visite et voudrait savoir quelque chose de plus.'),
    t('Répondez ce que vous savez. Tout le monde de la visite voit les réponses.'),
  ],
  back: (state) => ({ href: to.visit(state.visit.id), text: t('La visite') }),
  body: (/** @type {InVisit} */ state, act) => html`
    <h1 tabindex="-1">${t('Questions de la coordination')}</h1>
    <p class="lead">${state.visit.merchant.name}</p>
    ${state.visit.state === 'decided' ? html`<p class="note">${icon('done')}<span>${t('Le comité a décidé : les questions ne se répondent plus.')}</span></p>` : nothing}
    ${state.visit.threads.length ? state.visit.threads.map((thread) => conversation(state, thread, act)) : html`<p>${t('Pas de question pour le moment.')}</p>`}`,
  steps: ({ visit }) => html`
    <nav class="steps" aria-label=${t('La suite')}>
      <a class="next" href=${to.visit(visit.id)}>${t('Revenir à la visite')}${icon('next')}</a>
    </nav>`,
};

/** @param {InVisit} state @param {Thread} thread @param {Act} act */
function conversation(state, { question, answers }, act) {
  const about = state.visit.answers.find(({ criterion }) => criterion.id === question.criterion);
  return html`
    <section class="conversation">
      <h2>${about?.criterion.name ?? t('La visite')}</h2>
      <p><strong>${question.text}</strong> <span class="small">${question.by}, ${moment(Date.parse(question.asked_at))}</span></p>
      ${answers.map(
        (one) => html`
        <blockquote>
          ${one.voice ? heard(one.voice, one.who, act) : html`<p>${one.text}</p>`}
          <footer class="small">${one.who}, ${moment(Date.parse(one.at))} ${one.status ? stateWord(one.status) : nothing}</footer>
        </blockquote>`,
      )}
      ${state.visit.state === 'decided' ? nothing : reply(state, question.id, act)}
    </section>`;
}

/** @param {InVisit} state @param {string} question @param {Act} act */
const reply = (state, question, act) => html`
  <form class="stack" novalidate @submit=${(/** @type {SubmitEvent} */ event) => act.answerQuestion(question, event)}>
    <div class="remark">
      <label for=${`answer-${question}`}>${t('Votre réponse')}</label>
      <textarea id=${`answer-${question}`} rows="3" maxlength="4000" .value=${state.written('answer', question)}
        @input=${(/** @type {Event} */ event) => act.write('answer', question, event)}></textarea>
    </div>
    <p class="pair">
      <button class="plain">${icon('send')}${t('Répondre')}</button>
      ${act.canRecord() && state.voice.phase === 'none' ? html`<button type="button" class="plain" @click=${() => act.startVoice(question)}>${icon('mic')}${t('Dire ma réponse')}</button>` : nothing}
    </p>
  </form>
  ${making(state, act, question, () => act.keepVoiceAnswer(question))}`;

/** @param {State['lists']['todo'][number]} card */
export const asked = ({ questions: count }) =>
  count ? html`<span class="state">${icon('remark')}${tn('{n} question de la coordination', '{n} questions de la coordination', count)}</span>` : nothing;
