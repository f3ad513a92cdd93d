// Finds places as the phone does: JSON lines {data?, query, now, near} on standard input, slugs and openings on the other.
import { createInterface } from 'node:readline';
import { wantedIn } from '../../backend/web/static/map/address.js';
import { directoryOf } from '../../backend/web/static/map/data.js';
import { find } from '../../backend/web/static/map/finding.js';

let directory;
for await (const line of createInterface({ input: process.stdin })) {
  const { data, query, now, near } = JSON.parse(line);
  if (data) directory = directoryOf(data);
  const wanted = wantedIn(new URLSearchParams(query), now, directory);
  const hits = find(directory, wanted, near).map(({ index, opening }) => [directory.places[index].slug, opening]);
  process.stdout.write(`${JSON.stringify(hits)}\n`);
}
