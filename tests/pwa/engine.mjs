// The phone's rules for the Python tests: one process, one JSON request a line in, one JSON answer a line out.
import { createInterface } from 'node:readline';
import { answers as answersTo, fold, sheetsHidden, unable, writtenAlone } from '../../pwa/domain/journal.js';
import { mint } from '../../pwa/domain/ids.js';
import { rulesFrom, score, summary, whatWouldChange } from '../../pwa/domain/scoring.js';

const answers = {
  score: ({ grid, sheets }) => {
    const result = score(rulesFrom(grid), sheets);
    return { ...result, summary: summary(result) };
  },
  whatWouldChange: ({ grid, sheets }) => whatWouldChange(rulesFrom(grid), sheets),
  fold: ({ records }) => fold(records),
  around: ({ records, members, released }) => ({
    hidden: sheetsHidden(fold(records), members, released),
    alone: records.map(({ entry }) => writtenAlone(entry)),
    answers: answersTo(records),
    unable: unable(records),
  }),
  mint: ({ nowMs, randomBits, above }) => mint(nowMs, BigInt(randomBits), above),
};

/** Fractions leave in lowest terms, written as Python writes them: "5/3", "2". */
function plain(key, value) {
  if (typeof value?.n !== 'bigint') return value;
  const divisor = commonDivisor(value.n < 0n ? -value.n : value.n, value.d);
  const [n, d] = [value.n / divisor, value.d / divisor];
  return d === 1n ? `${n}` : `${n}/${d}`;
}

const commonDivisor = (a, b) => (b === 0n ? a : commonDivisor(b, a % b));

for await (const line of createInterface({ input: process.stdin })) {
  const { op, ...request } = JSON.parse(line);
  let answer;
  try {
    answer = { answer: answers[op](request) };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer, plain)}\n`);
}
