/**
 * The style of the embedded world: land, water, borders, countries and towns. It has no `glyphs`, so that
 * MapLibre draws labels with the fonts of the device.
 *
 * @import { Palette } from './palette.js'
 */
import { countryName } from './country-names.js';

const TEXT = ['sans-serif'];
/** MapLibre reads the weight from the first name of a list. No font has this name. */
const SEMIBOLD_TEXT = ['Kairos Semibold', 'sans-serif'];

/**
 * Returns the sources of the embedded world.
 *
 * @param {string} base URL prefix of the tile archives.
 */
export function baseSources(base) {
  const archive = (/** @type {string} */ name) => `pmtiles://${new URL(base + name, document.baseURI)}`;
  return {
    world: {
      type: 'vector',
      url: archive('world.pmtiles'),
      attribution: '<a href="https://www.naturalearthdata.com">Natural Earth</a>',
    },
    towns: {
      type: 'vector',
      url: archive('towns.pmtiles'),
      attribution: '© <a href="https://www.geonames.org">GeoNames</a>',
    },
  };
}

/**
 * @param {Palette} palette
 * @param {string} language
 */
export function baseLayers(palette, language) {
  return [...areas(palette), ...edges(palette), ...towns(palette), ...countries(palette, language)];
}

/** @param {Palette} palette */
function areas({ water, land }) {
  return [
    { id: 'water', type: 'background', paint: { 'background-color': water } },
    world('land', 'fill', { 'fill-color': land, 'fill-antialias': false }),
    world('lakes', 'fill', { 'fill-color': water }),
  ];
}

/** @param {Palette} palette */
function edges({ coast, river, border }) {
  const borderWidth = byZoom([1, 0.5], [4, 0.9], [8, 1.6]);
  return [
    // Rivers are generalised for 1:50 million. They fade out where this shows.
    world('rivers', 'line', {
      'line-color': river,
      'line-width': byZoom([2, 0.5], [6, 1.4], [9, 2.4]),
      'line-opacity': byZoom([8, 1], [10.5, 0.25]),
    }, { layout: { 'line-join': 'round', 'line-cap': 'round' } }),
    world('land', 'line', { 'line-color': coast, 'line-width': byZoom([0, 0.4], [6, 1], [10, 1.4]) }, {
      id: 'coast',
    }),
    world('lakes', 'line', { 'line-color': coast, 'line-width': byZoom([3, 0.3], [8, 1]) }, {
      id: 'lake-shores',
      minzoom: 3,
    }),
    world('borders', 'line', { 'line-color': border, 'line-width': borderWidth }, {
      filter: ['!', ['has', 'disputed']],
      layout: { 'line-join': 'round' },
    }),
    world('borders', 'line', { 'line-color': border, 'line-width': borderWidth, 'line-dasharray': [3, 2] }, {
      id: 'disputed-borders',
      filter: ['has', 'disputed'],
    }),
  ];
}

/** @param {Palette} palette */
function towns({ town, halo }) {
  /** A town's rank is from 1 for a million inhabitants to 7 for less than 3 000. */
  const sizeByRank = (/** @type {number} */ largest, /** @type {number} */ smallest) =>
    ['interpolate', ['linear'], ['get', 'rank'], 1, largest, 7, smallest];
  const layer = {
    type: 'symbol',
    source: 'towns',
    'source-layer': 'towns',
    paint: { 'text-color': town, 'text-halo-color': halo, 'text-halo-width': 1.4 },
  };
  const layout = {
    'text-field': ['get', 'name'],
    'text-max-width': 8,
    'text-line-height': 1.1,
    'symbol-sort-key': ['-', ['get', 'rank'], ['case', ['has', 'capital'], 2, 0]],
  };
  return [
    {
      ...layer,
      id: 'towns',
      maxzoom: 9,
      layout: {
        ...layout,
        'text-font': ['step', ['get', 'rank'], ['literal', SEMIBOLD_TEXT], 4, ['literal', TEXT]],
        'text-size': ['interpolate', ['linear'], ['zoom'], 3, sizeByRank(12, 10), 8, sizeByRank(16, 11)],
        'text-padding': 4,
        'text-variable-anchor': ['left', 'right', 'top', 'bottom'],
        'text-radial-offset': 0.45,
        'text-justify': 'auto',
        'icon-image': ['case', ['has', 'capital'], 'capital', 'town'],
        'icon-size': ['interpolate', ['linear'], ['get', 'rank'], 1, 1, 7, 0.6],
      },
    },
    {
      ...layer,
      // Near by, the place of a name tells where the town is.
      id: 'near-towns',
      minzoom: 9,
      layout: {
        ...layout,
        'text-font': ['step', ['get', 'rank'], ['literal', SEMIBOLD_TEXT], 6, ['literal', TEXT]],
        'text-size': ['interpolate', ['linear'], ['zoom'], 9, sizeByRank(18, 11), 13, sizeByRank(28, 14)],
        'text-padding': 6,
      },
    },
  ];
}

/**
 * @param {Palette} palette
 * @param {string} language
 */
function countries({ country, halo }, language) {
  return [
    world('countries', 'symbol', { 'text-color': country, 'text-halo-color': halo, 'text-halo-width': 1.4 }, {
      maxzoom: 7.5,
      layout: {
        'text-field': countryName(language),
        'text-font': SEMIBOLD_TEXT,
        'text-size': [
          'interpolate', ['linear'], ['zoom'],
          1, ['interpolate', ['linear'], ['get', 'rank'], 2, 10, 6, 8.5],
          6, ['interpolate', ['linear'], ['get', 'rank'], 2, 18, 6, 12],
        ],
        'text-transform': 'uppercase',
        'text-letter-spacing': 0.1,
        'text-max-width': 7,
        'text-padding': 6,
        'symbol-sort-key': ['get', 'rank'],
      },
    }),
  ];
}

/**
 * Returns a layer of the source `world`.
 *
 * @param {string} name
 * @param {string} type
 * @param {object} paint
 * @param {object} [others]
 */
function world(name, type, paint, others = {}) {
  return { id: name, type, source: 'world', 'source-layer': name, paint, ...others };
}

/** @param {[number, number][]} stops */
export function byZoom(...stops) {
  return ['interpolate', ['linear'], ['zoom'], ...stops.flat()];
}
