import { html, nothing } from '../vendor/lit-html.js';
import { N_, listed, moment, t, tn, typeset } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';
import { languageChoice } from './language.js';
import { reason, state as stateWord, underWay } from './parts.js';
import { allWarnings, room } from './warnings.js';

/** @import { Act, Refused, State, View } from '../types.js' */

/** @typedef {NonNullable<State['kept']>['here'][number]} Here */

/** @type {View} */
export const phone = {
  title: () => t('Sur ce téléphone'),
  help: () => [
    t('« Sur ce téléphone » : c’est enregistré ici et partira dès qu’il y a du réseau.'),
    t(
      '« À corriger » : la caisse demande un changement. Ouvrez la question, ou enregistrez l’élément dans un fichier.',
    ),
    t('Un élément à corriger n’arrête jamais les autres.'),
    t('Une sauvegarde est un fichier avec tout ce qui est ici. Reprenez-la sur un autre téléphone si celui-ci casse.'),
  ],
  back: (/** @type {State} */ { people }) =>
    people.length ? { href: to.visits, text: t('Visites') } : { href: to.join, text: t('Entrer') },
  body: (/** @type {State} */ state, act) => html`
    <h1 tabindex="-1">${t('Sur ce téléphone')}</h1>
    ${allWarnings(state, act)}
    ${state.progress.detail ? html`<p class="note">${icon('alert')}<span>${typeset(state.progress.detail)}</span></p>` : nothing}
    ${state.refused.length ? allToCorrect(state.refused, act) : nothing}
    <h2>${t('Ce qui est ici')}</h2>
    ${state.kept?.here.length ? allHere(state.kept) : html`<p class="lead">${t('Rien encore. Ce que vous noterez sera ici, même sans réseau.')}</p>`}
    ${backups(state, act)}
    ${whoUsesIt(state)}
    ${about(state)}
    ${languageChoice(state, act)}`,
  steps: ({ progress, people }, act) =>
    people.length
      ? html`
        <nav class="steps" aria-label=${t('La suite')}>
          <button type="button" class="next" @click=${act.send} aria-disabled=${underWay(progress)}>
            ${icon('send')}${progress.phase === 'sending' ? t('Envoi en cours') : t('Envoyer maintenant')}
          </button>
        </nav>`
      : nothing,
};

/** @param {NonNullable<State['kept']>} kept */
const allHere = ({ here, absent }) => html`
  <ul class="cards">${here.map((one) => html`<li>${cardOf(one, listed(absent.map(({ name }) => name)))}</li>`)}</ul>`;

/** @param {Here} here @param {string} absent names */
const cardOf = (here, absent) => html`
  <article class="card still">
    <h3>${here.visit?.merchant.name ?? (here.id ? t('Une visite') : spottedWords(here))}</h3>
    ${what(here) ? html`<p>${what(here)}</p>` : nothing}
    <p class="counts">
      ${here.refused ? stateWord('rejected', tn('{n} élément à corriger', '{n} éléments à corriger', here.refused)) : nothing}
      ${here.waiting ? stateWord('local', waitingWords(here)) : nothing}
      ${here.media ? stateWord('local', tn('{n} photo ou note vocale attend le réseau', '{n} photos ou notes vocales attendent le réseau', here.media)) : nothing}
      ${here.records.length && !(here.refused + here.waiting + here.held + here.media + here.retake.length) ? stateWord('received', t('tout est reçu par la caisse')) : nothing}
    </p>
    ${here.held ? html`<p class="why">${icon('key')}<span>${heldWords(here.held, absent)}</span></p>` : nothing}
    ${here.retake.map((one) => retake(here, one))}
    ${here.drafts.map((draft) => unfinished(here, draft))}
  </article>`;

/** @param {Here} here */
const spottedWords = ({ spotted }) => (spotted.length ? listed(spotted) : t('Un commerce à signaler'));

/** "12 réponses, 1 remarque et 2 photos". @param {Pick<Here, 'answers' | 'remarks' | 'photos'>} here */
export const what = ({ answers, remarks, photos }) =>
  listed([
    ...(answers ? [tn('{n} réponse', '{n} réponses', answers)] : []),
    ...(remarks ? [tn('{n} remarque', '{n} remarques', remarks)] : []),
    ...(photos ? [tn('{n} photo', '{n} photos', photos)] : []),
  ]);

/** @param {Here} here */
const waitingWords = ({ waiting, since }) =>
  tn('{n} élément attend le réseau, depuis {when}', '{n} éléments attendent le réseau, depuis {when}', waiting, {
    when: moment(/** @type {number} */ (since)),
  });

/** @param {number} held @param {string} absent */
const heldWords = (held, absent) =>
  absent
    ? tn(
        '{n} élément gardé pour {names} : il partira quand cette personne, ou quelqu’un de la même visite, entrera ici.',
        '{n} éléments gardés pour {names} : ils partiront quand cette personne, ou quelqu’un de la même visite, entrera ici.',
        held,
        { names: absent },
      )
    : tn(
        '{n} élément partira quand quelqu’un de cette visite entrera ici.',
        '{n} éléments partiront quand quelqu’un de cette visite entrera ici.',
        held,
      );

