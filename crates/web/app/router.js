/**
 * The screens of paths. Links are plain links; a click on one that leads to a screen changes the path
 * without a new page.
 *
 * Paths are relative to the root of the service, `document.baseURI`, so any prefix works.
 */

/**
 * @typedef {object} Route
 * @property {string} path With `:name` for a part that differs.
 * @property {string} tag The element of the screen.
 * @property {() => Promise<unknown>} load Imports that element.
 * @property {'anyone' | 'stranger' | 'rider'} who Who may see it; a stranger is not signed in.
 */

/** @type {Route[]} */
const ROUTES = [
  { path: '', tag: 'kairos-welcome', load: () => import('./screens/welcome.js'), who: 'stranger' },
  { path: 'app', tag: 'kairos-welcome', load: () => import('./screens/welcome.js'), who: 'stranger' },
  { path: 'app/register', tag: 'kairos-register', load: () => import('./screens/register.js'), who: 'stranger' },
  { path: 'app/log-in', tag: 'kairos-log-in', load: () => import('./screens/log-in.js'), who: 'stranger' },
  { path: 'app/forgot', tag: 'kairos-forgot', load: () => import('./screens/forgot.js'), who: 'anyone' },
  { path: 'app/journeys', tag: 'kairos-journeys', load: () => import('./screens/journeys.js'), who: 'rider' },
  { path: 'app/journeys/new', tag: 'kairos-new-journey', load: () => import('./screens/new-journey.js'), who: 'rider' },
  { path: 'app/journeys/:id', tag: 'kairos-journey', load: () => import('./screens/journey.js'), who: 'rider' },
  { path: 'app/journeys/:id/:tab', tag: 'kairos-journey', load: () => import('./screens/journey.js'), who: 'rider' },
  { path: 'app/riders/:id', tag: 'kairos-rider', load: () => import('./screens/rider.js'), who: 'rider' },
  { path: 'app/profile', tag: 'kairos-profile', load: () => import('./screens/profile.js'), who: 'rider' },
  { path: 'app/elements', tag: 'kairos-elements', load: () => import('./screens/elements.js'), who: 'anyone' },
];

const NOT_FOUND = { path: '', tag: 'kairos-not-found', load: () => import('./screens/not-found.js'), who: 'anyone' };

/** @typedef {{ route: Route, params: Record<string, string>, query: URLSearchParams }} Place */

const root = () => new URL(document.baseURI).pathname;

/** Returns the screen of a URL. */
export function placeOf(/** @type {URL | Location} */ url) {
  const query = new URLSearchParams(url.search);
  const path = url.pathname.slice(root().length).replace(/\/$/, '');
  for (const route of ROUTES) {
    const params = match(route.path, path);
    if (params) return { route, params, query };
  }
  return { route: /** @type {Route} */ (NOT_FOUND), params: {}, query };
}

/** @returns {Record<string, string> | null} */
function match(/** @type {string} */ pattern, /** @type {string} */ path) {
  const names = pattern.split('/');
  const parts = path.split('/');
  if (names.length !== parts.length) return null;
  /** @type {Record<string, string>} */
  const params = {};
  for (const [index, name] of names.entries()) {
    if (name.startsWith(':')) params[name.slice(1)] = decodeURIComponent(parts[index]);
    else if (name !== parts[index]) return null;
  }
  return params;
}

/** @type {(place: Place) => void} */
let show = () => {};

/** Starts to show screens. */
export function startRouter(/** @type {(place: Place) => void} */ onPlace) {
  show = onPlace;
  addEventListener('popstate', () => show(placeOf(location)));
  document.addEventListener('click', followLink);
  show(placeOf(location));
}

/** Opens a path such as `app/journeys`. `replace` leaves no entry in the history. */
export function go(/** @type {string} */ path, { replace = false } = {}) {
  const url = new URL(path, document.baseURI);
  if (replace) history.replaceState(null, '', url);
  else if (url.href !== location.href) history.pushState(null, '', url);
  show(placeOf(url));
}

/** Shows the screen of the present path anew. */
export const showAgain = () => show(placeOf(location));

function followLink(/** @type {MouseEvent} */ event) {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = /** @type {HTMLAnchorElement | undefined} */ (event.composedPath().find((node) => node instanceof HTMLAnchorElement));
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  const url = new URL(link.href);
  if (!url.pathname.startsWith(root()) || placeOf(url).route.tag === NOT_FOUND.tag) return;
  event.preventDefault();
  go(link.href);
}
