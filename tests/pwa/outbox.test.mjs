import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  FATOU,
  FROM_START,
  LINA,
  VISIT,
  at,
  json,
  makeFund,
  makePhone,
  offline,
  problem,
  receipt,
  recordsOf,
  started,
  statuses,
} from './phone.mjs';
import { delay } from '../../pwa/sync/backoff.js';

const answers = async (store, many, choice = 1) => {
  for (let n = 0; n < many; n += 1) await store.answer(at(`c${n}`), choice);
};
const journal =
  (answer) =>
  async ({ path, body }) =>
    path === '/api/journal' ? answer(body) : undefined;
const PORTAL = () =>
  new Response('<h1>Bienvenue sur le Wi-Fi</h1>', { status: 200, headers: { 'content-type': 'text/html' } });

test('what was written goes out oldest first and is received', async () => {
  const { store, outbox, fund } = await makePhone();
  await started(store);
  await answers(store, 3);
  await outbox.wake();
  const sent = fund.batches[0].entries.map(({ id }) => id);
  assert.deepEqual(sent, [...sent].sort());
  assert.equal(sent.length, 4);
  assert.deepEqual(new Set(await statuses(store)), new Set(['received']));
});

test('a phone that nobody joined asks nothing', async () => {
  const { outbox, fund } = await makePhone({ joined: false });
  await outbox.wake();
  assert.equal(fund.batches.length, 0);
});

test('a batch holds at most 200 kB of entries', async () => {
  const { store, outbox, fund } = await makePhone();
  for (let n = 0; n < 70; n += 1) {
    await store.keepTyping({
      place: `p${n}`,
      visit: VISIT,
      kind: 'remark',
      sheet: 'duo',
      criterion: `c${n}`,
      author: FATOU,
      text: 'é'.repeat(4000),
      over: [],
    });
    await store.typingDone(VISIT, FATOU, `p${n}`);
  }
  await outbox.wake();
  const weights = fund.batches.map(({ entries }) => new TextEncoder().encode(JSON.stringify(entries)).length);
  assert.ok(Math.max(...weights) <= 200_100, String(weights));
  assert.equal(fund.entries.size, 70);
});

test('a batch holds at most 500 entries', async () => {
  const { store, outbox, fund } = await makePhone();
  await store.receiptArrived(
    FROM_START,
    receipt({
      entries: Array.from({ length: 501 }, (_, n) => ({
        entry: {
          id: `01980000-0000-7000-8000-${String(n).padStart(12, '0')}`,
          visit: VISIT,
          kind: 'sheet_done',
          author: LINA,
        },
        confirmed: true,
        brought_by: null,
      })),
    }),
    0,
  );
  await store.epochSeen('restored');
  fund.epoch = 'restored';
  await outbox.wake();
  assert.deepEqual(fund.batches.map(({ entries }) => entries.length).filter(Boolean), [500, 1]);
});

test('only what the answer lists is received', async () => {
  const { store, outbox, fund } = await makePhone();
  await answers(store, 3);
  fund.behave = journal(({ entries }) =>
    json(200, receipt({ accepted: entries.slice(0, 1).map(({ id }) => id), epoch: 'first' })),
  );
  let rounds = 0;
  const first = fund.behave;
  fund.behave = (request) => ((rounds += 1) > 1 ? offline() : first(request));
  await outbox.wake();
  assert.deepEqual(await statuses(store), ['received', 'local', 'local']);
});

test('an answer that lists none of what was sent is no reason to ask for ever', async () => {
  const phone = await makePhone();
  await answers(phone.store, 2);
  let asked = 0;
  phone.fund.behave = journal(() => {
    asked += 1;
    return json(200, receipt({}));
  });
  await phone.outbox.wake();
  assert.deepEqual([asked, phone.progress.phase, await statuses(phone.store)], [1, 'waiting', ['local', 'local']]);
});

