import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { countryName } from '../app/map/country-names.js';
import { feature } from '../app/map/features.js';
import { project } from '../app/map/geometry.js';
import { cameraOf, landPath, pathOf } from '../app/map/svg-geometry.js';

test('a point is a line without length, which keeps its size when it is scaled', () => {
  assert.equal(pathOf(feature('Point', [0, 0], {})), 'M0.5000000 0.5000000h0');
});

test('each line of a feature begins anew', () => {
  const path = pathOf(feature('MultiLineString', [[[0, 0], [180, 0]], [[-180, 0], [0, 0]]], {}));
  assert.equal(path, 'M0.5000000 0.5000000L1.0000000 0.5000000M0.0000000 0.5000000L0.5000000 0.5000000');
});

test('the outline of land is closed rings', async () => {
  const rings = JSON.parse(await readFile(new URL('../app/map/outline.json', import.meta.url), 'utf8'));
  const path = landPath(rings);
  assert.equal(path.match(/Z/g)?.length, rings.length);
  assert.doesNotMatch(path, /NaN|undefined/);
});

test('bounds fill the drawing, less a margin', () => {
  const { center, zoom } = cameraOf([0, 40, 20, 50], [1096, 2000]);
  assert.deepEqual(center[0], project([10, 0])[0]);
  // 20 of 360 degrees fill 1 000 pixels.
  assert.ok(Math.abs(512 * 2 ** zoom * 20 / 360 - 1000) < 1e-6);
});

test('bounds of a point are not the smallest thing that can be drawn', () => {
  assert.equal(cameraOf([8, 46, 8, 46], [400, 400]).zoom, 11);
});

test('bounds across the antimeridian are in the middle of the drawing', () => {
  const { center } = cameraOf([170, -10, 190, 10], [400, 400]);
  assert.ok(Math.abs(center[0] - 0) < 1e-9 || Math.abs(center[0] - 1) < 1e-9);
});

test('countries have names in the language of the reader', () => {
  const german = countryName('de');
  assert.equal(german[german.indexOf('DE') + 1], 'Deutschland');
  assert.equal(german[german.indexOf('GB') + 1], 'Vereinigtes Königreich');
  assert.deepEqual(german.at(-1), ['get', 'name']);
});

test('countries have English names where MapLibre can not join the letters', () => {
  assert.deepEqual(countryName('ar'), ['get', 'name']);
});
