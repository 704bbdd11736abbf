/**
 * The map as an SVG drawing, for browsers without WebGL: outlines of land, lines and markers. It has the
 * methods and events of GlMap, but markers can't be dragged.
 *
 * Lines are drawn in units of the Web Mercator plane, and a transformation moves them to the screen. Points
 * are lines of no length with round ends, so that they keep their size when the drawing is scaled.
 *
 * @import { Bounds, Position } from './geometry.js'
 * @import { Encounter, Feature, Journey } from './features.js'
 * @import { Options } from './gl-map.js'
 */
import { html, render, svg } from '../../vendor/lit.js';
import { lines, markers, meetings, todays } from './features.js';
import { project, unproject } from './geometry.js';
import { palettes } from './palette.js';
import { cameraOf, landPath, pathOf } from './svg-geometry.js';

const MAX_ZOOM = 12;
const KEYS = /** @type {Record<string, [number, number, number]>} */ ({
  ArrowLeft: [-80, 0, 0],
  ArrowRight: [80, 0, 0],
  ArrowUp: [0, -80, 0],
  ArrowDown: [0, 80, 0],
  '+': [0, 0, 1],
  '=': [0, 0, 1],
  '-': [0, 0, -1],
});

export class SvgMap {
  #container;
  #options;
  #palette;
  #land = '';
  #zoom = 1;
  /** @type {[number, number]} */
  #center = [0.5, 0.4];
  /** @type {Journey[]} */
  #journeys = [];
  /** @type {Encounter[]} */
  #encounters = [];
  /** @type {string | null} */
  #selected = null;
  /** @type {unknown} */
  #drawing = null;
  /** @type {[number, number] | null} Where the pointer went down or was last. */
  #pointer = null;
  #isPanning = false;
  #observer = new ResizeObserver(() => this.#draw());

  /**
   * @param {HTMLElement} container
   * @param {Options} options
   */
  constructor(container, options) {
    this.#container = container;
    this.#options = options;
    this.#palette = palettes[options.theme];
    if (options.camera) {
      this.#center = project(options.camera.center);
      this.#zoom = options.camera.zoom;
    }
    this.#observer.observe(container);
  }

  async load() {
    try {
      const response = await fetch(new URL('./outline.json', import.meta.url));
      this.#land = landPath(await response.json());
    } catch (error) {
      console.warn('the outline of land is unavailable', error);
    }
    this.#update();
  }

  /** @param {Journey[]} journeys */
  setJourneys(journeys) {
    this.#journeys = journeys;
    this.#update();
  }

  /** @param {Encounter[]} encounters */
  setEncounters(encounters) {
    this.#encounters = encounters;
    this.#update();
  }

  /** @param {string | null} selected */
  setSelected(selected) {
    this.#selected = selected;
    this.#update();
  }

  setEditable() {}

  /** @param {Bounds} bounds */
  fit(bounds) {
    const { clientWidth, clientHeight } = this.#container;
    const { center, zoom } = cameraOf(bounds, [clientWidth, clientHeight]);
    this.#center = center;
    this.#zoom = zoom;
    this.#draw();
  }

  /** @param {Position} position */
  flyTo(position) {
    this.#center = project(position);
    this.#zoom = Math.max(7, this.#zoom);
    this.#draw();
  }