test('ids of the answer that were never sent change nothing', async () => {
  const { store, outbox, fund } = await makePhone();
  await answers(store, 1);
  const [{ id }] = await recordsOf(store);
  const [later] = await store.answer(at('other'), 1);
  await store.refused(later.id, null);
  fund.behave = journal(({ entries }) =>
    json(200, receipt({ accepted: [...entries.map((entry) => entry.id), later.id] })),
  );
  await outbox.wake();
  assert.deepEqual(
    (await recordsOf(store)).map((record) => [record.id === id, record.status]),
    [
      [true, 'received'],
      [false, 'rejected'],
    ],
  );
});

for (const [name, refusal] of [
  ['400', () => problem(400, 'malformed_batch')],
  ['413 of a relay in between, without our form', () => new Response('<html>', { status: 413 })],
]) {
  test(`${name} for a whole batch: the one at fault is found, the twenty others are received`, async () => {
    const { store, outbox, fund } = await makePhone();
    await answers(store, 10);
    await store.answer(at('poison'), 3);
    await answers(store, 10, 2);
    fund.behave = journal(({ entries }) =>
      entries.some(({ criterion }) => criterion === 'poison') ? refusal() : undefined,
    );
    await outbox.wake();
    const records = await recordsOf(store);
    assert.deepEqual(
      records.filter(({ status }) => status === 'rejected').map(({ entry }) => entry.criterion),
      ['poison'],
    );
    assert.equal(records.filter(({ status }) => status === 'received').length, 20);
  });
}

test('when even an empty batch is refused, no entry is blamed', async () => {
  const phone = await makePhone();
  await answers(phone.store, 2);
  phone.fund.behave = journal(() => problem(400, 'malformed_batch', 'Mettez l’application à jour.'));
  await phone.outbox.wake();
  assert.deepEqual(await statuses(phone.store), ['local', 'local']);
  assert.deepEqual(phone.progress, { phase: 'waiting', detail: 'Mettez l’application à jour.' });
});

for (const [name, answer] of [
  ['a captive portal’s 200', PORTAL],
  ['a 200 of JSON that is not ours', () => json(200, { ok: true })],
  [
    'a receipt whose cursor is no integer',
    ({ body }) => json(200, receipt({ accepted: body?.entries.map(({ id }) => id), cursor: 'a' })),
  ],
  ['a 401 page of a portal', () => new Response('<html>', { status: 401 })],
  ['no network', offline],
  ['408', () => problem(408, 'timeout')],
  ['429', () => problem(429, 'too_many_tries')],
  ['503', () => problem(503, 'unavailable')],
  ['a bare 500', () => new Response('', { status: 500 })],
]) {
  test(`${name} proves nothing: all stays on this phone, and a later try sends it`, async () => {
    const phone = await makePhone();
    await answers(phone.store, 2);
    phone.fund.behave = async (request) => answer(request);
    await phone.outbox.wake();
    assert.deepEqual(await statuses(phone.store), ['local', 'local']);
    assert.equal(phone.progress.phase, 'waiting');
    phone.fund.behave = async () => undefined;
    await phone.timers.at(-1)();
    await phone.outbox.wake();
    assert.deepEqual(await statuses(phone.store), ['received', 'received']);
  });
}

test('failures in a row wait longer and longer; a tap meanwhile does not cut the wait short, the button does', async () => {
  const phone = await makePhone();
  let asked = 0;
  phone.fund.behave = async () => {
    asked += 1;
    return problem(503, 'unavailable');
  };
  for (let n = 0; n < 3; n += 1) await phone.outbox.wake({ now: true });
  assert.deepEqual(phone.waits, [1000, 2000, 4000]);
  await phone.outbox.wake();
  assert.equal(asked, 3);
  await phone.outbox.wake({ byHand: true });
  assert.equal(asked, 4);
});

test('the wait that the fund asks for is respected', async () => {
  const phone = await makePhone();
  phone.fund.behave = async () =>
    json(
      429,
      { type: '/problemes/too_many_tries', title: '', status: 429, detail: 'Attendez.' },
      { 'retry-after': '120' },
    );
  await phone.outbox.wake();
  assert.deepEqual(phone.waits, [120_000]);
});

