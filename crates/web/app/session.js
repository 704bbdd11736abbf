/**
 * The session of this tab: an access token in memory. The refresh token is in a cookie that no script reads.
 *
 * All tabs share the cookie. They tell each other through a channel when a rider logs in or out.
 */
import { ApiError, describe } from './errors.js';

/** @typedef {{ _id: string, name: string, email: string, is_verified: boolean, country: string | null, phonenumber: string | null, instagram: string | null }} User */

/** @type {{ token: string, expiresAt: number } | null} */
let access = null;
/** @type {User | null} */
let user = null;
/** @type {Promise<boolean> | null} */
let refreshing = null;

const changes = new EventTarget();
const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('kairos-session') : null;

/** The trailing slash matters: a browser keeps the cookie for the folder of the URL that has set it. */
const address = (/** @type {string} */ path) => new URL(`app/session/${path}`, document.baseURI);

/** A token is replaced this long before it expires. */
const MARGIN_MS = 30_000;

export const isSignedIn = () => access !== null;

/** Returns the rider, who is known once the first request was answered. */
export const currentUser = () => user;

export function setUser(/** @type {User | null} */ next) {
  user = next;
  changes.dispatchEvent(new Event('change'));
}

/** Calls a function whenever the rider logs in or out, here or in another tab. Returns what stops that. */
export function onSessionChange(/** @type {() => void} */ listener) {
  changes.addEventListener('change', listener);
  return () => changes.removeEventListener('change', listener);
}

/** Returns a token that is good now, or null if nobody is signed in. */
export async function accessToken() {
  if (access && access.expiresAt - MARGIN_MS < Date.now()) await refresh();
  return access?.token ?? null;
}

/** Continues the session of the cookie. Returns whether there is one; throws if the server can't be reached. */
export function refresh() {
  refreshing ??= exclusively(() => send('POST', 'refresh')).then(
    (answer) => {
      const isGood = answer.ok;
      if (isGood) keep(answer.body);
      else if (answer.status === 401 || answer.status === 403) access = null;
      else throw describe(answer.status, answer.body, answer.headers);
      return isGood;
    },
  ).finally(() => { refreshing = null; });
  return refreshing;
}

/** Begins a session. Throws an `ApiError` if the server refuses. */
export async function logIn(/** @type {string} */ username, /** @type {string} */ password) {
  const answer = await send('POST', '', { username, password });
  if (!answer.ok) throw describe(answer.status, answer.body, answer.headers);
  keep(answer.body);
  user = null;
  channel?.postMessage('in');
  changes.dispatchEvent(new Event('change'));
}

/** Ends the session, in all tabs. */
export async function logOut() {
  const answer = await send('DELETE', '');
  if (!answer.ok) throw describe(answer.status, answer.body, answer.headers);
  forget();
  channel?.postMessage('out');
}

/** Forgets the session in this tab. */
export function forget() {
  access = null;
  setUser(null);
}

/** Marks the session as over, for instance because the password was changed elsewhere. */
export function dropToken() {
  access = null;
}

channel?.addEventListener('message', async ({ data }) => {
  if (data === 'out') return forget();
  // Another rider may have logged in, so nothing of this tab's state can stay.
  if (data === 'in' && !access) location.reload();
});

function keep(/** @type {{ access_token: string, expires_in: number }} */ body) {
  access = { token: body.access_token, expiresAt: Date.now() + body.expires_in * 1000 };
}

/** Lets one tab refresh at a time, where the browser can. Elsewhere the server allows a few at once. */
function exclusively(/** @type {() => Promise<any>} */ act) {
  return navigator.locks ? navigator.locks.request('kairos-session', act) : act();
}

async function send(/** @type {string} */ method, /** @type {string} */ path, /** @type {object | null} */ json = null) {
  /** @type {Response} */
  let answer;
  try {
    answer = await fetch(address(path), {
      method,
      headers: json ? { 'content-type': 'application/json' } : {},
      body: json ? JSON.stringify(json) : undefined,
    });
  } catch {
    throw new ApiError(0, 'unreachable', '');
  }
  const body = await answer.json().catch(() => ({}));
  return { ok: answer.ok, status: answer.status, headers: answer.headers, body };
}
