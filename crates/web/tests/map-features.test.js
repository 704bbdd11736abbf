import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundsOfJourneys, lines, markers, meetings, selection, todays } from '../app/map/features.js';

/** @type {import('../app/map/features.js').Journey} */
const own = {
  id: 'a',
  name: 'To Fiji',
  isOwn: true,
  past: [[[170, -36], [-179, -18]], [[1, 1]]],
  plan: [],
  today: [-179, -18],
  label: 'Ann',
  markers: [{ id: 'm', name: 'Suva', kind: 'past', position: [178, -18] }],
};
/** @type {import('../app/map/features.js').Journey} */
const other = {
  id: 'b',
  name: 'To Nice',
  past: [[[2, 48], [3, 47]]],
  plan: [[[3, 47], [7, 43]]],
  markers: [{ id: 'n', name: 'Nice', kind: 'plan', position: [7, 43] }],
};

test('past and plan are features of their own, unwrapped', () => {
  const { features } = lines([own, other]);
  assert.deepEqual(features.map(({ properties }) => [properties.journey, properties.kind, properties.own]), [
    ['a', 'past', true],
    ['b', 'past', false],
    ['b', 'plan', false],
  ]);
  const [past] = features;
  assert.deepEqual(past.geometry.coordinates, [[[170, -36], [181, -18]]], 'a single position is no line');
});

test('a colour says more than whose journey it is', () => {
  assert.equal(lines([{ ...other, colour: 'own' }]).features[0].properties.own, true);
  assert.equal(lines([{ ...own, colour: 'other' }]).features[0].properties.own, false);
});

test('markers of other riders are drawn only for the selected journey', () => {
  const ids = (/** @type {string | null} */ selected) =>
    markers([own, other], selected).features.map(({ properties }) => properties.id);
  assert.deepEqual(ids(null), ['m']);
  assert.deepEqual(ids('b'), ['m', 'n']);
});

test('only journeys that have a place today have a point for it', () => {
  assert.deepEqual(todays([own, other]).features.map(({ properties }) => properties.label), ['Ann']);
});

test('the selection is a journey, a marker or an encounter', () => {
  /** @type {import('../app/map/features.js').Encounter[]} */
  const encounters = [{ id: 'e', mine: [1, 1], theirs: [2, 2] }];
  const types = (/** @type {string | null} */ selected) =>
    selection([own, other], encounters, selected).features.map(({ geometry }) => geometry.type);
  assert.deepEqual(types('a'), ['MultiLineString', 'Point']);
  assert.deepEqual(types('m'), ['Point']);
  assert.deepEqual(types('e'), ['Point', 'Point']);
  assert.deepEqual(types('n'), [], 'a marker that is not drawn can not be selected');
  assert.deepEqual(types(null), []);
});

test('an encounter across the antimeridian is a short line', () => {
  const [line] = meetings([{ id: 'e', mine: [179.9, 0], theirs: [-179.9, 0] }]).features;
  assert.deepEqual(line.geometry.coordinates, [[179.9, 0], [180.1, 0]]);
});

test('the bounds of journeys enclose lines, markers and places of today', () => {
  assert.deepEqual(boundsOfJourneys([{ ...own, past: [[[170, -36], [175, -20]]] }]), [170, -36, 181, -18]);
  assert.equal(boundsOfJourneys([{ id: 'c', name: '', past: [], plan: [] }]), null);
});
