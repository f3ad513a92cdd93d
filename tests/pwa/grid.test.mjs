import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rules } from '../../pwa/domain/grid.js';
import { rulesFrom, score, summary } from '../../pwa/domain/scoring.js';

test('a grid as phones receive it becomes the rules of its score', () => {
  const grid = {
    id: 'nantes-ouest/depart-1',
    title: 'Grille de départ',
    categories: [{ id: 'qualite', name: 'Qualité', minimum: 40 }],
    criteria: [
      {
        id: 'origine',
        category: 'qualite',
        name: 'Origine locale',
        weight: '1.5',
        may_not_apply: false,
        eliminatory_below: null,
        levels: [
          { points: 0, sentence: 'Aucun produit.' },
          { points: '1.5', sentence: 'Quelques produits.' },
          { points: 3, sentence: 'La plupart.' },
        ],
      },
    ],
    decision: { favorable: 65, conditional: 45 },
  };
  assert.deepEqual(rules(grid), {
    categories: [{ id: 'qualite', minimum: 40 }],
    criteria: [
      { id: 'origine', category: 'qualite', weight: '1.5', may_not_apply: false, eliminatory_below: null, points: [0, '1.5', 3] },
    ],
    decision: { favorable: 65, conditional: 45 },
  });
  assert.deepEqual(summary(score(rulesFrom(rules(grid)), { duo: { origine: ['1.5'] } })).total, [50, 50]);
});
