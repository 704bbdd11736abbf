import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundsOf, boundsOfBbox, nearestTurn, project, unproject, unwrap } from '../app/map/geometry.js';

test('a line across the antimeridian goes on beyond 180 degrees', () => {
  const line = unwrap([[170, -20], [179.5, -18], [-179, -17], [-170, -10]]);
  assert.deepEqual(line, [[170, -20], [179.5, -18], [181, -17], [190, -10]]);
});

test('a line across the antimeridian to the west goes on below −180 degrees', () => {
  assert.deepEqual(unwrap([[-179, 0], [179, 1], [170, 2]]), [[-179, 0], [-181, 1], [-190, 2]]);
});

test('a line that crosses the antimeridian twice comes back', () => {
  assert.deepEqual(unwrap([[179, 0], [-179, 0], [179, 0]]), [[179, 0], [181, 0], [179, 0]]);
});

test('a line that stays on one side is not changed', () => {
  const line = /** @type {[number, number][]} */ ([[-2.2, 47.3], [0, 48], [28.6, 44.2]]);
  assert.deepEqual(unwrap(line), line);
  assert.deepEqual(unwrap([]), []);
});

test('the nearest turn may be several turns away', () => {
  assert.equal(nearestTurn(-179, 541), 541);
  assert.equal(nearestTurn(10, -700), -710);
});

test('bounds enclose all lines', () => {
  assert.deepEqual(boundsOf([[[8, 46], [9, 47]], [[-2, 50]], [[3, 40], [4, 41]]]), [-2, 40, 9, 50]);
});

test('bounds of lines on both sides of the antimeridian cross it', () => {
  assert.deepEqual(boundsOf([[[170, -40]], [[-175, -10]]]), [170, -40, 185, -10]);
  assert.deepEqual(boundsOf([[[175, -40], [-175, -10]], [[160, 0], [165, 1]]]), [160, -40, 185, 1]);
});

test('bounds of lines around the world are the world', () => {
  assert.deepEqual(boundsOf([[[-180, 0], [-60, 1], [60, 2], [180, 3]]]), [-180, 0, 180, 3]);
  assert.deepEqual(boundsOf([[[-170, 0], [-60, 1], [60, 2], [170, 3], [-160, 4]]]), [-180, 0, 180, 4]);
});

test('there are no bounds without positions', () => {
  assert.equal(boundsOf([]), null);
  assert.equal(boundsOf([[]]), null);
});

test('a bbox whose west is greater than its east crosses the antimeridian', () => {
  assert.deepEqual(boundsOfBbox([170, -40, -175, -10]), [170, -40, 185, -10]);
  assert.deepEqual(boundsOfBbox([7, 46, 9, 48]), [7, 46, 9, 48]);
});

test('the Web Mercator plane is a square from 0 to 1', () => {
  assert.deepEqual(project([0, 0]), [0.5, 0.5]);
  const [x, y] = project([-180, 85.0511287798066]);
  assert.equal(x, 0);
  assert.ok(Math.abs(y) < 1e-12);
  assert.ok(Math.abs(project([0, -90])[1] - 1) < 1e-12, 'the pole is at the edge');
});

test('a projected position comes back', () => {
  for (const position of /** @type {[number, number][]} */ ([[8.96, 46.01], [-179.9, -60], [120, 84]])) {
    const [longitude, latitude] = unproject(project(position));
    assert.ok(Math.abs(longitude - position[0]) < 1e-9 && Math.abs(latitude - position[1]) < 1e-9);
  }
});

test('a point of the next copy of the world has a longitude from −180 to 180', () => {
  assert.ok(Math.abs(unproject([1.25, 0.5])[0] + 90) < 1e-9);
});