test('back-off doubles from one second to five minutes, and chance shortens it by half at most', () => {
  assert.deepEqual(
    [1, 2, 3, 9, 10, 99].map((failures) => delay(failures, 0)),
    [1000, 2000, 4000, 256_000, 300_000, 300_000],
  );
  assert.equal(delay(1, 1), 500);
});

test('401 pauses: nothing is sent by itself any more, the button tries, and a new code resumes', async () => {
  const phone = await makePhone();
  await answers(phone.store, 1);
  let asked = 0;
  phone.fund.behave = async () => {
    asked += 1;
    return problem(401, 'not_signed_in');
  };
  await phone.outbox.wake();
  await phone.outbox.wake({ now: true });
  assert.deepEqual([asked, phone.progress.phase, (await phone.store.facts()).signed_out], [1, 'paused', true]);
  await phone.outbox.wake({ byHand: true });
  assert.equal(asked, 2);
  phone.fund.behave = async () => undefined;
  await phone.store.remember({ signed_out: false });
  await phone.outbox.wake({ now: true });
  assert.deepEqual(await statuses(phone.store), ['received']);
});

test('an answer lost after the commit: the same entries go again and are there once', async () => {
  const phone = await makePhone();
  await answers(phone.store, 2);
  phone.fund.behave = journal((body) => {
    phone.fund.receive(body);
    return offline();
  });
  await phone.outbox.wake();
  assert.deepEqual(await statuses(phone.store), ['local', 'local']);
  phone.fund.behave = async () => undefined;
  await phone.outbox.wake({ now: true });
  assert.deepEqual([await statuses(phone.store), phone.fund.entries.size], [['received', 'received'], 2]);
});

test('entries that a killed page left "sending" go out with the next one', async () => {
  const { store, outbox } = await makePhone();
  await answers(store, 2);
  await store.nextBatch({ entries: 500, bytes: 200_000 });
  assert.deepEqual(await statuses(store), ['sending', 'sending']);
  await outbox.wake();
  assert.deepEqual(await statuses(store), ['received', 'received']);
});

test('a fund restored from a backup gets everything again, and is asked for everything', async () => {
  const phone = await makePhone();
  await started(phone.store);
  await answers(phone.store, 3);
  await phone.outbox.wake();
  phone.fund.epoch = 'restored';
  phone.fund.entries.clear();
  await phone.store.answer(at('one more'), 1);
  await phone.outbox.wake({ now: true });
  assert.equal(phone.fund.entries.size, 5);
  assert.deepEqual(new Set(await statuses(phone.store)), new Set(['received']));
  assert.ok(phone.fund.batches.slice(2).some(({ cursor }) => cursor === 0));
});

test('a restored fund known by its list of visits alone is asked for everything too', async () => {
  const phone = await makePhone();
  await answers(phone.store, 2);
  await phone.outbox.wake();
  await phone.store.epochSeen('restored');
  const { cursor, entries } = await phone.store.nextBatch({ entries: 500, bytes: 200_000 });
  assert.deepEqual([cursor, entries.length], [0, 2]);
});

test('more to come: it is asked for at once, from the new cursor', async () => {
  const { outbox, fund } = await makePhone();
  const pages = [receipt({ cursor: 7, more: true }), receipt({ cursor: 9 })];
  const cursors = [];
  fund.behave = journal(({ cursor }) => {
    cursors.push(cursor);
    return json(200, pages.shift());
  });
  await outbox.wake();
  assert.deepEqual(cursors, [0, 7]);
});

