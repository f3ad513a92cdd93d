// Scores the cases read on standard input, one JSON line each: `python -m backend score CASES.json --engine js`.
import { readFileSync } from 'node:fs';
import { rulesFrom, score, summary } from '../pwa/domain/scoring.js';

/** Numbers keep their source text: a JS number would round long decimals before the engine sees them. */
const { cases } = JSON.parse(readFileSync(0, 'utf8'), (key, value, { source }) =>
  typeof value === 'number' ? source : value,
);

/** 65 prints as 65.0, as Python does. */
const oneDecimal = (key, value) => (typeof value === 'number' ? JSON.rawJSON(value.toFixed(1)) : value);

for (const { grid, sheets } of cases) {
  process.stdout.write(`${JSON.stringify(summary(score(rulesFrom(grid), sheets)), oneDecimal)}\n`);
}
