/**
 * Requests to the API.
 *
 * A request waits through short outages: reading is repeated, and so is a creation, which carries an
 * `Idempotency-Key` so that it acts once. A session that has ended is continued, by the cookie or by a
 * log-in on top of the screen, and the request is sent again.
 */
import { ApiError, describe } from './errors.js';
import { accessToken, dropToken, refresh } from './session.js';

/**
 * @typedef {object} Options
 * @property {Record<string, string | number | string[] | undefined>} [query]
 * @property {unknown} [json] The body.
 * @property {BodyInit} [body] A body that is no JSON.
 * @property {string} [type] Its content type.
 * @property {string} [etag] Sent as `If-Match`.
 * @property {boolean} [anonymous] Whether the request carries no token.
 * @property {boolean} [keepalive] Whether the request outlives the page.
 * @property {boolean} [raw] Whether the answer is wanted as a file.
 * @property {(part: number) => void} [onProgress] Is told how much of the body was sent, from 0 to 1.
 * @property {AbortSignal} [signal]
 */

/** @typedef {{ status: number, data: any, etag: string | null, headers: Headers }} Answer */

/** Pauses before the second, third and fourth try. */
const PAUSES_MS = [400, 1200, 3000];

/** What to do when the session has ended: asks the rider to log in, and resolves to whether they did. */
let askToLogIn = async () => false;

export function setLogInPrompt(/** @type {() => Promise<boolean>} */ prompt) {
  askToLogIn = prompt;
}

export const get = (/** @type {string} */ path, /** @type {Options} */ options = {}) => request('GET', path, options);
export const post = (/** @type {string} */ path, /** @type {Options} */ options = {}) => request('POST', path, options);
export const put = (/** @type {string} */ path, /** @type {Options} */ options = {}) => request('PUT', path, options);
export const patch = (/** @type {string} */ path, /** @type {Options} */ options = {}) => request('PATCH', path, options);
export const remove = (/** @type {string} */ path, /** @type {Options} */ options = {}) => request('DELETE', path, options);

/**
 * Reads a list from its first page to its last, and hands out each page as it arrives.
 *
 * @param {string} path
 * @param {(items: any[]) => void} [onPage]
 */
export async function getAll(path, onPage) {
  const items = [];
  for (let after; ;) {
    const { data } = await get(path, { query: { limit: 1000, after } });
    items.push(...data);
    onPage?.(items);
    if (data.length < 1000) return items;
    after = data.at(-1)._id;
  }
}

/**
 * @param {string} method
 * @param {string} path Below `api/v1/`.
 * @param {Options} options
 * @returns {Promise<Answer>}
 */
async function request(method, path, options) {
  /** @type {Record<string, string>} */
  const headers = {};
  let body = options.body;
  if (options.json !== undefined) {
    body = JSON.stringify(options.json);
    headers['content-type'] = 'application/json';
  } else if (options.type) {
    headers['content-type'] = options.type;
  }
  if (options.etag) headers['if-match'] = options.etag;
  if (method === 'POST' && !options.anonymous) headers['idempotency-key'] = randomKey();
  const url = address(path, options.query);
  const init = { method, headers, body, signal: options.signal, keepalive: options.keepalive };
  // A repeated change has the same outcome, except where it must find the state that it has changed itself.
  const mayRepeat = method === 'GET' || 'idempotency-key' in headers || (method === 'PUT' && !options.etag);

  for (let hasLoggedIn = false; ;) {
    if (!options.anonymous) await authorise(headers);
    const answer = await withRetries(url, init, mayRepeat ? PAUSES_MS : [], options.onProgress);
    if (answer.status !== 401 || options.anonymous) return read(answer, options.raw);
    // The token was refused: continue the session by the cookie once, then ask the rider.
    dropToken();
    if (!(await refresh()) && (hasLoggedIn || !(await askToLogIn()))) return read(answer);
    hasLoggedIn = true;
  }
}

async function authorise(/** @type {Record<string, string>} */ headers) {
  const token = (await accessToken()) ?? ((await askToLogIn()) ? await accessToken() : null);
  if (!token) throw new ApiError(401, 'not_authenticated', '');
  headers.authorization = `Bearer ${token}`;
}

/** Sends a request, again after a pause if nothing came back or the server was busy for a moment. */
async function withRetries(/** @type {URL} */ url, /** @type {RequestInit} */ init, /** @type {number[]} */ pauses, /** @type {Options['onProgress']} */ onProgress) {
  for (const pause of [...pauses, null]) {
    let wait = pause;
    try {
      const answer = await (onProgress ? upload(url, init, onProgress) : fetch(url, init));
      if (pause === null || ![409, 502, 503, 504].includes(answer.status)) return answer;
      const asked = Number(answer.headers.get('retry-after')) * 1000;
      if (answer.status === 409 && !asked) return answer;
      wait = Math.max(pause, Math.min(asked, 5000));
    } catch (error) {
      if (init.signal?.aborted) throw error;
      if (pause === null) throw new ApiError(0, 'unreachable', '');
    }
    await new Promise((resolve) => { setTimeout(resolve, wait ?? 0); });
  }
  throw new ApiError(0, 'unreachable', '');
}

/**
 * Does what `fetch` does, which doesn't say how much was sent.
 *
 * @param {URL} url
 * @param {any} init
 * @param {(part: number) => void} onProgress
 * @returns {Promise<Response>}
 */
function upload(url, { method, headers, body, signal }, onProgress) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.upload.onload = () => onProgress(1);
    request.onload = () => {
      const lines = request.getAllResponseHeaders().trim().split('\r\n').map((line) => line.split(': '));
      const received = new Headers(lines.map(([name, ...value]) => /** @type {[string, string]} */ ([name, value.join(': ')])));
      resolve(new Response(request.responseText || null, { status: request.status, headers: received }));
    };
    request.onerror = () => reject(new TypeError('nothing came back'));
    request.onabort = request.onerror;
    signal?.addEventListener('abort', () => request.abort());
    request.send(body);
  });
}

/** @returns {Promise<Answer>} */
async function read(/** @type {Response} */ answer, isRaw = false) {
  if (isRaw && answer.ok) {
    return { status: answer.status, data: await answer.blob(), etag: answer.headers.get('etag'), headers: answer.headers };
  }
  const text = await answer.text().catch(() => '');
  const isJson = /json/.test(answer.headers.get('content-type') ?? '');
  const data = isJson && text ? JSON.parse(text) : text;
  if (!answer.ok) throw describe(answer.status, isJson && data ? data : {}, answer.headers);
  return { status: answer.status, data, etag: answer.headers.get('etag'), headers: answer.headers };
}

function address(/** @type {string} */ path, /** @type {Options['query']} */ query = {}) {
  const url = new URL(`api/v1/${path}`, document.baseURI);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, Array.isArray(value) ? value.join(',') : String(value));
  }
  return url;
}

/** Returns 128 random bits. `randomUUID` is missing on pages without HTTPS. */
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16)).join('-');
}
