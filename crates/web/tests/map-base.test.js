import assert from 'node:assert/strict';
import { test } from 'node:test';
import { vectorLayers } from '../app/map/base-map.js';
import { baseLayers } from '../app/map/base-style.js';
import { TARGETS, overlayLayers } from '../app/map/overlay-style.js';
import { palettes } from '../app/map/palette.js';

/** @param {object[]} layers */
const ids = (layers) => layers.map((layer) => /** @type {{ id: string }} */ (layer).id);

/** Layers of vector tiles in common schemas. */
const SCHEMAS = {
  OpenMapTiles: ['water', 'waterway', 'landcover', 'landuse', 'park', 'boundary', 'transportation', 'building', 'place'],
  Protomaps: ['earth', 'water', 'landuse', 'boundaries', 'roads', 'buildings', 'places'],
  Shortbread: ['ocean', 'water_polygons', 'water_lines', 'land', 'streets', 'boundaries', 'place_labels'],
  ours: ['land', 'lakes', 'rivers', 'borders', 'countries'],
};

for (const [schema, names] of Object.entries(SCHEMAS)) {
  test(`vector tiles of the schema ${schema} have land, water, borders, roads and names`, () => {
    const drawn = ids(vectorLayers(names, palettes.light));
    assert.equal(new Set(drawn).size, drawn.length);
    const roles = new Set(drawn.map((id) => id.split('-').at(-1)));
    for (const role of ['land', 'water', 'rivers', 'borders', 'names']) assert.ok(roles.has(role), `${role} in ${drawn}`);
    assert.equal(roles.has('roads'), schema !== 'ours');
  });
}

test('the overlay has no layer of the embedded world by the same name', () => {
  const all = ids([...baseLayers(palettes.dark, 'en'), ...overlayLayers(palettes.dark)]);
  assert.equal(new Set(all).size, all.length);
});

test('all layers that can be selected are in the overlay', () => {
  const overlay = ids(overlayLayers(palettes.light));
  assert.deepEqual(Object.keys(TARGETS).filter((layer) => !overlay.includes(layer)), []);
});

test('journeys and names stand out from land and water in both themes', () => {
  for (const palette of Object.values(palettes)) {
    for (const ground of [palette.land, palette.water]) {
      for (const [name, least] of /** @type {const} */ ([['own', 3], ['other', 3], ['text', 7], ['town', 4.5]])) {
        const contrast = contrastOf(palette[name], ground);
        assert.ok(contrast >= least, `${name} ${palette[name]} on ${ground}: ${contrast.toFixed(2)}`);
      }
    }
  }
});

/**
 * Returns the contrast ratio as WCAG 2.2 defines it.
 *
 * @param {string} one
 * @param {string} other
 */
function contrastOf(one, other) {
  const [lighter, darker] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

/** @param {string} colour */
function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((start) => {
    const value = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
