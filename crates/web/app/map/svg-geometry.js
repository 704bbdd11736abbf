/**
 * Paths and views of the SVG drawing, in units of the Web Mercator plane.
 *
 * @import { Bounds, Position } from './geometry.js'
 * @import { Feature } from './features.js'
 */
import { project } from './geometry.js';

const MAX_FITTED_ZOOM = 11;

/**
 * Returns the path of a point or of lines.
 *
 * @param {Feature} feature
 */
export function pathOf({ geometry: { type, coordinates } }) {
  if (type === 'Point') return path([/** @type {Position} */ (coordinates)]) + 'h0';
  const lines = /** @type {Position[][]} */ (type === 'LineString' ? [coordinates] : coordinates);
  return lines.map(path).join('');
}

/**
 * Returns the path of the rings in outline.json: longitude, latitude, … in 1/100 degree.
 *
 * @param {number[][]} rings
 */
export function landPath(rings) {
  return rings.map((numbers) => {
    /** @type {Position[]} */
    const ring = [];
    for (let index = 0; index + 1 < numbers.length; index += 2) {
      ring.push([(numbers[index] ?? 0) / 100, (numbers[index + 1] ?? 0) / 100]);
    }
    // Rings are closed and don't cross the antimeridian, but Antarctica runs along it.
    return `${path(ring)}Z`;
  }).join('');
}

/** @param {Position[]} line */
function path(line) {
  return line.map((position, index) => {
    const [x, y] = project(position);
    return `${index ? 'L' : 'M'}${x.toFixed(7)} ${y.toFixed(7)}`;
  }).join('');
}

/**
 * Returns the center and the zoom at which bounds fill a size in pixels, less a margin.
 *
 * @param {Bounds} bounds
 * @param {[number, number]} size
 * @returns {{ center: [number, number], zoom: number }}
 */
export function cameraOf([west, south, east, north], [width, height]) {
  const [left, bottom] = project([west, south]);
  const [right, top] = project([east, north]);
  const margin = Math.min(48, width / 8);
  const scale = Math.min((width - 2 * margin) / (right - left), (height - 2 * margin) / (bottom - top));
  const zoom = Math.min(MAX_FITTED_ZOOM, Math.log2(scale / 512));
  return { center: [(left + right) / 2 % 1, (top + bottom) / 2], zoom: Math.max(0, zoom) };
}
