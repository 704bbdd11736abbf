/**
 * `<kairos-map>`: a map of journeys and encounters.
 *
 * Properties: `journeys` and `encounters` (see map/features.js; a new array for each change), `selected` (id
 * of a journey, marker or encounter, or null), `editable` (markers of own journeys can be dragged), `labels`
 * (translated texts: `map`, `zoomIn`, `zoomOut`, `attribution`, `drop`), `language`, `theme` (`light`, `dark`
 * or `auto`), `base` (URL prefix of the tile archives, with a slash at its end), `mapConfig` (see
 * map/base-map.js).
 *
 * Methods: `fit(bbox | journeyId)` shows bounds as in RFC 7946, or a journey; without an argument, all
 * journeys. `flyTo(position)`.
 *
 * Events, all of which bubble: `map-click` {position}, `marker-move` {id, position}, `marker-select` {id},
 * `journey-select` {id}, `encounter-select` {id}, `file-drop` {file}, `map-ready`, `map-idle` (all is drawn).
 * A marker that was moved stays where it was dropped until `journeys` is set.
 *
 * Everything on the map should be in a list beside it, for keyboards and screen readers.
 *
 * @import { PropertyValues } from '../../vendor/lit.js'
 * @import { Position } from '../map/geometry.js'
 * @import { Encounter, Journey } from '../map/features.js'
 * @import { MapConfig } from '../map/base-map.js'
 * @import { GlMap } from '../map/gl-map.js'
 * @import { SvgMap } from '../map/svg-map.js'
 *
 * @typedef {(map: GlMap | SvgMap, isAnimated: boolean) => void} View
 */
import { LitElement, html } from '../../vendor/lit.js';
import { boundsOfJourneys } from '../map/features.js';
import { boundsOfBbox } from '../map/geometry.js';
import { styles } from '../map/styles.js';

/** @type {boolean | undefined} Asked once, because browsers allow few WebGL contexts at a time. */
let hasWebGl;

const STYLESHEET = new URL('../../vendor/maplibre-gl/maplibre-gl.css', import.meta.url).href;
const TILES = new URL('../../map/', import.meta.url).href;
const LABELS = {
  map: 'Map',
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  attribution: 'Show the sources of the map',
  drop: 'Drop the file to import it',
};

/**
 * Properties that a drawn map can't change.
 *
 * @type {(keyof KairosMap)[]}
 */
const NEEDS_NEW_MAP = ['labels', 'language', 'theme', 'base', 'mapConfig'];

export class KairosMap extends LitElement {
  static styles = styles;

  static properties = {
    journeys: { attribute: false },
    encounters: { attribute: false },
    selected: {},
    editable: { type: Boolean },
    labels: { attribute: false, hasChanged: differs },
    language: {},
    theme: {},
    base: {},
    mapConfig: { attribute: false, hasChanged: differs },
    isDropTarget: { state: true },
  };

  /** @type {GlMap | SvgMap | null} */
  #map = null;
  /** Counts the maps that were begun, so that one that loads slowly doesn't replace its successor. */
  #generation = 0;
  /** @type {View | null} The view that was asked for before there was a map. */
  #view = null;
  #dark = matchMedia('(prefers-color-scheme: dark)');
  #motion = matchMedia('(prefers-reduced-motion: reduce)');

  constructor() {
    super();
    /** @type {Journey[]} */
    this.journeys = [];
    /** @type {Encounter[]} */
    this.encounters = [];
    /** @type {string | null} */
    this.selected = null;
    this.editable = false;
    /** @type {Partial<typeof LABELS>} */
    this.labels = {};
    this.language = document.documentElement.lang || navigator.language;
    /** @type {'light' | 'dark' | 'auto'} */
    this.theme = 'auto';
    this.base = TILES;
    /** @type {MapConfig} */
    this.mapConfig = {};
    this.isDropTarget = false;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#dark.addEventListener('change', this.#onColourScheme);
    if (this.hasUpdated) this.#rebuild();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#dark.removeEventListener('change', this.#onColourScheme);
    this.#generation += 1;
    this.#map?.remove();
    this.#map = null;
  }

  render() {
    return html`
      <link rel="stylesheet" href=${STYLESHEET}>
      <div id="map" @dragover=${this.#onDragOver} @dragleave=${this.#onDragLeave} @drop=${this.#onDrop}></div>
      ${this.isDropTarget ? html`<p class="drop" part="drop">${this.labels.drop ?? LABELS.drop}</p>` : null}`;
  }

