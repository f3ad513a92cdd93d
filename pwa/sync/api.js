/**
 * The fund's addresses, and the one place that judges an answer. Only an answer of the agreed form is believed: the Wi-Fi
 * of a café answers 200 to everything, with a page of its own.
 */

/** @import { Entry, Field, Later, No, Problem, Profile, Receipt } from '../types.js' */

const LATER = new Set([408, 425, 429]);
const PATIENCE = 30_000;
const PATIENCE_FOR_BYTES = 120_000;

/** @param {{ fetch: typeof globalThis.fetch }} ports */
export function fundApi({ fetch }) {
  /**
   * @param {string} path
   * @param {RequestInit} options
   * @returns {Promise<Response | Later>}
   */
  const ask = async (path, options) => {
    try {
      return await fetch(path, {
        credentials: 'same-origin',
        cache: 'no-store',
        redirect: 'error',
        signal: AbortSignal.timeout?.(PATIENCE), // iPhones before iOS 16 wait as long as they like
        ...options,
      });
    } catch {
      return later();
    }
  };

  /** @param {string} path @param {unknown} body */
  const post = (path, body) =>
    ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

  return {
    /**
     * @param {string} code
     * @param {string} deviceKey
     * @returns {Promise<{ kind: 'joined', profile: Profile } | No>}
     */
    async join(code, deviceKey) {
      const answer = await post('/api/devices', { code, device_key: deviceKey });
      const profile = await ours(answer, isProfile);
      return profile ? { kind: 'joined', profile } : no(answer);
    },

    /**
     * Says that someone has left this phone. A fund that knows neither them here nor this phone has nothing left to be told.
     * @param {string} person an id, or "all"
     * @returns {Promise<{ kind: 'left' } | No>}
     */
    async leave(person) {
      const path = person === 'all' ? '/api/devices/me' : `/api/devices/me/people/${person}`;
      const answer = await ask(path, { method: 'DELETE' });
      if ('status' in answer && answer.status === 204) return { kind: 'left' };
      const why = await no(answer);
      const unknown = why.kind === 'signed_out' || (why.kind === 'refused' && why.status === 404);
      return unknown ? { kind: 'left' } : why;
    },

    /**
     * @param {string | null} etag of the copy this phone has
     * @returns {Promise<{ kind: 'field', field: Field, etag: string | null } | { kind: 'unchanged' } | No>}
     */
    async field(etag) {
      const answer = await ask('/api/field', { headers: etag ? { 'if-none-match': etag } : {} });
      if ('status' in answer && answer.status === 304) return { kind: 'unchanged' };
      const field = await ours(answer, isField);
      return field
        ? { kind: 'field', field, etag: /** @type {Response} */ (answer).headers.get('etag') }
        : no(answer);
    },

    /**
     * The bytes of a photo or a note. The fund answers with their hash: a stranger's 200 has none.
     * @param {import('../types.js').Media} medium
     * @returns {Promise<{ kind: 'sent' } | No>}
     */
    async putMedium({ sha256, bytes, media }) {
      const answer = await ask(`/api/photos/${sha256}`, {
        method: 'PUT',
        headers: { 'content-type': media },
        body: bytes,
        signal: AbortSignal.timeout?.(PATIENCE_FOR_BYTES),
      });
      const taken = 'ok' in answer && answer.ok && answer.headers.get('etag') === `"${sha256}"`;
      return taken ? { kind: 'sent' } : no(answer);
    },

    /** The merchants of the territory. @param {string | null} etag @returns {Promise<{ kind: 'merchants', list: import('../types.js').Known[], etag: string | null } | { kind: 'unchanged' } | No>} */
    async merchants(etag) {
      const answer = await ask('/api/merchants', { headers: etag ? { 'if-none-match': etag } : {} });
      if ('status' in answer && answer.status === 304) return { kind: 'unchanged' };
      const told = await ours(answer, hasMerchants);
      return told
        ? { kind: 'merchants', list: told.merchants, etag: /** @type {Response} */ (answer).headers.get('etag') }
        : no(answer);
    },

    /** A photo or a note of the others, as the fund shows it; null when it cannot. @param {string} sha256 @returns {Promise<Blob | null>} */
    async medium(sha256) {
      const answer = await ask(`/api/photos/${sha256}`, { cache: 'default' });
      const ours = 'ok' in answer && answer.ok && /^(image|audio)\//.test(answer.headers.get('content-type') ?? '');
      return ours ? answer.blob() : null;
    },

    /**
     * @param {{ entries: Entry[], cursor: number, epoch: string | null }} batch
     * @returns {Promise<{ kind: 'receipt', receipt: Receipt } | No>}
     */
    async journal({ entries, cursor, epoch }) {
      const answer = await post('/api/journal', { entries, cursor, ...(epoch && { epoch }) });
      const receipt = await ours(answer, isReceipt);
      return receipt ? { kind: 'receipt', receipt } : no(answer);
    },
  };
}

/** @param {Problem | null} [problem] @param {number} [after] @returns {Later} */
const later = (problem = null, after = 0) => ({ kind: 'later', problem, after });

/**
 * The body of a success, when it has our form.
 * @template T
 * @param {Response | Later} answer
 * @param {(body: any) => body is T} hasForm
 * @returns {Promise<T | null>}
 */
async function ours(answer, hasForm) {
  if (!('ok' in answer) || !answer.ok) return null;
  const body = await json(answer);
  return hasForm(body) ? body : null;
}

/** @param {Response | Later} answer @returns {Promise<No>} */
async function no(answer) {
  if (!('status' in answer)) return answer;
  const body = answer.ok ? null : await json(answer);
  const problem = typeof body?.detail === 'string' ? /** @type {Problem} */ (body) : null;
  if (answer.status === 401 && problem) return { kind: 'signed_out', problem };
  const refused =
    answer.status === 413 || (problem && answer.status >= 400 && answer.status < 500 && !LATER.has(answer.status));
  if (refused) return { kind: 'refused', status: answer.status, problem };
  return later(problem, 1000 * Number(answer.headers.get('retry-after') ?? 0) || 0);
}

/** @param {Response} answer */
const json = (answer) => answer.json().catch(() => null);

/** @param {unknown} value */
const isPeople = (value) =>
  Array.isArray(value) && value.every((person) => typeof person?.id === 'string' && typeof person.name === 'string');

/** @param {any} body @returns {body is Profile} */
const isProfile = (body) =>
  isPeople(body?.people) && typeof body.epoch === 'string' && typeof body.territory?.name === 'string';

/** @param {any} body @returns {body is Field} */
const isField = (body) =>
  isProfile(body) &&
  Array.isArray(/** @type {any} */ (body).visits) &&
  typeof (/** @type {any} */ (body).grids) === 'object';

/** @param {any} body @returns {body is { merchants: import('../types.js').Known[] }} */
const hasMerchants = (body) => Array.isArray(body?.merchants);

/** @param {any} body @returns {body is Receipt} */
const isReceipt = (body) =>
  Array.isArray(body?.accepted) &&
  Array.isArray(body.rejected) &&
  Array.isArray(body.entries) &&
  typeof body.epoch === 'string' &&
  Number.isInteger(body.cursor);
