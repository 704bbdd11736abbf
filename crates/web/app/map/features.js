/**
 * Journeys and encounters as GeoJSON.
 *
 * @import { Position } from './geometry.js'
 *
 * @typedef {object} Marker
 * @property {string} id
 * @property {string} name
 * @property {'past' | 'plan'} kind
 * @property {Position} position
 * @property {string} [date]
 *
 * @typedef {object} Journey
 * @property {string} id
 * @property {string} name
 * @property {'own' | 'other'} [colour] Default: by `isOwn`.
 * @property {Position[][]} past
 * @property {Position[][]} plan
 * @property {Position | null} [today]
 * @property {Marker[]} [markers] Drawn for the rider's own journeys and for the selected one.
 * @property {boolean} [isOwn]
 * @property {string} [label] Text beside the marker of today.
 *
 * @typedef {object} Encounter
 * @property {string} id
 * @property {Position} mine
 * @property {Position} theirs
 * @property {string} [label] A name in it should be isolated (U+2068 and U+2069 around it), so that one from
 *   right to left doesn't change the order of the rest.
 *
 * @typedef {Record<string, string | boolean>} Properties
 * @typedef {{ type: 'Feature', properties: Properties, geometry: { type: string, coordinates: unknown } }}
 *   Feature
 * @typedef {{ type: 'FeatureCollection', features: Feature[] }} FeatureCollection
 */
import { boundsOf, unwrap } from './geometry.js';

/** @returns {FeatureCollection} */
export const nothing = () => collection([]);

/**
 * Returns up to two features for each journey, with the properties `journey`, `kind` and `own`.
 *
 * @param {Journey[]} journeys
 */
export function lines(journeys) {
  const features = [];
  for (const journey of journeys) {
    for (const kind of /** @type {const} */ (['past', 'plan'])) {
      const coordinates = journey[kind].filter((line) => line.length > 1).map(unwrap);
      if (coordinates.length) {
        features.push(feature('MultiLineString', coordinates, { ...commonProperties(journey), kind }));
      }
    }
  }
  return collection(features);
}

/** @param {Journey[]} journeys */
export function todays(journeys) {
  const features = [];
  for (const journey of journeys) {
    if (journey.today) {
      const properties = { ...commonProperties(journey), label: journey.label ?? '' };
      features.push(feature('Point', journey.today, properties));
    }
  }
  return collection(features);
}

/**
 * Returns what is selected once more: the lines and the place of today of a journey, a marker, or the two
 * places of an encounter.
 *
 * @param {Journey[]} journeys
 * @param {Encounter[]} encounters
 * @param {string | null} selected
 */
export function selection(journeys, encounters, selected) {
  if (selected === null) return nothing();
  const chosen = journeys.filter(({ id }) => id === selected);
  const points = [
    ...todays(chosen).features,
    ...markers(journeys, selected).features.filter(({ properties }) => properties.id === selected),
    ...meetings(encounters.filter(({ id }) => id === selected)).features,
  ].filter(({ geometry }) => geometry.type === 'Point');
  return collection([...lines(chosen).features, ...points]);
}

/**
 * @param {Journey[]} journeys
 * @param {string | null} selected
 */
export function markers(journeys, selected) {
  const features = [];
  for (const journey of journeys) {
    if (!isOwn(journey) && journey.id !== selected) continue;
    for (const { id, name, kind, position } of journey.markers ?? []) {
      features.push(feature('Point', position, { ...commonProperties(journey), id, kind, label: name }));
    }
  }
  return collection(features);
}

/**
 * Returns three features for each encounter: the line between the two riders, and a point for each of them.
 *
 * @param {Encounter[]} encounters
 */
export function meetings(encounters) {
  return collection(encounters.flatMap(({ id, mine, theirs, label = '' }) => [
    feature('LineString', unwrap([mine, theirs]), { id, own: false, label: '' }),
    feature('Point', mine, { id, own: true, label: '' }),
    feature('Point', theirs, { id, own: false, label }),
  ]));
}

/**
 * Returns the bounds of journeys, or null if they have neither lines nor markers.
 *
 * @param {Journey[]} journeys
 */
export function boundsOfJourneys(journeys) {
  return boundsOf(journeys.flatMap(({ past, plan, today, markers: list = [] }) => [
    ...past,
    ...plan,
    ...list.map(({ position }) => [position]),
    ...(today ? [[today]] : []),
  ]));
}

/** @param {Journey} journey */
export function isOwn(journey) {
  return journey.colour ? journey.colour === 'own' : Boolean(journey.isOwn);
}

/** @param {Journey} journey */
function commonProperties(journey) {
  return { journey: journey.id, name: journey.name, own: isOwn(journey) };
}

/**
 * @param {string} type
 * @param {unknown} coordinates
 * @param {Properties} properties
 * @returns {Feature}
 */
export function feature(type, coordinates, properties) {
  return { type: 'Feature', properties, geometry: { type, coordinates } };
}

/**
 * @param {Feature[]} features
 * @returns {FeatureCollection}
 */
export function collection(features) {
  return { type: 'FeatureCollection', features };
}