test('a refused entry stays with its sentence, blocks nobody, and a new answer sets it aside', async () => {
  const { store, outbox, fund } = await makePhone();
  await answers(store, 3);
  const no = {
    type: '/problemes/not_a_level',
    title: 'Niveau inconnu',
    status: 422,
    detail: 'Choisissez un niveau.',
  };
  fund.behave = journal(({ entries }) => {
    const bad = entries.filter(({ criterion, choice }) => criterion === 'c1' && choice === 1);
    return bad.length
      ? json(200, {
          ...fund.receive({ entries: entries.filter((entry) => !bad.includes(entry)), cursor: 0 }),
          rejected: bad.map(({ id }) => ({ id, problem: no })),
        })
      : undefined;
  });
  await outbox.wake();
  const refused = (await recordsOf(store)).filter(({ status }) => status === 'rejected');
  assert.deepEqual(
    refused.map(({ problem: kept }) => kept.detail),
    ['Choisissez un niveau.'],
  );
  assert.equal(fund.entries.size, 2);
  await store.answer(at('c1'), 2);
  await outbox.wake();
  const [first] = (await recordsOf(store)).filter(({ status }) => status === 'rejected');
  assert.deepEqual([first.set_aside, fund.entries.size], [true, 3]);
});

test('what others wrote arrives, and what this phone wrote is never overwritten', async () => {
  const { store, outbox, fund } = await makePhone();
  await answers(store, 1);
  const [mine] = await recordsOf(store);
  const theirs = {
    id: '01980000-0000-7000-8000-000000000001',
    v: 1,
    kind: 'choice_made',
    visit: VISIT,
    author: LINA,
    at: '',
    app: '',
    sheet: 'duo',
    criterion: 'c9',
    choice: 2,
    supersedes: [],
  };
  const pages = [
    receipt({
      accepted: [mine.id],
      entries: [
        { entry: theirs, confirmed: false, brought_by: FATOU },
        { entry: { ...mine.entry, choice: 3 }, confirmed: true, brought_by: null },
      ],
    }),
    receipt({}),
  ];
  fund.behave = journal(() => json(200, pages.shift()));
  await outbox.wake();
  const records = await recordsOf(store);
  assert.deepEqual(
    records.map(({ entry, origin, confirmed }) => [entry.choice, origin, confirmed]),
    [
      [2, 'server', false],
      [1, 'here', true],
    ],
  );
});

test('a relay that the restored fund refuses leaves nothing to correct on this phone', async () => {
  const { store, outbox, fund } = await makePhone();
  await store.receiptArrived(
    FROM_START,
    receipt({
      entries: [
        {
          entry: { id: '01980000-0000-7000-8000-000000000001', visit: VISIT, kind: 'sheet_done', author: LINA },
          confirmed: true,
          brought_by: null,
        },
      ],
    }),
    0,
  );
  await store.epochSeen('restored');
  fund.behave = journal(({ entries }) =>
    json(
      200,
      receipt({ epoch: 'restored', rejected: entries.map(({ id }) => ({ id, problem: { detail: 'Non.' } })) }),
    ),
  );
  await outbox.wake();
  assert.deepEqual(await statuses(store), ['received']);
});

test('the list of visits is asked for with its ETag, and kept when it has not changed', async () => {
  const phone = await makePhone();
  const tags = [];
  const { fetch } = phone.fund;
  phone.fund.fetch = (path, options) => {
    if (path !== '/api/field') return fetch(path, options);
    tags.push(options.headers['if-none-match']);
    return tags.length === 1
      ? Promise.resolve(json(200, phone.fund.field, { etag: '"a"' }))
      : Promise.resolve(new Response(null, { status: 304 }));
  };
  await phone.outbox.wake();
  await phone.outbox.wake({ byHand: true });
  assert.deepEqual(tags, [undefined, '"a"']);
  assert.equal((await phone.store.read()).visits.length, 1);
});

test('joining: the same code and key again after a lost answer', async () => {
  const fund = makeFund();
  const phone = await makePhone({ fund, joined: false });
  const asked = [];
  fund.behave = async ({ path, body }) => {
    asked.push(body);
    return path === '/api/devices' && asked.length === 1 ? offline() : undefined;
  };
  const key = await phone.store.deviceKey();
  assert.equal((await phone.api.join('ABCD2345', key)).kind, 'later');
  const again = await phone.api.join('ABCD2345', await phone.store.deviceKey());
  assert.equal(again.kind, 'joined');
  assert.deepEqual(asked[0], asked[1]);
});