  /** @param {PropertyValues<KairosMap>} changed */
  updated(changed) {
    if (!this.isConnected) return;
    if (NEEDS_NEW_MAP.some((name) => changed.has(name))) {
      this.#rebuild();
      return;
    }
    const map = this.#map;
    if (!map) return;
    if (changed.has('journeys')) map.setJourneys(this.journeys);
    if (changed.has('encounters')) map.setEncounters(this.encounters);
    if (changed.has('selected')) map.setSelected(this.selected);
    if (changed.has('editable')) map.setEditable(this.editable);
  }

  /** @param {readonly number[] | string} [target] */
  fit(target) {
    this.#show((map, isAnimated) => {
      const bounds = Array.isArray(target)
        ? boundsOfBbox(target)
        : boundsOfJourneys(this.journeys.filter(({ id }) => target === undefined || id === target));
      if (bounds) map.fit(bounds, isAnimated);
    });
  }

  /** @param {Position} position */
  flyTo(position) {
    this.#show((map, isAnimated) => map.flyTo(position, isAnimated));
  }

  /** @param {View} view */
  #show(view) {
    if (this.#map && !this.isUpdatePending) view(this.#map, !this.#motion.matches);
    else this.#view = view;
  }

  async #rebuild() {
    this.#generation += 1;
    const generation = this.#generation;
    const isDark = this.theme === 'auto' ? this.#dark.matches : this.theme === 'dark';
    const container = document.createElement('div');
    container.classList.toggle('dark', isDark);
    // Until it takes the place of the map before, nobody can reach it.
    container.inert = true;
    this.renderRoot.querySelector('#map')?.append(container);
    const map = await create(container, {
      theme: isDark ? /** @type {const} */ ('dark') : 'light',
      language: this.language,
      base: this.base,
      config: this.mapConfig,
      labels: { ...LABELS, ...this.labels },
      isMotionReduced: this.#motion.matches,
      emit: (name, detail) => this.#emit(name, detail),
      camera: this.#map?.camera() ?? null,
    });
    await map.load();
    if (generation !== this.#generation) {
      map.remove();
      return;
    }
    // The map before stays visible until its successor is there.
    const isFirst = !this.#map;
    this.#map?.remove();
    this.#map = null;
    container.inert = false;
    map.setJourneys(this.journeys);
    map.setEncounters(this.encounters);
    map.setSelected(this.selected);
    map.setEditable(this.editable);
    // Views that listeners ask for are where the map begins, not where it flies to.
    if (isFirst) this.#emit('map-ready', {});
    this.#map = map;
    this.#view?.(map, false);
    this.#view = null;
  }

  /**
   * @param {string} name
   * @param {object} detail
   */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  #onColourScheme = () => {
    if (this.theme === 'auto') this.#rebuild();
  };

  #onDragOver = (/** @type {DragEvent} */ event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    this.isDropTarget = true;
  };

  #onDragLeave = () => {
    this.isDropTarget = false;
  };

  #onDrop = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    this.isDropTarget = false;
    const [file] = event.dataTransfer?.files ?? [];
    if (file) this.#emit('file-drop', { file });
  };
}

/**
 * Compares by content, so that an equal object, made anew by each rendering of the app, needs no new map.
 *
 * @param {unknown} one
 * @param {unknown} other
 */
function differs(one, other) {
  return JSON.stringify(one) !== JSON.stringify(other);
}

/**
 * Returns a map by MapLibre, or a drawing where there is no WebGL 2. MapLibre is loaded only where it works.
 *
 * @param {HTMLElement} container
 * @param {import('../map/gl-map.js').Options} options
 */
async function create(container, options) {
  hasWebGl ??= document.createElement('canvas').getContext('webgl2') !== null;
  if (hasWebGl) {
    try {
      const { GlMap } = await import('../map/gl-map.js');
      return new GlMap(container, options);
    } catch (error) {
      console.warn('the map is drawn without WebGL', error);
      container.replaceChildren();
    }
  }
  const { SvgMap } = await import('../map/svg-map.js');
  return new SvgMap(container, options);
}

customElements.define('kairos-map', KairosMap);
