import assert from 'node:assert/strict';
import { test } from 'node:test';
import { day, dayAndTime, listed, moment, phoneNumber, t, tn, typeset } from '../../pwa/text.js';
import { grouped, normalised } from '../../pwa/actions/joining.js';
import { routeOf, to } from '../../pwa/routes.js';

test('French spacing: no line breaks before a sign or inside « »', () => {
  assert.equal(
    typeset('Et « ceci » : oui ? Non ; si !'),
    'Et «\u202fceci\u202f»\u00a0: oui\u202f? Non\u202f; si\u202f!',
  );
});

test('places are filled, a missing one stays to be seen', () => {
  assert.equal(t('{n} sur {total}', { n: 1234, total: 'deux' }), '1\u202f234 sur deux');
  assert.equal(t('{absent}'), '{absent}');
});

test('zero and one are singular, as in French', () => {
  assert.deepEqual(
    [0, 1, 2].map((n) => tn('{n} réponse', '{n} réponses', n)),
    ['0 réponse', '1 réponse', '2 réponses'],
  );
});

test('days are said in full, the first of a month is 1er, hours have 24', () => {
  assert.equal(dayAndTime('2026-11-24', '14:30'), 'mardi 24 novembre à 14:30');
  assert.equal(day('2026-12-01'), 'mardi 1er décembre');
  assert.match(moment(new Date(2026, 11, 1, 23, 5).getTime()), /^mardi 1er décembre à 23:05$/);
});

test('people are listed with et, telephone numbers in pairs', () => {
  assert.equal(listed(['Fatou', 'Lina', 'Marc']), 'Fatou, Lina et Marc');
  assert.deepEqual(['+33240000001', '0240000001', '+32 2 555'].map(phoneNumber), [
    '02 40 00 00 01',
    '02 40 00 00 01',
    '+32 2 555',
  ]);
});

test('a code is read whatever its case, spaces and look-alikes, and shown as it is printed', () => {
  assert.equal(normalised(' ab1o-l 2Il '), 'AB101211');
  assert.equal(grouped('ab1ol2i'), 'AB1OL 2I');
});

test('each address leads back to its screen, and any other to the list', () => {
  assert.deepEqual(routeOf('#code=AB%20CD'), { name: 'join', code: 'AB CD' });
  assert.deepEqual(routeOf(to.criterion('v', 'é/à')), { name: 'criterion', visit: 'v', criterion: 'é/à' });
  for (const [name, hash] of [
    ['visit', to.visit('v')],
    ['summary', to.summary('v')],
    ['closing', to.closing('v')],
    ['impossible', to.impossible('v')],
    ['thanks', to.thanks('v')],
  ]) {
    assert.deepEqual(routeOf(hash), { name, visit: 'v' });
  }
  assert.deepEqual(
    ['', '#', '#visite', '#%', '#nimporte/quoi'].map((hash) => routeOf(hash).name),
    Array(5).fill('visits'),
  );
  assert.deepEqual([routeOf(to.join).name, routeOf(to.phone).name], ['join', 'phone']);
});

test('another language comes with its own sentences, plurals and numbers', async () => {
  const { speakWith, t, tn, typeset, gridInWords } = await import('../../pwa/text.js');
  speakWith({
    language: 'en',
    dir: 'ltr',
    messages: { 'Bonjour {name} !': 'Hello {name}!', '{n} réponse': ['{n} answer', '{n} answers'], Entrer: 'Get in' },
  });
  assert.equal(t('Bonjour {name} !', { name: 'Ada' }), 'Hello Ada!');
  assert.deepEqual([0, 1, 2].map((n) => tn('{n} réponse', '{n} réponses', n)), ['0 answers', '1 answer', '2 answers']);
  assert.equal(tn('{n} réponse', '{n} réponses', 1234), '1,234 answers');
  assert.equal(t('Pas traduit'), 'Pas traduit');
  assert.equal(typeset('Why ?'), 'Why ?');
  const level = { points: 0, sentence: 'Entrer' };
  const grid = { title: '', notice: '', categories: [{ id: 'a', name: 'Entrer' }], criteria: [{ name: 'Entrer', question: '', help: '', levels: [level] }] };
  assert.equal(gridInWords(grid).criteria[0].levels[0].sentence, 'Get in');
  assert.equal(gridInWords(grid).categories[0].name, 'Get in');
  speakWith(null);
  assert.equal(t('Bonjour {name} !', { name: 'Ada' }), 'Bonjour Ada\u202f!');
});
