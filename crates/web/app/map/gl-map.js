/**
 * The map drawn by MapLibre. Its constructor throws where there is no WebGL 2.
 *
 * @import { StyleSpecification } from '../../vendor/maplibre-gl/maplibre-gl.mjs'
 * @import { Bounds, Position } from './geometry.js'
 * @import { Encounter, Journey } from './features.js'
 * @import { MapConfig } from './base-map.js'
 *
 * @typedef {object} Options
 * @property {'light' | 'dark'} theme
 * @property {string} language
 * @property {string} base
 * @property {MapConfig} config
 * @property {Record<string, string>} labels
 * @property {boolean} isMotionReduced
 * @property {(name: string, detail: object) => void} emit
 * @property {{ center: Position, zoom: number } | null} camera
 */
import { AttributionControl, Map as MapLibreMap, NavigationControl, addProtocol, setWorkerUrl }
  from '../../vendor/maplibre-gl/maplibre-gl.mjs';
import { Protocol } from '../../vendor/pmtiles.js';
import { baseMap } from './base-map.js';
import { lines, markers, meetings, selection, todays } from './features.js';
import { squareAround } from './geometry.js';
import { PIXEL_RATIO, drawImage } from './images.js';
import { MarkerDrag } from './marker-drag.js';
import { OTHERS, OTHERS_OPACITY, TARGETS, overlayLayers, overlaySources } from './overlay-style.js';
import { palettes } from './palette.js';

setWorkerUrl(new URL('../../vendor/maplibre-gl/maplibre-gl-worker.mjs', import.meta.url).href);
addProtocol('pmtiles', new Protocol().tile);

/** How far from a line or marker a click may be, in pixels. */
const TOLERANCE = 7;

export class GlMap {
  #map;
  #options;
  #drag;
  /** @type {Journey[]} */
  #journeys = [];
  /** @type {Encounter[]} */
  #encounters = [];
  /** @type {string | null} */
  #selected = null;
  #isDrawn = false;

  /**
   * @param {HTMLElement} container
   * @param {Options} options
   */
  constructor(container, options) {
    this.#options = options;
    const { labels, camera } = options;
    this.#map = new MapLibreMap({
      container,
      center: camera?.center ?? [10, 30],
      zoom: camera?.zoom ?? 1.2,
      maxZoom: 17,
      attributionControl: false,
      dragRotate: false,
      touchPitch: false,
      pitchWithRotate: false,
      fadeDuration: options.isMotionReduced ? 0 : 200,
      locale: {
        'Map.Title': labels.map,
        'NavigationControl.ZoomIn': labels.zoomIn,
        'NavigationControl.ZoomOut': labels.zoomOut,
        'AttributionControl.ToggleAttribution': labels.attribution,
      },
    });
    this.#map.touchZoomRotate.disableRotation();
    this.#map.keyboard.disableRotation();
    this.#map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
    this.#map.addControl(new AttributionControl(), 'bottom-right');
    this.#map.setMissingStyleImageResolver(async (name) => this.#addImage(name));
    this.#drag = new MarkerDrag(this.#map, (id, position) => options.emit('marker-move', { id, position }));
    this.#map.on('click', ({ point, lngLat }) => this.#click(point, lngLat.wrap().toArray()));
    this.#map.on('idle', () => options.emit('map-idle', {}));
    this.#map.on('mousemove', ({ point }) => this.#hover(point));
  }

  /** Loads the base map. The embedded world is shown if the operator's map can't be loaded. */
  async load() {
    const { config, base, language, theme } = this.#options;
    const palette = palettes[theme];
    const world = await baseMap(config, base, palette, language).catch((error) => {
      console.warn(`the configured map is unavailable: ${error.message}`);
      return baseMap({}, base, palette, language);
    });
    const style = {
      ...world,
      sources: { ...world.sources, ...overlaySources() },
      layers: [...world.layers, ...overlayLayers(palette)],
    };
    await new Promise((resolve) => {
      this.#map.once('style.load', resolve);
      this.#map.setStyle(/** @type {StyleSpecification} */ (/** @type {unknown} */ (style)), { diff: false });
    });
    this.#isDrawn = true;
  }

  /** @param {Journey[]} journeys */
  setJourneys(journeys) {
    this.#journeys = journeys;
    this.#setData('lines', lines(journeys));
    this.#setData('todays', todays(journeys));
    this.setSelected(this.#selected);
    this.#drag.reset();
  }

  /** @param {Encounter[]} encounters */
  setEncounters(encounters) {
    this.#encounters = encounters;
    this.#setData('encounters', meetings(encounters));
    this.setSelected(this.#selected);
  }

  /** @param {string | null} selected */
  setSelected(selected) {
    this.#selected = selected;
    this.#setData('markers', markers(this.#journeys, selected));
    this.#setData('selected', selection(this.#journeys, this.#encounters, selected));
    const isJourney = this.#journeys.some(({ id }) => id === selected);
    const opacity = isJourney ? OTHERS_OPACITY.besideSelected : OTHERS_OPACITY.alone;
    for (const layer of OTHERS) this.#map.setPaintProperty(layer, 'line-opacity', opacity);
  }

  /** @param {boolean} isEditable */
  setEditable(isEditable) {
    this.#drag.isEnabled = isEditable;
  }

  /**
   * @param {Bounds} bounds
   * @param {boolean} isAnimated
   */
  fit(bounds, isAnimated) {
    const padding = Math.min(48, this.#map.getContainer().clientWidth / 8);
    this.#map.fitBounds(bounds, { padding, maxZoom: 11, animate: isAnimated });
  }

  /**
   * @param {Position} position
   * @param {boolean} isAnimated
   */
  flyTo(position, isAnimated) {
    this.#map.flyTo({ center: position, zoom: Math.max(9, this.#map.getZoom()), animate: isAnimated });
  }

  camera() {
    const { lng, lat } = this.#map.getCenter();
    return { center: /** @type {Position} */ ([lng, lat]), zoom: this.#map.getZoom() };
  }

  remove() {
    const container = this.#map.getContainer();
    this.#map.remove();
    container.remove();
  }

  /**
   * @param {string} source
   * @param {object} data
   */
  #setData(source, data) {
    /** @type {any} */ (this.#map.getSource(source)).setData(data);
  }

  /** @param {string} name */
  #addImage(name) {
    const image = drawImage(name, palettes[this.#options.theme]);
    if (image && !this.#map.hasImage(name)) this.#map.addImage(name, image, { pixelRatio: PIXEL_RATIO });
  }

  /**
   * @param {{ x: number, y: number }} point
   * @param {[number, number]} position
   */
  #click(point, position) {
    const target = this.#targetAt(point);
    if (target) this.#options.emit(target.event, { id: target.id });
    else this.#options.emit('map-click', { position });
  }

  /** @param {{ x: number, y: number }} point */
  #hover(point) {
    const target = this.#targetAt(point);
    const canvas = this.#map.getCanvas();
    canvas.style.cursor = target ? 'pointer' : '';
    canvas.title = target?.name ?? '';
  }

  /**
   * Returns what is nearest to the eye at a point.
   *
   * @param {{ x: number, y: number }} point
   */
  #targetAt(point) {
    if (!this.#isDrawn) return null;
    const layers = Object.keys(TARGETS);
    const found = this.#map.queryRenderedFeatures(squareAround(point, TOLERANCE), { layers });
    for (const [layer, { key, event }] of Object.entries(TARGETS)) {
      const feature = found.find((one) => one.layer.id === layer);
      if (feature) {
        const { label, name } = feature.properties;
        return { event, id: feature.properties[key], name: label || name };
      }
    }
    return null;
  }
}
