/**
 * The base map below the overlay: the embedded world, or what the operator has put in its place.
 *
 * @import { Palette } from './palette.js'
 *
 * @typedef {object} MapConfig
 * @property {string} [styleUrl] A style of MapLibre.
 * @property {string} [tilesUrl] Raster tiles, with `{z}`, `{x}` and `{y}`.
 * @property {string} [pmtilesUrl] A PMTiles archive of raster or vector tiles.
 * @property {string} [attribution]
 *
 * @typedef {{ sources: Record<string, object>, layers: object[] } & Record<string, unknown>} BaseMap
 */
import { PMTiles } from '../../vendor/pmtiles.js';
import { baseLayers, baseSources, byZoom } from './base-style.js';

/** Type of the tiles in a PMTiles archive that are vector tiles. All others are images. */
const VECTOR_TILES = 1;

/** Names of layers with water or land in the schemas of OpenMapTiles, Protomaps, Shortbread and this map. */
const WATER = /water|ocean|lake|sea|river/;
const LAND = /^(land|earth|landcover|landuse|park|wood|forest|green|sites)/;
const ROADS = /road|street|transport|path|track|rail|bridge|tunnel/;
const BORDERS = /border|boundar/;
const BUILDINGS = /building/;

/**
 * @param {MapConfig} config
 * @param {string} base URL prefix of the embedded tile archives.
 * @param {Palette} palette
 * @param {string} language
 * @returns {Promise<BaseMap>}
 */
export async function baseMap(config, base, palette, language) {
  const { styleUrl, tilesUrl, pmtilesUrl, attribution } = config;
  if (styleUrl) {
    const response = await fetch(styleUrl);
    if (!response.ok) throw new Error(`${styleUrl} answers with status ${response.status}`);
    return response.json();
  }
  if (tilesUrl) return raster({ tiles: [absolute(tilesUrl)], attribution }, palette);
  if (pmtilesUrl) return archive(absolute(pmtilesUrl), attribution, palette);
  return { version: 8, sources: baseSources(base), layers: baseLayers(palette, language) };
}

/**
 * Resolves a URL against the page, but leaves the braces of a template as they are.
 *
 * @param {string} url
 */
function absolute(url) {
  return new URL(url, document.baseURI).href.replaceAll('%7B', '{').replaceAll('%7D', '}');
}

/**
 * @param {object} source
 * @param {Palette} palette
 * @returns {BaseMap}
 */
function raster(source, { water }) {
  return {
    version: 8,
    sources: { base: { type: 'raster', tileSize: 256, ...source } },
    layers: [
      { id: 'background', type: 'background', paint: { 'background-color': water } },
      { id: 'base', type: 'raster', source: 'base' },
    ],
  };
}

/**
 * @param {string} url
 * @param {string | undefined} attribution
 * @param {Palette} palette
 * @returns {Promise<BaseMap>}
 */
async function archive(url, attribution, palette) {
  const file = new PMTiles(url);
  const [{ tileType }, metadata] = await Promise.all([file.getHeader(), file.getMetadata()]);
  const { vector_layers: layers = [], ...about } = /** @type {any} */ (metadata);
  const source = { url: `pmtiles://${url}`, attribution: attribution || about.attribution };
  if (tileType !== VECTOR_TILES) return raster(source, palette);
  return {
    version: 8,
    sources: { base: { type: 'vector', ...source } },
    layers: [
      { id: 'background', type: 'background', paint: { 'background-color': palette.land } },
      ...vectorLayers(layers.map((/** @type {{ id: string }} */ { id }) => id), palette),
    ],
  };
}

/**
 * Returns a style for vector tiles of any schema, by the names of their layers: water below roads below
 * names.
 *
 * @param {string[]} names
 * @param {Palette} palette
 */
export function vectorLayers(names, palette) {
  const { water, land, coast, river, border, town, halo } = palette;
  /** @type {(name: string, role: string, type: string, shape: string, others: object) => object} */
  const layer = (name, role, type, shape, others) => ({
    id: `${name}-${role}`,
    type,
    source: 'base',
    'source-layer': name,
    filter: ['==', ['geometry-type'], shape],
    ...others,
  });
  /** @type {(role: string, pattern: RegExp, paint: object) => object[]} */
  const areas = (role, pattern, paint) => names
    .filter((name) => pattern.test(name))
    .map((name) => layer(name, role, 'fill', 'Polygon', { paint }));
  /** @type {(role: string, pattern: RegExp, colour: string, width: unknown[]) => object[]} */
  const lines = (role, pattern, colour, width) => names
    .filter((name) => pattern.test(name))
    .map((name) => layer(name, role, 'line', 'LineString', { paint: { 'line-color': colour, 'line-width': width } }));
  return [
    ...areas('land', LAND, { 'fill-color': land }),
    ...areas('water', WATER, { 'fill-color': water }),
    ...lines('rivers', WATER, river, byZoom([6, 0.5], [14, 3])),
    ...areas('buildings', BUILDINGS, { 'fill-color': coast, 'fill-opacity': 0.4 }),
    ...lines('roads', ROADS, coast, byZoom([6, 0.4], [12, 1.5], [16, 5])),
    ...lines('borders', BORDERS, border, byZoom([1, 0.5], [8, 1.5])),
    ...names.map((name) => layer(name, 'names', 'symbol', 'Point', {
      layout: {
        'text-field': ['coalesce', ['get', 'name'], ['get', 'name:latin'], ''],
        'text-font': ['sans-serif'],
        'text-size': 12,
        'text-max-width': 8,
      },
      paint: { 'text-color': town, 'text-halo-color': halo, 'text-halo-width': 1.4 },
    })),
  ];
}
