/** Pieces that several screens share. */
import { html, nothing } from '../vendor/lit-html.js';
import { N_, listed, moment, t, tn, typeset } from '../text.js';
import { icon } from './icons.js';

/** @import { Choice, Criterion, Grid, IconName, Kept, OpenVisit, Problem, State } from '../types.js' */

/** Each family has a colour and a shape: known families get theirs, others a plain one. */
const FAMILY_ICONS = /** @type {Record<string, IconName>} */ ({
  accessibilite: 'door',
  qualite: 'leaf',
  engagements: 'hands',
});

/** @param {{ id: string, name: string }} category */
export const family = ({ id, name }) =>
  html`<span class="family" data-family=${id}><span class="badge">${icon(FAMILY_ICONS[id] ?? 'list')}</span>${name}</span>`;

/** A level as filled segments, lowest at the bottom. @param {number} rank from 1 @param {number} of */
export const gauge = (rank, of) => html`
  <span class="gauge" aria-hidden="true">${Array.from({ length: of }, (_, at) => html`<i class=${at < rank ? 'on' : ''}></i>`)}</span>
  <span class="hidden">${t('Niveau {rank} sur {of} :', { rank, of })}</span>`;

const STATES = /** @type {Record<string, [IconName, string]>} */ ({
  local: ['phone', N_('sur ce téléphone')],
  sending: ['send', N_('envoi en cours')],
  received: ['received', N_('reçu par la caisse')],
  rejected: ['alert', N_('à corriger')],
  training: ['training', N_('essai, pas envoyé')],
  held: ['phone', N_('gardé pour quelqu’un d’autre')],
  decided: ['done', N_('le comité a décidé')],
});

/** @param {string} status @param {string} [text] */
export function state(status, text) {
  const [name, words] = STATES[status];
  return html`<span class="state" data-state=${status}>${icon(name)}<span>${text ?? t(words)}</span></span>`;
}

/**
 * "14 réponses et 1 remarque sur ce téléphone"; the state alone when they are neither.
 * @param {'local' | 'received'} status @param {{ answers: number, remarks: number }} tally
 */
export function counted(status, { answers, remarks }) {
  const what = [
    ...(answers ? [tn('{n} réponse', '{n} réponses', answers)] : []),
    ...(remarks ? [tn('{n} remarque', '{n} remarques', remarks)] : []),
  ];
  if (!what.length) return state(status);
  const many = status === 'local' ? N_('{what} sur ce téléphone') : N_('{what} reçues par la caisse');
  const one = status === 'local' ? many : N_('{what} reçue par la caisse');
  return state(status, tn(one, many, answers + remarks, { what: listed(what) }));
}

/** @param {State['progress']} progress */
export const underWay = ({ phase }) => String(phase === 'sending');

/**
 * What was chosen, in words.
 * @param {Criterion} criterion
 * @param {Choice} choice
 */
export function chosen(criterion, choice) {
  if (choice === 'not_applicable')
    return html`<span class="chosen">${icon('none')}<span>${t('Ne s’applique pas')}</span></span>`;
  const at = criterion.levels.findIndex(({ points }) => String(points) === String(choice));
  if (at < 0) return html`<span class="chosen">${t('{points} points', { points: String(choice) })}</span>`;
  return html`<span class="chosen">${gauge(at + 1, criterion.levels.length)}<span>${criterion.levels[at].sentence}</span></span>`;
}

/** "À corriger", with the fund's sentence. @param {{ problem: Problem | null }} record */
export const reason = ({ problem }) =>
  problem?.detail ??
  t(
    'Cet élément est trop long pour être envoyé. Il reste sur ce téléphone : raccourcissez-le, ou enregistrez-le dans un fichier.',
  );

/** Who ended it: the screen changes by itself when it was someone else. @param {OpenVisit} visit */
export const ended = (visit) => (visit.end ? ending(visit.end) : nothing);

/** @param {NonNullable<OpenVisit['end']>} end */
const ending = ({ by, at, others, since }) => html`
  <p>
    ${t(others.length ? N_('{name} a terminé la visite {when}, avec {names}.') : N_('{name} a terminé la visite {when}.'), {
      name: by ?? t('Quelqu’un'),
      when: moment(at),
      names: listed(others),
    })}
    ${since.length ? html`<strong>${noted(since)}</strong>` : nothing}
  </p>`;

/** @param {Kept[]} since */
const noted = (since) =>
  since.every(({ status }) => status === 'received')
    ? t('Ce que vous avez noté depuis est gardé et envoyé.')
    : t('Ce que vous avez noté depuis est gardé sur ce téléphone.');

/** Shown wherever a grid is. @param {Grid} grid */
export const gridNotice = ({ title, notice }) =>
  html`<p class="notice">${typeset(title)}${notice ? html`<br />${typeset(notice)}` : nothing}</p>`;