const PROFILE = { people: [{ id: LINA, name: 'Lina' }], territory: { id: 'n', name: 'Nantes' }, epoch: 'first' };

test('whoever joins a phone, the first or another person, is told the journal from its start', async () => {
  const { store, outbox, fund } = await makePhone();
  await answers(store, 3);
  await outbox.wake();
  await store.joined(PROFILE);
  await outbox.wake({ now: true });
  assert.deepEqual(
    fund.batches.map(({ cursor }) => cursor),
    [0, 3, 0],
  );
});

for (const already of [0, 7]) {
  test(`a receipt under way from ${already} when someone joins does not put the old cursor back`, async () => {
    const { store, outbox, fund } = await makePhone();
    await store.remember({ cursor: already, epoch: 'first' });
    const cursors = [];
    fund.behave = journal(async ({ cursor }) => {
      cursors.push(cursor);
      if (cursors.length > 1) return json(200, receipt({ cursor: 9 }));
      await store.joined(PROFILE);
      outbox.wake({ now: true, byHand: true });
      return json(200, receipt({ cursor: 8 }));
    });
    await outbox.wake();
    assert.deepEqual(cursors, [already, 0]);
    assert.equal((await store.facts()).cursor, 9);
  });
}

test('a code entered while the fund was refusing this phone resumes the sending', async () => {
  const phone = await makePhone();
  await answers(phone.store, 1);
  phone.fund.behave = journal(async () => {
    phone.fund.behave = async () => undefined;
    await phone.store.joined(PROFILE);
    phone.outbox.wake({ now: true, byHand: true });
    return problem(401, 'not_signed_in');
  });
  await phone.outbox.wake();
  assert.deepEqual([await statuses(phone.store), phone.progress.phase], [['received'], 'idle']);
  assert.equal((await phone.store.facts()).signed_out, false);
});

const remark = (more) => ({
  id: '01980000-0000-7000-8000-000000000001',
  v: 1,
  kind: 'remark_made',
  visit: VISIT,
  at: '2026-11-24T14:30:00+01:00',
  app: '0.1.0',
  sheet: 'duo',
  criterion: null,
  supersedes: [],
  ...more,
});

test('what the fund erased loses its words here too, whoever wrote them', async () => {
  const { store, outbox, fund } = await makePhone();
  await started(store);
  const [typed] = await store.append(VISIT, FATOU, () => [
    { kind: 'remark_made', sheet: 'duo', criterion: null, text: 'Une dame en bleu', supersedes: [] },
  ]);
  await outbox.wake();
  const erased = { ...typed.entry, text: '' };
  fund.behave = journal(() =>
    json(200, receipt({ entries: [{ entry: erased, confirmed: true, brought_by: null, erased: true }] })),
  );
  await outbox.wake();
  const [record] = (await recordsOf(store)).filter(({ id }) => id === typed.id);
  assert.deepEqual([record.entry.text, record.status, record.erased], ['', 'received', true]);
});

test('the bytes of what the fund erased go with it', async () => {
  const { store, outbox, fund } = await makePhone();
  await started(store);
  const sha256 = 'a'.repeat(64);
  const body = { kind: 'remark_made', sheet: 'duo', criterion: null, voice: sha256, supersedes: [] };
  const medium = { sha256, visit: VISIT, bytes: new ArrayBuffer(4), media: 'audio/webm', status: 'local', problem: null };
  const [spoken] = await store.attach(VISIT, FATOU, body, medium);
  fund.behave = journal(({ entries }) =>
    json(
      200,
      receipt({
        accepted: entries.map(({ id }) => id),
        entries: [{ entry: spoken.entry, confirmed: true, brought_by: null, erased: true }],
        refused_photos: [{ sha256, problem: { type: '/problemes/photo_erased', title: '', status: 410, detail: '' } }],
      }),
    ),
  );
  await outbox.wake();
  assert.equal(await store.medium(sha256), undefined);
});
