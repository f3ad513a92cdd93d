import { html, nothing } from '../vendor/lit-html.js';
import { listed, t, tn } from '../text.js';
import { to } from '../routes.js';
import { icon } from './icons.js';
import { what } from './phone.js';

/** @import { Act, Loss, Person, State, View } from '../types.js' */

/** Leaving this phone: at once when all is received, else only after what would be lost was named, twice. @type {View} */
export const leaving = {
  title: () => t('Quitter ce téléphone'),
  help: () => [
    t('Quitter efface de ce téléphone ce qui est à vous. Ce que la caisse a reçu reste à la caisse.'),
    t('Pour revenir, il vous faudra un nouveau code.'),
  ],
  back: () => ({ href: to.phone, text: t('Ce téléphone') }),
  body: (/** @type {State} */ state, act) => {
    const leavers = namesOf(state);
    if (!leavers.length) return whoLeaves(state, act);
    if (!state.keeping.losses) return html`<h1 tabindex="-1">${t('Un instant…')}</h1>`;
    return state.keeping.losses.length ? wouldLose(state, leavers, act) : nothingLost(leavers);
  },
  steps: (/** @type {State} */ state, act) => {
    const { losses, sure } = state.keeping;
    if (!namesOf(state).length || !losses) return nothing;
    if (losses.length) return sure ? lastSteps(act) : backupFirst(state, act);
    return html`
      <nav class="steps two" aria-label=${t('La suite')}>
        <button type="button" class="plain" @click=${act.stay}>${t('Rester')}</button>
        <button type="button" class="next" @click=${act.leave}>${icon('leave')}${t('Quitter ce téléphone')}</button>
      </nav>`;
  },
};

/** Those who were chosen and are still here. @param {State} state */
const namesOf = ({ people, keeping }) => people.filter(({ id }) => keeping.leavers.includes(id)).map(({ name }) => name);

/** @param {State} state @param {Act} act */
const whoLeaves = ({ people }, act) => html`
  <h1 tabindex="-1">${t('Qui quitte ce téléphone ?')}</h1>
  <p>${t('Ce qui est à cette personne sera effacé d’ici. Rien ne s’efface avant que vous l’ayez confirmé.')}</p>
  <div class="levels" role="group" aria-label=${t('Qui quitte ce téléphone ?')}>
    ${people.map((person) => choice([person], person.name, act))}
    ${people.length > 1 ? choice(people, t('Tout le monde'), act) : nothing}
  </div>`;

/** @param {Person[]} people @param {string} name @param {Act} act */
const choice = (people, name, act) => html`
  <button type="button" class="level" @click=${() => act.weighLeaving(people.map(({ id }) => id))}>
    ${icon(people.length > 1 ? 'people' : 'alone')}<span>${name}</span>
  </button>`;

/** @param {string[]} names */
const nothingLost = (names) => html`
  <h1 tabindex="-1">${t('Rien ne sera perdu')}</h1>
  <p class="note">${icon('received')}<span>${t('{names} : tout est reçu par la caisse.', { names: listed(names) })}</span></p>
  <p>${t('Quitter efface tout de ce téléphone. Pour revenir, il faudra un nouveau code.')}</p>`;

/** @param {State} state @param {string[]} names @param {Act} act */
const wouldLose = ({ keeping, online }, names, act) => html`
  <h1 tabindex="-1">${keeping.sure ? t('Effacer pour de bon ?') : t('Tout n’est pas reçu par la caisse')}</h1>
  <p>${keeping.sure ? t('La caisse n’a pas reçu ce qui suit. Ce sera perdu pour toujours :') : t('Si {names} quitte ce téléphone maintenant, voici ce qui sera perdu :', { names: listed(names) })}</p>
  <ul class="plainlist">${/** @type {Loss[]} */ (keeping.losses).map((loss) => html`<li>${lossWords(loss)}</li>`)}</ul>
  ${keeping.said ? html`<p class="note">${icon('done')}<span>${keeping.said}</span></p>` : nothing}
  ${keeping.sure ? nothing : waysOut(online, act)}`;

/** @param {boolean} online @param {Act} act */
const waysOut = (online, act) => html`
  ${online ? html`<button type="button" class="plain wide" @click=${act.sendBeforeLeaving}>${icon('send')}${t('Envoyer maintenant')}</button>` : nothing}
  <button type="button" class="plain wide" @click=${act.stay}>${t('Rester sur ce téléphone')}</button>
  <button type="button" class="quiet" @click=${act.askAgain}>${icon('leave')}<span>${t('Quitter quand même')}</span></button>`;

/** "12 réponses et 2 photos de la visite « Épicerie »". @param {Loss} loss */
function lossWords(loss) {
  const { name, spotted, drafts, others } = loss;
  const parts = [
    what(loss),
    ...(spotted ? [tn('{n} commerce repéré', '{n} commerces repérés', spotted)] : []),
    ...(drafts ? [tn('{n} texte commencé', '{n} textes commencés', drafts)] : []),
  ].filter(Boolean);
  const lost = parts.length ? listed(parts) : tn('{n} élément', '{n} éléments', others);
  return name ? t('{what} de la visite « {name} »', { what: lost, name }) : lost;
}

/** @param {State} state @param {Act} act */
const backupFirst = ({ keeping }, act) => html`
  <nav class="steps" aria-label=${t('La suite')}>
    <button type="button" class="next" @click=${act.saveBackup} aria-disabled=${String(keeping.busy)}>
      ${icon('download')}${keeping.busy ? t('Un instant…') : t('Enregistrer une sauvegarde d’abord')}
    </button>
  </nav>`;

/** @param {Act} act */
const lastSteps = (act) => html`
  <nav class="steps two" aria-label=${t('La suite')}>
    <button type="button" class="plain" @click=${act.leave}>${t('Effacer et quitter')}</button>
    <button type="button" class="next" @click=${act.stay}>${t('Rester')}</button>
  </nav>`;