/** A photo or a voice note that the fund could not read. @param {Here} here @param {Here['retake'][number]} one */
const retake = ({ visit }, { criterion, name }) => html`
  <p class="why">
    ${icon('alert')}
    <span>${t('La caisse n’a pas pu lire une photo ou une note vocale de « {name} ». Ouvrez la question, puis recommencez-la.', { name: name ?? '…' })}</span>
  </p>
  ${visit && criterion ? openQuestion(to.criterion(visit.id, criterion)) : nothing}`;

/** Words that were begun and that nothing has taken yet. @param {Here} here @param {Here['drafts'][number]} draft */
const unfinished = ({ visit, ended }, draft) => html`
  <p class="why">${icon('remark')}<span>${unfinishedWords(draft)} <q>${draft.text}</q></span></p>
  ${(visit && !visit.held && !ended) || draft.kind === 'spot' ? goOn(whereToFinish(draft)) : nothing}`;

/** @param {Here['drafts'][number]} draft */
const unfinishedWords = ({ kind, name }) =>
  name
    ? t('Commencé, pas fini, sur « {name} » :', { name })
    : t(kind === 'impossible' ? N_('Commencé, pas fini : pourquoi la visite est impossible.') : N_('Commencé, pas fini :'));

/** @param {Here['drafts'][number]} draft */
function whereToFinish({ kind, visit, name, criterion }) {
  if (kind === 'spot') return to.spot;
  if (kind === 'impossible') return to.impossible(visit);
  return name ? to.criterion(visit, criterion) : to.visit(visit);
}

/** @param {string} href */
const goOn = (href) => html`<a class="plain" href=${href}>${icon('open')}${t('Finir')}</a>`;

/** @param {Refused} refused @param {Act} act */
const allToCorrect = (refused, act) => html`
  <h2>${t('À corriger')}</h2>
  <ul class="cards">${refused.map((one) => html`<li>${toCorrect(one, act)}</li>`)}</ul>`;

/** @param {Refused[number]} refused @param {Act} act */
const toCorrect = ({ record, visit, criterion }, act) => html`
  <article class="card still">
    <h3>${criterion?.name ?? visit?.merchant.name ?? t('Un élément')}</h3>
    ${criterion && visit ? html`<p class="small">${visit.merchant.name}</p>` : nothing}
    <p>${typeset(reason(record))}</p>
    <p class="pair">
      ${criterion && visit && visit.state !== 'decided' ? openQuestion(to.criterion(visit.id, criterion.id)) : nothing}
      ${record.entry.kind === 'visit_started' && visit && !visit.withdrawn ? restart(record, act) : nothing}
      <button type="button" class="plain" @click=${() => act.exportEntry(record)}>
        ${icon('download')}${t('Enregistrer dans un fichier')}
      </button>
    </p>
  </article>`;

/** @param {string} href */
const openQuestion = (href) => html`<a class="plain" href=${href}>${icon('open')}${t('Ouvrir la question')}</a>`;

/** @param {Refused[number]['record']} record @param {Act} act */
const restart = (record, act) => html`
  <button type="button" class="plain" @click=${() => act.restartVisit(record)}>
    ${icon('refresh')}${t('Recommencer la visite, réponses gardées')}
  </button>`;

/** @param {State} state @param {Act} act */
export const backups = ({ keeping: { busy, said } }, act) => html`
  <section class="backups" aria-labelledby="backups">
    <h2 id="backups">${t('Sauvegarde')}</h2>
    <p>${t('Un fichier avec tout ce qui est ici, photos comprises. Il se reprend sur n’importe quel téléphone.')}</p>
    <button type="button" class="plain wide" @click=${act.saveBackup} aria-disabled=${String(busy)}>
      ${icon('download')}${t('Enregistrer une sauvegarde')}
    </button>
    <label class="plain wide file">
      ${icon('upload')}<span>${t('Reprendre une sauvegarde')}</span>
      <input type="file" class="hidden" accept=".zip,application/zip" @change=${act.restoreBackup} />
    </label>
    <p>${busy ? t('Un instant…') : (said ?? nothing)}</p>
  </section>`;

/** @param {State} state */
const whoUsesIt = ({ people }) => html`
  <h2>${t('Qui utilise ce téléphone')}</h2>
  <p>${people.length ? listed(people.map(({ name }) => name)) : t('Personne encore.')}</p>
  <a class="plain wide" href=${to.join}>
    ${icon('key')}${people.length ? t('Entrer un autre code') : t('Entrer un code')}
  </a>
  ${people.length ? html`<a class="plain wide" href=${to.leaving}>${icon('leave')}${t('Quitter ce téléphone')}</a>` : nothing}`;

/** @param {State} state */
const about = ({ receivedAt, device, version }) => html`
  <h2>${t('L’application')}</h2>
  <ul class="facts">
    ${receivedAt ? fact('calendar', t('Dernier échange avec la caisse : {when}.', { when: moment(receivedAt) })) : nothing}
    ${device?.usage != null ? fact('phone', roomWords(device.usage, device.quota)) : nothing}
    ${fact('list', t('Version {version}.', { version }))}
  </ul>`;

/** @param {number} usage @param {number | null} quota */
const roomWords = (usage, quota) =>
  t(quota ? N_('Elle prend {used}. Il lui reste {free}.') : N_('Elle prend {used}.'), {
    used: room(usage),
    free: room(Math.max((quota ?? 0) - usage, 0)),
  });

/** @param {import('../types.js').IconName} name @param {string} words */
const fact = (name, words) => html`<li>${icon(name)}<span>${words}</span></li>`;