  camera() {
    return { center: unproject(this.#center), zoom: this.#zoom };
  }

  remove() {
    this.#observer.disconnect();
    this.#container.remove();
  }

  /** Draws the features anew. What follows a change of the view is only a new transformation. */
  #update() {
    const { own, other, halo, text } = this.#palette;
    const colour = (/** @type {Feature} */ { properties }) => (properties.own ? own : other);
    /** A marker or an encounter has an `id` of its own; all else is selected with its journey. */
    const isSelected = (/** @type {Feature} */ { properties: { id, journey } }) =>
      (id ?? journey) === this.#selected;
    /** @type {(event: string, id: unknown) => (click: Event) => void} */
    const select = (event, id) => (click) => {
      click.stopPropagation();
      if (!this.#isPanning) this.#options.emit(event, { id });
    };
    const line = (/** @type {Feature} */ feature) => svg`
      <path d=${pathOf(feature)} stroke=${colour(feature)} stroke-width=${isSelected(feature) ? 5 : 2.5}
        stroke-dasharray=${feature.properties.kind === 'plan' ? '7 5' : 'none'}
        @click=${select('journey-select', feature.properties.journey)}>
        <title>${feature.properties.name}</title>
      </path>`;
    /** @type {(feature: Feature, size: number, chosen: (event: Event) => void) => unknown} */
    const dot = (feature, size, chosen) => {
      const { kind, label, name } = feature.properties;
      const [outer, inner] = kind === 'plan' ? [colour(feature), halo] : [halo, colour(feature)];
      const more = isSelected(feature) ? 6 : 0;
      return svg`
        <g @click=${chosen}>
          <path d=${pathOf(feature)} stroke=${outer} stroke-width=${size + more + 4} />
          <path d=${pathOf(feature)} stroke=${inner} stroke-width=${size + more} />
          <title>${label || name}</title>
        </g>`;
    };
    const between = (/** @type {Feature} */ feature) => svg`
      <path d=${pathOf(feature)} stroke=${text} stroke-width="2" stroke-dasharray="1 5" />`;
    /** Sorts own journeys above others, and the selected one above all. */
    const sorted = (/** @type {Feature[]} */ features) => {
      const height = (/** @type {Feature} */ one) => (isSelected(one) ? 2 : Number(one.properties.own));
      return features.sort((a, b) => height(a) - height(b));
    };
    const encounters = meetings(this.#encounters).features;
    const isLine = (/** @type {Feature} */ { geometry }) => geometry.type === 'LineString';
    this.#drawing = svg`
      ${sorted(lines(this.#journeys).features).map(line)}
      ${encounters.filter(isLine).map(between)}
      ${markers(this.#journeys, this.#selected).features.map((feature) =>
        dot(feature, 7, select('marker-select', feature.properties.id)))}
      ${sorted(todays(this.#journeys).features).map((feature) =>
        dot(feature, 12, select('journey-select', feature.properties.journey)))}
      ${encounters.filter((feature) => !isLine(feature)).map((feature) =>
        dot(feature, 9, select('encounter-select', feature.properties.id)))}`;
    this.#draw();
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.#container;
    const { water, land, coast } = this.#palette;
    const { labels } = this.#options;
    const scale = this.#scale();
    const [x, y] = this.#center;
    /** The world is drawn once more on either side, for what crosses the antimeridian. */
    const copies = [-1, 0, 1].map((turn) => svg`
      <g transform="translate(${width / 2 - (x - turn) * scale} ${height / 2 - y * scale}) scale(${scale})">
        <path d=${this.#land} fill=${land} stroke=${coast} stroke-width="0.7" />
        <g fill="none" stroke-linecap="round" stroke-linejoin="round">${this.#drawing}</g>
      </g>`);
    /** @type {(sign: string, label: string | undefined, closer: number) => unknown} */
    const button = (sign, label, closer) => html`
      <button type="button" aria-label=${label} title=${label}
        @click=${() => this.#change(0, 0, closer)}>${sign}</button>`;
    render(html`
      <svg class="drawing" role="group" aria-label=${labels.map} tabindex="0" width=${width} height=${height}
        @keydown=${this.#key} @wheel=${this.#wheel} @click=${this.#click}
        @pointerdown=${this.#pointerDown} @pointermove=${this.#pointerMove}>
        <rect width="100%" height="100%" fill=${water} />
        ${copies}
      </svg>
      <div class="buttons">
        ${button('+', labels.zoomIn, 1)}
        ${button('−', labels.zoomOut, -1)}
      </div>
      <p class="attribution">Natural Earth</p>`, this.#container);
  }

  /** Returns the width of the world in pixels. */
  #scale() {
    return 512 * 2 ** this.#zoom;
  }

  /**
   * Moves the view by pixels and zoom levels.
   *
   * @param {number} right
   * @param {number} down
   * @param {number} closer
   */
  #change(right, down, closer) {
    const [x, y] = this.#center;
    const scale = this.#scale();
    this.#center = [(x + right / scale + 1) % 1, Math.max(0, Math.min(1, y + down / scale))];
    this.#zoom = Math.max(0, Math.min(MAX_ZOOM, this.#zoom + closer));
    this.#draw();
  }

  #key = (/** @type {KeyboardEvent} */ event) => {
    const change = KEYS[event.key];
    if (!change || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.#change(...change);
  };

  #wheel = (/** @type {WheelEvent} */ event) => {
    event.preventDefault();
    this.#change(0, 0, -Math.sign(event.deltaY) / 2);
  };

  #pointerDown = (/** @type {PointerEvent} */ event) => {
    this.#pointer = [event.clientX, event.clientY];
    this.#isPanning = false;
  };

  #pointerMove = (/** @type {PointerEvent} */ event) => {
    if (!this.#pointer || event.buttons === 0) return;
    const [x, y] = [event.clientX - this.#pointer[0], event.clientY - this.#pointer[1]];
    // A click may shake.
    if (!this.#isPanning && Math.hypot(x, y) < 4) return;
    this.#isPanning = true;
    this.#pointer = [event.clientX, event.clientY];
    this.#change(-x, -y, 0);
  };

  #click = (/** @type {MouseEvent} */ event) => {
    if (this.#isPanning) return;
    const { left, top, width, height } = this.#container.getBoundingClientRect();
    const scale = this.#scale();
    const x = this.#center[0] + (event.clientX - left - width / 2) / scale;
    const y = this.#center[1] + (event.clientY - top - height / 2) / scale;
    this.#options.emit('map-click', { position: unproject([x, y]) });
  };
}
