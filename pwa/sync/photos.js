/** Sends photos and voice notes, one by one, after the answers. One that is refused does not stop the others. */

/** @import { Api, No, Store } from '../types.js' */

/**
 * @param {{ api: Api, store: Store }} ports
 * @returns {Promise<{ kind: 'done', sent: number } | No>}
 */
export async function sendPhotos({ api, store }) {
  for (let sent = 0; ; sent += 1) {
    const next = await store.nextMedium();
    if (!next) return { kind: 'done', sent };
    const answer = await api.putMedium(next);
    if (answer.kind === 'sent') await store.mediumSent(next.sha256);
    else if (answer.kind === 'refused') await store.mediumRefused(next.sha256, answer.problem);
    else return answer;
  }
}
