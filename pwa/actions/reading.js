/** A visit that is over, taken along: shared, printed. */
import { t } from '../text.js';

/** @import { Answer, Choice, OpenVisit, Ports } from '../types.js' */

/** @param {Ports} ports */
export const reading = ({ state }) => ({
  printVisit: () => print(),

  /** Through the phone's own list of apps where it has one, else as a text file. */
  async shareVisit() {
    const { visit } = state();
    const shared = { title: visit.merchant.name, text: inWords(visit) };
    if (!navigator.share) return saveText(`${visit.merchant.name}.txt`, shared.text);
    await navigator.share(shared).catch((error) => {
      if (error.name !== 'AbortError') saveText(`${visit.merchant.name}.txt`, shared.text);
    });
  },
});

/** @param {string} name @param {string} text */
function saveText(name, text) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** @param {OpenVisit} visit */
const inWords = ({ merchant, answers, names, end }) =>
  [
    merchant.name,
    merchant.address,
    ...(end ? [t('Visite terminée par {name}', { name: end.by ?? '' })] : []),
    '',
    ...answers.flatMap((answer) => [...lines(answer, names), '']),
  ].join('\n');

/** @param {Answer} answer @param {Map<string, string>} names */
const lines = ({ criterion, chosen, remarks, settled }, names) => [
  criterion.name,
  ...(chosen.length ? chosen.map((choice) => `  ${sentence(criterion, choice)}`) : [`  ${t('Sans réponse')}`]),
  ...(settled?.reason ? [`  ${settled.reason}`] : []),
  ...remarks.flatMap(({ text, author }) => (text ? [`  ${names.get(author) ?? ''} : ${text}`] : [])),
];

/** @param {Answer['criterion']} criterion @param {Choice} choice */
const sentence = ({ levels }, choice) =>
  choice === 'not_applicable'
    ? t('Ne s’applique pas')
    : (levels.find(({ points }) => String(points) === String(choice))?.sentence ?? String(choice));
