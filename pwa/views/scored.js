/** The score of a visit that is over: the interval it is, by family, with what is open and what would change it. */
import { html, nothing } from '../vendor/lit-html.js';
import { N_, listed, t, typeset } from '../text.js';
import { chosen, family } from './parts.js';

/** @import { Answer, Choice, Criterion, OpenVisit, Scored } from '../types.js' */

const OUTCOMES = /** @type {Record<string, string>} */ ({
  favorable: N_('favorable'),
  conditional: N_('favorable avec engagements'),
  unfavorable: N_('non favorable'),
  undetermined: N_('indéterminé'),
});

/** @param {{ visit: OpenVisit, score: Scored }} state */
export function scored({ score, visit }) {
  const { total, categories, outcome, assessed, settled } = score;
  const [low, high] = outcome;
  const { favorable, conditional } = visit.grid.decision;
  return html`
    <section class="score">
      <h2>${t('Ce que dit la grille')}</h2>
      <p>${
        low === high
          ? t('Avec ces réponses, la grille propose : {outcome}.', { outcome: t(OUTCOMES[low]) })
          : t('Tout n’est pas tranché : la grille propose entre « {low} » et « {high} ».', {
              low: t(OUTCOMES[low]),
              high: t(OUTCOMES[high]),
            })
      }
        ${settled ? t('C’est déjà acquis.') : nothing}
        ${t('C’est le comité qui décide.')}</p>
      ${eliminatory(visit).map((name) => html`<p>${t('« {name} » est sous le minimum demandé.', { name })}</p>`)}
      ${bar(total, [Number(conditional), Number(favorable)])}
      <p class="small">${t('Les traits marquent {conditional} (favorable avec engagements) et {favorable} (favorable).', {
        conditional: Number(conditional),
        favorable: Number(favorable),
      })}</p>
      ${assessed === null ? nothing : html`<p class="small">${t('Vos réponses couvrent {n} % de la grille.', { n: assessed })}</p>`}
      <dl class="families">
        ${visit.grid.categories.map(
          (category) => html`
          <div data-family=${category.id}>
            <dt>${family(category)}</dt>
            <dd>${familyBar(categories[category.id], category.minimum)}</dd>
          </div>`,
        )}
      </dl>
      ${openOnes(visit, score)}
      ${whatWouldChange(visit, score)}
    </section>`;
}

/** What is still to settle, without an answer, or said by one person alone. @param {OpenVisit} visit @param {Scored} score */
function openOnes({ answers }, { to_settle, unanswered, rests_on_one }) {
  const lists = /** @type {[string, string[]][]} */ ([
    [t('À départager'), to_settle],
    [t('Sans réponse'), unanswered],
    [t('Une seule personne a répondu'), rests_on_one],
  ]).filter(([, ids]) => ids.length);
  if (!lists.length) return nothing;
  return html`
    <h3>${t('Ce qui reste ouvert')}</h3>
    <dl class="open-ones">
      ${lists.map(([words, ids]) => html`<div><dt>${words}</dt><dd>${listed(namesOf(answers, ids))}</dd></div>`)}
    </dl>`;
}

/** @param {Answer[]} answers @param {string[]} ids */
const namesOf = (answers, ids) =>
  answers.filter(({ criterion }) => ids.includes(criterion.id)).map(({ criterion }) => criterion.name);

/** Each criterion alone, and the answers that would change the proposal. @param {OpenVisit} visit @param {Scored} score */
function whatWouldChange({ answers }, { changes }) {
  const found = answers.filter(({ criterion }) => changes[criterion.id]);
  if (!found.length) return html`<p>${t('Aucune réponse, seule, ne changerait la proposition.')}</p>`;
  return html`
    <details>
      <summary>${t('Ce qui changerait la proposition')}</summary>
      <ul class="changes">
        ${found.map(({ criterion }) => html`
          <li data-family=${criterion.category}>
            <strong>${typeset(criterion.name)}</strong>
            ${byOutcome(changes[criterion.id]).map(([outcome, choices]) => change(criterion, choices, outcome))}
          </li>`)}
      </ul>
    </details>`;
}

/** @param {Criterion} criterion @param {Choice[]} choices @param {[string, string]} outcome */
const change = (criterion, choices, [low, high]) => html`
  <p>
    ${choices.map((choice) => chosen(criterion, choice))}
    <span class="small">${
      low === high
        ? t('→ {outcome}', { outcome: t(OUTCOMES[low]) })
        : t('→ entre « {low} » et « {high} »', { low: t(OUTCOMES[low]), high: t(OUTCOMES[high]) })
    }</span>
  </p>`;

/** @param {{ choice: Choice, outcome: [string, string] }[]} given @returns {[[string, string], Choice[]][]} */
function byOutcome(given) {
  /** @type {Map<string, [[string, string], Choice[]]>} */
  const groups = new Map();
  for (const { choice, outcome } of given) {
    const group = groups.get(String(outcome)) ?? [outcome, []];
    group[1].push(choice);
    groups.set(String(outcome), group);
  }
  return [...groups.values()];
}

/** @param {(number | null)[] | null} ends @param {number | string | null} minimum */
const familyBar = (ends, minimum) =>
  minimum === null
    ? bar(ends, [])
    : html`${bar(ends, [Number(minimum)])}
        <p class="small">${t('minimum {n} pour être favorable', { n: Number(minimum) })}</p>`;

/** Criteria so low that they decide alone. @param {OpenVisit} visit */
const eliminatory = ({ answers }) =>
  answers
    .filter(
      ({ criterion: { eliminatory_below: least }, chosen }) =>
        least !== null && chosen.some((choice) => choice !== 'not_applicable' && Number(choice) < Number(least)),
    )
    .map(({ criterion }) => criterion.name);

/**
 * The interval of a score on a line from 0 to 100, with the thresholds.
 * @param {(number | null)[] | null} ends low and high @param {number[]} marks
 */
function bar(ends, marks) {
  if (!ends || ends[0] === null) return html`<p class="bar-words">${t('Rien à compter ici')}</p>`;
  const [low, high] = /** @type {[number, number]} */ (ends);
  return html`
    <svg class="bar" width="100%" height=${marks.length ? 46 : 28} aria-hidden="true" focusable="false">
      <rect class="rail" x="0" y="8" width="100%" height="12" rx="6"></rect>
      <rect class="sure" x="0" y="8" width=${`${low}%`} height="12" rx="6"></rect>
      <rect class="open" x=${`${low}%`} y="8" width=${`${high - low}%`} height="12"></rect>
      <rect class="end" x=${`${Math.min(low, 99)}%`} y="3" width="3" height="22" rx="1.5"></rect>
      <rect class="end" x=${`${Math.min(high, 99)}%`} y="3" width="3" height="22" rx="1.5"></rect>
      ${marks.map(
        (at) => html`
        <svg x=${`${at}%`} overflow="visible">
          <path class="mark" d="M0 0v28"></path><text y="43" text-anchor="middle">${at}</text>
        </svg>`,
      )}
    </svg>
    <p class="bar-words">
      ${low === high ? t('{low} sur 100', { low }) : t('entre {low} et {high} sur 100', { low, high })}
    </p>`;
}
