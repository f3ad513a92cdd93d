import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asks, toldAt, wantedIn } from '../../backend/web/static/map/address.js';
import { viewIn } from '../../backend/web/static/map/view.js';

const NOW = Date.parse('2026-11-27T15:00Z');
const KNOWN = { offsets: [[0, 3_600_000]], families: ['bread', 'dairy'] };
const wanted = (query) => wantedIn(new URLSearchParams(query), NOW, KNOWN);

test('of what is said twice the last counts, of what is said wrongly nothing', () => {
  const { state, marketDay, families } = wanted('etat=soon&etat=active&marche=lu&marche=sa&produits=pain&produits=bread');
  assert.deepEqual([state, marketDay, families], ['active', 5, ['bread']]);
});

test('a long text is cut after a hundred signs, as the fund cuts it', () => {
  assert.equal(wanted(`texte=${'🥖'.repeat(101)}`).text, '🥖'.repeat(100));
});

test('a day that is half asked says nothing of now, and no day that is asked all', () => {
  const told = (query) => toldAt(new URLSearchParams(query), NOW, wanted(query).openAt);
  assert.equal(told('ouvert='), NOW);
  assert.equal(told('ouvert=le&jour='), null);
  assert.equal(told('ouvert=le&jour=2026-11-28'), Date.parse('2026-11-28T09:00Z'));
});

test('an address with nothing of ours in it asks nothing', () => {
  assert.equal(asks(new URLSearchParams('fbclid=x&texte=')), false);
  assert.equal(asks(new URLSearchParams('autour=Vue')), true);
});

test('a view is read whatever a message puts behind it', () => {
  const view = { lat: 47.21, lng: -1.62, scale: 14 };
  for (const end of ['', '.', ').', '…', ', merci']) assert.deepEqual(viewIn(`#14/47.2100/-1.6200${end}`), view);
  assert.deepEqual(viewIn('#99/47.21/-1.62'), { ...view, scale: 19 });
  for (const none of ['', '#liste', '#14/./-', '#14/47.21']) assert.equal(viewIn(none), null);
});
