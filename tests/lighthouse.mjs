// Lighthouse on some pages, in a browser that listens: `node lighthouse.mjs PORT CATEGORIES SKIPPED URL…`, answers in JSON.
import lighthouse from 'lighthouse';

const [port, categories, skipped, ...urls] = process.argv.slice(2);
const options = {
  port: Number(port),
  onlyCategories: categories.split(','),
  skipAudits: skipped.split(','),
  disableFullPageScreenshot: true,
  logLevel: 'error',
};
const told = [];
for (const url of urls) told.push(await judged(url, 3));
process.stdout.write(JSON.stringify(told));

/** On a busy machine a trace once in a while does not begin; Lighthouse asks to be run again. */
async function judged(url, tries) {
  const { lhr } = await lighthouse(url, options);
  if (!lhr.runtimeError) return lhr;
  if (tries > 1) return judged(url, tries - 1);
  throw new Error(lhr.runtimeError.message);
}
