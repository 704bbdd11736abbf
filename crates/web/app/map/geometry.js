/**
 * Positions, lines and bounds on a sphere, drawn on a plane.
 *
 * @typedef {[number, number]} Position Longitude and latitude in degrees.
 * @typedef {[number, number, number, number]} Bounds West, south, east and north. East is 180 or more where
 *   the
 *   bounds cross the antimeridian.
 */

/** The latitude at which a world map in the Web Mercator projection is a square. */
const LATITUDE_LIMIT = 85.0511287798066;

/**
 * Shifts longitudes by whole turns, so that each is within 180 degrees of the one before. Without this, a
 * line across the antimeridian is drawn around the world.
 *
 * @param {Position[]} line
 * @returns {Position[]}
 */
export function unwrap(line) {
  let before = line[0]?.[0] ?? 0;
  return line.map(([longitude, latitude]) => {
    before = nearestTurn(longitude, before);
    return [before, latitude];
  });
}

/**
 * Returns the longitude, shifted by whole turns, that is nearest to another.
 *
 * @param {number} longitude
 * @param {number} other
 */
export function nearestTurn(longitude, other) {
  return longitude + 360 * Math.round((other - longitude) / 360);
}

/**
 * Returns the narrowest bounds of lines (a point is a line of one position), or null if there is no position.
 *
 * @param {Position[][]} lines
 * @returns {Bounds | null}
 */
export function boundsOf(lines) {
  let [south, north] = [Infinity, -Infinity];
  /** @type {[number, number][]} West and east of each line, with west from −180 to 180. */
  const spans = [];
  for (const line of lines) {
    let [west, east] = [Infinity, -Infinity];
    for (const [longitude, latitude] of unwrap(line)) {
      west = Math.min(west, longitude);
      east = Math.max(east, longitude);
      south = Math.min(south, latitude);
      north = Math.max(north, latitude);
    }
    if (west === Infinity) continue;
    const turn = west - (((west + 180) % 360) + 360) % 360 + 180;
    spans.push([west - turn, east - turn]);
  }
  const span = narrowest(spans);
  return span && [span[0], south, span[1], north];
}

/**
 * Returns the complement of the widest gap between spans of longitude, or null if there is no span.
 *
 * @param {[number, number][]} spans
 * @returns {[number, number] | null}
 */
function narrowest(spans) {
  const [first, ...others] = spans.sort(([a], [b]) => a - b);
  if (!first) return null;
  let [east, gap] = [first[1], -Infinity];
  let [gapStart, gapEnd] = [0, 0];
  for (const [start, end] of [...others, [first[0] + 360, first[0] + 360]]) {
    if (start - east > gap) {
      gap = start - east;
      [gapStart, gapEnd] = [east, start];
    }
    east = Math.max(east, end);
  }
  if (gap <= 0) return [-180, 180];
  // The bounds begin where the gap ends.
  return gapEnd > 180 ? [gapEnd - 360, gapStart] : [gapEnd, gapStart + 360];
}

/**
 * Returns bounds as RFC 7946 gives them, west greater than east across the antimeridian, with east after
 * west.
 *
 * @param {readonly number[]} bbox
 * @returns {Bounds}
 */
export function boundsOfBbox([west, south, east, north]) {
  return [west, south, east < west ? east + 360 : east, north];
}

/**
 * Returns the square around a point, as two of its corners.
 *
 * @param {{ x: number, y: number }} point
 * @param {number} distance
 * @returns {[[number, number], [number, number]]}
 */
export function squareAround({ x, y }, distance) {
  return [[x - distance, y - distance], [x + distance, y + distance]];
}

/**
 * Projects a position to the Web Mercator plane: the world is a square from 0 to 1, with y downwards.
 *
 * @param {Position} position
 * @returns {[number, number]}
 */
export function project([longitude, latitude]) {
  const limited = Math.max(-LATITUDE_LIMIT, Math.min(LATITUDE_LIMIT, latitude));
  const y = Math.asinh(Math.tan(limited * Math.PI / 180)) / Math.PI;
  return [(longitude + 180) / 360, (1 - y) / 2];
}

/**
 * Returns the position of a point of the Web Mercator plane, with a longitude from −180 to 180.
 *
 * @param {[number, number]} point
 * @returns {Position}
 */
export function unproject([x, y]) {
  const longitude = x * 360 - 180;
  return [nearestTurn(longitude, 0), Math.atan(Math.sinh((1 - 2 * y) * Math.PI)) * 180 / Math.PI];
}
