/** Journeys and markers, as the screens see them. */
import { get, getAll, patch, remove } from './api.js';
import { sentenceOf } from './errors.js';
import { t } from './i18n.js';
import { notify, undoable } from './notices.js';

/** @typedef {{ _id: string, user_id: string, name: string, description: string, created_at: string, active: boolean, completed: boolean, visibility: 'public' | 'private' }} Journey */
/** @typedef {{ _id: string, journey_id: string, name: string, notes: string, marker_type: 'past' | 'plan', coordinates: { type: 'Point', coordinates: number[] }, timestamp: string | null, estimated_time: string | null, created_at: string }} Marker */

/** @typedef {'route' | 'track'} LineKind */
/** @typedef {{ meters: number, parts: [number, number][][] }} Line */
/** @typedef {{ route: Line | null, track: Line | null }} Lines */

/** Journeys, markers and lines whose deletion can still be undone. */
export const hidden = new Set();

/** Returns the day of a marker, or null. */
export const dayOf = (/** @type {Marker} */ marker) => (marker.marker_type === 'past' ? marker.timestamp : marker.estimated_time);

/** Returns longitude and latitude of a marker, without its elevation. */
export const positionOf = (/** @type {Marker} */ marker) => marker.coordinates.coordinates.slice(0, 2);

/** Reads all markers of a journey in riding order. */
export const loadMarkers = (/** @type {string} */ journeyId, /** @type {(markers: Marker[]) => void} */ onPage) =>
  getAll(`journeys/${journeyId}/markers`, onPage);

/** How far a line on the map may be from the one that is kept: a pixel or two where a town fills the window. */
const TOLERANCE_METERS = 50;

/** Both kinds of lines, as the API calls them. */
export const LINE_KINDS = /** @type {LineKind[]} */ (['route', 'track']);

const lineKey = (/** @type {string} */ journeyId, /** @type {LineKind} */ kind) => `${journeyId}/${kind}`;

/** Reads route and track of a journey, and their lengths. */
export async function loadLines(/** @type {string} */ journeyId) {
  const { data: stats } = await get(`journeys/${journeyId}/stats`);
  const read = async (/** @type {LineKind} */ kind) => {
    const meters = stats[`${kind}_meters`] ?? null;
    // A deletion that was done hides no line that comes later.
    if (meters === null) hidden.delete(lineKey(journeyId, kind));
    if (meters === null) return null;
    const { data } = await get(`journeys/${journeyId}/${kind}`, { query: { tolerance_meters: TOLERANCE_METERS } });
    const parts = data.geometry.coordinates.map((/** @type {number[][]} */ part) => part.map((position) => position.slice(0, 2)));
    return { meters, parts };
  };
  const [route, track] = await Promise.all(LINE_KINDS.map(read));
  return /** @type {Lines} */ ({ route, track });
}

/** Returns the lines that are not being deleted. */
export function shownLines(/** @type {string} */ journeyId, /** @type {Lines} */ lines) {
  const shown = (/** @type {LineKind} */ kind) => (hidden.has(lineKey(journeyId, kind)) ? null : lines[kind]);
  return { route: shown('route'), track: shown('track') };
}

/** Shows lines again that a file has replaced after they were deleted. */
export function showLines(/** @type {string} */ journeyId) {
  for (const kind of LINE_KINDS) hidden.delete(lineKey(journeyId, kind));
}

/**
 * Returns a journey in the form that the map draws. Where it has a route or a track, that is drawn in place
 * of the line between the markers.
 *
 * @param {Pick<Journey, '_id' | 'name'>} journey
 * @param {Marker[]} markers
 * @param {boolean} [isOwn]
 * @param {Lines} [lines]
 */
export function forMap(journey, markers, isOwn = false, lines = { route: null, track: null }) {
  const of = (/** @type {string} */ type) => markers.filter((marker) => marker.marker_type === type);
  const [past, plan] = [of('past'), of('plan')];
  const last = past.at(-1);
  const line = (/** @type {Marker[]} */ of) => (of.length > 1 ? [of.map(positionOf)] : []);
  return {
    id: journey._id,
    name: journey.name,
    label: journey.name,
    colour: isOwn ? 'own' : 'other',
    isOwn,
    past: lines.track?.parts ?? line(past),
    // The plan begins where the rider has been last.
    plan: lines.route?.parts ?? line(last && plan.length > 0 ? [last, ...plan] : plan),
    today: null,
    markers: markers.map((marker) => ({
      id: marker._id,
      name: marker.name,
      kind: marker.marker_type,
      position: positionOf(marker),
      date: dayOf(marker),
    })),
  };
}

/** Puts markers into riding order, as the service does. */
export function inRidingOrder(/** @type {Marker[]} */ markers) {
  const key = (/** @type {Marker} */ marker) =>
    [marker.marker_type === 'past' ? 0 : 1, dayOf(marker) ?? '9999-12-32', marker.created_at, marker._id].join(' ');
  return markers.map((marker) => ({ marker, key: key(marker) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ marker }) => marker);
}

/** Deletes a journey unless the rider takes it back in time. */
export function deleteJourney(/** @type {Journey} */ journey, /** @type {() => void} */ onChange) {
  hide(journey._id, t('journey.deleted', { name: journey.name }), `journeys/${journey._id}`, onChange);
}

/** Deletes a marker unless the rider takes it back in time. */
export function deleteMarker(/** @type {Marker} */ marker, /** @type {() => void} */ onChange) {
  hide(marker._id, t('marker.deleted', { name: marker.name }), `journeys/${marker.journey_id}/markers/${marker._id}`, onChange);
}

/** Deletes the route or the track of a journey unless the rider takes it back in time. */
export function deleteLine(/** @type {Journey} */ journey, /** @type {LineKind} */ kind, /** @type {() => void} */ onChange) {
  hide(lineKey(journey._id, kind), t(`line.${kind}_deleted`), `journeys/${journey._id}/${kind}`, onChange);
}

function hide(/** @type {string} */ id, /** @type {string} */ text, /** @type {string} */ path, /** @type {() => void} */ onChange) {
  const show = () => { hidden.delete(id); onChange(); };
  hidden.add(id);
  onChange();
  undoable(text, {
    undo: show,
    commit: () => remove(path, { keepalive: true }).catch((error) => {
      // It is gone already: that is what the rider wants.
      if (error.status === 404) return;
      show();
      notify(sentenceOf(error));
    }),
  });
}

/** Moves a marker, and offers to move it back. Returns the marker as it is now. */
export async function moveMarker(/** @type {Marker} */ marker, /** @type {number[]} */ position) {
  const coordinates = { type: 'Point', coordinates: position };
  return (await patch(`journeys/${marker.journey_id}/markers/${marker._id}`, { json: { coordinates } })).data;
}

/** The two kinds of visibility, in plain words. */
export const visibilityChoices = () => [
  { value: 'public', label: t('visibility.public'), hint: t('visibility.public_hint') },
  { value: 'private', label: t('visibility.private'), hint: t('visibility.private_hint') },
];
