/** The invented shop, its small grid and the partner who has answered already. Loaded when first needed. */
import { TRAINING } from '../domain/ids.js';
import { N_, t } from '../text.js';

/** @import { Body, Grid, Visit } from '../types.js' */

const YOU = '00000000-0000-7000-8000-0000000e55a1';
export const PARTNER = '00000000-0000-7000-8000-0000000e55a2';
const GRID = 'entrainement/1';

/** @param {string[]} sentences lowest first */
const levels = (...sentences) => sentences.map((sentence, points) => ({ points, sentence: t(sentence) }));
const plain = { weight: 1, may_not_apply: false, eliminatory_below: null };

/** @returns {Grid & { id: string }} */
export const trainingGrid = () => ({
  id: GRID,
  territory: 'entrainement',
  version: '1',
  title: t('Grille d’entraînement, inventée'),
  notice: '',
  status: 'published',
  adopted_by: '',
  adopted_on: null,
  categories: [
    { id: 'accessibilite', name: t('Accessibilité'), minimum: null },
    { id: 'qualite', name: t('Qualité'), minimum: null },
    { id: 'engagements', name: t('Engagements'), minimum: null },
  ],
  criteria: [
    {
      ...plain,
      id: 'entrer',
      category: 'accessibilite',
      name: t('Entrer chez Mado'),
      question: t('Entre-t-on chez Mado avec une poussette ?'),
      help: t('Regardez la porte : y a-t-il une marche ?'),
      levels: levels(N_('Non, il y a trois marches.'), N_('Une marche, et quelqu’un aide.'), N_('Oui, tout est à plat.')),
    },
    {
      ...plain,
      id: 'pres',
      category: 'qualite',
      name: t('D’ici'),
      question: t('Les légumes viennent-ils d’ici ?'),
      help: t('Lisez cinq étiquettes.'),
      levels: levels(N_('Aucune étiquette ne nomme la région.'), N_('Deux ou trois sur cinq.'), N_('Les cinq.')),
    },
    {
      ...plain,
      id: 'saison',
      category: 'qualite',
      name: t('De saison'),
      question: t('Y a-t-il des tomates en janvier ?'),
      help: '',
      may_not_apply: true,
      levels: levels(N_('Oui, en tête de rayon.'), N_('Quelques-unes.'), N_('Non.')),
    },
    {
      ...plain,
      id: 'vrac',
      category: 'engagements',
      name: t('Vrac'),
      question: t('Peut-on remplir son propre bocal ?'),
      help: t('Demandez à Mado.'),
      levels: levels(N_('Non.'), N_('Pour quelques produits.'), N_('Pour presque tout.')),
    },
  ],
  decision: { favorable: 65, conditional: 45 },
});

/** @param {string} today ISO date @returns {Visit} */
export const trainingVisit = (today) => ({
  id: TRAINING,
  merchant: { id: TRAINING, name: t('Épicerie d’essai, chez Mado'), kind: 'grocery', address: t('1 rue Inventée'), phone: null },
  grid: GRID,
  mode: 'separate',
  planned_on: today,
  planned_at: null,
  members: [
    { id: YOU, name: t('Vous') },
    { id: PARTNER, name: 'Sacha' },
  ],
  state: 'planned',
  outcome: null,
  training: true,
});

/** What Sacha answered: like you may, but for one question. @returns {Body[]} */
export const partnersAnswers = () => [
  ...[
    ['entrer', 1],
    ['pres', 1],
    ['saison', 2],
    ['vrac', 2],
  ].map(([criterion, choice]) => ({ kind: 'choice_made', sheet: PARTNER, criterion, choice, supersedes: [] })),
  { kind: 'remark_made', sheet: PARTNER, criterion: 'entrer', text: t('Mado a porté la poussette avec moi.'), supersedes: [] },
  { kind: 'sheet_done', sheet: PARTNER },
];
