/**
 * Moves a marker of the rider's own journeys with mouse or finger.
 *
 * @import { Map as MapLibreMap } from '../../vendor/maplibre-gl/maplibre-gl.mjs'
 * @import { MapMouseEvent, MapTouchEvent } from '../../vendor/maplibre-gl/maplibre-gl.mjs'
 * @import { Properties } from './features.js'
 * @import { Position } from './geometry.js'
 */
import { collection, feature, nothing } from './features.js';
import { squareAround } from './geometry.js';

/** How far from a marker a drag may begin, in pixels. Fingers cover more than a mouse. */
const TOLERANCE = { mouse: 6, touch: 16 };

/** @typedef {{ id: string, properties: Properties, position: Position | null }} Dragged */

export class MarkerDrag {
  #map;
  #onMove;
  /** @type {Dragged | null} */
  #dragged = null;
  isEnabled = false;

  /**
   * @param {MapLibreMap} map
   * @param {(id: string, position: Position) => void} onMove Called when a marker was dropped somewhere else.
   */
  constructor(map, onMove) {
    this.#map = map;
    this.#onMove = onMove;
    map.on('mousedown', (event) => this.#start(event, TOLERANCE.mouse));
    map.on('touchstart', (event) => this.#start(event, TOLERANCE.touch));
    map.on('mousemove', (event) => this.#move(event));
    map.on('touchmove', (event) => this.#move(event));
    map.on('mouseup', () => this.#end());
    map.on('touchend', () => this.#end());
    map.on('touchcancel', () => this.reset());
  }

  /** Shows all markers where the journeys have them. */
  reset() {
    this.#dragged = null;
    this.#show(null);
  }

  /**
   * @param {MapMouseEvent | MapTouchEvent} event
   * @param {number} tolerance
   */
  #start(event, tolerance) {
    const isOneFinger = !('points' in event) || event.points.length === 1;
    if (!this.isEnabled || !isOneFinger) return;
    const [found] = this.#map
      .queryRenderedFeatures(squareAround(event.point, tolerance), { layers: ['moved', 'markers'] })
      .filter(({ properties }) => properties.own);
    if (!found) return;
    // Keeps the map from moving along.
    event.preventDefault();
    // A copy, because MapLibre can't send its own object to the worker again.
    this.#dragged = { id: found.properties.id, properties: { ...found.properties }, position: null };
  }

  /** @param {MapMouseEvent | MapTouchEvent} event */
  #move(event) {
    if (!this.#dragged) return;
    const { originalEvent } = event;
    // The button was released outside the window.
    if ('buttons' in originalEvent && originalEvent.buttons === 0) return this.#end();
    const { lng, lat } = event.lngLat.wrap();
    this.#dragged.position = [lng, lat];
    this.#show(this.#dragged);
  }

  #end() {
    const dragged = this.#dragged;
    this.#dragged = null;
    // The marker stays where it was dropped until the app sets the journeys anew.
    if (dragged?.position) this.#onMove(dragged.id, dragged.position);
  }

  /** @param {Dragged | null} dragged */
  #show(dragged) {
    const others = /** @type {any} */ (dragged && ['!=', ['get', 'id'], dragged.id]);
    for (const layer of ['markers', 'marker-labels']) this.#map.setFilter(layer, others);
    const point = dragged && feature('Point', dragged.position, dragged.properties);
    /** @type {any} */ (this.#map.getSource('moved')).setData(point ? collection([point]) : nothing());
  }
}
