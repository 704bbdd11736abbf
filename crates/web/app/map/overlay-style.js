/**
 * Layers of journeys and encounters, above any base map. Their labels are images (see images.js), so that
 * they need no glyphs and show names in all scripts.
 *
 * @import { Palette } from './palette.js'
 */
import { byZoom } from './base-style.js';
import { nothing } from './features.js';

/**
 * Sources of the overlay. `selected` has what is selected once more, to be drawn above all others; `moved` is
 * the marker under the pointer.
 */
const SOURCES = ['lines', 'selected', 'markers', 'todays', 'encounters', 'moved'];

/** How much other riders' journeys are seen, alone and beside a selected one. */
export const OTHERS_OPACITY = { alone: 0.9, besideSelected: 0.35 };

/** Layers of other riders' journeys. */
export const OTHERS = ['other-plan', 'other-past'];

const IS_OWN = ['get', 'own'];
const IS_OTHER = ['!', IS_OWN];
const IS_LINE = ['in', ['geometry-type'], ['literal', ['LineString', 'MultiLineString']]];
const IS_POINT = ['==', ['geometry-type'], 'Point'];

/** Layers whose features can be selected, the uppermost first, with the property of the id and the event. */
export const TARGETS = {
  moved: { key: 'id', event: 'marker-select' },
  markers: { key: 'id', event: 'marker-select' },
  'encounter-ends': { key: 'id', event: 'encounter-select' },
  'encounter-lines': { key: 'id', event: 'encounter-select' },
  todays: { key: 'journey', event: 'journey-select' },
  'selected-past': { key: 'journey', event: 'journey-select' },
  'selected-plan': { key: 'journey', event: 'journey-select' },
  'own-past': { key: 'journey', event: 'journey-select' },
  'own-plan': { key: 'journey', event: 'journey-select' },
  'other-past': { key: 'journey', event: 'journey-select' },
  'other-plan': { key: 'journey', event: 'journey-select' },
};

export function overlaySources() {
  const source = { type: 'geojson', data: nothing(), tolerance: 0.5 };
  return Object.fromEntries(SOURCES.map((name) => [name, { ...source }]));
}

/** @param {Palette} palette */
export function overlayLayers(palette) {
  const { own, other, halo, text } = palette;
  const colour = ['case', IS_OWN, own, other];
  return [
    ...lineLayers(palette),
    {
      id: 'encounter-lines',
      source: 'encounters',
      type: 'line',
      filter: IS_LINE,
      paint: { 'line-color': text, 'line-width': 2, 'line-dasharray': [0.1, 2] },
      layout: { 'line-cap': 'round' },
    },
    {
      id: 'encounter-ends',
      source: 'encounters',
      type: 'circle',
      filter: IS_POINT,
      paint: {
        'circle-radius': 10,
        'circle-color': colour,
        'circle-opacity': 0.25,
        'circle-stroke-color': colour,
        'circle-stroke-width': 2,
      },
    },
    markerLayer('markers', palette),
    {
      id: 'todays',
      source: 'todays',
      type: 'circle',
      layout: { 'circle-sort-key': ['case', IS_OWN, 1, 0] },
      paint: {
        'circle-radius': byZoom([1, 3.5], [4, 4.5], [8, 8]),
        'circle-color': colour,
        'circle-stroke-color': halo,
        'circle-stroke-width': byZoom([1, 1], [8, 2.5]),
      },
    },
    markerLayer('moved', palette),
    {
      id: 'selected-rings',
      source: 'selected',
      type: 'circle',
      filter: IS_POINT,
      paint: {
        'circle-radius': 13,
        'circle-opacity': 0,
        'circle-stroke-color': colour,
        'circle-stroke-width': 3,
      },
    },
    // The label that is placed first stays, and layers are placed from the last to the first.
    label('marker-labels', 'markers', { minzoom: 8 }),
    label('other-labels', 'todays', { minzoom: 6, filter: IS_OTHER }),
    label('own-labels', 'todays', { filter: IS_OWN }),
    label('selected-labels', 'selected', { filter: IS_POINT }),
    label('encounter-labels', 'encounters', {}),
  ];
}

/** @param {Palette} palette */
function lineLayers({ own, other, halo }) {
  const layout = { 'line-join': 'round', 'line-cap': 'round' };
  /**
   * Past lines are solid, planned ones dashed. Dashes have no round caps, which would close the gaps.
   *
   * @type {(prefix: string, source: string, which: unknown[], paint: object) => object[]}
   */
  const pair = (prefix, source, which, paint) => [
    { kind: 'plan', ends: { 'line-cap': 'butt' }, dashes: { 'line-dasharray': [2.2, 1.4] } },
    { kind: 'past', ends: {}, dashes: {} },
  ].map(({ kind, ends, dashes }) => ({
    id: `${prefix}-${kind}`,
    source,
    type: 'line',
    filter: ['all', which, ['==', ['get', 'kind'], kind]],
    layout: { ...layout, ...ends },
    paint: { 'line-color': ['case', IS_OWN, own, other], ...paint, ...dashes },
  }));
  /** @type {(id: string, source: string, which: unknown[], width: unknown[]) => object} */
  const casing = (id, source, which, width) => ({
    id,
    source,
    type: 'line',
    filter: which,
    layout,
    paint: { 'line-color': halo, 'line-width': width },
  });
  return [
    ...pair('other', 'lines', IS_OTHER, {
      'line-width': byZoom([2, 1], [6, 2.2], [12, 4]),
      'line-opacity': OTHERS_OPACITY.alone,
    }),
    casing('own-casing', 'lines', IS_OWN, byZoom([2, 3], [6, 5], [12, 8])),
    ...pair('own', 'lines', IS_OWN, { 'line-width': byZoom([2, 1.5], [6, 2.8], [12, 4.5]) }),
    casing('selected-casing', 'selected', IS_LINE, byZoom([2, 5], [6, 7.5], [12, 11])),
    ...pair('selected', 'selected', IS_LINE, { 'line-width': byZoom([2, 2.5], [6, 4], [12, 6]) }),
  ];
}

/**
 * Past markers are filled, planned ones are rings.
 *
 * @param {'markers' | 'moved'} source
 * @param {Palette} palette
 */
function markerLayer(source, { own, other, halo }) {
  const colour = ['case', IS_OWN, own, other];
  const isPast = ['==', ['get', 'kind'], 'past'];
  return {
    id: source,
    source,
    type: 'circle',
    minzoom: 3,
    paint: {
      'circle-radius': byZoom([3, 2], [6, 4], [10, 7]),
      'circle-color': ['case', isPast, colour, halo],
      'circle-stroke-color': ['case', isPast, halo, colour],
      'circle-stroke-width': byZoom([3, 1], [6, 1.5], [10, 2.5]),
    },
  };
}

/**
 * @param {string} id
 * @param {string} source
 * @param {{ minzoom?: number, filter?: unknown[] }} options
 */
function label(id, source, options) {
  return {
    id,
    source,
    type: 'symbol',
    ...options,
    layout: {
      'icon-image': ['case', ['==', ['get', 'label'], ''], '', ['concat', 'label:', ['get', 'label']]],
      'icon-anchor': 'bottom',
      'icon-offset': [0, -9],
      'icon-padding': 2,
    },
  };
}
